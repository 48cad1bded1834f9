"""Suspension orders as the exact bytes that arrived, and what each one cut.

Guarantees: bytes are kept unchanged and for ever (tombstones outlive expiry); when one revision
arrives with different content, every variant is kept. Leaves to others: what the bytes mean and
which order denies (`suspension`).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from relay.core.model import VisitId
from relay.store.columns import read_instant, write_instant
from relay.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One revision of an order, as received."""

    id: str
    rev: int
    sha256: str
    content: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class OrderCut:
    """A call that an order stopped. Both times are CLOCK_MONOTONIC nanoseconds."""

    order: str
    rev: int
    visit: VisitId
    committed_ns: int
    last_packet_ns: int | None = None
    """None until the media worker has confirmed, or when no packet had been forwarded."""


class Orders:
    """All orders that ever reached this facility."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, order: str, rev: int, content: bytes, received_at: datetime) -> bool:
        """Whether these bytes are new; the same revision with the same bytes is not."""
        added = self._db.execute(
            "INSERT OR IGNORE INTO suspension_order (id, rev, sha256, content, received_at) "
            "VALUES (?, ?, ?, ?, ?)",
            [
                order,
                rev,
                hashlib.sha256(content).hexdigest(),
                content,
                write_instant(received_at),
            ],
        )
        return added.rowcount == 1

    def all(self) -> tuple[OrderRow, ...]:
        """Every variant of every revision, in the order they arrived."""
        return self._found("SELECT * FROM suspension_order ORDER BY received_at, rowid", [])

    def revisions(self, order: str) -> tuple[OrderRow, ...]:
        """Every variant of this order's revisions, by revision."""
        return self._found(
            "SELECT * FROM suspension_order WHERE id = ? ORDER BY rev, rowid", [order]
        )

    def put_cut(self, cut: OrderCut) -> None:
        """Keep that the order cut this visit, or fill in when its last packet left."""
        self._db.execute(
            "INSERT INTO order_cut (order_id, rev, visit, committed_ns, last_packet_ns) "
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT (order_id, rev, visit) DO UPDATE SET "
            "committed_ns = excluded.committed_ns, "
            "last_packet_ns = coalesce(excluded.last_packet_ns, last_packet_ns)",
            [cut.order, cut.rev, cut.visit, cut.committed_ns, cut.last_packet_ns],
        )

    def cuts(self, order: str | None = None) -> tuple[OrderCut, ...]:
        """The cuts of that order, or of all."""
        rows = self._db.query(
            "SELECT * FROM order_cut WHERE ? IS NULL OR order_id = ? ORDER BY rowid",
            [order, order],
        )
        return tuple(
            OrderCut(
                order=row["order_id"],
                rev=row["rev"],
                visit=VisitId(row["visit"]),
                committed_ns=row["committed_ns"],
                last_packet_ns=row["last_packet_ns"],
            )
            for row in rows
        )

    def _found(self, sql: str, values: list[str]) -> tuple[OrderRow, ...]:
        return tuple(
            OrderRow(
                id=row["id"],
                rev=row["rev"],
                sha256=row["sha256"],
                content=row["content"],
                received_at=read_instant(row["received_at"]),
            )
            for row in self._db.query(sql, values)
        )
