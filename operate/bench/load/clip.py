"""The clip that every leg plays: VP8 640×480 at 30/s and Opus in 20 ms packets, ready for RTP.

Guarantees: `make_clip` encodes once what a camera and a microphone might give (a face that moves
and speaks, about 552 and 49 kbit/s), a keyframe every 2 s, packets of at most `MAX_PAYLOAD`
bytes, a length after which it can begin anew. Leaves to others: RTP headers and playing it.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av import AudioFrame, VideoFrame

WIDTH: Final = 640
HEIGHT: Final = 480
PICTURES_PER_S: Final = 30
PERIOD_S: Final = 4
KEYFRAME_EVERY_S: Final = 2
VIDEO_BPS: Final = 580_000
"""Asked of the encoder, which stays a little below."""
AUDIO_BPS: Final = 48_000
MAX_PAYLOAD: Final = 1200
SOUND_S: Final = 0.02
_RATE: Final = 48_000
_PACED: Final = 3
"""Packets of a picture that leave at once; a browser's pacer sends the next after `_PACE_US`."""
_PACE_US: Final = 5_000
_PACKET: Final = struct.Struct("=IIIHBB")
"""`clip_packet` of pump.h."""


@dataclass(frozen=True, slots=True)
class ClipPacket:
    """One RTP payload; time and timestamp count from the clip's beginning."""

    at_us: int
    timestamp: int
    payload: bytes
    video: bool
    marker: bool


@dataclass(frozen=True, slots=True)
class Clip:
    """Packets in the order of their times, played again after ``period_us``."""

    packets: tuple[ClipPacket, ...]
    period_us: int

    @property
    def packets_per_s(self) -> float:
        """How many packets one leg sends."""
        return len(self.packets) * 1_000_000 / self.period_us

    def bits_per_s(self, *, video: bool) -> float:
        """The payload's rate of one of the two streams."""
        size = sum(len(one.payload) for one in self.packets if one.video is video)
        return size * 8 * 1_000_000 / self.period_us

    def tables(self) -> tuple[bytes, bytes]:
        """An array of pump.h's ``clip_packet`` and the payloads that it points into."""
        table, payloads = bytearray(), bytearray()
        for one in self.packets:
            table += _PACKET.pack(
                one.at_us, one.timestamp, len(payloads), len(one.payload), one.video, one.marker
            )
            payloads += one.payload
        return bytes(table), bytes(payloads)

    def save(self, path: Path) -> None:
        """Write it where `load_clip` finds it."""
        table, payloads = self.tables()
        path.write_bytes(struct.pack("=II", self.period_us, len(self.packets)) + table + payloads)


def load_clip(path: Path) -> Clip:
    """What `Clip.save` wrote; it is a file of our own making, so nothing is checked."""
    data = path.read_bytes()
    period_us, count = struct.unpack_from("=II", data)
    table_end = 8 + count * _PACKET.size
    packets = tuple(
        ClipPacket(
            at_us,
            timestamp,
            data[table_end + at : table_end + at + length],
            bool(video),
            bool(last),
        )
        for at_us, timestamp, at, length, video, last in _PACKET.iter_unpack(data[8:table_end])
    )
    return Clip(packets, period_us)


def make_clip() -> Clip:
    """Encode the clip.

    Raises:
        av.FFmpegError: this PyAV has no VP8 or no Opus encoder.
    """
    packets = [*_picture_packets(), *_sound_packets()]
    packets.sort(key=lambda one: one.at_us)
    return Clip(tuple(packets), PERIOD_S * 1_000_000)


