"""The way of each order as the events that made it; nothing is ever changed or taken back.

Guarantees: events of one order come back in the order in which they were kept. Leaves to others:
what an event means and whether it is legal (`suspension.desk`), and the signed bytes that came
of it (`relay.store.orders`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relay.store.columns import read_instant, read_json, write_instant, write_json
from relay.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class CaseEventRow:
    """One event on an order's way."""

    seq: int
    order: str
    at: datetime
    actor: str
    """As in the journal."""
    person: str
    """Whose hands it was; empty for what happens by itself."""
    kind: str
    payload: Mapping[str, Any]


class OrderCases:
    """The append-only events of all orders."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def append(
        self,
        order: str,
        at: datetime,
        actor: str,
        person: str,
        kind: str,
        payload: Mapping[str, Any],
    ) -> None:
        """Keep one more event."""
        self._db.execute(
            "INSERT INTO order_event (order_id, at, actor, person, kind, payload) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [order, write_instant(at), actor, person, kind, write_json(payload)],
        )

    def of(self, order: str) -> tuple[CaseEventRow, ...]:
        """The events of that order, the earliest first; none for an unknown one."""
        return self._found("SELECT * FROM order_event WHERE order_id = ? ORDER BY seq", [order])

    def all(self) -> tuple[CaseEventRow, ...]:
        """Every event of every order, the earliest first."""
        return self._found("SELECT * FROM order_event ORDER BY seq", [])

    def numbers(self) -> tuple[tuple[str, int, str], ...]:
        """Every number that a draft or a lift was ever given here: issuer, number, order."""
        rows = self._db.query(
            "SELECT DISTINCT json_extract(payload, '$.issuer') AS issuer, "
            "json_extract(payload, '$.number') AS number, order_id FROM order_event "
            "WHERE kind IN ('SHOWN', 'LIFT_ASKED') AND number IS NOT NULL ORDER BY seq"
        )
        return tuple((row["issuer"], row["number"], row["order_id"]) for row in rows)

    def _found(self, sql: str, values: list[str]) -> tuple[CaseEventRow, ...]:
        return tuple(
            CaseEventRow(
                seq=row["seq"],
                order=row["order_id"],
                at=read_instant(row["at"]),
                actor=row["actor"],
                person=row["person"],
                kind=row["kind"],
                payload=read_json(row["payload"]),
            )
            for row in self._db.query(sql, values)
        )
