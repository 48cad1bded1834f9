"""The parsers that take bytes from outside, each with the claims that hold for whatever comes.

A target takes any bytes and returns, or raises what only a fault of ours can raise. The ordinary
suite runs them over the corpus (`test_targets.py`), ``scripts/fuzz`` for as long as it is told.
"""

import contextlib
import itertools
import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from firmware_bridge.board import Board, Identity
from firmware_bridge.link import Link
from firmware_bridge.payloads import Cause, Output
from relay.media.control import ChannelFaultError, ControlChannel
from relay.media.forwarding.arrivals import Arrivals
from relay.media.gate import CallGate
from relay.media.packets.errors import MalformedPacketError
from relay.media.packets.h264 import begins_keyframe
from relay.media.packets.rtcp import MAX_NACKED, LossReport, parse_rtcp
from relay.media.packets.rtp import find_extension, parse_rtp
from relay.media.packets.vp8 import parse_vp8
from relay.media.recorder.disk import DiskFile
from relay.media.recorder.failure import Failure
from relay.media.recorder.intake import make_reader
from relay.media.recorder.recording import Recording
from relay.media.ring import DATA, MIN_CAPACITY, Record, RingCorruptError, RingReader, RingWriter
from relay.media.transport.description import parse_offer
from relay.media.transport.errors import OfferRefusedError
from relay.media.transport.stun import binding_response, parse_stun
from suspension import (
    Accepted,
    ClockInterval,
    Home,
    InvalidOrderError,
    InvalidReceiptError,
    InvalidTrustError,
    TrustedOrders,
    parse_order,
)
from suspension.receipt import parse_receipt
from suspension.trust import Trust
from tests.relay.media.forwarding.arrival_report import parse_arrival_report
from tests.suspension.people import make_trust
from visit_protocol.errors import ProtocolError
from visit_protocol.message import parse_message
from visit_protocol.vocabulary import VideoCodec
from visit_protocol.worker import to_ordinary_worker, to_protected_worker

_TRUST = make_trust()
CORPUS = Path(__file__).parent / "corpus"
MS = 1_000_000


def sdp(data: bytes) -> None:
    """An offer is understood or refused."""
    try:
        offer = parse_offer(data.decode("utf-8", "replace"))
    except OfferRefusedError:
        return
    assert offer.ice.username
    assert offer.fingerprints


def stun(data: bytes) -> None:
    """A message is understood or none; what is understood can be authenticated and answered."""
    message = parse_stun(data)
    if message is not None:
        message.check_message_integrity(b"password")
        assert parse_stun(binding_response(message, ("192.0.2.1", 9), "password")) is not None


def packets(data: bytes) -> None:
    """RTP, VP8, H.264, RTCP and what is in the recorder's ring: in bounds, or malformed."""
    _rtp(data)
    _rtcp(data)
    _arrivals(data)
    _ring(data)
    _recording(data)


def orders(data: bytes) -> None:
    """An envelope gets a verdict; an order, a receipt, a root is understood or refused."""
    clock = ClockInterval.exact(datetime(2026, 3, 2, 12, tzinfo=UTC))
    state, verdict = TrustedOrders(_TRUST, Home("f-1")).accept(data, clock)
    assert isinstance(verdict, Accepted) == bool(state.book.ids)
    with contextlib.suppress(InvalidOrderError):
        assert parse_order(data).to_bytes() == data
    with contextlib.suppress(InvalidReceiptError):
        assert parse_receipt(data).to_bytes() == data
    with contextlib.suppress(InvalidTrustError):
        Trust.load([data], _TRUST.targets)
    with contextlib.suppress(InvalidTrustError):
        Trust.load(_TRUST.roots, data)


def _rtp(data: bytes) -> None:
    try:
        header = parse_rtp(data, len(data))
    except MalformedPacketError:
        return
    start, end = header.payload_start, header.payload_end
    assert 12 <= start <= end <= len(data)
    if header.extension_start:
        at = find_extension(data, header.extension_start, start, 2)
        assert at is None or header.extension_start < at < start - 1
    if start < end:
        begins_keyframe(data, start, end)
        try:
            payload = parse_vp8(data, start, end)
        except MalformedPacketError:
            return
        assert start < payload.start < end


def _rtcp(data: bytes) -> None:
    try:
        found = parse_rtcp(data)
    except MalformedPacketError:
        return
    for packet in found:
        if isinstance(packet, LossReport):
            assert len(packet.sequences) <= MAX_NACKED
            assert all(0 <= sequence <= 0xFFFF for sequence in packet.sequences)


