"""What happened in each visit, in order, never changed afterwards.

The visit machine is rebuilt from these rows after a restart; what a kind and its payload mean is
the machine's business (`relay.core.visit`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relay.core.model import VisitId
from relay.store.columns import read_instant, read_json, write_instant, write_json
from relay.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class VisitEvent:
    """One past event of a visit."""

    visit: VisitId
    seq: int
    """From 1, without gaps, in each visit."""
    at: datetime
    kind: str
    payload: Mapping[str, Any]


class VisitEvents:
    """The append-only histories of visits."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def append(self, visit: VisitId, at: datetime, kind: str, payload: Mapping[str, Any]) -> int:
        """The new event's number in its visit."""
        rows = self._db.query(
            "INSERT INTO visit_event (visit, seq, at, kind, payload) "
            "VALUES (:visit, (SELECT coalesce(max(seq), 0) + 1 FROM visit_event "
            "WHERE visit = :visit), :at, :kind, :payload) RETURNING seq",
            {
                "visit": visit,
                "at": write_instant(at),
                "kind": kind,
                "payload": write_json(payload),
            },
        )
        return int(next(rows)["seq"])

    def of(self, visit: VisitId) -> tuple[VisitEvent, ...]:
        """The visit's events in the order they were appended."""
        rows = self._db.query("SELECT * FROM visit_event WHERE visit = ? ORDER BY seq", [visit])
        return tuple(
            VisitEvent(
                visit=VisitId(row["visit"]),
                seq=row["seq"],
                at=read_instant(row["at"]),
                kind=row["kind"],
                payload=read_json(row["payload"]),
            )
            for row in rows
        )
