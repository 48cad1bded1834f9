"""One stream as a subscriber sees it: continuous, whatever happens to the publisher.

Guarantees: one SSRC for the subscriber's life; sequence numbers without a gap of our own making
and timestamps that go on at the pace of real time when the publisher reconnects with a new SSRC
or when forwarding was held; video starts, and starts again, with a keyframe. Leaves to others:
encryption and sending.
"""

from typing import Final

from relay.media.packets.rtp import Kind, RtpHeader, timestamp_delta

HISTORY: Final = 512
"""Packets kept for retransmission: 2–5 s of our pictures."""


class OutgoingStream:
    """What one party receives of one kind."""

    __slots__ = (
        "_history",
        "_sequence_offset",
        "_source",
        "_timestamp_offset",
        "kind",
        "last_sent_ns",
        "octets",
        "packets",
        "payload_type",
        "sequence",
        "ssrc",
        "timestamp",
    )

    def __init__(self, kind: Kind, payload_type: int, ssrc: int) -> None:
        self.kind: Final = kind
        self.payload_type: Final = payload_type
        self.ssrc: Final = ssrc
        self.sequence = 0
        """The highest sent so far."""
        self.timestamp = 0
        """Of the last packet sent."""
        self.packets = 0
        self.octets = 0
        self.last_sent_ns = 0
        self._source: object = None
        self._sequence_offset = 0
        self._timestamp_offset = 0
        self._history: list[tuple[int, bytes] | None] = [None] * HISTORY

    def hold(self) -> None:
        """The flow was interrupted: anchor anew with the next packet that may start it."""
        self._source = None

    def place(
        self, header: RtpHeader, source: object, now_ns: int, *, starts: bool
    ) -> tuple[int, int] | None:
        """Our sequence number and timestamp for the publisher's packet.

        ``source`` identifies the publisher's stream; when it is a new one, the stream goes on
        only with a packet that ``starts`` it (a keyframe's first), and None means: not yet.
        """
        if source != self._source:
            if not starts:
                return None
            self._anchor(header, now_ns)
            self._source = source
        sequence = (header.sequence + self._sequence_offset) & 0xFFFF
        return sequence, (header.timestamp + self._timestamp_offset) & 0xFFFFFFFF

    def _anchor(self, header: RtpHeader, now_ns: int) -> None:
        if self.packets:
            elapsed = (now_ns - self.last_sent_ns) * self.kind.clock_rate // 1_000_000_000
            self._timestamp_offset = self.timestamp + max(1, elapsed) - header.timestamp
            self._sequence_offset = self.sequence + 1 - header.sequence

    def sent(self, sequence: int, timestamp: int, datagram: bytes, now_ns: int) -> None:
        """The packet has left, as ``datagram``."""
        if not self.packets or 0 < ((sequence - self.sequence) & 0xFFFF) < 0x8000:
            self.sequence = sequence
        if not self.packets or timestamp_delta(timestamp, self.timestamp) > 0:
            self.timestamp = timestamp
        self.packets += 1
        self.octets += len(datagram)
        self.last_sent_ns = now_ns
        if self.kind is Kind.VIDEO:
            self._history[sequence % HISTORY] = (sequence, datagram)

    def sent_before(self, sequence: int) -> bytes | None:
        """The datagram of that number, None when it is too old or never was."""
        kept = self._history[sequence % HISTORY]
        return kept[1] if kept is not None and kept[0] == sequence else None

    def clock(self, rtp: int) -> int | None:
        """The publisher's RTP timestamp in our stream, None while nothing flows."""
        if self._source is None:
            return None
        return (rtp + self._timestamp_offset) & 0xFFFFFFFF
