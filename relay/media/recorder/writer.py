"""From a party's packets to its file: order, pictures, times, mux. Runs on one thread.

Guarantees: the file begins at 0 s with the first packet that is used, its picture track with a
keyframe; a publisher that reconnects (a new SSRC) or is held for a while leaves a gap and goes
on. Leaves to others: threads and failures (`recording`). Times are seconds, monotonic.
"""

import contextlib
from collections.abc import Callable
from typing import Final

from relay.media.packets.errors import MalformedPacketError
from relay.media.packets.rtcp import SenderReport
from relay.media.packets.rtp import Kind, RtpHeader, parse_rtp
from relay.media.recorder.frames import Frame, FrameAssembler
from relay.media.recorder.reorder import ReorderBuffer
from relay.media.recorder.sink import RecordingSink
from relay.media.recorder.timeline import Timeline
from relay.media.recorder.webm import WebmMuxer

HEADER_PATIENCE_S: Final = 2.0
"""The file begins without a picture when no keyframe has come so long after the first sound."""
ASSUMED_SIZE: Final = (640, 360)
MAX_HELD_SOUNDS: Final = 250


class _Source:
    """One SSRC of one kind."""

    def __init__(self, ssrc: int) -> None:
        self.ssrc: Final = ssrc
        self.buffer: ReorderBuffer[tuple[RtpHeader, bytes, float]] = ReorderBuffer()
        self.assembler: Final = FrameAssembler()


class RecordingWriter:
    """Writes one party's file."""

    def __init__(self, make_sink: Callable[[], RecordingSink]) -> None:
        self._make_sink = make_sink
        self._sink: RecordingSink | None = None
        self._muxer: WebmMuxer | None = None
        self._sources: dict[Kind, _Source] = {}
        self._timeline = Timeline()
        self._held: list[tuple[bytes, float]] = []
        """Sound from before the file's beginning, which waits for a keyframe."""
        self._began_s = 0.0

    def packet(self, kind: Kind, packet: bytes, arrival_s: float) -> None:
        """A decrypted RTP packet.

        Raises:
            OSError: the disk is full or fails.
            av.FFmpegError: the muxer refused something.
        """
        try:
            header = parse_rtp(packet, len(packet))
        except MalformedPacketError:
            return
        source = self._sources.get(kind)
        if source is None or source.ssrc != header.ssrc:
            self._release(kind, float("inf"))
            source = self._sources[kind] = _Source(header.ssrc)
            self._timeline.restart(kind)
        source.buffer.push(header.sequence, (header, packet, arrival_s), arrival_s)
        self._release(kind, arrival_s)

    def report(self, kind: Kind, report: SenderReport) -> None:
        """The publisher told its clock."""
        source = self._sources.get(kind)
        if source is not None and source.ssrc == report.ssrc:
            self._timeline.report(kind, report.ntp, report.rtp)

    def advance(self, now_s: float) -> None:
        """Time has passed: stop waiting for what is lost. Raises as `packet` does."""
        for kind in self._sources:
            self._release(kind, now_s)

    def sync(self) -> bool:
        """Put what there is on the disk; whether media is there. Raises `OSError`."""
        if self._sink is None:
            return False
        self._sink.sync()
        return self._muxer is not None and self._muxer.duration_s > 0

    def finish(self) -> None:
        """Write what is held and the file's end. Raises as `packet` does."""
        for kind in self._sources:
            self._release(kind, float("inf"))
        if self._held and self._muxer is None:
            self._begin(ASSUMED_SIZE)
        if self._muxer is not None and self._sink is not None:
            self._muxer.finish()
            self._sink.sync()

    def abandon(self) -> tuple[int, float]:
        """Release everything, finished or not: the file's size and its duration in seconds."""
        if self._sink is None or self._muxer is None:
            return 0, 0.0
        self._muxer.abandon()
        # Whatever failed has been raised before, by `finish` at the latest.
        with contextlib.suppress(OSError):
            self._sink.close()
        return self._sink.size, self._muxer.duration_s

    def _release(self, kind: Kind, now_s: float) -> None:
        source = self._sources.get(kind)
        if source is None:
            return
        for (header, packet, arrival_s), gap in source.buffer.pop(now_s):
            if kind is Kind.AUDIO:
                payload = packet[header.payload_start : header.payload_end]
                if payload:
                    self._sound(payload, self._timeline.seconds(kind, header.timestamp, arrival_s))
                continue
            for frame in source.assembler.push(header, packet, gap=gap):
                self._picture(frame, self._timeline.seconds(kind, frame.timestamp, arrival_s))

    def _sound(self, data: bytes, at_s: float) -> None:
        if self._muxer is not None:
            self._muxer.sound(data, at_s - self._began_s)
            return
        self._held.append((data, at_s))
        del self._held[:-MAX_HELD_SOUNDS]
        if at_s - self._held[0][1] >= HEADER_PATIENCE_S:
            self._begin(ASSUMED_SIZE)

    def _picture(self, frame: Frame, at_s: float) -> None:
        muxer = self._muxer or self._begin(frame.size or ASSUMED_SIZE, at_s)
        muxer.picture(frame.data, at_s - self._began_s, keyframe=frame.size is not None)

    def _begin(self, size: tuple[int, int], at_s: float = float("inf")) -> WebmMuxer:
        """Make the file, beginning with the held sounds or with a picture at ``at_s``."""
        self._began_s = min((sound_s for _, sound_s in self._held), default=at_s)
        self._began_s = min(self._began_s, at_s)
        self._sink = self._make_sink()
        self._muxer = WebmMuxer(self._sink, size)
        for data, sound_s in self._held:
            self._muxer.sound(data, sound_s - self._began_s)
        self._held.clear()
        return self._muxer
