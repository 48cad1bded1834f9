"""What inmates asked for in the booth, and the answers; both only ever added.

Guarantees: a request that waits for its answer is not kept twice (`Requests.file`); each has at
most one answer (the schema sees to it). Leaves to others: who may ask and answer.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relay.core.model import InmateId, TerminalId, VisitId, VisitorId
from relay.store.columns import read_instant, read_instant_or_none, write_instant
from relay.store.sqlite import Database
from visit_protocol.vocabulary import ComplaintReason, RequestKind


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request, with its answer where there is one."""

    id: str
    kind: RequestKind
    inmate: InmateId
    terminal: TerminalId
    filed: datetime
    due: datetime
    visit: VisitId | None = None
    visitor: VisitorId | None = None
    reason: ComplaintReason | None = None
    granted: bool | None = None
    answered: datetime | None = None
    person: str | None = None
    """Who answered."""
    answer: str = ""


class Requests:
    """All requests, open and answered."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def file(self, new: RequestRow) -> RequestRow:
        """Keep a new request; the one that waits, when the inmate has asked for this already."""
        waiting = self._found(
            "WHERE r.inmate = ? AND r.kind = ? AND coalesce(r.visit, '') = ? "
            "AND coalesce(r.visitor, '') = ? AND a.answered IS NULL",
            [new.inmate, new.kind, new.visit or "", new.visitor or ""],
        )
        if waiting:
            return waiting[0]
        self._db.execute(
            "INSERT INTO request (id, kind, inmate, visit, visitor, reason, terminal, filed, due) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                new.id,
                new.kind,
                new.inmate,
                new.visit,
                new.visitor,
                new.reason,
                new.terminal,
                write_instant(new.filed),
                write_instant(new.due),
            ],
        )
        return new

    def answer(
        self, request: str, *, granted: bool, answered: datetime, person: str, answer: str
    ) -> None:
        """Keep the answer; a request that has one keeps it."""
        self._db.execute(
            "INSERT INTO request_answer (request, granted, answered, person, answer) "
            "VALUES (?, ?, ?, ?, ?)",
            [request, int(granted), write_instant(answered), person, answer],
        )

    def get(self, request: str) -> RequestRow | None:
        """The request of that id, or None."""
        return next(iter(self._found("WHERE r.id = ?", [request])), None)

    def all(self) -> tuple[RequestRow, ...]:
        """Every request, the open ones first, the first to be due at the top."""
        return self._found("ORDER BY a.answered IS NOT NULL, r.due, r.id", [])

    def of_inmate(self, inmate: InmateId, limit: int) -> tuple[RequestRow, ...]:
        """The inmate's latest requests, the newest first."""
        return self._found("WHERE r.inmate = ? ORDER BY r.filed DESC LIMIT ?", [inmate, limit])

    def _found(self, where: str, values: list[Any]) -> tuple[RequestRow, ...]:
        # ``where`` is always a literal of this class; values are bound.
        rows = self._db.query(
            "SELECT r.*, a.granted, a.answered, a.person, a.answer FROM request r "  # noqa: S608
            f"LEFT JOIN request_answer a ON a.request = r.id {where}",
            values,
        )
        return tuple(_request(row) for row in rows)


def _request(row: dict[str, Any]) -> RequestRow:
    return RequestRow(
        id=row["id"],
        kind=RequestKind(row["kind"]),
        inmate=InmateId(row["inmate"]),
        terminal=TerminalId(row["terminal"]),
        filed=read_instant(row["filed"]),
        due=read_instant(row["due"]),
        visit=VisitId(row["visit"]) if row["visit"] else None,
        visitor=VisitorId(row["visitor"]) if row["visitor"] else None,
        reason=ComplaintReason(row["reason"]) if row["reason"] else None,
        granted=None if row["granted"] is None else bool(row["granted"]),
        answered=read_instant_or_none(row["answered"]),
        person=row["person"],
        answer=row["answer"] or "",
    )
