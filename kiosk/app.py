"""`Kiosk`: machine, client, engine and screens joined up, in the Qt process.

Guarantees: every event goes through `CallMachine.handle` and every effect is carried out in order;
an event that is illegal on the screen that is shown changes nothing and is logged by name; each
change of screen is one JSON line on standard output and nothing else ever is; the relay hears of
devices after each welcome and when they change.
Leaves to others: what follows what (`kiosk.call`), starting up (`kiosk.__main__`).
"""

import json
import logging
import signal
import socket
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication
from systemd_watchdog.systemd_watchdog import WatchDog

from kiosk import call_events as ev
from kiosk import effects as do
from kiosk.auto import Actor
from kiosk.board import Board, BoardLink
from kiosk.call import CallMachine, IllegalEventError, Patience
from kiosk.client import Line, LineLost, RelayClient
from kiosk.clock import FacilityClock
from kiosk.config import KioskConfig
from kiosk.engine import control
from kiosk.engine.process import EngineProcess
from kiosk.handshake import CodeShown
from kiosk.identity import about_lines
from kiosk.languages import languages
from kiosk.news import event_of_message
from kiosk.situation import Devices, RelayLink, Screen, Sheet
from kiosk.speech import SILENCE, Narrator
from kiosk.start import Start
from kiosk.texts import faults
from kiosk.ui.board_desk import BoardDesk
from kiosk.ui.engine_link import EngineLink
from kiosk.ui.theme import FONT
from kiosk.ui.upkeep_desk import Places, UpkeepDesk
from kiosk.ui.window import KioskWindow
from visit_protocol.signalling import (
    Answer,
    FromRelay,
    Offer,
    OfferRefused,
    OfferWanted,
    PowerLease,
    RelayHeartbeat,
    TerminalAgenda,
    TerminalCommand,
    TerminalMode,
    TerminalNetwork,
    TerminalStatus,
    VisitUpdate,
    Welcome,
)
from visit_protocol.vocabulary import DeviceState, TerminalFinding

log = logging.getLogger(__name__)

SOFTWARE: Final = "parloir-kiosk 0.1.0"
TICK_MS: Final = 100
MEND_LOOK_MS: Final = 2000
ENGINE_GRACE_MS: Final = 5000
"""A crashed engine is back in two seconds; telling the relay at once would end the visit."""
PULSE_MS: Final = 500
"""How often the thread of the screens shows systemd that it is alive."""
_WORKING: Final = (DeviceState.OK, DeviceState.SYNTHETIC)


class _Mailbox(QObject):
    """Carries news from the client's thread to this one."""

    arrived = Signal(object)


