"""One published stream as it arrives: its source, its gaps, its statistics (RFC 3550 A.1–A.8).

Guarantees: a new SSRC takes over only when the current one has been silent for a moment, so
packets of two sources are never mixed; no packet is accepted twice, on whichever SSRC it came;
memory is bounded whatever the party sends. Leaves to others: asking for what is missing.
"""

from typing import Final

from relay.media.forwarding.path import Reception
from relay.media.packets.rtp import Kind, sequence_delta

SOURCE_SILENCE_NS: Final = 200_000_000
"""A second SSRC of the same stream is heard only after the first was silent so long."""
MAX_MISSING: Final = 64
"""A larger gap is not repaired packet by packet; a keyframe mends it."""
SEEN: Final = 1024
"""As wide as libsrtp's own replay window: what is older is refused unseen."""
_SEEN_MASK: Final = (1 << SEEN) - 1
_ASK_EVERY_NS: Final = 100_000_000
_GIVE_UP_NS: Final = 600_000_000


class IncomingStream:
    """What one party publishes of one kind."""

    __slots__ = (
        "_base",
        "_jitter",
        "_missing",
        "_rate",
        "_seen",
        "_transit",
        "highest",
        "kind",
        "last_arrival_ns",
        "last_keyframe_ns",
        "received",
        "source",
        "ssrc",
    )

    def __init__(self, kind: Kind) -> None:
        self.kind: Final = kind
        self._rate: Final = kind.clock_rate
        self.source = 0
        """Counts the sources so far; 0 while nothing has arrived."""
        self.ssrc = 0
        self.last_arrival_ns = 0
        self.last_keyframe_ns: int | None = None
        self._begin(0)

    def _begin(self, sequence: int) -> None:
        self._base = sequence
        self.highest = sequence
        self.received = 0
        self._seen = 0
        """Bit n: `highest` − n has been accepted."""
        self._jitter = 0.0
        self._transit: int | None = None
        self._missing: dict[int, tuple[int, int]] = {}

    def accept(
        self, ssrc: int, sequence: int, timestamp: int, now_ns: int, *, keyframe: bool
    ) -> bool:
        """Count the packet; False when it is a repeat, too old, or of another source."""
        if ssrc != self.ssrc or not self.source:
            if self.source and now_ns - self.last_arrival_ns < SOURCE_SILENCE_NS:
                return False
            self.ssrc = ssrc
            self.source += 1
            self._begin(sequence)
        if not self._count(sequence, now_ns):
            return False
        self._measure_jitter(timestamp, now_ns)
        self.received += 1
        self.last_arrival_ns = now_ns
        if keyframe:
            self.last_keyframe_ns = now_ns
        return True

    def _count(self, sequence: int, now_ns: int) -> bool:
        if sequence == (self.highest + 1) & 0xFFFF:  # nearly always
            self._seen = (self._seen << 1 | 1) & _SEEN_MASK
            self.highest += 1
            return True
        ahead = sequence_delta(sequence, self.highest & 0xFFFF)
        if ahead > 0:
            if 1 < ahead <= MAX_MISSING and self.kind is Kind.VIDEO:
                never_ns = now_ns - _ASK_EVERY_NS
                for lost in range(self.highest + 1, self.highest + ahead):
                    if len(self._missing) < MAX_MISSING:
                        self._missing[lost & 0xFFFF] = (now_ns, never_ns)
            self._seen = (self._seen << ahead | 1) & _SEEN_MASK if ahead < SEEN else 1
            self.highest += ahead
            return True
        bit = 1 << -ahead
        if ahead <= -SEEN or self._seen & bit:
            return False
        self._seen |= bit
        self._missing.pop(sequence, None)
        return True

    def _measure_jitter(self, timestamp: int, now_ns: int) -> None:
        transit = now_ns * self._rate // 1_000_000_000 - timestamp
        if self._transit is not None:
            # Modulo 2³²: the timestamp wraps, the arrival clock does not.
            change = abs(((transit - self._transit + 0x80000000) & 0xFFFFFFFF) - 0x80000000)
            self._jitter += (change - self._jitter) / 16
        self._transit = transit

    @property
    def missing_count(self) -> int:
        """How many packets are missing that may yet come."""
        return len(self._missing)

    def reception(self) -> Reception | None:
        """The statistics so far, None while nothing has arrived."""
        if not self.source:
            return None
        return Reception(
            ssrc=self.ssrc,
            packets_received=self.received,
            packets_expected=self.highest - self._base + 1,
            highest_sequence=self.highest & 0xFFFFFFFF,
            jitter=int(self._jitter) & 0xFFFFFFFF,
            last_arrival_ns=self.last_arrival_ns,
            last_keyframe_ns=self.last_keyframe_ns,
        )

    def missing(self, now_ns: int) -> list[int]:
        """What to ask for now: each gap at once, then again each 100 ms, for 600 ms."""
        wanted: list[int] = []
        for sequence, (since_ns, asked_ns) in list(self._missing.items()):
            if now_ns - since_ns > _GIVE_UP_NS:
                del self._missing[sequence]
            elif now_ns - asked_ns >= _ASK_EVERY_NS:
                self._missing[sequence] = (since_ns, now_ns)
                wanted.append(sequence)
        return wanted
