"""Suspension orders as the signed envelopes that arrived, and what each one cut.

Guarantees: envelopes are kept unchanged and for ever (tombstones outlive expiry); when one
revision arrives with different content, every variant is kept. Leaves to others: what the bytes
mean, who signed them and which order denies (`suspension`).
"""

from dataclasses import dataclass
from datetime import datetime

from relay.core.model import VisitId
from relay.store.columns import read_instant, write_instant
from relay.store.sqlite import Database
from suspension import SuspensionOrder, order_in
from suspension.receipt import Via


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One revision of an order, as received and verified."""

    id: str
    rev: int
    sha256: str
    """Of the order's canonical bytes, whoever signed them."""
    content: bytes
    """The envelope."""
    via: Via
    root_version: int
    delegations_version: int
    received_at: datetime

    @property
    def order(self) -> SuspensionOrder:
        """What the envelope holds; it was verified before it was kept.

        Raises:
            SuspensionError: the bytes are not what was kept.
        """
        return order_in(self.content)


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

    def add(self, row: OrderRow) -> bool:
        """Whether this order is new; the same bytes signed once more are not."""
        added = self._db.execute(
            "INSERT OR IGNORE INTO order_envelope (sha256, id, rev, content, via, root_version, "
            "delegations_version, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(row.sha256, row.id, row.rev, row.content, row.via),
                *(row.root_version, row.delegations_version, write_instant(row.received_at)),
            ],
        )
        return added.rowcount == 1

    def all(self) -> tuple[OrderRow, ...]:
        """Every variant of every revision, in the order they arrived."""
        return self._found("SELECT * FROM order_envelope ORDER BY rowid", [])

    def revisions(self, order: str) -> tuple[OrderRow, ...]:
        """Every variant of this order's revisions, by revision."""
        return self._found("SELECT * FROM order_envelope WHERE id = ? ORDER BY rev, rowid", [order])

    def first_enforced(self) -> dict[str, int]:
        """Digest → nanoseconds of powered time when the order was first enforced."""
        return {
            row["sha256"]: row["powered_ns"]
            for row in self._db.query("SELECT sha256, powered_ns FROM order_enforced")
        }

    def put_first_enforced(self, sha256: str, powered_ns: int) -> None:
        """Keep when the order was first enforced; the first time stays."""
        self._db.execute(
            "INSERT OR IGNORE INTO order_enforced (sha256, powered_ns) VALUES (?, ?)",
            [sha256, powered_ns],
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
                via=Via(row["via"]),
                root_version=row["root_version"],
                delegations_version=row["delegations_version"],
                received_at=read_instant(row["received_at"]),
            )
            for row in self._db.query(sql, values)
        )
