"""Packets through a loop: the same claims for the loop in C and the one in Python."""

import pytest

from relay.media.forwarding.lane import MAX_SSRCS
from relay.media.forwarding.path import MAX_SUBSCRIBERS
from relay.media.packets.rtcp import write_receiver_report
from relay.media.packets.rtp import Codec, Kind
from relay.media.ring import Record, RecordFlag, RecordKind, RingReader
from tests.relay.media.forwarding.conftest import MakeRoom, Room
from tests.relay.media.forwarding.ends import DELTA, KEYFRAME, SILENT_NS, STUN, until
from tests.relay.media.rtp_source import rtp


async def test_a_packet_reaches_the_other_party_under_its_own_names(room: Room) -> None:
    room.inmate.publish(KEYFRAME, 40, timestamp=1000)
    room.inmate.publish(b"sound", 7, kind=Kind.AUDIO, ssrc=9)
    video, audio = await room.visitor.take(2)
    assert (video.payload_type, video.ssrc) == (45, 5001)
    assert (audio.payload_type, audio.ssrc) == (105, 5000)
    assert (video.payload, audio.payload, video.marker) == (KEYFRAME, b"sound", 1)
    assert room.loop.counters.packets_forwarded == 2


async def test_each_who_watches_gets_the_packet_encrypted_for_itself(room: Room) -> None:
    guard = room.add(9)
    room.inmate.lane.publish_to([room.visitor.lane, guard.lane])
    room.inmate.publish(KEYFRAME, 40)
    (seen,) = await room.visitor.take(1)
    (watched,) = await guard.take(1)
    assert (seen.payload, watched.payload) == (KEYFRAME, KEYFRAME)
    assert (seen.ssrc, watched.ssrc) == (5001, 9001)
    guard.lane.close()
    room.inmate.publish(DELTA, 41)
    await room.visitor.take(1)
    await guard.take(0)


async def test_header_extensions_and_sources_stay_here(room: Room) -> None:
    packet = bytearray(rtp(b"", payload_type=41, sequence=1, timestamp=2, ssrc=3, marker=True))
    packet[0] |= 0x12
    packet += bytes(8) + bytes.fromhex("bede0001") + b"\x10\xaa\0\0" + KEYFRAME
    room.inmate.send(bytes(packet))
    (video,) = await room.visitor.take(1)
    assert (video.payload, video.csrc, video.extensions.mid) == (KEYFRAME, [], None)


async def test_a_probe_of_padding_stays_a_probe(room: Room) -> None:
    room.inmate.publish(KEYFRAME, 1)
    probe = bytearray(rtp(bytes(9) + b"\x0a", payload_type=41, sequence=2, timestamp=0, ssrc=7,
                          marker=False))  # fmt: skip
    probe[0] |= 0x20
    room.inmate.send(bytes(probe))
    _, padded = await room.visitor.take(2)
    assert (padded.payload, padded.padding_size) == (b"", 10)


async def test_video_begins_with_a_keyframe(room: Room) -> None:
    room.inmate.publish(DELTA, 1)
    room.inmate.publish(KEYFRAME, 2)
    room.inmate.publish(DELTA, 3)
    assert [packet.payload for packet in await room.visitor.take(2)] == [KEYFRAME, DELTA]


@pytest.mark.parametrize(
    ("payload", "starts"),
    [
        (b"\x65\x88", True),  # a slice of an IDR picture
        (b"\x67\x42", True),  # a sequence parameter set
        (b"\x78\x00\x02\x67\x42", True),  # both in one packet (STAP-A)
        (b"\x7c\x85\x88", True),  # the first piece of an IDR slice (FU-A)
        (b"\x7c\x05\x88", False),  # a later piece of it
        (b"\x41\x9a", False),
    ],
)
async def test_h264_begins_with_parameter_sets_or_an_idr_picture(
    make_room: MakeRoom, payload: bytes, starts: bool
) -> None:
    room = make_room(codec=Codec.H264)
    room.inmate.publish(payload, 1)
    await room.visitor.take(1 if starts else 0)


