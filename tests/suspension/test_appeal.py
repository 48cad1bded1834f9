from datetime import timedelta

import pytest

from suspension import Appeal, AppealOutcome, DeskError
from suspension.appeal import due_at, may_decide
from tests.suspension.test_properties import NOON
from visit_protocol.vocabulary import Party

HOUR = timedelta(hours=1)
APPEAL = Appeal(
    id="ap-1",
    order="ord-1",
    party=Party.VISITOR,
    visit="visit-1",
    filed=NOON,
    due=NOON + 3 * HOUR,
    deciders=frozenset({"p-1", "p-2"}),
)


@pytest.mark.parametrize("outcome", AppealOutcome)
def test_somebody_else_decides_once_with_grounds(outcome):
    decided = APPEAL.decide(outcome, "p-3", NOON + HOUR, " The knife was found. ")
    assert (decided.outcome, decided.decided_by) == (outcome, "p-3")
    assert decided.grounds == "The knife was found."
    with pytest.raises(DeskError) as refused:
        decided.decide(outcome, "p-4", NOON, "Again.")
    assert refused.value.code == "DECIDED_ALREADY"


@pytest.mark.parametrize(
    ("by", "grounds", "code"),
    [
        ("p-1", "Because.", "SAME_PERSON"),
        ("p-2", "Because.", "SAME_PERSON"),
        ("p-3", " ", "GROUNDS_MISSING"),
    ],
)
def test_who_decided_the_order_and_who_gives_no_grounds_is_refused(by, grounds, code):
    with pytest.raises(DeskError) as refused:
        APPEAL.decide(AppealOutcome.UPHELD, by, NOON, grounds)
    assert refused.value.code == code


def test_an_appeal_is_late_when_it_stands_or_was_decided_past_its_due():
    assert not APPEAL.overdue(NOON + 2 * HOUR)
    assert APPEAL.overdue(NOON + 3 * HOUR)
    decided = APPEAL.decide(AppealOutcome.LIFTED, "p-3", NOON + HOUR, "Mistaken person.")
    assert not decided.overdue(NOON + 9 * HOUR)


@pytest.mark.parametrize(
    ("left", "within"),
    [(0.5 * HOUR, HOUR), (10 * HOUR, 5 * HOUR), (30 * 24 * HOUR, 72 * HOUR), (-HOUR, HOUR)],
)
def test_it_is_due_while_a_decision_can_still_help(left, within):
    assert due_at(NOON, NOON + left) == NOON + within


def test_it_goes_to_those_who_did_not_decide():
    assert may_decide({"p-1"}, ["p-3", "p-1", "p-2"]) == ("p-2", "p-3")
