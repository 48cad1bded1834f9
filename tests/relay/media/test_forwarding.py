"""The packet path between two lanes, over real SRTP and real sockets, without any peer."""

import socket
from collections.abc import Iterator

import pylibsrtp
import pytest
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRtpfbPacket, RtcpSrPacket, RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from relay.media.forwarding.feedback import KEYFRAME_EVERY_NS, KEYFRAME_PAUSE_NS, Feedback
from relay.media.forwarding.incoming import MAX_MISSING, SOURCE_SILENCE_NS, IncomingStream
from relay.media.forwarding.lane import MAX_SSRCS, PythonLane, PythonPacketPath
from relay.media.forwarding.outgoing import OutgoingStream
from relay.media.forwarding.path import LaneTerms
from relay.media.gate import CallGate
from relay.media.packets.rtcp import (
    SenderReport,
    write_keyframe_request,
    write_loss_report,
    write_receiver_report,
    write_sender_report,
)
from relay.media.packets.rtp import Kind, parse_rtp
from relay.media.transport.endpoint import Endpoint, Path
from relay.media.transport.srtp import PacketBuffer, SrtpSessions
from tests.relay.media.rtp_source import rtp

KEYFRAME = b"\x10\x00\x00\x00\x9d\x01\x2a\x40\x01\xb4\x00"
DELTA = b"\x10\x01\x00\x00"
MS = 1_000_000


def policy(key: bytes, direction: int) -> pylibsrtp.Policy:
    profile = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM
    made = pylibsrtp.Policy(key=key, ssrc_type=direction, srtp_profile=profile)
    made.allow_repeat_tx = True
    return made


def sessions(receive: bytes, send: bytes) -> SrtpSessions:
    return SrtpSessions(
        pylibsrtp.Session(policy(receive, pylibsrtp.Policy.SSRC_ANY_INBOUND)),
        pylibsrtp.Session(policy(send, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)),
    )


class End:
    """A party: its own SRTP, its socket, and its lane in the worker."""

    def __init__(
        self, path: PythonPacketPath, gate: CallGate, endpoint: Endpoint, name: int
    ) -> None:
        up, down = bytes([name]) * 44, bytes([name + 1]) * 44
        self.own = sessions(down, up)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.settimeout(0.05)
        self.rtcp: list[bytes] = []
        self.payload_types = {Kind.AUDIO: 100 + name, Kind.VIDEO: 110 + name}
        self.ssrcs = {Kind.AUDIO: 1000 * name, Kind.VIDEO: 1000 * name + 1}
        self.lane: PythonLane = path.open_lane(
            LaneTerms(gate, self.payload_types, self.ssrcs, self.rtcp.append)
        )
        self.lane.admit(sessions(up, down))
        self.lane.route(Path(endpoint, self.sock.getsockname()))
        self._buffer = path._buffer

    def publish(
        self, payload: bytes, sequence: int, *, kind: Kind = Kind.VIDEO, timestamp: int = 0,
        ssrc: int = 7,
    ) -> None:  # fmt: skip
        """A packet of the party's arrives at the worker."""
        packet = rtp(
            payload, payload_type=self.payload_types[kind], sequence=sequence,
            timestamp=timestamp, ssrc=ssrc, marker=True,
        )  # fmt: skip
        self.arrive(bytes(self.own.sending.protect(packet)))

    def say(self, compound: bytes) -> None:
        self.arrive(self.own.protect_rtcp(compound))

    def arrive(self, datagram: bytes) -> None:
        self._buffer.data[: len(datagram)] = datagram
        self.lane.received(len(datagram))

    def take(self) -> list[RtpPacket]:
        """The media that has reached the party."""
        return [
            RtpPacket.parse(bytes(self.own.receiving.unprotect(data)))
            for data in self._datagrams()
            if not 192 <= data[1] <= 223
        ]

    def hear(self) -> list:
        """The RTCP packets that have reached the party."""
        compounds = [
            self.own.unprotect_rtcp(data) for data in self._datagrams() if 192 <= data[1] <= 223
        ]
        return [packet for compound in compounds for packet in RtcpPacket.parse(compound)]

    def _datagrams(self) -> Iterator[bytes]:
        while True:
            try:
                yield self.sock.recv(2048)
            except TimeoutError:
                return


@pytest.fixture
def ends() -> Iterator[tuple[End, End, CallGate, PythonPacketPath]]:
    path, gate, endpoint = PythonPacketPath(PacketBuffer()), CallGate(), Endpoint("127.0.0.1", 0)
    inmate, visitor = End(path, gate, endpoint, 1), End(path, gate, endpoint, 5)
    inmate.lane.subscribe(visitor.lane)
    visitor.lane.subscribe(inmate.lane)
    for end in (inmate, visitor):
        end.lane.forward(True, None)
    yield inmate, visitor, gate, path
    for end in (inmate, visitor):
        end.sock.close()
    endpoint.sock.close()


