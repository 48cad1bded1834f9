"""Appeals against orders and how they were decided; both only ever added.

Guarantees: one appeal of each party about a visit against an order, decided at most once (the
schema sees to it). Leaves to others: who may decide, and by when (`suspension.appeal`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relay.core.model import VisitId
from relay.store.columns import read_instant, read_instant_or_none, write_instant
from relay.store.sqlite import Database
from visit_protocol.vocabulary import Party


@dataclass(frozen=True, slots=True)
class AppealRow:
    """One appeal, with its decision where there is one."""

    id: str
    order: str
    visit: VisitId
    party: Party
    filed: datetime
    due: datetime
    text: str
    outcome: str | None = None
    decided: datetime | None = None
    person: str | None = None
    """Who decided it."""
    grounds: str = ""


class Appeals:
    """All appeals, open and decided."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def file(self, appeal: AppealRow) -> AppealRow:
        """Keep a new appeal; the one that stands, when this party has appealed already."""
        self._db.execute(
            "INSERT OR IGNORE INTO appeal (id, order_id, visit, party, filed, due, text) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                appeal.id,
                appeal.order,
                appeal.visit,
                appeal.party,
                write_instant(appeal.filed),
                write_instant(appeal.due),
                appeal.text,
            ],
        )
        (stands,) = self._found(
            "WHERE a.order_id = ? AND a.visit = ? AND a.party = ?",
            [appeal.order, appeal.visit, appeal.party],
        )
        return stands

    def decide(
        self, appeal: str, outcome: str, decided: datetime, person: str, grounds: str
    ) -> None:
        """Keep the decision; an appeal that has one keeps it."""
        self._db.execute(
            "INSERT INTO appeal_decision (appeal, outcome, decided, person, grounds) "
            "VALUES (?, ?, ?, ?, ?)",
            [appeal, outcome, write_instant(decided), person, grounds],
        )

    def get(self, appeal: str) -> AppealRow | None:
        """The appeal of that id, or None."""
        return next(iter(self._found("WHERE a.id = ?", [appeal])), None)

    def all(self) -> tuple[AppealRow, ...]:
        """Every appeal, the open ones first, the first to be due at the top."""
        return self._found("ORDER BY d.decided IS NOT NULL, a.due, a.id", [])

    def _found(self, where: str, values: list[str]) -> tuple[AppealRow, ...]:
        # ``where`` is always a literal of this class; values are bound.
        rows = self._db.query(
            "SELECT a.*, d.outcome, d.decided, d.person, d.grounds FROM appeal a "  # noqa: S608
            f"LEFT JOIN appeal_decision d ON d.appeal = a.id {where}",
            values,
        )
        return tuple(_appeal(row) for row in rows)


def _appeal(row: dict[str, Any]) -> AppealRow:
    return AppealRow(
        id=row["id"],
        order=row["order_id"],
        visit=VisitId(row["visit"]),
        party=Party(row["party"]),
        filed=read_instant(row["filed"]),
        due=read_instant(row["due"]),
        text=row["text"],
        outcome=row["outcome"],
        decided=read_instant_or_none(row["decided"]),
        person=row["person"],
        grounds=row["grounds"] or "",
    )
