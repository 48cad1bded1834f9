"""The other end of a call: a stock aiortc peer that answers, with a counter and a tone.

Guarantees: what it sends, `kiosk.engine.synthetic.decode_counter` reads; what it receives is in
``counters``, ``sizes`` and ``sound``.
"""

import asyncio
from fractions import Fraction

import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, pack_remb_fci

from kiosk.engine.sound import SecondOfSound
from kiosk.engine.synthetic import decode_counter, encode_counter
from visit_protocol.message import Message
from visit_protocol.signalling import Answer, Offer

TONE_HZ = 880.0


class CounterTrack(MediaStreamTrack):
    """Grey pictures with a counter, ten a second."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.count = 1000
        self.still = False

    async def recv(self) -> av.VideoFrame:
        """The next picture."""
        await asyncio.sleep(0.1)
        while self.still:
            await asyncio.sleep(0.1)
        self.count += 1
        planes = np.full((270, 320), 128, np.uint8)
        encode_counter(planes[:180], self.count)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = self.count, Fraction(1, 10)
        return frame


class ToneTrack(MediaStreamTrack):
    """A steady tone."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._samples = 0

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms."""
        await asyncio.sleep(0.018)
        n = np.arange(self._samples, self._samples + 960)
        pcm = (0.3 * 32767 * np.sin(2 * np.pi * TONE_HZ * n / 48000)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, self._samples, Fraction(1, 48000)
        self._samples += 960
        return frame


class FarEnd:
    """A party that answers offers; each offer replaces the connection before."""

    def __init__(self) -> None:
        self.counters: list[int] = []
        self.sizes: list[tuple[int, int]] = []
        self.picture = CounterTrack()
        self.sound = SecondOfSound()
        self.offers = 0
        self.codec = "VP8"
        """The one that it answers with."""
        self._pc: RTCPeerConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def on_offer(self, offer: Offer) -> Message:
        """For `FakeRelay.on_offer`."""
        return Answer(id=offer.id, sdp=await self.answer(offer.sdp))

    async def answer(self, sdp: str) -> str:
        """The answer to an offer."""
        await self.close()
        self.offers += 1
        self._pc = pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        pc.on("track", self._receive)
        await pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="offer"))
        pc.addTrack(ToneTrack())
        self.picture = CounterTrack()
        pc.addTrack(self.picture)
        video = next(one for one in pc.getTransceivers() if one.kind == "video")
        known = RTCRtpSender.getCapabilities("video").codecs
        video.setCodecPreferences([one for one in known if one.mimeType == f"video/{self.codec}"])
        await pc.setLocalDescription(await pc.createAnswer())
        return pc.localDescription.sdp

    async def allow(self, bitrate: int) -> None:
        """Say that the network carries this, in bit/s, instead of aiortc's own estimate."""
        assert self._pc is not None
        for receiver in self._pc.getReceivers():
            if receiver.track.kind == "video":
                setattr(receiver, "_RTCRtpReceiver__remote_bitrate_estimator", None)  # noqa: B010
                ssrcs = list(receiver._RTCRtpReceiver__active_ssrc)
                fci = pack_remb_fci(bitrate, ssrcs)
                remb = RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=fci)
                await receiver.transport._send_rtp(bytes(remb))

    async def close(self) -> None:
        """Take the connection down."""
        pc, self._pc = self._pc, None
        if pc is not None:
            await pc.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def _receive(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.create_task(self._read(track)))

    async def _read(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    self.sizes.append((frame.width, frame.height))
                    luma = frame.reformat(format="gray").to_ndarray()
                    counter = decode_counter(luma)
                    if counter is not None:
                        self.counters.append(counter)
                elif isinstance(frame, av.AudioFrame):
                    self.sound.hear(frame)
        except MediaStreamError:
            return
