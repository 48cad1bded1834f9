"""VP8 in RTP (RFC 7741 §4) and the little of VP8 itself that is not encrypted in arithmetic code.

Guarantees: finds where the codec's own bytes begin, whether a frame begins there, and the size
that a keyframe states (RFC 6386 §9.1). Leaves to others: decoding, which we never do.
"""

from typing import Final, NamedTuple

from relay.media.packets.errors import MalformedPacketError

_KEYFRAME_START_CODE: Final = b"\x9d\x01\x2a"


class Vp8Payload(NamedTuple):
    """Where the VP8 bytes of a payload start, and what begins there."""

    start: int
    begins_frame: bool
    keyframe: bool
    """The first packet of a keyframe; False for its later packets."""


def parse_vp8(data: bytes | bytearray, start: int, end: int) -> Vp8Payload:
    """The VP8 payload descriptor at ``start`` of a payload that ends at ``end``.

    Raises:
        MalformedPacketError: the descriptor does not leave a byte of VP8.
    """
    position = start
    if position >= end:
        raise MalformedPacketError("VP8 payload is empty")
    first = data[position]
    position += 1
    if first & 0x80:
        if position >= end:
            raise MalformedPacketError("VP8 descriptor is truncated")
        extension = data[position]
        position += 1
        if extension & 0x80:
            if position >= end:
                raise MalformedPacketError("VP8 descriptor is truncated")
            position += 2 if data[position] & 0x80 else 1
        if extension & 0x40:
            position += 1
        if extension & 0x30:
            position += 1
    if position >= end:
        raise MalformedPacketError("VP8 descriptor is truncated")
    begins = first & 0x17 == 0x10  # S bit set and partition index 0
    return Vp8Payload(position, begins, begins and not data[position] & 0x01)


def keyframe_size(frame: bytes) -> tuple[int, int] | None:
    """Width and height of a whole keyframe, None when ``frame`` is not a keyframe's start."""
    if len(frame) < 10 or frame[0] & 0x01 or frame[3:6] != _KEYFRAME_START_CODE:
        return None
    width = (frame[6] | frame[7] << 8) & 0x3FFF
    height = (frame[8] | frame[9] << 8) & 0x3FFF
    return (width, height) if width and height else None
