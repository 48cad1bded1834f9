"""`CallMachine`: which screen follows which, from an idle booth to the end of a visit.

Guarantees: the table `TRANSITIONS` is the whole truth; `CallMachine.handle` either moves along a
row and returns what must now be done, or raises `IllegalEventError` and changes nothing; camera and
microphone are on only on `CAMERA_SCREENS`; a person who has gone is forgotten. Pure: time is an
argument, in UTC.
Leaves to others: what the screens look like (`kiosk.ui`), who may visit whom (the relay).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from kiosk import call_events as ev
from kiosk.call_events import Effect, Event, Send
from kiosk.situation import (
    FINISHED,
    JOINED,
    PREPARING,
    RESTING,
    RelayLink,
    Screen,
    Situation,
    StaffCall,
)
from visit_protocol.signalling import (
    AnswerNotice,
    CallStaff,
    Identify,
    Join,
    Leave,
    NoticesShown,
    SignOut,
    VisitView,
)
from visit_protocol.vocabulary import CallState

S = Screen

CAMERA_SCREENS: Final = frozenset({S.READY, *JOINED})
"""Only here are camera and microphone on."""
LANGUAGES: Final = ("ru", "en")
"""The languages of the screens, the facility's own first."""


class IllegalEventError(Exception):
    """The event cannot happen on this screen; the machine is as it was."""

    def __init__(self, screen: Screen, event: Event) -> None:
        super().__init__(f"{type(event).__name__} on {screen}")
        self.screen = screen
        self.event = event


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


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a screen waits for somebody before the booth rests again."""

    identify: timedelta = timedelta(seconds=60)
    preparing: timedelta = timedelta(seconds=180)
    message: timedelta = timedelta(seconds=60)
    ended: timedelta = timedelta(seconds=30)
    language: timedelta = timedelta(seconds=60)
    reconnecting: timedelta = timedelta(seconds=60)
    """After the end of the visit."""


RELAY_REFUSES = Condition("relay refuses", lambda s: s.relay is RelayLink.REFUSED)
RELAY_GONE = Condition("relay gone", lambda s: s.relay is RelayLink.LOST)
NOT_HEARD_OF = Condition(
    "relay or engine not heard of yet",
    lambda s: s.relay is RelayLink.UNKNOWN or s.engine_up is None,
)
NOT_EQUIPPED = Condition("engine or devices missing", lambda s: not s.equipped)
AGREED = Condition("notice accepted", lambda s: s.visit is not None and s.visit.notice_accepted)
LIVE = Condition(
    "visit still live", lambda s: s.visit is not None and s.visit.state is CallState.LIVE
)

_VISIT_EVENTS = (
    ev.VisitOpened,
    ev.VisitorAwaited,
    ev.CallStarted,
    ev.CallPaused,
    ev.CallInterrupted,
    ev.VisitRefused,
    ev.VisitEnded,
)
_EVERYWHERE = (ev.AgendaChanged, ev.TimeReminded, ev.StaffNotified, ev.LanguageChosen)


def _rest(screen: Screen, *events: type[Event]) -> Iterable[Row]:
    """Rows to whichever resting screen the facts call for."""
    for event in events:
        yield Row(screen, event, S.OUT_OF_SERVICE, RELAY_REFUSES)
        yield Row(screen, event, S.RELAY_LOST, RELAY_GONE)
        yield Row(screen, event, S.STARTING, NOT_HEARD_OF)
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
        if screen not in (S.STARTING, S.RELAY_LOST, S.RECONNECTING):
            yield from _stay(screen, ev.StaffWanted)
    yield from _rows_of_resting()
    yield from _rows_of_identify()
    yield from _rows_of_preparing()
    yield from _rows_of_joined()
    yield from _rows_of_finished()


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
        yield from _stay(screen, *late, *_VISIT_EVENTS, ev.MediaConnected, ev.MediaLost)
    yield Row(S.IDLE, ev.StartTouched, S.IDENTIFY)
    yield Row(S.IDLE, ev.DeadlinePassed, S.IDLE)


def _rows_of_identify() -> Iterable[Row]:
    screen = S.IDENTIFY
    yield from _stay(screen, ev.KeyTouched, ev.PinEntered, ev.IdentificationRefused)
    yield from _prepare(screen, ev.InmateIdentified)
    yield Row(screen, ev.InmateTurnedAway, S.CANNOT_VISIT)
    yield from _rest(screen, ev.Dismissed, ev.DeadlinePassed, ev.RelayLost, ev.RelayDeclined)
    yield from _rest(screen, ev.InmateForgotten)
    yield from _stay(screen, *_VISIT_EVENTS, ev.EngineReported, ev.EngineLost)
    yield from _stay(screen, ev.MediaConnected, ev.MediaLost)


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
    yield Row(S.READY, ev.JoinTouched, S.WAITING)


def _rows_of_joined() -> Iterable[Row]:
    for screen in JOINED:
        if screen is S.RECONNECTING:
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


def _rows_of_finished() -> Iterable[Row]:
    for screen in FINISHED:
        if screen is not S.DECLINED:
            # An order was lifted, or the slot has come.
            yield from _prepare(screen, ev.VisitOpened)
        yield from _stay(screen, *_VISIT_EVENTS, ev.InmateForgotten)
        yield from _stay(screen, ev.RelayWelcomed, ev.RelayDeclined, ev.RelayLost)
        yield from _stay(screen, ev.EngineReported, ev.EngineLost)
        yield from _stay(screen, ev.MediaConnected, ev.MediaLost)
        yield from _rest(screen, ev.Dismissed, ev.DeadlinePassed)


TRANSITIONS: Final[tuple[Row, ...]] = tuple(_rows())
"""Every legal move; of several rows for one (screen, event) the first whose condition holds."""

_RESTARTS_PATIENCE = (
    ev.KeyTouched,
    ev.PinEntered,
    ev.IdentificationRefused,
    ev.LanguageChosen,
    ev.NoticeAccepted,
)


class CallMachine:
    """The screens of one terminal. ``now`` is an aware UTC instant."""

    def __init__(self, language: str, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._screen = S.STARTING
        self._situation = Situation(language=language, home_language=language)
        self._since: datetime | None = None

    @property
    def screen(self) -> Screen:
        """The screen that is shown."""
        return self._screen

    @property
    def situation(self) -> Situation:
        """What the screen may show."""
        return self._situation

    def next_deadline(self) -> datetime | None:
        """When to send `DeadlinePassed`; None when this screen waits for ever."""
        if self._since is None:
            return None
        visit = self._situation.visit
        match self._screen:
            case S.IDLE if self._situation.language_chosen:
                return self._since + self._patience.language
            case S.IDENTIFY:
                return self._since + self._patience.identify
            case S.NOTICE | S.READY:
                return self._since + self._patience.preparing
            case S.ENDED:
                return self._since + self._patience.ended
            case S.DECLINED | S.CANNOT_VISIT:
                return self._since + self._patience.message
            case S.RECONNECTING if visit is not None:
                return max(visit.ends, self._since) + self._patience.reconnecting
        return None

    def handle(self, event: Event, now: datetime) -> list[Effect]:
        """Move along the table and return what must now be done, in order.

        News of a visit that is not this person's current one change nothing.

        Raises:
            IllegalEventError: no row for this event on this screen; nothing has changed.
        """
        if isinstance(event, ev.VisitChanged) and not self._concerns(event.visit):
            return []
        seen = _seen(self._situation, event, self._screen)
        row = next((row for row in TRANSITIONS if self._fits(row, event, seen)), None)
        if row is None:
            raise IllegalEventError(self._screen, event)
        before, after = self._screen, row.next
        effects = _effects(before, after, event, self._situation)
        if after in RESTING and before not in RESTING:
            seen = seen.without_person()
        if isinstance(event, ev.DeadlinePassed) and before is S.IDLE:
            seen = seen.without_person()
        if before is not after:
            seen = replace(seen, busy=after is S.WAITING and before is S.READY)
        if before is not after or isinstance(event, _RESTARTS_PATIENCE):
            self._since = now
        self._screen, self._situation = after, seen
        return effects

    def _concerns(self, visit: VisitView) -> bool:
        """Whether the news are of this person's visit and not of their next one."""
        known = self._situation.visit
        return known is None or known.id == visit.id

    def _fits(self, row: Row, event: Event, seen: Situation) -> bool:
        if row.screen is not self._screen or row.event is not type(event):
            return False
        return row.when is None or row.when.holds(seen)


