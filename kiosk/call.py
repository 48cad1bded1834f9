"""`CallMachine`: which screen follows which, from an idle booth to the end of a visit.

Guarantees: `CallMachine.handle` either moves along a row of `kiosk.transitions` and returns what
must now be done, or raises `IllegalEventError` and changes nothing; camera and microphone are on
only on `CAMERA_SCREENS`; a person who has gone is forgotten. Pure: time is an argument, in UTC.
Leaves to others: what the screens look like (`kiosk.ui`), who may visit whom (the relay).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk import call_events as ev
from kiosk import effects as do
from kiosk.board import Absence, Board, BoardLink
from kiosk.call_events import Event
from kiosk.effects import Effect, Send
from kiosk.facts import facts_after
from kiosk.situation import (
    JOINED,
    PREPARING,
    RESTING,
    SHEETS,
    TOLD_AT_ONCE,
    RelayLink,
    Screen,
    Sheet,
    Situation,
    StaffCall,
)
from kiosk.transitions import CAMERA_SCREENS, IN_VISIT, LEAVABLE, TRANSITIONS, Row
from visit_protocol.signalling import (
    AnswerNotice,
    BadgeSeen,
    CallStaff,
    FileAppeal,
    FileRequest,
    Identify,
    Join,
    Leave,
    NoticesShown,
    PanicCalled,
    SignOut,
    VisitView,
)
from visit_protocol.vocabulary import CallState, RequestKind, StaffReason

S = Screen


class IllegalEventError(Exception):
    """The event cannot happen on this screen; the machine is as it was."""

    def __init__(self, screen: Screen, event: Event) -> None:
        super().__init__(f"{type(event).__name__} on {screen}")
        self.screen = screen
        self.event = event


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a screen waits for somebody before the booth rests again."""

    identify: timedelta = timedelta(seconds=60)
    preparing: timedelta = timedelta(seconds=180)
    message: timedelta = timedelta(seconds=60)
    ended: timedelta = timedelta(seconds=30)
    language: timedelta = timedelta(seconds=60)
    sheet: timedelta = timedelta(seconds=20)
    """Over a call, or when staff are called: other sheets are read like messages."""
    reconnecting: timedelta = timedelta(seconds=60)
    """After the end of the visit."""
    left: timedelta = timedelta(seconds=2)
    """With the handset on its hook or without the badge: it may have bounced."""
    left_in_visit: timedelta = timedelta(seconds=10)
    panic: timedelta = timedelta(seconds=120)


_HEADING = frozenset({S.MY_VISITS, *PREPARING})
"""On the way to a visit: the engine is the one for its kind from here on."""
_RESTARTS_PATIENCE = (
    ev.KeyTouched,
    ev.PinEntered,
    ev.NumberWanted,
    ev.NumberEntered,
    ev.IdentificationRefused,
    ev.LanguageChosen,
    ev.AidSwitched,
    ev.SheetWanted,
    ev.SheetClosed,
    ev.StaffWanted,
    ev.StaffWarned,
    ev.AppealWanted,
    ev.AppealKept,
    ev.ComplaintMade,
    ev.PermitWanted,
    ev.RequestKept,
    ev.NoticeAccepted,
)


