"""``parloir-kiosk``: the terminal in the booth.

Guarantees: the engine is started before Qt is loaded, so both start at once; a configuration that
cannot be used, or a second kiosk for the same terminal, is one line on standard error and exit
status 2; the engine is gone when it returns.
Leaves to others: everything that happens afterwards (`kiosk.app`).
"""

import argparse
import logging
import os
import sys
from pathlib import Path

from kiosk.cache import SlotCache
from kiosk.config import KioskConfig, read_secret
from kiosk.engine.process import EngineProcess
from kiosk.engine.settings import Settings
from kiosk.identity import Identity, IdentityError
from kiosk.lock import TerminalLock
from kiosk.start import find_start
from settings import ConfigError

UNUSABLE = 2


def main() -> int:
    """Run the kiosk; returns its exit status."""
    parser = argparse.ArgumentParser(prog="parloir-kiosk", description="The terminal in the booth.")
    parser.add_argument("--config", type=Path, required=True, help="the terminal's TOML file")
    parser.add_argument(
        "--state", type=Path, help="folder of its key and memory; beside the TOML file if left out"
    )
    parser.add_argument(
        "--forget",
        choices=["relay", "cache"],
        help="meet the relay anew at the next start, or know nothing of the next slots; then end",
    )
    parser.add_argument("--headless", action="store_true", help="draw without a display")
    parser.add_argument("--auto", action="store_true", help="act the inmate's part")
    parser.add_argument(
        "--locked",
        action="store_true",
        help="fill the screen, without a frame or a pointer, and refuse to be closed",
    )
    arguments = parser.parse_args()
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("websockets").setLevel(logging.WARNING)
    state = arguments.state or arguments.config.resolve().parent / "state"
    try:
        if arguments.forget is not None:
            _forget(arguments.forget, state)
            return 0
        found = find_start(arguments.config, state)
        lock = TerminalLock(arguments.config)
        pin = _pin_of(found.config, arguments.config) if arguments.auto else None
    except (ConfigError, IdentityError) as error:
        sys.stderr.write(f"parloir-kiosk: {error}\n")
        return UNUSABLE
    for _, line in found.faults:
        sys.stderr.write(f"parloir-kiosk: {line}\n")
    if arguments.headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    engine = EngineProcess(_settings_of(found.config))
    try:
        # Late: Qt takes as long to load as the engine does, and the engine has begun.
        from kiosk.app import run  # noqa: PLC0415 -- see above

        return run(found, engine, pin, locked=arguments.locked)
    finally:
        engine.stop()
        lock.release()


def _forget(what: str, state: Path) -> None:
    identity = Identity(state)
    if what == "relay":
        identity.forget_relay()
    else:
        SlotCache(state, identity).forget()


def _pin_of(config: KioskConfig, path: Path) -> str:
    if config.auto_pin_file is None:
        raise ConfigError(f"{path}: auto_pin_file: is missing; --auto needs it")
    return read_secret(config.auto_pin_file)


def _settings_of(config: KioskConfig) -> Settings:
    return Settings(
        camera=config.camera.device,
        width=config.camera.width,
        height=config.camera.height,
        fps=config.camera.fps,
        microphone=config.microphone.device,
        speaker=config.speaker.device,
        loudspeaker=config.speaker.mode == "loudspeaker",
    )


if __name__ == "__main__":
    sys.exit(main())
