"""Who was displaced rebooks first: places that a booking keeps for them, and the mark that ends it.

Guarantees: for `PRIORITY` after an order has ended, up to half the places of a slot (rounded up)
are kept for suspended visits that fit it and were not rebooked; whoever of those books uses a kept
place, and then has none any more. Leaves to others: every other rule of a booking
(`relay.core.policy`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from relay.core.model import HousingUnitId, InmateId, Slot, Visit
from relay.core.rules.place import fits
from relay.store.displaced import Displaced
from relay.store.people import People
from relay.store.sqlite import Database
from relay.store.visits import Visits
from suspension import ClockInterval, OrderBook, OrderKind

PRIORITY: Final = timedelta(hours=72)


def kept_places(
    db: Database,
    visit: Visit,
    unit: HousingUnitId,
    slots: Iterable[Slot],
    orders: OrderBook,
    clock: ClockInterval,
) -> int:
    """How many places of the visit's slot are kept for others who were displaced."""
    room = sum(slot.capacity for slot in slots if fits(slot, visit, unit))
    waiting = _first_to_rebook(db, orders, clock)
    if not room or any(_takes_place_of(visit, one) for one in waiting):
        return 0
    units: dict[InmateId, HousingUnitId | None] = {}
    people = People(db)
    wanting = 0
    for one in waiting:
        if one.inmate not in units:
            inmate = people.inmate(one.inmate)
            units[one.inmate] = None if inmate is None else inmate.housing_unit
        place = units[one.inmate]
        wanting += place is not None and any(
            one.visit_type in slot.visit_types
            and (not slot.housing_units or place in slot.housing_units)
            for slot in slots
        )
    return min(wanting, (room + 1) // 2)


def note_rebooked(
    db: Database, visit: Visit, orders: OrderBook, clock: ClockInterval, now: datetime
) -> Visit | None:
    """The displaced visit whose place the new ``visit`` takes, marked as rebooked, or None."""
    for one in _first_to_rebook(db, orders, clock):
        if _takes_place_of(visit, one):
            Displaced(db).rebook(one.id, visit.id, now)
            return one
    return None


def _first_to_rebook(db: Database, orders: OrderBook, clock: ClockInterval) -> list[Visit]:
    """Suspended visits, not rebooked, whose order ended less than `PRIORITY` ago; by start."""
    fresh = {ident for ident in orders.ids if _ended_lately(orders, ident, clock)}
    found = {visit: None for visit, order in Displaced(db).waiting() if order in fresh}
    visits = (Visits(db).get(ident) for ident in found)
    return [visit for visit in visits if visit is not None]


def _ended_lately(orders: OrderBook, ident: str, clock: ClockInterval) -> bool:
    head = orders.head(ident)[0]
    ended = head.issued if head.kind is OrderKind.LIFT else head.expires
    return clock.has_reached(ended) and not clock.has_reached(ended + PRIORITY)


def _takes_place_of(visit: Visit, displaced: Visit) -> bool:
    """Same inmate, same kind, and somebody of the same visitors."""
    return (
        visit.inmate == displaced.inmate
        and visit.visit_type is displaced.visit_type
        and not set(visit.visitors).isdisjoint(displaced.visitors)
    )
