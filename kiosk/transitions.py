"""`TRANSITIONS`: which screen follows which, as one table.

Guarantees: the table is the whole truth; of several rows for one (screen, event) the first whose
condition holds counts. Pure.
Leaves to others: moving along it, and what is done then (`kiosk.call`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from kiosk import call_events as ev
from kiosk.call_events import Event
from kiosk.situation import (
    FINISHED,
    JOINED,
    PREPARING,
    RESTING,
    SHEETS,
    RelayLink,
    Screen,
    Sheet,
    Situation,
)
from visit_protocol.vocabulary import CallState

S = Screen

CAMERA_SCREENS: Final = frozenset({S.READY, S.DEVICE_TEST, *JOINED})
"""Only here are camera and microphone on."""
IN_VISIT: Final = frozenset({*JOINED, S.VISIT_HELD})
LEAVABLE: Final = frozenset(S) - {*RESTING, S.ENDED}
"""Whoever puts the handset down here, or takes the badge away, has gone; the end may be read."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A named question about the situation as it is after the event."""

    name: str
    holds: Callable[[Situation], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: on ``screen``, at ``event``, when ``when`` holds, go to ``next``."""

    screen: Screen
    event: type[Event]
    next: Screen
    when: Condition | None = None


BROKEN = Condition("own disk broken", lambda s: bool(s.upkeep.faults))
ENROLLING = Condition("enrolling", lambda s: s.relay is RelayLink.ENROLLING)
MAINTAINED = Condition("in maintenance", lambda s: s.upkeep.maintenance)
RELAY_REFUSES = Condition("relay refuses", lambda s: s.relay is RelayLink.REFUSED)
RELAY_GONE = Condition("relay gone", lambda s: s.relay is RelayLink.LOST)
NOT_HEARD_OF = Condition(
    "relay, engine or board not heard of yet",
    lambda s: s.relay is RelayLink.UNKNOWN or s.engine_up is None or s.board.unheard,
)
BOARD_MISSING = Condition("board missing", lambda s: s.board.missing)
BOARD_THERE = Condition("board there", lambda s: not s.board.missing)
HANDSET_DOWN = Condition("handset on its hook", lambda s: s.board.handset_down)
NOT_EQUIPPED = Condition("engine or devices missing", lambda s: not s.equipped)
AGREED = Condition("notice accepted", lambda s: s.visit is not None and s.visit.notice_accepted)
PLANNED = Condition("own visits known", lambda s: s.plan is not None)
NO_VISIT_HERE = Condition(
    "own visits known, none here now", lambda s: s.plan is not None and s.visit is None
)
STILL_HERE = Condition(
    "own visits known, relay and board there",
    lambda s: s.plan is not None and s.relay is RelayLink.UP and not s.board.missing,
)
GO = Condition("visit on now", lambda s: s.visit is not None and not s.refusals)
GO_AND_AGREED = Condition(
    "visit on now, notice accepted", lambda s: GO.holds(s) and AGREED.holds(s)
)
COMPLAINABLE = Condition("a visit to complain about", lambda s: s.complainable is not None)
APPEALABLE = Condition("an order to appeal against", lambda s: s.appealable is not None)
LIVE = Condition(
    "visit still live", lambda s: s.visit is not None and s.visit.state is CallState.LIVE
)


def _sheet_is(sheet: Sheet) -> Condition:
    return Condition(f"{sheet} wanted", lambda s: s.sheet is sheet)


_VISIT_EVENTS = (
    ev.VisitOpened,
    ev.VisitorAwaited,
    ev.CallStarted,
    ev.CallPaused,
    ev.CallInterrupted,
    ev.VisitRefused,
    ev.VisitEnded,
)
_EVERYWHERE = (
    ev.AgendaChanged,
    ev.TimeReminded,
    ev.StaffNotified,
    ev.StaffWarned,
    ev.AppealKept,
    ev.RequestKept,
    ev.LanguageChosen,
    ev.AidSwitched,
    ev.SheetClosed,
    ev.PanicPressed,
    ev.PanicHeard,
    ev.PanicFaded,
    ev.HandsetHungUp,
    ev.BadgeRemoved,
    ev.BoardFaultBegan,
    ev.BoardFaultEnded,
    ev.SlotsRecalled,
    ev.AboutTold,
)
_UPKEEP_EVENTS = (
    ev.CodeOffered,
    ev.MaintenanceChanged,
    ev.FaultFound,
    ev.FaultMended,
)
_BOARD_EVENTS = (ev.BoardFound, ev.BoardLost, ev.BoothSensed)


def _rest(screen: Screen, *events: type[Event]) -> Iterable[Row]:
    """Rows to whichever resting screen the facts call for."""
    for event in events:
        yield Row(screen, event, S.OUT_OF_SERVICE, BROKEN)
        yield Row(screen, event, S.OUT_OF_SERVICE, RELAY_REFUSES)
        yield Row(screen, event, S.RELAY_LOST, RELAY_GONE)
        yield Row(screen, event, S.ENROLMENT, ENROLLING)
        yield Row(screen, event, S.STARTING, NOT_HEARD_OF)
        yield Row(screen, event, S.MAINTENANCE, MAINTAINED)
        yield Row(screen, event, S.BRIDGE_LOST, BOARD_MISSING)
        yield Row(screen, event, S.OUT_OF_SERVICE, NOT_EQUIPPED)
        yield Row(screen, event, S.IDLE)


def _stay(screen: Screen, *events: type[Event]) -> Iterable[Row]:
    for event in events:
        yield Row(screen, event, screen)


def _prepare(screen: Screen, event: type[Event]) -> Iterable[Row]:
    yield Row(screen, event, S.READY, AGREED)
    yield Row(screen, event, S.NOTICE)


def _rows() -> Iterable[Row]:
    for screen in S:
        yield from _stay(screen, *_EVERYWHERE)
        for sheet, screens in SHEETS.items():
            if screen in screens:
                yield Row(screen, ev.SheetWanted, screen, _sheet_is(sheet))
        if screen in SHEETS[Sheet.STAFF]:
            yield from _stay(screen, ev.StaffWanted)
        if screen in SHEETS[Sheet.APPEAL]:
            yield Row(screen, ev.AppealWanted, screen, APPEALABLE)
        if screen in SHEETS[Sheet.COMPLAINT]:
            yield Row(screen, ev.ComplaintMade, screen, COMPLAINABLE)
        if screen in SHEETS[Sheet.PERMIT]:
            yield from _stay(screen, ev.PermitWanted)
        if screen is not S.IDLE:
            yield from _stay(screen, ev.HandsetLifted, ev.BadgeShown)
    yield from _rows_of_resting()
    yield from _rows_of_upkeep()
    yield from _rows_of_identify()
    yield from _rows_of_my_visits()
    yield from _rows_of_preparing()
    yield from _rows_of_joined()
    yield from _rows_of_held()
    yield from _rows_of_finished()
    yield from _rows_of_board()


def _rows_of_resting() -> Iterable[Row]:
    for screen in RESTING:
        yield from _rest(screen, ev.RelayWelcomed, ev.RelayDeclined, ev.RelayLost)
        yield from _rest(screen, ev.EngineReported, ev.EngineLost)
        # What was meant for somebody who has left meanwhile.
        late = (
            ev.InmateIdentified,
            ev.InmateTurnedAway,
            ev.IdentificationRefused,
            ev.InmateForgotten,
        )
        yield from _rest(screen, *_UPKEEP_EVENTS)
        yield from _stay(screen, *late, *_VISIT_EVENTS, ev.MediaConnected, ev.MediaLost)
    for start in (ev.StartTouched, ev.HandsetLifted, ev.BadgeShown):
        yield Row(S.IDLE, start, S.IDENTIFY)
    yield Row(S.IDLE, ev.DeadlinePassed, S.IDLE)


def _rows_of_upkeep() -> Iterable[Row]:
    yield Row(S.MAINTENANCE, ev.DeviceTestWanted, S.DEVICE_TEST)
    screen = S.DEVICE_TEST
    yield from _stay(screen, ev.ToneWanted)
    yield from _rest(screen, ev.Dismissed, ev.DeadlinePassed, ev.RelayLost, ev.RelayDeclined)
    yield from _rest(screen, ev.InmateForgotten, *_UPKEEP_EVENTS)
    yield from _stay(screen, ev.RelayWelcomed, ev.EngineReported, ev.EngineLost)
    yield from _stay(screen, ev.MediaConnected, ev.MediaLost, *_VISIT_EVENTS)
    yield from _stay(screen, ev.InmateIdentified, ev.InmateTurnedAway, ev.IdentificationRefused)
    for screen in S:
        # Whoever sits there ends first.
        if screen not in (*RESTING, S.DEVICE_TEST):
            yield from _stay(screen, *_UPKEEP_EVENTS)


def _rows_of_identify() -> Iterable[Row]:
    screen = S.IDENTIFY
    yield from _stay(screen, ev.KeyTouched, ev.PinEntered, ev.IdentificationRefused)
    yield from _stay(screen, ev.NumberWanted, ev.NumberEntered)
    yield Row(screen, ev.InmateIdentified, S.MY_VISITS, PLANNED)
    yield from _prepare(screen, ev.InmateIdentified)
    yield Row(screen, ev.InmateTurnedAway, S.MY_VISITS, NO_VISIT_HERE)
    yield Row(screen, ev.InmateTurnedAway, S.CANNOT_VISIT)
    yield from _rest(screen, ev.Dismissed, ev.DeadlinePassed, ev.RelayLost, ev.RelayDeclined)
    yield from _rest(screen, ev.InmateForgotten)
    yield from _stay(screen, *_VISIT_EVENTS, ev.EngineReported, ev.EngineLost)
    yield from _stay(screen, ev.MediaConnected, ev.MediaLost)


def _rows_of_my_visits() -> Iterable[Row]:
    screen = S.MY_VISITS
    yield Row(screen, ev.VisitWanted, S.READY, GO_AND_AGREED)
    yield Row(screen, ev.VisitWanted, S.NOTICE, GO)
    yield from _stay(screen, ev.VisitOpened, ev.VisitorAwaited, ev.CallStarted)
    yield from _stay(screen, ev.CallPaused, ev.CallInterrupted)
    yield Row(screen, ev.VisitRefused, S.CANNOT_VISIT)
    yield Row(screen, ev.VisitEnded, S.ENDED)
    yield from _rest(screen, ev.Dismissed, ev.DeadlinePassed, ev.RelayLost, ev.RelayDeclined)
    yield from _rest(screen, ev.InmateForgotten)
    yield from _stay(screen, ev.EngineReported, ev.EngineLost, ev.MediaConnected, ev.MediaLost)


def _rows_of_preparing() -> Iterable[Row]:
    for screen in PREPARING:
        for event in (ev.VisitOpened, ev.VisitorAwaited, ev.CallStarted, ev.CallPaused):
            yield from _prepare(screen, event)
        yield from _prepare(screen, ev.CallInterrupted)
        yield Row(screen, ev.VisitRefused, S.CANNOT_VISIT)
        yield Row(screen, ev.VisitEnded, S.ENDED)
        yield from _rest(screen, ev.Dismissed, ev.DeadlinePassed, ev.RelayLost, ev.RelayDeclined)
        yield from _rest(screen, ev.InmateForgotten)
        yield from _stay(screen, ev.EngineReported, ev.EngineLost)
        yield from _stay(screen, ev.MediaConnected, ev.MediaLost)
    yield Row(S.NOTICE, ev.NoticeAccepted, S.NOTICE)
    yield Row(S.NOTICE, ev.NoticeDeclined, S.DECLINED)
    yield from _stay(S.READY, ev.ToneWanted)
    yield Row(S.READY, ev.JoinTouched, S.READY, HANDSET_DOWN)
    yield Row(S.READY, ev.JoinTouched, S.WAITING)


def _rows_of_joined() -> Iterable[Row]:
    for screen in JOINED:
        if screen is S.RECONNECTING:
            yield Row(screen, ev.RelayWelcomed, S.VISIT_HELD, BOARD_MISSING)
            yield from _stay(screen, ev.RelayWelcomed)
            # Joined again, and the relay has not seen our media yet.
            yield from _stay(screen, ev.VisitOpened)
            yield from _rest(screen, ev.DeadlinePassed)
        else:
            yield Row(screen, ev.VisitOpened, S.WAITING)
        yield Row(screen, ev.VisitorAwaited, S.WAITING)
        yield Row(screen, ev.CallStarted, S.CALL)
        yield Row(screen, ev.CallPaused, S.PAUSED)
        yield Row(screen, ev.CallInterrupted, S.INTERRUPTED)
        yield Row(screen, ev.VisitRefused, S.CANNOT_VISIT)
        yield Row(screen, ev.VisitEnded, S.ENDED)
        yield Row(screen, ev.RelayLost, S.RECONNECTING)
        yield from _rest(screen, ev.RelayDeclined, ev.InmateForgotten)
        yield from _stay(screen, ev.EngineReported)
        if screen is S.CALL:
            yield Row(screen, ev.EngineLost, S.INTERRUPTED)
            yield Row(screen, ev.MediaLost, S.INTERRUPTED)
        else:
            yield from _stay(screen, ev.EngineLost, ev.MediaLost)
        if screen is S.INTERRUPTED:
            # Our own line broke and mended before the relay took notice.
            yield Row(screen, ev.MediaConnected, S.CALL, LIVE)
        yield from _stay(screen, ev.MediaConnected)
        if screen in (S.CALL, S.PAUSED, S.INTERRUPTED):
            yield from _stay(screen, ev.HangUpConfirmed)
    yield from _rest(S.WAITING, ev.Dismissed)


def _rows_of_held() -> Iterable[Row]:
    screen = S.VISIT_HELD
    for event in (*_VISIT_EVENTS, ev.EngineReported, ev.EngineLost, ev.HangUpConfirmed):
        if event is ev.VisitRefused:
            yield Row(screen, event, S.CANNOT_VISIT)
        elif event is ev.VisitEnded:
            yield Row(screen, event, S.ENDED)
        else:
            yield from _stay(screen, event)
    yield from _stay(screen, ev.MediaConnected, ev.MediaLost)
    yield Row(screen, ev.RelayLost, S.RECONNECTING)
    yield from _rest(screen, ev.RelayDeclined, ev.InmateForgotten, ev.DeadlinePassed)


def _rows_of_board() -> Iterable[Row]:
    for event in _BOARD_EVENTS:
        for screen in RESTING:
            yield from _rest(screen, event)
        for screen in (S.IDENTIFY, S.MY_VISITS, *PREPARING):
            yield Row(screen, event, S.BRIDGE_LOST, BOARD_MISSING)
            yield from _stay(screen, event)
        for screen in JOINED:
            if screen is not S.RECONNECTING:  # the relay has to be back first
                yield Row(screen, event, S.VISIT_HELD, BOARD_MISSING)
            yield from _stay(screen, event)
        yield Row(S.VISIT_HELD, event, S.RECONNECTING, BOARD_THERE)
        for screen in (S.VISIT_HELD, S.DEVICE_TEST, *FINISHED):
            yield from _stay(screen, event)
    for screen in S:
        if screen in LEAVABLE:
            yield from _rest(screen, ev.BoothLeft)


def _rows_of_finished() -> Iterable[Row]:
    for screen in FINISHED:
        if screen is not S.DECLINED:
            # An order was lifted, or the slot has come.
            yield from _prepare(screen, ev.VisitOpened)
        yield from _stay(screen, *_VISIT_EVENTS, ev.InmateForgotten)
        yield from _stay(screen, ev.RelayWelcomed, ev.RelayDeclined, ev.RelayLost)
        yield from _stay(screen, ev.EngineReported, ev.EngineLost)
        yield from _stay(screen, ev.MediaConnected, ev.MediaLost)
        if screen is S.CANNOT_VISIT:
            yield Row(screen, ev.Dismissed, S.MY_VISITS, STILL_HERE)
        yield from _rest(screen, ev.Dismissed, ev.DeadlinePassed)


TRANSITIONS: Final[tuple[Row, ...]] = tuple(_rows())
"""Every legal move; of several rows for one (screen, event) the first whose condition holds."""
