"""Parties at a packet loop, over real SRTP and real sockets, without ICE and DTLS."""

import asyncio
import socket
from dataclasses import replace

import pylibsrtp
from aiortc.rtp import RtcpPacket, RtpPacket

from relay.media.forwarding.feedback import Feedback
from relay.media.forwarding.path import LaneTerms, PacketLoop, StreamTerms
from relay.media.gate import CallGate
from relay.media.packets.rtcp import write_receiver_report
from relay.media.packets.rtp import Codec, Kind
from relay.media.transport.endpoint import Path
from relay.media.transport.srtp import SrtpSessions
from tests.relay.media.rtp_source import rtp

KEYFRAME = b"\x10\x00\x00\x00\x9d\x01\x2a\x40\x01\xb4\x00"
STUN = bytes.fromhex("000100002112a442") + bytes(12)
DELTA = b"\x10\x01\x00\x00"
MS = 1_000_000
SILENT_NS = 1000 * MS
ARRIVES_S = 2.0
QUIET_S = 0.08
"""Nothing more has come when nothing has for so long."""


def policy(key: bytes, direction: int) -> pylibsrtp.Policy:
    profile = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM
    made = pylibsrtp.Policy(key=key, ssrc_type=direction, srtp_profile=profile)
    made.allow_repeat_tx = True
    made.window_size = 1024
    return made


def sessions(receive: bytes, send: bytes) -> SrtpSessions:
    return SrtpSessions(
        pylibsrtp.Session(policy(receive, pylibsrtp.Policy.SSRC_ANY_INBOUND)),
        pylibsrtp.Session(policy(send, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)),
    )


class End:
    """A party: its own SRTP, its socket, and its lane in the loop."""

    def __init__(
        self,
        loop: PacketLoop,
        gate: CallGate,
        name: int,
        *,
        codec: Codec = Codec.VP8,
        **video: int,
    ) -> None:
        up, down = bytes([name]) * 44, bytes([name + 1]) * 44
        self.own = sessions(down, up)
        self.loop = loop
        self.endpoint = loop.endpoints[0]
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.bind(("127.0.0.1", 0))
        self.rtcp: list[bytes] = []
        self.dtls: list[bytes] = []
        self.due: list[int] = []
        audio = StreamTerms(Codec.OPUS, 100 + name, 1000 * name)
        video_terms = StreamTerms(codec, 40 + name, 1000 * name + 1)
        self.streams = {Kind.AUDIO: audio, Kind.VIDEO: replace(video_terms, **video)}
        self.preface = write_receiver_report(1000 * name + 1, b"cname", [])
        self.lane = loop.open_lane(
            LaneTerms(
                gate=gate,
                streams=self.streams,
                preface=self.preface,
                silent_after_ns=SILENT_NS,
                on_rtcp=self.rtcp.append,
                on_dtls=self.dtls.append,
                on_due=self.due.append,
            )
        )
        self.path = Path(self.endpoint, self.sock.getsockname())
        self.lane.admit(sessions(up, down))
        self.lane.route(self.path)
        self.lane.own(self.path)

    def publish(
        self,
        payload: bytes,
        sequence: int,
        *,
        kind: Kind = Kind.VIDEO,
        timestamp: int = 0,
        ssrc: int = 7,
        marker: bool = True,
    ) -> None:
        """Send a packet to the worker."""
        terms = self.streams[kind]
        packet = rtp(
            payload, payload_type=terms.payload_type, sequence=sequence,
            timestamp=timestamp, ssrc=ssrc, marker=marker,
        )  # fmt: skip
        self.send(packet)

    def send(self, packet: bytes) -> None:
        """Encrypt and send an RTP packet."""
        self.throw(bytes(self.own.sending.protect(packet)))

    def say(self, compound: bytes) -> None:
        """Encrypt and send RTCP."""
        self.throw(self.own.protect_rtcp(compound))

    def throw(self, datagram: bytes) -> None:
        """Send a datagram as it is."""
        self.sock.sendto(datagram, (self.endpoint.host, self.endpoint.port))

    async def take(self, count: int) -> list[RtpPacket]:
        """The media that has reached the party, exactly ``count`` packets of it."""
        datagrams = await self.datagrams(count, media=True)
        return [RtpPacket.parse(bytes(self.own.receiving.unprotect(data))) for data in datagrams]

    async def hear(self, count: int = 1) -> list:
        """The RTCP packets of the ``count`` compounds that have reached the party."""
        compounds = await self.datagrams(count, media=False)
        return [
            packet
            for data in compounds
            for packet in RtcpPacket.parse(self.own.unprotect_rtcp(data))
        ]

    async def datagrams(self, count: int, *, media: bool) -> list[bytes]:
        """The first ``count`` datagrams of that sort, and that no more come."""
        found: list[bytes] = []
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(ARRIVES_S if len(found) < count else QUIET_S):
                    data = await loop.sock_recv(self.sock, 2048)
            except TimeoutError:
                break
            if media is not (192 <= data[1] <= 223):
                found.append(data)
        assert len(found) == count, f"{len(found)} instead of {count}"
        return found

    async def next_datagram(self) -> bytes:
        """Whatever reaches the party next."""
        async with asyncio.timeout(ARRIVES_S):
            return await asyncio.get_running_loop().sock_recv(self.sock, 2048)

    async def received(self, count: int, kind: Kind = Kind.VIDEO) -> None:
        """Returns when the loop has counted so many packets of the party's."""
        await until(
            lambda: (
                (found := self.lane.reception(kind)) is not None and found.packets_received >= count
            )
        )

    def feedback(self, wanted: list | None = None, clocks: list | None = None) -> Feedback:
        """What the worker says to the party."""
        return Feedback(
            self.lane,
            ssrc=self.streams[Kind.VIDEO].ssrc,
            cname="cname",
            on_keyframe_wanted=lambda: wanted.append(1) if wanted is not None else None,
            on_limit=lambda _: None,
            on_clock=lambda kind, report: (
                clocks.append((kind, report)) if clocks is not None else None
            ),
        )


async def until(claim) -> None:
    """Returns when the claim has come true."""
    async with asyncio.timeout(ARRIVES_S):
        while not claim():
            await asyncio.sleep(0.005)