def _seen(before: Situation, event: Event, screen: Screen) -> Situation:
    """The situation once ``event`` is taken note of."""
    match event:
        case ev.RelayWelcomed(booth=booth):
            refusals = () if before.relay is RelayLink.REFUSED else before.refusals
            return replace(before, relay=RelayLink.UP, booth=booth, refusals=refusals)
        case ev.RelayDeclined(refusals=refusals):
            return replace(before, relay=RelayLink.REFUSED, refusals=refusals)
        case ev.RelayLost():
            # A refusal is followed by the closing of the connection and explains it.
            link = before.relay if before.relay is RelayLink.REFUSED else RelayLink.LOST
            return replace(before, relay=link, busy=False)
        case ev.AgendaChanged(agenda=agenda):
            return replace(before, agenda=agenda)
        case ev.EngineReported(devices=devices):
            return replace(before, engine_up=True, devices=devices)
        case ev.EngineLost():
            return replace(before, engine_up=False, devices=None, media_up=False)
        case ev.MediaConnected():
            return replace(before, media_up=True)
        case ev.MediaLost():
            return replace(before, media_up=False)
        case ev.LanguageChosen(language=language):
            return replace(before, language=language, language_chosen=True)
    return _seen_of_person(before, event, screen)


def _seen_of_person(before: Situation, event: Event, screen: Screen) -> Situation:
    if screen in RESTING and not isinstance(event, ev.StaffWanted | ev.StaffNotified):
        return before
    match event:
        case ev.InmateIdentified(inmate_name=name, language=language, visit=visit):
            return replace(
                _greeted(before, language), inmate_name=name, visit=visit, refusals=(), busy=False
            )
        case ev.InmateTurnedAway(inmate_name=name, language=language, refusals=refusals):
            return replace(
                _greeted(before, language),
                inmate_name=name,
                visit=event.visit,
                refusals=refusals,
                notices=event.notices,
                busy=False,
            )
        case ev.IdentificationRefused(refusals=refusals):
            return replace(before, refusals=refusals, busy=False)
        case ev.VisitChanged(visit=visit) if screen is not S.IDENTIFY:
            return replace(before, visit=visit, refusals=ev.obstacles(visit), busy=False)
        case ev.TimeReminded(minutes=minutes):
            return replace(before, minutes_left=minutes)
        case ev.PinEntered() | ev.NoticeAccepted() | ev.HangUpConfirmed():
            return replace(before, refusals=(), busy=True)
        case ev.StaffWanted():
            return replace(before, staff=StaffCall.ASKED)
        case ev.StaffNotified():
            return replace(before, staff=StaffCall.CONFIRMED)
    return before