class Kiosk(QObject):
    """The whole terminal."""

    def __init__(
        self,
        start: Start,
        engine: EngineProcess,
        pin: str | None,
        *,
        locked: bool = False,
    ) -> None:
        super().__init__()
        config, identity = start.config, start.identity
        self._start = start
        self._identity = identity
        self._clock = FacilityClock()
        self._machine = CallMachine(
            config.language, _patience_of(config), _board_of(config), languages=languages()
        )
        self._actor = Actor(pin) if pin is not None else None
        self._announced: tuple[Screen, Sheet | None] | None = None
        self._reported: TerminalStatus | None = None
        self._devices: Devices | None = None
        self._has_voice = False
        self._narrator = Narrator()

        self._window = KioskWindow(config.screen, self._touched, locked=locked)
        self._link = EngineLink(engine, self)
        self._connect_engine()

        self._mailbox = _Mailbox(self)
        self._mailbox.arrived.connect(self._hear)
        line = Line(config.relay.url, identity, SOFTWARE, config.relay.ca_file)
        self._client = RelayClient(line, self._mailbox.arrived.emit)
        self._board = BoardDesk(
            config.bridge.socket,
            self._machine,
            happen=self.happen,
            send=self._client.send,
            parent=self,
        )
        self._upkeep = UpkeepDesk(
            Places(start.config_file, start.state),
            config,
            identity,
            self._machine,
            self._link,
            software=SOFTWARE,
            send=self._client.send,
            happen=self.happen,
            picture=self._window.grab,
            restart=QApplication.quit,
            parent=self,
        )
        self._link.measured.connect(self._network_measured)
        self._link.pulsed.connect(self._board.engine_pulsed)

        self._every(TICK_MS, self._tick)
        if start.faults:
            self._every(MEND_LOOK_MS, self._look_for_mend)
        self._systemd = WatchDog()
        if self._systemd.is_enabled:
            self._every(PULSE_MS, self._systemd.notify)
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(ENGINE_GRACE_MS)
        self._grace.timeout.connect(self._tell_status)

    def start(self) -> None:
        """Show the first screen and begin to connect."""
        for fault, line in self._start.faults:
            self.happen(ev.FaultFound(fault, line))
        if self._start.callable:
            self._upkeep.recall(self._clock.now())
            self._client.start()
        self._board.start()
        self._grace.start()  # the engine is still starting; nobody needs to hear that it is not up
        self._render()
        self._window.appear()
        self._systemd.ready()

    def stop(self) -> None:
        """End client, bridge and engine; all are gone when this returns."""
        self._board.stop()
        self._client.stop()
        self._link.stop()

    # ── what happens ───────────────────────────────────────────────────────────────────────
    def happen(self, event: ev.Event) -> None:
        """Let the machine handle ``event``, do what follows, show the screen."""
        try:
            effects = self._machine.handle(event, self._clock.now())
        except IllegalEventError as refused:
            log.warning("ignored: %s", refused)
            return
        for effect in effects:
            self._carry_out(effect)
        self._board.settle()
        self._render()

    def _touched(self, event: ev.Event) -> None:
        """A finger has done this: whatever is being read aloud has been heard enough."""
        self.happen(event)
        self._narrate(touched=True)

    def _narrate(self, *, touched: bool) -> None:
        screen = self._window.current
        if screen is None:
            return
        situation = self._machine.situation
        said = self._narrator.after(self._machine.screen, situation, screen.spoken, touched=touched)
        if said == SILENCE:
            self._link.hush()
        elif said is not None:
            self._link.speak(said.text, said.language, said.prompt())

    def _hear(self, news: FromRelay | CodeShown | LineLost) -> None:
        if isinstance(news, LineLost):
            self.happen(ev.RelayLost())
            return
        if isinstance(news, CodeShown):
            self.happen(ev.CodeOffered(news.code))
            return
        if isinstance(news, Welcome | RelayHeartbeat | TerminalAgenda):
            self._clock.hear(news.now)
            self._upkeep.heard(news.now)
        elif isinstance(news, VisitUpdate):
            self._clock.hear(news.visit.now)
        match news:
            case TerminalMode() | TerminalCommand():
                self._upkeep.hear(news)
            case PowerLease(sent_ns=sent_ns):
                self._board.lease(sent_ns)
            case Answer(id=offer, sdp=sdp):
                self._link.take_answer(offer, sdp)
            case OfferRefused(id=offer, code=code):
                log.warning("offer refused: %s", code)
                self._link.refuse_offer(offer)
            case OfferWanted():
                self._link.offer_again()
            case _:
                event = event_of_message(news)
                if isinstance(news, Welcome):
                    self.happen(ev.AboutTold(about_lines(self._identity, SOFTWARE)))
                    self._reported = None
                    self._tell_status()
                    self._board.relay_welcomed()
                if event is not None:
                    self.happen(event)
                if isinstance(news, Welcome):
                    self._upkeep.welcomed()
                elif isinstance(news, TerminalAgenda):
                    self._upkeep.hear_agenda(news)
                if isinstance(event, ev.IdentificationRefused) and self._actor is not None:
                    self._actor.heard_refusal(self._machine.situation)

    def _carry_out(self, effect: do.Effect) -> None:
        match effect:
            case do.Send(message=message):
                self._client.send(message)
            case do.ChooseEngine(protected=protected):
                self._link.choose(protected)
            case do.OpenDevices():
                self._link.open_devices()
            case do.CloseDevices():
                self._link.close_devices()
            case do.StartMedia():
                self._link.start_media()
            case do.StopMedia():
                self._link.stop_media()
            case do.PlayTone():
                self._link.play_tone()

    def _render(self) -> None:
        screen, sheet = self._machine.screen, self._machine.situation.sheet
        self._window.show_screen(screen, self._machine.situation, self._clock.now())
        self._narrate(touched=False)
        if (screen, sheet) == self._announced:
            return
        if self._actor is not None and (
            self._announced is None or self._announced[0] is not screen
        ):
            self._actor.turn(screen, self._clock.now())
        self._announced = screen, sheet
        line = {"kiosk": self._identity.terminal or "", "state": screen.value}
        if sheet is not None:
            line["sheet"] = sheet.value
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()

    # ── the engine ─────────────────────────────────────────────────────────────────────────
    def _connect_engine(self) -> None:
        link = self._link
        link.reported.connect(self._engine_reported)
        link.lost.connect(self._engine_lost)
        link.offered.connect(self._offer)
        link.connected.connect(lambda: self.happen(ev.MediaConnected()))
        link.disconnected.connect(lambda: self.happen(ev.MediaLost()))
        link.own_level.connect(lambda rms: self._on_screen(lambda s: s.own_level(rms)))
        link.remote_level.connect(lambda rms: self._on_screen(lambda s: s.remote_level(rms)))
        link.picture_faults.connect(lambda f: self._on_screen(lambda s: s.picture_faults(f)))
        link.pictures_paused.connect(
            lambda own, remote: self._on_screen(lambda s: s.pictures_paused(own, remote))
        )
        link.own_picture.connect(lambda p: self._on_screen(lambda s: s.own_picture(p)))
        link.remote_picture.connect(lambda p: self._on_screen(lambda s: s.remote_picture(p)))

    def _on_screen(self, do: Callable[..., None]) -> None:
        if self._window.current is not None:
            do(self._window.current)

    def _engine_reported(self, word: control.Started | control.DevicesChanged) -> None:
        camera, microphone = DeviceState(word.camera), DeviceState(word.microphone)
        usable = camera in _WORKING and microphone in _WORKING
        if isinstance(word, control.Started):
            self._has_voice = word.speech
        audible = self._has_voice and word.speaker == DeviceState.OK
        self._devices = Devices(camera, microphone, usable, speech=audible)
        self._upkeep.speaker_is(DeviceState(word.speaker))
        self._grace.stop()
        self._tell_status()
        self.happen(ev.EngineReported(self._devices))

    def _engine_lost(self) -> None:
        self._devices = None
        self._grace.start()
        self._board.engine_lost()
        self.happen(ev.EngineLost())

    def _network_measured(self, word: control.NetworkMeasured) -> None:
        self._client.send(
            TerminalNetwork(
                loss=word.loss if word.loss >= 0 else None,
                rtt_ms=round(word.rtt_ms, 1) if word.rtt_ms >= 0 else None,
                sent_bps=max(0, word.sent_bps),
                received_bps=max(0, word.received_bps),
            )
        )

    def _offer(self, offer: str, sdp: str) -> None:
        self._client.send(Offer(id=offer, sdp=sdp))

    def _tell_status(self) -> None:
        """Tell the relay of engine, devices and findings if it does not know already."""
        if self._devices is None and self._grace.isActive():
            return
        absent = Devices(DeviceState.ABSENT, DeviceState.ABSENT, usable=False)
        devices = self._devices or absent
        status = TerminalStatus(
            engine=self._devices is not None,
            camera=devices.camera,
            microphone=devices.microphone,
            findings=self._findings(),
        )
        if status != self._reported:
            self._reported = status
            self._client.send(status)

    def _findings(self) -> tuple[TerminalFinding, ...]:
        found = []
        if self._devices is not None and not self._devices.speech:
            found.append(TerminalFinding.NO_SPEECH)
        if faults():
            found.append(TerminalFinding.TEXTS_BROKEN)
        return tuple(found)

    def _look_for_mend(self) -> None:
        """Start again once a technician has mended what was damaged."""
        if self._start.is_mended and self._machine.screen is Screen.OUT_OF_SERVICE:
            log.info("what was damaged is mended: starting again")
            QApplication.quit()

    # ── time ───────────────────────────────────────────────────────────────────────────────
    def _every(self, ms: int, do: Callable[[], None]) -> None:
        timer = QTimer(self)
        timer.timeout.connect(do)
        timer.start(ms)

    def _tick(self) -> None:
        now: datetime = self._clock.now()
        deadline = self._machine.next_deadline()
        if deadline is not None and now >= deadline:
            self.happen(ev.DeadlinePassed())
        if self._actor is not None and self._machine.situation.relay is RelayLink.UP:
            touch = self._actor.next_touch(self._machine.screen, self._machine.situation, now)
            if touch is not None:
                self.happen(touch)
        self._upkeep.tick(now)
        self._window.tick(now)


