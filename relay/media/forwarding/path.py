"""The packet loop's interface. Implementations: `native` (C, its own thread) and `python_loop`.

A **lane** is one party's side of the loop: its SRTP sessions, where to send to, what it publishes
and who subscribes to that. Everything that happens once per packet happens inside the loop; the
rest of the worker sets lanes up, hears what is not media, and is asked to look at a lane a few
times a second. Times are CLOCK_MONOTONIC ns.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, Self

from relay.media.gate import CallGate
from relay.media.packets.rtp import Codec, Kind
from relay.media.tap import Tap
from relay.media.transport.endpoint import Endpoint, Path
from relay.media.transport.srtp import SrtpSessions

MAX_SUBSCRIBERS: Final = 8
"""Of one lane: the other party, and whoever watches."""


@dataclass(frozen=True, slots=True)
class PathCounters:
    """Totals since the worker started."""

    packets_in: int = 0
    packets_forwarded: int = 0
    packets_resent: int = 0
    packets_dropped: int = 0
    """Arrived and were not what they should be: unknown sender, bad authentication, malformed."""
    bytes_forwarded: int = 0


class Reception(NamedTuple):
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
class StreamTerms:
    """One of a lane's two streams, the same both ways; fixed for the lane's life."""

    codec: Codec
    payload_type: int
    ssrc: int
    """Ours, of what we send to the party."""
    rtx_payload_type: int | None = None
    rtx_ssrc: int | None = None
    abs_send_time: int | None = None
    """Header extension id with which our packets carry their time: the party answers with REMB."""
    transport_cc: int | None = None
    """Header extension id under which the party numbers its packets, to be told of each."""


@dataclass(frozen=True, slots=True)
class LaneTerms:
    """What a lane is made of; fixed for its life."""

    gate: CallGate
    streams: Mapping[Kind, StreamTerms]
    """There is always video; of a kind that is missing nothing is taken and nothing sent."""
    preface: bytes
    """RR and SDES that begin each RTCP compound of the loop's own (RFC 3550 §6.1)."""
    silent_after_ns: int
    """A packet after such a silence makes the lane due at once."""
    on_rtcp: Callable[[bytes], None]
    """Takes each decrypted RTCP compound of the party."""
    on_dtls: Callable[[bytes], None]
    """Takes each DTLS record from one of the party's own addresses."""
    on_due: Callable[[int], None]
    """Asked to look at the lane now; has to say when again (`Lane.look_at`).

    By `run_due`, and by the loop itself, at most each 10 ms, when video has just gone missing.
    """


class Lane(Protocol):
    """One party's side of the loop."""

    def admit(self, sessions: SrtpSessions) -> None:
        """The keys are known; before that nothing is understood and nothing is sent."""

    def own(self, path: Path) -> None:
        """What is not STUN and comes from there is this lane's, whosever it was before."""

    def disown(self, path: Path) -> None:
        """It is nobody's, if it was this lane's."""

    def route(self, path: Path) -> None:
        """Send to there from now on."""

    def publish_to(self, subscribers: Sequence[Self]) -> None:
        """Who gets what this lane publishes; a subscriber takes each kind from one publisher.

        Raises:
            ValueError: they are more than `MAX_SUBSCRIBERS`; nothing has changed.
        """

    def forward(self, on: bool, tap: Tap | None) -> None:
        """Let what arrives flow to the subscribers and into ``tap``, or hold it."""

    def reception(self, kind: Kind) -> Reception | None:
        """How the stream of that kind arrives, None while nothing has arrived."""

    def sent_octets(self, kind: Kind) -> int:
        """Payload bytes of that kind that the party was sent so far."""

    def missing(self, now_ns: int) -> Sequence[int]:
        """Sequence numbers of video to be asked for again now."""

    def resend(self, ssrc: int, sequences: Sequence[int]) -> None:
        """The party lost these packets of our stream ``ssrc``; send those we still have again."""

    def send_rtcp(self, compound: bytes) -> None:
        """Encrypt and send."""

    def pass_clock(self, kind: Kind, cname: bytes, ntp: int, rtp: int) -> None:
        """The party told its publishing clock: tell the subscribers and the recorder."""

    def look_at(self, when_ns: int) -> None:
        """Make the lane due at that time, if nothing does so earlier."""

    def close(self) -> None:
        """Forget the keys, the addresses and everybody else's lane."""


class PacketLoop(Protocol):
    """The worker's sockets and all lanes over them."""

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The sockets, in order of preference."""

    @property
    def counters(self) -> PathCounters:
        """Totals since start."""

    def open(self, on_stun: Callable[[Path, bytes], bool]) -> None:
        """Start, on the running event loop; ``on_stun`` says whether the datagram was somebody's.

        A lane is due from now on whenever `run_due` finds it so.
        """

    def close(self) -> None:
        """Stop and close the sockets."""

    def open_gate(self) -> CallGate:
        """The gate of a new call; may be called from any thread."""

    def open_lane(self, terms: LaneTerms) -> Lane:
        """A lane that is closed to everything until it is admitted.

        Raises:
            LanesExhaustedError: there are as many lanes as there can be.
        """

    def run_due(self, now_ns: int) -> None:
        """Call ``on_due`` of each lane that wants to be looked at."""


class LanesExhaustedError(Exception):
    """A worker cannot take more parties; the control process has more workers."""
