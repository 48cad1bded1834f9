"""One stream as a subscriber sees it: continuous, whatever happens to the publisher.

Guarantees: one SSRC for the subscriber's life; sequence numbers without a gap of our own making
and timestamps that go on at the pace of real time when the publisher reconnects with a new SSRC
or when forwarding was held; video starts, and starts again, with a keyframe; no sequence number
is given to two different packets, which AES-GCM would not survive. Leaves to others: encryption
and sending.
"""

import secrets
from typing import Final, NamedTuple

from relay.media.forwarding.incoming import SEEN
from relay.media.forwarding.path import StreamTerms
from relay.media.packets.rtp import Kind, sequence_delta, timestamp_delta

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
        "_history",
        "_sequence_offset",
        "_source",
        "_timestamp_offset",
        "kind",
        "last_sent_ns",
        "octets",
        "packets",
        "rtx_sequence",
        "sequence",
        "terms",
        "timestamp",
    )

    def __init__(self, kind: Kind, terms: StreamTerms) -> None:
        self.kind: Final = kind
        self.terms: Final = terms
        # Below 2¹⁵, so that a receiver's first estimate of the rollover counter is right.
        self.rtx_sequence = secrets.randbelow(1 << 15)
        self.sequence = self.rtx_sequence
        """The highest sent so far."""
        self.timestamp = 0
        """Of the last packet sent."""
        self.packets = 0
        self.octets = 0
        self.last_sent_ns = 0
        self._source: object = None
        self._floor = 0
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

        ``source`` is the publisher and which of its SSRCs it is; when it is a new one, the stream
        goes on only with a packet that ``starts`` it (a keyframe's first): see `waits_for`.
        """
        if source != self._source:
            if not starts:
                return None
            self._anchor(sequence, timestamp, now_ns)
            self._source = source
        ours = (sequence + self._sequence_offset) & 0xFFFF
        if sequence_delta(ours, self._floor) < 0:
            return None  # older than the anchor: its number may have been another packet's
        return ours, (timestamp + self._timestamp_offset) & 0xFFFFFFFF

    def waits_for(self, source: tuple[object, int]) -> bool:
        """Whether packets of that source are waiting for one that starts it."""
        return source != self._source

    def _anchor(self, sequence: int, timestamp: int, now_ns: int) -> None:
        if self.packets:
            elapsed = (now_ns - self.last_sent_ns) * self.kind.clock_rate // 1_000_000_000
            self._timestamp_offset = self.timestamp + max(1, elapsed) - timestamp
        self._floor = (self.sequence + 1) & 0xFFFF
        self._sequence_offset = self._floor - sequence

    def sent(self, kept: Kept, octets: int, now_ns: int) -> None:
        """The packet has left."""
        sequence, timestamp = kept.sequence, kept.timestamp
        if sequence_delta(sequence, self.sequence) > 0:
            self.sequence = sequence
            if sequence_delta(sequence, self._floor) > SEEN:
                self._floor = (sequence - SEEN) & 0xFFFF
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
