"""VP8 pictures from RTP payloads (RFC 7741 §4.4), only those that a decoder can use.

Guarantees: a frame that comes out is whole, and every frame it depends on came out before: after
a loss nothing comes out until the next keyframe. Leaves to others: order (`reorder`), time.
"""

from dataclasses import dataclass
from typing import Final

from relay.media.packets.errors import MalformedPacketError
from relay.media.packets.rtp import RtpHeader
from relay.media.packets.vp8 import keyframe_size, parse_vp8

MAX_FRAME_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole encoded picture."""

    data: bytes
    timestamp: int
    """RTP, 90 kHz."""
    size: tuple[int, int] | None
    """Width and height; None when it is not a keyframe."""


class FrameAssembler:
    """Takes packets of one source in order, gives frames."""

    def __init__(self) -> None:
        self._parts = bytearray()
        self._timestamp = 0
        self._needs_keyframe = True

    def push(self, header: RtpHeader, packet: bytes, *, gap: bool) -> list[Frame]:
        """The frames that this packet completes: none, one, or two if a marker was left out."""
        if gap:
            self._lose()
        if header.payload_start == header.payload_end:
            return []  # a probe that is all padding
        try:
            payload = parse_vp8(packet, header.payload_start, header.payload_end)
        except MalformedPacketError:
            self._lose()
            return []
        done: list[Frame] = []
        if payload.begins_frame:
            done += self._complete()
            self._timestamp = header.timestamp
        elif not self._parts or header.timestamp != self._timestamp:
            self._lose()
            return done
        self._parts += packet[payload.start : header.payload_end]
        if len(self._parts) > MAX_FRAME_BYTES:
            self._lose()
        elif header.marker:
            done += self._complete()
        return done

    def _lose(self) -> None:
        self._parts.clear()
        self._needs_keyframe = True

    def _complete(self) -> list[Frame]:
        if not self._parts:
            return []
        data = bytes(self._parts)
        self._parts.clear()
        size = keyframe_size(data)
        if size is None and (self._needs_keyframe or not data[0] & 0x01):
            self._needs_keyframe = True
            return []
        self._needs_keyframe = False
        return [Frame(data, self._timestamp, size)]