def _greeted(before: Situation, language: str) -> Situation:
    """The person's own language, unless they have just chosen another on the screen."""
    if before.language_chosen or language not in LANGUAGES:
        return before
    return replace(before, language=language)


def _effects(before: Screen, after: Screen, event: Event, was: Situation) -> list[Effect]:
    """What follows from the move, the person's own words first."""
    effects = _words(before, event, was)
    if before in RESTING and isinstance(event, ev.InmateIdentified | ev.InmateTurnedAway):
        effects.append(Send(SignOut()))
    if isinstance(event, ev.InmateTurnedAway) and after is S.CANNOT_VISIT and event.notices:
        effects.append(Send(NoticesShown(ids=tuple(one.id for one in event.notices))))
    if isinstance(event, ev.InmateIdentified) and after in PREPARING:
        effects.append(ev.ChooseEngine(event.visit.visit_type.protected))
    if before in JOINED and after not in JOINED:
        effects.append(ev.StopMedia())
    if before in CAMERA_SCREENS and after not in CAMERA_SCREENS:
        effects.append(ev.CloseDevices())
    if after in CAMERA_SCREENS and before not in CAMERA_SCREENS:
        effects.append(ev.OpenDevices())
    if before is S.READY and after is S.WAITING:
        effects.append(ev.StartMedia())
    if before is S.RECONNECTING and isinstance(event, ev.RelayWelcomed) and was.visit is not None:
        effects += [Send(Join(visit=was.visit.id)), ev.StartMedia()]
    if before in JOINED and after in JOINED and _relay_lost_our_media(event, was):
        effects.append(ev.StartMedia())
    if before not in (*RESTING, S.IDENTIFY) and after in RESTING:
        effects.append(Send(SignOut()))
    return effects


def _words(screen: Screen, event: Event, was: Situation) -> list[Effect]:
    """What the person says to the relay."""
    match event:
        case ev.PinEntered(pin=pin):
            return [Send(Identify(pin=pin))]
        case ev.NoticeAccepted() | ev.NoticeDeclined() if was.visit and was.booth:
            return [
                Send(
                    AnswerNotice(
                        visit=was.visit.id,
                        version=was.booth.notice_version,
                        language=was.language,
                        accepted=isinstance(event, ev.NoticeAccepted),
                    )
                )
            ]
        case ev.JoinTouched() if was.visit:
            return [Send(Join(visit=was.visit.id))]
        case ev.HangUpConfirmed():
            return [Send(Leave())]
        case ev.Dismissed() if screen is S.WAITING:
            return [Send(Leave())]
        case ev.StaffWanted():
            return [Send(CallStaff())]
    return []


def _relay_lost_our_media(event: Event, was: Situation) -> bool:
    """Whether the relay had the inmate's media and says that it has it no more.

    `CallInterrupted` does not tell whose media is gone; if it is ours, the engine notices.
    """
    had = was.visit is not None and was.visit.state in (CallState.WAITING_VISITOR, CallState.LIVE)
    return had and isinstance(event, ev.VisitOpened)
