"""The weekly patterns of slots, and the days on which none is offered."""

from datetime import date
from typing import Any

from relay.core.model import ExcludeDate, HousingUnitId, SessionTemplate, TemplateId
from relay.store.columns import (
    read_codes,
    read_day_or_none,
    read_seconds,
    read_wall_time,
    read_words,
    write_seconds,
    write_wall_time,
    write_words,
)
from relay.store.sqlite import Database
from visit_protocol.vocabulary import VisitType


class Timetable:
    """Session templates and exclude dates, all in the facility's own time."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def templates(self) -> tuple[SessionTemplate, ...]:
        """All templates, by id; also those no longer valid."""
        rows = self._db.query("SELECT * FROM session_template ORDER BY id")
        return tuple(_template(row) for row in rows)

    def put_template(self, template: SessionTemplate) -> None:
        """Add a template, or change the one of that id."""
        self._db.table("session_template").upsert(
            {
                "id": template.id,
                "name": template.name,
                "rrule": template.rrule,
                "first_day": template.first_day.isoformat(),
                "starts_at": write_wall_time(template.starts_at),
                "slot_s": write_seconds(template.slot),
                "slots_per_day": template.slots_per_day,
                "capacity": template.capacity,
                "visit_types": write_words(template.visit_types),
                "valid_from": template.valid_from.isoformat(),
                "valid_to": None if template.valid_to is None else template.valid_to.isoformat(),
                "housing_units": write_words(template.housing_units),
            },
            pk="id",
        )

    def remove_template(self, template: TemplateId) -> None:
        """Offer no more slots of this template; visits already booked stay."""
        self._db.execute("DELETE FROM exclude_date WHERE template = ?", [template])
        self._db.execute("DELETE FROM session_template WHERE id = ?", [template])

    def exclude_dates(self) -> tuple[ExcludeDate, ...]:
        """All exclude dates, by day."""
        rows = self._db.query("SELECT * FROM exclude_date ORDER BY day, template")
        return tuple(
            ExcludeDate(
                day=date.fromisoformat(row["day"]),
                template=TemplateId(row["template"]) if row["template"] else None,
                comment=row["comment"],
            )
            for row in rows
        )

    def put_exclude_date(self, exclude: ExcludeDate) -> None:
        """Offer no slot on that day from now on."""
        self._db.table("exclude_date").upsert(
            {
                "day": exclude.day.isoformat(),
                "template": exclude.template or "",
                "comment": exclude.comment,
            },
            pk=("day", "template"),
        )

    def remove_exclude_date(self, exclude: ExcludeDate) -> None:
        """Offer slots on that day again."""
        self._db.execute(
            "DELETE FROM exclude_date WHERE day = ? AND template = ?",
            [exclude.day.isoformat(), exclude.template or ""],
        )


def _template(row: dict[str, Any]) -> SessionTemplate:
    return SessionTemplate(
        id=TemplateId(row["id"]),
        name=row["name"],
        rrule=row["rrule"],
        first_day=date.fromisoformat(row["first_day"]),
        starts_at=read_wall_time(row["starts_at"]),
        slot=read_seconds(row["slot_s"]),
        slots_per_day=row["slots_per_day"],
        capacity=row["capacity"],
        visit_types=read_codes(VisitType, row["visit_types"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=read_day_or_none(row["valid_to"]),
        housing_units=frozenset(HousingUnitId(word) for word in read_words(row["housing_units"])),
    )
