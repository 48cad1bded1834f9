"""What the terminal knows of its own upkeep: enrolment, maintenance, its own faults, past slots.

Guarantees: `Upkeep` is one frozen value, replaced whole; an event that tells nothing changes
nothing. Pure.
Leaves to others: which screen follows (`kiosk.transitions`), the words (`kiosk.upkeep_message`).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """Something on this terminal's own disk that keeps it out of service until it is repaired."""

    CONFIG = "CONFIG"
    CACHE = "CACHE"
    STATE = "STATE"


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The terminal as a thing to be looked after."""

    code: str = ""
    """The enrolment code to show; empty while none may be confirmed."""
    maintenance: bool = False
    """Staff have taken the terminal out of service to look after it."""
    about: tuple[str, ...] = ()
    """Software, terminal, key: what a technician compares with the terminals page."""
    faults: tuple[tuple[Fault, str], ...] = ()
    """What is broken, each with its one line for the technician."""
    slots: tuple[tuple[datetime, datetime], ...] = ()
    """The next slots here as the relay told them last: times, nobody's name."""
    zone: str = "UTC"
    """The facility's, as it was known then."""

    def shows(self, code: str) -> "Upkeep":
        """The same with this code, or with none."""
        return replace(self, code=code)

    def broken(self, fault: Fault, line: str) -> "Upkeep":
        """The same with this fault, once."""
        return replace(self, faults=(*self.mended(fault).faults, (fault, line)))

    def mended(self, fault: Fault) -> "Upkeep":
        """The same without this fault."""
        return replace(self, faults=tuple(one for one in self.faults if one[0] is not fault))
