"""Which recordings there are and how each one ended.

Guarantees: a protected visit can have no row here; the schema itself refuses it
(`relay.store.migrations`). Leaves to others: the files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from relay.core.model import VisitId
from relay.store.columns import (
    read_instant,
    read_instant_or_none,
    write_instant,
    write_instant_or_none,
)
from relay.store.sqlite import Database
from visit_protocol.vocabulary import Party

_IN_ORDER: Final = " ORDER BY started, visit, segment, party"


class RecordingState(StrEnum):
    """Where a recording stands."""

    RECORDING = "RECORDING"
    COMPLETE = "COMPLETE"
    SALVAGED = "SALVAGED"
    """Its writer died; what is on the disk plays, up to a moment before."""
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """One party's file for one stretch of a visit."""

    visit: VisitId
    party: Party
    segment: int
    """From 1; a resumed visit gets the next one."""
    path: str
    """Relative to the data folder."""
    state: RecordingState
    started: datetime
    size: int | None = None
    """Bytes, once closed."""
    duration_s: float | None = None
    closed: datetime | None = None
    failure: str | None = None
    """A stable code such as ``DISK_FULL``, when it stopped for one."""


class Recordings:
    """All recordings."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, recording: RecordingRow) -> None:
        """Keep a new recording. The store refuses one of a protected visit (`RowRefusedError`)."""
        self._db.table("recording").insert(
            {
                "visit": recording.visit,
                "party": recording.party,
                "segment": recording.segment,
                "path": recording.path,
                "state": recording.state,
                "started": write_instant(recording.started),
                "size": recording.size,
                "duration_s": recording.duration_s,
                "closed": write_instant_or_none(recording.closed),
                "failure": recording.failure,
            }
        )

    def finish(
        self,
        visit: VisitId,
        party: Party,
        segment: int,
        *,
        state: RecordingState,
        size: int,
        duration_s: float | None,
        closed: datetime,
        failure: str | None = None,
    ) -> None:
        """Say how a recording ended."""
        self._db.execute(
            "UPDATE recording SET state = ?, size = ?, duration_s = ?, closed = ?, failure = ? "
            "WHERE visit = ? AND party = ? AND segment = ?",
            [
                state,
                size,
                duration_s,
                write_instant(closed),
                failure,
                visit,
                party,
                segment,
            ],
        )

    def get(self, visit: VisitId, party: Party, segment: int) -> RecordingRow | None:
        """That recording, or None."""
        found = self._found("visit = ? AND party = ? AND segment = ?", [visit, party, segment])
        return found[0] if found else None

    def of_visit(self, visit: VisitId) -> tuple[RecordingRow, ...]:
        """The visit's recordings, the earliest first."""
        return self._found("visit = ?", [visit])

    def all(self) -> tuple[RecordingRow, ...]:
        """All recordings, the earliest first."""
        return self._found("TRUE", [])

    def unfinished(self) -> tuple[RecordingRow, ...]:
        """Recordings whose end was never told: after a start, those to salvage."""
        return self._found("state = ?", [RecordingState.RECORDING])

    def next_segment(self, visit: VisitId) -> int:
        """The number of the visit's next stretch."""
        return max((recording.segment for recording in self.of_visit(visit)), default=0) + 1

    def _found(self, where: str, values: Sequence[str | int]) -> tuple[RecordingRow, ...]:
        # ``where`` is always a literal of this class; values are bound.
        sql = f"SELECT * FROM recording WHERE {where}{_IN_ORDER}"  # noqa: S608
        return tuple(_recording(row) for row in self._db.query(sql, values))


def _recording(row: dict[str, Any]) -> RecordingRow:
    return RecordingRow(
        visit=VisitId(row["visit"]),
        party=Party(row["party"]),
        segment=row["segment"],
        path=row["path"],
        state=RecordingState(row["state"]),
        started=read_instant(row["started"]),
        size=row["size"],
        duration_s=row["duration_s"],
        closed=read_instant_or_none(row["closed"]),
        failure=row["failure"],
    )
