"""The facility, its housing units and its terminals."""

from typing import Any

from relay.core.model import (
    Facility,
    FacilityId,
    HousingUnit,
    HousingUnitId,
    Terminal,
    TerminalId,
)
from relay.store.columns import read_codes, write_words
from relay.store.sqlite import Database
from visit_protocol.vocabulary import VisitType


class Facilities:
    """The one facility and the places inside it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def facility(self) -> Facility | None:
        """The facility this relay serves, or None before `put_facility`."""
        for row in self._db.query("SELECT id, name, timezone FROM facility"):
            return Facility(FacilityId(row["id"]), row["name"], row["timezone"])
        return None

    def put_facility(self, facility: Facility) -> None:
        """Set the facility, or change its name or zone."""
        self._db.table("facility").upsert(
            {
                "only_row": 1,
                "id": facility.id,
                "name": facility.name,
                "timezone": facility.timezone,
            },
            pk="only_row",
        )

    def housing_units(self) -> tuple[HousingUnit, ...]:
        """All housing units, by id."""
        rows = self._db.query("SELECT id, name FROM housing_unit ORDER BY id")
        return tuple(HousingUnit(HousingUnitId(row["id"]), row["name"]) for row in rows)

    def put_housing_unit(self, unit: HousingUnit) -> None:
        """Add a housing unit or change its name."""
        self._db.table("housing_unit").upsert({"id": unit.id, "name": unit.name}, pk="id")

    def terminals(self) -> tuple[Terminal, ...]:
        """All terminals, by id."""
        rows = self._db.query("SELECT * FROM terminal ORDER BY id")
        return tuple(_terminal(row) for row in rows)

    def terminal(self, terminal: TerminalId) -> Terminal | None:
        """The terminal of that id, or None."""
        for row in self._db.query("SELECT * FROM terminal WHERE id = ?", [terminal]):
            return _terminal(row)
        return None

    def put_terminal(self, terminal: Terminal) -> None:
        """Add a terminal or change it; its key stays."""
        self._db.table("terminal").upsert(
            {
                "id": terminal.id,
                "label": terminal.label,
                "housing_unit": terminal.housing_unit,
                "visit_types": write_words(terminal.visit_types),
                "in_service": terminal.in_service,
            },
            pk="id",
        )

    def set_in_service(self, terminal: TerminalId, in_service: bool) -> None:
        """Take a terminal out of service or back; an unknown one is left alone."""
        self._db.execute("UPDATE terminal SET in_service = ? WHERE id = ?", [in_service, terminal])


def _terminal(row: dict[str, Any]) -> Terminal:
    return Terminal(
        id=TerminalId(row["id"]),
        label=row["label"],
        housing_unit=HousingUnitId(row["housing_unit"]),
        visit_types=read_codes(VisitType, row["visit_types"]),
        in_service=bool(row["in_service"]),
    )