def packetise(frame: bytes) -> list[bytes]:
    """The RTP payloads of a VP8 frame, in equal parts (RFC 7741 §4.2, the one-byte descriptor)."""
    count = max(1, -(-len(frame) // (MAX_PAYLOAD - 1)))
    size = -(-len(frame) // count)
    parts = [frame[start : start + size] for start in range(0, len(frame), size)]
    return [bytes((0 if index else 0x10,)) + part for index, part in enumerate(parts)]


def _picture_packets() -> Iterator[ClipPacket]:
    for number, frame in enumerate(_encoded_pictures()):
        payloads = packetise(frame)
        for index, payload in enumerate(payloads):
            yield ClipPacket(
                at_us=number * 1_000_000 // PICTURES_PER_S + index // _PACED * _PACE_US,
                timestamp=number * 90_000 // PICTURES_PER_S,
                payload=payload,
                video=True,
                marker=index == len(payloads) - 1,
            )


def _sound_packets() -> Iterator[ClipPacket]:
    for number, payload in enumerate(_encoded_sounds()):
        # Half a packet after the pictures' beginning, as two devices are never in step.
        at_us = round((number + 0.5) * SOUND_S * 1_000_000)
        yield ClipPacket(at_us, round(number * SOUND_S * _RATE), payload, video=False, marker=False)


def _encoded_pictures() -> list[bytes]:
    encoder = av.VideoCodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base = Fraction(1, PICTURES_PER_S)
    encoder.bit_rate = VIDEO_BPS
    encoder.gop_size = KEYFRAME_EVERY_S * PICTURES_PER_S
    encoder.options = {
        "deadline": "realtime",
        "cpu-used": "8",
        "lag-in-frames": "0",
        "keyint_min": str(KEYFRAME_EVERY_S * PICTURES_PER_S),
        "minrate": str(VIDEO_BPS),
        "maxrate": str(VIDEO_BPS),
        "bufsize": str(VIDEO_BPS // 2),
    }
    frames: list[bytes] = []
    for number in range(PERIOD_S * PICTURES_PER_S):
        frame = VideoFrame.from_ndarray(_picture(number), format="yuv420p")
        frame.pts = number
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    return frames + [bytes(packet) for packet in encoder.encode(None)]


def _encoded_sounds() -> list[bytes]:
    encoder = av.AudioCodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.format, encoder.layout = _RATE, av.AudioFormat("s16"), "mono"
    encoder.bit_rate = AUDIO_BPS
    encoder.options = {"vbr": "off", "frame_duration": "20", "application": "voip"}
    size = round(SOUND_S * _RATE)
    packets: list[bytes] = []
    for number in range(round(PERIOD_S / SOUND_S)):
        frame = AudioFrame.from_ndarray(_speech(number * size, size), format="s16", layout="mono")
        frame.sample_rate, frame.pts = _RATE, number * size
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    # The encoder's own delay gives one packet more than went in; the clip keeps its length.
    return packets[: round(PERIOD_S / SOUND_S)]


_ROWS, _COLUMNS = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
_WALL: Final = 90 + 20 * np.sin(_COLUMNS / 23) * np.sin(_ROWS / 31)
_GRAIN: Final = np.random.default_rng(1).integers(-3, 4, (2 * HEIGHT, WIDTH)).astype(np.float32)


def _picture(number: int) -> np.ndarray:
    """A head that sways and a mouth that speaks before a still, uneven wall; I420 planes."""
    turn = 2 * math.pi * number / (PERIOD_S * PICTURES_PER_S)
    shift = number * 37 % HEIGHT
    grain = _GRAIN[shift : shift + HEIGHT]
    middle_x, middle_y = WIDTH / 2 + 40 * math.sin(turn * 3), HEIGHT / 2 + 12 * math.sin(turn * 5)
    face = ((_COLUMNS - middle_x) / 110) ** 2 + ((_ROWS - middle_y) / 150) ** 2
    luma = np.where(face < 1, 170 - 30 * face, _WALL) + grain
    opening = 6 + 22 * abs(math.sin(turn * 13))
    mouth = ((_COLUMNS - middle_x) / 45) ** 2 + ((_ROWS - middle_y - 70) / opening) ** 2
    luma[mouth < 1] = 40
    chroma = np.full((HEIGHT // 2, WIDTH), 128)
    return np.vstack((luma, chroma)).clip(16, 235).astype(np.uint8)


def _speech(start: int, count: int) -> np.ndarray:
    """Syllables: harmonics of a voice under a slow envelope, with some breath."""
    at = (start + np.arange(count)) / _RATE
    voice = sum(np.sin(2 * np.pi * 140 * harmonic * at) / harmonic for harmonic in range(1, 12))
    envelope = 0.15 + np.abs(np.sin(2 * np.pi * 2 * at))
    breath = np.random.default_rng(start).normal(0, 0.1, count)
    return ((voice * envelope + breath) * 5000).clip(-32000, 32000).astype(np.int16).reshape(1, -1)
