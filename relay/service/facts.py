"""`gather`: everything a decision may look at, read from the store in one go.

Guarantees: a fact that the store does not hold is None or missing from its list, never a guess,
so that the policy denies. Leaves to others: the decision (`relay.core.policy`).
"""

from datetime import datetime

from relay.core.case import Facts, is_closed
from relay.core.model import (
    Allowance,
    Facility,
    Inmate,
    InmateId,
    Slot,
    TerminalState,
    Visit,
    VisitId,
)
from relay.core.rules.place import fits
from relay.core.schedule import slots_at
from relay.service.rebooking import kept_places
from relay.service.visit_run import NOTICE_VERSION
from relay.store.facilities import Facilities
from relay.store.notices import Notices
from relay.store.people import People
from relay.store.rules import Rules
from relay.store.sqlite import Database
from relay.store.timetable import Timetable
from relay.store.visits import Visits
from suspension import ClockInterval, OrderBook
from visit_protocol.vocabulary import Party


class FacilityMissingError(Exception):
    """The store was never told which facility it serves: nothing can be decided."""


def gather(
    db: Database,
    visit: Visit,
    orders: OrderBook,
    clock: ClockInterval,
    terminal_state: TerminalState | None,
) -> Facts:
    """The facts about ``visit``, proposed or existing, for any purpose.

    Raises:
        FacilityMissingError: before the facility was set.
    """
    facility = Facilities(db).facility()
    if facility is None:
        raise FacilityMissingError
    people, rules, visits = People(db), Rules(db), Visits(db)
    inmate = people.inmate(visit.inmate)
    visitors = [people.visitor(visitor) for visitor in visit.visitors]
    contacts = [people.contact_between(visit.inmate, visitor) for visitor in visit.visitors]
    others = tuple(one for one in visits.between(visit.starts, visit.ends) if one.id != visit.id)
    slots = _slots(Timetable(db), facility, visit)
    allowance = None if inmate is None else rules.allowance(inmate.regime)
    return Facts(
        facility=facility,
        inmate=inmate,
        visitors=tuple(visitor for visitor in visitors if visitor is not None),
        contacts=tuple(contact for contact in contacts if contact is not None),
        restrictions=rules.restrictions(visit.inmate, visit.visitors),
        allowance=allowance,
        allowance_used=None
        if allowance is None
        else used_around(visits, visit.inmate, visit.starts, allowance, visit.id),
        permits=rules.permits(visit.inmate),
        non_associations=rules.non_associations(visit.inmate),
        clashing=others,
        slots=slots,
        slot_taken=None
        if inmate is None
        else _taken(people, slots, visit, inmate, others)
        + kept_places(db, visit, inmate.housing_unit, slots, orders, clock),
        terminal=Facilities(db).terminal(visit.terminal),
        terminal_state=terminal_state,
        orders=orders,
        clock=clock,
        notices_accepted=_accepted(Notices(db), visit),
    )


def _slots(timetable: Timetable, facility: Facility, visit: Visit) -> tuple[Slot, ...]:
    return slots_at(
        timetable.templates(), timetable.exclude_dates(), facility.timezone, visit.starts
    )


def _taken(
    people: People, slots: tuple[Slot, ...], visit: Visit, inmate: Inmate, others: tuple[Visit, ...]
) -> int:
    """Other visits that may take place in a slot that also fits this visit."""
    fitting = [slot for slot in slots if fits(slot, visit, inmate.housing_unit)]
    taken = 0
    for other in others:
        if is_closed(other):
            continue
        held = people.inmate(other.inmate)
        if held is not None and any(fits(slot, other, held.housing_unit) for slot in fitting):
            taken += 1
    return taken


def used_around(
    visits: Visits,
    inmate: InmateId,
    starts: datetime,
    allowance: Allowance,
    but: VisitId | None = None,
) -> int:
    """The most visits that any period of that length around ``starts`` already holds.

    A rolling period may begin at any visit; only those that contain this instant matter. Looking
    both ways keeps somebody from filling next week first and this week afterwards.
    """
    period = allowance.period
    spent = visits.spending_starts(inmate, starts - period, starts + period, but)
    begins = [start for start in spent if starts - period < start <= starts]
    return max(
        sum(begin <= start < begin + period for start in spent) for begin in (*begins, starts)
    )


def _accepted(notices: Notices, visit: Visit) -> frozenset[Party]:
    people: dict[Party, str] = {Party.INMATE: visit.inmate}
    if visit.visitors:
        people[Party.VISITOR] = visit.visitors[0]
    return frozenset(
        party
        for party, person in people.items()
        if notices.accepted(visit.id, party, person, NOTICE_VERSION)
    )