# ── packets ────────────────────────────────────────────────────────────────────────────────
def test_a_packet_reaches_the_other_party_with_its_own_numbers(ends) -> None:
    inmate, visitor, _, path = ends
    inmate.publish(KEYFRAME, 40, timestamp=1000)
    inmate.publish(b"sound", 7, kind=Kind.AUDIO, ssrc=9)
    video, audio = visitor.take()
    assert (video.payload_type, video.ssrc) == (115, 5001)
    assert (audio.payload_type, audio.ssrc) == (105, 5000)
    assert (video.payload, audio.payload, video.marker) == (KEYFRAME, b"sound", 1)
    assert path.counters.packets_forwarded == 2


def test_header_extensions_and_sources_stay_here(ends) -> None:
    inmate, visitor, _, _ = ends
    packet = bytearray(rtp(b"", payload_type=111, sequence=1, timestamp=2, ssrc=3, marker=True))
    packet[0] |= 0x12
    packet += bytes(8) + bytes.fromhex("bede0001") + b"\x10\xaa\0\0" + KEYFRAME
    inmate.arrive(bytes(inmate.own.sending.protect(bytes(packet))))
    (video,) = visitor.take()
    assert (video.payload, video.csrc, video.extensions.mid) == (KEYFRAME, [], None)


def test_a_probe_of_padding_stays_a_probe(ends) -> None:
    inmate, visitor, _, _ = ends
    inmate.publish(KEYFRAME, 1)
    probe = bytearray(rtp(bytes(9) + b"\x0a", payload_type=111, sequence=2, timestamp=0, ssrc=7,
                          marker=False))  # fmt: skip
    probe[0] |= 0x20
    inmate.arrive(bytes(inmate.own.sending.protect(bytes(probe))))
    _, padded = visitor.take()
    assert (padded.payload, padded.padding_size) == (b"", 10)


def test_video_begins_with_a_keyframe(ends) -> None:
    inmate, visitor, _, _ = ends
    inmate.publish(DELTA, 1)
    inmate.publish(KEYFRAME, 2)
    inmate.publish(DELTA, 3)
    assert [packet.payload for packet in visitor.take()] == [KEYFRAME, DELTA]


def test_nothing_passes_a_shut_gate(ends) -> None:
    inmate, visitor, gate, _ = ends
    inmate.publish(KEYFRAME, 1)
    shut = gate.shut()
    inmate.publish(KEYFRAME, 2)
    visitor.lane.send_rtcp(write_receiver_report(1, b"", []))
    assert len(visitor.take()) == 1
    assert shut.last_packet_ns is not None
    assert shut.last_packet_ns <= shut.cut_ns
    assert gate.shut() == shut


def test_a_packet_that_does_not_authenticate_is_dropped(ends) -> None:
    inmate, visitor, _, path = ends
    inmate.arrive(rtp(KEYFRAME, payload_type=111, sequence=1, timestamp=0, ssrc=7, marker=True))
    inmate.arrive(b"\x80" * 1500)
    inmate.arrive(b"\x80")
    inmate.arrive(b"\x80\xc8" + bytes(40))
    assert visitor.take() == []
    assert path.counters.packets_dropped == 4


def test_a_party_cannot_use_sources_without_end(ends) -> None:
    inmate, _, _, _ = ends
    for ssrc in range(100, 100 + 2 * MAX_SSRCS):
        inmate.publish(KEYFRAME, 1, ssrc=ssrc)
    assert len(inmate.lane._known_ssrcs) == MAX_SSRCS


def test_a_publisher_that_comes_back_goes_on_in_the_same_stream(ends) -> None:
    inmate, visitor, gate, path = ends
    inmate.publish(KEYFRAME, 65535, timestamp=100)
    endpoint = inmate.lane._path.endpoint
    again = End(path, gate, endpoint, 9)
    inmate.lane.close()
    again.lane.subscribe(visitor.lane)
    again.lane.forward(True, None)
    again.publish(DELTA, 500, ssrc=88)
    again.publish(KEYFRAME, 501, timestamp=4_000_000_000, ssrc=88)
    first, second = visitor.take()
    assert second.ssrc == first.ssrc
    assert second.sequence_number == (first.sequence_number + 1) & 0xFFFF
    assert 0 < second.timestamp - first.timestamp < 90000
    again.sock.close()


def test_a_held_call_goes_on_without_a_gap_in_the_numbers(ends) -> None:
    inmate, visitor, _, _ = ends
    inmate.publish(KEYFRAME, 1)
    inmate.lane.forward(False, None)
    inmate.publish(DELTA, 2)
    inmate.lane.forward(True, None)
    inmate.publish(DELTA, 3)
    inmate.publish(KEYFRAME, 4)
    assert [packet.sequence_number for packet in visitor.take()] == [1, 2]


