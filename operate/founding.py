"""A real facility from its description: ``parloir init DIR --facility FILE.toml``.

Guarantees: the description is checked whole before anything is written, and what it names is there
whole or not at all; passwords are made here, told once in ``secrets/initial.json`` (0600), and kept
only as hashes. Leaves to others: people, contacts and visits (`parloir import`), the terminals'
kiosks (`parloir terminals enrol`), the words of the reference (`operate.generate`).
"""

import json
import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from operate.errors import InputError
from operate.example.secret_file import new_password
from relay.core.model import (
    Allowance,
    ExcludeDate,
    Facility,
    FacilityId,
    HousingUnit,
    HousingUnitId,
    PersonId,
    SessionTemplate,
    TemplateId,
    Terminal,
    TerminalId,
)
from relay.core.schedule import InvalidTemplateError, check_template
from relay.service.staff import Actor, add_account_now
from relay.store.database import DATABASE_FILE, Store, lock
from relay.store.facilities import Facilities
from relay.store.journal import Journal
from relay.store.rules import Rules
from relay.store.sqlite import Database
from relay.store.timetable import Timetable
from visit_protocol.message import Identifier
from visit_protocol.vocabulary import StaffRole, VisitType

SECRETS: Final = Path("secrets") / "initial.json"
Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FacilityTable(_Table):
    """The facility itself."""

    id: Identifier
    name: Name
    timezone: str = Field(description="IANA name, e.g. Asia/Yekaterinburg.")

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name} is no IANA time zone") from error
        return name


class HousingUnitTable(_Table):
    """A wing."""

    id: Identifier
    name: Name


class TerminalTable(_Table):
    """A booth's device."""

    id: Identifier
    label: Name
    housing_unit: Identifier
    visit_types: frozenset[VisitType] = Field(min_length=1)


class AllowanceTable(_Table):
    """How many unprotected visits a regime gives."""

    regime: Name
    visits: int = Field(ge=0, le=1000)
    period_days: int = Field(ge=1, le=366)


class SessionTable(_Table):
    """A weekly pattern of slots, in the facility's own time."""

    id: Identifier
    name: Name
    rrule: str = Field(description="RFC 5545, e.g. FREQ=WEEKLY;BYDAY=MO,WE,FR.")
    first_day: date
    starts_at: time
    slot_minutes: int = Field(default=15, ge=5, le=240)
    slots_per_day: int = Field(ge=1, le=288)
    capacity: int = Field(ge=1, le=1000)
    visit_types: frozenset[VisitType] = Field(min_length=1)
    valid_to: date | None = None
    housing_units: frozenset[Identifier] = frozenset()
    exclude_dates: tuple[date, ...] = ()

    def template(self) -> SessionTemplate:
        """The template as the timetable keeps it."""
        return SessionTemplate(
            id=TemplateId(self.id),
            name=self.name,
            rrule=self.rrule,
            first_day=self.first_day,
            starts_at=self.starts_at,
            slot=timedelta(minutes=self.slot_minutes),
            slots_per_day=self.slots_per_day,
            capacity=self.capacity,
            visit_types=self.visit_types,
            valid_from=self.first_day,
            valid_to=self.valid_to,
            housing_units=frozenset(map(HousingUnitId, self.housing_units)),
        )


class StaffTable(_Table):
    """A member of staff; the password is made here."""

    user: Identifier
    role: StaffRole
    person: Identifier | None = Field(
        default=None,
        description="Who it is, where one person has several accounts; otherwise the user's name.",
    )


class Description(_Table):
    """The whole file."""

    facility: FacilityTable
    housing_units: tuple[HousingUnitTable, ...] = Field(min_length=1)
    terminals: tuple[TerminalTable, ...] = Field(min_length=1)
    allowances: tuple[AllowanceTable, ...] = Field(min_length=1)
    sessions: tuple[SessionTable, ...] = ()
    staff: tuple[StaffTable, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        units = {unit.id for unit in self.housing_units}
        for terminal in self.terminals:
            if terminal.housing_unit not in units:
                raise ValueError(f"terminal {terminal.id}: no housing unit {terminal.housing_unit}")
        for session in self.sessions:
            if unknown := session.housing_units - units:
                raise ValueError(f"session {session.id}: no housing unit {min(unknown)}")
            check_template(session.template())
        return self


def read(path: Path) -> Description:
    """The description in ``path``.

    Raises:
        InputError: unreadable, not TOML, or something in it that cannot be; one line, with the key.
    """
    try:
        return Description.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not TOML: {error}") from error
    except InvalidTemplateError as error:
        raise InputError(f"{path}: session {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: {place + ': ' if place else ''}{first['msg']}") from error


def found(data_dir: Path, description: Description, by: Actor) -> Path:
    """Make the facility in ``data_dir``; returns the file with the secrets, told only there.

    Raises:
        InputError: there is a facility in the folder already.
        StoreError: the folder cannot be written, is full, or a relay runs there.
        OSError: the folder or the secrets' file cannot be made.
    """
    now = datetime.now(UTC)
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    passwords = {member.user: new_password() for member in description.staff}
    with lock(data_dir), Store.open(data_dir / DATABASE_FILE) as store:
        if store.read_now(lambda db: Facilities(db).facility()) is not None:
            raise InputError(f"{data_dir} holds a facility already")
        # First the secrets: without them nobody could use what is in the store.
        told = data_dir / SECRETS
        told.parent.mkdir(mode=0o700, exist_ok=True)
        told.touch(mode=0o600)
        told.write_text(json.dumps({"staff": passwords}, indent=2) + "\n")

        def write(db: Database) -> None:
            _put_places(db, description, now, by)
            for allowance in description.allowances:
                period = timedelta(days=allowance.period_days)
                Rules(db).put_allowance(Allowance(allowance.regime, allowance.visits, period))
            for session in description.sessions:
                Timetable(db).put_template(session.template())
                for day in session.exclude_dates:
                    Timetable(db).put_exclude_date(ExcludeDate(day, TemplateId(session.id)))
            for member in description.staff:
                person = PersonId(member.person) if member.person else None
                add_account_now(
                    db, member.user, member.role, passwords[member.user], now, by, person
                )

        store.write_now(write)
    return told


def _put_places(db: Database, description: Description, now: datetime, by: Actor) -> None:
    places, facility, journal = Facilities(db), description.facility, Journal(db)
    places.put_facility(Facility(FacilityId(facility.id), facility.name, facility.timezone))
    journal.append(now, by.label, "facility.founded", facility.id)
    for unit in description.housing_units:
        places.put_housing_unit(HousingUnit(HousingUnitId(unit.id), unit.name))
    for terminal in description.terminals:
        ident = TerminalId(terminal.id)
        place = HousingUnitId(terminal.housing_unit)
        places.put_terminal(Terminal(ident, terminal.label, place, terminal.visit_types))
