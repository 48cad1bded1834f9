"""The screen machine: every event on every screen, and the stories that matter."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from kiosk import call_events as ev
from kiosk import effects as do
from kiosk.board import Board, BoardLink
from kiosk.call import CallMachine, IllegalEventError
from kiosk.news import event_of_message, event_of_visit
from kiosk.situation import (
    RESTING,
    SHEETS,
    Aid,
    Booth,
    Devices,
    RelayLink,
    Screen,
    Sheet,
    StaffCall,
)
from kiosk.transitions import CAMERA_SCREENS, TRANSITIONS
from kiosk.upkeep import Fault
from visit_protocol.bridge import BoardFault, BoardLoss
from visit_protocol.signalling import (
    AnswerNotice,
    AppealFiled,
    CallStaff,
    FileAppeal,
    FileRequest,
    Identify,
    Join,
    Leave,
    NoticesShown,
    OrderNotice,
    OwnPlan,
    Refusal,
    RequestFiled,
    SignOut,
    TerminalAgenda,
    VisitView,
)
from visit_protocol.vocabulary import (
    CallState,
    ComplaintReason,
    DeviceState,
    Outcome,
    RejectionCode,
    RequestKind,
    StaffReason,
    VisitType,
    WarningReason,
)

NOW = datetime(2026, 11, 14, 9, 0, tzinfo=UTC)
BOOTH = Booth("Facility", "Asia/Yekaterinburg", "Booth 3", "2026-11")
WORKING = Devices(DeviceState.SYNTHETIC, DeviceState.SYNTHETIC, usable=True)
BROKEN = Devices(DeviceState.FAILED, DeviceState.OK, usable=False)
WRONG = Refusal(code=RejectionCode.PIN_WRONG, attempts_left=4)


def view(state: CallState = CallState.OPEN, **changes: object) -> VisitView:
    values: dict[str, object] = {
        "id": "v1",
        "reference": "V1",
        "visit_type": VisitType.FAMILY,
        "recorded": True,
        "state": state,
        "starts": NOW,
        "ends": NOW + timedelta(minutes=15),
        "now": NOW,
        "inmate_name": "I",
        "visitor_name": "V",
        "notice_accepted": True,
    }
    return VisitView.model_validate(values | changes)


EVENTS: dict[type[ev.Event], ev.Event] = {
    type(event): event
    for event in (
        ev.RelayWelcomed(BOOTH),
        ev.RelayDeclined((Refusal(code=RejectionCode.TERMINAL_OUT_OF_SERVICE),)),
        ev.RelayLost(),
        ev.AgendaChanged(TerminalAgenda(now=NOW)),
        ev.InmateIdentified("I", "ru", view(notice_accepted=False)),
        ev.InmateTurnedAway("I", "ru", (Refusal(code=RejectionCode.NO_VISIT_NOW),)),
        ev.IdentificationRefused((WRONG,)),
        ev.VisitOpened(view()),
        ev.VisitorAwaited(view(CallState.WAITING_VISITOR)),
        ev.CallStarted(view(CallState.LIVE)),
        ev.CallPaused(view(CallState.PAUSED)),
        ev.CallInterrupted(view(CallState.RECONNECTING)),
        ev.VisitRefused(view(refusals=(Refusal(code=RejectionCode.SUSPENDED_BY_ORDER),))),
        ev.VisitEnded(view(CallState.ENDED, outcome=Outcome.COMPLETED_NORMALLY)),
        ev.TimeReminded(5),
        ev.StaffNotified(),
        ev.StaffWarned(WarningReason.THIRD_PERSON),
        ev.AppealKept("order-1", NOW),
        ev.RequestKept(RequestKind.COMPLAINT, NOW),
        ev.InmateForgotten(),
        ev.StartTouched(),
        ev.KeyTouched(),
        ev.PinEntered("1234"),
        ev.NumberWanted(),
        ev.NumberEntered("207"),
        ev.VisitWanted(),
        ev.NoticeAccepted(),
        ev.NoticeDeclined(),
        ev.JoinTouched(),
        ev.HangUpConfirmed(),
        ev.Dismissed(),
        ev.SheetWanted(Sheet.STAFF),
        ev.SheetClosed(),
        ev.StaffWanted(StaffReason.UNWELL),
        ev.AppealWanted(),
        ev.ComplaintMade(ComplaintReason.OTHER),
        ev.PermitWanted("v-1"),
        ev.LanguageChosen("en"),
        ev.AidSwitched(Aid.LARGE),
        ev.CodeOffered("K7QM-2X9D"),
        ev.MaintenanceChanged(True),
        ev.DeviceTestWanted(),
        ev.ToneWanted(),
        ev.FaultFound(Fault.CACHE, "cache: is damaged"),
        ev.FaultMended(Fault.CACHE),
        ev.SlotsRecalled((), "UTC"),
        ev.AboutTold(("T-01",)),
        ev.EngineReported(WORKING),
        ev.EngineLost(),
        ev.MediaConnected(),
        ev.MediaLost(),
        ev.BoardFound("b", "1.0.0"),
        ev.BoardLost(BoardLoss.SILENT),
        ev.HandsetLifted(),
        ev.HandsetHungUp(),
        ev.BoothSensed(door_open=False, case_open=False, temperature_c=21.0),
        ev.BadgeShown("04a1b2c3"),
        ev.BadgeRemoved(),
        ev.PanicPressed(),
        ev.PanicHeard(),
        ev.PanicFaded(),
        ev.BoardFaultBegan(BoardFault.TOO_HOT),
        ev.BoardFaultEnded(BoardFault.TOO_HOT),
        ev.BoothLeft(),
        ev.DeadlinePassed(),
    )
}

BOARD = Board(BoardLink.UNKNOWN, required=True, has_handset=True)
TO_IDLE: tuple[ev.Event, ...] = (
    ev.RelayWelcomed(BOOTH),
    ev.EngineReported(WORKING),
    EVENTS[ev.BoardFound],
    ev.HandsetHungUp(),
)
TO_MAINTENANCE = (*TO_IDLE, ev.MaintenanceChanged(True))
TO_IDENTIFY = (*TO_IDLE, ev.HandsetLifted())
TO_NOTICE = (*TO_IDENTIFY, ev.InmateIdentified("I", "ru", view(notice_accepted=False)))
TO_READY = (*TO_IDENTIFY, ev.InmateIdentified("I", "ru", view()))
TO_WAITING = (*TO_READY, ev.JoinTouched())
TO_CALL = (*TO_WAITING, ev.CallStarted(view(CallState.LIVE)))
PATHS: dict[Screen, tuple[ev.Event, ...]] = {
    Screen.STARTING: (),
    Screen.IDLE: TO_IDLE,
    Screen.RELAY_LOST: (*TO_IDLE, ev.RelayLost()),
    Screen.OUT_OF_SERVICE: (*TO_IDLE, ev.EngineLost()),
    Screen.ENROLMENT: (EVENTS[ev.CodeOffered],),
    Screen.MAINTENANCE: TO_MAINTENANCE,
    Screen.DEVICE_TEST: (*TO_MAINTENANCE, ev.DeviceTestWanted()),
    Screen.BRIDGE_LOST: (*TO_IDLE, EVENTS[ev.BoardLost]),
    Screen.VISIT_HELD: (*TO_CALL, EVENTS[ev.BoardLost]),
    Screen.IDENTIFY: TO_IDENTIFY,
    Screen.NOTICE: TO_NOTICE,
    Screen.READY: TO_READY,
    Screen.WAITING: TO_WAITING,
    Screen.CALL: TO_CALL,
    Screen.PAUSED: (*TO_CALL, ev.CallPaused(view(CallState.PAUSED))),
    Screen.INTERRUPTED: (*TO_CALL, ev.CallInterrupted(view(CallState.RECONNECTING))),
    Screen.RECONNECTING: (*TO_CALL, ev.RelayLost()),
    Screen.ENDED: (*TO_CALL, EVENTS[ev.VisitEnded]),
    Screen.DECLINED: (*TO_NOTICE, ev.NoticeDeclined()),
    Screen.MY_VISITS: (*TO_IDENTIFY, ev.InmateIdentified("I", "ru", view(), plan=OwnPlan())),
    Screen.CANNOT_VISIT: (*TO_IDENTIFY, EVENTS[ev.InmateTurnedAway]),
}


def machine_on(screen: Screen) -> CallMachine:
    machine = CallMachine("ru", board=BOARD)
    for event in PATHS[screen]:
        machine.handle(event, NOW)
    assert machine.screen is screen
    return machine


def sent(effects: list[do.Effect]) -> list[object]:
    return [effect.message for effect in effects if isinstance(effect, do.Send)]


def test_there_is_a_path_to_every_screen_and_a_sample_of_every_event() -> None:
    assert set(PATHS) == set(Screen)
    assert set(EVENTS) == set(ev.EVENTS)


@pytest.mark.parametrize("kind", ev.EVENTS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("screen", Screen)
def test_every_event_on_every_screen_follows_the_table(
    screen: Screen, kind: type[ev.Event]
) -> None:
    machine = machine_on(screen)
    before = machine.situation
    rows = [row for row in TRANSITIONS if row.screen is screen and row.event is kind]
    if kind is ev.SheetWanted and screen not in SHEETS[Sheet.STAFF]:
        rows = []  # the sample's sheet may not lie here, another may
    if kind is ev.AppealWanted:
        rows = []  # on no path is there an order to appeal against
    if kind is ev.ComplaintMade and screen is Screen.MY_VISITS:
        rows = []  # nor an own visit that is over
    if not rows:
        with pytest.raises(IllegalEventError):
            machine.handle(EVENTS[kind], NOW)
        assert (machine.screen, machine.situation) == (screen, before)
        return
    effects = machine.handle(EVENTS[kind], NOW)
    assert machine.screen in {row.next for row in rows}
    # The camera follows the screen, whatever the event was.
    was_on, is_on = screen in CAMERA_SCREENS, machine.screen in CAMERA_SCREENS
    assert (do.OpenDevices() in effects) == (is_on and not was_on)
    assert (do.CloseDevices() in effects) == (was_on and not is_on)


@pytest.mark.parametrize("screen", [s for s in Screen if s not in RESTING])
def test_nothing_of_a_person_is_left_when_the_booth_rests(screen: Screen) -> None:
    for kind in (ev.Dismissed, ev.DeadlinePassed, ev.RelayDeclined):
        machine = machine_on(screen)
        try:
            machine.handle(EVENTS[kind], NOW)
        except IllegalEventError:
            continue
        if machine.screen in RESTING:
            situation = machine.situation
            assert (situation.inmate_name, situation.visit) == ("", None)
            assert situation.staff is StaffCall.NONE


def test_leaving_tells_the_relay_that_the_person_has_gone() -> None:
    assert SignOut() in sent(machine_on(Screen.READY).handle(ev.Dismissed(), NOW))
    assert SignOut() in sent(machine_on(Screen.ENDED).handle(ev.DeadlinePassed(), NOW))
    waiting = sent(machine_on(Screen.WAITING).handle(ev.Dismissed(), NOW))
    assert waiting == [Leave(), SignOut()]


def test_an_identification_that_comes_after_the_person_went_back_is_signed_out() -> None:
    machine = machine_on(Screen.IDLE)
    effects = machine.handle(EVENTS[ev.InmateIdentified], NOW)
    assert sent(effects) == [SignOut()]
    assert machine.situation.visit is None


def test_a_visit_from_pin_to_end() -> None:
    machine = machine_on(Screen.IDENTIFY)
    assert sent(machine.handle(ev.PinEntered("1234"), NOW)) == [Identify(pin="1234")]
    assert machine.situation.busy
    effects = machine.handle(EVENTS[ev.InmateIdentified], NOW)
    assert effects == [do.ChooseEngine(protected=False)]
    effects = machine.handle(ev.NoticeAccepted(), NOW)
    assert sent(effects) == [
        AnswerNotice(visit="v1", version="2026-11", language="ru", accepted=True)
    ]
    assert machine.handle(ev.VisitOpened(view()), NOW) == [do.OpenDevices()]
    effects = machine.handle(ev.JoinTouched(), NOW)
    assert effects == [do.Send(Join(visit="v1")), do.StartMedia()]
    machine.handle(ev.VisitorAwaited(view(CallState.WAITING_VISITOR)), NOW)
    assert machine.screen is Screen.WAITING
    machine.handle(ev.CallStarted(view(CallState.LIVE)), NOW)
    assert sent(machine.handle(ev.HangUpConfirmed(), NOW)) == [Leave()]
    effects = machine.handle(EVENTS[ev.VisitEnded], NOW)
    assert effects == [do.StopMedia(), do.CloseDevices()]


def test_a_protected_visit_gets_an_engine_of_its_own_kind() -> None:
    machine = machine_on(Screen.IDENTIFY)
    legal = view(visit_type=VisitType.LEGAL, recorded=False, notice_accepted=False)
    effects = machine.handle(ev.InmateIdentified("I", "ru", legal), NOW)
    assert effects == [do.ChooseEngine(protected=True)]


def test_a_refused_notice_ends_kindly_and_says_so_to_the_relay() -> None:
    machine = machine_on(Screen.NOTICE)
    effects = machine.handle(ev.NoticeDeclined(), NOW)
    assert machine.screen is Screen.DECLINED
    assert sent(effects) == [
        AnswerNotice(visit="v1", version="2026-11", language="ru", accepted=False)
    ]
    ended = view(CallState.ENDED, outcome=Outcome.INMATE_REFUSED_TO_ATTEND)
    machine.handle(ev.VisitEnded(ended), NOW)
    assert machine.screen is Screen.DECLINED


def test_after_a_lost_relay_the_terminal_joins_and_offers_again() -> None:
    machine = machine_on(Screen.RECONNECTING)
    effects = machine.handle(ev.RelayWelcomed(BOOTH), NOW)
    assert effects == [do.Send(Join(visit="v1")), do.StartMedia()]
    assert machine.screen is Screen.RECONNECTING
    machine.handle(ev.CallInterrupted(view(CallState.RECONNECTING)), NOW)
    machine.handle(ev.CallStarted(view(CallState.LIVE)), NOW)
    assert machine.screen is Screen.CALL


def test_a_relay_that_has_lost_our_media_gets_a_new_offer() -> None:
    machine = machine_on(Screen.WAITING)
    machine.handle(ev.VisitorAwaited(view(CallState.WAITING_VISITOR)), NOW)
    assert machine.handle(ev.VisitOpened(view()), NOW) == [do.StartMedia()]
    assert machine.handle(ev.VisitOpened(view()), NOW) == []


def test_our_own_broken_line_mends_without_the_relay_noticing() -> None:
    machine = machine_on(Screen.CALL)
    machine.handle(ev.EngineLost(), NOW)
    assert machine.screen is Screen.INTERRUPTED
    machine.handle(ev.EngineReported(WORKING), NOW)
    machine.handle(ev.MediaConnected(), NOW)
    assert machine.screen is Screen.CALL


def test_a_lifted_order_opens_the_visit_again_on_the_end_screen() -> None:
    machine = machine_on(Screen.CALL)
    suspended = view(CallState.ENDED, outcome=Outcome.SUSPENDED_BY_ORDER)
    machine.handle(ev.VisitEnded(suspended), NOW)
    assert machine.handle(ev.VisitOpened(view()), NOW) == [
        do.ChooseEngine(protected=False),
        do.OpenDevices(),
    ]
    assert machine.screen is Screen.READY


def test_news_of_another_visit_do_not_end_this_one() -> None:
    machine = machine_on(Screen.CALL)
    other = view(CallState.ENDED, id="v2", outcome=Outcome.INMATE_CANCELLED)
    assert machine.handle(ev.VisitEnded(other), NOW) == []
    assert machine.screen is Screen.CALL


def test_a_terminal_without_what_it_needs_is_out_of_service_and_comes_back() -> None:
    machine = CallMachine("ru")
    machine.handle(ev.RelayWelcomed(BOOTH), NOW)
    assert machine.screen is Screen.STARTING
    machine.handle(ev.EngineReported(BROKEN), NOW)
    assert machine.screen is Screen.OUT_OF_SERVICE
    machine.handle(ev.EngineReported(WORKING), NOW)
    assert machine.screen is Screen.IDLE


def test_a_refused_terminal_says_so_until_it_is_welcomed() -> None:
    machine = machine_on(Screen.IDLE)
    machine.handle(EVENTS[ev.RelayDeclined], NOW)
    machine.handle(ev.RelayLost(), NOW)
    assert machine.screen is Screen.OUT_OF_SERVICE
    assert machine.situation.relay is RelayLink.REFUSED
    machine.handle(ev.RelayWelcomed(BOOTH), NOW)
    assert (machine.screen, machine.situation.refusals) == (Screen.IDLE, ())


def test_a_language_chosen_on_the_screen_wins_and_lasts_for_one_person() -> None:
    machine = machine_on(Screen.IDLE)
    machine.handle(ev.LanguageChosen("en"), NOW)
    machine.handle(ev.StartTouched(), NOW)
    machine.handle(EVENTS[ev.InmateIdentified], NOW)
    assert machine.situation.language == "en"
    machine.handle(ev.Dismissed(), NOW)
    assert machine.situation.language == "ru"


def test_a_chosen_language_fades_when_nobody_starts() -> None:
    machine = machine_on(Screen.IDLE)
    assert machine.next_deadline() is None
    machine.handle(ev.LanguageChosen("en"), NOW)
    assert machine.next_deadline() == NOW + timedelta(seconds=60)
    machine.handle(ev.DeadlinePassed(), NOW)
    assert machine.situation.language == "ru"


def test_typing_keeps_the_pin_screen_open() -> None:
    machine = machine_on(Screen.IDENTIFY)
    later = NOW + timedelta(seconds=50)
    machine.handle(ev.KeyTouched(), later)
    assert machine.next_deadline() == later + timedelta(seconds=60)


def test_the_red_button_asks_why_and_is_heard_once_confirmed() -> None:
    machine = machine_on(Screen.CALL)
    assert machine.handle(ev.SheetWanted(Sheet.STAFF), NOW) == []
    assert (machine.screen, machine.situation.sheet) == (Screen.CALL, Sheet.STAFF)
    calls = sent(machine.handle(ev.StaffWanted(StaffReason.UNWELL), NOW))
    assert calls == [CallStaff(reason=StaffReason.UNWELL)]
    assert machine.situation.sheet is None
    machine.handle(ev.StaffNotified(), NOW)
    assert machine.situation.staff is StaffCall.CONFIRMED


def test_staff_come_though_no_reason_is_chosen_and_not_when_it_was_taken_back() -> None:
    machine = machine_on(Screen.CALL)
    machine.handle(ev.SheetWanted(Sheet.STAFF), NOW)
    machine.handle(ev.SheetClosed(), NOW)
    assert machine.next_deadline() is None
    machine.handle(ev.SheetWanted(Sheet.STAFF), NOW)
    late = machine.next_deadline()
    assert late == NOW + timedelta(seconds=20)
    assert sent(machine.handle(ev.DeadlinePassed(), late)) == [CallStaff(reason=StaffReason.OTHER)]
    assert machine.screen is Screen.CALL


@pytest.mark.parametrize("sheet", Sheet)
@pytest.mark.parametrize("screen", Screen)
def test_a_sheet_opens_where_it_may_and_nowhere_else(screen: Screen, sheet: Sheet) -> None:
    machine = machine_on(screen)
    before = machine.situation
    if screen in SHEETS[sheet]:
        machine.handle(ev.SheetWanted(sheet), NOW)
        assert (machine.screen, machine.situation.sheet) == (screen, sheet)
        return
    with pytest.raises(IllegalEventError):
        machine.handle(ev.SheetWanted(sheet), NOW)
    assert machine.situation == before


@pytest.mark.parametrize("screen", Screen)
def test_the_screen_under_a_sheet_goes_on_as_without_it(screen: Screen) -> None:
    for sheet, kind in itertools.product(Sheet, ev.EVENTS):
        if screen not in SHEETS[sheet] or kind in (ev.SheetWanted, ev.DeadlinePassed):
            continue
        covered, bare = machine_on(screen), machine_on(screen)
        covered.handle(ev.SheetWanted(sheet), NOW)
        outcomes = []
        for machine in (covered, bare):
            try:
                outcomes.append((machine.handle(EVENTS[kind], NOW), machine.screen))
            except IllegalEventError:
                outcomes.append(([], machine.screen))
        assert outcomes[0] == outcomes[1], (sheet, kind)
        left = covered.situation.sheet
        assert left is None or covered.screen in SHEETS[left]


def test_a_sheet_that_nobody_answers_goes_and_gives_its_screen_all_its_patience() -> None:
    machine = machine_on(Screen.READY)
    machine.handle(ev.SheetWanted(Sheet.LANGUAGE), NOW)
    late = machine.next_deadline()
    assert late == NOW + timedelta(seconds=60)
    machine.handle(ev.DeadlinePassed(), late)
    assert (machine.screen, machine.situation.sheet) == (Screen.READY, None)
    assert machine.next_deadline() == late + timedelta(seconds=180)


def test_own_visits_come_first_and_one_touch_leads_to_the_visit() -> None:
    machine = machine_on(Screen.IDENTIFY)
    notice = OrderNotice(
        id="n-1", order="o-1", reference="V9", starts=NOW, until=NOW, public_text={"ru": "Т"}
    )
    notices = tuple(notice.model_copy(update={"id": f"n-{n}"}) for n in (1, 2, 3))
    known = ev.InmateIdentified("I", "ru", view(), notices, OwnPlan())
    effects = machine.handle(known, NOW)
    shown = NoticesShown(ids=("n-1", "n-2"))  # the third stands on no screen yet
    assert sent(effects) == [shown]
    assert do.ChooseEngine(protected=False) in effects
    assert machine.screen is Screen.MY_VISITS
    machine.handle(ev.VisitWanted(), NOW)
    assert machine.screen is Screen.READY


def test_with_no_visit_here_there_is_no_way_to_one_but_the_own_visits_are_seen() -> None:
    machine = machine_on(Screen.IDENTIFY)
    none = (Refusal(code=RejectionCode.NO_VISIT_NOW),)
    machine.handle(ev.InmateTurnedAway("I", "ru", none, plan=OwnPlan()), NOW)
    assert machine.screen is Screen.MY_VISITS
    with pytest.raises(IllegalEventError):
        machine.handle(ev.VisitWanted(), NOW)
    machine.handle(ev.Dismissed(), NOW)
    assert (machine.screen, machine.situation.plan) == (Screen.IDLE, None)


def test_a_reason_that_was_read_leads_back_to_the_own_visits_while_the_relay_is_there() -> None:
    for lost, after in ((False, Screen.MY_VISITS), (True, Screen.RELAY_LOST)):
        machine = machine_on(Screen.IDENTIFY)
        stopped = view(refusals=(Refusal(code=RejectionCode.SUSPENDED_BY_ORDER),))
        away = ev.InmateTurnedAway("I", "ru", stopped.refusals, stopped, plan=OwnPlan())
        machine.handle(away, NOW)
        assert machine.screen is Screen.CANNOT_VISIT
        if lost:
            machine.handle(ev.RelayLost(), NOW)
        machine.handle(ev.Dismissed(), NOW)
        assert machine.screen is after


def test_somebody_without_a_visit_types_their_number_before_the_pin() -> None:
    machine = machine_on(Screen.IDENTIFY)
    none = Refusal(code=RejectionCode.NO_VISIT_NOW)
    machine.handle(ev.PinEntered("1234"), NOW)
    machine.handle(ev.IdentificationRefused((none,)), NOW)
    assert machine.situation.number_wanted
    machine.handle(ev.NumberEntered("207"), NOW)
    assert not machine.situation.number_wanted
    effects = machine.handle(ev.PinEntered("1234"), NOW)
    assert sent(effects) == [Identify(pin="1234", number="207")]
    assert "207" not in repr(machine.situation)


def test_a_complaint_about_the_visit_that_ended_takes_two_touches_and_is_confirmed() -> None:
    machine = machine_on(Screen.ENDED)
    machine.handle(ev.SheetWanted(Sheet.COMPLAINT), NOW)
    effects = machine.handle(ev.ComplaintMade(ComplaintReason.CUT_SHORT), NOW)
    wish = FileRequest(kind="COMPLAINT", reference="V1", reason=ComplaintReason.CUT_SHORT)
    assert sent(effects) == [wish]
    kept = RequestFiled(kind=RequestKind.COMPLAINT, due=NOW + timedelta(days=10))
    machine.handle(event_of_message(kept), NOW)
    assert machine.situation.sheet is Sheet.FILED
    machine.handle(ev.SheetClosed(), NOW)
    assert (machine.screen, machine.situation.sheet) == (Screen.ENDED, None)


def test_a_permit_is_applied_for_by_a_touch_on_a_name() -> None:
    machine = machine_on(Screen.MY_VISITS)
    for sheet in (Sheet.REQUESTS, Sheet.PERMIT):
        machine.handle(ev.SheetWanted(sheet), NOW)
    effects = machine.handle(ev.PermitWanted("v-1"), NOW)
    assert sent(effects) == [FileRequest(kind=RequestKind.CALL_PERMIT, visitor="v-1")]
    assert machine.situation.busy


def test_a_warning_lies_over_the_call_which_goes_on() -> None:
    machine = machine_on(Screen.CALL)
    assert machine.handle(ev.StaffWarned(WarningReason.INDECENCY), NOW) == []
    assert (machine.screen, machine.situation.sheet) == (Screen.CALL, Sheet.WARNING)
    assert machine.situation.warning is WarningReason.INDECENCY
    machine.handle(ev.CallPaused(view(CallState.PAUSED)), NOW)
    assert (machine.screen, machine.situation.sheet) == (Screen.PAUSED, None)


def test_an_appeal_takes_two_touches_and_says_when_it_is_answered() -> None:
    machine = machine_on(Screen.CALL)
    refusal = Refusal(code=RejectionCode.SUSPENDED_BY_ORDER, order="order-1")
    machine.handle(ev.VisitRefused(view(refusals=(refusal,))), NOW)
    assert (machine.screen, machine.situation.appealable) == (Screen.CANNOT_VISIT, "order-1")
    machine.handle(ev.SheetWanted(Sheet.APPEAL), NOW)
    effects = machine.handle(ev.AppealWanted(), NOW)
    assert sent(effects) == [FileAppeal(visit="v1", order="order-1")]
    due = NOW + timedelta(days=3)
    machine.handle(event_of_message(AppealFiled(order="order-1", due=due)), NOW)
    assert (machine.situation.sheet, machine.situation.appealable) == (None, None)
    assert machine.situation.appeals == (("order-1", due),)
    with pytest.raises(IllegalEventError):
        machine.handle(ev.AppealWanted(), NOW)


def test_letters_and_contrast_are_one_persons_own() -> None:
    machine = machine_on(Screen.IDLE)
    machine.handle(ev.AidSwitched(Aid.LARGE), NOW)
    machine.handle(ev.AidSwitched(Aid.CONTRAST), NOW)
    machine.handle(ev.AidSwitched(Aid.LARGE), NOW)
    assert machine.situation.aids == {Aid.CONTRAST}
    machine.handle(ev.StartTouched(), NOW)
    assert machine.situation.aids == {Aid.CONTRAST}
    machine.handle(ev.Dismissed(), NOW)
    assert machine.situation.aids == frozenset()
    machine.handle(ev.AidSwitched(Aid.LARGE), NOW)
    machine.handle(ev.DeadlinePassed(), NOW + timedelta(seconds=60))
    assert machine.situation.aids == frozenset()


def test_a_notice_not_yet_accepted_is_no_obstacle() -> None:
    refusal = Refusal(code=RejectionCode.NOTICE_NOT_ACCEPTED)
    assert isinstance(
        event_of_visit(view(notice_accepted=False, refusals=(refusal,))), ev.VisitOpened
    )
    other = Refusal(code=RejectionCode.SLOT_NOT_OPEN)
    early = event_of_visit(view(notice_accepted=False, refusals=(refusal, other)))
    assert isinstance(early, ev.VisitRefused)


def test_a_pin_never_shows_in_a_representation() -> None:
    assert "1234" not in repr(ev.PinEntered("1234"))
    assert "1234" not in repr(do.Send(Identify(pin="1234")))
    assert "1234" not in str(IllegalEventError(Screen.IDLE, ev.PinEntered("1234")))
