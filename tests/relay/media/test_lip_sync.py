"""Lip sync, with a clapper: a flash and a click at the same instants, through the recorder."""

import fractions
import itertools
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder
from av import AudioFrame, VideoFrame

from relay.media.packets.rtcp import SenderReport
from relay.media.packets.rtp import Kind
from tests.relay.media.rtp_source import rtp
from tests.relay.media.test_recorder import WrittenFile

SECONDS = 14
CLAPS_S = (5, 7, 9, 11, 13)
"""When both streams' first reports have come and what was early has been caught up with."""
LIMIT_S = 0.040
SIZE = (160, 90)
RATE = 30


def flashes() -> Iterator[tuple[float, list[bytes]]]:
    """Pictures, white for a tenth of a second at each clap."""
    encoder, (width, height) = Vp8Encoder(), SIZE
    for number in range(SECONDS * RATE):
        at_s = number / RATE
        white = any(0 <= at_s - clap_s < 0.1 for clap_s in CLAPS_S)
        planes = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
        planes[:height] = 235 if white else 16
        frame = VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = number * 90000 // RATE, fractions.Fraction(1, 90000)
        yield at_s, encoder.encode(frame, force_keyframe=number % 60 == 0)[0]


def clicks() -> Iterator[tuple[float, bytes]]:
    """Sound, a loud tone for a fiftieth of a second at each clap."""
    encoder = OpusEncoder()
    tone = (np.sin(np.arange(960) * 2 * np.pi * 1000 / 48000) * 20000).astype(np.int16)
    for number in range(SECONDS * 50):
        loud = number % 50 == 0 and number // 50 in CLAPS_S
        samples = np.repeat(tone if loud else np.zeros(960, np.int16), 2).reshape(1, -1)
        frame = AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = 48000, number * 960
        frame.time_base = fractions.Fraction(1, 48000)
        for payload in encoder.encode(frame)[0]:
            yield number / 50, payload


def seen(path: Path) -> list[float]:
    """When pictures become white."""
    with av.open(str(path)) as container:
        frames = [(f.time, f.to_ndarray()[:90].mean() > 128) for f in container.decode(video=0)]
    return [b[0] for a, b in itertools.pairwise(frames) if b[1] and not a[1]]


def heard(path: Path) -> list[float]:
    """When the sound becomes loud."""
    found: list[float] = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()).max(axis=0) > 0.1)
            if len(loud) and (not found or frame.time - found[-1] > 0.5):
                found.append(frame.time + loud[0] / frame.sample_rate)
    return found


@pytest.mark.parametrize(
    ("sound_delay_s", "picture_delay_s", "report_each_s"),
    [(0.02, 0.02, 1.0), (0.02, 0.35, 1.0), (0.3, 0.02, 1.0), (0.15, 0.9, 2.5)],
)
def test_what_happened_together_is_together_in_the_recording(
    sound_delay_s: float, picture_delay_s: float, report_each_s: float, tmp_path: Path
) -> None:
    written = WrittenFile(tmp_path / "a.webm")
    sound_rtp, picture_rtp, ntp_s = 4_294_000_000, 123_456_789, 3_900_000_000
    events: list[tuple[float, Kind, bytes | SenderReport]] = []
    sequences = {kind: itertools.count(65_000) for kind in Kind}
    dice = np.random.default_rng(3)
    for at_s, payload in clicks():
        packet = rtp(payload, payload_type=111, sequence=next(sequences[Kind.AUDIO]), ssrc=2,
                     timestamp=sound_rtp + round(at_s * 48000), marker=False)  # fmt: skip
        events.append((at_s + sound_delay_s + dice.uniform(0, 0.03), Kind.AUDIO, packet))
    for at_s, payloads in flashes():
        jitter_s = dice.uniform(0, 0.03)
        for payload in payloads:
            packet = rtp(payload, payload_type=96, sequence=next(sequences[Kind.VIDEO]), ssrc=1,
                         timestamp=picture_rtp + round(at_s * 90000),
                         marker=payload is payloads[-1])  # fmt: skip
            events.append((at_s + picture_delay_s + jitter_s, Kind.VIDEO, packet))
    for number in range(1, int(SECONDS / report_each_s)):
        at_s = number * report_each_s
        ntp = int((ntp_s + at_s) * 2**32)
        for kind, ssrc, offset, delay_s in (
            (Kind.AUDIO, 2, sound_rtp, sound_delay_s),
            (Kind.VIDEO, 1, picture_rtp, picture_delay_s),
        ):
            stamp = (offset + round(at_s * kind.clock_rate)) & 0xFFFFFFFF
            events.append((at_s + delay_s, kind, SenderReport(ssrc, ntp, stamp)))
    for at_s, kind, event in sorted(events, key=lambda event: event[0]):
        if isinstance(event, SenderReport):
            written.report(kind, event)
        else:
            written.packet(kind, event, 100 + at_s)
    written.finish()

    pictures, sounds = seen(written.path), heard(written.path)
    assert len(pictures) == len(sounds) == len(CLAPS_S)
    skews = [abs(a - b) for a, b in zip(pictures, sounds, strict=True)]
    assert max(skews) <= LIMIT_S
    assert np.diff(sounds) == pytest.approx(2.0, abs=0.005)
    assert written.duration_s == pytest.approx(SECONDS, abs=0.35)