def _arrivals(data: bytes) -> None:
    """What is told of arrivals can be read, and is no more than what arrived."""
    arrivals, now_ns, noted = Arrivals(), 100 * MS, 0
    for at in range(0, len(data) - 3, 4):
        arrivals.note(int.from_bytes(data[at : at + 2], "big"), now_ns)
        noted += 1
        now_ns += int.from_bytes(data[at + 2 : at + 4], "big") * MS // 100
        if data[at] & 7 == 0:
            for packet in arrivals.report(1, 2):
                told = parse_arrival_report(packet).arrivals.values()
                noted -= sum(time is not None for time in told)
            assert noted >= 0


def _ring(data: bytes) -> None:
    """Whatever lies in the memory, both readers end, and what they give lies within."""
    for make in (RingReader, lambda fd: make_reader(fd).ring):
        ring = RingWriter(MIN_CAPACITY)
        try:
            os.pwrite(ring.fd, data[:16], 64)
            os.pwrite(ring.fd, data[16:24], 128)
            os.pwrite(ring.fd, data[24 : 24 + MIN_CAPACITY], DATA)
            reader = make(ring.fd)
            total = sum(32 + len(record[-1]) for record in reader.records(reader.published()))
            assert total <= MIN_CAPACITY
        except RingCorruptError:
            pass
        finally:
            ring.close()


class _Paper:
    """A file as `Recording` sees it."""

    busy = False
    error = None
    size = 0

    def write(self, fragment: bytes, header: bytes | None = None, *, last: bool = False) -> None:
        self.size += len(fragment)

    def abandon(self) -> None:
        pass


class _Ends:
    """Hears of a recording's beginning and end."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def opened(self) -> None:
        self.heard.append("opened")

    def closed(self, size: int, duration_s: float, failure: Failure | None) -> None:
        assert duration_s >= 0
        self.heard.append("closed")


def _recording(data: bytes) -> None:
    """A party's packets, whatever they claim, are recorded or dropped, and the recording ends."""
    ends = _Ends()
    recording = Recording(VideoCodec.VP8, cast("DiskFile", _Paper()), ends)
    now_ns = 1000 * MS
    for record in _records(data, now_ns):
        recording.take(record)
        now_ns = record[4]
        recording.advance(now_ns / 1e9)
    recording.close()
    for _ in range(3):
        recording.advance(now_ns / 1e9)
    assert recording.over
    assert ends.heard in ([], ["closed"], ["opened", "closed"])


def _records(data: bytes, now_ns: int) -> Iterator[Record]:
    for at in range(0, len(data) - 15, 16):
        part = data[at : at + 16]
        now_ns += part[1] * MS
        yield (
            1,
            part[0] % 3 + 1,
            part[0] >> 2,
            part[2] & 1,
            now_ns,
            int.from_bytes(part[4:8], "big"),
            part[2] if part[3] & 1 else int.from_bytes(part[2:4], "big"),
            part[8 : 8 + part[3] % 9] if part[3] & 2 else b"\x10\x02\x00\x9d\x01\x2a" + part[8:12],
        )


def worker(data: bytes) -> None:
    """Lines of the worker's channel, in whatever pieces: messages, or the one fault."""
    for vocabulary in (to_ordinary_worker, to_protected_worker):
        for line in _lines(data):
            try:
                message = parse_message(vocabulary, line)
            except ProtocolError:
                continue
            assert parse_message(vocabulary, message.to_json()) == message


class _Pieces:
    """A socket that has this to say."""

    def __init__(self, data: bytes) -> None:
        size = data[0] + 1 if data else 1
        self._pieces = [data[at : at + size] for at in range(1, len(data), size)]

    def recv(self, _: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def _no_gate() -> CallGate:
    raise AssertionError


def _lines(data: bytes) -> list[bytes]:
    channel = ControlChannel(
        cast("socket.socket", _Pieces(data)),
        to_ordinary_worker,
        open_gate=_no_gate,
        on_message=lambda *_: None,
        on_end=lambda _: None,
    )
    lines: list[bytes] = []
    with contextlib.suppress(ChannelFaultError):
        lines.extend(channel._lines())
    return lines


def bridge(data: bytes) -> None:
    """Both ends of the serial line take whatever comes, and no power comes of it."""
    nonces = (number.to_bytes(8, "little") for number in itertools.count(1))
    board = Board(Identity(), lambda: next(nonces))
    link = Link(lambda: next(nonces))
    board.begin(Cause.POWER)
    link.open(0)
    board.receive(link.take_outgoing(), 0)
    link.receive(board.take_outgoing(), 0)
    assert link.is_open
    size = data[0] + 1 if data else 1
    for number, at in enumerate(range(1, len(data), size)):
        board.receive(data[at : at + size], number)
        link.receive(data[at : at + size], number / 1000)
        link.advance(number / 1000)
        assert board.driven is Output.NONE


TARGETS: dict[str, Callable[[bytes], None]] = {
    "bridge": bridge,
    "orders": orders,
    "sdp": sdp,
    "stun": stun,
    "packets": packets,
    "worker": worker,
}
