"""`UpkeepDesk`: what an administrator asks of this terminal, and what it tells of itself.

Guarantees: a picture is taken of the idle screen only; nothing is tested while somebody is in the
booth; every command is answered; an engine that does not answer a test has failed it.
Leaves to others: the screens (`kiosk.call`), the devices (`kiosk.engine`), who may ask (the relay).
"""

import base64
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Qt, QTimer
from PySide6.QtGui import QImage, QImageWriter, QPixmap

from kiosk import call_events as ev
from kiosk.cache import CacheError, KnownSlots, SlotCache
from kiosk.call import CallMachine
from kiosk.config import KioskConfig
from kiosk.engine import control
from kiosk.identity import Identity
from kiosk.self_test import Tried, next_night, results_of
from kiosk.setup import accept_last
from kiosk.situation import RESTING, Screen
from kiosk.ui.engine_link import EngineLink
from kiosk.upkeep import Fault
from visit_protocol.message import Message
from visit_protocol.signalling import (
    CommandAnswer,
    SelfTestReport,
    TerminalAbout,
    TerminalAgenda,
    TerminalCommand,
    TerminalMode,
)
from visit_protocol.vocabulary import DeviceState, SelfTestCause, TerminalAction

log = logging.getLogger(__name__)

ABOUT_MS: Final = 60_000
BOOT_QUIET_S: Final = 10.0
"""So long has nobody to be there after the start before the terminal tests itself."""
TEST_TIMEOUT_MS: Final = 15_000
PICTURE_WIDTHS: Final = (800, 640, 480, 320)
MOST_PICTURE: Final = 40 * 1024
"""Bytes of the PNG: with base64 it fits a message."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where this terminal's files are."""

    config: Path
    state: Path


