"""The relay's messages as events of the terminal.

Guarantees: `event_of_message` names every message of the relay; a visit that cannot be joined is
told apart from one whose notice is not yet agreed to. Pure.
Leaves to others: what an event means on which screen (`kiosk.call`).
"""

from typing import Final

from kiosk.call_events import (
    AgendaChanged,
    AppealKept,
    CallInterrupted,
    CallPaused,
    CallStarted,
    Event,
    IdentificationRefused,
    InmateForgotten,
    InmateIdentified,
    InmateTurnedAway,
    PanicHeard,
    RelayDeclined,
    RelayWelcomed,
    RequestKept,
    StaffNotified,
    StaffWarned,
    TimeReminded,
    VisitChanged,
    VisitEnded,
    VisitOpened,
    VisitorAwaited,
    VisitRefused,
)
from kiosk.situation import Booth
from visit_protocol.signalling import (
    AppealFiled,
    FromRelay,
    Identified,
    IdentifyRefused,
    PanicNoted,
    Refusal,
    Refused,
    Reminder,
    RequestFiled,
    SignedOut,
    StaffCalled,
    TerminalAgenda,
    VisitUpdate,
    VisitView,
    Warned,
    Welcome,
)
from visit_protocol.vocabulary import CallState, RejectionCode

_BY_STATE: Final[dict[CallState, type[VisitChanged]]] = {
    CallState.SCHEDULED: VisitOpened,
    CallState.OPEN: VisitOpened,
    CallState.WAITING_INMATE: VisitOpened,
    CallState.WAITING_VISITOR: VisitorAwaited,
    CallState.LIVE: CallStarted,
    CallState.PAUSED: CallPaused,
    CallState.RECONNECTING: CallInterrupted,
    CallState.ENDED: VisitEnded,
}


def obstacles(visit: VisitView) -> tuple[Refusal, ...]:
    """The refusals that the person cannot mend here by agreeing to the notice."""
    if visit.notice_accepted:
        return visit.refusals
    return tuple(r for r in visit.refusals if r.code is not RejectionCode.NOTICE_NOT_ACCEPTED)


def event_of_visit(visit: VisitView) -> VisitChanged:
    """What a `VisitView` says has happened."""
    if visit.state is not CallState.ENDED and obstacles(visit):
        return VisitRefused(visit)
    return _BY_STATE[visit.state](visit)


def event_of_message(message: FromRelay) -> Event | None:
    """The event that a relay's message stands for; None for media plumbing and heartbeats."""
    match message:
        case Welcome():
            return RelayWelcomed(
                Booth(
                    message.facility,
                    message.facility_timezone,
                    message.terminal_label or "",
                    message.notice_version,
                )
            )
        case Refused(refusals=refusals):
            return RelayDeclined(refusals)
        case TerminalAgenda():
            return AgendaChanged(message)
        case Identified():
            return _event_of_identified(message)
        case IdentifyRefused(refusals=refusals):
            return IdentificationRefused(refusals)
        case SignedOut():
            return InmateForgotten()
        case VisitUpdate(visit=visit):
            return event_of_visit(visit)
        case Reminder(minutes=minutes):
            return TimeReminded(minutes)
        case StaffCalled():
            return StaffNotified()
        case Warned(reason=reason):
            return StaffWarned(reason)
        case AppealFiled(order=order, due=due):
            return AppealKept(order, due)
        case RequestFiled(kind=kind, due=due):
            return RequestKept(kind, due)
        case PanicNoted():
            return PanicHeard()
    return None


def _event_of_identified(message: Identified) -> InmateIdentified | InmateTurnedAway:
    name, language = message.inmate_name, message.language
    current = [visit for visit in message.visits if visit.state is not CallState.ENDED]
    joinable = next((visit for visit in current if not obstacles(visit)), None)
    if joinable is not None:
        return InmateIdentified(name, language, joinable, message.notices, message.plan)
    # A visit that an order ended may open again in its slot, so it is kept in sight.
    hindered = next((visit for visit in message.visits if obstacles(visit)), None)
    if hindered is not None:
        why = obstacles(hindered)
        return InmateTurnedAway(name, language, why, hindered, message.notices, message.plan)
    nothing = (Refusal(code=RejectionCode.NO_VISIT_NOW),)
    return InmateTurnedAway(name, language, nothing, notices=message.notices, plan=message.plan)
