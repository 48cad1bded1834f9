"""What is lost on the way, and how it is mended: the same claims for both loops."""

import time

import pytest
from aiortc.rtp import RtpPacket

from relay.media.forwarding.incoming import MAX_MISSING
from relay.media.forwarding.lane import HURRY_EVERY_NS
from relay.media.packets.rtp import Kind
from tests.relay.media.forwarding.conftest import MakeRoom, Room
from tests.relay.media.forwarding.ends import DELTA, KEYFRAME, MS, until
from tests.relay.media.rtp_source import rtp


async def test_without_rtx_the_very_same_datagram_is_sent_again(room: Room) -> None:
    room.inmate.publish(KEYFRAME, 1)
    room.inmate.publish(DELTA, 2)
    _, lost = await room.visitor.datagrams(2, media=True)
    number = int.from_bytes(lost[2:4], "big")
    room.visitor.lane.resend(5001, [number, (number + 500) & 0xFFFF])
    room.visitor.lane.resend(5000, [number])
    assert await room.visitor.datagrams(1, media=True) == [lost]


async def test_with_rtx_it_is_sent_under_other_numbers(make_room: MakeRoom) -> None:
    """RFC 4588 §4: an SSRC and a sequence of its own, the original number before the payload."""
    room = make_room(rtx_payload_type=97, rtx_ssrc=5002)
    room.inmate.publish(KEYFRAME, 1, timestamp=9000, marker=False)
    room.inmate.publish(DELTA, 2, timestamp=9000)
    packets = await room.visitor.take(2)
    room.visitor.lane.resend(5001, [packet.sequence_number for packet in packets])
    again = await room.visitor.take(2)
    assert [(p.ssrc, p.payload_type, p.timestamp) for p in again] == [(5002, 97, 9000)] * 2
    assert [packet.marker for packet in again] == [0, 1]
    assert again[1].sequence_number == (again[0].sequence_number + 1) & 0xFFFF
    for first, second in zip(packets, again, strict=True):
        assert second.payload == first.sequence_number.to_bytes(2, "big") + first.payload


async def test_what_the_publisher_sends_again_takes_its_place(make_room: MakeRoom) -> None:
    room = make_room(rtx_payload_type=97, rtx_ssrc=5002)
    room.inmate.publish(KEYFRAME, 1)
    room.inmate.publish(DELTA + b"third", 3)
    first, third = await room.visitor.take(2)
    repaired = rtp(b"\x00\x02" + DELTA + b"second", payload_type=97, sequence=70, timestamp=0,
                   ssrc=8, marker=True)  # fmt: skip
    room.inmate.send(repaired)
    (second,) = await room.visitor.take(1)
    assert (second.payload, second.ssrc) == (DELTA + b"second", 5001)
    assert second.sequence_number == (first.sequence_number + 1) & 0xFFFF
    assert third.sequence_number == (first.sequence_number + 2) & 0xFFFF
    assert room.inmate.lane.missing(1 << 60) == []


async def test_a_retransmission_alone_begins_nothing(make_room: MakeRoom) -> None:
    room = make_room(rtx_payload_type=97, rtx_ssrc=5002)
    room.inmate.send(rtp(b"\x00\x02" + KEYFRAME, payload_type=97, sequence=1, timestamp=0, ssrc=8,
                         marker=True))  # fmt: skip
    room.inmate.send(rtp(b"", payload_type=97, sequence=2, timestamp=0, ssrc=8, marker=True))
    await room.visitor.take(0)
    assert room.inmate.lane.reception(Kind.VIDEO) is None


async def test_what_overtook_the_first_keyframe_follows_it(room: Room) -> None:
    """The publisher could not send it again: SRTP refuses a packet that it has seen."""
    room.inmate.publish(DELTA + b"before", 9)
    room.inmate.publish(DELTA + b"after", 11)
    room.inmate.publish(KEYFRAME, 10)
    room.inmate.publish(DELTA + b"then", 12)
    packets = await room.visitor.take(3)
    assert [packet.payload for packet in packets] == [KEYFRAME, DELTA + b"after", DELTA + b"then"]
    numbers = [packet.sequence_number for packet in packets]
    assert numbers == [numbers[0], (numbers[0] + 1) & 0xFFFF, (numbers[0] + 2) & 0xFFFF]


async def test_a_subscriber_cannot_have_packets_sent_again_without_end(room: Room) -> None:
    room.inmate.publish(KEYFRAME, 1)
    (packet,) = await room.visitor.take(1)
    for _ in range(100):
        room.visitor.lane.resend(5001, [packet.sequence_number] * 50)
    await room.visitor.datagrams(300, media=True)
    assert room.loop.counters.packets_resent == 300


