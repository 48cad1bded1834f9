"""The recorder's process: reads the ring five times a second, writes a file for each tap.

Guarantees: a closed tap's file has everything that lay before the position of its closing; when
the worker's end of the channel closes, however, the ring is read to its end and all files are
finished before the process ends; one recording's fault is not another's. Leaves to others:
starting it again (`process`). It takes no signal but SIGKILL: it ends when its worker ends.
"""

import gc
import logging
import select
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from relay.media.pictures.feed import KeyframeFeed
from relay.media.pictures.keyframe import Keyframe
from relay.media.recorder.disk import DiskFile, DiskPool
from relay.media.recorder.failure import Failure
from relay.media.recorder.intake import RecordReader
from relay.media.recorder.place import path_of
from relay.media.recorder.recording import OnKeyframe, Recording
from relay.media.recorder.sink import FileSink
from relay.media.recorder.webm import Picture
from relay.media.ring import Record, RingCorruptError
from visit_protocol.errors import CloseCode, ProtocolError
from visit_protocol.message import MAX_MESSAGE_BYTES, Message, parse_message
from visit_protocol.recorder import CloseTap, OpenTap, TapClosed, to_recorder
from visit_protocol.worker import RecordingClosed, RecordingOpened

log = logging.getLogger(__name__)

EXIT_FAULT: Final = 70
"""The ring or the channel holds what no worker of ours writes (EX_SOFTWARE)."""
BATCH_S: Final = 0.2
_FINISH_S: Final = 20.0
"""So long a slow disk may take when everything ends."""
_RECEIVE_BYTES: Final = 64 * 1024


