"""RTCP with one party, over both loops."""

import struct
import time

from aiortc.rtp import RtcpPsfbPacket, RtcpRtpfbPacket, RtcpSrPacket
from hypothesis import given
from hypothesis import strategies as st

from relay.media.forwarding.feedback import KEYFRAME_EVERY_NS, KEYFRAME_PAUSE_NS, Feedback
from relay.media.packets.rtcp import (
    SenderReport,
    write_bandwidth_limit,
    write_keyframe_request,
    write_loss_report,
    write_receiver_report,
    write_sender_report,
)
from relay.media.packets.rtp import Kind
from tests.relay.media.forwarding.arrival_report import parse_arrival_report
from tests.relay.media.forwarding.conftest import MakeRoom, Room
from tests.relay.media.forwarding.ends import DELTA, KEYFRAME, MS, End, until
from tests.relay.media.rtp_source import rtp


async def plis(end: End, compounds: int) -> int:
    heard = await end.hear(compounds)
    return sum(isinstance(packet, RtcpPsfbPacket) and packet.fmt == 1 for packet in heard)


async def test_keyframe_requests_of_many_become_one(room: Room) -> None:
    feedback = room.inmate.feedback()
    room.inmate.publish(KEYFRAME, 1)
    await room.inmate.received(1)
    now = 10**15
    for step in range(10):
        feedback.want_keyframe()
        feedback.tick(now + step * MS, live=False)
    assert await plis(room.inmate, 1) == 1
    feedback.tick(now + KEYFRAME_PAUSE_NS, live=False)
    assert await plis(room.inmate, 1) == 1
    feedback.tick(now + 3 * KEYFRAME_PAUSE_NS, live=False)
    assert await plis(room.inmate, 0) == 0


async def test_a_live_publisher_is_asked_for_keyframes_in_time(room: Room) -> None:
    feedback = room.inmate.feedback()
    room.inmate.publish(KEYFRAME, 1)
    await room.inmate.received(1)
    keyframe_ns = room.inmate.lane.reception(Kind.VIDEO).last_keyframe_ns
    again_ns = feedback.tick(keyframe_ns + MS, live=True)
    assert again_ns <= keyframe_ns + KEYFRAME_EVERY_NS
    assert await plis(room.inmate, 1) == 0
    feedback.tick(keyframe_ns + KEYFRAME_EVERY_NS, live=True)
    assert await plis(room.inmate, 1) == 1


async def test_a_publisher_hears_reports_limits_and_losses(room: Room) -> None:
    feedback = room.inmate.feedback()
    room.inmate.publish(KEYFRAME, 1)
    room.inmate.publish(DELTA, 4)
    await room.inmate.received(2)
    now = room.inmate.lane.reception(Kind.VIDEO).last_arrival_ns
    feedback.tick(now + 10 * MS, live=False)
    heard = await room.inmate.hear()
    (nack,) = [packet for packet in heard if isinstance(packet, RtcpRtpfbPacket)]
    assert (nack.media_ssrc, nack.lost) == (7, [2, 3])
    (limit,) = [p for p in heard if isinstance(p, RtcpPsfbPacket) and p.fmt == 15]
    assert b"REMB" in limit.fci
    (block,) = heard[0].reports
    assert (block.ssrc, block.packets_lost, block.fraction_lost) == (7, 2, 128)


async def test_a_lower_limit_is_told_at_once_a_higher_one_with_the_next_report(room: Room) -> None:
    feedback = room.inmate.feedback()
    room.inmate.publish(KEYFRAME, 1)
    await room.inmate.received(1)
    now = time.monotonic_ns()
    feedback.tick(now, live=False)
    await room.inmate.hear()
    feedback.limit(300_000)
    feedback.tick(now + MS, live=False)
    assert [limit_of(packet) for packet in await room.inmate.hear() if limit_of(packet)] == [
        300_000
    ]
    feedback.limit(900_000)
    feedback.tick(now + 2 * MS, live=False)
    await room.inmate.hear(0)


def limit_of(packet: object) -> int:
    if not isinstance(packet, RtcpPsfbPacket) or packet.fmt != 15:
        return 0
    (packed,) = struct.unpack("!I", packet.fci[4:8])
    return round((packed & 0x3FFFF) << (packed >> 18 & 0x3F), -3)


async def test_a_subscriber_that_takes_less_than_we_send_limits_its_publisher(room: Room) -> None:
    limits: list[int] = []
    feedback = Feedback(
        room.visitor.lane,
        ssrc=5001,
        cname="c",
        on_keyframe_wanted=lambda: None,
        on_limit=limits.append,
        on_clock=lambda *_: None,
    )
    now = time.monotonic_ns()
    feedback.tick(now - 1_000 * MS, live=True)
    for number in range(100):
        room.inmate.publish(KEYFRAME + bytes(989), number)
    await room.visitor.datagrams(100, media=True)
    feedback.tick(now, live=True)  # 100 kB in a second: 800 kbit/s
    report = write_receiver_report(1, b"", [])
    feedback.received(report + write_bandwidth_limit(1, [5001], 790_000))
    assert limits[-1] == 2_500_000
    feedback.received(report + write_bandwidth_limit(1, [5001], 400_000))
    assert 390_000 < limits[-1] <= 400_000
    feedback.received(report + write_bandwidth_limit(1, [9], 100_000))
    assert limits[-1] > 390_000


