"""One TOML file, one closed model, one line that says what to mend.

Guarantees: an unknown key, a value out of bounds or an unreadable file raises `ConfigError`, whose
one line names the file, the key and the mend; a secret that others may read is refused.
Leaves to others: the models, and the paths inside them.
"""

import stat
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError


class ConfigError(Exception):
    """The configuration cannot be used; the text is one line for the person who wrote it."""


class Section(BaseModel):
    """A frozen part of a configuration that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Model = TypeVar("Model", bound=Section)


def read_model(path: Path, model: type[Model]) -> Model:
    """The values in ``path`` as ``model``.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or a key or value is wrong.
    """
    try:
        return model.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError(f"{path}: {_mend(error)}") from error


def read_private(path: Path) -> str:
    """The text in ``path``, without surrounding space.

    Raises:
        ConfigError: it cannot be read, or others than its owner may read it.
    """
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ConfigError(f"{path}: others may read it; run: chmod 600 {path}")
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: cannot be read (not text)") from error


def _mend(error: ValidationError) -> str:
    """The first thing that is wrong, and what to do about it."""
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{key}: no such key; remove it or correct its name"
    if first["type"] == "missing":
        return f"{key}: is missing; add it"
    return f"{key}: {first['msg'][0].lower()}{first['msg'][1:]}"
