"""The way of an order: every state with every event, and the rule of two people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from suspension import DeskError, DeskState, OrderCase, Person, impact
from suspension.desk import (
    LEGAL,
    Approved,
    Declined,
    Effect,
    Enforced,
    Expired,
    ImpactShown,
    Lifted,
    Renewed,
    Reviewed,
    Signed,
    TermsChanged,
    TimePassed,
    Withdrawn,
    review_due,
    shown_digest,
)
from tests.suspension.test_impact import HOUR, planned, terms
from tests.suspension.test_properties import NOON
from visit_protocol.vocabulary import VisitType

ADMIN, SECOND, THIRD = Person("p-1"), Person("p-2"), Person("p-3")
OVERSEER = Person("p-9", oversight=True)
NARROW = terms({"inmate": ["i-1"]}, NOON)
WIDE = terms({"facility": ["f-1"]}, NOON)
COUNSEL = terms({"inmate": ["i-1"]}, NOON, [VisitType.LEGAL])
EMERGENCY = replace(terms({"facility": ["f-1"]}, NOON, length=HOUR), emergency=True)
ONE, TWO = "1" * 64, "2" * 64
WHY = "It is not known who brought it in."


def case(*events, order=WIDE, why=WHY, now=NOON):
    found = OrderCase(ADMIN, order, why)
    for event in events:
        found = found.handle(event, now)
    return found


TO_COUNTED = (ImpactShown(ONE),)
TO_APPROVED = (*TO_COUNTED, Approved(SECOND, ONE))
TO_SIGNED = (*TO_APPROVED, Signed(ADMIN, ONE))
TO_ENFORCED = (*TO_SIGNED, Enforced())
WAYS = {
    DeskState.DRAFT: (),
    DeskState.COUNTED: TO_COUNTED,
    DeskState.APPROVED: TO_APPROVED,
    DeskState.SIGNED: TO_SIGNED,
    DeskState.ENFORCED: TO_ENFORCED,
    DeskState.LIFTED: (*TO_ENFORCED, Lifted(THIRD)),
    DeskState.EXPIRED: (*TO_ENFORCED, Expired()),
    DeskState.RENEWED: (*TO_ENFORCED, Renewed("ord-2")),
    DeskState.WITHDRAWN: (Withdrawn(ADMIN),),
}
EVENTS = {
    TermsChanged: TermsChanged(ADMIN, NARROW),
    ImpactShown: ImpactShown(TWO),
    Approved: Approved(THIRD, ONE),
    Declined: Declined(THIRD),
    Signed: Signed(ADMIN, ONE),
    Enforced: Enforced(),
    Lifted: Lifted(ADMIN),
    Expired: Expired(),
    Renewed: Renewed("ord-3"),
    Withdrawn: Withdrawn(ADMIN),
    Reviewed: Reviewed(THIRD),
    TimePassed: TimePassed(),
}
AFTER = {
    TermsChanged: DeskState.DRAFT,
    ImpactShown: DeskState.COUNTED,
    Approved: DeskState.APPROVED,
    Declined: DeskState.DRAFT,
    Signed: DeskState.SIGNED,
    Enforced: DeskState.ENFORCED,
    Lifted: DeskState.LIFTED,
    Expired: DeskState.EXPIRED,
    Renewed: DeskState.RENEWED,
    Withdrawn: DeskState.WITHDRAWN,
    Reviewed: None,
    TimePassed: None,
}


@pytest.mark.parametrize("state", DeskState)
@pytest.mark.parametrize("kind", EVENTS)
def test_every_event_in_every_state_leads_on_or_is_refused_and_changes_nothing(state, kind):
    before = case(*WAYS[state])
    assert before.state is state
    if state not in LEGAL[kind]:
        with pytest.raises(DeskError) as refused:
            before.handle(EVENTS[kind], NOON)
        assert refused.value.code == "NOT_POSSIBLE_NOW"
        return
    if (state, kind) == (DeskState.COUNTED, Signed):
        with pytest.raises(DeskError) as refused:
            before.handle(EVENTS[kind], NOON)
        assert refused.value.code == "APPROVAL_MISSING"
        return
    after = before.handle(EVENTS[kind], NOON)
    if (state, kind) == (DeskState.RENEWED, Expired):
        assert after.state is DeskState.RENEWED
    else:
        assert after.state is (AFTER[kind] or state)


def test_every_event_has_a_row_in_the_table():
    assert set(LEGAL) == set(EVENTS)


def code(before, event, now=NOON):
    with pytest.raises(DeskError) as refused:
        before.handle(event, now)
    return refused.value.code


def test_a_narrow_order_needs_its_drafter_alone():
    signed = case(*TO_COUNTED, Signed(ADMIN, ONE), order=NARROW, why="")
    assert signed.state is DeskState.SIGNED
    assert signed.effects == (Effect.HAND_OVER,)


def test_the_drafter_never_approves_and_nobody_approves_twice():
    counted = case(*TO_COUNTED)
    assert code(counted, Approved(ADMIN, ONE)) == "SAME_PERSON"
    another_account = Person(ADMIN.id, oversight=True)
    assert code(counted, Approved(another_account, ONE)) == "SAME_PERSON"
    assert code(case(*TO_APPROVED), Approved(SECOND, ONE)) == "APPROVED_ALREADY"


def test_who_declines_is_somebody_else_and_takes_every_approval_along():
    approved = case(*TO_APPROVED)
    assert code(approved, Declined(Person(ADMIN.id, oversight=True))) == "SAME_PERSON"
    declined = approved.handle(Declined(THIRD), NOON)
    assert (declined.approvals, declined.shown) == ((), None)
    assert declined.effects == (Effect.VOID_APPROVALS,)
    assert code(declined, Signed(ADMIN, ONE)) == "NOT_POSSIBLE_NOW"


def test_only_the_drafter_changes_signs_and_withdraws():
    approved = case(*TO_APPROVED)
    for event in (TermsChanged(SECOND, NARROW), Signed(SECOND, ONE), Withdrawn(SECOND)):
        assert code(approved, event) == "NOT_THE_DRAFTER"


def test_any_change_of_terms_or_of_numbers_voids_the_approvals():
    approved = case(*TO_APPROVED)
    for event in (TermsChanged(ADMIN, WIDE, WHY), ImpactShown(TWO)):
        after = approved.handle(event, NOON)
        assert after.approvals == ()
        assert after.effects == (Effect.VOID_APPROVALS,)
        assert code(after, Signed(ADMIN, ONE)) in ("IMPACT_CHANGED", "NOT_POSSIBLE_NOW")


def test_showing_the_same_again_keeps_the_approvals():
    approved = case(*TO_APPROVED)
    assert approved.handle(ImpactShown(ONE), NOON) == approved


def test_an_approval_or_a_signature_of_something_else_is_refused():
    assert code(case(*TO_COUNTED), Approved(SECOND, TWO)) == "IMPACT_CHANGED"
    assert code(case(*TO_APPROVED), Signed(ADMIN, TWO)) == "IMPACT_CHANGED"


def test_a_protected_order_needs_one_person_with_oversight():
    counted = case(*TO_COUNTED, order=COUNSEL, why="")
    one = counted.handle(Approved(SECOND, ONE), NOON)
    assert one.state is DeskState.COUNTED
    assert code(one, Signed(ADMIN, ONE)) == "OVERSIGHT_MISSING"
    both = one.handle(Approved(OVERSEER, ONE), NOON)
    assert both.handle(Signed(ADMIN, ONE), NOON).state is DeskState.SIGNED
    alone = counted.handle(Approved(OVERSEER, ONE), NOON)
    assert alone.handle(Signed(ADMIN, ONE), NOON).state is DeskState.SIGNED


def test_from_a_housing_unit_upward_it_must_say_why_nothing_narrower_would_do():
    silent = case(*TO_COUNTED, why="  ")
    assert code(silent, Approved(SECOND, ONE)) == "WHY_NOT_NARROWER_MISSING"
    emergency = case(*TO_COUNTED, order=EMERGENCY, why="")
    assert code(emergency, Signed(ADMIN, ONE)) == "WHY_NOT_NARROWER_MISSING"


def test_what_would_have_ended_already_is_neither_approved_nor_signed():
    counted, approved = case(*TO_COUNTED), case(*TO_APPROVED)
    assert code(counted, Approved(SECOND, ONE), WIDE.expires) == "EXPIRES_PAST"
    assert code(approved, Signed(ADMIN, ONE), WIDE.expires) == "EXPIRES_PAST"


def test_an_emergency_is_signed_by_one_person_and_reviewed_by_another():
    signed = case(*TO_COUNTED, Signed(ADMIN, ONE), order=EMERGENCY)
    assert Effect.OPEN_REVIEW in signed.effects
    assert code(signed, Reviewed(ADMIN)) == "SAME_PERSON"
    ended = signed.handle(Enforced(), NOON).handle(Expired(), NOON + HOUR)
    assert ended.review_overdue(NOON + 25 * HOUR)
    assert not ended.handle(Reviewed(SECOND), NOON + 2 * HOUR).review_overdue(NOON + 25 * HOUR)


def test_the_review_is_reminded_of_once_and_comes_again_while_the_order_stands():
    enforced = case(*TO_ENFORCED)
    assert enforced.next_deadline() == NOON + HOUR
    early = enforced.handle(TimePassed(), NOON + HOUR / 2)
    assert early.effects == ()
    due = enforced.handle(TimePassed(), NOON + HOUR)
    assert due.effects == (Effect.REMIND_OF_REVIEW,)
    assert due.next_deadline() is None
    assert due.review_overdue(NOON + HOUR)
    again = due.handle(Reviewed(THIRD), NOON + HOUR)
    assert again.next_deadline() == NOON + HOUR + HOUR / 2
    assert not again.review_overdue(NOON + HOUR)


def test_a_long_order_is_reviewed_within_a_week():
    month = terms({"inmate": ["i-1"]}, NOON, length=timedelta(days=30))
    assert review_due(month, NOON) == NOON + timedelta(days=7)


def test_a_renewal_is_another_order_and_the_old_one_says_which():
    renewed = case(*TO_ENFORCED, Renewed("ord-2"))
    assert renewed.successor == "ord-2"
    assert renewed.people == {"p-1", "p-2"}


def test_the_digest_changes_with_terms_numbers_visits_and_words(make_subject):
    agenda = [planned("v-1", make_subject(), NOON), planned("v-2", make_subject(), NOON + HOUR)]

    def digest(order, visits, content=b""):
        return shown_digest(order, impact(order, visits, as_of=NOON), content)

    shown = digest(NARROW, agenda)
    assert digest(NARROW, agenda) == shown
    live = [replace(agenda[0], live=True), agenda[1]]
    assert digest(NARROW, live) == shown
    other = [agenda[0], replace(agenda[1], visit="v-3")]
    changed = (
        digest(WIDE, agenda),
        digest(NARROW, agenda[:1]),
        digest(NARROW, other),
        digest(NARROW, agenda, b"other words"),
    )
    assert len({shown, *changed}) == 5
