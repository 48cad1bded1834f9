"""What can happen at the terminal, in the past tense.

Guarantees: frozen values without behaviour; what is secret shows in no representation.
Leaves to others: what an event means on which screen (`kiosk.call`), which message of the relay
stands for which (`kiosk.news`), what must be done then (`kiosk.effects`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from kiosk.situation import Aid, Booth, Devices, Sheet
from kiosk.upkeep import Fault
from visit_protocol.bridge import BoardFault, BoardLoss
from visit_protocol.signalling import (
    OrderNotice,
    OwnPlan,
    Refusal,
    TerminalAgenda,
    VisitView,
)
from visit_protocol.vocabulary import (
    ComplaintReason,
    RequestKind,
    StaffReason,
    WarningReason,
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened."""


# ── the relay ──────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class RelayWelcomed(Event):
    """The relay knows this terminal."""

    booth: Booth


@dataclass(frozen=True, slots=True)
class RelayDeclined(Event):
    """The relay will not have this terminal."""

    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class RelayLost(Event):
    """The connection is gone, or could not be made."""


@dataclass(frozen=True, slots=True)
class AgendaChanged(Event):
    """The next slot of this booth, or why there is none."""

    agenda: TerminalAgenda


@dataclass(frozen=True, slots=True)
class InmateIdentified(Event):
    """The PIN was right and this visit can be prepared for."""

    inmate_name: str
    language: str
    visit: VisitView
    notices: tuple[OrderNotice, ...] = ()
    """What they have not been told yet of visits that orders displaced."""
    plan: OwnPlan | None = None


@dataclass(frozen=True, slots=True)
class InmateTurnedAway(Event):
    """The PIN was right, yet there is no visit to go to now."""

    inmate_name: str
    language: str
    refusals: tuple[Refusal, ...]
    visit: VisitView | None = None
    notices: tuple[OrderNotice, ...] = ()
    """What they have not been told yet of visits that orders displaced."""
    plan: OwnPlan | None = None


@dataclass(frozen=True, slots=True)
class IdentificationRefused(Event):
    """The PIN was not accepted."""

    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class InmateForgotten(Event):
    """The relay no longer knows who sits here: the PIN is asked for again."""


@dataclass(frozen=True, slots=True)
class VisitChanged(Event):
    """Parent of the things that happen to the visit; never made itself."""

    visit: VisitView


@dataclass(frozen=True, slots=True)
class VisitOpened(VisitChanged):
    """The visit can be joined (or joining is noted and no media has arrived yet)."""


@dataclass(frozen=True, slots=True)
class VisitorAwaited(VisitChanged):
    """The inmate's media arrives; the visitor is not there yet."""


@dataclass(frozen=True, slots=True)
class CallStarted(VisitChanged):
    """Both parties are there and their media flows."""


@dataclass(frozen=True, slots=True)
class CallPaused(VisitChanged):
    """Staff froze the call."""


@dataclass(frozen=True, slots=True)
class CallInterrupted(VisitChanged):
    """A party's connection is gone; the visit's clock stands still."""


@dataclass(frozen=True, slots=True)
class VisitRefused(VisitChanged):
    """The visit cannot be joined now; its refusals say why."""


@dataclass(frozen=True, slots=True)
class VisitEnded(VisitChanged):
    """The visit is over, with its outcome."""


@dataclass(frozen=True, slots=True)
class TimeReminded(Event):
    """So many minutes are left."""

    minutes: int


@dataclass(frozen=True, slots=True)
class StaffWarned(Event):
    """A guard warns both parties; the call goes on."""

    reason: WarningReason


@dataclass(frozen=True, slots=True)
class AppealKept(Event):
    """The relay has the appeal; somebody answers it by ``due``."""

    order: str
    due: datetime


@dataclass(frozen=True, slots=True)
class RequestKept(Event):
    """The relay has the request; the administration answers it by ``due``."""

    kind: RequestKind
    due: datetime


@dataclass(frozen=True, slots=True)
class StaffNotified(Event):
    """The call for staff is on the guards' list."""


@dataclass(frozen=True, slots=True)
class CodeOffered(Event):
    """The relay waits for somebody to confirm this code."""

    code: str


@dataclass(frozen=True, slots=True)
class MaintenanceChanged(Event):
    """Staff have taken the terminal out of service to look after it, or put it back."""

    on: bool


# ── the person in the booth ────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class StartTouched(Event):
    """Somebody wants to begin."""


@dataclass(frozen=True, slots=True)
class KeyTouched(Event):
    """Somebody is typing a PIN."""


@dataclass(frozen=True, slots=True)
class PinEntered(Event):
    """A whole PIN was typed. It never shows in a representation, hence in no log."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NumberWanted(Event):
    """The person has no visit here now and wants to see their own visits."""


@dataclass(frozen=True, slots=True)
class NumberEntered(Event):
    """A whole number was typed; the PIN comes next."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VisitWanted(Event):
    """The person wants to go to the visit that is on now."""


@dataclass(frozen=True, slots=True)
class NoticeAccepted(Event):
    """The notice was agreed to."""


@dataclass(frozen=True, slots=True)
class NoticeDeclined(Event):
    """The notice was not agreed to."""


@dataclass(frozen=True, slots=True)
class JoinTouched(Event):
    """The person wants to be in the call now."""


@dataclass(frozen=True, slots=True)
class HangUpConfirmed(Event):
    """The person ended the call and said so twice."""


@dataclass(frozen=True, slots=True)
class Dismissed(Event):
    """The person goes back, or has read the message."""


@dataclass(frozen=True, slots=True)
class SheetWanted(Event):
    """A button that opens a sheet; the red one opens `Sheet.STAFF`."""

    sheet: Sheet


