"""RTP headers (RFC 3550 §5.1): read any, write the bare 12 bytes that we send.

Guarantees: `parse_rtp` accepts exactly what is well-formed within ``length`` and raises one
error for the rest. Leaves to others: what a header extension means.
"""

import struct
from enum import StrEnum
from typing import Final, NamedTuple

from relay.media.packets.errors import MalformedPacketError

RTP_HEADER_BYTES: Final = 12
_FIXED: Final = struct.Struct("!BBHII")
_EXTENSION: Final = struct.Struct("!HH")
_ONE_BYTE: Final = 0xBEDE
_TIMED: Final = struct.Struct("!BBHIIHHI")


class Kind(StrEnum):
    """The two media of a party; each is one stream each way."""

    AUDIO = "audio"
    VIDEO = "video"

    @property
    def clock_rate(self) -> int:
        """RTP timestamp units per second: Opus RFC 7587 §4.1, VP8 RFC 7741 §4.1."""
        return 48_000 if self is Kind.AUDIO else 90_000


class Codec(StrEnum):
    """What a stream can be, by its encoding name (RFC 7587, RFC 7741, RFC 6184)."""

    OPUS = "opus"
    VP8 = "VP8"
    H264 = "H264"

    @property
    def kind(self) -> Kind:
        """Which of a party's two media it is."""
        return Kind.AUDIO if self is Codec.OPUS else Kind.VIDEO

    @property
    def rtpmap(self) -> str:
        """Encoding name, clock rate and channels, as ``a=rtpmap`` says them."""
        return f"{self}/48000/2" if self is Codec.OPUS else f"{self}/90000"


class RtpHeader(NamedTuple):
    """What the fixed header says and where the payload lies (``payload_end`` excludes padding)."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload_start: int
    payload_end: int
    extension_start: int
    """Where one-byte header extensions begin (RFC 8285 §4.2), 0 without any."""


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
    start, extension = RTP_HEADER_BYTES + 4 * (first & 0x0F), 0
    if first & 0x10:
        if start + 4 > length:
            raise MalformedPacketError("RTP header extension is truncated")
        profile, words = _EXTENSION.unpack_from(data, start)
        start += 4
        if profile == _ONE_BYTE:
            extension = start
        start += 4 * words
    end = length
    if first & 0x20:
        padding = data[length - 1]
        if padding == 0:
            raise MalformedPacketError("RTP padding of no length")
        end -= padding
    if start > end:
        raise MalformedPacketError("RTP header or padding longer than the packet")
    return RtpHeader(
        second & 0x7F, bool(second & 0x80), sequence, timestamp, ssrc, start, end, extension
    )


def find_extension(data: bytes | bytearray, start: int, end: int, wanted: int) -> int | None:
    """Where the first value byte of extension ``wanted`` lies, of at least two bytes; else None.

    ``start``…``end`` hold one-byte header extensions (RFC 8285 §4.2); what is malformed in them
    ends the search.
    """
    position = start
    while position < end:
        number, size = data[position] >> 4, (data[position] & 0x0F) + 1
        if number == 0:
            position += 1
            continue
        if number == 15 or position + 1 + size > end:
            return None
        if number == wanted:
            return position + 1 if size >= 2 else None
        position += 1 + size
    return None


def write_rtp_header(
    data: bytearray, padded: bool, second: int, sequence: int, timestamp: int, ssrc: int
) -> int:
    """Write version 2 without contributing sources at the beginning; where the payload goes.

    ``second`` is marker and payload type.
    """
    _FIXED.pack_into(data, 0, 0xA0 if padded else 0x80, second, sequence, timestamp, ssrc)
    return RTP_HEADER_BYTES


def write_timed_header(
    data: bytearray,
    padded: bool,
    second: int,
    sequence: int,
    timestamp: int,
    ssrc: int,
    extension: int,
    now_ns: int,
) -> int:
    """The same, with one header extension: the time of sending, 6.18 fixed-point seconds.

    http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
    """
    time = (now_ns % 64_000_000_000 << 18) // 1_000_000_000
    _TIMED.pack_into(
        data,
        0,
        0xB0 if padded else 0x90,
        second,
        sequence,
        timestamp,
        ssrc,
        _ONE_BYTE,
        1,
        (extension << 4 | 2) << 24 | time,
    )
    return _TIMED.size


def sequence_delta(later: int, earlier: int) -> int:
    """How far ``later`` is ahead of ``earlier`` modulo 2¹⁶, −32768…32767 (RFC 1982)."""
    return ((later - earlier + 0x8000) & 0xFFFF) - 0x8000


def timestamp_delta(later: int, earlier: int) -> int:
    """How far ``later`` is ahead of ``earlier`` modulo 2³², −2³¹…2³¹−1."""
    return ((later - earlier + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
