"""A call: two parties' media, held or flowing, recorded or not, until it is cut.

Guarantees: media flows only between the two parties of one call and only while forwarding is on;
a call that was opened without recording has no tap, and one that was opened with it forwards
nothing unrecorded. Both parties have the same video codec: that of the call, which the first
offer decides, VP8 when it has it, else H.264. A party that lacks it has the call change to the
other, at most once while both are there, when the other party has that one too; until that one
has offered again nothing flows between the two, and recordings go on in a segment of their own.
Leaves to others: when to open, forward and cut, and having the other party offer (the control
process).
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from relay.media.forwarding.path import Lane, PacketLoop
from relay.media.gate import CallGate
from relay.media.packets.rtp import Codec, Kind
from relay.media.party import PartyMedia, PartyTerms
from relay.media.tap import OpenTap, Tap
from relay.media.transport.description import Offer, parse_offer
from relay.media.transport.errors import OfferFault, OfferRefusedError
from relay.media.transport.port import SharedPort
from visit_protocol.vocabulary import Party, VideoCodec
from visit_protocol.worker import CloseMonitor, ShowPictures, WatchParty

VIDEO_CODECS: Final = (Codec.VP8, Codec.H264)
"""What a call may have, the better first."""
_RECORDED_AS: Final = {Codec.VP8: VideoCodec.VP8, Codec.H264: VideoCodec.H264}


@dataclass(frozen=True, slots=True)
class CallRoom:
    """What all calls of a worker share."""

    port: SharedPort
    loop: PacketLoop
    media_timeout_ns: int
    background: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
    """Runs and owns a task that takes something down."""


@dataclass(frozen=True, slots=True)
class CallReports:
    """Who hears of one call."""

    presence: Callable[[Party, bool], None]
    """Whether that party's media is there."""
    offer_wanted: Callable[[Party], None]
    """That party has to offer again."""
    segment_wanted: Callable[[], None]
    """The recordings have ended and wait for `Call.next_segment`."""


@dataclass(slots=True)
class CallTaps:
    """How a call is recorded."""

    open: OpenTap
    segment: int
    awaits_segment: bool = False


class Call:
    """One call. Opening, cutting and everything between happens on the event loop."""

    def __init__(
        self, gate: CallGate, room: CallRoom, reports: CallReports, taps: CallTaps | None
    ) -> None:
        self.gate = gate
        self._room = room
        self._reports = reports
        self._recorded = taps
        self._taps: dict[Party, Tap] = {}
        self._parties: dict[Party, PartyMedia] = {}
        self._forwarding = False
        self._codec: Codec | None = None
        self._has_switched = False
        """For one of the parties that are here now."""

    def offer(self, party: Party, sdp: str) -> str:
        """The answer to a party's offer.

        An ICE restart leaves everything as it is; any other offer takes the earlier peer down.

        Raises:
            OfferRefusedError: it is no offer for us, or has no codec that the other party has.
        """
        offer = parse_offer(sdp, self.preferred)
        present = self._parties.get(party)
        answer = present.restart(offer) if present is not None else None
        if answer is not None:
            return answer
        switched = self._agree(party, offer)
        self._take_down(party)
        room = self._room
        media = PartyMedia(
            PartyTerms(
                port=room.port,
                loop=room.loop,
                gate=self.gate,
                timeout_ns=room.media_timeout_ns,
                on_presence=lambda present: self._reports.presence(party, present),
                on_over=lambda: self._drop_if(party, media),
                estimates=party is not Party.INMATE,
            ),
            offer,
        )
        self._parties[party] = media
        if switched:
            self._end_segment()
        self._connect()
        self._flow()
        if switched and party.other in self._parties:
            self._reports.offer_wanted(party.other)
        return media.answer

    def forward(self, on: bool) -> None:
        """Start or hold forwarding and recording."""
        self._forwarding = on
        self._flow()

    def next_segment(self, segment: int) -> None:
        """Recordings that begin from now on have that number."""
        if self._recorded is not None:
            self._recorded.segment = segment
            if self._recorded.awaits_segment:
                self._recorded.awaits_segment = False
                self._flow()

    def drop(self, party: Party) -> None:
        """Take one party's peer down; the call stays."""
        self._has_switched = False
        self._take_down(party)

    def close(self) -> None:
        """Take the call down in the background; its gate is shut first, if nobody has yet."""
        self.gate.shut()
        self._close_taps()
        for media in self._parties.values():
            self._room.background(media.close())
        self._parties.clear()

    def _take_down(self, party: Party) -> None:
        media = self._parties.pop(party, None)
        if media is None:
            return
        if media.present:
            self._reports.presence(party, False)
        self._room.background(media.close())
        self._connect()

    def _drop_if(self, party: Party, media: PartyMedia) -> None:
        if self._parties.get(party) is media:
            self.drop(party)

    # ── the codec ──────────────────────────────────────────────────────────────────────────
    @property
    def preferred(self) -> tuple[Codec, ...]:
        """The codecs that an offer may have, the call's own first."""
        return tuple(sorted(VIDEO_CODECS, key=lambda codec: codec is not self._codec))

    def _agree(self, party: Party, offer: Offer) -> bool:
        """Take up the offer's codec; whether the call has changed to it.

        Raises:
            OfferRefusedError: the other party cannot follow.
        """
        codec, before = offer.stream(Kind.VIDEO).codec, self._codec
        other = self._parties.get(party.other)
        if codec is not before and other is not None:
            if self._has_switched or codec not in other.codecs:
                raise OfferRefusedError(OfferFault.NO_CODEC, "no codec that the other party has")
            self._has_switched = True
        self._codec = codec
        return before not in (None, codec)

    def _end_segment(self) -> None:
        """The recordings so far are of the codec of before."""
        if self._recorded is not None and self._taps:
            self._close_taps()
            self._recorded.awaits_segment = True
            self._reports.segment_wanted()

    # ── the flow ───────────────────────────────────────────────────────────────────────────
    def _connect(self) -> None:
        """Who gets what: each party the other's media, once both have the call's codec."""
        for party, media in self._parties.items():
            other = self._parties.get(party.other)
            fits = other is not None and other.codec is media.codec
            media.publish_to(other if fits else None, self._more(party))

    def _more(self, _party: Party) -> Sequence[Lane]:
        """Who else gets what that party publishes: nobody."""
        return ()

    def _flow(self) -> None:
        recorded = self._recorded
        on = self._forwarding and not (recorded is not None and recorded.awaits_segment)
        for party, media in self._parties.items():
            fits = media.codec is self._codec
            if on and fits and recorded is not None and party not in self._taps:
                codec = _RECORDED_AS[media.codec]
                self._taps[party] = recorded.open(party, recorded.segment, codec)
            media.forward(on and fits, self._taps.get(party))

    def _close_taps(self) -> None:
        for tap in self._taps.values():
            tap.close()
        self._taps.clear()


MakeCall = Callable[[CallGate, CallRoom, CallReports, CallTaps | None], Call]
"""Makes the calls of a worker: `Call` itself, or one that can do more."""


class Watching(Protocol):
    """What only an ordinary worker has: its calls can be watched."""

    @property
    def make_call(self) -> MakeCall:
        """Makes a call that can be watched."""

    def obey(self, message: WatchParty | CloseMonitor | ShowPictures, call: Call | None) -> None:
        """Begin or end watching; what comes of it is told."""

    def finish(self, timeout_s: float) -> None:
        """Blocks until everything that watching needed has ended, at most so long."""
