"""Signed receipts, numbered without a gap, one per order and stage.

Guarantees: within the caller's transaction the number and the digest of the one before are right,
and a stage that has its receipt gets no second one; receipts are never changed. Leaves to others:
what they say and signing them (`suspension.receipt`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relay.store.columns import write_instant
from relay.store.sqlite import Database
from suspension.receipt import Receipt, Stage


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One receipt in its envelope."""

    seq: int
    order_sha256: str
    stage: Stage
    why: str
    payload_sha256: str
    content: bytes


class Receipts:
    """The facility's receipts."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def tip(self) -> tuple[int, str | None]:
        """Number and payload digest of the latest; 0 and None before the first."""
        rows = self._db.query("SELECT seq, payload_sha256 FROM receipt ORDER BY seq DESC LIMIT 1")
        return next(((row["seq"], row["payload_sha256"]) for row in rows), (0, None))

    def has(self, order_sha256: str, stage: Stage, why: str | None = None) -> bool:
        """Whether that stage has its receipt."""
        rows = self._db.query(
            "SELECT 1 FROM receipt WHERE order_sha256 = ? AND stage = ? AND why = ?",
            [order_sha256, stage, why or ""],
        )
        return next(iter(rows), None) is not None

    def stages(self) -> dict[str, set[Stage]]:
        """Order digest → the stages that have their receipt."""
        found: dict[str, set[Stage]] = {}
        for row in self._db.query("SELECT order_sha256, stage FROM receipt"):
            found.setdefault(row["order_sha256"], set()).add(Stage(row["stage"]))
        return found

    def add(self, receipt: Receipt, payload_sha256: str, envelope: bytes, at: datetime) -> None:
        """Keep a receipt; its number must be the next."""
        self._db.table("receipt").insert(
            {
                "seq": receipt.seq,
                "order_sha256": receipt.order.sha256,
                "stage": receipt.stage,
                "why": receipt.why or "",
                "payload_sha256": payload_sha256,
                "content": envelope,
                "at": write_instant(at),
            }
        )

    def after(self, seq: int = 0, limit: int = 1000) -> tuple[ReceiptRow, ...]:
        """Up to ``limit`` receipts that follow number ``seq``, the earliest first."""
        rows = self._db.query(
            "SELECT * FROM receipt WHERE seq > ? ORDER BY seq LIMIT ?", [seq, limit]
        )
        return tuple(_row(row) for row in rows)

    def rejected(self, limit: int) -> tuple[ReceiptRow, ...]:
        """The latest ``limit`` receipts of refusals, the newest first."""
        rows = self._db.query(
            "SELECT * FROM receipt WHERE stage = 'rejected' ORDER BY seq DESC LIMIT ?", [limit]
        )
        return tuple(_row(row) for row in rows)

    def of(self, order_sha256: str) -> tuple[ReceiptRow, ...]:
        """The receipts of one order, the earliest first."""
        rows = self._db.query(
            "SELECT * FROM receipt WHERE order_sha256 = ? ORDER BY seq", [order_sha256]
        )
        return tuple(_row(row) for row in rows)


def _row(row: dict[str, Any]) -> ReceiptRow:
    return ReceiptRow(
        seq=row["seq"],
        order_sha256=row["order_sha256"],
        stage=Stage(row["stage"]),
        why=row["why"],
        payload_sha256=row["payload_sha256"],
        content=row["content"],
    )
