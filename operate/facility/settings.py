"""The configuration files that the facility runs on, the relay's and each terminal's.

Guarantees: what somebody wrote into a file stays; only the keys that must be so for this run are
set, and a file that is right already is not touched. Leaves to others: what the keys mean (each
program's ``config.py``) and how a file looks (`operate.configuration`).
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from kiosk.identity import Identity
from operate import configuration
from operate.facility.arguments import DEFAULT_PORT
from relay.config import RelayConfig
from relay.config import load as load_relay
from settings import ConfigError

RELAY_FILE: Final = "relay.toml"
KIOSK_FILE: Final = "kiosk.toml"
STATE_FOLDER: Final = "state"
PIN_FILE: Final = "pin"
BRIDGE_FILE: Final = "bridge.toml"
BOARD_PORT: Final = "board"
CONTROL_SOCKET: Final = "control.sock"
_ANYWHERE: Final = frozenset({"", "0.0.0.0", "::", "127.0.0.1", "::1", "localhost"})  # noqa: S104 -- compared, not bound


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """What the rest of the facility must know of the relay's configuration."""

    file: Path
    host: str
    port: int
    base_url: str
    """Where a browser on this machine finds the relay; no slash at its end."""
    terminal_url: str
    """Where a kiosk on this machine finds it."""


def relay_settings(data: Path, port: int | None) -> RelaySettings:
    """Make or adjust ``relay.toml`` in ``data``; ``port`` None keeps the file's own.

    Raises:
        settings.ConfigError: the file holds something that the relay would refuse.
        OSError: it cannot be read or written.
    """
    file = data / RELAY_FILE
    if not file.exists():
        _keep(
            file, _relay_model, {"http.port": port or DEFAULT_PORT}, "The example facility's relay."
        )
    http = load_relay(file).http
    if port is not None and port != http.port:
        _keep(file, _relay_model, {"http.port": port}, "The example facility's relay.")
        http = load_relay(file).http
    secure = "s" if http.tls_certificate else ""
    host = "localhost" if http.host in _ANYWHERE else http.host
    # Kiosks do not ask how this machine resolves "localhost".
    kiosk_host = "127.0.0.1" if http.host in _ANYWHERE and not secure else host
    public = str(http.public_url or f"http{secure}://{host}:{http.port}")
    return RelaySettings(
        file=file,
        host=http.host,
        port=http.port,
        base_url=public.rstrip("/"),
        terminal_url=f"ws{secure}://{kiosk_host}:{http.port}/api/v1/terminal",
    )


def bridge_settings(data: Path, terminal: str) -> Path:
    """Make or adjust the configuration of ``terminal``'s bridge, whose board is a simulated one.

    Raises:
        settings.ConfigError: the file holds something that the bridge would refuse.
        OSError: it cannot be read or written.
    """
    folder = data / "kiosk" / terminal
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    must = {"socket_dir": ".", "port.device": str((folder / BOARD_PORT).absolute())}
    heading = f"The bridge at {terminal} of the example facility."
    return _kept(folder / BRIDGE_FILE, _bridge_model, must, heading)


def kiosk_settings(data: Path, terminal: str, relay: RelaySettings, key: str, pin: str) -> Path:
    """Make or adjust the configuration of ``terminal``'s kiosk, and put its secrets beside it.

    Raises:
        settings.ConfigError: the file holds something that the kiosk would refuse.
        OSError: a file cannot be read or written.
    """
    folder = data / "kiosk" / terminal
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    Identity.put(folder / STATE_FOLDER, key, terminal)
    _keep_secret(folder / PIN_FILE, pin)
    must = {
        "auto_pin_file": PIN_FILE,
        "relay.url": relay.terminal_url,
        "bridge.socket": "kiosk.sock",
    }
    heading = f"The kiosk at {terminal} of the example facility."
    return _kept(folder / KIOSK_FILE, _kiosk_model, must, heading)


def _kept(
    file: Path, model: Callable[[], type[BaseModel]], must: Mapping[str, object], heading: str
) -> Path:
    """`_keep`, and what is wrong with the file as one line."""
    try:
        _keep(file, model, must, heading)
    except KeyError as error:
        raise ConfigError(
            f"{file}: {error.args[0]}: no such key; remove it or correct its name"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not TOML: {error}") from error
    return file


def _relay_model() -> type[BaseModel]:
    return RelayConfig


def _kiosk_model() -> type[BaseModel]:
    # Late: building it takes a tenth of the start, and most starts have nothing to write.
    from kiosk.config import KioskConfig  # noqa: PLC0415  see above

    return KioskConfig


def _bridge_model() -> type[BaseModel]:
    # Late: building it takes a tenth of the start, and most starts have nothing to write.
    from firmware_bridge.config import BridgeConfig  # noqa: PLC0415  see above

    return BridgeConfig


def _keep(
    file: Path, model: Callable[[], type[BaseModel]], must: Mapping[str, object], heading: str
) -> None:
    """Let ``file`` say what it says already, with ``must`` on top."""
    found = _flat(tomllib.loads(file.read_text("utf-8"))) if file.exists() else {}
    wanted = {**found, **must}
    if wanted != found or not file.exists():
        text = configuration.to_toml(model(), wanted, heading)
        # In one step: a full disk must not cost what somebody wrote into the file.
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            draft.write_text(text, "utf-8")
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)


def _keep_secret(file: Path, secret: str) -> None:
    """Put ``secret`` into ``file``, which nobody but its owner may ever have been able to read."""
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(secret + "\n", "utf-8")


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Nested tables as one table by path, e.g. ``http.port``."""
    flat: dict[str, object] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat
