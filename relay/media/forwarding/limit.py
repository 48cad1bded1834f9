"""How much a publisher may send, so that its subscriber can take it.

Guarantees: as long as the subscriber copes, the publisher is held back by nothing but
`MOST_BPS`; once the subscriber says that it takes less than we forward, or loses more than a
tenth of at least `LOSS_SAMPLE` packets, the limit follows what it can take, and is given up when
it has long coped again; never under `LEAST_BPS`, at which sound still passes. Pure; times are
CLOCK_MONOTONIC ns.

A picture at a low rate has a dozen packets between two reports: one of them lost is no tenth of
anything, and a limit that took it for that would make the picture's rate still lower.

A subscriber's REMB is no limit by itself: the estimate of one that copes is bound to one and a
half times what arrives, so that following it would make every call begin slowly.
"""

from typing import Final

MOST_BPS: Final = 2_500_000
"""720p at full rate within seconds on a good network."""
LEAST_BPS: Final = 60_000
_CONGESTED_BELOW: Final = 0.95
_LOSS_BEARABLE: Final = 0.10
LOSS_SAMPLE: Final = 100
"""Of packets that each get lost with 5 %, more than a tenth are lost once in a hundred samples."""
_LOSS_PAUSE_NS: Final = 1_000_000_000
_MOST_BETWEEN_REPORTS: Final = 1 << 16
_COPED_NS: Final = 15_000_000_000


class PublisherLimit:
    """The limit of one publisher, after what its subscriber reports."""

    def __init__(self) -> None:
        self.bits_per_second = MOST_BPS
        self._congested_ns: int | None = None
        self._loss_heeded_ns = 0
        self._highest: int | None = None
        self._sampled = 0
        self._lost = 0.0

    def estimate(self, taken_bps: int, forwarded_bps: int, now_ns: int) -> None:
        """The subscriber estimates that it can take ``taken_bps`` (REMB)."""
        if taken_bps < forwarded_bps * _CONGESTED_BELOW:
            self._congested_ns = now_ns
            self._set(taken_bps)
        elif self._congested_ns is not None:
            self._set(max(self.bits_per_second, taken_bps))

    def loss(self, fraction: float, highest_sequence: int, forwarded_bps: int, now_ns: int) -> None:
        """The subscriber lost that fraction of the video since it last reported.

        ``forwarded_bps`` is sound and picture together, as the limit is.
        """
        before, self._highest = self._highest, highest_sequence
        expected = 0 if before is None else (highest_sequence - before) & 0xFFFFFFFF
        if not 0 < expected <= _MOST_BETWEEN_REPORTS:
            return
        self._sampled += expected
        self._lost += fraction * expected
        if self._sampled < LOSS_SAMPLE:
            return
        fraction = self._lost / self._sampled
        self._sampled, self._lost = 0, 0.0
        if fraction <= _LOSS_BEARABLE or now_ns - self._loss_heeded_ns < _LOSS_PAUSE_NS:
            return
        self._loss_heeded_ns = self._congested_ns = now_ns
        self._set(min(self.bits_per_second, int(forwarded_bps * (1 - fraction / 2))))

    def settle(self, now_ns: int) -> None:
        """Time has passed: who has long coped is held back no more."""
        if self._congested_ns is not None and now_ns - self._congested_ns >= _COPED_NS:
            self._congested_ns = None
            self._set(MOST_BPS)

    def _set(self, bits_per_second: int) -> None:
        self.bits_per_second = max(LEAST_BPS, min(MOST_BPS, bits_per_second))
