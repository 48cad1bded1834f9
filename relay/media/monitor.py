"""A monitor: a guard's receive-only peer in somebody else's call.

Guarantees: a monitor publishes nothing, whatever it sends: nobody subscribes to its lane and no
recorder hears it; without ``audio`` no sound is sent to it; what it can take limits nobody; it
goes when its connection ends, and `SILENCE_S` after the guard's browser has last shown that it
lives. Its packets leave through the gate of the call, so that a cut stops it with the rest.
Leaves to others: whose media it gets (`relay.media.watched`), who may watch (the control process).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from relay.media.forwarding.path import Lane, LaneTerms, PacketLoop, StreamTerms
from relay.media.gate import CallGate
from relay.media.packets.errors import MalformedPacketError
from relay.media.packets.rtcp import KeyframeRequest, LossReport, parse_rtcp, write_receiver_report
from relay.media.packets.rtp import Kind
from relay.media.transport.description import Offer, OfferedStream
from relay.media.transport.endpoint import Path
from relay.media.transport.errors import OfferFault, OfferRefusedError
from relay.media.transport.peer import OurSources, TransportPeer
from relay.media.transport.port import SharedPort
from relay.media.transport.srtp import SrtpSessions

SILENCE_S: Final = 15.0
"""Three of the slowest browser's consent checks (RFC 7675: every 4 to 6 s) have not come."""
_LOOK_EVERY_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class MonitorTerms:
    """What a monitor is made of."""

    port: SharedPort
    loop: PacketLoop
    gate: CallGate
    audio: bool
    on_keyframe_wanted: Callable[[], None]
    on_over: Callable[[], None]
    """The monitor has ended by itself; only `MonitorPeer.close` is left to do."""


class MonitorPeer:
    """Implements `relay.media.transport.peer.PeerObserver`."""

    def __init__(self, terms: MonitorTerms, offer: Offer) -> None:
        """Answer the offer; the connection comes up in the background.

        Raises:
            OfferRefusedError: the offer would send something.
            LanesExhaustedError: the worker has as many peers as it can have.
        """
        if any(offer.stream(kind).direction != "sendonly" for kind in Kind):
            raise OfferRefusedError(OfferFault.BAD_SDP, "a monitor only receives")
        self._terms = terms
        self._over = False
        self._heard_s = time.monotonic()
        ours = OurSources.random(rtx=offer.stream(Kind.VIDEO).rtx_payload_type is not None)
        self.codec: Final = offer.stream(Kind.VIDEO).codec
        streams = {Kind.VIDEO: _terms_of(offer.stream(Kind.VIDEO), ours)}
        if terms.audio:
            streams[Kind.AUDIO] = _terms_of(offer.stream(Kind.AUDIO), ours)
        self.lane: Final[Lane] = terms.loop.open_lane(
            LaneTerms(
                gate=terms.gate,
                streams=streams,
                preface=write_receiver_report(ours.ssrcs[Kind.VIDEO], ours.cname.encode(), []),
                silent_after_ns=_LOOK_EVERY_NS,
                on_rtcp=self._rtcp,
                on_dtls=self._dtls,
                on_due=self._look,
            )
        )
        answered = offer if terms.audio else _without_audio(offer)
        self._peer = TransportPeer(terms.port, answered, ours, self.lane, self)

    @property
    def answer(self) -> str:
        """The SDP answer to the offer."""
        return self._peer.answer

    async def close(self) -> None:
        """Take everything down; nothing is told any more."""
        self._over = True
        self.lane.close()
        await self._peer.close()

    # ── what the peer tells us ─────────────────────────────────────────────────────────────
    def silent(self) -> bool:
        """A monitor sends no media that could cease: only its checks say where it lives."""
        return False

    def selected(self, path: Path) -> None:
        """Send there from now on."""
        self.lane.route(path)

    def up(self, sessions: SrtpSessions) -> None:
        """The guard can be sent to: the picture begins with the next keyframe, asked for now."""
        self._heard_s = time.monotonic()
        self.lane.admit(sessions)
        self._terms.on_keyframe_wanted()

    def down(self) -> None:
        """The connection has ended or never came up."""
        self._end()

    # ── what the packet loop tells us ──────────────────────────────────────────────────────
    def _rtcp(self, compound: bytes) -> None:
        self._heard_s = time.monotonic()
        try:
            packets = parse_rtcp(compound)
        except MalformedPacketError:
            return
        for packet in packets:
            match packet:
                case LossReport():
                    self.lane.resend(packet.ssrc, packet.sequences)
                case KeyframeRequest():
                    self._terms.on_keyframe_wanted()

    def _dtls(self, record: bytes) -> None:
        self._peer.dtls(record)

    def _look(self, now_ns: int) -> None:
        """Notice that the guard's browser is gone."""
        if self._over or self._terms.gate.is_shut:
            return
        heard_s = max(self._heard_s, self._peer.heard_s or 0.0)
        if time.monotonic() - heard_s > SILENCE_S:
            self._end()
            return
        self.lane.look_at(now_ns + _LOOK_EVERY_NS)

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self._terms.on_over()


def _terms_of(offered: OfferedStream, ours: OurSources) -> StreamTerms:
    """Without congestion control: what a guard's link cannot take is lost, not held back."""
    return StreamTerms(
        codec=offered.codec,
        payload_type=offered.payload_type,
        ssrc=ours.ssrcs[offered.kind],
        rtx_payload_type=offered.rtx_payload_type,
        rtx_ssrc=ours.rtx_ssrc if offered.rtx_payload_type is not None else None,
    )


def _without_audio(offer: Offer) -> Offer:
    """The same offer, whose audio section our answer leaves inactive."""
    sections = tuple(
        replace(section, stream=replace(section.stream, direction="inactive"))
        if section.stream is not None and section.stream.kind is Kind.AUDIO
        else section
        for section in offer.sections
    )
    return replace(offer, sections=sections)
