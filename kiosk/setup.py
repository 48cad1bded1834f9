"""`Setup`: the configuration to start with, also when the file is damaged.

Guarantees: a damaged file never keeps the kiosk from starting: it starts with what worked last, or
with nothing but a screen, and says what is wrong; what worked last is taken without complaint only
while the same damaged file lies there and an administrator has said so.
Leaves to others: the models (`kiosk.config`), the screen (`kiosk.upkeep_message`).
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.config import KioskConfig, RelaySection, read_config
from kiosk.identity import write_private
from settings import ConfigError

LAST_GOOD_FILE: Final = "kiosk.toml"
ACCEPTED_FILE: Final = "accepted"
"""SHA-256 of the damaged file in whose place the last good one is used."""
NOWHERE: Final = RelaySection(url="ws://127.0.0.1:9/")
"""No relay is called with it: only the screen's own section matters then."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What to start with."""

    config: KioskConfig
    fault: str = ""
    """What is wrong with the file; empty when it is right, or its damage was accepted."""
    callable: bool = True
    """Whether ``config`` names a relay."""


def set_up(file: Path, state: Path) -> Setup:
    """The configuration in ``file``, or what there is in its place.

    Raises:
        ConfigError: there is no such file.
        OSError: the state folder cannot be used.
    """
    if not file.exists():
        raise ConfigError(f"{file}: cannot be read (No such file or directory)")
    kept = state / LAST_GOOD_FILE
    try:
        config = read_config(file)
    except ConfigError as error:
        if not kept.exists():
            return Setup(KioskConfig(relay=NOWHERE), str(error), callable=False)
        try:
            # Read under the file's own folder: what it names lies there.
            last = read_config(kept, file.resolve().parent)
        except ConfigError:
            return Setup(KioskConfig(relay=NOWHERE), str(error), callable=False)
        return Setup(last, "" if _is_accepted(file, state) else str(error))
    text = file.read_bytes()
    if not kept.exists() or kept.read_bytes() != text:
        write_private(kept, text)
    (state / ACCEPTED_FILE).unlink(missing_ok=True)
    return Setup(config)


def accept_last(file: Path, state: Path) -> None:
    """Use what worked last for as long as this damaged ``file`` lies there.

    Raises:
        OSError: that cannot be kept.
    """
    write_private(state / ACCEPTED_FILE, _print_of(file).encode())


def _is_accepted(file: Path, state: Path) -> bool:
    accepted = state / ACCEPTED_FILE
    return accepted.exists() and accepted.read_text("ascii", "replace") == _print_of(file)


def _print_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
