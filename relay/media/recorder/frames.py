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

MAX_PARTS: Final = 1024
"""A frame of more payloads than that is somebody's attack: a large one has a hundred."""
_BEGINS, _MARKER = int(RecordFlag.BEGINS_FRAME), int(RecordFlag.MARKER)


OnFrame = Callable[[bytes, int, Picture | None], None]
"""Takes a whole encoded picture, its RTP timestamp, and what it states of itself: None when it is
not a keyframe."""


class Begun(NamedTuple):
    """A frame under way."""

    data: bytes
    parts: int
    timestamp: int


class Vp8Assembler:
    """Takes payloads of one source in order, gives frames."""

    def __init__(self, on_frame: OnFrame) -> None:
        self._on_frame = on_frame
        self._parts: list[bytes] = []
        self._timestamp = 0
        self._needs_keyframe = True

    def push(self, flags: int, timestamp: int, payload: bytes) -> None:
        """Give the frames that this payload completes: none, one, or two without a marker."""
        if not payload:
            return  # a probe that is all padding
        parts = self._parts
        if flags & _BEGINS:
            if parts:
                self._complete()
                parts = self._parts
            self._timestamp = timestamp
        elif not parts or timestamp != self._timestamp or len(parts) >= MAX_PARTS:
            self.lose()
            return
        parts.append(payload)
        if flags & _MARKER:
            self._complete()

    @property
    def lendable(self) -> bool:
        """Whether frames that are no keyframes can be used as they come."""
        return not self._needs_keyframe

    def lend(self) -> Begun | None:
        """Give away the frame under way."""
        parts, self._parts = self._parts, []
        return Begun(b"".join(parts), len(parts), self._timestamp) if parts else None

    def take_back(self, begun: Begun | None) -> None:
        """Go on with a frame that was given away."""
        self._parts = [] if begun is None else [begun.data]
        if begun is not None:
            self._timestamp = begun.timestamp

    def lose(self) -> None:
        """Something is missing before the next payload."""
        self._parts = []
        self._needs_keyframe = True

    def _complete(self) -> None:
        parts = self._parts
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        self._parts = []
        self.use(data, self._timestamp)

    def use(self, data: bytes, timestamp: int) -> None:
        """Give a whole frame, if a decoder can use it."""
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
        self._on_frame(data, timestamp, picture)
