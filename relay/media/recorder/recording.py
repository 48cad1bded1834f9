"""One party's recording: order, pictures, times, fragments, its file's beginning and end.

Guarantees: the file begins at 0 s with the first packet that is used, its picture track with a
keyframe; a publisher that reconnects (a new SSRC) or is held for a while leaves a gap and goes
on; what is at most a second old is on its way to the disk; a failure stops the recording, never
the call, and is told once. A recording to which nothing ever came makes no file and tells
nothing. Leaves to others: threads (`disk`), the clock. Times are seconds, monotonic.
"""

import logging
from collections.abc import Callable
from typing import Final, Protocol

from relay.media.packets.rtp import Kind
from relay.media.recorder.clusters import KEY
from relay.media.recorder.disk import DiskFile
from relay.media.recorder.failure import Failure, failure_of
from relay.media.recorder.frames import Vp8Assembler
from relay.media.recorder.h264 import H264Assembler
from relay.media.recorder.intake import IntakeTap, Lent, LentSource
from relay.media.recorder.reorder import ReorderBuffer
from relay.media.recorder.timeline import SourceClock, Timeline
from relay.media.recorder.webm import Picture, WebmMuxer
from relay.media.ring import FRAME, Record, RecordFlag, RecordKind
from visit_protocol.vocabulary import VideoCodec

log = logging.getLogger(__name__)

FLUSH_EVERY_S: Final = 0.9
"""With the loop's own pace, every fragment is on its way before it is a second old."""
HEADER_PATIENCE_S: Final = 2.0
"""The file begins without a picture when no keyframe has come so long after the first sound."""
ASSUMED_SIZE: Final = (640, 360)
MAX_HELD_SOUNDS: Final = 250
MAX_SYNC_S: Final = 10.0
MAX_WAITING_BYTES: Final = 8 << 20
"""A disk that takes longer, or lets more than that wait, is too slow."""
_AUDIO, _VIDEO, _REPORT = (
    int(RecordKind.AUDIO),
    int(RecordKind.VIDEO),
    int(RecordKind.SENDER_REPORT),
)
_NANOSECOND: Final = 1e-9
_FOR_EVER: Final = float("inf")


class RecordingObserver(Protocol):
    """Hears of the recording's beginning at most once and then of its end once."""

    def opened(self) -> None:
        """The first fragment is on the disk."""

    def closed(self, size: int, duration_s: float, failure: Failure | None) -> None:
        """Nothing more will be written."""


OnKeyframe = Callable[[bytes, Picture, float], None]
"""Takes a whole keyframe, what it states of itself, and when it arrived (monotonic seconds)."""


class _Source(ReorderBuffer[Record]):
    """One kind's present SSRC."""

    __slots__ = ("ssrc",)

    def __init__(self, ssrc: int) -> None:
        super().__init__()
        self.ssrc: Final = ssrc

    @property
    def begun(self) -> bool:
        """Whether there ever was one."""
        return self.ssrc >= 0

    def lend(self, clock: SourceClock) -> LentSource:
        """What is lent of it, while nothing is held or missing."""
        return LentSource(self.ssrc, self.next, clock.anchor)

    def take_back(self, lent: LentSource, clock: SourceClock) -> None:
        """It has gone on since."""
        self.next = lent.next
        if lent.anchor is not None:
            clock.anchor_at(*lent.anchor)


