"""What a decision is about: the request, the facts, the time, and the answer's parts.

Guarantees: frozen values; a fact that is not known is None and never an empty default.
Leaves to others: gathering facts (`relay.service`), the rules (`relay.core.rules`), and the
verdict (`relay.core.policy`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from relay.core.model import (
    ADULT_AGE,
    Allowance,
    CallPermit,
    Contact,
    Facility,
    Inmate,
    NonAssociation,
    Restriction,
    Slot,
    Terminal,
    TerminalState,
    Visit,
    Visitor,
)
from suspension import ClockInterval, OrderBook, SuspensionOrder
from visit_protocol.vocabulary import (
    BookingStatus,
    Outcome,
    Party,
    RejectionCode,
    RestrictionKind,
)


class Purpose(StrEnum):
    """What is asked for; each purpose has its own rules."""

    BOOK = "BOOK"
    JOIN = "JOIN"
    CONTINUE = "CONTINUE"


@dataclass(frozen=True, slots=True)
class Request:
    """The question: may this visit be booked, be joined by ``party``, or go on."""

    purpose: Purpose
    visit: Visit
    """The booking, proposed or existing, its end as extended by minutes given back."""
    party: Party | None = None
    """Who joins; only `Purpose.JOIN` needs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a decision may look at. None means *not known*; *none at all* is empty."""

    facility: Facility
    inmate: Inmate | None = None
    visitors: tuple[Visitor, ...] | None = None
    contacts: tuple[Contact, ...] | None = None
    """Between the inmate and the visitors, revoked ones included."""
    restrictions: tuple[Restriction, ...] | None = None
    allowance: Allowance | None = None
    allowance_used: int | None = None
    """Unprotected visits in the running period that count, without this one."""
    permits: tuple[CallPermit, ...] | None = None
    non_associations: tuple[NonAssociation, ...] | None = None
    clashing: tuple[Visit, ...] | None = None
    """Other unfinished visits at the same time."""
    slots: tuple[Slot, ...] | None = None
    """Slots of the timetable that are running when the visit starts."""
    slot_taken: int | None = None
    """Unfinished visits, without this one, in those of ``slots`` that fit this visit, and the
    places there that are kept for others whose visit an order displaced."""
    terminal: Terminal | None = None
    terminal_state: TerminalState | None = None
    orders: OrderBook | None = None
    clock: ClockInterval | None = None
    notices_accepted: frozenset[Party] | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for a no."""

    code: RejectionCode
    until: datetime | None = None
    """When this reason falls away by itself, if that is known."""
    order: SuspensionOrder | None = None
    """The order, exactly when the code is ``SUSPENDED_BY_ORDER``."""


MISSING: Final = Ground(RejectionCode.FACTS_MISSING)

_NEVER_TAKES_PLACE: Final = frozenset(
    {BookingStatus.REJECTED, BookingStatus.WITHDRAWN, BookingStatus.CANCELLED}
)
_MAY_RESUME: Final = frozenset({None, Outcome.SUSPENDED_BY_ORDER})
"""An order that is lifted within the slot gives the visit back; any other end is final."""


def is_closed(visit: Visit) -> bool:
    """Whether the visit can never take place (again), whatever the time."""
    return visit.status in _NEVER_TAKES_PLACE or visit.outcome not in _MAY_RESUME


@dataclass(frozen=True, slots=True)
class Case:
    """One request with its facts at one time: all that a rule is given."""

    request: Request
    facts: Facts
    now: datetime

    @property
    def visit(self) -> Visit:
        """The visit that is asked about."""
        return self.request.visit

    @property
    def visitors(self) -> tuple[Visitor, ...]:
        """The known people among the visit's visitors."""
        return tuple(one for one in self.facts.visitors or () if one.id in self.visit.visitors)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The time a reason must meet: the whole visit when booking, this moment after."""
        if self.request.purpose is Purpose.BOOK:
            return self.visit.starts, self.visit.ends
        return self.now, self.now

    def is_of_visit(self, contact: Contact) -> bool:
        """Whether the contact joins this visit's inmate with one of its visitors."""
        return contact.inmate == self.visit.inmate and contact.visitor in self.visit.visitors

    def restrictions_of(self, kind: RestrictionKind) -> tuple[Restriction, ...]:
        """The known restrictions of ``kind`` that meet the visit in time and in person.

        A side left open reaches everybody on that side, so one that names nobody reaches all.
        """
        begins, ends = self.span
        return tuple(
            one
            for one in self.facts.restrictions or ()
            if one.kind is kind
            and one.starts <= ends
            and (one.expires is None or begins < one.expires)
            and one.inmate in (None, self.visit.inmate)
            and (one.visitor is None or one.visitor in self.visit.visitors)
        )

    def is_minor(self, visitor: Visitor) -> bool:
        """Whether the visitor is under age on the visit's day, as the facility counts days."""
        zone = ZoneInfo(self.facts.facility.timezone)
        return age_on(visitor.birth_date, self.visit.starts.astimezone(zone).date()) < ADULT_AGE

    def overlapping(self) -> tuple[Visit, ...]:
        """The known other visits that share a moment with this one and may take place."""
        return tuple(
            other
            for other in self.facts.clashing or ()
            if other.id != self.visit.id
            and not is_closed(other)
            and other.starts < self.visit.ends
            and self.visit.starts < other.ends
        )


def age_on(born: date, day: date) -> int:
    """Full years of age on ``day``; somebody born on 29 February has a birthday on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
