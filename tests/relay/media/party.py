"""A party of a call for tests: stock aiortc with full ICE, a synthetic picture and a tone.

The picture carries the counter strip: 24 cells over the whole width at the top, each as high as
it is wide; cells 0–3 are 1,0,1,0, cells 4–19 a 16-bit counter, cells 20–23 the xor of its four
nibbles. The party decodes what it receives, so a test can see that pictures move at the far end.
"""

import asyncio
import fractions
import time
from collections.abc import Sequence

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

WIDTH, HEIGHT, FRAMES_PER_S = 320, 180, 10
_CELLS = 24


def draw_counter(luma: np.ndarray, counter: int) -> None:
    """Write the counter strip into the top rows of ``luma`` (height × width, uint8)."""
    nibbles = [counter >> shift & 0xF for shift in (12, 8, 4, 0)]
    check = nibbles[0] ^ nibbles[1] ^ nibbles[2] ^ nibbles[3]
    word = 0b1010 << 20 | (counter & 0xFFFF) << 4 | check
    width = luma.shape[1]
    for cell in range(_CELLS):
        left, right = cell * width // _CELLS, (cell + 1) * width // _CELLS
        luma[: width // _CELLS, left:right] = 235 if word >> (_CELLS - 1 - cell) & 1 else 16


def read_counter(luma: np.ndarray) -> int | None:
    """The counter in the strip, None when sync or checksum do not fit."""
    size = luma.shape[1] / _CELLS
    word = 0
    for cell in range(_CELLS):
        middle = int((cell + 0.5) * size)
        patch = luma[int(size * 0.3) : int(size * 0.7) + 1, middle - 1 : middle + 2]
        word = word << 1 | int(patch.mean() > 126)
    counter = word >> 4 & 0xFFFF
    nibbles = [counter >> shift & 0xF for shift in (12, 8, 4, 0)]
    fits = word >> 20 == 0b1010 and word & 0xF == nibbles[0] ^ nibbles[1] ^ nibbles[2] ^ nibbles[3]
    return counter if fits else None


class CounterVideo(MediaStreamTrack):
    """A grey picture with the counter strip and a bar that moves."""

    kind = "video"

    def __init__(self, *, width: int = WIDTH, height: int = HEIGHT) -> None:
        super().__init__()
        self.counter = 0
        self.covered = False
        self._size = (width, height)
        self._started: float | None = None

    async def recv(self) -> VideoFrame:
        if self._started is None:
            self._started = time.monotonic()
        due = self._started + self.counter / FRAMES_PER_S
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        width, height = self._size
        planes = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
        left = self.counter * 7 % (width - 20)
        planes[height // 2 : height - 10, left : left + 20] = 200
        draw_counter(planes[:height], self.counter)
        if self.covered:
            planes[:height] = 90
        frame = VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = (
            self.counter * 90000 // FRAMES_PER_S,
            fractions.Fraction(1, 90000),
        )
        self.counter += 1
        return frame


class ToneAudio(MediaStreamTrack):
    """A steady tone in 20 ms frames."""

    kind = "audio"

    def __init__(self, *, hertz: float = 880.0) -> None:
        super().__init__()
        self._hertz = hertz
        self._frames = 0
        self._started: float | None = None

    async def recv(self) -> AudioFrame:
        if self._started is None:
            self._started = time.monotonic()
        await asyncio.sleep(max(0.0, self._started + self._frames * 0.02 - time.monotonic()))
        at = (np.arange(960) + self._frames * 960) / 48000
        samples = (np.sin(2 * np.pi * self._hertz * at) * 8000).astype(np.int16)
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48000, self._frames * 960
        frame.time_base = fractions.Fraction(1, 48000)
        self._frames += 1
        return frame


class AiortcParty:
    """Offers, takes the answer, plays, and keeps what it saw and heard."""

    def __init__(
        self,
        *,
        hertz: float = 880.0,
        width: int = WIDTH,
        height: int = HEIGHT,
        receives_only: bool = False,
        codecs: Sequence[str] = ("VP8", "rtx", "H264"),
    ) -> None:
        """``codecs``: of the picture, in the order in which they are offered."""
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.video = CounterVideo(width=width, height=height)
        self.counters: list[int] = []
        """Every counter read from a received picture, in order."""
        self.pictures = 0
        self.audio_frames = 0
        """Received audio frames, silent ones too."""
        self.sounds = 0
        """Received audio frames that were not silent."""
        self.last_picture_ns = 0
        self._watching: list[asyncio.Task[None]] = []
        if receives_only:
            for kind in ("audio", "video"):
                self.connection.addTransceiver(kind, direction="recvonly")
        else:
            self.connection.addTrack(ToneAudio(hertz=hertz))
            self.connection.addTrack(self.video)
        known = RTCRtpSender.getCapabilities("video").codecs
        video = next(one for one in self.connection.getTransceivers() if one.kind == "video")
        video.setCodecPreferences(
            [codec for name in codecs for codec in known if codec.mimeType == f"video/{name}"]
        )
        self.connection.on("track", self._watch)

    async def offer(self) -> str:
        """The SDP offer, candidates inside."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def take(self, answer: str) -> None:
        """Take the relay's answer; the connection comes up in the background."""
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def until_pictures(self, count: int, *, timeout_s: float = 15.0) -> None:
        """Returns when ``count`` more pictures with a readable counter have arrived."""
        wanted = len(self.counters) + count
        async with asyncio.timeout(timeout_s):
            while len(self.counters) < wanted:
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        """Leave."""
        await self.connection.close()
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)

    def _watch(self, track: MediaStreamTrack) -> None:
        look = self._look if track.kind == "video" else self._listen
        self._watching.append(asyncio.create_task(look(track)))

    async def _look(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            self.pictures += 1
            self.last_picture_ns = time.monotonic_ns()
            counter = read_counter(frame.to_ndarray(format="gray"))
            if counter is not None:
                self.counters.append(counter)

    async def _listen(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            self.audio_frames += 1
            if np.abs(frame.to_ndarray()).max() > 1000:
                self.sounds += 1
