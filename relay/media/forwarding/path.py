"""The packet path's interface. Implementations: `relay.media.forwarding.lane` (Python).

A **lane** is one party's side of the path: its SRTP sessions, where to send to, what it publishes
and what it subscribes to. Everything that happens once per packet happens inside a lane; the
rest of the worker sets lanes up and polls them a few times a second, so that an implementation
in another language needs no call into Python for a packet. Times are CLOCK_MONOTONIC ns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from relay.media.gate import CallGate
from relay.media.packets.rtp import Kind
from relay.media.tap import Tap
from relay.media.transport.endpoint import Path
from relay.media.transport.srtp import SrtpSessions


@dataclass(slots=True)
class PathCounters:
    """Totals since the worker started."""

    packets_in: int = 0
    packets_forwarded: int = 0
    packets_dropped: int = 0
    """Arrived and were not what they should be: bad authentication, unknown stream, malformed."""
    bytes_forwarded: int = 0


@dataclass(frozen=True, slots=True)
class Reception:
    """How a published stream arrives, since its current source began."""

    ssrc: int
    packets_received: int
    packets_expected: int
    highest_sequence: int
    """Extended with the count of cycles in the upper 16 bits (RFC 3550 §6.4.1)."""
    jitter: int
    """In RTP timestamp units."""
    last_arrival_ns: int
    last_keyframe_ns: int | None


@dataclass(frozen=True, slots=True)
class LaneTerms:
    """What a lane is made of; fixed for its life."""

    gate: CallGate
    payload_types: dict[Kind, int]
    """The party's payload type of each kind, the same both ways."""
    ssrcs: dict[Kind, int]
    """Ours, of the streams that we send to the party."""
    on_rtcp: Callable[[bytes], None]
    """Takes each decrypted RTCP compound of the party."""


class Lane(Protocol):
    """One party's side of the path."""

    def received(self, length: int) -> None:
        """An encrypted RTP or RTCP packet of that length lies in the packet buffer."""

    def admit(self, sessions: SrtpSessions) -> None:
        """The keys are known; before that nothing is understood and nothing is sent."""

    def route(self, path: Path) -> None:
        """Send to there from now on."""

    def subscribe(self, subscriber: Self | None) -> None:
        """Who gets what this lane publishes."""

    def forward(self, on: bool, tap: Tap | None) -> None:
        """Let what arrives flow to the subscriber and into ``tap``, or hold it."""

    def reception(self, kind: Kind) -> Reception | None:
        """How the stream of that kind arrives, None while nothing has arrived."""

    def missing(self, now_ns: int) -> Sequence[int]:
        """Sequence numbers of video to be asked for again now."""

    def resend(self, ssrc: int, sequences: Sequence[int]) -> None:
        """The party lost these packets of our stream ``ssrc``; send those we still have again."""

    def send_rtcp(self, compound: bytes) -> None:
        """Encrypt and send."""

    def report_clock(self, kind: Kind, cname: bytes, ntp: int, rtp: int) -> None:
        """The publisher of this lane's stream of that kind told its clock: tell the party."""

    def close(self) -> None:
        """Forget the keys and everybody else's lane."""


class PacketPath(Protocol):
    """Makes lanes over one packet buffer."""

    counters: PathCounters

    def open_lane(self, terms: LaneTerms) -> Lane:
        """A lane that is closed to everything until it is admitted."""
