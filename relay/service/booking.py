"""Booking: a proposal becomes a visit with a link, or is refused with every reason.

Guarantees: only what `relay.core.policy` accepts is booked, decided on the facts of the same
transaction that writes it; each booking, link and calling-off is in the journal. Leaves to others:
who may ask (`relay.web`), and what happens once the slot opens (`relay.service.visits`).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from relay.core.case import Ground
from relay.core.model import (
    DEFAULT_VISIT,
    Inmate,
    InmateId,
    Terminal,
    TerminalId,
    Visit,
    VisitId,
    VisitorId,
)
from relay.core.policy import Purpose, Request, decide
from relay.core.schedule import FIRST_YEAR, LAST_YEAR
from relay.core.visit import IllegalEventError, VisitMachine
from relay.core.visit_events import Cancelled, event_from_payload, event_to_payload
from relay.service.facts import gather
from relay.service.rebooking import note_rebooked
from relay.service.staff import Actor
from relay.store.facilities import Facilities
from relay.store.journal import Journal
from relay.store.links import Links
from relay.store.people import People
from relay.store.rules import Rules
from relay.store.secret import fingerprint, new_secret
from relay.store.sqlite import Database
from relay.store.visit_events import VisitEvents
from relay.store.visits import Visits
from suspension import ClockInterval, OrderBook
from visit_protocol.vocabulary import BookingStatus, Outcome, RejectionCode, VisitType

_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0, 1, I, O: a reference is read out over the telephone."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody would like to book."""

    inmate: InmateId
    visitors: tuple[VisitorId, ...]
    """The first one gets the link; the others accompany."""
    visit_type: VisitType
    starts: datetime
    terminal: TerminalId | None = None
    """None: the first terminal that will do, those of the inmate's housing unit first."""
    length: timedelta = DEFAULT_VISIT


@dataclass(frozen=True, slots=True)
class Booked:
    """The visit is booked. ``token`` belongs into the visitor's link, and is told only here."""

    visit: Visit
    token: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The visit cannot be booked, for all these reasons."""

    grounds: tuple[Ground, ...]


def book(
    db: Database,
    proposal: Proposal,
    now: datetime,
    orders: OrderBook,
    clock: ClockInterval,
    by: Actor,
) -> Booked | Refused:
    """The booking, or why there is none.

    Raises:
        FacilityMissingError: before the facility was set.
    """
    found = _first_allowed(db, proposal, now, orders, clock)
    if isinstance(found, Refused):
        return found
    Visits(db).add(found, now)
    displaced = note_rebooked(db, found, orders, clock, now)
    Journal(db).append(
        now,
        by.label,
        "visit.booked",
        found.id,
        {
            "reference": found.reference,
            "visit_type": found.visit_type,
            "inmate": found.inmate,
            "visitors": list(found.visitors),
            "terminal": found.terminal,
            "starts": found.starts.isoformat(),
            **({} if displaced is None else {"in_place_of": displaced.id}),
        },
    )
    return Booked(found, issue_link(db, found, now, by))


def issue_link(db: Database, visit: Visit, now: datetime, by: Actor) -> str:
    """A new token for the visit's first visitor; every earlier link stops working."""
    token = new_secret()
    Links(db).issue(fingerprint(token), visit.id, visit.visitors[0], now, visit.ends)
    Journal(db).append(now, by.label, "link.issued", visit.id, {"visitor": visit.visitors[0]})
    return token


def call_off(db: Database, visit: Visit, outcome: Outcome, now: datetime, by: Actor) -> None:
    """End a visit that no relay is running: for whoever holds the data folder's lock.

    A running relay calls a visit off through its machine (`relay.service.visits`).
    """
    events = VisitEvents(db)
    history = events.of(visit.id)
    machine = VisitMachine.replay(
        visit.starts,
        visit.ends,
        ((event_from_payload(row.kind, row.payload), row.at) for row in history),
    )
    at = max(now, history[-1].at) if history else now
    event = Cancelled(outcome, by.label)
    try:
        machine.handle(event, at)
    except IllegalEventError:
        pass  # it has ended, suspended, and now for good: only the outcome changes
    else:
        events.append(visit.id, at, *event_to_payload(event))
    visits = Visits(db)
    visits.set_status(visit.id, BookingStatus.CANCELLED)
    visits.set_outcome(visit.id, outcome)
    Rules(db).release_permits(visit.id)
    Journal(db).append(at, by.label, "visit.ended", visit.id, {"outcome": outcome})


def _first_allowed(
    db: Database, proposal: Proposal, now: datetime, orders: OrderBook, clock: ClockInterval
) -> Visit | Refused:
    if not FIRST_YEAR < proposal.starts.year < LAST_YEAR:
        return Refused((Ground(RejectionCode.SLOT_UNAVAILABLE),))
    refusals: list[Refused] = []
    for terminal in _candidates(db, proposal):
        visit = Visit(
            id=VisitId(f"visit-{secrets.token_hex(8)}"),
            reference=_new_reference(Visits(db)),
            visit_type=proposal.visit_type,
            inmate=proposal.inmate,
            visitors=tuple(dict.fromkeys(proposal.visitors)),
            terminal=terminal,
            starts=proposal.starts,
            ends=proposal.starts + proposal.length,
            status=BookingStatus.APPROVED,
        )
        facts = gather(db, visit, orders, clock, None)
        decision = decide(Request(Purpose.BOOK, visit), facts, now)
        if decision.allowed:
            return visit
        refusals.append(Refused(decision.grounds))
    if not refusals:
        return Refused((Ground(RejectionCode.SLOT_UNAVAILABLE),))
    # The terminal that came closest tells most about what to change.
    return min(refusals, key=lambda refused: len(refused.grounds))


def _candidates(db: Database, proposal: Proposal) -> Sequence[TerminalId]:
    if proposal.terminal is not None:
        return [proposal.terminal]
    inmate = People(db).inmate(proposal.inmate)
    fit = [
        terminal
        for terminal in Facilities(db).terminals()
        if terminal.in_service and proposal.visit_type in terminal.visit_types
    ]
    return [terminal.id for terminal in sorted(fit, key=lambda one: _distance(one, inmate))]


def _distance(terminal: Terminal, inmate: Inmate | None) -> tuple[bool, TerminalId]:
    return inmate is None or terminal.housing_unit != inmate.housing_unit, terminal.id


def _new_reference(visits: Visits) -> str:
    length = 4
    while True:
        text = "".join(secrets.choice(_ALPHABET) for _ in range(length))
        reference = f"V-{text}"
        if visits.by_reference(reference) is None:
            return reference
        length = min(length + 1, 12)  # the short ones are running out