async def test_a_guess_from_the_publishers_own_times_limits_nobody(room: Room) -> None:
    """Without our time in the packets an estimate is of the whole way, not of the party's."""
    limits: list[int] = []
    feedback = Feedback(
        room.visitor.lane,
        ssrc=5001,
        cname="c",
        on_keyframe_wanted=lambda: None,
        on_limit=limits.append,
        on_clock=lambda *_: None,
        estimates=False,
    )
    feedback.received(write_receiver_report(1, b"", []) + write_bandwidth_limit(1, [5001], 1))
    assert limits == []


async def test_a_subscribers_requests_go_where_they_belong(room: Room) -> None:
    wanted: list[int] = []
    feedback = room.visitor.feedback(wanted)
    room.inmate.publish(KEYFRAME, 1)
    (packet,) = await room.visitor.take(1)
    report = write_receiver_report(1, b"", [])
    room.visitor.say(report + write_keyframe_request(1, 5001))
    room.visitor.say(report + write_loss_report(1, 5001, [packet.sequence_number]))
    await until(lambda: len(room.visitor.rtcp) == 2)
    for compound in room.visitor.rtcp:
        feedback.received(compound)
    assert wanted == [1]
    await room.visitor.datagrams(1, media=True)


async def test_the_publishers_clock_reaches_the_subscriber_in_its_own_timestamps(
    room: Room,
) -> None:
    clocks: list[tuple[Kind, SenderReport]] = []
    feedback = room.inmate.feedback(clocks=clocks)
    room.inmate.publish(KEYFRAME, 1, timestamp=5000)
    (packet,) = await room.visitor.take(1)
    feedback.received(write_sender_report(7, b"", ntp=1 << 40, rtp=5000, packets=1, octets=1))
    feedback.received(write_sender_report(8, b"", ntp=1, rtp=1, packets=1, octets=1))
    ((kind, report),) = clocks
    room.inmate.lane.pass_clock(kind, b"cname", report.ntp, report.rtp)
    (heard,) = [p for p in await room.visitor.hear() if isinstance(p, RtcpSrPacket)]
    assert heard.ssrc == 5001
    assert heard.sender_info.ntp_timestamp == 1 << 40
    assert heard.sender_info.rtp_timestamp == packet.timestamp


async def test_a_subscriber_sees_when_each_packet_left(make_room: MakeRoom) -> None:
    room = make_room(abs_send_time=3)
    before = time.monotonic_ns()
    room.inmate.publish(KEYFRAME, 1)
    ((packet),) = await room.visitor.datagrams(1, media=True)
    clear = room.visitor.own.receiving.unprotect(packet)
    assert clear[12:17] == bytes.fromhex("bede000132")
    left_s = int.from_bytes(clear[17:20], "big") / 2**18
    assert 0 <= (left_s - before / 1e9) % 64 < 1


async def test_a_publisher_is_told_of_the_arrival_of_each_numbered_packet(
    make_room: MakeRoom,
) -> None:
    room = make_room(transport_cc=5)
    for sequence, number in ((1, 65534), (2, 65535), (3, 1)):
        packet = bytearray(rtp(b"", payload_type=41, sequence=sequence, timestamp=0, ssrc=7,
                               marker=True))  # fmt: skip
        packet[0] |= 0x10
        packet += bytes.fromhex("bede0001") + bytes((0x51,)) + number.to_bytes(2, "big") + b"\0"
        room.inmate.send(bytes(packet) + KEYFRAME)
    arrivals: dict[int, float | None] = {}
    while not {65534, 65535, 0, 1} <= arrivals.keys():  # whole, or in two pieces
        datagram = await room.inmate.next_datagram()
        compound = room.inmate.own.unprotect_rtcp(datagram)
        assert compound.startswith(room.inmate.preface)
        report = parse_arrival_report(compound[len(room.inmate.preface) :])
        assert (report.ssrc, report.media_ssrc) == (1001, 7)
        arrivals |= report.arrivals
    assert arrivals.pop(0) is None
    now_s = time.monotonic() % (64 * 0.001 * (1 << 24))
    assert all(at is not None and 0 <= now_s - at < 5 for at in arrivals.values())


@given(st.binary(max_size=80))
def test_no_rtcp_of_a_party_raises(data: bytes) -> None:
    class NoLane:
        """A lane at which nothing has arrived."""

        def reception(self, _: Kind) -> None:
            return None

        def resend(self, *_: object) -> None:
            return

    Feedback(
        NoLane(),  # type: ignore[arg-type]
        ssrc=1,
        cname="c",
        on_keyframe_wanted=lambda: None,
        on_limit=lambda _: None,
        on_clock=lambda *_: None,
    ).received(data)