# ── losses ─────────────────────────────────────────────────────────────────────────────────
def test_a_packet_lost_on_the_way_to_the_subscriber_is_sent_again(ends) -> None:
    inmate, visitor, _, _ = ends
    inmate.publish(KEYFRAME, 1)
    inmate.publish(DELTA, 2)
    first = visitor.take()
    visitor.lane.resend(5001, [first[1].sequence_number, 999])
    again = visitor.sock.recv(2048)
    assert again[2:4] == first[1].sequence_number.to_bytes(2, "big")


def test_what_overtook_the_first_keyframe_follows_it(ends) -> None:
    """The publisher could not send it again: SRTP refuses a packet that it has seen."""
    inmate, visitor, _, _ = ends
    inmate.publish(DELTA + b"before", 9)
    inmate.publish(DELTA + b"after", 11)
    inmate.publish(KEYFRAME, 10)
    inmate.publish(DELTA + b"then", 12)
    packets = visitor.take()
    assert [packet.payload for packet in packets] == [
        KEYFRAME,
        DELTA + b"after",
        DELTA + b"then",
    ]
    numbers = [packet.sequence_number for packet in packets]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]


def test_a_subscriber_cannot_have_packets_sent_again_without_end(ends) -> None:
    inmate, visitor, _, _ = ends
    inmate.publish(KEYFRAME, 1)
    (packet,) = visitor.take()
    for _ in range(100):
        visitor.lane.resend(5001, [packet.sequence_number] * 50)
    assert len(list(visitor._datagrams())) <= 300


def test_a_gap_is_asked_for_at_once_again_and_then_given_up() -> None:
    stream = IncomingStream(Kind.VIDEO)
    for sequence in (65534, 2):
        stream.accept(_header(sequence), 10 * MS, keyframe=False)
    assert stream.missing(10 * MS) == [65535, 0, 1]
    stream.accept(_header(0), 20 * MS, keyframe=False)
    assert stream.missing(50 * MS) == []
    assert stream.missing(150 * MS) == [65535, 1]
    assert stream.missing(2000 * MS) == []


def test_a_large_gap_is_not_repaired_packet_by_packet() -> None:
    stream = IncomingStream(Kind.VIDEO)
    stream.accept(_header(0), 0, keyframe=False)
    stream.accept(_header(MAX_MISSING + 1), 0, keyframe=False)
    assert stream.missing(0) == []


@given(st.lists(st.integers(0, 0xFFFF), max_size=300))
def test_what_is_missing_stays_bounded(sequences: list[int]) -> None:
    stream = IncomingStream(Kind.VIDEO)
    for sequence in sequences:
        stream.accept(_header(sequence), 0, keyframe=False)
    assert len(stream.missing(200 * MS)) <= MAX_MISSING


def _header(sequence: int, ssrc: int = 7, timestamp: int = 0):
    return parse_rtp(
        rtp(b"x", payload_type=96, sequence=sequence, timestamp=timestamp, ssrc=ssrc, marker=True),
        13,
    )


# ── statistics and streams ─────────────────────────────────────────────────────────────────
def test_a_second_source_is_heard_only_after_the_first_has_gone_silent() -> None:
    stream = IncomingStream(Kind.VIDEO)
    assert stream.accept(_header(1, ssrc=1), 0, keyframe=False)
    assert not stream.accept(_header(1, ssrc=2), SOURCE_SILENCE_NS - 1, keyframe=False)
    assert stream.accept(_header(1, ssrc=2), SOURCE_SILENCE_NS, keyframe=False)
    assert stream.source == 2


def test_reception_counts_what_was_expected_over_the_wrap() -> None:
    stream = IncomingStream(Kind.AUDIO)
    for sequence in (65534, 65535, 1):
        stream.accept(_header(sequence), 0, keyframe=False)
    reception = stream.reception()
    assert reception is not None
    assert (reception.packets_received, reception.packets_expected) == (3, 4)
    assert reception.highest_sequence == 0x10001


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 3)),
                max_size=60))  # fmt: skip
def test_an_outgoing_stream_always_places_within_its_numbers(packets) -> None:
    stream = OutgoingStream(Kind.AUDIO, 111, 5)
    for number, (sequence, timestamp, source) in enumerate(packets):
        place = stream.place(_header(sequence, timestamp=timestamp), source, number, starts=True)
        assert place is not None
        assert 0 <= place[0] <= 0xFFFF
        assert 0 <= place[1] <= 0xFFFFFFFF
        stream.sent(*place, b"x", number)


