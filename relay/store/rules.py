"""What limits a booking besides the timetable.

Restrictions, non-associations, allowances and call permits.
"""

from collections.abc import Iterable
from typing import Any

from relay.core.model import (
    Allowance,
    CallPermit,
    InmateId,
    NonAssociation,
    Restriction,
    VisitId,
    VisitorId,
)
from relay.store.columns import (
    read_instant,
    read_instant_or_none,
    read_seconds,
    write_instant,
    write_instant_or_none,
    write_json_list,
    write_seconds,
)
from relay.store.sqlite import Database
from visit_protocol.vocabulary import RestrictionKind


class Rules:
    """The standing rules on people and regimes."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def restrictions(
        self, inmate: InmateId, visitors: Iterable[VisitorId]
    ) -> tuple[Restriction, ...]:
        """Every restriction that names this inmate or any of the visitors, past ones included.

        A pair's restriction is there when either of the two is; whether it applies is the
        policy's business.
        """
        rows = self._db.query(
            "SELECT * FROM restriction WHERE inmate = ? "
            "OR visitor IN (SELECT value FROM json_each(?)) ORDER BY id",
            [inmate, write_json_list(visitors)],
        )
        return tuple(_restriction(row) for row in rows)

    def put_restriction(self, restriction: Restriction) -> None:
        """Add a restriction, or change the one of that id."""
        self._db.table("restriction").upsert(
            {
                "id": restriction.id,
                "kind": restriction.kind,
                "inmate": restriction.inmate,
                "visitor": restriction.visitor,
                "starts": write_instant(restriction.starts),
                "expires": write_instant_or_none(restriction.expires),
                "comment": restriction.comment,
                "set_by": restriction.set_by,
            },
            pk="id",
        )

    def non_associations(self, inmate: InmateId) -> tuple[NonAssociation, ...]:
        """Every pair that this inmate is one of."""
        rows = self._db.query(
            "SELECT one, other FROM non_association WHERE one = ? OR other = ? ORDER BY one, other",
            [inmate, inmate],
        )
        return tuple(NonAssociation(InmateId(row["one"]), InmateId(row["other"])) for row in rows)

    def put_non_association(self, pair: NonAssociation) -> None:
        """Keep the two apart from now on; the order of the two does not matter."""
        one, other = sorted((pair.one, pair.other))
        self._db.execute(
            "INSERT OR IGNORE INTO non_association (one, other) VALUES (?, ?)", [one, other]
        )

    def allowance(self, regime: str) -> Allowance | None:
        """The allowance of that regime, or None."""
        for row in self._db.query("SELECT * FROM allowance WHERE regime = ?", [regime]):
            return Allowance(row["regime"], row["visits"], read_seconds(row["period_s"]))
        return None

    def put_allowance(self, allowance: Allowance) -> None:
        """Set what the regime gives."""
        self._db.table("allowance").upsert(
            {
                "regime": allowance.regime,
                "visits": allowance.visits,
                "period_s": write_seconds(allowance.period),
            },
            pk="regime",
        )

    def permits(self, inmate: InmateId) -> tuple[CallPermit, ...]:
        """All permits of that inmate, used ones included, the first to run out first."""
        rows = self._db.query(
            "SELECT * FROM call_permit WHERE inmate = ? ORDER BY valid_until, id", [inmate]
        )
        return tuple(_permit(row) for row in rows)

    def put_permit(self, permit: CallPermit) -> None:
        """Add a permit, or change the one of that id."""
        self._db.table("call_permit").upsert(
            {
                "id": permit.id,
                "inmate": permit.inmate,
                "visitor": permit.visitor,
                "issued_by": permit.issued_by,
                "valid_from": write_instant(permit.valid_from),
                "valid_until": write_instant(permit.valid_until),
                "used_by": permit.used_by,
            },
            pk="id",
        )

    def use_permit(self, permit_id: str, visit: VisitId) -> None:
        """Spend the permit on that visit; a permit that is spent already stays as it is."""
        self._db.execute(
            "UPDATE call_permit SET used_by = ? WHERE id = ? AND used_by IS NULL",
            [visit, permit_id],
        )

    def release_permits(self, visit: VisitId) -> None:
        """Give back what was spent on a visit that did not take place."""
        self._db.execute("UPDATE call_permit SET used_by = NULL WHERE used_by = ?", [visit])


def _restriction(row: dict[str, Any]) -> Restriction:
    return Restriction(
        id=row["id"],
        kind=RestrictionKind(row["kind"]),
        starts=read_instant(row["starts"]),
        expires=read_instant_or_none(row["expires"]),
        inmate=None if row["inmate"] is None else InmateId(row["inmate"]),
        visitor=None if row["visitor"] is None else VisitorId(row["visitor"]),
        comment=row["comment"],
        set_by=row["set_by"],
    )


def _permit(row: dict[str, Any]) -> CallPermit:
    return CallPermit(
        id=row["id"],
        inmate=InmateId(row["inmate"]),
        visitor=VisitorId(row["visitor"]),
        issued_by=row["issued_by"],
        valid_from=read_instant(row["valid_from"]),
        valid_until=read_instant(row["valid_until"]),
        used_by=None if row["used_by"] is None else VisitId(row["used_by"]),
    )
