"""One party's media in a call: transport, lane and feedback, from an offer to its replacement.

Guarantees: a party is present while its transport is up and RTP keeps arriving, whether or not
it is forwarded, and is missed within the media timeout; presence is told on each change. Leaves
to others: whose media goes where (`relay.media.call`). Times are CLOCK_MONOTONIC ns.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from relay.media.forwarding.feedback import Feedback
from relay.media.forwarding.path import Lane, LaneTerms, PacketLoop, StreamTerms
from relay.media.gate import CallGate
from relay.media.packets.rtcp import SenderReport, write_receiver_report
from relay.media.packets.rtp import Kind
from relay.media.tap import Tap
from relay.media.transport.description import Extension, Offer, OfferedStream
from relay.media.transport.endpoint import Path
from relay.media.transport.peer import OurSources, TransportPeer
from relay.media.transport.port import SharedPort
from relay.media.transport.srtp import SrtpSessions

SILENCE_NS: Final = 200_000_000
"""Ten sounds missing in a row: more than a network in use loses."""
FORGET_NS: Final = 30_000_000_000
"""A party that was silent so long is taken down; it has to offer again."""


@dataclass(frozen=True, slots=True)
class PartyTerms:
    """What a party's media is made of."""

    port: SharedPort
    loop: PacketLoop
    gate: CallGate
    timeout_ns: int
    on_presence: Callable[[bool], None]
    on_over: Callable[[], None]
    """The connection has ended by itself; only `PartyMedia.close` is left to do."""
    estimates: bool = True
    """Whether the party shall estimate what it can take: not where it is on our own network."""


