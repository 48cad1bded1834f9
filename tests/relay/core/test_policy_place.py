"""When and where, and which orders deny it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from relay.core.model import NonAssociation
from relay.core.policy import Purpose, Request, decide
from suspension import ClockInterval, OrderBook, Scope, lift
from tests.relay.core.ordinary_visit import (
    BEFORE,
    BOOK_AND_JOIN,
    DURING,
    ENDS,
    EVERY_PURPOSE,
    FACTS,
    LEGAL_FACTS,
    LEGAL_VISIT,
    NOW,
    OTHER,
    SLOT,
    STARTS,
    TERMINAL,
    VISIT,
    codes,
    order,
)
from visit_protocol.vocabulary import (
    BookingStatus,
    DeviceState,
    Outcome,
    Party,
    RejectionCode,
    VisitType,
)


@pytest.mark.parametrize(
    "facts",
    [
        {"slots": ()},
        {"slot_taken": 2},
        {"slots": (replace(SLOT, visit_types=frozenset({VisitType.LEGAL})),)},
        {"slots": (replace(SLOT, housing_units=frozenset({"u-2"})),)},
        {"slots": (replace(SLOT, ends=ENDS - timedelta(minutes=1)),)},
        {"slots": (replace(SLOT, starts=STARTS + timedelta(minutes=1)),)},
    ],
)
def test_a_booking_needs_a_free_slot_of_its_type_unit_and_length(facts):
    assert codes(Purpose.BOOK, replace(FACTS, **facts)) == (RejectionCode.SLOT_UNAVAILABLE,)


def test_a_booking_that_was_approved_keeps_its_place_when_the_timetable_changes():
    gone = replace(FACTS, slots=(), slot_taken=99)
    assert codes(Purpose.JOIN, gone) == ()
    assert codes(Purpose.CONTINUE, gone) == ()


def test_slots_of_several_templates_add_up_and_an_empty_unit_list_means_all():
    two = (SLOT, replace(SLOT, template="t-2", capacity=1, housing_units=frozenset()))
    assert codes(Purpose.BOOK, replace(FACTS, slots=two, slot_taken=2)) == ()


@pytest.mark.parametrize(
    "shared", [{"inmate": "i-1"}, {"visitors": ("v-9", "v-1")}, {"terminal": "T-01"}]
)
def test_nobody_is_in_two_visits_at_once(shared):
    facts = replace(FACTS, clashing=(replace(OTHER, **shared),))
    assert codes(Purpose.BOOK, facts) == (RejectionCode.DOUBLE_BOOKING,)


@pytest.mark.parametrize(
    "other",
    [
        VISIT,
        OTHER,
        replace(OTHER, inmate="i-1", starts=ENDS, ends=ENDS + timedelta(minutes=15)),
        replace(OTHER, inmate="i-1", starts=STARTS - timedelta(minutes=15), ends=STARTS),
        replace(OTHER, inmate="i-1", status=BookingStatus.CANCELLED),
        replace(OTHER, inmate="i-1", outcome=Outcome.COMPLETED_NORMALLY),
    ],
)
def test_a_visit_of_others_at_another_time_or_that_is_over_does_not_clash(other):
    assert codes(Purpose.BOOK, replace(FACTS, clashing=(other,))) == ()


@BOOK_AND_JOIN
def test_inmates_who_must_be_kept_apart_are_not_at_terminals_together(purpose):
    facts = replace(FACTS, clashing=(OTHER,), non_associations=(NonAssociation("i-2", "i-1"),))
    assert codes(purpose, facts) == (RejectionCode.NON_ASSOCIATION,)
    strangers = replace(facts, non_associations=(NonAssociation("i-2", "i-3"),))
    assert codes(purpose, strangers) == ()


@EVERY_PURPOSE
def test_a_terminal_out_of_service_carries_no_visit(purpose):
    facts = replace(FACTS, terminal=replace(TERMINAL, in_service=False))
    assert codes(purpose, facts) == (RejectionCode.TERMINAL_OUT_OF_SERVICE,)


@pytest.mark.parametrize(
    "broken",
    [
        {"connected": False},
        {"engine": False},
        {"camera": DeviceState.FAILED},
        {"microphone": DeviceState.ABSENT},
    ],
)
def test_a_broken_terminal_stops_the_inmate_from_joining_and_nothing_else(broken):
    facts = replace(FACTS, terminal_state=replace(FACTS.terminal_state, **broken))
    assert codes(Purpose.JOIN, facts) == (RejectionCode.TERMINAL_OUT_OF_SERVICE,)
    assert codes(Purpose.JOIN, facts, party=Party.VISITOR) == ()
    assert codes(Purpose.BOOK, facts) == ()
    assert codes(Purpose.CONTINUE, facts) == ()


@BOOK_AND_JOIN
def test_a_terminal_carries_only_the_types_it_is_fit_for(purpose):
    facts = replace(LEGAL_FACTS, terminal=TERMINAL)
    assert codes(purpose, facts, LEGAL_VISIT) == (RejectionCode.VISIT_TYPE_MISMATCH,)


def test_nobody_joins_before_the_slot_opens():
    early = STARTS - timedelta(seconds=1)
    decision = decide(Request(Purpose.JOIN, VISIT, Party.VISITOR), FACTS, early)
    assert [(one.code, one.until) for one in decision.grounds] == [
        (RejectionCode.SLOT_NOT_OPEN, STARTS)
    ]
    assert codes(Purpose.JOIN, now=STARTS) == ()


@BOOK_AND_JOIN
@pytest.mark.parametrize(
    "over",
    [
        {"status": BookingStatus.CANCELLED},
        {"status": BookingStatus.REJECTED},
        {"status": BookingStatus.WITHDRAWN},
        {"outcome": Outcome.COMPLETED_NORMALLY},
    ],
)
def test_a_visit_that_is_over_is_over(purpose, over):
    assert codes(purpose, visit=replace(VISIT, **over)) == (RejectionCode.VISIT_OVER,)


def test_the_end_of_the_slot_closes_the_door_and_leaves_a_live_call_to_its_machine():
    assert codes(Purpose.JOIN, now=ENDS) == (RejectionCode.VISIT_OVER,)
    assert codes(Purpose.BOOK, now=ENDS) == (RejectionCode.VISIT_OVER,)
    assert codes(Purpose.CONTINUE, now=ENDS) == ()


def test_a_visit_ended_by_an_order_can_be_joined_again_once_the_order_is_gone():
    suspended = replace(VISIT, outcome=Outcome.SUSPENDED_BY_ORDER, status=BookingStatus.CALLED)
    assert codes(Purpose.JOIN, visit=suspended) == ()


def test_a_booking_that_nobody_approved_cannot_be_joined():
    asked = replace(VISIT, status=BookingStatus.REQUESTED)
    assert codes(Purpose.JOIN, visit=asked) == (RejectionCode.NO_VISIT_NOW,)
    assert codes(Purpose.BOOK, visit=asked) == ()


def test_each_party_joins_only_after_accepting_the_notice_itself():
    facts = replace(FACTS, notices_accepted=frozenset({Party.INMATE}))
    assert codes(Purpose.JOIN, facts, party=Party.INMATE) == ()
    assert codes(Purpose.JOIN, facts, party=Party.VISITOR) == (RejectionCode.NOTICE_NOT_ACCEPTED,)


@EVERY_PURPOSE
@pytest.mark.parametrize(
    "scope",
    [
        {"inmate": ["i-1"]},
        {"visitor": ["v-1"]},
        {"contact": ["c-1"]},
        {"facility": ["f-1"], "terminal": ["T-01"]},
        {"facility": ["f-1"], "housing_unit": ["u-1"]},
        {"facility": ["f-1"]},
        {"facility": ["f-1"], "visit_type": ["FAMILY"]},
    ],
)
def test_an_order_in_force_denies_and_says_which_and_until_when(purpose, scope):
    suspending = order(scope=Scope.parse(scope))
    facts = replace(FACTS, orders=OrderBook.of([suspending]))
    (ground,) = decide(Request(purpose, VISIT, Party.INMATE), facts, NOW[purpose]).grounds
    assert ground.code is RejectionCode.SUSPENDED_BY_ORDER
    assert ground.until == ENDS
    assert ground.order == suspending


def test_a_unit_is_suspended_with_its_booths_for_inmates_of_other_units_too():
    elsewhere = replace(TERMINAL, housing_unit="u-2")
    scope = Scope.parse({"facility": ["f-1"], "housing_unit": ["u-2"]})
    facts = replace(FACTS, terminal=elsewhere, orders=OrderBook.of([order(scope=scope)]))
    assert codes(Purpose.JOIN, facts) == (RejectionCode.SUSPENDED_BY_ORDER,)


@EVERY_PURPOSE
def test_lifting_makes_the_visit_possible_again(purpose):
    suspending = order()
    lifted = lift(suspending, by="d.orlov", now=DURING, comment="")
    facts = replace(FACTS, orders=OrderBook.of([suspending, lifted]))
    assert codes(purpose, facts) == ()


@EVERY_PURPOSE
def test_counsel_is_suspended_only_by_an_order_that_names_legal_visits(purpose):
    family = replace(LEGAL_FACTS, orders=OrderBook.of([order()]))
    assert codes(purpose, family, LEGAL_VISIT) == ()
    named = order(protected=frozenset({VisitType.LEGAL}))
    both = replace(LEGAL_FACTS, orders=OrderBook.of([named]))
    assert codes(purpose, both, LEGAL_VISIT) == (RejectionCode.SUSPENDED_BY_ORDER,)


def test_a_booking_asks_for_orders_in_force_at_the_visit_and_joining_for_those_now():
    long_ago = order(not_before=BEFORE, expires=STARTS, issued=BEFORE)
    facts = replace(FACTS, orders=OrderBook.of([long_ago]), clock=ClockInterval.exact(BEFORE))
    assert codes(Purpose.BOOK, facts) == ()
    assert RejectionCode.SUSPENDED_BY_ORDER in codes(Purpose.JOIN, facts, now=BEFORE)


def test_every_denying_order_is_a_reason_of_its_own():
    sooner = order(id="so-2", expires=ENDS - timedelta(minutes=1))
    facts = replace(FACTS, orders=OrderBook.of([order(), sooner]))
    decision = decide(Request(Purpose.CONTINUE, VISIT), facts, DURING)
    assert [ground.order.id for ground in decision.grounds] == ["so-2", "so-1"]
    assert decision.codes == (RejectionCode.SUSPENDED_BY_ORDER,)
