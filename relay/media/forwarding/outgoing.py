"""One stream as a subscriber sees it: continuous, whatever happens to the publisher.

Guarantees: one SSRC for the subscriber's life; sequence numbers without a gap of our own making
and timestamps that go on at the pace of real time when the publisher reconnects with a new SSRC
or when forwarding was held; video starts, and starts again, with a keyframe; no sequence number,
counted with its rollovers, is given twice, whatever the publisher sends: AES-GCM would not
survive it. Leaves to others: encryption and sending.
"""

import secrets
from typing import Final, NamedTuple

from relay.media.forwarding.incoming import SEEN
from relay.media.forwarding.path import StreamTerms
from relay.media.packets.rtp import Kind, sequence_delta, timestamp_delta

_GIVEN_MASK: Final = (1 << SEEN) - 1
HISTORY: Final = 512
"""Packets kept for retransmission: 2–5 s of our pictures."""


class Kept(NamedTuple):
    """A packet that the party may ask for again."""

    sequence: int
    timestamp: int
    marker: bool
    data: bytes
    """With RTX the payload, to be sent under other numbers; without it the very datagram."""


class OutgoingStream:
    """What one party receives of one kind."""

    __slots__ = (
        "_floor",
        "_given",
        "_history",
        "_sequence_offset",
        "_source",
        "_timestamp_offset",
        "index",
        "kind",
        "last_sent_ns",
        "octets",
        "packets",
        "rtx_sequence",
        "terms",
        "timestamp",
    )

    def __init__(self, kind: Kind, terms: StreamTerms) -> None:
        self.kind: Final = kind
        self.terms: Final = terms
        # Below 2¹⁵, so that a receiver's first estimate of the rollover counter is right.
        self.rtx_sequence = secrets.randbelow(1 << 15)
        self.index = self.rtx_sequence
        """The highest number given so far, with its rollovers."""
        self.timestamp = 0
        """Of the last packet sent."""
        self.packets = 0
        self.octets = 0
        self.last_sent_ns = 0
        self._source: object = None
        self._given = 0
        """Bit n: `index` − n was given."""
        self._floor = 0
        """The lowest number that may be given, with its rollovers."""
        self._sequence_offset = 0
        self._timestamp_offset = 0
        self._history: list[Kept | None] = [None] * HISTORY

    def hold(self, publisher: object) -> None:
        """The publisher's flow was interrupted: anchor anew with the next packet that may start."""
        if isinstance(self._source, tuple) and self._source[0] is publisher:
            self._source = None

    def place(
        self,
        sequence: int,
        timestamp: int,
        source: tuple[object, int],
        now_ns: int,
        *,
        starts: bool,
    ) -> tuple[int, int] | None:
        """Our sequence number and timestamp for the publisher's packet; None: not this one.

        The number is used up, whatever becomes of the packet. ``source`` is the publisher and
        which of its SSRCs it is; when it is a new one, the stream goes on only with a packet that
        ``starts`` it (a keyframe's first): see `waits_for`.
        """
        if source != self._source:
            if not starts:
                return None
            self._anchor(sequence, timestamp, now_ns)
            self._source = source
        ours = (sequence + self._sequence_offset) & 0xFFFF
        if not self._give(ours):
            return None
        return ours, (timestamp + self._timestamp_offset) & 0xFFFFFFFF

    def _give(self, sequence: int) -> bool:
        """Use a number up; False: older than the anchor, too old, or used already.

        libsrtp would encrypt under a number again (aiortc allows it), and takes the same one for
        the nearest.
        """
        if sequence == (self.index + 1) & 0xFFFF and self.index + 1 >= self._floor:
            self.index += 1  # nearly always
            self._given = (self._given << 1 | 1) & _GIVEN_MASK
            return True
        ahead = sequence_delta(sequence, self.index & 0xFFFF)
        if ahead <= -SEEN or self.index + ahead < self._floor:
            return False
        if ahead > 0:
            self.index += ahead
            self._given = self._given << ahead & _GIVEN_MASK if ahead < SEEN else 0
        bit = 1 << max(0, -ahead)
        given = self._given & bit
        self._given |= bit
        return not given

    def waits_for(self, source: tuple[object, int]) -> bool:
        """Whether packets of that source are waiting for one that starts it."""
        return source != self._source

    def _anchor(self, sequence: int, timestamp: int, now_ns: int) -> None:
        if self.packets:
            elapsed = (now_ns - self.last_sent_ns) * self.kind.clock_rate // 1_000_000_000
            self._timestamp_offset = self.timestamp + max(1, elapsed) - timestamp
        self._floor = self.index + 1
        self._sequence_offset = self._floor - sequence

    def sent(self, kept: Kept, octets: int, now_ns: int) -> None:
        """The packet has left."""
        sequence, timestamp = kept.sequence, kept.timestamp
        if not self.packets or timestamp_delta(timestamp, self.timestamp) > 0:
            self.timestamp = timestamp
        self.packets += 1
        self.octets += octets
        self.last_sent_ns = now_ns
        if self.kind is Kind.VIDEO:
            self._history[sequence % HISTORY] = kept

    def sent_before(self, sequence: int) -> Kept | None:
        """The packet of that number, None when it is too old or never was."""
        kept = self._history[sequence % HISTORY]
        return kept if kept is not None and kept.sequence == sequence else None

    def clock(self, publisher: object, rtp: int) -> int | None:
        """The publisher's RTP timestamp in our stream, None while nothing of it flows."""
        if not self.packets or self._source is None or not isinstance(self._source, tuple):
            return None
        if self._source[0] is not publisher:
            return None
        return (rtp + self._timestamp_offset) & 0xFFFFFFFF
