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
from relay.store.rules import Rules
from relay.store.sqlite import Database
from relay.store.visits import Visits
from suspension import ClockInterval
from visit_protocol.signalling import OwnPlan, PlannedVisit, Refusal, VisitsLeft

LOOK: Final = timedelta(days=60)
AT_MOST: Final = 8


async def own_plan(inmate: Inmate, *, store: Store, clock: Clock, desk: VisitDesk) -> OwnPlan:
    """The inmate's visits from now on, the next first."""
    now, interval = clock.now(), clock.interval()

    def read(db: Database) -> OwnPlan:
        booked = Visits(db).of_inmate(inmate.id, now, now + LOOK)
        coming = [visit for visit in booked if not is_closed(visit)][:AT_MOST]
        return OwnPlan(
            visits=tuple(_planned(db, visit, desk, interval, now) for visit in coming),
            allowance=_left(db, inmate, now),
        )

    return await store.read(read)


def _planned(
    db: Database, visit: Visit, desk: VisitDesk, interval: ClockInterval, now: datetime
) -> PlannedVisit:
    terminal = Facilities(db).terminal(visit.terminal)
    visitor = People(db).visitor(visit.visitors[0])
    return PlannedVisit(
        reference=visit.reference,
        visit_type=visit.visit_type,
        starts=visit.starts,
        ends=visit.ends,
        terminal_label=terminal.label if terminal else visit.terminal,
        visitor_name=visitor.name if visitor else visit.visitors[0],
        refusals=_refusals(db, visit, desk, interval, now),
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
