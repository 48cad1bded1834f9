"""One party's media in a call: transport, lane and feedback, from an offer to its replacement.

Guarantees: a party is present while its transport is up and RTP keeps arriving, whether or not
it is forwarded, and is missed within the media timeout; presence is told on each change. Leaves
to others: whose media goes where (`relay.media.call`). Times are CLOCK_MONOTONIC ns.
"""

from collections.abc import Callable
from typing import Final

from relay.media.forwarding.feedback import Feedback
from relay.media.forwarding.path import LaneTerms, PacketPath
from relay.media.gate import CallGate
from relay.media.packets.rtcp import SenderReport
from relay.media.packets.rtp import Kind
from relay.media.tap import Tap
from relay.media.transport.description import Offer
from relay.media.transport.endpoint import Path
from relay.media.transport.peer import TransportPeer
from relay.media.transport.port import SharedPort
from relay.media.transport.srtp import SrtpSessions

FORGET_NS: Final = 30_000_000_000
"""A party that was silent so long is taken down; it has to offer again."""


class PartyMedia:
    """Implements `relay.media.transport.peer.PeerObserver`."""

    def __init__(
        self,
        *,
        port: SharedPort,
        packet_path: PacketPath,
        gate: CallGate,
        offer: Offer,
        timeout_ns: int,
        on_presence: Callable[[bool], None],
    ) -> None:
        """Answer the offer; the connection comes up in the background."""
        self.present = False
        self.over = False
        """The connection has ended by itself; only `close` is left to do."""
        self._on_presence = on_presence
        self._timeout_ns = timeout_ns
        self._other: PartyMedia | None = None
        self._forwarding = False
        self._tap: Tap | None = None
        self._peer = TransportPeer(port, offer, self)
        self._lane = packet_path.open_lane(
            LaneTerms(
                gate=gate,
                payload_types={kind: offer.stream(kind).payload_type for kind in Kind},
                ssrcs=self._peer.ssrcs,
                on_rtcp=self._rtcp,
            )
        )
        self._feedback = Feedback(
            self._lane,
            ssrc=self._peer.ssrcs[Kind.VIDEO],
            cname=self._peer.cname,
            on_keyframe_wanted=self._keyframe_wanted,
            on_clock=self._clock,
        )

    @property
    def answer(self) -> str:
        """The SDP answer to the offer."""
        return self._peer.answer

    def face(self, other: "PartyMedia | None") -> None:
        """Send what this party publishes to ``other``, which needs a keyframe to begin."""
        self._other = other
        self._lane.subscribe(other._lane if other is not None else None)
        self._feedback.want_keyframe()

    def forward(self, on: bool, tap: Tap | None) -> None:
        """Let this party's media flow to the other and into ``tap``, or hold it."""
        self._forwarding = on
        self._tap = tap if on else None
        self._lane.forward(on, self._tap)
        if on:
            self._feedback.want_keyframe()

    def tick(self, now_ns: int) -> None:
        """Notice who has come and who has gone, and send the RTCP that is due."""
        if self.over:
            return
        receptions = [self._lane.reception(kind) for kind in Kind]
        arrivals = [reception.last_arrival_ns for reception in receptions if reception is not None]
        if arrivals:
            silent_ns = now_ns - max(arrivals)
            self._appear(silent_ns < self._timeout_ns)
            if silent_ns > FORGET_NS:
                self.over = True
        self._feedback.tick(now_ns, live=self._forwarding)

    async def close(self) -> None:
        """Take everything down; nothing is told any more."""
        self.over = True
        self.present = False
        self._lane.close()
        await self._peer.close()

    # ── what the peer tells us ─────────────────────────────────────────────────────────────
    def media(self, length: int) -> None:
        """An encrypted packet lies in the port's buffer."""
        self._lane.received(length)

    def selected(self, path: Path) -> None:
        """Send there from now on."""
        self._lane.route(path)

    def up(self, sessions: SrtpSessions) -> None:
        """The party can be heard and spoken to; it needs a keyframe of the other's."""
        self._lane.admit(sessions)
        self._keyframe_wanted()

    def down(self) -> None:
        """The connection has ended or never came up."""
        self.over = True
        self._appear(False, always=True)

    # ── between the two parties ────────────────────────────────────────────────────────────
    def _rtcp(self, compound: bytes) -> None:
        self._feedback.received(compound)

    def _keyframe_wanted(self) -> None:
        if self._other is not None:
            self._other._feedback.want_keyframe()

    def _clock(self, kind: Kind, report: SenderReport) -> None:
        if self._forwarding:
            if self._tap is not None:
                self._tap.report(kind, report)
            if self._other is not None:
                self._other._feedback.pass_clock(kind, report)

    def _appear(self, present: bool, *, always: bool = False) -> None:
        if present != self.present or always:
            self.present = present
            self._on_presence(present)
