"""What holds for every decision."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.core.model import Custody, NonAssociation, Restriction
from relay.core.policy import RULES, Facts, Purpose, Request, decide
from suspension import ClockInterval, OrderBook
from tests.relay.core.ordinary_visit import (
    BEFORE,
    BOOK_AND_JOIN,
    CHILD,
    CONTACT,
    COUNSEL,
    ENDS,
    EVERY_PURPOSE,
    FACTS,
    INMATE,
    LEGAL_FACTS,
    LEGAL_VISIT,
    NOW,
    ON_REMAND,
    OTHER,
    PERMIT,
    STARTS,
    TERMINAL,
    VISIT,
    VISITOR,
    codes,
    order,
)
from visit_protocol.vocabulary import (
    BookingStatus,
    Outcome,
    Party,
    RejectionCode,
    Relationship,
    RestrictionKind,
    VisitType,
)


@EVERY_PURPOSE
def test_an_ordinary_visit_is_allowed_without_a_reason(purpose):
    decision = decide(Request(purpose, VISIT, Party.VISITOR), FACTS, NOW[purpose])
    assert decision.allowed
    assert decision.grounds == ()


@EVERY_PURPOSE
def test_a_visit_with_verified_counsel_is_allowed(purpose):
    assert codes(purpose, LEGAL_FACTS, LEGAL_VISIT) == ()


FACT_NAMES = [field.name for field in fields(Facts) if field.name != "facility"]
NEEDED = {
    Purpose.BOOK: set(FACT_NAMES) - {"terminal_state", "notices_accepted", "permits"},
    Purpose.JOIN: set(FACT_NAMES)
    - {"allowance", "allowance_used", "slots", "slot_taken", "permits"},
    Purpose.CONTINUE: {
        "inmate",
        "visitors",
        "contacts",
        "restrictions",
        "terminal",
        "orders",
        "clock",
    },
}


@EVERY_PURPOSE
@pytest.mark.parametrize("name", FACT_NAMES)
def test_a_fact_that_is_needed_and_not_known_denies(purpose, name):
    found = codes(purpose, replace(FACTS, **{name: None}))
    expected = (RejectionCode.FACTS_MISSING,) if name in NEEDED[purpose] else ()
    assert found == expected


@BOOK_AND_JOIN
def test_permits_that_are_not_known_deny_an_inmate_on_remand(purpose):
    assert codes(purpose, replace(ON_REMAND, permits=None)) == (RejectionCode.FACTS_MISSING,)


@EVERY_PURPOSE
@pytest.mark.parametrize(
    "strangers",
    [
        {"inmate": replace(INMATE, id="i-9")},
        {"visitors": ()},
        {"terminal": replace(TERMINAL, id="T-09")},
    ],
)
def test_facts_about_somebody_else_are_no_facts(purpose, strangers):
    assert RejectionCode.FACTS_MISSING in codes(purpose, replace(FACTS, **strangers))


@EVERY_PURPOSE
def test_a_visit_without_visitors_is_no_visit(purpose):
    found = codes(purpose, visit=replace(VISIT, visitors=()))
    assert found == (RejectionCode.FACTS_MISSING,)


def test_joining_without_saying_who_joins_is_refused():
    assert codes(Purpose.JOIN, party=None) == (RejectionCode.FACTS_MISSING,)


def test_nothing_known_denies_everything():
    nothing = Facts(facility=FACTS.facility)
    for purpose in Purpose:
        assert RejectionCode.FACTS_MISSING in codes(purpose, nothing)


SPOILED = {
    "inmate": [replace(INMATE, custody=Custody.MOVED), replace(INMATE, on_remand=True)],
    "visitors": [(COUNSEL,), (CHILD,), (VISITOR, CHILD), ()],
    "contacts": [(), (replace(CONTACT, relationship=Relationship.COUNSEL),)],
    "restrictions": [
        (Restriction("r-1", RestrictionKind.BAN, BEFORE, None, inmate="i-1"),),
        (
            Restriction("r-1", RestrictionKind.BAN, BEFORE, ENDS, visitor="v-1"),
            Restriction("r-2", RestrictionKind.CHILD, BEFORE, None, inmate="i-1"),
        ),
    ],
    "allowance_used": [4],
    "permits": [(PERMIT,), (replace(PERMIT, used_by="visit-9"),)],
    "non_associations": [(NonAssociation("i-1", "i-2"),)],
    "clashing": [(OTHER,), (replace(OTHER, terminal="T-01"),)],
    "slots": [()],
    "slot_taken": [2],
    "terminal": [replace(TERMINAL, in_service=False), LEGAL_FACTS.terminal],
    "terminal_state": [replace(FACTS.terminal_state, engine=False)],
    "orders": [OrderBook.of([order(), order(id="so-2")])],
    "clock": [ClockInterval(BEFORE, ENDS)],
    "notices_accepted": [frozenset()],
    "allowance": [],
}


@st.composite
def spoiled_facts(draw):
    changes = {}
    for name in draw(st.sets(st.sampled_from(FACT_NAMES))):
        changes[name] = draw(st.sampled_from([None, *SPOILED[name]]))
    return replace(FACTS, **changes)


requests = st.builds(
    Request,
    st.sampled_from(Purpose),
    st.builds(
        replace,
        st.just(VISIT),
        visit_type=st.sampled_from([VisitType.FAMILY, VisitType.LEGAL]),
        visitors=st.sampled_from([("v-1",), ("v-1", "v-2"), ("v-2",)]),
        status=st.sampled_from(BookingStatus),
        outcome=st.none() | st.sampled_from(Outcome),
    ),
    st.none() | st.sampled_from(Party),
)
times = st.integers(-30, 30).map(lambda minutes: STARTS + timedelta(minutes=minutes))


@given(requests, spoiled_facts(), times, st.sampled_from(FACT_NAMES))
def test_taking_a_fact_away_never_turns_a_no_into_a_yes(request, facts, now, name):
    if not decide(request, facts, now).allowed:
        assert not decide(request, replace(facts, **{name: None}), now).allowed


@given(requests, spoiled_facts(), times)
def test_reasons_are_sorted_unique_and_all_of_them(request, facts, now):
    decision = decide(request, facts, now)
    found = [ground.code for ground in decision.grounds]
    assert found == sorted(found)
    assert len(set(decision.grounds)) == len(decision.grounds)
    assert decision.allowed is (found == [])
    assert all(
        (ground.order is not None) is (ground.code is RejectionCode.SUSPENDED_BY_ORDER)
        for ground in decision.grounds
    )


@given(requests, st.data())
def test_a_second_reason_never_hides_the_first(request, data):
    names = data.draw(
        st.lists(
            st.sampled_from(["restrictions", "orders", "slot_taken", "allowance_used", "clashing"]),
            min_size=2,
            max_size=2,
            unique=True,
        )
    )
    one, other = ({name: SPOILED[name][-1]} for name in names)
    now = NOW[request.purpose]
    alone = {*codes_of(request, one, now), *codes_of(request, other, now)}
    assert alone <= {*codes_of(request, one | other, now)}


def codes_of(request, changes, now):
    return decide(request, replace(FACTS, **changes), now).codes


def test_every_rule_is_asked_at_one_purpose_at_least_and_once():
    for rules in RULES.values():
        assert len(set(rules)) == len(rules)
    assert set(RULES) == set(Purpose)