class CallMachine:
    """The screens of one terminal. ``now`` is an aware UTC instant.

    ``board`` is what the configuration says of the booth's board; by default there is none.
    ``languages`` are those that there are words in.
    """

    def __init__(
        self,
        language: str,
        patience: Patience | None = None,
        board: Board | None = None,
        languages: tuple[str, ...] = ("ru", "en"),
    ) -> None:
        self._patience = patience or Patience()
        self._screen = S.STARTING
        self._situation = Situation(
            language=language,
            home_language=language,
            languages=languages,
            board=board or Board(),
        )
        self._since: datetime | None = None
        self._absence = Absence()
        self._panic: datetime | None = None

    @property
    def screen(self) -> Screen:
        """The screen that is shown."""
        return self._screen

    @property
    def situation(self) -> Situation:
        """What the screen may show."""
        return self._situation

    @property
    def power_wanted(self) -> bool:
        """Whether camera and microphone should have power, if the relay allows it."""
        situation = self._situation
        return (
            self._screen in CAMERA_SCREENS
            and situation.relay is RelayLink.UP
            and situation.board.link is BoardLink.UP
            and not situation.board.case_open
        )

    def next_deadline(self) -> datetime | None:
        """When to send `DeadlinePassed`; None when this screen waits for ever."""
        found = (
            self._screen_deadline(),
            self._sheet_deadline(),
            self._left_deadline(),
            self._panic_deadline(),
        )
        return min((deadline for deadline in found if deadline is not None), default=None)

    def _left_deadline(self) -> datetime | None:
        """When whoever was here counts as gone."""
        since = self._absence.since
        if since is None or self._screen not in LEAVABLE:
            return None
        in_visit = self._screen in IN_VISIT
        return since + (self._patience.left_in_visit if in_visit else self._patience.left)

    def _panic_deadline(self) -> datetime | None:
        return None if self._panic is None else self._panic + self._patience.panic

    def _sheet_deadline(self) -> datetime | None:
        """When nobody has answered a sheet: the screen under it comes back."""
        if self._since is None or self._situation.sheet is None:
            return None
        at_once = self._situation.sheet in (Sheet.STAFF, Sheet.WARNING)
        return self._since + (self._patience.sheet if at_once else self._patience.message)

    def _screen_deadline(self) -> datetime | None:
        if self._since is None or self._situation.sheet is not None:
            return None
        visit = self._situation.visit
        match self._screen:
            case S.IDLE if self._situation.touched:
                return self._since + self._patience.language
            case S.IDENTIFY:
                return self._since + self._patience.identify
            case S.MY_VISITS | S.NOTICE | S.READY | S.DEVICE_TEST:
                return self._since + self._patience.preparing
            case S.ENDED:
                return self._since + self._patience.ended
            case S.DECLINED | S.CANNOT_VISIT:
                return self._since + self._patience.message
            case S.RECONNECTING | S.VISIT_HELD if visit is not None:
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
        if isinstance(event, ev.DeadlinePassed):
            event = self._what_is_due(now)
        seen = facts_after(self._situation, event, self._screen)
        row = next((row for row in TRANSITIONS if self._fits(row, event, seen)), None)
        if row is None:
            raise IllegalEventError(self._screen, event)
        before, after = self._screen, row.next
        effects = _effects(before, after, event, self._situation)
        if after in RESTING and before not in RESTING:
            seen = seen.without_person()
        if isinstance(event, ev.DeadlinePassed) and before is S.IDLE:
            seen = seen.without_person()
        if seen.sheet is not None and after not in SHEETS[seen.sheet]:
            seen = replace(seen, sheet=None)
        if before is not after:
            seen = replace(seen, busy=after is S.WAITING and before is S.READY)
        if before is not after or isinstance(event, _RESTARTS_PATIENCE):
            self._since = now
        self._screen, self._situation = after, seen
        self._note_absence(event, now)
        return effects

    def _what_is_due(self, now: datetime) -> Event:
        """Which of the deadlines is here."""
        left, panic = self._left_deadline(), self._panic_deadline()
        if left is not None and now >= left:
            return ev.BoothLeft()
        if panic is not None and now >= panic:
            return ev.PanicFaded()
        if self._situation.sheet is Sheet.STAFF:
            # Whoever pressed the red button and says no more may need help most.
            return ev.StaffWanted(StaffReason.OTHER)
        if self._situation.sheet is not None:
            return ev.SheetClosed()
        return ev.DeadlinePassed()

    def _note_absence(self, event: Event, now: datetime) -> None:
        """Note since when the board senses nobody here, and when it called for help."""
        board, badge, absence = self._situation.board, self._situation.badge, self._absence
        match event:
            case ev.PanicPressed():
                self._panic = now
            case ev.PanicHeard() if self._panic is not None:
                self._panic = now  # by the relay's clock; ours may have been wrong until now
            case ev.PanicFaded():
                self._panic = None
            case ev.HandsetHungUp() if board.has_handset:
                self._absence = replace(absence, handset=now)
            case ev.HandsetLifted():
                self._absence = replace(absence, handset=None)
            case ev.BadgeShown() | ev.BadgeRemoved():
                away = bool(badge) and board.badge != badge
                self._absence = replace(absence, badge=(absence.badge or now) if away else None)
        if self._screen in RESTING or isinstance(event, ev.BoardLost):
            self._absence = Absence()

    def _concerns(self, visit: VisitView) -> bool:
        """Whether the news are of this person's visit and not of their next one."""
        known = self._situation.visit
        return known is None or known.id == visit.id

    def _fits(self, row: Row, event: Event, seen: Situation) -> bool:
        if row.screen is not self._screen or row.event is not type(event):
            return False
        return row.when is None or row.when.holds(seen)


