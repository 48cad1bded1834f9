"""``parloir-bridge``: between the kiosk and the board; also its monitor, self-test and simulator.

Guarantees: what keeps it from starting is one line on standard error and exit status 2; SIGTERM
and SIGINT end it with the power cut; each word loads only what it needs, for where `scripts/run`
plays boards, all start at once. Leaves to others: everything else (`bridge`, `selftest`,
`simulator`, `control`, `panel`).
"""

# ruff: noqa: PLC0415 -- see above

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from firmware_bridge.payloads import Output
from firmware_bridge.simulator import SCRIPT, ScriptError, Simulator

if TYPE_CHECKING:
    from systemd_watchdog.systemd_watchdog import WatchDog

    from firmware_bridge.config import BridgeConfig

UNUSABLE: Final = 2
_BEAT_S: Final = 1.0
_TICK_S: Final = 0.01


T = TypeVar("T")


class UnusableError(Exception):
    """It cannot start as things are; the text is one line."""


def main() -> int:
    """Run what the command line asks for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="parloir-bridge", description="Speaks with the board.")
    words = parser.add_subparsers(dest="word", required=True)
    for word, meaning in {
        "run": "serve the kiosk",
        "monitor": "show what bridge and board say",
        "selftest": "try the board; the bridge must not be running",
    }.items():
        part = words.add_parser(word, help=meaning, description=meaning)
        part.add_argument("--config", type=Path, required=True, help="the bridge's TOML file")
        if word == "selftest":
            part.add_argument(
                "--booth", action="store_true", help="also handset, badge and panic, by hand"
            )
    part = words.add_parser(
        "simulate",
        help="be a board",
        description="Be a board on a pseudo-terminal, in this terminal or by a script.",
        epilog=SCRIPT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    part.add_argument("--port", type=Path, required=True, help="name to make for the port")
    part.add_argument("--script", help="lines to carry out; - reads standard input")
    part.add_argument("--key-file", type=Path, help="the key that the board shares")
    part.add_argument("--lifted", action="store_true", help="begin with the handset lifted")
    part.add_argument("--control", type=Path, help="socket to make for `parloir-bridge panel`")
    part = words.add_parser(
        "panel",
        help="lift the handset, show a badge, press panic, of a board that is simulated elsewhere",
        description="Keys for a board that `simulate --control` or scripts/run plays.",
    )
    part.add_argument("control", type=Path, help="its control socket")
    arguments = parser.parse_args()
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        return asyncio.run(_until_signal(_work(arguments)))
    except (UnusableError, ScriptError, OSError) as error:
        sys.stderr.write(f"parloir-bridge: {error}\n")
        return UNUSABLE


def _work(arguments: argparse.Namespace) -> Coroutine[object, object, int]:
    if arguments.word == "simulate":
        key = None
        if arguments.key_file is not None:
            from firmware_bridge.config import read_key

            key = _usable(lambda: read_key(arguments.key_file))
        script = arguments.script
        if script not in (None, "-"):
            script = Path(script).read_text(encoding="utf-8")
        return _simulate(arguments.port, script, key, arguments.control, lifted=arguments.lifted)
    if arguments.word == "panel":
        return _panel(arguments.control)
    from firmware_bridge.config import read_config, read_key

    config = _usable(lambda: read_config(arguments.config))
    if arguments.word == "monitor":
        return _monitor(config)
    key = _usable(lambda: read_key(config.port.key_file))
    if arguments.word == "selftest":
        return _selftest(config, key, booth=arguments.booth)
    return _serve(config, key)


def _usable(read: Callable[[], T]) -> T:
    """What ``read`` reads.

    Raises:
        UnusableError: a configuration or key is wrong.
    """
    from settings import ConfigError

    try:
        return read()
    except ConfigError as error:
        raise UnusableError(str(error)) from error


async def _until_signal(work: Coroutine[object, object, int]) -> int:
    """Carry ``work`` out, or what is done of it when a signal comes."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        return await task
    return 0


async def _serve(config: "BridgeConfig", key: bytes | None) -> int:
    from systemd_watchdog.systemd_watchdog import WatchDog

    from firmware_bridge.bridge import Bridge
    from settings import ConfigError

    systemd = WatchDog()
    bridge = Bridge(config, key)
    beating = asyncio.create_task(_beat(systemd))
    try:
        await bridge.run(systemd.ready)
    except ConfigError as error:
        raise UnusableError(str(error)) from error
    finally:
        beating.cancel()
    return 0


async def _beat(systemd: "WatchDog") -> None:
    """Show systemd, if it started us, that the event loop turns."""
    while systemd.is_enabled:
        systemd.notify()
        await asyncio.sleep(_BEAT_S)


async def _monitor(config: "BridgeConfig") -> int:
    from firmware_bridge.bridge import MONITOR_SOCKET

    path = config.socket_dir / MONITOR_SOCKET
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError as error:
        raise UnusableError(f"{path}: no bridge is running there ({error.strerror})") from error
    try:
        while line := await reader.readline():
            sys.stdout.write(line.decode())
            sys.stdout.flush()
    finally:
        writer.close()
    return 0


async def _selftest(config: "BridgeConfig", key: bytes | None, *, booth: bool) -> int:
    from firmware_bridge.selftest import SelfTest

    return 0 if await SelfTest(config, key).run(booth=booth) else 1


async def _simulate(
    port: Path, script: str | None, key: bytes | None, control: Path | None, *, lifted: bool
) -> int:
    from firmware_bridge.control import ControlServer, OwnHandle, listen

    server = ControlServer()
    listener = None if control is None else listen(control)
    report = _Reporter() if script and control is None else None

    def changed(simulator: Simulator) -> None:
        server.changed(simulator)
        if report is not None:
            report(simulator)

    simulator = Simulator(port, key, changed=changed, tick_s=_TICK_S)
    simulator.board.wiring.lifted = lifted
    simulator.plug()
    if listener is not None:
        logging.info("a simulated board on %s; `parloir-bridge panel %s` handles it", port, control)
    try:
        if script == "-":
            async for line in await _standard_input():
                await simulator.play(line.decode())
        elif script is not None:
            await simulator.play(script)
        elif control is None:
            from firmware_bridge.panel import Panel

            await Panel(OwnHandle(simulator), str(port)).run()
        if listener is not None:
            await server.serve(simulator, listener)
    finally:
        simulator.close()
        if listener is not None:
            listener.close()
    return 0


async def _panel(control: Path) -> int:
    from firmware_bridge.control import FarHandle
    from firmware_bridge.panel import Panel

    try:
        handle = await FarHandle.take(control)
    except (OSError, ValueError) as error:
        raise UnusableError(f"{control}: no simulated board is there ({error})") from error
    panel = asyncio.create_task(Panel(handle, str(control)).run())
    following = asyncio.create_task(handle.follow())
    try:
        await asyncio.wait({panel, following}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (panel, following):
            task.cancel()
        await asyncio.gather(panel, following, return_exceptions=True)
        handle.close()
    return 0


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


class _Reporter:
    """Writes a JSON line whenever power or lamp change."""

    def __init__(self) -> None:
        self._last: dict[str, object] = {}

    def __call__(self, simulator: Simulator) -> None:
        power = simulator.board.sensed
        now: dict[str, object] = {
            "camera": Output.CAMERA in power,
            "microphone": Output.MICROPHONE in power,
            "lamp": simulator.board.lamp.name,
        }
        if now != self._last:
            self._last = now
            sys.stdout.write(json.dumps(now) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
