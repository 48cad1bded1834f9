"""Rules about when and where: timetable, clashes, terminal, suspension orders, slot, notice."""

from collections.abc import Iterator
from typing import Final

from relay.core.case import MISSING, Case, Ground, Purpose, is_closed
from relay.core.model import Contact, FacilityId, HousingUnitId, Inmate, Slot, Terminal, Visit
from suspension import ClockInterval, Subject, denying
from visit_protocol.vocabulary import BookingStatus, DeviceState, Party, RejectionCode

_WORKING: Final = frozenset({DeviceState.OK, DeviceState.SYNTHETIC})


def slot_free(case: Case) -> Iterator[Ground]:
    """The timetable offers all of the visit, to this type and housing unit, and has room."""
    slots, taken, inmate = case.facts.slots, case.facts.slot_taken, case.facts.inmate
    if slots is None or taken is None or inmate is None:
        yield MISSING
        return
    room = sum(one.capacity for one in slots if fits(one, case.visit, inmate.housing_unit))
    if taken >= room:
        yield Ground(RejectionCode.SLOT_UNAVAILABLE)


def fits(slot: Slot, visit: Visit, unit: HousingUnitId) -> bool:
    """Whether the slot offers all of the visit, to its type and to an inmate of that unit."""
    return (
        slot.starts <= visit.starts < visit.ends <= slot.ends
        and visit.visit_type in slot.visit_types
        and (not slot.housing_units or unit in slot.housing_units)
    )


def nobody_twice(case: Case) -> Iterator[Ground]:
    """Inmate, visitors and terminal are in no other visit at the same time."""
    if case.facts.clashing is None:
        yield MISSING
    for other in case.overlapping():
        if (
            other.inmate == case.visit.inmate
            or other.terminal == case.visit.terminal
            or not set(case.visit.visitors).isdisjoint(other.visitors)
        ):
            yield Ground(RejectionCode.DOUBLE_BOOKING)


def associations(case: Case) -> Iterator[Ground]:
    """No inmate who must be kept apart from this one is at a terminal at the same time."""
    if case.facts.clashing is None or case.facts.non_associations is None:
        yield MISSING
        return
    apart = {frozenset({pair.one, pair.other}) for pair in case.facts.non_associations}
    for other in case.overlapping():
        if frozenset({case.visit.inmate, other.inmate}) in apart:
            yield Ground(RejectionCode.NON_ASSOCIATION)


def terminal_in_service(case: Case) -> Iterator[Ground]:
    """The booth is known and staff have not taken it out of service."""
    if case.facts.terminal is None or case.facts.terminal.id != case.visit.terminal:
        yield MISSING
    elif not case.facts.terminal.in_service:
        yield Ground(RejectionCode.TERMINAL_OUT_OF_SERVICE)


def terminal_fits_type(case: Case) -> Iterator[Ground]:
    """The booth is fit for this type: a LEGAL visit needs one where nobody overhears."""
    terminal = case.facts.terminal
    if terminal is None:
        yield MISSING
    elif case.visit.visit_type not in terminal.visit_types:
        yield Ground(RejectionCode.VISIT_TYPE_MISMATCH)


def terminal_works(case: Case) -> Iterator[Ground]:
    """Nobody sits down before a dead screen; the visitor at home may still come and wait."""
    if case.request.party is Party.VISITOR:
        return
    state = case.facts.terminal_state
    if state is None:
        yield MISSING
    elif not (
        state.connected
        and state.engine
        and state.camera in _WORKING
        and state.microphone in _WORKING
        and not state.board_missing
    ):
        yield Ground(RejectionCode.TERMINAL_OUT_OF_SERVICE)


def no_order_denies(case: Case) -> Iterator[Ground]:
    """No suspension order denies the visit; `suspension` alone says which do.

    A booking asks for orders that may be in force during the visit, so that one that will have
    expired by then denies nobody; everything later asks for those in force now.
    """
    facts = case.facts
    if facts.orders is None or facts.clock is None or facts.contacts is None:
        yield MISSING
        return
    clock = facts.clock
    if case.request.purpose is Purpose.BOOK:
        begins, ends = case.span
        clock = ClockInterval(max(clock.lo, begins), max(clock.hi, ends))
    seen = subject(facts.facility.id, case.visit, facts.inmate, facts.contacts, facts.terminal)
    for order in denying(facts.orders, seen, clock):
        yield Ground(RejectionCode.SUSPENDED_BY_ORDER, until=order.expires, order=order)


def subject(
    facility: FacilityId,
    visit: Visit,
    inmate: Inmate | None,
    contacts: tuple[Contact, ...],
    terminal: Terminal | None,
) -> Subject:
    """The visit as a suspension order sees it; the same eyes for deciding and for counting."""
    places = [place.housing_unit for place in (inmate, terminal) if place is not None]
    return Subject(
        facility=facility,
        housing_units=frozenset(places),
        terminal=visit.terminal,
        inmate=visit.inmate,
        visitors=frozenset(visit.visitors),
        contacts=frozenset(
            one.id
            for one in contacts
            if one.inmate == visit.inmate and one.visitor in visit.visitors
        ),
        visit_type=visit.visit_type,
    )


def not_over(case: Case) -> Iterator[Ground]:
    """The visit has not ended, by the clock or by anybody's decision."""
    if is_closed(case.visit) or case.visit.ends <= case.now:
        yield Ground(RejectionCode.VISIT_OVER)


def slot_open(case: Case) -> Iterator[Ground]:
    """The booking is approved and its time has begun."""
    if case.visit.status is BookingStatus.REQUESTED:
        yield Ground(RejectionCode.NO_VISIT_NOW)
    if case.now < case.visit.starts:
        yield Ground(RejectionCode.SLOT_NOT_OPEN, until=case.visit.starts)


def notice_accepted(case: Case) -> Iterator[Ground]:
    """Whoever joins has accepted the notice of this visit."""
    if case.facts.notices_accepted is None or case.request.party is None:
        yield MISSING
    elif case.request.party not in case.facts.notices_accepted:
        yield Ground(RejectionCode.NOTICE_NOT_ACCEPTED)