async def test_nothing_passes_a_shut_gate(room: Room) -> None:
    room.inmate.publish(KEYFRAME, 1)
    await room.visitor.take(1)
    shut = room.gate.shut()
    room.inmate.publish(KEYFRAME, 2)
    room.visitor.lane.send_rtcp(write_receiver_report(1, b"", []))
    await room.visitor.take(0)
    assert shut.last_packet_ns is not None
    assert shut.last_packet_ns <= shut.cut_ns
    assert room.gate.is_shut
    assert room.gate.shut() == shut


async def test_what_does_not_authenticate_is_dropped(room: Room) -> None:
    room.inmate.throw(rtp(KEYFRAME, payload_type=41, sequence=1, timestamp=0, ssrc=7, marker=True))
    room.inmate.throw(b"\x80" * 1500)
    room.inmate.throw(b"\x80")
    room.inmate.throw(b"\x80\xc8" + bytes(40))
    room.inmate.throw(b"\x80" * 3000)
    room.inmate.throw(b"")
    await until(lambda: room.loop.counters.packets_dropped >= 6)
    await room.visitor.take(0)
    assert room.inmate.rtcp == []


async def test_what_comes_from_a_strangers_address_is_dropped(room: Room) -> None:
    stranger = room.add(9)
    stranger.lane.disown(stranger.path)
    stranger.own = room.inmate.own
    stranger.streams = room.inmate.streams
    stranger.publish(KEYFRAME, 1)
    stranger.throw(b"\x16\xfe\xfd")  # DTLS
    await until(lambda: room.loop.counters.packets_dropped >= 2)
    await room.visitor.take(0)
    assert stranger.dtls == []


async def test_stun_and_dtls_are_handed_on(room: Room) -> None:
    room.inmate.throw(STUN)
    room.inmate.throw(b"\x16\xfe\xfd")
    await until(lambda: room.strangers and room.inmate.dtls)
    assert room.strangers == [STUN]
    assert room.inmate.dtls == [b"\x16\xfe\xfd"]


async def test_a_party_cannot_use_sources_without_end(room: Room) -> None:
    for ssrc in range(100, 100 + 2 * MAX_SSRCS):
        room.inmate.publish(b"x", 1, ssrc=ssrc, kind=Kind.AUDIO)
    # Another source than the first is not heard, and after so many not even decrypted.
    await until(lambda: room.loop.counters.packets_dropped >= 2 * MAX_SSRCS - 1)
    await room.visitor.take(1)


async def test_a_party_cannot_use_sources_of_rtcp_without_end(room: Room) -> None:
    """libsrtp keeps state for each of them too."""
    for ssrc in range(100, 100 + 2 * MAX_SSRCS):
        room.inmate.say(write_receiver_report(ssrc, b"", []))
    await until(lambda: room.loop.counters.packets_dropped >= MAX_SSRCS)
    await until(lambda: len(room.inmate.rtcp) == MAX_SSRCS)


async def test_a_publisher_that_comes_back_goes_on_in_the_same_stream(room: Room) -> None:
    room.inmate.publish(KEYFRAME, 65535, timestamp=100)
    (first,) = await room.visitor.take(1)
    again = room.add(9)
    room.inmate.lane.close()
    again.lane.publish_to([room.visitor.lane])
    again.lane.forward(True, None)
    again.publish(DELTA, 500, ssrc=88)
    again.publish(KEYFRAME, 501, timestamp=4_000_000_000, ssrc=88)
    (second,) = await room.visitor.take(1)
    assert second.ssrc == first.ssrc
    assert second.sequence_number == (first.sequence_number + 1) & 0xFFFF
    assert 0 < (second.timestamp - first.timestamp) & 0xFFFFFFFF < 180_000


async def test_no_number_is_given_to_two_packets(room: Room) -> None:
    """AES-GCM would not survive it: what is older than a new beginning stays here."""
    for sequence in (1, 2, 3):
        room.inmate.publish(KEYFRAME, sequence)
    before = [packet.sequence_number for packet in await room.visitor.take(3)]
    room.inmate.lane.forward(False, None)
    room.inmate.lane.forward(True, None)
    room.inmate.publish(KEYFRAME, 13)
    room.inmate.publish(DELTA, 12)
    room.inmate.publish(DELTA, 11)
    (after,) = await room.visitor.take(1)
    assert after.sequence_number not in before