@dataclass(frozen=True, slots=True)
class SheetClosed(Event):
    """The person goes back to the screen under the sheet."""


@dataclass(frozen=True, slots=True)
class StaffWanted(Event):
    """The person has said why staff should come."""

    reason: StaffReason


@dataclass(frozen=True, slots=True)
class AppealWanted(Event):
    """The person appeals against the order that they were told of."""


@dataclass(frozen=True, slots=True)
class ComplaintMade(Event):
    """The person says what was wrong with the visit that is over."""

    reason: ComplaintReason


@dataclass(frozen=True, slots=True)
class PermitWanted(Event):
    """The person applies for permission for a call with this visitor."""

    visitor: str


@dataclass(frozen=True, slots=True)
class LanguageChosen(Event):
    """The screens speak this language from now on."""

    language: str


@dataclass(frozen=True, slots=True)
class AidSwitched(Event):
    """Large text, contrast or speech was switched on or off."""

    aid: Aid


@dataclass(frozen=True, slots=True)
class DeviceTestWanted(Event):
    """A technician wants to see and hear camera and sound."""


@dataclass(frozen=True, slots=True)
class ToneWanted(Event):
    """A technician wants to hear the speaker."""


# ── the terminal itself ────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class EngineReported(Event):
    """The engine runs; these are its devices."""

    devices: Devices


@dataclass(frozen=True, slots=True)
class EngineLost(Event):
    """The engine is gone and is being started again."""


@dataclass(frozen=True, slots=True)
class FaultFound(Event):
    """Something of this terminal's own is broken; ``line`` is for the technician."""

    fault: Fault
    line: str


@dataclass(frozen=True, slots=True)
class FaultMended(Event):
    """It was repaired."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class SlotsRecalled(Event):
    """The next slots here as they were known before the relay went away."""

    slots: tuple[tuple[datetime, datetime], ...]
    zone: str


@dataclass(frozen=True, slots=True)
class AboutTold(Event):
    """What a technician compares with the terminals page."""

    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MediaConnected(Event):
    """The engine's transport to the relay is up."""


@dataclass(frozen=True, slots=True)
class MediaLost(Event):
    """The engine's transport to the relay is down."""


# ── the booth's board ──────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class BoardFound(Event):
    """The board is spoken with; how the booth stands follows."""

    name: str
    firmware: str


@dataclass(frozen=True, slots=True)
class BoardLost(Event):
    """The board or its bridge is away: nothing is sensed and nothing has power."""

    loss: BoardLoss


@dataclass(frozen=True, slots=True)
class HandsetLifted(Event):
    """The handset has left its hook."""


@dataclass(frozen=True, slots=True)
class HandsetHungUp(Event):
    """The handset is on its hook, perhaps only for a moment."""


@dataclass(frozen=True, slots=True)
class BoothSensed(Event):
    """Door, the board's case, how warm it is."""

    door_open: bool
    case_open: bool
    temperature_c: float | None


@dataclass(frozen=True, slots=True)
class BadgeShown(Event):
    """A badge lies on the reader. Its UID never shows in a representation, hence in no log."""

    uid: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BadgeRemoved(Event):
    """No badge lies there any more, perhaps only for a moment."""


@dataclass(frozen=True, slots=True)
class PanicPressed(Event):
    """Somebody has pressed the panic button."""


@dataclass(frozen=True, slots=True)
class PanicHeard(Event):
    """The relay has put the panic before the guards."""


@dataclass(frozen=True, slots=True)
class PanicFaded(Event):
    """The panic was long ago: the screens no longer speak of it."""


@dataclass(frozen=True, slots=True)
class BoardFaultBegan(Event):
    """Something is wrong with a board that speaks."""

    code: BoardFault


@dataclass(frozen=True, slots=True)
class BoardFaultEnded(Event):
    """It is right again."""

    code: BoardFault


@dataclass(frozen=True, slots=True)
class BoothLeft(Event):
    """The handset stayed on its hook, or the badge away: whoever was here has gone."""


@dataclass(frozen=True, slots=True)
class DeadlinePassed(Event):
    """A deadline that `CallMachine.next_deadline` named is here."""


EVENTS: Final[tuple[type[Event], ...]] = (
    RelayWelcomed,
    RelayDeclined,
    RelayLost,
    AgendaChanged,
    InmateIdentified,
    InmateTurnedAway,
    IdentificationRefused,
    InmateForgotten,
    VisitOpened,
    VisitorAwaited,
    CallStarted,
    CallPaused,
    CallInterrupted,
    VisitRefused,
    VisitEnded,
    TimeReminded,
    StaffNotified,
    StaffWarned,
    AppealKept,
    RequestKept,
    StartTouched,
    KeyTouched,
    PinEntered,
    NumberWanted,
    NumberEntered,
    VisitWanted,
    NoticeAccepted,
    NoticeDeclined,
    JoinTouched,
    HangUpConfirmed,
    Dismissed,
    SheetWanted,
    SheetClosed,
    StaffWanted,
    AppealWanted,
    ComplaintMade,
    PermitWanted,
    LanguageChosen,
    AidSwitched,
    EngineReported,
    EngineLost,
    MediaConnected,
    MediaLost,
    BoardFound,
    BoardLost,
    HandsetLifted,
    HandsetHungUp,
    BoothSensed,
    BadgeShown,
    BadgeRemoved,
    PanicPressed,
    PanicHeard,
    PanicFaded,
    BoardFaultBegan,
    BoardFaultEnded,
    BoothLeft,
    DeadlinePassed,
    CodeOffered,
    MaintenanceChanged,
    DeviceTestWanted,
    ToneWanted,
    FaultFound,
    FaultMended,
    SlotsRecalled,
    AboutTold,
)
"""Every event there is, for the tests that try each of them on each screen."""
