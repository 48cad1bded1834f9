"""How much a publisher may send, so that its subscriber can take it.

Guarantees: as long as the subscriber copes, the publisher is held back by nothing but
`MOST_BPS`; once the subscriber says that it takes less than we forward, or loses more than a
tenth of it, the limit follows what it can take, and is given up when it has long coped again;
never under `LEAST_BPS`, at which sound still passes. Pure; times are CLOCK_MONOTONIC ns.

A subscriber's REMB is no limit by itself: the estimate of one that copes is bound to one and a
half times what arrives, so that following it would make every call begin slowly.
"""

from typing import Final

MOST_BPS: Final = 2_500_000
"""720p at full rate within seconds on a good network."""
LEAST_BPS: Final = 60_000
_CONGESTED_BELOW: Final = 0.95
_LOSS_BEARABLE: Final = 0.10
_LOSS_PAUSE_NS: Final = 1_000_000_000
_COPED_NS: Final = 15_000_000_000


class PublisherLimit:
    """The limit of one publisher, after what its subscriber reports."""

    def __init__(self) -> None:
        self.bits_per_second = MOST_BPS
        self._congested_ns: int | None = None
        self._loss_heeded_ns = 0

    def estimate(self, taken_bps: int, forwarded_bps: int, now_ns: int) -> None:
        """The subscriber estimates that it can take ``taken_bps`` (REMB)."""
        if taken_bps < forwarded_bps * _CONGESTED_BELOW:
            self._congested_ns = now_ns
            self._set(taken_bps)
        elif self._congested_ns is not None:
            self._set(max(self.bits_per_second, taken_bps))

    def loss(self, fraction: float, forwarded_bps: int, now_ns: int) -> None:
        """The subscriber lost that fraction of the video since it last reported."""
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
