"""Visitor links: whom a token lets into which visit, and on which device.

Guarantees: only fingerprints of tokens and devices are kept; a link is bound at most once; a
visit has one link that is not replaced. Leaves to others: what an unknown, used, replaced or
expired link answers (`relay.service`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relay.core.model import VisitId, VisitorId
from relay.store.columns import read_instant, read_instant_or_none, write_instant
from relay.store.secret import same
from relay.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class VisitorLink:
    """One link that was given to a visitor."""

    token_hash: str
    visit: VisitId
    visitor: VisitorId
    issued_at: datetime
    expires: datetime
    device_hash: str | None = None
    """The device that joined first; None while nobody has."""
    bound_at: datetime | None = None
    replaced_at: datetime | None = None
    """When staff issued a newer one; None for the current link."""


class Links:
    """All links ever issued."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, token_hash: str) -> VisitorLink | None:
        """The link of that token's fingerprint, or None."""
        for row in self._db.query("SELECT * FROM visitor_link WHERE token_hash = ?", [token_hash]):
            return _link(row)
        return None

    def of_visit(self, visit: VisitId) -> tuple[VisitorLink, ...]:
        """The visit's links, the newest first."""
        rows = self._db.query(
            "SELECT * FROM visitor_link WHERE visit = ? ORDER BY issued_at DESC, rowid DESC",
            [visit],
        )
        return tuple(_link(row) for row in rows)

    def issue(
        self,
        token_hash: str,
        visit: VisitId,
        visitor: VisitorId,
        issued_at: datetime,
        expires: datetime,
    ) -> VisitorLink:
        """A new link, in place of every earlier one of the visit."""
        self._db.execute(
            "UPDATE visitor_link SET replaced_at = ? WHERE visit = ? AND replaced_at IS NULL",
            [write_instant(issued_at), visit],
        )
        self._db.table("visitor_link").insert(
            {
                "token_hash": token_hash,
                "visit": visit,
                "visitor": visitor,
                "issued_at": write_instant(issued_at),
                "expires": write_instant(expires),
            }
        )
        return VisitorLink(token_hash, visit, visitor, issued_at, expires)

    def bind(self, token_hash: str, device_hash: str, at: datetime) -> bool:
        """Whether the link is now this device's: bound by this call or an earlier one."""
        self._db.execute(
            "UPDATE visitor_link SET device_hash = ?, bound_at = ? "
            "WHERE token_hash = ? AND device_hash IS NULL AND replaced_at IS NULL",
            [device_hash, write_instant(at), token_hash],
        )
        link = self.find(token_hash)
        return (
            link is not None
            and link.replaced_at is None
            and link.device_hash is not None
            and same(link.device_hash, device_hash)
        )

    def extend(self, visit: VisitId, expires: datetime) -> None:
        """Let the visit's current link live until ``expires``, when time was given back."""
        self._db.execute(
            "UPDATE visitor_link SET expires = ? WHERE visit = ? AND replaced_at IS NULL",
            [write_instant(expires), visit],
        )


def _link(row: dict[str, Any]) -> VisitorLink:
    return VisitorLink(
        token_hash=row["token_hash"],
        visit=VisitId(row["visit"]),
        visitor=VisitorId(row["visitor"]),
        issued_at=read_instant(row["issued_at"]),
        expires=read_instant(row["expires"]),
        device_hash=row["device_hash"],
        bound_at=read_instant_or_none(row["bound_at"]),
        replaced_at=read_instant_or_none(row["replaced_at"]),
    )
