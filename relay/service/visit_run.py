"""`VisitRun`: one visit in memory, with its people, its machine and who attends it."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from relay.core.model import (
    Contact,
    Facility,
    HousingUnit,
    Inmate,
    Terminal,
    Visit,
    Visitor,
)
from relay.core.policy import subject
from relay.core.visit import VisitMachine
from relay.core.visit_events import event_from_payload
from relay.service.client import Client
from relay.store.facilities import Facilities
from relay.store.notices import Notices
from relay.store.people import People
from relay.store.sqlite import Database
from relay.store.visit_events import VisitEvents
from suspension import Subject
from visit_protocol.vocabulary import CallState, Party

NOTICE_VERSION = "2026-11"
"""Version of the notice in ``locales/*/notice.ftl`` that parties accept."""

_UNDER_WAY = frozenset(CallState) - {CallState.SCHEDULED, CallState.ENDED}
_IN_CALL = frozenset({CallState.LIVE, CallState.PAUSED, CallState.RECONNECTING})


@dataclass(slots=True)
class VisitRun:
    """A visit between its loading and its end."""

    facility: Facility
    visit: Visit
    inmate: Inmate
    visitors: tuple[Visitor, ...]
    contacts: tuple[Contact, ...]
    terminal: Terminal
    housing_unit: HousingUnit
    subject: Subject
    machine: VisitMachine
    last_at: datetime
    """Instant of the latest event; the next one is never earlier."""
    notices_accepted: set[Party] = field(default_factory=set)
    attending: dict[Party, Client] = field(default_factory=dict)
    """Clients that have joined, whether or not their media has arrived."""
    codec_missing: bool = False
    """No party has joined since it turned out that they have no video codec in common."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while an event is handled and kept."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a worker is found, so that two parties do not open two calls."""

    @property
    def under_way(self) -> bool:
        """Whether the slot has opened and the visit has not ended."""
        return self.machine.state in _UNDER_WAY

    @property
    def in_call(self) -> bool:
        """Whether the parties have met and may meet again."""
        return self.machine.state in _IN_CALL

    def person(self, party: Party) -> str:
        """Id of the person who answers for a party."""
        return self.inmate.id if party is Party.INMATE else self.visitors[0].id


def load(db: Database, facility: Facility, visit: Visit) -> VisitRun | None:
    """The visit as the store knows it, its machine replayed; None when its facts are missing.

    Raises:
        ValueError: an event in the store that this version does not know.
        IllegalEventError: events that no machine can have written.
    """
    people, facilities = People(db), Facilities(db)
    inmate, terminal = people.inmate(visit.inmate), facilities.terminal(visit.terminal)
    found = [people.visitor(visitor) for visitor in visit.visitors]
    visitors = tuple(visitor for visitor in found if visitor is not None)
    if inmate is None or terminal is None or not visitors or len(visitors) != len(found):
        return None
    units = {unit.id: unit for unit in facilities.housing_units()}
    pairs = [people.contact_between(visit.inmate, visitor) for visitor in visit.visitors]
    contacts = tuple(contact for contact in pairs if contact is not None)
    history = VisitEvents(db).of(visit.id)
    machine = VisitMachine.replay(
        visit.starts,
        visit.ends,
        ((event_from_payload(row.kind, row.payload), row.at) for row in history),
    )
    notices = Notices(db)
    run = VisitRun(
        facility=facility,
        visit=visit,
        inmate=inmate,
        visitors=visitors,
        contacts=contacts,
        terminal=terminal,
        housing_unit=units[inmate.housing_unit],
        subject=subject(facility.id, visit, inmate, contacts, terminal),
        machine=machine,
        last_at=history[-1].at if history else visit.starts,
    )
    run.notices_accepted = {
        party
        for party in Party
        if notices.accepted(visit.id, party, run.person(party), NOTICE_VERSION)
    }
    return run