def _patience_of(config: KioskConfig) -> Patience:
    seconds = config.patience
    return Patience(
        identify=timedelta(seconds=seconds.identify_s),
        preparing=timedelta(seconds=seconds.preparing_s),
        message=timedelta(seconds=seconds.message_s),
        ended=timedelta(seconds=seconds.ended_s),
        left=timedelta(seconds=seconds.left_s),
        left_in_visit=timedelta(seconds=seconds.left_in_visit_s),
    )


def _board_of(config: KioskConfig) -> Board:
    bridge = config.bridge
    if bridge.socket is None:
        return Board()
    return Board(BoardLink.UNKNOWN, bridge.required, bridge.handset, bridge.badge)


def run(
    start: Start,
    engine: EngineProcess,
    pin: str | None,
    *,
    locked: bool = False,
) -> int:
    """Run the terminal until SIGTERM, SIGINT or the window's end; returns the exit status.

    A ``locked`` window has no end: only a signal stops the terminal.
    """
    app = QApplication([SOFTWARE])
    app.setFont(QFont(FONT))
    app.setQuitOnLastWindowClosed(not locked)
    kiosk = Kiosk(start, engine, pin, locked=locked)
    wake, woken = socket.socketpair()
    wake.setblocking(False)
    woken.setblocking(False)
    # Qt's loop does not run Python signal handlers: the descriptor wakes it so that it does.
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: app.exit())  # quit() would ask the window, which refuses
    notifier = QSocketNotifier(wake.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: wake.recv(64))
    kiosk.start()
    try:
        return int(app.exec())
    finally:
        kiosk.stop()
        signal.set_wakeup_fd(-1)
