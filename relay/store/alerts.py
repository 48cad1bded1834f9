"""What staff must be told, and who has seen it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relay.core.model import TerminalId, VisitId
from relay.store.columns import (
    read_instant,
    read_instant_or_none,
    read_json,
    write_instant,
    write_instant_or_none,
    write_json,
)
from relay.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert."""

    id: str
    kind: str
    priority: int
    """1 (at once) to 3 (when there is time)."""
    raised: datetime
    visit: VisitId | None
    terminal: TerminalId | None
    detail: Mapping[str, Any]
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None


class Alerts:
    """All alerts, seen and unseen."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, alert: AlertRow) -> None:
        """Keep a new alert."""
        self._db.table("alert").insert(
            {
                "id": alert.id,
                "kind": alert.kind,
                "priority": alert.priority,
                "raised": write_instant(alert.raised),
                "visit": alert.visit,
                "terminal": alert.terminal,
                "detail": write_json(alert.detail),
                "acknowledged_by": alert.acknowledged_by,
                "acknowledged_at": write_instant_or_none(alert.acknowledged_at),
            }
        )

    def get(self, alert: str) -> AlertRow | None:
        """The alert of that id, or None."""
        rows = self._db.query("SELECT * FROM alert WHERE id = ?", [alert])
        return next((_alert(row) for row in rows), None)

    def recent(self, limit: int = 200) -> tuple[AlertRow, ...]:
        """The latest alerts, the newest first."""
        rows = self._db.query(
            "SELECT * FROM alert ORDER BY raised DESC, rowid DESC LIMIT ?", [limit]
        )
        return tuple(_alert(row) for row in rows)

    def open(self) -> tuple[AlertRow, ...]:
        """Every alert nobody has acknowledged, the most urgent first, then the newest."""
        rows = self._db.query(
            "SELECT * FROM alert WHERE acknowledged_at IS NULL "
            "ORDER BY priority, raised DESC, rowid DESC"
        )
        return tuple(_alert(row) for row in rows)

    def acknowledge(self, alert: str, by: str, at: datetime) -> bool:
        """Whether it is now acknowledged by this call; False when unknown or done already."""
        changed = self._db.execute(
            "UPDATE alert SET acknowledged_by = ?, acknowledged_at = ? "
            "WHERE id = ? AND acknowledged_at IS NULL",
            [by, write_instant(at), alert],
        )
        return changed.rowcount == 1


def _alert(row: dict[str, Any]) -> AlertRow:
    return AlertRow(
        id=row["id"],
        kind=row["kind"],
        priority=row["priority"],
        raised=read_instant(row["raised"]),
        visit=None if row["visit"] is None else VisitId(row["visit"]),
        terminal=None if row["terminal"] is None else TerminalId(row["terminal"]),
        detail=read_json(row["detail"]),
        acknowledged_by=row["acknowledged_by"],
        acknowledged_at=read_instant_or_none(row["acknowledged_at"]),
    )
