"""One party's recording: a bounded queue, a thread behind it, a file at its end.

Guarantees: `packet` and `report` never wait; the file is on the disk at least once a second; a
failure stops the recording, never the call, and is told once. A recording to which nothing ever
came makes no file and tells nothing. Leaves to others: turning packets into a file (`writer`).
"""

import errno
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

import av

from relay.media.packets.rtcp import SenderReport
from relay.media.packets.rtp import Kind
from relay.media.recorder.sink import RecordingSink
from relay.media.recorder.writer import RecordingWriter

log = logging.getLogger(__name__)

MAX_WAITING: Final = 4096
"""Packets that may wait for the disk: more than ten seconds of a party's media."""
SYNC_EVERY_S: Final = 1.0
_BATCH_S: Final = 0.1
"""The thread takes what has come so often, rather than waking for each packet."""


class Failure(StrEnum):
    """Why a recording stopped before it was closed."""

    DISK_FULL = "DISK_FULL"
    DISK_FAILED = "DISK_FAILED"
    DISK_TOO_SLOW = "DISK_TOO_SLOW"
    MUXER_FAILED = "MUXER_FAILED"


class RecordingObserver(Protocol):
    """Hears, on the recording's thread, of its beginning at most once and then of its end once."""

    def opened(self) -> None:
        """The first fragment is on the disk."""

    def closed(self, size: int, duration_s: float, failure: Failure | None) -> None:
        """Nothing more will be written."""


class Recording:
    """Implements `relay.media.tap.Tap`."""

    def __init__(self, make_sink: Callable[[], RecordingSink], observer: RecordingObserver) -> None:
        """Start the thread; the sink is made when there is something to write."""
        self._observer = observer
        self._writer = RecordingWriter(make_sink)
        self._waiting: deque[Callable[[], None]] = deque()
        self._closing = threading.Event()
        self._too_slow = False
        self._opened = False
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    def packet(self, kind: Kind, packet: bytes, arrival_ns: int) -> None:
        """A decrypted RTP packet arrived."""
        self._hand_over(lambda: self._writer.packet(kind, packet, arrival_ns / 1e9))

    def report(self, kind: Kind, report: SenderReport) -> None:
        """The publisher told its clock."""
        self._hand_over(lambda: self._writer.report(kind, report))

    def close(self) -> None:
        """Nothing more will come; the thread finishes the file."""
        self._closing.set()

    def wait(self, timeout_s: float) -> bool:
        """Whether the thread has finished, at most so long from now."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _hand_over(self, work: Callable[[], None]) -> None:
        if self._closing.is_set() or self._too_slow:
            return
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(work)
        else:
            self._too_slow = True

    # ── the thread ─────────────────────────────────────────────────────────────────────────
    def _run(self) -> None:
        failure: Failure | None = None
        try:
            failure = self._record()
            self._writer.finish()
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            failure = Failure.DISK_FULL if full else Failure.DISK_FAILED
        except (av.FFmpegError, ValueError) as error:
            log.error("muxer: %s", type(error).__name__)
            failure = Failure.MUXER_FAILED
        self._closing.set()
        self._waiting.clear()
        size, duration_s = self._writer.abandon()
        if failure is not None:
            log.error("a recording stopped: %s", failure)
        if size or failure is not None:
            self._observer.closed(size, duration_s, failure)

    def _record(self) -> Failure | None:
        synced_s = time.monotonic()
        closing = False
        while not closing:
            closing = self._closing.wait(_BATCH_S)
            while self._waiting:
                self._waiting.popleft()()
            if self._too_slow:
                return Failure.DISK_TOO_SLOW
            now_s = time.monotonic()
            self._writer.advance(now_s)
            if now_s - synced_s >= SYNC_EVERY_S:
                synced_s = now_s
                self._sync()
        return None

    def _sync(self) -> None:
        if self._writer.sync() and not self._opened:
            self._opened = True
            self._observer.opened()