def _effects(before: Screen, after: Screen, event: Event, was: Situation) -> list[Effect]:
    """What follows from the move, the person's own words first."""
    effects = _words(before, event, was)
    if before in RESTING and isinstance(event, ev.InmateIdentified | ev.InmateTurnedAway):
        effects.append(Send(SignOut()))
    if isinstance(event, ev.InmateIdentified | ev.InmateTurnedAway):
        told = event.notices[:TOLD_AT_ONCE] if after is S.MY_VISITS else event.notices
        ids = tuple(one.id for one in told)
        if ids and after in (S.CANNOT_VISIT, S.MY_VISITS):
            effects.append(Send(NoticesShown(ids=ids)))
    sets_out = after in _HEADING and before not in _HEADING
    if sets_out and isinstance(event, ev.InmateIdentified | ev.VisitChanged):
        effects.append(do.ChooseEngine(event.visit.visit_type.protected))
    if isinstance(event, ev.ToneWanted):
        effects.append(do.PlayTone())
    if before in JOINED and after not in JOINED:
        effects.append(do.StopMedia())
    if before in CAMERA_SCREENS and after not in CAMERA_SCREENS:
        effects.append(do.CloseDevices())
    if after in CAMERA_SCREENS and before not in CAMERA_SCREENS:
        effects.append(do.OpenDevices())
    if before is S.READY and after is S.WAITING:
        effects.append(do.StartMedia())
    relay_back = before is S.RECONNECTING and isinstance(event, ev.RelayWelcomed)
    board_back = before is S.VISIT_HELD and not isinstance(event, ev.RelayLost)
    if after is S.RECONNECTING and (relay_back or board_back) and was.visit is not None:
        effects += [Send(Join(visit=was.visit.id)), do.StartMedia()]
    if before in JOINED and after in JOINED and _relay_lost_our_media(event, was):
        effects.append(do.StartMedia())
    if before not in (*RESTING, S.IDENTIFY) and after in RESTING:
        effects.append(Send(SignOut()))
    return effects


def _words(screen: Screen, event: Event, was: Situation) -> list[Effect]:
    """What the person says to the relay."""
    match event:
        case ev.PanicPressed():
            return [Send(PanicCalled())]
        case ev.RelayWelcomed() if was.panic is StaffCall.ASKED:
            return [Send(PanicCalled())]
        case ev.BadgeShown(uid=uid) if screen in IN_VISIT and uid != was.badge:
            return [Send(BadgeSeen(badge=uid))]
        case ev.PinEntered(pin=pin):
            badge = was.board.badge if was.board.asks_badge else ""
            number = was.number or None
            return [Send(Identify(pin=pin, badge=badge or None, number=number))]
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
        case ev.JoinTouched() if was.visit and not was.board.handset_down:
            return [Send(Join(visit=was.visit.id))]
        case ev.HangUpConfirmed():
            return [Send(Leave())]
        case ev.Dismissed() if screen is S.WAITING:
            return [Send(Leave())]
        case ev.BoothLeft() if screen in IN_VISIT:
            return [Send(Leave())]
        case ev.AppealWanted() if was.visit and was.appealable:
            return [Send(FileAppeal(visit=was.visit.id, order=was.appealable))]
        case ev.ComplaintMade(reason=reason) if was.complainable:
            kind = RequestKind.COMPLAINT
            return [Send(FileRequest(kind=kind, reference=was.complainable, reason=reason))]
        case ev.PermitWanted(visitor=visitor):
            return [Send(FileRequest(kind=RequestKind.CALL_PERMIT, visitor=visitor))]
        case ev.StaffWanted(reason=reason):
            return [Send(CallStaff(reason=reason))]
    return []


def _relay_lost_our_media(event: Event, was: Situation) -> bool:
    """Whether the relay had the inmate's media and says that it has it no more.

    `CallInterrupted` does not tell whose media is gone; if it is ours, the engine notices.
    """
    had = was.visit is not None and was.visit.state in (CallState.WAITING_VISITOR, CallState.LIVE)
    return had and isinstance(event, ev.VisitOpened)
