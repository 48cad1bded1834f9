"""The booth's board and the screens: lost, handset, badge, panic, and when power is wanted."""

from datetime import timedelta

import pytest

from kiosk import call_events as ev
from kiosk import effects as do
from kiosk.board import Board, BoardLink, lamp_of
from kiosk.call import CallMachine
from kiosk.situation import FINISHED, RESTING, Screen, StaffCall
from kiosk.transitions import CAMERA_SCREENS, IN_VISIT, LEAVABLE
from tests.kiosk.test_call import BOARD, BOOTH, EVENTS, NOW, TO_IDLE, machine_on, sent, view
from visit_protocol.bridge import BoardFault, BoardLoss, BoothLamp
from visit_protocol.signalling import BadgeSeen, Identify, Join, Leave, PanicCalled, SignOut
from visit_protocol.vocabulary import CallState

FOUND, LOST = EVENTS[ev.BoardFound], EVENTS[ev.BoardLost]
OPEN = ev.BoothSensed(door_open=False, case_open=True, temperature_c=21.0)
SHUT = ev.BoothSensed(door_open=False, case_open=False, temperature_c=21.0)
BADGE, OTHER = "04a1b2c3", "ffffffff"


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


TECHNICAL = (Screen.ENROLMENT, Screen.MAINTENANCE, Screen.DEVICE_TEST)
"""No visit is possible, and whoever stands there may be mending the board."""


@pytest.mark.parametrize("screen", [one for one in Screen if one not in TECHNICAL])
def test_a_lost_board_has_its_own_screen_from_everywhere(screen: Screen) -> None:
    machine = machine_on(screen)
    machine.handle(LOST, NOW)
    if screen in FINISHED:  # a message is read to its end, then the booth rests
        assert machine.screen is screen
        machine.handle(ev.Dismissed(), NOW)
    if screen in (Screen.RELAY_LOST, Screen.STARTING, Screen.RECONNECTING):
        # The relay is away as well: its screen comes first.
        machine.handle(ev.RelayWelcomed(BOOTH), NOW)
    if screen is Screen.STARTING:
        machine.handle(EVENTS[ev.EngineReported], NOW)
    expected = Screen.VISIT_HELD if screen in IN_VISIT else Screen.BRIDGE_LOST
    assert machine.screen is expected
    assert not machine.power_wanted


def test_a_resting_booth_comes_back_with_its_board() -> None:
    machine = machine_on(Screen.BRIDGE_LOST)
    machine.handle(FOUND, NOW)
    assert machine.screen is Screen.IDLE


def test_a_held_visit_stops_its_media_and_joins_again_with_the_board() -> None:
    machine = machine_on(Screen.CALL)
    assert machine.handle(LOST, NOW) == [do.StopMedia(), do.CloseDevices()]
    machine.handle(ev.CallInterrupted(view(CallState.RECONNECTING)), NOW)
    assert machine.screen is Screen.VISIT_HELD
    effects = machine.handle(FOUND, NOW)
    assert sent(effects) == [Join(visit="v1")]
    assert do.StartMedia() in effects
    assert do.OpenDevices() in effects
    machine.handle(ev.CallStarted(view(CallState.LIVE)), NOW)
    assert machine.screen is Screen.CALL


def test_a_held_visit_outlives_its_relay_and_waits_for_both() -> None:
    machine = machine_on(Screen.VISIT_HELD)
    machine.handle(ev.RelayLost(), NOW)
    assert machine.screen is Screen.RECONNECTING
    assert Join(visit="v1") not in sent(machine.handle(ev.RelayWelcomed(BOOTH), NOW))
    assert machine.screen is Screen.VISIT_HELD
    assert sent(machine.handle(FOUND, NOW)) == [Join(visit="v1")]


def test_an_open_case_holds_the_visit_until_it_is_shut() -> None:
    machine = machine_on(Screen.CALL)
    machine.handle(OPEN, NOW)
    assert machine.screen is Screen.VISIT_HELD
    machine.handle(SHUT, NOW)
    assert machine.screen is Screen.RECONNECTING


def test_a_board_that_is_not_required_hinders_nobody() -> None:
    machine = CallMachine("ru", board=Board(BoardLink.UNKNOWN, has_handset=True))
    for event in (ev.RelayWelcomed(BOOTH), EVENTS[ev.EngineReported], LOST):
        machine.handle(event, NOW)
    assert machine.screen is Screen.IDLE


@pytest.mark.parametrize("screen", Screen)
def test_power_is_wanted_on_camera_screens_with_relay_and_board_alone(screen: Screen) -> None:
    machine = machine_on(screen)
    assert machine.power_wanted == (screen in CAMERA_SCREENS and screen is not Screen.RECONNECTING)


@pytest.mark.parametrize("screen", Screen)
def test_a_handset_that_stays_down_ends_the_log_in(screen: Screen) -> None:
    machine = machine_on(screen)
    machine.handle(ev.HandsetLifted(), NOW)
    if machine.screen is not screen:  # lifting it wakes the idle booth
        return
    machine.handle(ev.HandsetHungUp(), NOW)
    deadline = machine.next_deadline()
    if screen not in LEAVABLE:
        return
    assert deadline == NOW + after(10 if screen in IN_VISIT else 2)
    effects = machine.handle(ev.DeadlinePassed(), deadline)
    assert machine.screen in RESTING
    assert machine.situation.visit is None
    assert (Leave() in sent(effects)) == (screen in IN_VISIT)
    assert (SignOut() in sent(effects)) == (screen is not Screen.IDENTIFY)