async def test_a_gap_is_asked_for_again_and_then_given_up(room: Room) -> None:
    room.inmate.publish(KEYFRAME, 65534)
    room.inmate.publish(DELTA, 2)
    await room.inmate.received(2)
    at_ns = room.inmate.lane.reception(Kind.VIDEO).last_arrival_ns
    assert sorted(room.inmate.lane.missing(at_ns)) == [0, 1, 65535]
    room.inmate.publish(DELTA, 0)
    await room.inmate.received(3)
    assert room.inmate.lane.missing(at_ns + 50 * MS) == []
    assert sorted(room.inmate.lane.missing(at_ns + 100 * MS)) == [1, 65535]
    assert room.inmate.lane.missing(at_ns + 2000 * MS) == []


async def test_a_large_gap_is_not_repaired_packet_by_packet(room: Room) -> None:
    room.inmate.publish(KEYFRAME, 0)
    room.inmate.publish(DELTA, MAX_MISSING + 1)
    await room.inmate.received(2)
    assert room.inmate.lane.missing(1 << 60) == []


async def test_a_lane_with_a_gap_is_due(room: Room) -> None:
    room.loop.run_due(1)
    room.inmate.publish(KEYFRAME, 1)
    room.inmate.publish(DELTA, 3)
    await room.inmate.received(2)
    await until(lambda: len(room.inmate.due) > 1)
    first, at_once = room.inmate.due
    assert first == 1
    assert at_once > 3, "it is looked at by the clock, before anybody asks"
    room.loop.run_due(2)
    room.loop.run_due(3)
    assert room.inmate.due[2:] == [2, 3]
    room.inmate.publish(DELTA, 2)
    await room.inmate.received(3)
    room.loop.run_due(4)
    assert room.inmate.due[2:] == [2, 3]


async def test_a_party_that_leaves_gaps_everywhere_is_looked_at_no_more_often(room: Room) -> None:
    room.loop.run_due(1)
    room.inmate.publish(KEYFRAME, 1)
    began_ns = time.monotonic_ns()
    for number in range(400):
        room.inmate.publish(DELTA, 3 + 2 * number)
    await room.inmate.received(401)
    await until(lambda: len(room.inmate.due) > 1)
    elapsed_ns = time.monotonic_ns() - began_ns
    assert len(room.inmate.due) <= 2 + elapsed_ns // HURRY_EVERY_NS


async def test_reception_counts_what_was_expected_over_the_wrap(room: Room) -> None:
    for sequence in (65534, 65535, 1):
        room.inmate.publish(b"sound", sequence, kind=Kind.AUDIO)
    await room.inmate.received(3, Kind.AUDIO)
    reception = room.inmate.lane.reception(Kind.AUDIO)
    assert (reception.packets_received, reception.packets_expected) == (3, 4)
    assert reception.highest_sequence == 0x10001
    assert reception.last_keyframe_ns is None


@pytest.mark.parametrize("video", [{}, {"rtx_payload_type": 97, "rtx_ssrc": 5002}])
async def test_a_burst_of_large_packets_can_be_asked_for_again_whole(
    make_room: MakeRoom, video: dict[str, int]
) -> None:
    room = make_room(**video)
    body = DELTA + bytes(1100)
    room.inmate.publish(KEYFRAME, 1)
    await room.visitor.take(1)
    numbers: list[int] = []
    for begin in range(2, 250, 31):
        for number in range(begin, begin + 31):
            room.inmate.publish(body + number.to_bytes(2, "big"), number)
        numbers += [packet.sequence_number for packet in await room.visitor.take(31)]
    for begin in range(0, len(numbers), 31):
        room.visitor.lane.resend(5001, numbers[begin : begin + 31])
        again = await room.visitor.datagrams(31, media=True)
        if video:
            parsed = [
                RtpPacket.parse(bytes(room.visitor.own.receiving.unprotect(one))) for one in again
            ]
            assert [packet.payload[:2] for packet in parsed] == [
                number.to_bytes(2, "big") for number in numbers[begin : begin + 31]
            ]
            assert [packet.payload[-2:] for packet in parsed] == [
                (2 + begin + step).to_bytes(2, "big") for step in range(31)
            ]
        else:
            assert [int.from_bytes(one[2:4], "big") for one in again] == numbers[begin : begin + 31]