class PartyMedia:
    """Implements `relay.media.transport.peer.PeerObserver`."""

    def __init__(self, terms: PartyTerms, offer: Offer) -> None:
        """Answer the offer; the connection comes up in the background.

        Raises:
            LanesExhaustedError: the worker has as many parties as it can have.
        """
        self.present = False
        video = offer.stream(Kind.VIDEO)
        self.codec: Final = video.codec
        """Of the video, both ways."""
        self.codecs: Final = frozenset((video.codec, *video.others))
        """What the party could speak, as of its latest new connection."""
        self._terms = terms
        self._over = False
        self._other: PartyMedia | None = None
        """Who gets what this party publishes, and says how much that may be."""
        self._subscribers: tuple[Lane, ...] = ()
        self._source: PartyMedia | None = None
        self._forwarding = False
        ours = OurSources.random(rtx=offer.stream(Kind.VIDEO).rtx_payload_type is not None)
        self._cname = ours.cname.encode()
        self._lane = terms.loop.open_lane(
            LaneTerms(
                gate=terms.gate,
                streams={
                    kind: self._stream(offer.stream(kind), ours.ssrcs[kind], ours.rtx_ssrc)
                    for kind in Kind
                },
                preface=write_receiver_report(ours.ssrcs[Kind.VIDEO], self._cname, []),
                silent_after_ns=terms.timeout_ns,
                on_rtcp=self._rtcp,
                on_dtls=self._dtls,
                on_due=self._look,
            )
        )
        self._peer = TransportPeer(terms.port, offer, ours, self._lane, self)
        self._feedback = Feedback(
            self._lane,
            ssrc=ours.ssrcs[Kind.VIDEO],
            cname=ours.cname,
            on_keyframe_wanted=self._keyframe_wanted,
            on_limit=self._limited,
            on_clock=self._clock,
            estimates=self._stream(video, 0, None).abs_send_time is not None,
        )

    def _stream(self, offered: OfferedStream, ssrc: int, rtx_ssrc: int | None) -> StreamTerms:
        extensions = offered.extensions
        video = offered.kind is Kind.VIDEO
        return StreamTerms(
            codec=offered.codec,
            payload_type=offered.payload_type,
            ssrc=ssrc,
            rtx_payload_type=offered.rtx_payload_type,
            rtx_ssrc=rtx_ssrc if offered.rtx_payload_type is not None else None,
            abs_send_time=(
                extensions.get(Extension.ABS_SEND_TIME) if video and self._terms.estimates else None
            ),
            transport_cc=extensions.get(Extension.TRANSPORT_CC) if offered.transport_cc else None,
        )

    @property
    def answer(self) -> str:
        """The SDP answer to the offer."""
        return self._peer.answer

    def restart(self, offer: Offer) -> str | None:
        """The answer to an ICE restart of this party; None when ``offer`` begins anew."""
        return None if self._over else self._peer.restart(offer)

    def publish_to(self, other: "PartyMedia | None", more: Sequence[Lane] = ()) -> None:
        """Send what this party publishes to the other, and to more lanes that only receive.

        Whoever is new needs a keyframe to begin. What the other can take is what this party may
        send; the rest take what there is.
        """
        self._other = other
        if other is not None:
            other._source = self
        before = self._subscribers
        self._subscribers = (*(() if other is None else (other._lane,)), *more)
        self._lane.publish_to(self._subscribers)
        if any(lane not in before for lane in self._subscribers):
            self._feedback.want_keyframe()

    def want_keyframe(self) -> None:
        """Somebody who receives this party's video cannot go on without a keyframe."""
        self._feedback.want_keyframe()

    def forward(self, on: bool, tap: Tap | None) -> None:
        """Let this party's media flow to those who get it and into ``tap``, or hold it."""
        self._forwarding = on
        self._lane.forward(on, tap if on else None)
        if on:
            self._feedback.want_keyframe()

    async def close(self) -> None:
        """Take everything down; nothing is told any more."""
        self._over = True
        self.present = False
        self._other = self._source = None
        self._subscribers = ()
        self._lane.close()
        await self._peer.close()

    # ── what the peer tells us ─────────────────────────────────────────────────────────────
    def silent(self) -> bool:
        """Whether media came and then ceased, just now or long ago."""
        silent_ns = self._silent_ns(time.monotonic_ns())
        return silent_ns is not None and silent_ns > SILENCE_NS

    def selected(self, path: Path) -> None:
        """Send there from now on."""
        self._lane.route(path)

    def up(self, sessions: SrtpSessions) -> None:
        """The party can be heard and spoken to; it needs a keyframe of the other's."""
        self._lane.admit(sessions)
        self._keyframe_wanted()

    def down(self) -> None:
        """The connection has ended or never came up."""
        self._over = True
        self._appear(False, always=True)
        self._terms.on_over()

    # ── what the packet loop tells us ──────────────────────────────────────────────────────
    def _rtcp(self, compound: bytes) -> None:
        self._feedback.received(compound)

    def _dtls(self, record: bytes) -> None:
        self._peer.dtls(record)

    def _look(self, now_ns: int) -> None:
        """Notice whether the party has come or gone, and send the RTCP that is due."""
        if self._over or self._terms.gate.is_shut:
            return
        silent_ns = self._silent_ns(now_ns)
        again_ns = self._feedback.tick(now_ns, live=self._forwarding)
        if silent_ns is not None:
            self._appear(silent_ns < self._terms.timeout_ns)
            if silent_ns > FORGET_NS:
                self._over = True
                self._terms.on_over()
                return
            if self.present:
                again_ns = min(again_ns, now_ns - silent_ns + self._terms.timeout_ns)
        self._lane.look_at(again_ns)

    # ── between the parties ────────────────────────────────────────────────────────────────
    def _keyframe_wanted(self) -> None:
        if self._source is not None:
            self._source.want_keyframe()

    def _limited(self, bits_per_second: int) -> None:
        source = self._source
        if source is not None and source._other is self:
            source._feedback.limit(bits_per_second)

    def _clock(self, kind: Kind, report: SenderReport) -> None:
        if self._forwarding:
            self._lane.pass_clock(kind, self._cname, report.ntp, report.rtp)

    def _silent_ns(self, now_ns: int) -> int | None:
        """Since the last media of the party; None while none has come."""
        receptions = [self._lane.reception(kind) for kind in Kind]
        arrivals = [reception.last_arrival_ns for reception in receptions if reception is not None]
        return now_ns - max(arrivals) if arrivals else None

    def _appear(self, present: bool, *, always: bool = False) -> None:
        if present != self.present or always:
            self.present = present
            self._terms.on_presence(present)
