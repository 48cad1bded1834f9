"""The bridge's configuration: one TOML file, one closed model.

Guarantees: an unknown key or a value out of bounds raises `ConfigError`, whose one line names the
file, the key and the mend; ``config/`` is generated from the model; the line's key stands in a file
of its own that only its owner reads.
Leaves to others: whether the board is really there (`line`).
"""

import stat
import tomllib
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic import ValidationError as PydanticError

KEY_BYTES: Final = 16


class ConfigError(Exception):
    """The configuration cannot be used; the text is one line for the person who wrote it."""


class Section(BaseModel):
    """A frozen part of the configuration that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    try:
        config = BridgeConfig.model_validate(values)
    except PydanticError as error:
        raise ConfigError(f"{path}: {_mend(error)}") from error
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
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ConfigError(f"{path}: others may read it; run: chmod 600 {path}")
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigError(f"{path}: is not hexadecimal; make one: openssl rand -hex 16") from error
    if len(key) < KEY_BYTES:
        raise ConfigError(f"{path}: is too short; make one: openssl rand -hex 16")
    return key


def _mend(error: PydanticError) -> str:
    """The first thing that is wrong, and what to do about it."""
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{key}: no such key; remove it or correct its name"
    return f"{key}: {first['msg'][0].lower()}{first['msg'][1:]}"
