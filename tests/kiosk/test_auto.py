"""The actor touches what a finger could, and locks nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.auto import ASK_AGAIN, GLANCE, HOPE, READ, Actor
from kiosk.call_events import (
    Dismissed,
    JoinTouched,
    NoticeAccepted,
    PinEntered,
    StartTouched,
    VisitWanted,
)
from kiosk.situation import Screen
from tests.kiosk.gallery import BOARD, NOW, RESTING, VISIT, VISITING
from visit_protocol.signalling import Refusal, TerminalAgenda
from visit_protocol.vocabulary import CallState, RejectionCode


@pytest.fixture
def actor() -> Actor:
    return Actor("1234")


def test_it_looks_first_and_touches_once(actor: Actor) -> None:
    assert actor.next_touch(Screen.IDLE, RESTING, NOW) is None
    assert actor.next_touch(Screen.IDLE, RESTING, NOW + GLANCE) == StartTouched()
    assert actor.next_touch(Screen.IDLE, RESTING, NOW + GLANCE * 9) is None


@pytest.mark.parametrize(
    ("screen", "touch"),
    [
        (Screen.IDENTIFY, PinEntered("1234")),
        (Screen.MY_VISITS, VisitWanted()),
        (Screen.NOTICE, NoticeAccepted()),
        (Screen.READY, JoinTouched()),
    ],
)
def test_every_step_has_its_touch(actor: Actor, screen: Screen, touch: object) -> None:
    actor.next_touch(screen, VISITING, NOW)
    assert actor.next_touch(screen, VISITING, NOW + GLANCE) == touch


def test_it_waits_for_a_handset_and_a_badge_that_others_must_see_to(actor: Actor) -> None:
    down = replace(VISITING, board=BOARD)
    actor.next_touch(Screen.READY, down, NOW)
    assert actor.next_touch(Screen.READY, down, NOW + GLANCE) is None
    lifted = replace(down, board=replace(BOARD, handset_lifted=True))
    assert actor.next_touch(Screen.READY, lifted, NOW + GLANCE) == JoinTouched()
    wanted = replace(RESTING, board=replace(BOARD, asks_badge=True))
    actor.turn(Screen.IDENTIFY, NOW)
    assert actor.next_touch(Screen.IDENTIFY, wanted, NOW + GLANCE) is None


def test_a_screen_that_went_and_came_back_between_two_looks_is_touched_again(actor: Actor) -> None:
    actor.next_touch(Screen.READY, VISITING, NOW)
    assert actor.next_touch(Screen.READY, VISITING, NOW + GLANCE) == JoinTouched()
    actor.turn(Screen.ENDED, NOW + GLANCE)
    actor.turn(Screen.READY, NOW + GLANCE)
    assert actor.next_touch(Screen.READY, VISITING, NOW + GLANCE * 2) == JoinTouched()


def test_it_waits_while_the_relay_is_asked_or_the_slot_is_not_open(actor: Actor) -> None:
    actor.next_touch(Screen.READY, VISITING, NOW)
    busy = replace(VISITING, busy=True)
    assert actor.next_touch(Screen.READY, busy, NOW + READ) is None
    early = replace(VISITING, visit=VISIT.model_copy(update={"state": CallState.SCHEDULED}))
    assert actor.next_touch(Screen.READY, early, NOW + READ) is None


def test_it_stays_in_a_call(actor: Actor) -> None:
    for screen in (Screen.WAITING, Screen.CALL, Screen.PAUSED, Screen.INTERRUPTED):
        actor.next_touch(screen, VISITING, NOW)
        assert actor.next_touch(screen, VISITING, NOW + timedelta(hours=1)) is None


def test_a_wrong_pin_is_never_typed_again(actor: Actor) -> None:
    actor.heard_refusal(replace(RESTING, refusals=(Refusal(code=RejectionCode.PIN_WRONG),)))
    actor.next_touch(Screen.IDLE, RESTING, NOW)
    assert actor.next_touch(Screen.IDLE, RESTING, NOW + timedelta(hours=1)) is None


def test_turned_away_it_asks_again_later_or_when_the_agenda_changes(actor: Actor) -> None:
    away = replace(RESTING, refusals=(Refusal(code=RejectionCode.NO_VISIT_NOW),))
    actor.next_touch(Screen.CANNOT_VISIT, away, NOW)
    assert actor.next_touch(Screen.CANNOT_VISIT, away, NOW + HOPE) == Dismissed()
    back = NOW + HOPE
    actor.next_touch(Screen.IDLE, RESTING, back)
    assert actor.next_touch(Screen.IDLE, RESTING, back + ASK_AGAIN / 2) is None
    news = replace(RESTING, agenda=TerminalAgenda(now=NOW, next_starts=NOW))
    assert actor.next_touch(Screen.IDLE, news, back + ASK_AGAIN / 2) == StartTouched()


def test_it_reads_the_end_and_goes_on(actor: Actor) -> None:
    actor.next_touch(Screen.ENDED, VISITING, NOW)
    assert actor.next_touch(Screen.ENDED, VISITING, NOW + READ / 2) is None
    assert actor.next_touch(Screen.ENDED, VISITING, NOW + READ) == Dismissed()
