"""The facility's nouns as frozen values.

Guarantees: every instant is timezone-aware UTC, every wall-clock time is local to the facility
and says so, ids are distinct types. Leaves to others: where they are kept (`relay.store`) and
what follows from them (`schedule`, `policy`, `visit`).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NewType

from visit_protocol.vocabulary import (
    BookingStatus,
    DeviceState,
    Outcome,
    Relationship,
    RestrictionKind,
    StaffRole,
    TerminalFinding,
    VisitType,
)

FacilityId = NewType("FacilityId", str)
HousingUnitId = NewType("HousingUnitId", str)
TerminalId = NewType("TerminalId", str)
InmateId = NewType("InmateId", str)
VisitorId = NewType("VisitorId", str)
ContactId = NewType("ContactId", str)
VisitId = NewType("VisitId", str)
TemplateId = NewType("TemplateId", str)
StaffId = NewType("StaffId", str)
PersonId = NewType("PersonId", str)

DEFAULT_VISIT = timedelta(minutes=15)
ADULT_AGE = 18


@dataclass(frozen=True, slots=True)
class Facility:
    """The one facility this relay serves."""

    id: FacilityId
    name: str
    timezone: str
    """IANA name, e.g. ``Asia/Yekaterinburg``."""


@dataclass(frozen=True, slots=True)
class HousingUnit:
    """A wing (отряд) inside the facility."""

    id: HousingUnitId
    name: str


@dataclass(frozen=True, slots=True)
class Terminal:
    """The device in a booth."""

    id: TerminalId
    label: str
    housing_unit: HousingUnitId
    visit_types: frozenset[VisitType]
    """The kinds of visit this booth is fit for."""
    in_service: bool = True


class Custody(StrEnum):
    """Whether an inmate is here to be visited."""

    HELD = "HELD"
    MOVED = "MOVED"
    RELEASED = "RELEASED"


@dataclass(frozen=True, slots=True)
class Inmate:
    """A person held in the facility."""

    id: InmateId
    name: str
    birth_date: date
    housing_unit: HousingUnitId
    language: str
    regime: str
    """Names the `Allowance` that applies."""
    custody: Custody = Custody.HELD
    on_remand: bool = False
    """Needs a `CallPermit` for every unprotected visit."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A verified paper that makes a visitor counsel, consul, ombudsman, physician or clergy."""

    visit_type: VisitType
    number: str
    verified_by: str
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person outside who takes part in visits."""

    id: VisitorId
    name: str
    birth_date: date
    language: str
    credentials: tuple[Credential, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """An approved (inmate, visitor) pair with a relationship."""

    id: ContactId
    inmate: InmateId
    visitor: VisitorId
    relationship: Relationship
    approved: bool = True


@dataclass(frozen=True, slots=True)
class Restriction:
    """A standing restriction on an inmate, a visitor, or (both set) their pair."""

    id: str
    kind: RestrictionKind
    starts: datetime
    expires: datetime | None
    inmate: InmateId | None = None
    visitor: VisitorId | None = None
    comment: str = ""
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class NonAssociation:
    """Two inmates who must not be at terminals at the same time."""

    one: InmateId
    other: InmateId


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many unprotected visits a regime gives per rolling period."""

    regime: str
    visits: int
    period: timedelta


@dataclass(frozen=True, slots=True)
class CallPermit:
    """An investigator's or a court's written permission for a person on remand; one call."""

    id: str
    inmate: InmateId
    visitor: VisitorId
    issued_by: str
    valid_from: datetime
    valid_until: datetime
    used_by: VisitId | None = None


@dataclass(frozen=True, slots=True)
class SessionTemplate:
    """A weekly pattern of slots in the facility's own time."""

    id: TemplateId
    name: str
    rrule: str
    """RFC 5545 RRULE value; expanded in naive local time."""
    first_day: date
    starts_at: time
    """Local wall-clock time of the first slot of a day that the rule names."""
    slot: timedelta
    slots_per_day: int
    """Slots follow one another without a gap."""
    capacity: int
    """Visits that one slot takes over all terminals."""
    visit_types: frozenset[VisitType]
    valid_from: date
    valid_to: date | None = None
    """Last local day of validity, inclusive; None is open-ended."""
    housing_units: frozenset[HousingUnitId] = field(default_factory=frozenset)
    """Empty means every housing unit."""


@dataclass(frozen=True, slots=True)
class ExcludeDate:
    """A local day on which no slot is offered, by one template or (None) by all."""

    day: date
    template: TemplateId | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in the timetable, as instants."""

    template: TemplateId
    starts: datetime
    ends: datetime
    capacity: int
    visit_types: frozenset[VisitType]
    housing_units: frozenset[HousingUnitId]


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking and its life."""

    id: VisitId
    reference: str
    """What people say on the telephone, e.g. ``V-7K2M``."""
    visit_type: VisitType
    inmate: InmateId
    visitors: tuple[VisitorId, ...]
    """The first one holds the link; the others accompany."""
    terminal: TerminalId
    starts: datetime
    ends: datetime
    status: BookingStatus
    outcome: Outcome | None = None
    """Set exactly when the visit is over."""

    @property
    def recorded(self) -> bool:
        """Whether this visit's media is recorded; a protected one never is."""
        return not self.visit_type.protected


@dataclass(frozen=True, slots=True)
class TerminalState:
    """What a terminal last said of itself."""

    connected: bool
    engine: bool
    camera: DeviceState
    microphone: DeviceState
    board_missing: bool = False
    """It carries no visit without its board, and the board is away or its case is open."""
    findings: tuple[TerminalFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """An account of a member of staff; the secret stays in the store."""

    id: StaffId
    user: str
    role: StaffRole
    person: PersonId
    """The human being behind it: where two people must agree, accounts do not count."""
    enabled: bool = True
