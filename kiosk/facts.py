"""`facts_after`: what the terminal knows once an event is taken note of.

Guarantees: total: an event that tells nothing changes nothing; what is meant for a person who has
gone is not kept. Pure.
Leaves to others: the screen that follows (`kiosk.transitions`).
"""

from dataclasses import replace

from kiosk import call_events as ev
from kiosk.board import Board, BoardLink
from kiosk.call_events import Event
from kiosk.news import obstacles
from kiosk.situation import RESTING, SHEETS, RelayLink, Screen, Sheet, Situation, StaffCall
from kiosk.upkeep import Upkeep
from visit_protocol.vocabulary import RejectionCode


def facts_after(before: Situation, event: Event, screen: Screen) -> Situation:
    """The situation once ``event`` is taken note of."""
    match event:
        case ev.RelayWelcomed(booth=booth):
            refusals = () if before.relay is RelayLink.REFUSED else before.refusals
            upkeep = before.upkeep.shows("")
            return replace(
                before, relay=RelayLink.UP, booth=booth, refusals=refusals, upkeep=upkeep
            )
        case ev.RelayDeclined(refusals=refusals):
            return replace(before, relay=RelayLink.REFUSED, refusals=refusals)
        case ev.RelayLost():
            # A refusal is followed by the closing of the connection and explains it.
            link = before.relay if before.relay is RelayLink.REFUSED else RelayLink.LOST
            upkeep = before.upkeep.shows("")
            return replace(before, relay=link, busy=False, upkeep=upkeep)
        case ev.CodeOffered(code=code):
            # Whoever shows a code has just been told that it is nobody's terminal.
            upkeep = before.upkeep.shows(code)
            return replace(before, relay=RelayLink.ENROLLING, refusals=(), upkeep=upkeep)
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
            return replace(before, language=language, language_chosen=True, sheet=None)
        case ev.AidSwitched(aid=aid):
            return replace(before, aids=before.aids ^ {aid})
        case ev.SheetWanted(sheet=sheet):
            return replace(before, sheet=sheet)
        case ev.SheetClosed():
            return replace(before, sheet=None)
        case ev.PanicPressed():
            return replace(before, panic=StaffCall.ASKED)
        case ev.PanicHeard() if before.panic is StaffCall.ASKED:
            return replace(before, panic=StaffCall.CONFIRMED)
        case ev.PanicFaded():
            return replace(before, panic=StaffCall.NONE)
    upkeep = _seen_of_upkeep(before.upkeep, event)
    if upkeep is not before.upkeep:
        return replace(before, upkeep=upkeep)
    board = _seen_of_board(before.board, event)
    if board is not before.board:
        wanted = before.handset_wanted and board.handset_down
        return replace(before, board=board, handset_wanted=wanted)
    return _seen_of_person(before, event, screen)


def _seen_of_upkeep(before: Upkeep, event: Event) -> Upkeep:
    match event:
        case ev.MaintenanceChanged(on=on):
            return replace(before, maintenance=on)
        case ev.FaultFound(fault=fault, line=line):
            return before.broken(fault, line)
        case ev.FaultMended(fault=fault):
            return before.mended(fault)
        case ev.AboutTold(about=about):
            return replace(before, about=about)
        case ev.SlotsRecalled(slots=slots, zone=zone):
            return replace(before, slots=slots, zone=zone)
    return before


