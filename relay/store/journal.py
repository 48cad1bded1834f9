"""Who did what to what, when: append-only, numbered without reuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from relay.store.columns import read_instant, read_json, write_instant, write_json
from relay.store.sqlite import Database

_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One entry."""

    seq: int
    at: datetime
    actor: str
    """``staff:<user>``, ``local:<user>`` or ``system:<part>`` (`relay.service.staff.Actor`)."""
    action: str
    """A stable code, e.g. ``visit.booked``."""
    subject: str
    """The id of what it was done to, or an empty text."""
    detail: Mapping[str, Any]


class Journal:
    """The facility's journal. It carries ids and codes: no names, no secrets."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def append(
        self,
        at: datetime,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any] = _NOTHING,
    ) -> int:
        """The new entry's number."""
        rows = self._db.query(
            "INSERT INTO journal (at, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?) "
            "RETURNING seq",
            [write_instant(at), actor, action, subject, write_json(detail)],
        )
        return int(next(rows)["seq"])

    def after(self, seq: int = 0, limit: int = 200) -> tuple[JournalRow, ...]:
        """Up to ``limit`` entries that follow number ``seq``, the earliest first."""
        rows = self._db.query(
            "SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", [seq, limit]
        )
        return tuple(
            JournalRow(
                seq=row["seq"],
                at=read_instant(row["at"]),
                actor=row["actor"],
                action=row["action"],
                subject=row["subject"],
                detail=read_json(row["detail"]),
            )
            for row in rows
        )

    def last_seq(self) -> int:
        """The number of the latest entry; 0 before the first."""
        rows = self._db.query("SELECT coalesce(max(seq), 0) AS seq FROM journal")
        return int(next(rows)["seq"])
