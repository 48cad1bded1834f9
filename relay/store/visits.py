"""Bookings: when, where, who with whom, and how they ended.

Guarantees: a visit is added whole, is never deleted and never changes its type (the schema sees
to it). Leaves to others: whether a visit may be booked (`relay.service.booking`), and what
happens during it (`relay.store.visit_events`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from relay.core.model import InmateId, TerminalId, Visit, VisitId, VisitorId
from relay.store.columns import (
    read_instant,
    read_json_list,
    write_instant,
    write_json_list,
)
from relay.store.sqlite import Database
from visit_protocol.vocabulary import BookingStatus, Outcome, VisitType

SPENDING_OUTCOMES: Final = frozenset(
    {
        Outcome.COMPLETED_NORMALLY,
        Outcome.TERMINATED_BY_STAFF,
        Outcome.INMATE_COMPLETED_EARLY,
        Outcome.VISITOR_COMPLETED_EARLY,
    }
)
"""Only a visit that took place uses the allowance up; a refused notice, an order, a fault or
somebody's absence does not."""

_SELECT: Final = """
    SELECT v.*, (
        SELECT json_group_array(visitor) FROM (
            SELECT visitor FROM visit_visitor WHERE visit = v.id ORDER BY place)
    ) AS visitors
    FROM visit v WHERE
"""
_IN_ORDER: Final = " ORDER BY v.starts, v.terminal, v.id"


class Visits:
    """All visits of the facility, past and to come."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, visit: VisitId) -> Visit | None:
        """The visit of that id, or None."""
        return next(iter(self._found("v.id = ?", [visit])), None)

    def by_reference(self, reference: str) -> Visit | None:
        """The visit that people call by this reference, or None."""
        return next(iter(self._found("v.reference = ?", [reference])), None)

    def add(self, visit: Visit, booked_at: datetime) -> None:
        """Keep a new visit; its id and reference are in nobody else's use."""
        self._db.table("visit").insert(
            {
                "id": visit.id,
                "reference": visit.reference,
                "visit_type": visit.visit_type,
                "inmate": visit.inmate,
                "terminal": visit.terminal,
                "starts": write_instant(visit.starts),
                "ends": write_instant(visit.ends),
                "status": visit.status,
                "outcome": visit.outcome,
                "booked_at": write_instant(booked_at),
            }
        )
        for place, visitor in enumerate(visit.visitors):
            self._db.execute(
                "INSERT INTO visit_visitor (visit, place, visitor) VALUES (?, ?, ?)",
                [visit.id, place, visitor],
            )

    def between(self, start: datetime, end: datetime) -> tuple[Visit, ...]:
        """Every visit that overlaps ``[start, end)``, by start, then terminal."""
        return self._found(
            "v.starts < ? AND v.ends > ?", [write_instant(end), write_instant(start)]
        )

    def clashing(self, visit: Visit) -> tuple[Visit, ...]:
        """Every other visit, not over, that needs its terminal, inmate or a visitor meanwhile."""
        return self._found(
            "v.id <> ? AND v.starts < ? AND v.ends > ? AND v.id IN standing_visit AND ("
            "v.terminal = ? OR v.inmate = ? OR EXISTS ("
            "SELECT 1 FROM visit_visitor w WHERE w.visit = v.id "
            "AND w.visitor IN (SELECT value FROM json_each(?))))",
            [
                visit.id,
                write_instant(visit.ends),
                write_instant(visit.starts),
                visit.terminal,
                visit.inmate,
                write_json_list(visit.visitors),
            ],
        )

    def unfinished(self, starting_before: datetime) -> tuple[Visit, ...]:
        """Approved or called visits without an outcome, those whose slot is over included."""
        return self._found(
            "v.outcome IS NULL AND v.status IN ('APPROVED', 'CALLED') AND v.starts < ?",
            [write_instant(starting_before)],
        )

    def at_terminal(
        self, terminal: TerminalId, start: datetime, end: datetime
    ) -> tuple[Visit, ...]:
        """Visits at this terminal that are not over and overlap ``[start, end)``."""
        return self._found(
            "v.terminal = ? AND v.starts < ? AND v.ends > ? AND v.id IN standing_visit",
            [terminal, write_instant(end), write_instant(start)],
        )

    def of_inmate(self, inmate: InmateId, start: datetime, end: datetime) -> tuple[Visit, ...]:
        """The inmate's visits that overlap ``[start, end)``, whatever became of them."""
        return self._found(
            "v.inmate = ? AND v.starts < ? AND v.ends > ?",
            [inmate, write_instant(end), write_instant(start)],
        )

    def set_status(self, visit: VisitId, status: BookingStatus) -> None:
        """Change where the booking stands."""
        self._db.execute("UPDATE visit SET status = ? WHERE id = ?", [status, visit])

    def set_outcome(self, visit: VisitId, outcome: Outcome | None) -> None:
        """Say how the visit ended; None brings it back to life, when an order is lifted."""
        self._db.execute("UPDATE visit SET outcome = ? WHERE id = ?", [outcome, visit])

    def spending_starts(
        self, inmate: InmateId, start: datetime, end: datetime, excluding: VisitId | None = None
    ) -> tuple[datetime, ...]:
        """When the inmate's visits begin that use the allowance, within ``[start, end)``, sorted.

        A visit counts while it is not over, and afterwards when its outcome is one of
        `SPENDING_OUTCOMES`. Protected visits never count.
        """
        visits = self._found(
            "v.inmate = ? AND v.id <> ? AND v.starts >= ? AND v.starts < ? "
            "AND (v.id IN standing_visit OR v.outcome IN (SELECT value FROM json_each(?)))",
            [
                inmate,
                excluding or "",
                write_instant(start),
                write_instant(end),
                write_json_list(SPENDING_OUTCOMES),
            ],
        )
        return tuple(visit.starts for visit in visits if not visit.visit_type.protected)

    def _found(self, where: str, values: Sequence[str]) -> tuple[Visit, ...]:
        # ``where`` is always a literal of this class; values are bound.
        return tuple(_visit(row) for row in self._db.query(_SELECT + where + _IN_ORDER, values))


def _visit(row: dict[str, Any]) -> Visit:
    return Visit(
        id=VisitId(row["id"]),
        reference=row["reference"],
        visit_type=VisitType(row["visit_type"]),
        inmate=InmateId(row["inmate"]),
        visitors=tuple(VisitorId(visitor) for visitor in read_json_list(row["visitors"])),
        terminal=TerminalId(row["terminal"]),
        starts=read_instant(row["starts"]),
        ends=read_instant(row["ends"]),
        status=BookingStatus(row["status"]),
        outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
    )
