"""The root of trust and its delegations, every version that was ever believed.

Guarantees: versions are kept unchanged and for ever, so that an order can be verified again under
the metadata that it was accepted with. Leaves to others: believing them (`suspension.trust`).
"""

from collections.abc import Sequence
from datetime import datetime

from relay.store.columns import write_instant
from relay.store.sqlite import Database
from suspension.trust import Trust


class TrustMetadata:
    """Roots and delegations."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def roots(self, up_to: int | None = None) -> tuple[bytes, ...]:
        """Every root from the first on, at most up to that version."""
        rows = self._db.query(
            "SELECT content FROM trust_metadata WHERE kind = 'root' "
            "AND (? IS NULL OR version <= ?) ORDER BY version",
            [up_to, up_to],
        )
        return tuple(row["content"] for row in rows)

    def delegations(self, version: int | None = None) -> bytes | None:
        """The delegations of that version, or the newest; None when there are none."""
        rows = self._db.query(
            "SELECT content FROM trust_metadata WHERE kind = 'delegations' "
            "AND (? IS NULL OR version = ?) ORDER BY version DESC LIMIT 1",
            [version, version],
        )
        return next((row["content"] for row in rows), None)

    def put(self, trust: Trust, at: datetime) -> None:
        """Keep all of ``trust``; what is there already stays as it is."""
        numbered: Sequence[tuple[str, int, bytes]] = [
            *(("root", place, root) for place, root in enumerate(trust.roots, 1)),
            ("delegations", trust.version, trust.targets),
        ]
        for kind, version, content in numbered:
            self._db.execute(
                "INSERT OR IGNORE INTO trust_metadata (kind, version, content, received_at) "
                "VALUES (?, ?, ?, ?)",
                [kind, version, content, write_instant(at)],
            )
