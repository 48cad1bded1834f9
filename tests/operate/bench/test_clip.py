"""The clip that the load generator plays: what it is made of, and that a decoder takes it."""

import av
import pytest

from operate.bench.load.clip import MAX_PAYLOAD, Clip, load_clip, make_clip, packetise
from relay.media.packets.vp8 import parse_vp8


@pytest.fixture(scope="module")
def clip() -> Clip:
    return make_clip()


def test_a_frame_is_cut_into_equal_packets_that_begin_once():
    frame = bytes(range(256)) * 12
    payloads = packetise(frame)
    assert len(payloads) == 3
    assert all(len(payload) <= MAX_PAYLOAD for payload in payloads)
    assert [payload[0] for payload in payloads] == [0x10, 0, 0]
    assert b"".join(payload[1:] for payload in payloads) == frame


def test_a_frame_that_just_fits_is_one_packet():
    assert len(packetise(bytes(MAX_PAYLOAD - 1))) == 1
    assert len(packetise(bytes(MAX_PAYLOAD))) == 2


def test_the_clip_is_as_heavy_as_a_call(clip):
    assert 500_000 < clip.bits_per_s(video=True) < 610_000
    assert 45_000 < clip.bits_per_s(video=False) < 52_000
    assert 118 < clip.packets_per_s < 130  # twice that for a visit: 247 were measured in calls
    assert max(len(packet.payload) for packet in clip.packets) <= MAX_PAYLOAD


def test_the_clip_has_a_keyframe_every_two_seconds_and_begins_with_one(clip):
    keyframes = [
        packet.timestamp
        for packet in clip.packets
        if packet.video and parse_vp8(packet.payload, 0, len(packet.payload)).keyframe
    ]
    assert keyframes == [0, 180_000]


def test_the_clip_can_begin_anew_where_it_ends(clip):
    times = [packet.at_us for packet in clip.packets]
    assert times == sorted(times)
    assert times[-1] < clip.period_us
    pictures = sorted({packet.timestamp for packet in clip.packets if packet.video})
    assert len(pictures) == 120
    assert pictures[-1] + 3000 == clip.period_us * 90 // 1000
    sounds = [packet.timestamp for packet in clip.packets if not packet.video]
    assert sounds == list(range(0, clip.period_us * 48 // 1000, 960))


def test_the_packets_put_together_again_decode(clip):
    decoder = av.VideoCodecContext.create("vp8", "r")
    pictures, waiting = 0, b""
    for packet in clip.packets:
        if packet.video:
            waiting += packet.payload[1:]
            if packet.marker:
                pictures += len(decoder.decode(av.Packet(waiting)))
                waiting = b""
    assert pictures == 120


def test_every_packet_can_be_recognised_by_its_end(clip):
    ends = {packet.payload[-32:] for packet in clip.packets}
    assert len(ends) == len(clip.packets)


def test_a_saved_clip_is_the_same(clip, tmp_path):
    clip.save(tmp_path / "clip")
    assert load_clip(tmp_path / "clip") == clip
