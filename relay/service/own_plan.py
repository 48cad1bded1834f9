"""`own_plan`: what an inmate may know of their own visits to come.

Guarantees: only this inmate's visits; each with every reason why it cannot be, asked of the same
policy and orders that decide at its slot; what is left of the allowance counts as booking does.
Leaves to others: that it is really they (`booths`).
"""

from datetime import datetime, timedelta
from typing import Final

from relay.clock import Clock
from relay.core.case import Purpose, Request, is_closed
from relay.core.model import Inmate, Visit
from relay.core.policy import decide
from relay.service.facts import gather, used_around
from relay.service.views import refusals_of
from relay.service.visits import VisitDesk
from relay.store.database import Store
from relay.store.facilities import Facilities
from relay.store.people import People
from relay.store.requests import RequestRow, Requests
from relay.store.rules import Rules
from relay.store.sqlite import Database
from relay.store.visits import Visits
from suspension import ClockInterval
from visit_protocol.signalling import (
    OwnPlan,
    OwnRequest,
    PermitFor,
    PlannedVisit,
    Refusal,
    VisitsLeft,
)

LOOK: Final = timedelta(days=60)
LOOK_BACK: Final = timedelta(days=30)
AT_MOST: Final = 8


async def own_plan(inmate: Inmate, *, store: Store, clock: Clock, desk: VisitDesk) -> OwnPlan:
    """The inmate's visits from now on, the next first."""
    now, interval = clock.now(), clock.interval()

    def read(db: Database) -> OwnPlan:
        booked = Visits(db).of_inmate(inmate.id, now, now + LOOK)
        coming = [visit for visit in booked if not is_closed(visit)][:AT_MOST]
        past = [
            visit
            for visit in Visits(db).of_inmate(inmate.id, now - LOOK_BACK, now)
            if is_closed(visit) or visit.ends <= now
        ]
        return OwnPlan(
            visits=tuple(
                _planned(db, visit, _refusals(db, visit, desk, interval, now)) for visit in coming
            ),
            allowance=_left(db, inmate, now),
            last=_planned(db, max(past, key=lambda visit: visit.starts), ()) if past else None,
            permits_for=_permits_for(db, inmate, now),
            requests=tuple(_own(row) for row in Requests(db).of_inmate(inmate.id, AT_MOST)),
        )

    return await store.read(read)


def _planned(db: Database, visit: Visit, refusals: tuple[Refusal, ...]) -> PlannedVisit:
    terminal = Facilities(db).terminal(visit.terminal)
    visitor = People(db).visitor(visit.visitors[0])
    return PlannedVisit(
        reference=visit.reference,
        visit_type=visit.visit_type,
        starts=visit.starts,
        ends=visit.ends,
        terminal_label=terminal.label if terminal else visit.terminal,
        visitor_name=visitor.name if visitor else visit.visitors[0],
        refusals=refusals,
    )


def _permits_for(db: Database, inmate: Inmate, now: datetime) -> tuple[PermitFor, ...]:
    """On remand: the contacts with whom a call needs a permit that is not there."""
    if not inmate.on_remand:
        return ()
    there = {
        permit.visitor
        for permit in Rules(db).permits(inmate.id)
        if permit.used_by is None and now < permit.valid_until
    }
    people = People(db)
    found = []
    for contact in people.contacts(inmate.id):
        visitor = people.visitor(contact.visitor)
        wanted = contact.relationship.required_type
        protected = wanted is not None and wanted.protected
        if visitor is not None and contact.approved and not protected and visitor.id not in there:
            found.append(PermitFor(visitor=visitor.id, name=visitor.name))
    return tuple(found[:AT_MOST])


def _own(row: RequestRow) -> OwnRequest:
    return OwnRequest(
        kind=row.kind,
        filed=row.filed,
        due=row.due,
        answered=row.answered,
        granted=row.granted,
        answer=row.answer,
    )


def _refusals(
    db: Database, visit: Visit, desk: VisitDesk, interval: ClockInterval, now: datetime
) -> tuple[Refusal, ...]:
    at = ClockInterval(max(interval.lo, visit.starts), max(interval.hi, visit.ends))
    facts = gather(db, visit, desk.orders, at, None)
    grounds = decide(Request(Purpose.CONTINUE, visit), facts, now).grounds
    return refusals_of(grounds, desk.facility)


def _left(db: Database, inmate: Inmate, now: datetime) -> VisitsLeft | None:
    allowance = Rules(db).allowance(inmate.regime)
    if allowance is None:
        return None
    used = used_around(Visits(db), inmate.id, now, allowance)
    left = max(0, allowance.visits - used)
    return VisitsLeft(left=left, visits=allowance.visits, days=max(1, allowance.period.days))
