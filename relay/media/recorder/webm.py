"""WebM (Matroska with VP8 and Opus) muxed live by PyAV into a sink.

Guarantees: clusters of at most `CLUSTER_MS`, each given to the sink whole; times never run
backwards within a track. Leaves to others: packets that a decoder can use, in roughly the right
order across the two tracks.
"""

import io
import struct
from fractions import Fraction
from typing import Final

import av
from av.packet import Packet
from av.stream import Stream

from relay.media.recorder.sink import RecordingSink

CLUSTER_MS: Final = 500
"""A killed worker loses at most this, and what waits for the other track."""
PICTURES_PER_S: Final = 100
"""The rate that the header states: an upper limit, since pictures come as they come.

Tools that count pictures (ffmpeg's null output does) put two of them that are closer than the
stated rate into one place and complain, so closer they shall not be.
"""
_INTERLEAVE_US: Final = 100_000
_MILLISECOND: Final = Fraction(1, 1000)
_OPTIONS: Final = {
    "flush_packets": "1",
    "cluster_time_limit": str(CLUSTER_MS),
    "max_interleave_delta": str(_INTERLEAVE_US),
}


class WebmMuxer:
    """One file with a picture and a sound track."""

    def __init__(self, sink: RecordingSink, size: tuple[int, int]) -> None:
        """Begin a file; ``size`` is the width and height that the header states."""
        self._sink = sink
        self._last_ms: dict[Stream, int] = {}
        self._writing = _Writing(sink)
        self._container = av.open(self._writing, "w", format="webm", options=_OPTIONS)
        self._video = self._container.add_mux_stream(
            "vp8", rate=PICTURES_PER_S, width=size[0], height=size[1]
        )
        with av.open(io.BytesIO(_OPUS_FILE), "r", format="ogg") as template:
            self._audio: Stream = self._container.add_stream_from_template(
                template.streams.audio[0]
            )
        for stream in (self._video, self._audio):
            stream.time_base = _MILLISECOND

    @property
    def duration_s(self) -> float:
        """The time of the latest packet."""
        return max(self._last_ms.values(), default=0) / 1000

    def picture(self, data: bytes, at_s: float, *, keyframe: bool) -> None:
        """Add a whole VP8 frame.

        Raises:
            av.FFmpegError: the muxer refused it.
            OSError: the sink failed.
        """
        self._mux(self._video, data, at_s, keyframe=keyframe)

    def sound(self, data: bytes, at_s: float) -> None:
        """Add an Opus packet; raises as `picture` does."""
        self._mux(self._audio, data, at_s, keyframe=True)

    def finish(self) -> None:
        """Write the index and the duration; raises as `picture` does."""
        self._container.close()
        self._sink.flush()

    def abandon(self) -> None:
        """Release the muxer; nothing more reaches the sink."""
        self._writing.detached = True
        self._container.close()

    def _mux(self, stream: Stream, data: bytes, at_s: float, *, keyframe: bool) -> None:
        packet = Packet(data)
        packet.stream = stream
        packet.time_base = _MILLISECOND
        apart_ms = 1000 // PICTURES_PER_S if stream is self._video else 1
        at_ms = max(round(at_s * 1000), self._last_ms.get(stream, -apart_ms) + apart_ms)
        packet.pts = packet.dts = self._last_ms[stream] = at_ms
        packet.is_keyframe = keyframe
        self._container.mux_one(packet)
        self._sink.flush()


class _Writing:
    """The sink as PyAV sees it: without ``close``, since the sink outlives the container."""

    def __init__(self, sink: RecordingSink) -> None:
        self._sink = sink
        self.detached = False
        self.seekable = sink.seekable

    def write(self, data: bytes) -> int:
        return len(data) if self.detached else self._sink.write(data)

    def seek(self, offset: int, whence: int) -> int:
        return 0 if self.detached else self._sink.seek(offset, whence)

    def tell(self) -> int:
        return 0 if self.detached else self._sink.tell()


def _ogg_page(flags: int, number: int, payload: bytes) -> bytes:
    """One Ogg page (RFC 3533 §6) with a single packet of less than 255 bytes."""
    head = b"OggS" + struct.pack("<BBqII", 0, flags, 0, 1, number)
    tail = bytes((1, len(payload))) + payload
    checksum = 0
    for byte in head + b"\0\0\0\0" + tail:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1 ^ (0x04C11DB7 if checksum & 0x80000000 else 0)) & 0xFFFFFFFF
    return head + struct.pack("<I", checksum) + tail


_OPUS_FILE: Final = (
    # The smallest Opus file (RFC 7845 §5): a template for the track's header, two channels.
    _ogg_page(2, 0, b"OpusHead" + struct.pack("<BBHIhB", 1, 2, 312, 48000, 0, 0))
    + _ogg_page(0, 1, b"OpusTags" + struct.pack("<II", 0, 0))
    + _ogg_page(4, 2, b"\xf8\xff\xfe")
)