# ── feedback ───────────────────────────────────────────────────────────────────────────────
def feedback_of(end: End, wanted: list[int] | None = None, clocks: list | None = None) -> Feedback:
    return Feedback(
        end.lane,
        ssrc=end.ssrcs[Kind.VIDEO],
        cname="cname",
        on_keyframe_wanted=lambda: wanted.append(1) if wanted is not None else None,
        on_clock=lambda kind, report: clocks.append((kind, report)) if clocks is not None else None,
    )


def plis(end: End) -> int:
    return sum(isinstance(packet, RtcpPsfbPacket) and packet.fmt == 1 for packet in end.hear())


def test_keyframe_requests_of_many_become_one(ends) -> None:
    inmate, _, _, _ = ends
    feedback = feedback_of(inmate)
    inmate.publish(KEYFRAME, 1)
    now = 10**15
    for step in range(10):
        feedback.want_keyframe()
        feedback.tick(now + step * MS, live=False)
    assert plis(inmate) == 1
    feedback.tick(now + KEYFRAME_PAUSE_NS, live=False)
    assert plis(inmate) == 1
    feedback.tick(now + 3 * KEYFRAME_PAUSE_NS, live=False)
    assert plis(inmate) == 0


def test_a_live_publisher_is_asked_for_keyframes_in_time(ends) -> None:
    inmate, _, _, _ = ends
    feedback = feedback_of(inmate)
    inmate.publish(KEYFRAME, 1)
    keyframe_ns = inmate.lane.reception(Kind.VIDEO).last_keyframe_ns
    feedback.tick(keyframe_ns + KEYFRAME_EVERY_NS - MS, live=True)
    assert plis(inmate) == 0
    feedback.tick(keyframe_ns + KEYFRAME_EVERY_NS, live=True)
    assert plis(inmate) == 1


def test_a_publisher_hears_reports_limits_and_losses(ends) -> None:
    inmate, _, _, _ = ends
    feedback = feedback_of(inmate)
    inmate.publish(KEYFRAME, 1)
    inmate.publish(DELTA, 4)
    now = inmate.lane.reception(Kind.VIDEO).last_arrival_ns
    feedback.tick(now, live=False)
    heard = inmate.hear()
    (nack,) = [packet for packet in heard if isinstance(packet, RtcpRtpfbPacket)]
    assert (nack.media_ssrc, nack.lost) == (7, [2, 3])
    (limit,) = [p for p in heard if isinstance(p, RtcpPsfbPacket) and p.fmt == 15]
    assert b"REMB" in limit.fci
    (block,) = heard[0].reports
    assert (block.ssrc, block.packets_lost, block.fraction_lost) == (7, 2, 128)


def test_a_subscribers_requests_go_where_they_belong(ends) -> None:
    inmate, visitor, _, _ = ends
    wanted: list[int] = []
    feedback = feedback_of(visitor, wanted)
    inmate.publish(KEYFRAME, 1)
    (packet,) = visitor.take()
    report = write_receiver_report(1, b"", [])
    visitor.say(report + write_keyframe_request(1, 5001))
    visitor.say(report + write_loss_report(1, 5001, [packet.sequence_number]))
    for compound in visitor.rtcp:
        feedback.received(compound)
    assert wanted == [1]
    assert len(list(visitor._datagrams())) == 1


def test_the_publishers_clock_reaches_the_subscriber_in_its_own_timestamps(ends) -> None:
    inmate, visitor, _, _ = ends
    clocks: list[tuple[Kind, SenderReport]] = []
    feedback = feedback_of(inmate, clocks=clocks)
    inmate.publish(KEYFRAME, 1, timestamp=5000)
    (packet,) = visitor.take()
    feedback.received(write_sender_report(7, b"", ntp=1 << 40, rtp=5000, packets=1, octets=1))
    feedback.received(write_sender_report(8, b"", ntp=1, rtp=1, packets=1, octets=1))
    ((kind, report),) = clocks
    feedback_of(visitor).pass_clock(kind, report)
    (heard,) = [packet for packet in visitor.hear() if isinstance(packet, RtcpSrPacket)]
    assert heard.ssrc == 5001
    assert heard.sender_info.ntp_timestamp == 1 << 40
    assert heard.sender_info.rtp_timestamp == packet.timestamp


@given(st.binary(max_size=80))
def test_no_rtcp_of_a_party_raises(data: bytes) -> None:
    path = PythonPacketPath(PacketBuffer())
    lane = path.open_lane(
        LaneTerms(CallGate(), {Kind.AUDIO: 1, Kind.VIDEO: 2}, {Kind.AUDIO: 1, Kind.VIDEO: 2}, print)
    )
    Feedback(lane, ssrc=1, cname="c", on_keyframe_wanted=lambda: None,
             on_clock=lambda *_: None).received(data)  # fmt: skip
