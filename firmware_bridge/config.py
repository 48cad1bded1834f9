"""The bridge's configuration: one TOML file, one closed model.

Guarantees: an unknown key or a value out of bounds raises `ConfigError`, whose one line names the
file, the key and the mend; ``config/`` is generated from the model; the line's key stands in a file
of its own that only its owner reads.
Leaves to others: whether the board is really there (`line`).
"""

from pathlib import Path
from typing import Final

from pydantic import Field

from settings import ConfigError, Section, read_model, read_private

KEY_BYTES: Final = 16


class PortSection(Section):
    """The serial port of the board."""

    device: str = Field(
        default="/dev/serial/by-id/*parloir*",
        min_length=1,
        max_length=200,
        title="Device",
        description="The board's port; with * and ? the first that matches.",
    )
    baud: int = Field(
        default=115200,
        ge=9600,
        le=3_000_000,
        title="Speed",
        description="Bits a second; a port over USB does not care.",
    )
    key_file: Path | None = Field(
        default=None,
        title="Key",
        description="File with the key that the board shares, 32 or more hexadecimal digits, mode "
        "0600; relative to this file. For boards whose cable somebody can reach.",
    )


class BridgeConfig(Section):
    """One board."""

    socket_dir: Path = Field(
        default=Path("/run/parloir-bridge"),
        title="Sockets",
        description="Folder of kiosk.sock and monitor.sock; whoever can open the first is the "
        "kiosk. Relative to this file.",
    )
    port: PortSection = PortSection()


def read_config(path: Path) -> BridgeConfig:
    """The configuration in ``path``, its file names made absolute.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or a key or value is wrong.
    """
    config = read_model(path, BridgeConfig)
    folder = path.resolve().parent
    key_file = folder / config.port.key_file if config.port.key_file else None
    return config.model_copy(
        update={
            "socket_dir": folder / config.socket_dir,
            "port": config.port.model_copy(update={"key_file": key_file}),
        }
    )


def read_key(path: Path | None) -> bytes | None:
    """The line's key, or None where there is none.

    Raises:
        ConfigError: the file cannot be read, others may read it, or it holds no such key.
    """
    if path is None:
        return None
    try:
        key = bytes.fromhex(read_private(path))
    except ValueError as error:
        raise ConfigError(f"{path}: is not hexadecimal; make one: openssl rand -hex 16") from error
    if len(key) < KEY_BYTES:
        raise ConfigError(f"{path}: is too short; make one: openssl rand -hex 16")
    return key
