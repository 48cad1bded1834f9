"""Whose badge it is, by a keyed hash of its UID."""

from datetime import datetime

from relay.core.model import InmateId
from relay.store.columns import write_instant
from relay.store.sqlite import Database


class Badges:
    """At most one badge an inmate, and one inmate a badge."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def owner(self, badge_hash: str) -> InmateId | None:
        """The inmate whose badge has that hash, or None."""
        rows = self._db.query("SELECT inmate FROM inmate_badge WHERE badge_hash = ?", [badge_hash])
        return next((InmateId(row["inmate"]) for row in rows), None)

    def put(self, inmate: InmateId, badge_hash: str, at: datetime) -> None:
        """Let it be the inmate's badge from now on, and nobody else's."""
        self._db.execute("DELETE FROM inmate_badge WHERE badge_hash = ?", [badge_hash])
        self._db.table("inmate_badge").upsert(
            {"inmate": inmate, "badge_hash": badge_hash, "set_at": write_instant(at)}, pk="inmate"
        )

    def remove(self, inmate: InmateId) -> bool:
        """Whether the inmate had a badge; now there is none."""
        removed = self._db.execute("DELETE FROM inmate_badge WHERE inmate = ?", [inmate])
        return removed.rowcount == 1
