"""Whether camera and microphone were seen to go off when a visit ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from relay.core.model import TerminalId, VisitId
from relay.store.columns import read_instant, write_instant
from relay.store.sqlite import Database


class PowerOffState(StrEnum):
    """What is known of the power after a visit's end."""

    AWAITED = "AWAITED"
    CONFIRMED = "CONFIRMED"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    NOT_FITTED = "NOT_FITTED"
    """The terminal has no board that could tell."""


@dataclass(frozen=True, slots=True)
class PowerOffRow:
    """One end of one visit."""

    visit: VisitId
    ended: datetime
    terminal: TerminalId
    order: str | None
    """The order that ended it, if one did."""
    state: PowerOffState
    after_ms: int | None = None
    """From the end to the board's word that both are off."""


class PowerOffs:
    """All ends of visits at which somebody was at the terminal."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, row: PowerOffRow) -> None:
        """Add an end, or what has become known of it."""
        self._db.table("power_off").upsert(
            {
                "visit": row.visit,
                "ended": write_instant(row.ended),
                "terminal": row.terminal,
                "order_id": row.order,
                "state": row.state,
                "after_ms": row.after_ms,
            },
            pk=("visit", "ended"),
        )

    def of_order(self, order: str) -> tuple[PowerOffRow, ...]:
        """The ends that this order made, in their order."""
        return self._found("WHERE order_id = ? ORDER BY ended, visit", [order])

    def open(self) -> tuple[PowerOffRow, ...]:
        """Those whose board has not confirmed yet."""
        return self._found("WHERE state IN ('AWAITED', 'NOT_CONFIRMED')", [])

    def _found(self, where: str, values: Sequence[str]) -> tuple[PowerOffRow, ...]:
        return tuple(
            PowerOffRow(
                visit=VisitId(row["visit"]),
                ended=read_instant(row["ended"]),
                terminal=TerminalId(row["terminal"]),
                order=row["order_id"],
                state=PowerOffState(row["state"]),
                after_ms=row["after_ms"],
            )
            for row in self._db.query(f"SELECT * FROM power_off {where}", list(values))  # noqa: S608
        )
