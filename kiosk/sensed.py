"""What the bridge says, as events of the machine; and the board as the relay is told of it.

Guarantees: each change is one event and no change is none; `Power` says *off confirmed* only after
the board did and nothing was allowed since. Pure.
Leaves to others: what an event means on which screen (`kiosk.call`).
"""

from dataclasses import dataclass

from kiosk import call_events as ev
from kiosk.board import Board, BoardLink
from visit_protocol.bridge import (
    BadgeRemoved,
    BadgeShown,
    BoardFound,
    BoardLost,
    BoothSensed,
    FaultBegan,
    FaultEnded,
    FromBridge,
    PanicPressed,
    PowerOffConfirmed,
    PowerSensed,
)
from visit_protocol.signalling import BoardStatus


@dataclass(frozen=True, slots=True)
class Power:
    """Where there is power, as measured."""

    camera: bool = False
    microphone: bool = False
    off_confirmed: bool = False


def events_of(message: FromBridge, board: Board) -> tuple[ev.Event, ...]:
    """What ``message`` says has happened, ``board`` being what was known before."""
    match message:
        case BoardFound():
            return (ev.BoardFound(message.board, message.firmware),)
        case BoardLost(code=code):
            known = board.link is BoardLink.LOST and board.loss is code
            return () if known else (ev.BoardLost(code),)
        case BoothSensed():
            return _events_of_booth(message, board)
        case BadgeShown(uid=uid):
            return (ev.BadgeShown(uid),)
        case BadgeRemoved():
            return (ev.BadgeRemoved(),)
        case PanicPressed():
            return (ev.PanicPressed(),)
        case FaultBegan(code=fault):
            return (ev.BoardFaultBegan(fault),)
        case FaultEnded(code=fault):
            return (ev.BoardFaultEnded(fault),)
        case PowerSensed() | PowerOffConfirmed():
            return ()


def _events_of_booth(message: BoothSensed, board: Board) -> tuple[ev.Event, ...]:
    events: list[ev.Event] = []
    if message.handset_lifted != board.handset_lifted:
        events.append(ev.HandsetLifted() if message.handset_lifted else ev.HandsetHungUp())
    sensed = (message.door_open, message.case_open, message.temperature_c)
    if sensed != (board.door_open, board.case_open, board.temperature_c):
        events.append(ev.BoothSensed(*sensed))
    return tuple(events)


def power_after(message: FromBridge, before: Power) -> Power:
    """Where there is power once ``message`` was heard."""
    match message:
        case PowerSensed(camera=camera, microphone=microphone):
            off = before.off_confirmed and not (camera or microphone)
            return Power(camera, microphone, off)
        case PowerOffConfirmed():
            return Power(off_confirmed=True)
        case BoardLost():
            return Power()  # nobody sees it now; the board says again when it is back
    return before


def status_of(board: Board, power: Power) -> BoardStatus | None:
    """The board as the relay is told of it; None where there is none, or none was heard of yet."""
    match board.link:
        case BoardLink.NOT_FITTED | BoardLink.UNKNOWN:
            return None
        case BoardLink.LOST:
            return BoardStatus(
                required=board.required, asks_badge=board.asks_badge, loss=board.loss
            )
        case BoardLink.UP:
            return BoardStatus(
                required=board.required,
                asks_badge=board.asks_badge,
                board=board.name,
                firmware=board.firmware,
                handset_lifted=board.handset_lifted,
                door_open=board.door_open,
                case_open=board.case_open,
                temperature_c=board.temperature_c,
                camera_power=power.camera,
                microphone_power=power.microphone,
                off_confirmed=power.off_confirmed,
                faults=tuple(sorted(board.faults)),
            )
