"""The ready file: JSON that tells another program how to drive this facility.

Guarantees: it appears whole or not at all, readable by its owner only, since it holds passwords
and visitors' links. Leaves to others: when it may be written (`supervisor`).
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from operate.example import OpenVisit, StaffSecret
from operate.facility.supervisor import Pids
from visit_protocol.vocabulary import StaffRole

STAFF_PAGES: Final = {
    StaffRole.GUARD: "/guard",
    StaffRole.ADMINISTRATOR: "/administrator",
    StaffRole.APPROVER: "/oversight",
    StaffRole.OVERSIGHT: "/oversight",
    StaffRole.AUDITOR: "/oversight",
}
"""The page that each role works with."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReadyVisit(_Part):
    """A visit that can be joined now."""

    id: str
    reference: str
    type: str
    inmate: str
    """The inmate's id."""
    terminal: str
    starts: datetime
    ends: datetime
    visitor_link: str


class ReadyStaff(_Part):
    """A staff account and the page that it opens."""

    role: Literal["guard", "administrator", "approver", "oversight", "auditor"]
    user: str
    password: str
    url: str


class ReadyPids(_Part):
    """The process ids; ``kiosk`` in the order of the terminals."""

    relay: int
    kiosk: tuple[int, ...]


class Ready(_Part):
    """The whole file."""

    version: Literal[1] = 1
    base_url: str
    data_dir: str
    visits: tuple[ReadyVisit, ...]
    staff: tuple[ReadyStaff, ...]
    pids: ReadyPids


def describe(
    base_url: str,
    data: Path,
    visits: Sequence[OpenVisit],
    staff: Sequence[StaffSecret],
    pids: Pids,
) -> Ready:
    """The file of a facility whose relay browsers find at ``base_url``."""
    return Ready(
        base_url=base_url,
        data_dir=str(data),
        visits=tuple(
            ReadyVisit(
                id=visit.id,
                reference=visit.reference,
                type=visit.visit_type,
                inmate=visit.inmate,
                terminal=visit.terminal,
                starts=visit.starts,
                ends=visit.ends,
                visitor_link=f"{base_url}/visit#{visit.visitor_token}",
            )
            for visit in visits
        ),
        staff=tuple(
            ReadyStaff(
                role=member.role.value,
                user=member.user,
                password=member.password,
                url=base_url + STAFF_PAGES[member.role],
            )
            for member in staff
        ),
        pids=ReadyPids(relay=pids.relay, kiosk=pids.kiosks),
    )


def write(path: Path, ready: Ready) -> None:
    """Put ``ready`` at ``path`` in one step, mode 0600.

    Raises:
        OSError: the folder is not there or cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(ready.model_dump_json(indent=2) + "\n")
    draft.replace(path)


@contextmanager
def absent_outside(path: Path | None) -> Iterator[None]:
    """Hold that no ready file stands at ``path`` before and after the block."""
    if path is not None:
        path.unlink(missing_ok=True)
    try:
        yield
    finally:
        if path is not None:
            path.unlink(missing_ok=True)
