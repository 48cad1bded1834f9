"""The worker's side of its recorder: starts the process, feeds it, and starts another.

Guarantees: neither opening, feeding nor closing a tap ever waits; a recorder that ends, or does
not listen, is replaced at once, the recordings it had are told as ``RECORDER_LOST`` with what
was saved of them, and each goes on as the segment that the control process gives; the call's
media never notices. Leaves to others: writing files (`program`, in that process; nothing of it
is imported here).
"""

import contextlib
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from relay.media.recorder.failure import Failure
from relay.media.recorder.mend import BusyError, mend
from relay.media.recorder.place import path_of
from relay.media.ring import DEFAULT_CAPACITY, RingWriter
from visit_protocol.errors import ProtocolError
from visit_protocol.message import Message, parse_message
from visit_protocol.recorder import CloseTap, FromRecorder, OpenTap, TapClosed, from_recorder
from visit_protocol.vocabulary import Party, VideoCodec
from visit_protocol.worker import RecordingClosed, RecordingOpened, SegmentWanted

log = logging.getLogger(__name__)

_RESTART_PAUSES_S: Final = (0.0, 0.5, 1.0, 2.0, 5.0)
_STABLE_S: Final = 30.0


class RecorderProcess:
    """Implements `relay.media.tap.Recorder`; ``send`` may be called from any thread."""

    def __init__(
        self,
        send: Callable[[Message], None],
        capacity: int = DEFAULT_CAPACITY,
        pictures: socket.socket | None = None,
    ) -> None:
        """Start the first process; ``pictures`` takes keyframes beside the files.

        Raises:
            OSError: it cannot be started, or there is no memory for the ring.
        """
        self.ring: Final = RingWriter(capacity)
        self._send = send
        self._pictures = pictures
        self._taps: dict[int, RingTap] = {}
        self._last_tap = 0
        self._lock = threading.Lock()
        self._finishing = False
        self._channel: socket.socket
        self._process: subprocess.Popen[bytes]
        self._start()
        self._thread = threading.Thread(target=self._supervise, name="recorder", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The process that records now."""
        return self._process.pid

    # ── what the calls do with it ──────────────────────────────────────────────────────────
    def open(
        self, *, call: str, party: Party, folder: str, segment: int, codec: VideoCodec
    ) -> "RingTap":
        """A tap that records that party's stretch of the visit; the file comes with its media."""
        with self._lock:
            self._last_tap = (self._last_tap + 1) & 0xFFFFFFFF
            order = OpenTap(
                tap=self._last_tap,
                call=call,
                party=party,
                folder=folder,
                segment=segment,
                codec=codec,
            )
            tap = self._taps[self._last_tap] = RingTap(order, self._close)
            self._tell(order)
        return tap

    def resume(self, *, call: str, segment: int) -> None:
        """The call's recordings, interrupted by the recorder's end, go on as that segment."""
        with self._lock:
            for tap in self._taps.values():
                if tap.order.call == call and tap.interrupted:
                    tap.interrupted = False
                    tap.order = tap.order.model_copy(update={"segment": segment})
                    self._tell(tap.order)

    def _close(self, tap: "RingTap") -> None:
        with self._lock:
            if tap.interrupted:
                del self._taps[tap.number]
            else:
                self._tell(CloseTap(tap=tap.number, head=self.ring.head))

    def wait_finished(self, timeout_s: float) -> bool:
        """Let the process finish everything and end; whether it has, within that time."""
        with self._lock:
            self._finishing = True
            with contextlib.suppress(OSError):
                self._channel.shutdown(socket.SHUT_WR)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _tell(self, message: Message) -> None:
        """Send without waiting; a recorder that does not listen is as good as lost."""
        line = message.to_json().encode() + b"\n"
        try:
            sent = self._channel.send(line, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # it has just died, which the thread sees too
        if sent != len(line):
            log.error("the recorder does not listen")
            self._process.kill()

    # ── the thread ─────────────────────────────────────────────────────────────────────────
    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        fds = [self.ring.fd, theirs.fileno()]
        command = [sys.executable, "-m", "relay.media.recorder"]
        command += ["--ring-fd", str(fds[0]), "--control-fd", str(fds[1])]
        if self._pictures is not None:
            fds.append(self._pictures.fileno())
            command += ["--pictures-fd", str(fds[2])]
        with theirs:
            # A group of its own: it ends after the worker, not with it.
            self._process = subprocess.Popen(
                command, pass_fds=fds, stdin=subprocess.DEVNULL, process_group=0
            )
        self._channel = ours

    def _supervise(self) -> None:
        deaths = 0
        while True:
            started_s = time.monotonic()
            self._listen()
            status = self._process.wait()
            with self._lock:
                finished = self._finishing
                self._channel.close()
            if status or not finished:
                log.error("recorder ended with status %d", status)
                self._lose()
            if finished:
                return
            deaths = 1 if time.monotonic() - started_s > _STABLE_S else deaths + 1
            time.sleep(_RESTART_PAUSES_S[min(deaths, len(_RESTART_PAUSES_S)) - 1])
            self._restart()

    def _listen(self) -> None:
        with self._channel.makefile("rb") as lines:
            try:
                for line in lines:
                    self._hear(parse_message(from_recorder, line))
            except (ProtocolError, OSError) as error:
                log.error("recorder: %s", error)
                self._process.kill()

    def _hear(self, message: FromRecorder) -> None:
        if isinstance(message, TapClosed):
            with self._lock:
                self._taps.pop(message.tap, None)
            return
        with self._lock:
            for tap in self._taps.values():
                order = tap.order
                if (order.call, order.party, order.segment) == (
                    message.call,
                    message.party,
                    message.segment,
                ):
                    tap.opened = True
                    tap.ended = isinstance(message, RecordingClosed)
        self._send(message)

    def _lose(self) -> None:
        """Tell of what the recorder had under its hands when it ended."""
        with self._lock:
            lost = [tap for tap in self._taps.values() if not (tap.ended or tap.interrupted)]
            self._taps = {
                number: tap for number, tap in self._taps.items() if not (tap.closed or tap.ended)
            }
            for tap in self._taps.values():
                tap.interrupted = True
        for tap in lost:
            self._tell_lost(tap)

    def _restart(self) -> None:
        """Start another, and ask under which numbers it shall go on."""
        with self._lock:
            if self._finishing:
                return
            # What ended the last one may lie in the ring, and is of no tap that is open now.
            self.ring.skip()
            self._start()
            # What was opened since the last one ended has been told to nobody.
            self._taps = {number: tap for number, tap in self._taps.items() if not tap.closed}
            for tap in self._taps.values():
                if not tap.interrupted:
                    self._tell(tap.order)
            wanted = {tap.order.call for tap in self._taps.values() if tap.interrupted}
        for call in sorted(wanted):
            self._send(SegmentWanted(call=call))

    def _tell_lost(self, tap: "RingTap") -> None:
        order = tap.order
        path = path_of(order.folder, order.party, order.segment, order.codec)
        try:
            mended = mend(path)
            size = mended.size if mended is not None else path.stat().st_size
        except FileNotFoundError:
            return  # nothing had come yet
        except (OSError, BusyError) as error:
            log.error("cannot finish a lost recording: %s", type(error).__name__)
            mended, size = None, 0
        about = {"call": order.call, "party": order.party, "segment": order.segment}
        if not tap.opened:
            self._send(RecordingOpened(**about, path=str(path)))
        tap.opened = False
        self._send(
            RecordingClosed(
                **about,
                path=str(path),
                size=size,
                duration_s=mended.duration_s if mended is not None else 0.0,
                failure=Failure.RECORDER_LOST,
            )
        )


class RingTap:
    """One party's records in the ring; implements `relay.media.tap.Tap`."""

    def __init__(self, order: OpenTap, on_close: Callable[["RingTap"], None]) -> None:
        self.number: Final = order.tap
        self.order = order
        """What the recorder was last told of it."""
        self.opened = False
        """There is a file of this segment, and it was told."""
        self.ended = False
        """The recording has ended by itself."""
        self.interrupted = False
        """It waits for its next segment."""
        self.closed = False
        self._on_close = on_close

    def close(self) -> None:
        """Nothing more will come; the recorder finishes in the background."""
        if not self.closed:
            self.closed = True
            self._on_close(self)
