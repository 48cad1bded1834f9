"""The other end of a call for the pages: a stock aiortc peer that sends a plain face and a tone.

Nothing here belongs to the relay; the pages only have to offer what any WebRTC peer accepts.
"""

import asyncio
import fractions

import av
import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

WIDTH, HEIGHT = 320, 180


class Face(VideoStreamTrack):
    """A still face before a wall, ten times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._pts = 0
        self._picture = face()

    async def recv(self) -> av.VideoFrame:
        """The next frame."""
        await asyncio.sleep(0.1)
        self._pts += 9000
        frame = av.VideoFrame.from_ndarray(self._picture, format="rgb24")
        frame.pts = self._pts
        frame.time_base = fractions.Fraction(1, 90000)
        return frame


class MediaEnd:
    """Answers offers when switched on; otherwise the page waits for an answer."""

    def __init__(self) -> None:
        self.on = False
        self.offers: list[str] = []
        self._peers: list[RTCPeerConnection] = []

    async def answer(self, sdp: str) -> str | None:
        """The SDP answer, or None while there is no media end."""
        self.offers.append(sdp)
        if not self.on:
            return None
        await self.close()
        return await self.answer_too(sdp)

    async def answer_too(self, sdp: str) -> str:
        """The SDP answer of one more peer."""
        peer = RTCPeerConnection()
        self._peers.append(peer)
        peer.addTrack(AudioStreamTrack())
        peer.addTrack(Face())
        await peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        return str(peer.localDescription.sdp)

    async def close(self) -> None:
        """Take every peer down."""
        peers, self._peers = self._peers, []
        for peer in peers:
            await peer.close()


def face() -> np.ndarray:
    """Height × width × red, green, blue."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = (122, 130, 134)
    picture[((columns - 160) / 44) ** 2 + ((rows - 88) / 60) ** 2 < 1] = (226, 180, 152)
    picture[((columns - 160) / 12) ** 2 + ((rows - 118) / 5) ** 2 < 1] = (96, 24, 24)
    for eye in (144, 176):
        picture[((columns - eye) / 4) ** 2 + ((rows - 78) / 4) ** 2 < 1] = (40, 40, 44)
    return picture