def test_a_handset_that_bounces_changes_nothing() -> None:
    machine = machine_on(Screen.CALL)
    for _ in range(5):
        machine.handle(ev.HandsetHungUp(), NOW)
        machine.handle(ev.HandsetLifted(), NOW + after(1))
    assert machine.screen is Screen.CALL
    assert machine.next_deadline() is None


def test_lifting_the_handset_starts_and_joining_needs_it_lifted() -> None:
    machine = CallMachine("ru", board=BOARD)
    for event in (*TO_IDLE, ev.StartTouched(), ev.InmateIdentified("I", "ru", view())):
        machine.handle(event, NOW)
    assert machine.handle(ev.JoinTouched(), NOW) == []
    assert machine.situation.handset_wanted
    machine.handle(ev.HandsetLifted(), NOW)
    assert not machine.situation.handset_wanted
    machine.handle(ev.JoinTouched(), NOW)
    assert machine.screen is Screen.WAITING


def machine_with_badge(*events: ev.Event) -> CallMachine:
    machine = CallMachine("ru", board=Board(BoardLink.UNKNOWN, required=True, asks_badge=True))
    start = (ev.RelayWelcomed(BOOTH), EVENTS[ev.EngineReported], FOUND, ev.BadgeShown(BADGE))
    for event in (*start, *events):
        machine.handle(event, NOW)
    return machine


def test_a_badge_wakes_the_booth_and_goes_with_the_pin() -> None:
    machine = machine_with_badge()
    assert machine.screen is Screen.IDENTIFY
    effects = machine.handle(ev.PinEntered("1234"), NOW)
    assert sent(effects) == [Identify(pin="1234", badge=BADGE)]
    assert BADGE not in repr(effects)
    assert BADGE not in repr(machine.situation)


IN_CALL = (
    ev.PinEntered("1234"),
    ev.InmateIdentified("I", "ru", view()),
    ev.JoinTouched(),
    ev.CallStarted(view(CallState.LIVE)),
)


def test_the_badge_of_another_changes_nothing_but_tells_staff() -> None:
    machine = machine_with_badge(*IN_CALL)
    assert machine.handle(ev.BadgeShown(OTHER), NOW) != []
    assert machine.screen is Screen.CALL
    machine.handle(ev.BadgeRemoved(), NOW)
    assert sent(machine.handle(ev.BadgeShown(OTHER), NOW)) == [BadgeSeen(badge=OTHER)]
    machine.handle(ev.BadgeShown(BADGE), NOW + after(3))
    assert machine.screen is Screen.CALL
    assert machine.next_deadline() is None


def test_a_badge_that_stays_away_ends_the_visit() -> None:
    machine = machine_with_badge(*IN_CALL)
    machine.handle(ev.BadgeRemoved(), NOW)
    machine.handle(ev.BadgeShown(OTHER), NOW + after(1))
    effects = machine.handle(ev.DeadlinePassed(), NOW + after(10))
    assert sent(effects) == [Leave(), SignOut()]


@pytest.mark.parametrize("screen", Screen)
def test_panic_is_said_at_once_on_every_screen(screen: Screen) -> None:
    machine = machine_on(screen)
    assert PanicCalled() in sent(machine.handle(ev.PanicPressed(), NOW))
    assert machine.screen is screen
    assert machine.situation.panic is StaffCall.ASKED
    machine.handle(ev.PanicHeard(), NOW)
    assert machine.situation.panic is StaffCall.CONFIRMED


def test_panic_that_nobody_has_heard_is_said_again_to_the_relay_that_comes_back() -> None:
    machine = machine_on(Screen.RELAY_LOST)
    machine.handle(ev.PanicPressed(), NOW)
    assert PanicCalled() in sent(machine.handle(ev.RelayWelcomed(BOOTH), NOW))
    machine.handle(ev.PanicHeard(), NOW)
    machine.handle(ev.RelayLost(), NOW)
    assert PanicCalled() not in sent(machine.handle(ev.RelayWelcomed(BOOTH), NOW))


def test_panic_fades_from_the_screens() -> None:
    machine = machine_on(Screen.IDLE)
    machine.handle(ev.PanicPressed(), NOW)
    deadline = machine.next_deadline()
    assert deadline == NOW + after(120)
    machine.handle(ev.DeadlinePassed(), deadline)
    assert machine.situation.panic is StaffCall.NONE


def test_the_lamp_calls_before_it_complains() -> None:
    welded = Board(BoardLink.UP, faults=frozenset({BoardFault.POWER_NOT_CUT}))
    assert lamp_of(welded, called=True, broken=True, occupied=True) is BoothLamp.ATTENTION
    assert lamp_of(welded, called=False, broken=False, occupied=True) is BoothLamp.FAULT
    assert lamp_of(BOARD, called=False, broken=False, occupied=True) is BoothLamp.OCCUPIED
    assert lamp_of(BOARD, called=False, broken=False, occupied=False) is BoothLamp.FREE


def test_every_loss_is_a_loss() -> None:
    for loss in BoardLoss:
        machine = machine_on(Screen.IDLE)
        machine.handle(ev.BoardLost(loss), NOW)
        assert machine.situation.board.loss is loss
