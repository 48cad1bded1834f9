"""`EngineLink`: the screens' end of the engine: keeps one alive and tells it what is wanted.

Guarantees: what is wanted (devices on, media offered, protected or not) survives the engine: a
crashed one is replaced at once, within two seconds even if it crashes again and again, and told
again; an offer that is refused, unanswered or fails is made anew with growing delays while media
is wanted; pictures are drawn as fast as the screen can and never queue up.
Leaves to others: whether media is wanted (`kiosk.call`).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from kiosk.engine import control
from kiosk.engine.frames import Picture, Region
from kiosk.engine.process import EngineProcess
from kiosk.engine.settings import Settings

log = logging.getLogger(__name__)

CONNECT_S: Final = 8.0
"""An offer that has led to no connection by then is made anew."""
RETRY_S: Final = (0.5, 1.0, 2.0, 4.0)
LOSS_SHOWN_AFTER_S: Final = 0.5
"""A cut call's connection closes a moment before the relay says that it has ended."""
QUICK_CRASH_S: Final = 1.5
"""Wait before the next engine when the last one never got to work."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the engine should be doing."""

    protected: bool = False
    devices: bool = False
    media: bool = False


class EngineLink(QObject):
    """One engine at a time."""

    reported = Signal(object)
    """`control.Started` or `control.DevicesChanged`."""
    tested = Signal(object)
    """`control.DevicesTested`."""
    measured = Signal(object)
    """`control.NetworkMeasured`."""
    pulsed = Signal(object)
    """When the engine said that its loop turns: CLOCK_MONOTONIC nanoseconds."""
    lost = Signal()
    offered = Signal(str, str)
    """Offer id and SDP, to be sent to the relay."""
    connected = Signal()
    disconnected = Signal()
    own_level = Signal(float)
    remote_level = Signal(float)
    picture_faults = Signal(object)
    pictures_paused = Signal(bool, bool)
    """Whether the network leaves out one's own picture, and the other's."""
    own_picture = Signal(object)
    remote_picture = Signal(object)

    def __init__(self, process: EngineProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = process.settings
        self._wanted = Wanted(protected=process.settings.protected)
        self._ready = False
        self._ever_ready = False
        self._offers = 0
        self._failures = 0
        self._offer = ""
        self._drawn: dict[Region, int] = {"own": 0, "remote": 0}
        self._retry = self._timer(self._make_offer)
        self._patience = self._timer(self._offer_failed)
        self._loss = self._timer(self.disconnected.emit)
        self._rebirth = self._timer(self._replace)
        self._stopped = False
        self._process = process
        self._notifier = self._watch()

    @property
    def pid(self) -> int:
        """The engine's process id."""
        return self._process.pid

    def choose(self, protected: bool) -> None:
        """See to it that the engine is one for this kind of visit; restarts it if it is not."""
        if self._wanted.protected != protected:
            self._wanted = replace(self._wanted, protected=protected)
            log.info("engine restarted for a %s visit", "protected" if protected else "plain")
            self._replace()

    def restart(self) -> None:
        """Start another engine, which tries its devices anew."""
        self._replace()

    def open_devices(self) -> None:
        """Switch camera and microphone on."""
        self._wanted = replace(self._wanted, devices=True)
        self._say(control.OpenDevices())

    def close_devices(self) -> None:
        """Switch camera and microphone off."""
        self._wanted = replace(self._wanted, devices=False)
        self._say(control.CloseDevices())

    def start_media(self) -> None:
        """Offer media, anew if there was an offer."""
        self._wanted = replace(self._wanted, media=True)
        self._failures = 0
        self._make_offer()

    def stop_media(self) -> None:
        """Take the peer down and offer no more."""
        self._wanted = replace(self._wanted, media=False)
        self._offer = ""
        for timer in (self._retry, self._patience, self._loss):
            timer.stop()
        self._say(control.ClosePeer())

    def test_devices(self) -> None:
        """Try the devices; `tested` follows from an engine that runs."""
        self._say(control.TestDevices())

    def play_tone(self) -> None:
        """Let the speaker sound for a moment."""
        self._say(control.PlayTone())

    def take_answer(self, offer: str, sdp: str) -> None:
        """The relay answered the offer of that id."""
        if offer == self._offer:
            self._say(control.TakeAnswer(offer, sdp))

    def refuse_offer(self, offer: str) -> None:
        """The relay refused the offer of that id."""
        if offer == self._offer:
            self._offer_failed()

    def speak(self, text: str, language: str, prompt: str) -> None:
        """Read this aloud instead of whatever is being read."""
        self._say(control.Speak(text, language, prompt))

    def hush(self) -> None:
        """Read nothing more."""
        self._say(control.Hush())

    def offer_again(self) -> None:
        """The relay wants another offer, of a new peer, if media is still wanted."""
        self._failures = 0
        self._make_offer()

    def stop(self) -> None:
        """End the engine; it is gone when this returns."""
        self._stopped = True
        for timer in (self._retry, self._patience, self._loss, self._rebirth):
            timer.stop()
        self._notifier.setEnabled(False)
        self._process.stop()

    # ── the process ────────────────────────────────────────────────────────────────────────
    def _timer(self, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

    def _watch(self) -> QSocketNotifier:
        notifier = QSocketNotifier(self._process.line.fileno(), QSocketNotifier.Type.Read, self)
        notifier.activated.connect(self._read)
        return notifier

    def _replace(self) -> None:
        """Start another engine in the place of this one."""
        self._end_engine()
        settings: Settings = replace(self._settings, protected=self._wanted.protected)
        self._process = EngineProcess(settings)
        self._notifier = self._watch()

    def _end_engine(self) -> None:
        self._notifier.setEnabled(False)
        self._notifier.deleteLater()
        self._process.stop()
        self._ready = False
        self.pictures_paused.emit(False, False)
        self._drawn = {"own": 0, "remote": 0}
        for timer in (self._retry, self._patience, self._loss):
            timer.stop()

    def _engine_gone(self) -> None:
        log.error("the engine is gone")
        crashed_early = not self._ready
        self._notifier.setEnabled(False)
        self._ready = False
        self.pictures_paused.emit(False, False)  # its successor will see for itself
        self.lost.emit()
        if not self._stopped:
            self._rebirth.start(round(QUICK_CRASH_S * 1000) if crashed_early else 0)

    # ── the line ───────────────────────────────────────────────────────────────────────────
    def _say(self, word: control.Word) -> None:
        if not self._ready:
            return  # said again when the engine has started
        try:
            self._process.line.send(control.encode(word))
        except OSError:
            self._engine_gone()

    def _read(self) -> None:
        """Read all that is there; of pictures only the newest of each region is drawn."""
        fresh: set[Region] = set()
        line = self._process.line
        for _ in range(64):
            try:
                packet = line.recv(control.MAX_PACKET)
            except BlockingIOError:
                break
            except OSError:
                packet = b""
            if not packet:
                self._engine_gone()
                return
            word = control.decode(packet, control.FROM_ENGINE)
            if isinstance(word, control.FrameWritten):
                fresh.add(word.region)
            else:
                self._hear(word)
            if line is not self._process.line:
                return  # what was heard led to another engine
        for region in fresh:
            self._draw(region)

    def _draw(self, region: Region) -> None:
        picture: Picture | None = self._process.frames.latest(region, self._drawn[region])
        if picture is not None:
            self._drawn[region] = picture.sequence
            signal = self.own_picture if region == "own" else self.remote_picture
            signal.emit(picture)

    def _hear(self, word: control.Word) -> None:
        match word:
            case control.Started():
                self._ready = True
                self.reported.emit(word)
                if self._wanted.devices:
                    self._say(control.OpenDevices())
                if self._wanted.media:
                    self._make_offer()
            case control.Pulse(at_ns=at_ns):
                self.pulsed.emit(at_ns)
            case control.DevicesChanged():
                self.reported.emit(word)
            case control.DevicesTested():
                self.tested.emit(word)
            case control.NetworkMeasured():
                self.measured.emit(word)
            case control.OfferMade(id=offer, sdp=sdp) if offer == self._offer:
                self.offered.emit(offer, sdp)
            case control.PeerChanged(id=offer, state=state) if offer == self._offer:
                if state == "connected":
                    self._failures = 0
                    self._patience.stop()
                    self._loss.stop()
                    self.connected.emit()
                else:
                    self._loss.start(round(LOSS_SHOWN_AFTER_S * 1000))
                    self._offer_failed()
            case control.OwnSound(rms=rms):
                self.own_level.emit(rms)
            case control.RemoteSound(rms=rms):
                self.remote_level.emit(rms)
            case control.PictureHealth(faults=faults):
                self.picture_faults.emit(faults)
            case control.PicturesPaused(own=own, remote=remote):
                self.pictures_paused.emit(own, remote)

    # ── the offer ──────────────────────────────────────────────────────────────────────────
    def _make_offer(self) -> None:
        if not self._wanted.media or not self._ready:
            return
        self._retry.stop()
        self._offers += 1
        self._offer = f"offer-{self._process.pid}-{self._offers}"
        self._patience.start(round(CONNECT_S * 1000))
        self._say(control.MakeOffer(self._offer))

    def _offer_failed(self) -> None:
        self._patience.stop()
        if not self._wanted.media or self._retry.isActive():
            return
        delay = RETRY_S[min(self._failures, len(RETRY_S) - 1)]
        self._failures += 1
        log.warning("no media, next offer in %.1f s", delay)
        self._retry.start(round(delay * 1000))