def _seen_of_board(before: Board, event: Event) -> Board:
    match event:
        case ev.BoardFound(name=name, firmware=firmware):
            return replace(before, link=BoardLink.UP, loss=None, name=name, firmware=firmware)
        case ev.BoardLost(loss=loss):
            return replace(
                before,
                link=BoardLink.LOST,
                loss=loss,
                handset_lifted=None,
                door_open=False,
                case_open=False,
                temperature_c=None,
                badge="",
                faults=frozenset(),
            )
        case ev.HandsetLifted() | ev.HandsetHungUp():
            return replace(before, handset_lifted=isinstance(event, ev.HandsetLifted))
        case ev.BoothSensed():
            return replace(
                before,
                door_open=event.door_open,
                case_open=event.case_open,
                temperature_c=event.temperature_c,
            )
        case ev.BadgeShown(uid=uid):
            return replace(before, badge=uid)
        case ev.BadgeRemoved():
            return replace(before, badge="")
        case ev.BoardFaultBegan(code=code):
            return replace(before, faults=before.faults | {code})
        case ev.BoardFaultEnded(code=code):
            return replace(before, faults=before.faults - {code})
    return before


def _seen_of_person(before: Situation, event: Event, screen: Screen) -> Situation:
    if screen in (*RESTING, Screen.DEVICE_TEST) and not isinstance(
        event, ev.StaffWanted | ev.StaffNotified
    ):
        return before
    match event:
        case ev.InmateIdentified(inmate_name=name, language=language, visit=visit):
            return replace(
                _greeted(before, language),
                inmate_name=name,
                visit=visit,
                refusals=(),
                notices=event.notices,
                plan=event.plan,
                busy=False,
            )
        case ev.InmateTurnedAway(inmate_name=name, language=language, refusals=refusals):
            return replace(
                _greeted(before, language),
                inmate_name=name,
                visit=event.visit,
                refusals=refusals,
                notices=event.notices,
                plan=event.plan,
                busy=False,
            )
        case ev.IdentificationRefused(refusals=refusals):
            # Nobody has a visit here now: with their number they may see their own all the same.
            none = any(refusal.code is RejectionCode.NO_VISIT_NOW for refusal in refusals)
            wanted = before.number_wanted or (none and not before.number)
            return replace(before, refusals=refusals, busy=False, number_wanted=wanted)
        case ev.NumberWanted():
            return replace(before, number_wanted=not before.number_wanted, number="", refusals=())
        case ev.NumberEntered(number=number):
            return replace(before, number=number, number_wanted=False, refusals=())
        case ev.VisitChanged(visit=visit) if screen is not Screen.IDENTIFY:
            return replace(before, visit=visit, refusals=obstacles(visit), busy=False)
        case ev.TimeReminded(minutes=minutes):
            return replace(before, minutes_left=minutes)
        case ev.PinEntered():
            badge = before.board.badge if before.board.asks_badge else ""
            return replace(before, refusals=(), busy=True, badge=badge)
        case ev.NoticeAccepted() | ev.HangUpConfirmed():
            return replace(before, refusals=(), busy=True)
        case ev.JoinTouched():
            return replace(before, handset_wanted=before.board.handset_down)
        case ev.StaffWanted():
            return replace(before, staff=StaffCall.ASKED, sheet=None)
        case ev.StaffWarned(reason=reason):
            over = screen in SHEETS[Sheet.WARNING]
            return replace(before, warning=reason, sheet=Sheet.WARNING if over else before.sheet)
        case ev.RequestKept(kind=kind, due=due):
            asking = before.sheet in (Sheet.COMPLAINT, Sheet.PERMIT)
            sheet = Sheet.FILED if asking else before.sheet
            return replace(before, filed=(kind, due), sheet=sheet, busy=False)
        case ev.ComplaintMade() | ev.PermitWanted():
            return replace(before, busy=True)
        case ev.AppealWanted():
            return replace(before, busy=True)
        case ev.AppealKept(order=order, due=due):
            sheet = None if before.sheet is Sheet.APPEAL else before.sheet
            kept = (*before.appeals, (order, due))
            return replace(before, appeals=kept, sheet=sheet, busy=False)
        case ev.StaffNotified():
            return replace(before, staff=StaffCall.CONFIRMED)
    return before


def _greeted(before: Situation, language: str) -> Situation:
    """The person's own language, unless they have just chosen another on the screen."""
    if before.language_chosen or language not in before.languages:
        return before
    return replace(before, language=language)
