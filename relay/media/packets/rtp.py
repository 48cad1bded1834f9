"""RTP headers (RFC 3550 §5.1): read any, write the bare 12 bytes that we send.

Guarantees: `parse_rtp` accepts exactly what is well-formed within ``length`` and raises one
error for the rest. Leaves to others: header extensions, which we neither read nor forward.
"""

import struct
from enum import StrEnum
from typing import Final, NamedTuple

from relay.media.packets.errors import MalformedPacketError

RTP_HEADER_BYTES: Final = 12
_FIXED: Final = struct.Struct("!BBHII")
_EXTENSION_WORDS: Final = struct.Struct("!xxH")


class Kind(StrEnum):
    """The two media of a party; each is one stream each way."""

    AUDIO = "audio"
    VIDEO = "video"

    @property
    def clock_rate(self) -> int:
        """RTP timestamp units per second: Opus RFC 7587 §4.1, VP8 RFC 7741 §4.1."""
        return 48_000 if self is Kind.AUDIO else 90_000


class RtpHeader(NamedTuple):
    """What the fixed header says and where the payload lies (``payload_end`` excludes padding)."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload_start: int
    payload_end: int


def parse_rtp(data: bytes | bytearray, length: int) -> RtpHeader:
    """The header of the packet in the first ``length`` bytes of ``data``.

    Raises:
        MalformedPacketError: not RTP version 2, or its lengths do not fit in ``length``.
    """
    if length < RTP_HEADER_BYTES or length > len(data):
        raise MalformedPacketError("RTP packet shorter than its header")
    first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
    if first >> 6 != 2:
        raise MalformedPacketError("RTP version is not 2")
    start = RTP_HEADER_BYTES + 4 * (first & 0x0F)
    if first & 0x10:
        if start + 4 > length:
            raise MalformedPacketError("RTP header extension is truncated")
        start += 4 + 4 * _EXTENSION_WORDS.unpack_from(data, start)[0]
    end = length
    if first & 0x20:
        padding = data[length - 1]
        if padding == 0:
            raise MalformedPacketError("RTP padding of no length")
        end -= padding
    if start > end:
        raise MalformedPacketError("RTP header or padding longer than the packet")
    return RtpHeader(second & 0x7F, bool(second & 0x80), sequence, timestamp, ssrc, start, end)


def write_rtp_header(
    data: bytearray,
    offset: int,
    *,
    payload_type: int,
    marker: bool,
    padded: bool,
    sequence: int,
    timestamp: int,
    ssrc: int,
) -> None:
    """Write 12 bytes at ``offset``: version 2, without extension and contributing sources."""
    _FIXED.pack_into(
        data,
        offset,
        0xA0 if padded else 0x80,
        payload_type | (0x80 if marker else 0),
        sequence,
        timestamp,
        ssrc,
    )


def sequence_delta(later: int, earlier: int) -> int:
    """How far ``later`` is ahead of ``earlier`` modulo 2¹⁶, −32768…32767 (RFC 1982)."""
    return ((later - earlier + 0x8000) & 0xFFFF) - 0x8000


def timestamp_delta(later: int, earlier: int) -> int:
    """How far ``later`` is ahead of ``earlier`` modulo 2³², −2³¹…2³¹−1."""
    return ((later - earlier + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