class RecorderProgram:
    """One recorder; `run` once."""

    def __init__(
        self, reader: RecordReader, channel: socket.socket, feed: KeyframeFeed | None = None
    ) -> None:
        self._feed = feed
        self._reader = reader
        self._ring = reader.ring
        self._channel = channel
        self._pool = DiskPool()
        self._recordings: dict[int, Recording] = {}
        self._takers: dict[int, Callable[[Record], None]] = {}
        """Where the records of each tap go, while its recording lives."""
        self._orders: dict[int, OpenTap] = {}
        """Of the taps whose keyframes go to the pictures process too."""
        self._closing: dict[int, int] = {}
        """Taps to be finished when the ring was read up to that position."""
        self._unread = b""
        self._ended = False
        """The worker's end has closed."""
        self._unheard = False
        """Nobody hears what we say."""
        self._dropped = self._ring.dropped

    def run(self) -> int:
        """Record until the worker ends; the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        # What is alive now stays, and of what comes only ended recordings are cycles (`_advance`).
        gc.freeze()
        gc.set_threshold(100_000, 20, 20)
        fault = self._record()
        self._finish()
        self._pool.close()
        if fault is not None:
            log.error("recorder stopped: %s", fault)
            return EXIT_FAULT
        return 0

    def _record(self) -> Exception | None:
        poller = select.poll()
        poller.register(self._channel, select.POLLIN)
        due_s = time.monotonic()
        try:
            while not self._ended:
                due_s = max(due_s + BATCH_S, time.monotonic())
                while not self._ended and (left_s := due_s - time.monotonic()) > 0:
                    if poller.poll(left_s * 1000):
                        self._hear()
                self._batch(poller)
            # No tap can be opened any more, so everything in the ring is of a known one.
            self._drain(self._ring.published())
        except (RingCorruptError, ProtocolError) as error:
            return error
        return None

    def _batch(self, poller: select.poll) -> None:
        # In this order: a tap's opening was sent before its first record was published.
        published = self._ring.published()
        while not self._ended and poller.poll(0):
            self._hear()
        self._drain(published)
        for tap, position in list(self._closing.items()):
            if self._ring.position >= position:
                del self._closing[tap]
                self._recordings[tap].close()
        self._advance()
        if self._feed is not None:
            self._feed.flush()
        if self._ring.dropped != self._dropped:
            log.error("%d records did not fit in the ring", self._ring.dropped - self._dropped)
            self._dropped = self._ring.dropped

    def _drain(self, published: int) -> None:
        find = self._takers.get
        for record in self._ring.records(published):
            take = find(record[0])
            if take is not None:
                try:
                    take(record)
                except Exception:
                    # One party's media has met a bug of ours; the others' goes on.
                    log.exception("a packet could not be recorded")
                    del self._takers[record[0]]
                    self._recordings[record[0]].fail(Failure.MUXER_FAILED)

    def _advance(self) -> None:
        now_s, ended = time.monotonic(), False
        for tap, recording in list(self._recordings.items()):
            recording.advance(now_s)
            if not recording.over:
                continue
            self._takers.pop(tap, None)
            if recording.closing:
                del self._recordings[tap]
                order = self._orders.pop(tap, None)
                if order is not None and self._feed is not None:
                    self._feed.forget(order.call, order.party)
                self._send(TapClosed(tap=tap))
                ended = True
        if ended:
            del recording
            gc.collect()

    def _finish(self) -> None:
        """Finish every file, however the end came."""
        for recording in self._recordings.values():
            recording.close()
        deadline_s = time.monotonic() + _FINISH_S
        while self._recordings and time.monotonic() < deadline_s:
            self._advance()
            time.sleep(0.01)

    # ── the channel ────────────────────────────────────────────────────────────────────────
    def _hear(self) -> None:
        try:
            received = self._channel.recv(_RECEIVE_BYTES)
        except OSError:
            received = b""
        self._ended = not received
        *lines, self._unread = (self._unread + received).split(b"\n")
        for line in lines:
            self._obey(parse_message(to_recorder, line))
        if len(self._unread) > MAX_MESSAGE_BYTES:
            raise ProtocolError(CloseCode.TOO_LARGE, "a line without an end")

    def _obey(self, message: OpenTap | CloseTap) -> None:
        if isinstance(message, CloseTap):
            if message.tap in self._recordings:
                self._closing[message.tap] = message.head
            return
        path = path_of(message.folder, message.party, message.segment, message.codec)
        file = DiskFile(self._pool, lambda: FileSink(path))
        observer = _Report(self, message, path)
        recording = Recording(
            message.codec,
            file,
            observer,
            self._keyframes_of(message),
            self._reader.open(message.tap),
        )
        self._recordings[message.tap] = recording
        self._takers[message.tap] = recording.take

    def _keyframes_of(self, order: OpenTap) -> OnKeyframe | None:
        """Where the keyframes of a tap go beside its file."""
        feed = self._feed
        if feed is None:
            return None

        self._orders[order.tap] = order

        def offer(data: bytes, picture: Picture, arrival_s: float) -> None:
            taken_ns = int(arrival_s * 1e9)
            size = (picture.width, picture.height)
            feed.offer(Keyframe(order.call, order.party, taken_ns, *size, data, order.codec))

        return offer

    def _send(self, message: Message) -> None:
        if self._unheard:
            return
        try:
            self._channel.sendall(message.to_json().encode() + b"\n")
        except OSError:
            self._unheard = True  # the worker is dead; its files are finished all the same


class _Report:
    """Tells the worker of one recording."""

    def __init__(self, program: RecorderProgram, order: OpenTap, path: Path) -> None:
        self._program = program
        self._order = order
        self._path = str(path)

    def opened(self) -> None:
        """The first fragment is on the disk."""
        order = self._order
        self._program._send(
            RecordingOpened(
                call=order.call, party=order.party, segment=order.segment, path=self._path
            )
        )

    def closed(self, size: int, duration_s: float, failure: Failure | None) -> None:
        """Nothing more will be written."""
        order = self._order
        self._program._send(
            RecordingClosed(
                call=order.call,
                party=order.party,
                segment=order.segment,
                path=self._path,
                size=size,
                duration_s=duration_s,
                failure=failure.value if failure is not None else None,
            )
        )
