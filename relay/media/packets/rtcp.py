"""RTCP (RFC 3550 §6, RFC 4585, RFC 5104, draft-alvestrand-rmcat-remb-03): the parts we use.

Guarantees: `parse_rtcp` returns the packets of a compound that mean something to us, skips those
that do not, and raises one error when lengths do not fit; the writers produce compounds that
begin with a report and carry an SDES, as RFC 3550 §6.1 asks where RFC 5506 was not negotiated.
Leaves to others: who may say what about which stream.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from relay.media.packets.errors import MalformedPacketError

_SR, _RR, _SDES, _RTPFB, _PSFB = 200, 201, 202, 205, 206
_NACK, _PLI, _FIR, _APPLICATION = 1, 1, 4, 15
_HEADER: Final = struct.Struct("!BBH")
_SENDER: Final = struct.Struct("!IQIII")
_BLOCK: Final = struct.Struct("!IIIIII")
_PAIR: Final = struct.Struct("!II")
_LOSS: Final = struct.Struct("!HH")
MAX_NACKED: Final = 512
"""More sequence numbers than this in one message are not honoured."""


class SenderReport(NamedTuple):
    """A publisher says which NTP time (64-bit fixed point) its RTP timestamp stands for."""

    ssrc: int
    ntp: int
    rtp: int


class ReportBlock(NamedTuple):
    """How one stream arrives at its receiver (RFC 3550 §6.4.1)."""

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_sequence: int
    jitter: int
    last_sr: int
    delay_since_last_sr: int


class LossReport(NamedTuple):
    """Generic NACK: these sequence numbers of ``ssrc`` did not arrive."""

    ssrc: int
    sequences: tuple[int, ...]


class KeyframeRequest(NamedTuple):
    """PLI or FIR: the subscriber needs a keyframe of ``ssrc``."""

    ssrc: int


class ReceptionReport(NamedTuple):
    """A subscriber says how a stream of ours arrives."""

    ssrc: int
    fraction_lost: float
    """Since its last report, 0 to 1."""
    highest_sequence: int
    """Extended with the count of cycles in the upper 16 bits (RFC 3550 §6.4.1)."""


class BandwidthLimit(NamedTuple):
    """REMB: a subscriber can take so much of these streams together."""

    bits_per_second: int
    ssrcs: tuple[int, ...]


RtcpPacket = SenderReport | ReceptionReport | LossReport | KeyframeRequest | BandwidthLimit


def is_rtcp(second_byte: int) -> bool:
    """Whether a packet with that second byte is RTCP on a shared port (RFC 5761 §4)."""
    return 192 <= second_byte <= 223


def parse_rtcp(data: bytes) -> list[RtcpPacket]:
    """The packets of a decrypted compound that we act upon, in order.

    Raises:
        MalformedPacketError: a length does not fit.
    """
    found: list[RtcpPacket] = []
    for kind, count, body in _split(data):
        try:
            if kind == _SR:
                ssrc, ntp, rtp, _packets, _octets = _SENDER.unpack_from(body)
                found.append(SenderReport(ssrc, ntp, rtp))
                found.extend(_parse_blocks(body, _SENDER.size, count))
            elif kind == _RR:
                found.extend(_parse_blocks(body, 4, count))
            elif kind == _RTPFB and count == _NACK:
                found.append(_parse_nack(body))
            elif kind == _PSFB and count == _PLI:
                found.append(KeyframeRequest(_PAIR.unpack_from(body)[1]))
            elif kind == _PSFB and count == _APPLICATION and body[8:12] == b"REMB":
                found.append(_parse_limit(body))
            elif kind == _PSFB and count == _FIR:
                # RFC 5104 §4.3.1: the media source field is zero, the entries name the streams.
                found.extend(
                    KeyframeRequest(_PAIR.unpack_from(body, position)[0])
                    for position in range(8, len(body) - 7, 8)
                )
        except struct.error as error:
            raise MalformedPacketError("RTCP packet shorter than its type needs") from error
    return found


def _split(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = 0
    while position < len(data):
        if position + 4 > len(data):
            raise MalformedPacketError("RTCP header is truncated")
        first, kind, words = _HEADER.unpack_from(data, position)
        end = position + 4 + 4 * words
        if first >> 6 != 2 or end > len(data):
            raise MalformedPacketError("RTCP version or length is wrong")
        yield kind, first & 0x1F, data[position + 4 : end]
        position = end


def _parse_blocks(body: bytes, start: int, count: int) -> Iterator[ReceptionReport]:
    for number in range(count):
        ssrc, loss, highest, _, _, _ = _BLOCK.unpack_from(body, start + number * _BLOCK.size)
        yield ReceptionReport(ssrc, (loss >> 24) / 256, highest)


def _parse_limit(body: bytes) -> BandwidthLimit:
    (packed,) = struct.unpack_from("!I", body, 12)
    count, exponent, mantissa = packed >> 24, packed >> 18 & 0x3F, packed & 0x3FFFF
    ssrcs = struct.unpack_from(f"!{count}I", body, 16)
    return BandwidthLimit(mantissa << exponent, ssrcs)


def _parse_nack(body: bytes) -> LossReport:
    _sender, ssrc = _PAIR.unpack_from(body)
    sequences: list[int] = []
    for position in range(8, len(body) - 3, 4):
        first, following = _LOSS.unpack_from(body, position)
        sequences.append(first)
        sequences.extend((first + bit + 1) & 0xFFFF for bit in range(16) if following >> bit & 1)
        if len(sequences) > MAX_NACKED:
            break
    return LossReport(ssrc, tuple(sequences[:MAX_NACKED]))


# ── writing ────────────────────────────────────────────────────────────────────────────────
def write_sender_report(
    ssrc: int, cname: bytes, *, ntp: int, rtp: int, packets: int, octets: int
) -> bytes:
    """A compound SR + SDES for a stream that we send."""
    body = _SENDER.pack(ssrc, ntp, rtp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    return _packet(_SR, 0, body) + _description(ssrc, cname)


def write_receiver_report(ssrc: int, cname: bytes, blocks: Sequence[ReportBlock]) -> bytes:
    """A compound RR + SDES; feedback packets may follow it."""
    body = struct.pack("!I", ssrc)
    for block in blocks:
        loss = block.fraction_lost << 24 | (block.packets_lost & 0xFFFFFF)
        body += _BLOCK.pack(
            block.ssrc,
            loss,
            block.highest_sequence,
            block.jitter,
            block.last_sr,
            block.delay_since_last_sr,
        )
    return _packet(_RR, len(blocks), body) + _description(ssrc, cname)


def write_keyframe_request(ssrc: int, media_ssrc: int) -> bytes:
    """A PLI (RFC 4585 §6.3.1), to be appended to a report."""
    return _packet(_PSFB, _PLI, _PAIR.pack(ssrc, media_ssrc))


def write_loss_report(ssrc: int, media_ssrc: int, sequences: Iterable[int]) -> bytes:
    """A generic NACK (RFC 4585 §6.2.1), to be appended to a report."""
    body = _PAIR.pack(ssrc, media_ssrc)
    body += b"".join(_LOSS.pack(sequence, 0) for sequence in sequences)
    return _packet(_RTPFB, _NACK, body)


def write_bandwidth_limit(ssrc: int, media_ssrcs: Sequence[int], bits_per_second: int) -> bytes:
    """A REMB: the publisher shall send these streams with at most that rate together."""
    exponent = max(0, bits_per_second.bit_length() - 18)
    mantissa = bits_per_second >> exponent
    body = _PAIR.pack(ssrc, 0) + b"REMB"
    body += struct.pack("!I", len(media_ssrcs) << 24 | exponent << 18 | mantissa)
    body += b"".join(struct.pack("!I", media) for media in media_ssrcs)
    return _packet(_PSFB, _APPLICATION, body)


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def _description(ssrc: int, cname: bytes) -> bytes:
    """SDES with the CNAME; its list of items ends with 1–4 zero bytes (RFC 3550 §6.5)."""
    item = bytes((1, len(cname))) + cname
    return _packet(_SDES, 1, struct.pack("!I", ssrc) + item + b"\0" * (4 - len(item) % 4))
