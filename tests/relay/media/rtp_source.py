"""RTP packets of real VP8 pictures and Opus sounds, for tests that need no network."""

import fractions
import struct
from collections.abc import Iterator

import numpy as np
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder
from av import AudioFrame, VideoFrame


def rtp(
    payload: bytes, *, payload_type: int, sequence: int, timestamp: int, ssrc: int, marker: bool
) -> bytes:
    """One RTP packet; numbers are taken modulo their size."""
    second = payload_type | (0x80 if marker else 0)
    head = struct.pack("!BBHII", 0x80, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
    return head + payload


def pictures(
    count: int,
    *,
    ssrc: int = 1,
    sequence: int = 0,
    timestamp: int = 0,
    size: tuple[int, int] = (320, 180),
    keyframe_each: int = 10,
    step: int = 9000,
) -> Iterator[list[bytes]]:
    """The packets of each of ``count`` noisy pictures."""
    encoder, noise = Vp8Encoder(), np.random.default_rng(1)
    width, height = size
    for number in range(count):
        planes = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
        planes[:height] = noise.integers(0, 255, (height, width), dtype=np.uint8)
        frame = VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = number * 9000, fractions.Fraction(1, 90000)
        payloads, _ = encoder.encode(frame, force_keyframe=number % keyframe_each == 0)
        packets = []
        for payload in payloads:
            last = payload is payloads[-1]
            packets.append(
                rtp(payload, payload_type=96, sequence=sequence, ssrc=ssrc,
                    timestamp=timestamp + number * step, marker=last)
            )  # fmt: skip
            sequence += 1
        yield packets


def sounds(count: int, *, ssrc: int = 2, sequence: int = 0, timestamp: int = 0) -> Iterator[bytes]:
    """One packet for each 20 ms."""
    encoder = OpusEncoder()
    for number in range(count):
        frame = AudioFrame(format="s16", layout="stereo", samples=960)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts = 48000, number * 960
        frame.time_base = fractions.Fraction(1, 48000)
        payloads, _ = encoder.encode(frame)
        for payload in payloads:
            yield rtp(payload, payload_type=111, sequence=sequence + number, ssrc=ssrc,
                      timestamp=timestamp + number * 960, marker=False)  # fmt: skip