class UpkeepDesk(QObject):
    """One terminal's upkeep."""

    def __init__(
        self,
        places: Places,
        config: KioskConfig,
        identity: Identity,
        machine: CallMachine,
        link: EngineLink,
        *,
        software: str,
        send: Callable[[Message], None],
        happen: Callable[[ev.Event], None],
        picture: Callable[[], QPixmap],
        restart: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._places, self._config, self._identity = places, config, identity
        self._machine, self._link = machine, link
        self._software, self._send, self._happen = software, send, happen
        self._picture, self._restart = picture, restart
        self._cache = SlotCache(places.state, identity)
        self._known: tuple[tuple[datetime, datetime], ...] | None = None
        self._began = time.monotonic()
        self._quiet_since: float | None = None
        self._booted = False
        self._night: datetime | None = None
        self._cause: SelfTestCause | None = None
        self._offset: float | None = None
        self._speaker = DeviceState.ABSENT
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(TEST_TIMEOUT_MS)
        self._patience.timeout.connect(lambda: self._finish(None))
        link.tested.connect(self._tested)
        about = QTimer(self)
        about.timeout.connect(self._tell_about)
        about.start(ABOUT_MS)

    # ── the start ──────────────────────────────────────────────────────────────────────────
    def recall(self, now: datetime) -> None:
        """Say what was known of the next slots before this start."""
        try:
            known = self._cache.read()
        except CacheError as error:
            log.error("%s", error)
            self._happen(ev.FaultFound(Fault.CACHE, str(error)))
            return
        if known is not None:
            self._happen(ev.SlotsRecalled(known.at_instant(now), known.zone))

    # ── the relay ──────────────────────────────────────────────────────────────────────────
    def welcomed(self) -> None:
        """The relay has to be told what this terminal is."""
        self._tell_about()

    def heard(self, now: datetime) -> None:
        """The relay has just said that it is ``now``: how far this machine's clock is off."""
        self._offset = (datetime.now(UTC) - now).total_seconds()

    def speaker_is(self, state: DeviceState) -> None:
        """The engine said how the speaker is."""
        if state is not self._speaker:
            self._speaker = state
            self._tell_about()

    def hear_agenda(self, agenda: TerminalAgenda) -> None:
        """Keep the next slots for a time without the relay."""
        slots = tuple((slot.starts, slot.ends) for slot in agenda.slots)
        booth = self._machine.situation.booth
        broken = any(fault is Fault.CACHE for fault, _ in self._machine.situation.upkeep.faults)
        if slots == self._known or booth is None or broken:
            return
        self._known = slots
        self._happen(ev.SlotsRecalled(slots, booth.timezone))
        try:
            self._cache.keep(KnownSlots(agenda.now, booth.timezone, booth.label, slots))
        except OSError as error:
            log.error("the next slots cannot be kept (%s)", error.strerror)

    def hear(self, word: TerminalMode | TerminalCommand) -> None:
        """Do what the relay says."""
        if isinstance(word, TerminalMode):
            self._happen(ev.MaintenanceChanged(word.maintenance))
            return
        log.info("told to %s", word.action)
        refused, picture = None, None
        match word.action:
            case TerminalAction.SCREENSHOT:
                refused, picture = self._take_picture()
            case TerminalAction.SELF_TEST:
                refused = self.begin_test(SelfTestCause.ASKED)
            case TerminalAction.FORGET_CACHE:
                refused = self._forget_cache()
            case TerminalAction.USE_LAST_CONFIG:
                refused = self._use_last_config()
        self._send(CommandAnswer(id=word.id, refused=refused, picture=picture))
        if word.action is TerminalAction.RESTART:
            QTimer.singleShot(200, self._restart)  # the answer goes out first

    def _take_picture(self) -> tuple[str | None, str | None]:
        sheet = self._machine.situation.sheet
        if self._machine.screen is not Screen.IDLE or sheet is not None:
            return "NOT_IDLE", None
        png = small_png(self._picture().toImage())
        return None, base64.b64encode(png).decode("ascii")

    def _forget_cache(self) -> str | None:
        try:
            self._cache.forget()
        except OSError as error:
            log.error("the cache cannot be removed (%s)", error.strerror)
            return "DISK_FAILED"
        self._known = None
        self._happen(ev.FaultMended(Fault.CACHE))
        self._tell_about()
        return None

    def _use_last_config(self) -> str | None:
        if not any(fault is Fault.CONFIG for fault, _ in self._machine.situation.upkeep.faults):
            return "NOT_BROKEN"
        try:
            accept_last(self._places.config, self._places.state)
        except OSError as error:
            log.error("cannot keep to the last configuration (%s)", error.strerror)
            return "DISK_FAILED"
        self._happen(ev.FaultMended(Fault.CONFIG))
        self._tell_about()
        return None

    def _tell_about(self) -> None:
        try:
            free: int | None = shutil.disk_usage(self._places.state).free >> 20
        except OSError:
            free = None
        self._send(
            TerminalAbout(
                software=self._software,
                configuration=flat(self._config.model_dump(mode="json")),
                clock_offset_s=round(self._offset or 0.0, 3),
                disk_free_mib=free,
                speaker=self._speaker,
                up_s=round(time.monotonic() - self._began),
                faults=tuple(str(fault) for fault, _ in self._machine.situation.upkeep.faults),
            )
        )

    # ── the self-test ──────────────────────────────────────────────────────────────────────
    def tick(self, now: datetime) -> None:
        """Test at the start and every night, when nobody is there."""
        if self._machine.screen not in (Screen.IDLE, Screen.MAINTENANCE):
            self._quiet_since = None
            return
        if self._quiet_since is None:
            self._quiet_since = time.monotonic()
        if not self._booted and time.monotonic() - self._quiet_since >= BOOT_QUIET_S:
            self._booted = True
            self.begin_test(SelfTestCause.BOOT)
        self._test_at_night(now)

    def _test_at_night(self, now: datetime) -> None:
        booth = self._machine.situation.booth
        if booth is None:
            return
        at = time_of_day.fromisoformat(self._config.self_test.at)
        if self._night is not None and now >= self._night:
            self.begin_test(SelfTestCause.NIGHTLY)
            self._night = None
        if self._night is None:
            self._night = next_night(now, booth.timezone, at, self._identity.terminal or "")

    def begin_test(self, cause: SelfTestCause) -> str | None:
        """Begin to test; a code when that cannot be now."""
        situation = self._machine.situation
        if self._cause is not None:
            return "UNDER_WAY"
        if self._machine.screen not in RESTING or situation.board.handset_lifted:
            return "NOT_IDLE"
        self._cause = cause
        self._patience.start()
        self._link.test_devices()
        return None

    def _tested(self, word: control.DevicesTested) -> None:
        states = (DeviceState(one) for one in (word.camera, word.microphone, word.speaker))
        self._finish(Tried(*states))

    def _finish(self, tried: Tried | None) -> None:
        cause, self._cause = self._cause, None
        self._patience.stop()
        if cause is None:
            return
        try:
            free: int | None = shutil.disk_usage(self._places.state).free >> 20
        except OSError:
            free = None
        results = results_of(
            tried,
            self._machine.situation.board,
            speaker_wanted=self._config.speaker.device != "none",
            disk_free_mib=free,
            clock_offset_s=self._offset,
        )
        log.info("self-test: %s", " ".join(f"{name}={state}" for name, state in results.items()))
        self._send(SelfTestReport(cause=cause, results=results))


def small_png(picture: QImage) -> bytes:
    """``picture`` as a PNG of at most `MOST_PICTURE` bytes."""
    png = b""
    for width in PICTURE_WIDTHS:
        smaller = picture.scaledToWidth(
            min(width, picture.width()), Qt.TransformationMode.SmoothTransformation
        ).convertToFormat(QImage.Format.Format_Indexed8)
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"png")).write(smaller)
        png = bytes(data.data())
        if len(png) <= MOST_PICTURE:
            break
    return png


def flat(values: dict[str, object], prefix: str = "") -> dict[str, str]:
    """Nested values by key, e.g. ``camera.fps``, as words of at most 300 characters."""
    found: dict[str, str] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = ("" if value is None else str(value))[:300]
    return found
