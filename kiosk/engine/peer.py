"""`Peer`: one WebRTC connection to the relay, VP8 (else H.264) and Opus, stock aiortc.

Guarantees: it offers both media in both directions with all candidates inside (no trickle, no ICE
servers, no data channel); it sends as much picture as the ladder says, measured once a second; what
comes from the other side goes to the `RemoteMedia`; a connection that dies is reported once.
Leaves to others: carrying offer and answer, trying again (`kiosk.ui.engine_link`).
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, Literal

import aioice.ice
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamTrack

from kiosk.engine.control import NetworkMeasured
from kiosk.engine.own import OwnMedia
from kiosk.engine.quality import Ladder, PictureWatch, Sample
from kiosk.engine.remote import RemoteMedia
from kiosk.engine.sender import MeasuredSender

log = logging.getLogger(__name__)

PeerState = Literal["connected", "failed"]

LOOPBACK: Final = "127.0.0.1"
CONSENT_EVERY_S: Final = 1
CONSENT_MISSES: Final = 5
MEASURE_EVERY_S: Final = 1.0
NETWORK_EVERY_S: Final = 5.0
PICTURE_CODECS: Final = ("video/vp8", "video/h264", "video/rtx")
"""What is offered, the better first; the relay chooses."""


def prepare_ice() -> None:
    """Make aioice fit a terminal beside its relay; once per process.

    WORKAROUND(https://github.com/aiortc/aioice): it never gathers 127.0.0.1, so a terminal on the
    relay's own machine without a network has no candidate at all. And it notices a dead relay
    after 30 s (RFC 7675 §5.1 allows that long, not less often): a booth asks every second and
    gives up after five.
    """
    gather = aioice.ice.get_host_addresses

    def with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        found = gather(use_ipv4=use_ipv4, use_ipv6=use_ipv6)
        return [*found, LOOPBACK] if use_ipv4 and LOOPBACK not in found else found

    aioice.ice.get_host_addresses = with_loopback
    aioice.ice.CONSENT_INTERVAL = CONSENT_EVERY_S
    aioice.ice.CONSENT_FAILURES = CONSENT_MISSES


class Peer:
    """One offer and what becomes of it."""

    def __init__(
        self,
        own: OwnMedia,
        remote: RemoteMedia,
        on_change: Callable[[PeerState], None],
        on_paused: Callable[[bool, bool], None],
        on_network: Callable[[NetworkMeasured], None],
    ) -> None:
        """``on_paused`` hears whether one's own and the other's picture are left out."""
        self._on_network = on_network
        self._carried: tuple[float, int, int] | None = None
        self._own = own
        self._remote = remote
        self._on_change = on_change
        self._on_paused = on_paused
        self._measuring: asyncio.Task[None] | None = None
        self._closing = False
        self._was_connected = False
        self._picture, self._sound = own.tracks()
        self._pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._pc.on("connectionstatechange", self._state_changed)
        self._pc.on("track", self._track_came)

    async def offer(self) -> str:
        """The session description to send."""
        self._pc.addTrack(self._sound)
        self._pc.addTrack(self._picture)
        for transceiver in self._pc.getTransceivers():
            if transceiver.kind == "video":
                codecs = RTCRtpSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences(
                    [
                        codec
                        for wanted in PICTURE_CODECS
                        for codec in codecs
                        if codec.mimeType.lower() == wanted
                    ]
                )
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return str(self._pc.localDescription.sdp)

    async def answer(self, sdp: str) -> None:
        """Take the relay's answer; an unusable one counts as a failed connection."""
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))
        except Exception as error:
            # Not narrower: mutated SDP raises at least five untyped errors in aiortc 1.16.
            log.error("the relay's answer cannot be used (%s)", type(error).__name__)
            self._report("failed")

    async def close(self) -> None:
        """Take the connection down; nothing is reported afterwards."""
        self._closing = True
        if self._measuring is not None:
            self._measuring.cancel()
        self._own.drop(self._picture, self._sound)
        self._remote.silence()
        await self._pc.close()

    def _track_came(self, track: MediaStreamTrack) -> None:
        self._remote.receive(track)

    def _state_changed(self) -> None:
        state = self._pc.connectionState
        if state == "connected":
            self._was_connected = True
            if self._measuring is None:
                self._measuring = asyncio.create_task(self._measure())
            self._report("connected")
        elif state in ("failed", "closed") or (state == "new" and self._was_connected):
            # aiortc calls it "new" when ICE lost consent and DTLS closed with it.
            self._report("failed")

    async def _measure(self) -> None:
        """Follow the network until the peer is closed."""
        senders = [one for one in self._pc.getSenders() if isinstance(one, MeasuredSender)]
        video = next(sender for sender in senders if sender.kind == "video")
        ladder, watch = Ladder(), PictureWatch()
        paused = (False, False)
        video.limit(ladder.rung.bitrate)
        while True:
            await asyncio.sleep(MEASURE_EVERY_S)
            before, now = ladder.rung, time.monotonic()
            losses = [(sender.kind, sender.take_loss()) for sender in senders]
            known = [
                loss
                for kind, loss in losses
                if loss is not None and (kind == "audio" or before.side > 0)
            ]
            rung = ladder.take(Sample(now, video.available, max(known, default=None)))
            if rung is not before:
                log.warning("the network carries %s", rung.name)
                self._picture.rung = rung
                video.limit(rung.bitrate)
                video.want_keyframe()
            if self._carried is None or now - self._carried[0] >= NETWORK_EVERY_S:
                await self._tell_network(now, max(known, default=None))
            was = paused
            paused = (
                rung.side == 0,
                watch.take(now, self._remote.pictures, self._remote.sounds),
            )
            if paused != was:
                self._on_paused(*paused)

    async def _tell_network(self, now: float, loss: float | None) -> None:
        """Say how the transport has done since the last time."""
        stats = (await self._pc.getStats()).values()
        sent, received = (
            sum(getattr(one, name) for one in stats if one.type == "transport")
            for name in ("bytesSent", "bytesReceived")
        )
        trips = [one.roundTripTime for one in stats if one.type == "remote-inbound-rtp"]
        before, self._carried = self._carried, (now, sent, received)
        if before is not None:
            passed = now - before[0]
            self._on_network(
                NetworkMeasured(
                    -1.0 if loss is None else loss,
                    max((trip * 1000 for trip in trips if trip), default=-1.0),
                    round((sent - before[1]) * 8 / passed),
                    round((received - before[2]) * 8 / passed),
                )
            )

    def _report(self, state: PeerState) -> None:
        if not self._closing:
            if state == "failed":
                self._closing = True
            asyncio.get_running_loop().call_soon(self._on_change, state)
