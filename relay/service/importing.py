"""Importing people, contacts and visits from CSV; the columns stand in ``docs/import.md``.

Guarantees: a file is imported whole or not at all, in one transaction; every fault of every row
is named, also those that only show beside the other rows or against what is stored; visits are
booked by the same decision as everywhere. Leaves to others: reading bytes (`csv_rows`), and who
may import (`relay.web`).

A long transaction would hold up a suspension order behind it, so rows are checked and PINs
hashed before it begins, and files are bounded.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from secrets import token_hex
from typing import Final
from zoneinfo import ZoneInfo

from relay.core.model import (
    Contact,
    ContactId,
    Credential,
    Custody,
    HousingUnitId,
    Inmate,
    InmateId,
    TerminalId,
    Visitor,
    VisitorId,
)
from relay.service.booking import Proposal, Refused, book
from relay.service.csv_rows import MAX_BYTES, Rejection, Row, read_rows
from relay.service.facts import FacilityMissingError
from relay.service.secret_hash import hash_secret
from relay.service.staff import Actor
from relay.store.badges import Badges
from relay.store.database import Store
from relay.store.facilities import Facilities
from relay.store.journal import Journal
from relay.store.people import People
from relay.store.rules import Rules
from relay.store.sqlite import Database
from suspension import ClockInterval, OrderBook
from visit_protocol.vocabulary import RejectionCode, Relationship, VisitType

__all__ = [
    "COLUMNS",
    "MAX_BYTES",
    "Columns",
    "Imported",
    "Kind",
    "Rejection",
    "RowsRejected",
    "import_csv",
]


class Kind(StrEnum):
    """What a file holds."""

    PEOPLE = "people"
    CONTACTS = "contacts"
    VISITS = "visits"


class PersonKind(StrEnum):
    """What a row of ``people.csv`` describes."""

    INMATE = "INMATE"
    VISITOR = "VISITOR"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a kind of file, and how many rows it may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    max_rows: int


_INMATES_ONLY: Final = ("housing_unit", "regime", "custody", "on_remand", "pin", "badge")
_BADGE: Final = r"[0-9a-fA-F]{8}|[0-9a-fA-F]{14}|[0-9a-fA-F]{20}"
_CREDENTIAL: Final = ("credential_type", "credential_number", "credential_verified_by")
_VISITORS_ONLY: Final = (*_CREDENTIAL, "credential_valid_until")

COLUMNS: Final[Mapping[Kind, Columns]] = {
    Kind.PEOPLE: Columns(
        required=("kind", "id", "name", "birth_date"),
        optional=("language", *_INMATES_ONLY, *_VISITORS_ONLY),
        max_rows=5_000,
    ),
    Kind.CONTACTS: Columns(
        required=("inmate", "visitor", "relationship"), optional=("approved",), max_rows=5_000
    ),
    Kind.VISITS: Columns(
        required=("inmate", "visitors", "visit_type", "starts"),
        optional=("terminal", "minutes"),
        max_rows=500,
    ),
}

_FIELD_OF_REFUSAL: Final[Mapping[RejectionCode, str]] = {
    RejectionCode.SLOT_UNAVAILABLE: "starts",
    RejectionCode.VISIT_OVER: "starts",
    RejectionCode.VISIT_TYPE_MISMATCH: "visit_type",
    RejectionCode.TERMINAL_OUT_OF_SERVICE: "terminal",
    RejectionCode.VISITOR_NOT_ON_LIST: "visitors",
    RejectionCode.VISITOR_BANNED: "visitors",
    RejectionCode.NO_ADULT: "visitors",
    RejectionCode.CREDENTIAL_NOT_VERIFIED: "visitors",
}
"""Which cell most likely has to change; other refusals concern the inmate."""


@dataclass(frozen=True, slots=True)
class Imported:
    """All rows of the file are in."""

    count: int


@dataclass(frozen=True, slots=True)
class RowsRejected:
    """Nothing of the file is in, for all these faults, by line."""

    rejected: tuple[Rejection, ...]


class _Undo(Exception):  # noqa: N818 — not an error: takes a transaction back with its reasons
    def __init__(self, rejected: Iterable[Rejection]) -> None:
        super().__init__()
        self.rejected = tuple(rejected)


@dataclass(frozen=True, slots=True)
class _Person:
    """A checked row of ``people.csv``: one of the two, or none for a row that was rejected."""

    inmate: Inmate | None = None
    visitor: Visitor | None = None
    pin: str | None = None
    badge: str | None = None


async def import_csv(
    store: Store,
    kind: Kind,
    content: bytes,
    *,
    now: datetime,
    orders: OrderBook,
    clock: ClockInterval,
    badge_hash: Callable[[str], str],
    by: Actor,
) -> Imported | RowsRejected:
    """How many rows were imported, or why none was.

    Raises:
        FacilityMissingError: before the facility was set.
        StoreError: the store failed; nothing was imported.
    """
    facility = await store.read(lambda db: Facilities(db).facility())
    if facility is None:
        raise FacilityMissingError
    columns = COLUMNS[kind]
    rows, rejected = read_rows(content, columns.required, columns.optional, columns.max_rows)
    zone = ZoneInfo(facility.timezone)
    write: Callable[[Database], None]
    match kind:
        case Kind.PEOPLE:
            people = [_person(row, zone, now) for row in rows]
            rejected += await store.read(lambda db: _faults_of_people(db, rows, people))
            pins = {} if rejected else await _hashed_pins(people)
            badges = {} if rejected else await _hashed_badges(people, badge_hash)
            write = partial(
                _put_people, rows=rows, people=people, pins=pins, badges=badges, now=now
            )
        case Kind.CONTACTS:
            contacts = [_contact(row) for row in rows]
            rejected += await store.read(lambda db: _faults_of_contacts(db, rows, contacts))
            write = partial(_put_contacts, rows=rows, contacts=contacts)
        case Kind.VISITS:
            proposals = [_proposal(row, zone) for row in rows]
            rejected += [fault for row in rows for fault in row.rejected]
            write = partial(
                _book_all,
                rows=rows,
                proposals=proposals,
                now=now,
                orders=orders,
                clock=clock,
                by=by,
            )
    if rejected:
        return _sorted(rejected)

    def import_all(db: Database) -> None:
        write(db)
        Journal(db).append(now, by.label, f"import.{kind}", "", {"rows": len(rows)})

    try:
        await store.write(import_all)
    except _Undo as undo:
        return _sorted(undo.rejected)
    return Imported(len(rows))


def _sorted(rejected: Iterable[Rejection]) -> RowsRejected:
    return RowsRejected(tuple(sorted(rejected, key=lambda one: (one.line, one.field, one.code))))


# ── people ─────────────────────────────────────────────────────────────────────────────────
def _person(row: Row, zone: ZoneInfo, now: datetime) -> _Person:
    kind = row.choice("kind", PersonKind)
    if row.rejected:
        return _Person()  # which of the other columns apply is anybody's guess
    person = _inmate(row) if kind is PersonKind.INMATE else _visitor(row, zone)
    known = person.inmate or person.visitor
    if known is not None and known.birth_date > now.astimezone(zone).date():
        row.reject("birth_date", "OUT_OF_RANGE", "lies in the future")
    return person


def _inmate(row: Row) -> _Person:
    _refuse_cells(row, _VISITORS_ONLY, "only a visitor has this")
    inmate = Inmate(
        id=InmateId(row.identifier("id")),
        name=row.text("name"),
        birth_date=row.day("birth_date"),
        housing_unit=HousingUnitId(row.identifier("housing_unit")),
        language=_language(row),
        regime=row.identifier("regime"),
        custody=row.choice("custody", Custody, Custody.HELD),
        on_remand=row.flag("on_remand", default=False),
    )
    pin = row.matching("pin", r"\d{4,8}", "4 to 8 digits") if row.has("pin") else None
    badge = None
    if row.has("badge"):
        badge = row.matching("badge", _BADGE, "a UID of 8, 14 or 20 hexadecimal digits").lower()
    return _Person(inmate=inmate, pin=pin, badge=badge or None)


def _visitor(row: Row, zone: ZoneInfo) -> _Person:
    _refuse_cells(row, _INMATES_ONLY, "only an inmate has this")
    credentials: tuple[Credential, ...] = ()
    if any(row.has(column) for column in _VISITORS_ONLY):
        credentials = (
            Credential(
                visit_type=_protected_type(row),
                number=row.text("credential_number", longest=64),
                verified_by=row.text("credential_verified_by", longest=64),
                valid_until=_end_of_day(row, zone),
            ),
        )
    return _Person(
        visitor=Visitor(
            id=VisitorId(row.identifier("id")),
            name=row.text("name"),
            birth_date=row.day("birth_date"),
            language=_language(row),
            credentials=credentials,
        )
    )


def _language(row: Row) -> str:
    if not row.has("language"):
        return "ru"
    return row.matching("language", r"[a-z]{2,3}", "an ISO 639 code such as ru")


def _protected_type(row: Row) -> VisitType:
    visit_type = row.choice("credential_type", VisitType)
    if row.has("credential_type") and not visit_type.protected:
        row.reject("credential_type", "NOT_PROTECTED", "this type of visit needs no credential")
    return visit_type


def _end_of_day(row: Row, zone: ZoneInfo) -> datetime | None:
    """A paper is valid to the end of the day that it names."""
    if not row.has("credential_valid_until"):
        return None
    day = row.day("credential_valid_until")
    if day == date.min:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1)


def _refuse_cells(row: Row, columns: Iterable[str], message: str) -> None:
    for column in columns:
        if row.has(column):
            row.reject(column, "NOT_APPLICABLE", message)


def _faults_of_people(db: Database, rows: list[Row], people: list[_Person]) -> list[Rejection]:
    units = {unit.id for unit in Facilities(db).housing_units()}
    rules = Rules(db)
    regimes: dict[str, bool] = {}
    seen: set[str] = set()
    badges: set[str | None] = set()
    for row, person in zip(rows, people, strict=True):
        ident = row.cells["id"]
        if ident and ident in seen:
            row.reject("id", "REPEATED", "is in the file twice")
        seen.add(ident)
        if person.badge is not None and person.badge in badges:
            row.reject("badge", "REPEATED", "is in the file twice")
        badges.add(person.badge)
        inmate = person.inmate
        if inmate is None:
            continue
        if row.has("housing_unit") and inmate.housing_unit not in units:
            row.reject("housing_unit", "UNKNOWN", "there is no such housing unit")
        if inmate.regime not in regimes:
            regimes[inmate.regime] = rules.allowance(inmate.regime) is not None
        if row.has("regime") and not regimes[inmate.regime]:
            row.reject("regime", "UNKNOWN", "there is no allowance for this regime")
    return [fault for row in rows for fault in row.rejected]


async def _hashed_pins(people: list[_Person]) -> dict[InmateId, str]:
    return {
        person.inmate.id: await hash_secret(person.pin)
        for person in people
        if person.inmate is not None and person.pin is not None
    }


async def _hashed_badges(
    people: list[_Person], badge_hash: Callable[[str], str]
) -> dict[InmateId, str]:
    def hashed() -> dict[InmateId, str]:
        return {
            person.inmate.id: badge_hash(person.badge)
            for person in people
            if person.inmate is not None and person.badge is not None
        }

    return await asyncio.to_thread(hashed)


def _put_people(
    db: Database,
    rows: list[Row],
    people: list[_Person],
    pins: Mapping[InmateId, str],
    badges: Mapping[InmateId, str],
    now: datetime,
) -> None:
    # Again, now that nobody can change anything between the looking and the writing.
    faults = _faults_of_people(db, rows, people)
    if faults:
        raise _Undo(faults)
    store = People(db)
    for person in people:
        if person.inmate is not None:
            store.put_inmate(person.inmate)
        if person.visitor is not None:
            store.put_visitor(person.visitor)
    for inmate, pin_hash in pins.items():
        store.set_pin_hash(inmate, pin_hash)
    for inmate, badge in badges.items():
        Badges(db).put(inmate, badge, now)


# ── contacts ───────────────────────────────────────────────────────────────────────────────
def _contact(row: Row) -> Contact:
    return Contact(
        id=ContactId(f"contact-{token_hex(6)}"),
        inmate=InmateId(row.identifier("inmate")),
        visitor=VisitorId(row.identifier("visitor")),
        relationship=row.choice("relationship", Relationship),
        approved=row.flag("approved", default=True),
    )


def _faults_of_contacts(db: Database, rows: list[Row], contacts: list[Contact]) -> list[Rejection]:
    people = People(db)
    seen: set[tuple[InmateId, VisitorId]] = set()
    for row, contact in zip(rows, contacts, strict=True):
        pair = (contact.inmate, contact.visitor)
        if pair in seen:
            row.reject("visitor", "REPEATED", "this pair is in the file twice")
        seen.add(pair)
        if contact.inmate and people.inmate(contact.inmate) is None:
            row.reject("inmate", "UNKNOWN", "there is no such inmate")
        if contact.visitor and people.visitor(contact.visitor) is None:
            row.reject("visitor", "UNKNOWN", "there is no such visitor")
    return [fault for row in rows for fault in row.rejected]


def _put_contacts(db: Database, rows: list[Row], contacts: list[Contact]) -> None:
    faults = _faults_of_contacts(db, rows, contacts)
    if faults:
        raise _Undo(faults)
    people = People(db)
    for contact in contacts:
        known = people.contact_between(contact.inmate, contact.visitor)
        # A pair keeps its id: suspension orders may name it.
        people.put_contact(contact if known is None else replace(contact, id=known.id))


# ── visits ─────────────────────────────────────────────────────────────────────────────────
def _proposal(row: Row, zone: ZoneInfo) -> Proposal:
    return Proposal(
        inmate=InmateId(row.identifier("inmate")),
        visitors=tuple(VisitorId(visitor) for visitor in row.identifiers("visitors")),
        visit_type=row.choice("visit_type", VisitType),
        starts=row.instant("starts", zone),
        terminal=TerminalId(row.identifier("terminal")) if row.has("terminal") else None,
        length=timedelta(minutes=row.number("minutes", least=1, most=240, default=15)),
    )


def _book_all(
    db: Database,
    rows: list[Row],
    proposals: list[Proposal],
    now: datetime,
    orders: OrderBook,
    clock: ClockInterval,
    by: Actor,
) -> None:
    # A row meets the rows before it as visits already booked, so a file cannot book twice.
    for row, proposal in zip(rows, proposals, strict=True):
        if proposal.starts < now:
            row.reject("starts", RejectionCode.VISIT_OVER, "lies in the past")
            continue
        answer = book(db, proposal, now, orders, clock, by)
        if isinstance(answer, Refused):
            for code in sorted({ground.code for ground in answer.grounds}):
                field = _FIELD_OF_REFUSAL.get(code, "inmate")
                row.reject(field, code, "the visit cannot be booked for this reason")
    faults = [fault for row in rows for fault in row.rejected]
    if faults:
        raise _Undo(faults)