async def test_a_held_call_goes_on_without_a_gap_in_the_numbers(room: Room) -> None:
    room.inmate.publish(KEYFRAME, 1)
    (first,) = await room.visitor.take(1)
    room.inmate.lane.forward(False, None)
    room.inmate.publish(DELTA, 2)
    await room.inmate.received(2)
    room.inmate.lane.forward(True, None)
    room.inmate.publish(DELTA, 3)
    room.inmate.publish(KEYFRAME, 4)
    (second,) = await room.visitor.take(1)
    assert second.sequence_number == (first.sequence_number + 1) & 0xFFFF


async def test_a_packet_that_comes_twice_leaves_once(make_room: MakeRoom) -> None:
    room = make_room(rtx_payload_type=97, rtx_ssrc=5002)
    room.inmate.publish(KEYFRAME, 1)
    again = rtp(b"\x00\x01" + KEYFRAME, payload_type=97, sequence=9, timestamp=0, ssrc=8,
                marker=True)  # fmt: skip
    room.inmate.send(again)
    await room.visitor.take(1)


async def test_a_lane_becomes_due_when_its_party_comes_and_when_it_comes_back(room: Room) -> None:
    room.loop.run_due(1)
    assert room.inmate.due == [1]
    room.loop.run_due(2)
    assert room.inmate.due == [1]
    room.inmate.lane.look_at(1 << 60)
    room.inmate.publish(KEYFRAME, 1)
    await room.inmate.received(1)
    room.loop.run_due(3)
    room.loop.run_due(4)
    assert room.inmate.due == [1, 3]
    room.inmate.lane.look_at(5)
    room.inmate.lane.look_at(9)
    room.loop.run_due(5)
    assert room.inmate.due == [1, 3, 5]
    assert SILENT_NS > 0


# ── the recorder's ring ────────────────────────────────────────────────────────────────────
class NumberedTap:
    """Implements `relay.media.tap.Tap` as far as a loop needs it."""

    number = 3


def read(room: Room) -> list[Record]:
    """What lies in the ring."""
    reader = RingReader(room.ring.fd)
    return list(reader.records(reader.published()))


async def test_the_recorder_gets_the_codecs_own_bytes(room: Room) -> None:
    room.inmate.lane.forward(True, NumberedTap())
    room.inmate.publish(KEYFRAME, 40, timestamp=1000)
    room.inmate.publish(b"sound", 7, kind=Kind.AUDIO, ssrc=9, marker=False)
    await room.visitor.take(2)
    room.inmate.lane.pass_clock(Kind.VIDEO, b"cname", 1 << 40, 900)
    await room.visitor.hear(1)
    video, audio, report = [record[:4] + record[5:] for record in read(room)]
    flags = RecordFlag.MARKER | RecordFlag.BEGINS_FRAME | RecordFlag.BEGINS_KEYFRAME
    assert video == (3, RecordKind.VIDEO, flags, 7, 1000, 40, KEYFRAME[1:])
    assert audio == (3, RecordKind.AUDIO, 0, 9, 0, 7, b"sound")
    assert report[:3] == (3, RecordKind.SENDER_REPORT, RecordFlag.VIDEO_REPORT)
    assert report[4] == 900
    assert int.from_bytes(report[6], "little") == 1 << 40


async def test_a_ring_that_nobody_empties_costs_the_call_nothing(room: Room) -> None:
    room.inmate.lane.forward(True, NumberedTap())
    for number in range(1200):
        room.inmate.publish(KEYFRAME + bytes(1000), number)
        if number % 40 == 39:
            await room.inmate.received(number + 1)
            await room.visitor.take(40)
    assert room.ring.dropped > 0


async def test_one_subscriber_too_many_is_refused_and_nothing_changes(room: Room) -> None:
    others = [room.add(9 + 2 * number) for number in range(MAX_SUBSCRIBERS)]
    lanes = [other.lane for other in others]
    with pytest.raises(ValueError, match="subscribers"):
        room.inmate.lane.publish_to([room.visitor.lane, *lanes])
    room.inmate.publish(KEYFRAME, 1)
    assert [packet.payload for packet in await room.visitor.take(1)] == [KEYFRAME]
    assert await others[0].take(0) == []
    room.inmate.lane.publish_to(lanes)
    room.inmate.publish(KEYFRAME, 2)
    for other in others:
        assert [packet.payload for packet in await other.take(1)] == [KEYFRAME]
    assert await room.visitor.take(0) == []