class Recording:
    """Takes one tap's records; `advance` is called five times a second."""

    def __init__(
        self,
        codec: VideoCodec,
        file: DiskFile,
        observer: RecordingObserver,
        on_keyframe: OnKeyframe | None = None,
        intake: IntakeTap | None = None,
    ) -> None:
        """``intake``: takes what is simply the next packet, where there is one that can."""
        self.over = False
        """The recording has ended, by itself or because it was closed."""
        self._codec = codec
        self._file = file
        self._observer = observer
        self._on_keyframe = on_keyframe
        self._intake = intake
        self._sound_source = _Source(-1)
        self._picture_source = _Source(-1)
        self._timeline = Timeline()
        assembler = Vp8Assembler if codec is VideoCodec.VP8 else H264Assembler
        self._assembler: Vp8Assembler | H264Assembler = assembler(self._picture)
        self._assemble = self._assembler.push
        self._sound_clock = self._timeline.sound.seconds
        self._muxer: WebmMuxer | None = None
        self._held: list[tuple[bytes, float]] = []
        """Sound from before the file's beginning, which waits for a keyframe."""
        self._began_s = 0.0
        self._arrival_s = 0.0
        """Of the packet that is being used."""
        self._due_s = 0.0
        self._writing_s = 0.0
        """When the job under way began."""
        self._written_ms = self._on_disk_ms = 0
        self._opened = False
        self.closing = False
        """Nothing more will come."""
        self._finishing = False

    # ── records ────────────────────────────────────────────────────────────────────────────
    def take(self, record: Record) -> None:
        """A record of this tap has come through the ring."""
        if self._intake is None:
            self._take(record)
            return
        self._take_back()
        self._take(record)
        self._lend()

    def _take(self, record: Record) -> None:
        _, kind, flags, ssrc, arrival_ns, timestamp, sequence, payload = record
        if kind == _AUDIO:
            source = self._sound_source
            if sequence == source.next and not source.waits and ssrc == source.ssrc:
                source.next = (sequence + 1) & 0xFFFF
                if payload:
                    self._sound(payload, self._sound_clock(timestamp, arrival_ns * _NANOSECOND))
                return
        elif kind == _VIDEO:
            source = self._picture_source
            if sequence == source.next and not source.waits and ssrc == source.ssrc:
                source.next = (sequence + 1) & 0xFFFF
                self._arrival_s = arrival_ns * _NANOSECOND
                self._assemble(flags, timestamp, payload)
                return
        elif kind == FRAME:
            self._keyframe(record)
            return
        else:
            self._report(record)
            return
        self._hold(record)

    def _keyframe(self, record: Record) -> None:
        """One that the intake has put together."""
        _, _, _, _, arrival_ns, timestamp, _, data = record
        if not data:
            raise MemoryError
        self._arrival_s = arrival_ns * _NANOSECOND
        if isinstance(self._assembler, Vp8Assembler):
            self._assembler.use(data, timestamp)

    # ── what the intake takes ──────────────────────────────────────────────────────────────
    def _lend(self) -> None:
        """Let the intake take what is simply the next packet, as long as that is all there is.

        Both sources or none: while one of them waits for a packet, each of its packets would take
        the other one back.
        """
        intake, assembler = self._intake, self._assembler
        if intake is None or self._muxer is None or self.over:
            return
        sound, picture = self._sound_source, self._picture_source
        if (sound.begun and sound.waits) or (picture.begun and picture.waits):
            return
        lent_picture = begun = None
        if picture.begun:
            if not isinstance(assembler, Vp8Assembler) or not assembler.lendable:
                return
            lent_picture = picture.lend(self._timeline.picture)
            begun = assembler.lend()
        lent_sound = sound.lend(self._timeline.sound) if sound.begun else None
        intake.lend(Lent(lent_sound, lent_picture, begun), self._began_s)

    def _take_back(self) -> None:
        lent = None if self._intake is None else self._intake.take_back()
        if lent is None:
            return
        if lent.sound is not None:
            self._sound_source.take_back(lent.sound, self._timeline.sound)
        if lent.picture is not None and isinstance(self._assembler, Vp8Assembler):
            self._picture_source.take_back(lent.picture, self._timeline.picture)
            self._assembler.take_back(lent.begun)

    def _hold(self, record: Record) -> None:
        """One that is not simply the next: of a new source, early, late, or after a loss."""
        _, kind, _, ssrc, arrival_ns, _, sequence, _ = record
        source = self._sound_source if kind == _AUDIO else self._picture_source
        if ssrc != source.ssrc:
            self._release(source, _FOR_EVER)
            source = _Source(ssrc)
            if kind == _AUDIO:
                self._sound_source = source
                self._timeline.restart(Kind.AUDIO)
                self._sound_clock = self._timeline.sound.seconds
            else:
                self._picture_source = source
                self._timeline.restart(Kind.VIDEO)
                self._assembler.lose()
        arrival_s = arrival_ns * _NANOSECOND
        source.push(sequence, record, arrival_s)
        self._release(source, arrival_s)

    def _report(self, record: Record) -> None:
        _, _, flags, ssrc, _, timestamp, _, payload = record
        kind = Kind.VIDEO if flags & RecordFlag.VIDEO_REPORT else Kind.AUDIO
        source = self._picture_source if kind is Kind.VIDEO else self._sound_source
        if ssrc == source.ssrc and len(payload) == 8:
            self._timeline.report(kind, int.from_bytes(payload, "little"), timestamp)

    def _release(self, source: _Source, now_s: float) -> None:
        for record, gap in source.pop(now_s):
            _, kind, flags, _, arrival_ns, timestamp, _, payload = record
            arrival_s = arrival_ns * _NANOSECOND
            if kind == _AUDIO:
                if payload:
                    self._sound(payload, self._sound_clock(timestamp, arrival_s))
                continue
            self._arrival_s = arrival_s
            if gap:
                self._assembler.lose()
            self._assemble(flags, timestamp, payload)

    # ── media ──────────────────────────────────────────────────────────────────────────────
    def _sound(self, data: bytes, at_s: float) -> None:
        if self._muxer is not None:
            self._muxer.sound(data, at_s - self._began_s)
            return
        self._held.append((data, at_s))
        del self._held[:-MAX_HELD_SOUNDS]
        if at_s - self._held[0][1] >= HEADER_PATIENCE_S:
            self._begin(Picture(self._codec, *ASSUMED_SIZE))

    def _picture(self, data: bytes, timestamp: int, picture: Picture | None) -> None:
        if picture is not None and self._on_keyframe is not None:
            self._on_keyframe(data, picture, self._arrival_s)
        at_s = self._timeline.picture.seconds(timestamp, self._arrival_s)
        muxer = self._muxer
        if muxer is None:
            if picture is None:
                return
            muxer = self._begin(picture, at_s)
        elif picture is not None and not muxer.has_picture:
            muxer.state(picture)
        muxer.picture(data, at_s - self._began_s, 0 if picture is None else KEY)

    def _begin(self, picture: Picture, at_s: float = _FOR_EVER) -> WebmMuxer:
        """Begin the file with the held sounds or with a picture at ``at_s``."""
        self._began_s = min((sound_s for _, sound_s in self._held), default=at_s)
        self._began_s = min(self._began_s, at_s)
        self._muxer = WebmMuxer(picture, self._intake)
        for data, sound_s in self._held:
            self._muxer.sound(data, sound_s - self._began_s)
        self._held = []
        return self._muxer

    # ── the file ───────────────────────────────────────────────────────────────────────────
    def close(self) -> None:
        """Nothing more will come; the file is finished in the background."""
        self.closing = True

    def advance(self, now_s: float) -> None:
        """Time has passed: give lost packets up, write what is due, see what was written."""
        if self.over:
            return
        if self._sound_source.holds or self._picture_source.holds:
            self._take_back()
            for source in (self._sound_source, self._picture_source):
                if source.holds:
                    self._release(source, _FOR_EVER if self.closing else now_s)
            self._lend()
        file, muxer = self._file, self._muxer
        if file.busy:
            late = now_s - self._writing_s > MAX_SYNC_S
            if late or (muxer is not None and muxer.waiting_bytes > MAX_WAITING_BYTES):
                file.abandon()
                self._end(Failure.DISK_TOO_SLOW)
        elif file.error is not None:
            self._end(failure_of(file.error))
        else:
            self._on_disk_ms = self._written_ms
            if file.size and not self._opened:
                self._opened = True
                self._observer.opened()
            if self._finishing:
                self._end(None)
            elif self.closing:
                self._finish(now_s)
            elif muxer is not None and now_s >= self._due_s and muxer.waits:
                self._due_s = now_s + FLUSH_EVERY_S
                self._write(muxer, now_s)

    def fail(self, failure: Failure) -> None:
        """Stop for a reason from outside; the file stays as it is."""
        if not self.over:
            self._file.abandon()
            self._end(failure)

    def _finish(self, now_s: float) -> None:
        if self._muxer is None and self._held:
            self._begin(Picture(self._codec, *ASSUMED_SIZE))
        if self._muxer is None:
            self.over = True
            return
        self._finishing = True
        self._write(self._muxer, now_s, last=True)

    def _write(self, muxer: WebmMuxer, now_s: float, *, last: bool = False) -> None:
        self._writing_s = now_s
        self._written_ms = muxer.duration_ms
        header, fragment = muxer.amendment(), muxer.fragment()
        if last:
            cues, header = muxer.ending()
            fragment += cues
        self._file.write(fragment, header, last=last)

    def _end(self, failure: Failure | None) -> None:
        self.over = True
        self._take_back()
        self._muxer = None
        self._held = []
        if failure is not None:
            log.error("a recording stopped: %s", failure)
        self._observer.closed(self._file.size, self._on_disk_ms / 1000, failure)
