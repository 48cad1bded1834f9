"""`BoardDesk`: bridge, power lease, lamp and what the relay hears of the board, joined up.

Guarantees: power is renewed only at a word of the relay or the engine, only while the machine wants
it and both words are fresh, and counts from the older of the two (`kiosk.lease`); it is cut as soon
as the machine no longer wants it; the relay hears of the board after each welcome and each change,
and of each confirmed power-off. Everything runs on the thread of the screens: screens that hang
renew nothing.
Leaves to others: what follows on the screens (`kiosk.call`), the line (`kiosk.ui.bridge_link`).
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject

from kiosk import call_events as ev
from kiosk.board import BoardLink, lamp_of
from kiosk.call import CallMachine
from kiosk.lease import Lease
from kiosk.sensed import Power, events_of, power_after, status_of
from kiosk.situation import RESTING, Screen, StaffCall
from kiosk.ui.bridge_link import BridgeLink
from visit_protocol.bridge import (
    BoardFound,
    BoothLamp,
    BoothSensed,
    CutPower,
    FromBridge,
    PowerOffConfirmed,
    RenewPower,
    ShowLamp,
)
from visit_protocol.message import Message
from visit_protocol.signalling import BoardStatus, PowerOff

log = logging.getLogger(__name__)

STEP_NS: Final = 20_000_000
"""A renewal that gives less than so much more time is not worth its bytes."""


class BoardDesk(QObject):
    """The booth's board, as far as this terminal has one."""

    def __init__(
        self,
        socket: Path | None,
        machine: CallMachine,
        *,
        happen: Callable[[ev.Event], None],
        send: Callable[[Message], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._machine = machine
        self._happen = happen
        self._send = send
        self._lease = Lease()
        self._power = Power()
        self._renewing = False
        self._renewed_ns = 0
        """From when the last renewal counts."""
        self._lamp: BoothLamp | None = None
        self._reported: BoardStatus | None = None
        self._sensed = False
        """Whether the board has said how the booth stands since it was found."""
        self._link: BridgeLink | None = None
        if socket is not None:
            self._link = BridgeLink(socket, self)
            self._link.heard.connect(self._hear)

    def start(self) -> None:
        """Begin to look for the bridge, if there is to be one."""
        if self._link is not None:
            self._link.start()

    def stop(self) -> None:
        """Hang up, which takes the power away."""
        if self._link is not None:
            self._link.stop()

    # ── what the lease rests on ────────────────────────────────────────────────────────────
    def engine_pulsed(self, at_ns: int) -> None:
        """The engine's loop turned at ``at_ns`` of CLOCK_MONOTONIC."""
        self._lease.pulse(at_ns)
        self._renew(time.monotonic_ns())

    def engine_lost(self) -> None:
        """There is no engine that could use the power."""
        self._lease.forget_engine()

    def relay_welcomed(self) -> None:
        """Another conversation: the relay knows nothing of the board yet."""
        self._lease.forget_relay()
        self._reported = None
        self.settle()

    def lease(self, sent_ns: int) -> None:
        """The relay allows power from its own ``sent_ns`` on."""
        now_ns = time.monotonic_ns()
        self._lease.hear(sent_ns, now_ns)
        self._renew(now_ns)

    def _renew(self, now_ns: int) -> None:
        """Renew if the words that power rests on are fresher than those of the last renewal."""
        since_ns = self._lease.renewal(now_ns)
        if self._link is None or since_ns is None or not self._machine.power_wanted:
            return
        if self._renewing and since_ns - self._renewed_ns < STEP_NS:
            return
        self._renewing, self._renewed_ns = True, since_ns
        self._power = Power(self._power.camera, self._power.microphone)
        self._link.say(RenewPower(at_ns=since_ns, camera=True, microphone=True))

    # ── what follows from the machine ──────────────────────────────────────────────────────
    def settle(self) -> None:
        """Something may have happened: cut, change the lamp, tell the relay, as far as is due."""
        if self._link is None:
            return
        if self._renewing and not self._machine.power_wanted:
            self._renewing = False
            self._link.say(CutPower())
        situation, screen = self._machine.situation, self._machine.screen
        lamp = lamp_of(
            situation.board,
            called=(situation.panic, situation.staff) != (StaffCall.NONE, StaffCall.NONE),
            broken=screen in (Screen.OUT_OF_SERVICE, Screen.RELAY_LOST, Screen.VISIT_HELD),
            occupied=screen not in RESTING,
        )
        if situation.board.link is BoardLink.UP and lamp is not self._lamp:
            self._lamp = lamp
            self._link.say(ShowLamp(lamp=lamp))
        self._report()

    def _report(self) -> None:
        board = self._machine.situation.board
        if board.link is BoardLink.UP and not self._sensed:
            return  # how the booth stands follows at once
        status = status_of(board, self._power)
        if status is not None and status != self._reported:
            self._reported = status
            self._send(status)

    # ── what the bridge says ───────────────────────────────────────────────────────────────
    def _hear(self, message: FromBridge) -> None:
        board = self._machine.situation.board
        self._power = power_after(message, self._power)
        if isinstance(message, BoardFound):
            self._sensed, self._lamp = False, None
        elif isinstance(message, BoothSensed):
            self._sensed = True
        for event in events_of(message, board):
            self._happen(event)
        if isinstance(message, PowerOffConfirmed):
            self._send(PowerOff(after_ms=message.after_ms))
        self.settle()
