"""So many of something a second, and no more. Pure; times are CLOCK_MONOTONIC ns."""

from typing import Final

_SECOND_NS: Final = 1_000_000_000


class Allowance:
    """Counts from the first use on, and begins anew when a second has passed."""

    __slots__ = ("_left", "_per_second", "_since_ns")

    def __init__(self, per_second: int) -> None:
        self._per_second: Final = per_second
        self._left = per_second
        self._since_ns = 0

    def take(self, now_ns: int) -> bool:
        """Whether one more is allowed; it is used up then."""
        if now_ns - self._since_ns >= _SECOND_NS:
            self._since_ns, self._left = now_ns, self._per_second
        if not self._left:
            return False
        self._left -= 1
        return True
