"""VP8 pictures from payloads (RFC 7741 §4.4), only those that a decoder can use.

Guarantees: a frame that comes out is whole, and every frame it depends on came out before: after
a loss nothing comes out until the next keyframe. Leaves to others: order (`reorder`), time.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from relay.media.packets.vp8 import keyframe_size
from relay.media.recorder.webm import Picture
from relay.media.ring import RecordFlag
from visit_protocol.vocabulary import VideoCodec

MAX_FRAME_BYTES: Final = 1 << 20
_BEGINS, _MARKER = int(RecordFlag.BEGINS_FRAME), int(RecordFlag.MARKER)


class Frame(NamedTuple):
    """One whole encoded picture."""

    data: bytes
    timestamp: int
    """RTP, 90 kHz."""
    picture: Picture | None
    """What it states of itself; None when it is not a keyframe."""


class Vp8Assembler:
    """Takes payloads of one source in order, gives frames."""

    def __init__(self, on_frame: Callable[[Frame], None]) -> None:
        self._on_frame = on_frame
        self._parts: list[bytes] = []
        self._bytes = 0
        self._timestamp = 0
        self._needs_keyframe = True

    def push(self, flags: int, timestamp: int, payload: bytes) -> None:
        """Give the frames that this payload completes: none, one, or two without a marker."""
        if not payload:
            return  # a probe that is all padding
        if flags & _BEGINS:
            if self._parts:
                self._complete()
            self._timestamp = timestamp
            self._bytes = 0
        elif not self._parts or timestamp != self._timestamp:
            self.lose()
            return
        self._parts.append(payload)
        self._bytes += len(payload)
        if self._bytes > MAX_FRAME_BYTES:
            self.lose()
        elif flags & _MARKER:
            self._complete()

    def lose(self) -> None:
        """Something is missing before the next payload."""
        self._parts = []
        self._needs_keyframe = True

    def _complete(self) -> None:
        parts = self._parts
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        self._parts = []
        picture = None
        if not data[0] & 0x01:
            size = keyframe_size(data)
            if size is None:
                self._needs_keyframe = True
                return
            picture = Picture(VideoCodec.VP8, *size)
            self._needs_keyframe = False
        elif self._needs_keyframe:
            return
        self._on_frame(Frame(data, self._timestamp, picture))
