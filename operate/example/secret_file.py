"""``secrets/example.json``: what a person needs to try the example facility.

A real facility has no such file: its secrets are told once, to whom they belong. Guarantees: the
folder is 0700, the file 0600 and replaced whole. Leaves to others: checking any secret.
"""

import os
import secrets
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from visit_protocol.vocabulary import StaffRole

_FOLDER: Final = "secrets"
_FILE: Final = "example.json"
_UNAMBIGUOUS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""No i, l, o, 0, 1: a password is typed from one screen into another."""


class ExampleSecretsError(Exception):
    """The file is missing or is not what this program wrote."""


class StaffSecret(BaseModel):
    """One staff account and its password in the clear."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: StaffRole
    user: str
    password: str


class ExampleSecrets(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    staff: tuple[StaffSecret, ...]
    terminals: dict[str, str]
    """Terminal id → its kiosk's private key, in hexadecimal."""
    pins: dict[str, str]
    """Inmate id → PIN."""
    signing: dict[str, str] = {}
    """Person → secret of the key with which they sign orders."""
    links: dict[str, str] = {}
    """Visit id → token of its visitor's link."""


def path_of(data_dir: Path) -> Path:
    """Where the file stands in a data folder."""
    return data_dir / _FOLDER / _FILE


def load(data_dir: Path) -> ExampleSecrets:
    """The secrets of the example facility in this data folder.

    Raises:
        ExampleSecretsError: there is no such file, or it is not readable as one.
    """
    path = path_of(data_dir)
    try:
        return ExampleSecrets.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ExampleSecretsError(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        raise ExampleSecretsError(f"{path} is not a file of the example facility") from error


def save(data_dir: Path, kept: ExampleSecrets) -> None:
    """Put the secrets in place in one step.

    Raises:
        OSError: the data folder cannot be written.
    """
    path = path_of(data_dir)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(kept.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def staff_accounts(data_dir: Path) -> tuple[StaffSecret, ...]:
    """Who can log in, one account a role.

    Raises:
        ExampleSecretsError: as `load`.
    """
    return load(data_dir).staff


def terminal_key(data_dir: Path, terminal: str) -> str:
    """The private key of this terminal's kiosk.

    Raises:
        ExampleSecretsError: as `load`.
        KeyError: there is no such terminal.
    """
    return load(data_dir).terminals[terminal]


def is_key(text: str) -> bool:
    """Whether this is a kiosk's private key as this version keeps it."""
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def new_password() -> str:
    """Four groups of four characters: 79 random bits that can be read out."""
    return "-".join("".join(secrets.choice(_UNAMBIGUOUS) for _ in range(4)) for _ in range(4))


def new_pin(taken: set[str]) -> str:
    """Six random digits that nobody else here has."""
    while True:
        pin = f"{secrets.randbelow(1_000_000):06}"
        if pin not in taken:
            return pin
