"""A reorder buffer: packets of one source, in the order of their sequence numbers.

Guarantees: each packet comes out at most once and in order; what is missing is waited for, so
that retransmissions are used, but never longer than `PATIENCE_S`; memory is bounded. Leaves to
others: knowing sources apart. Time is a parameter, in seconds.
"""

from collections.abc import Iterator
from typing import Final, Generic, TypeVar

from relay.media.packets.rtp import sequence_delta

PATIENCE_S: Final = 0.6
"""As long as the worker goes on asking a publisher for a lost packet."""
MAX_HELD: Final = 256
MAX_AHEAD: Final = 100
"""A jump further ahead than that is an interruption, not a loss: nobody waits for it."""

T = TypeVar("T")


class ReorderBuffer(Generic[T]):
    """Takes packets as they come, gives them in order."""

    __slots__ = ("_gap", "_held", "_started", "next", "waits")

    def __init__(self) -> None:
        self._held: dict[int, tuple[T, float]] = {}
        self._started = False
        self._gap = False
        self.next = 0
        """The sequence number that is due."""
        self.waits = True
        """Something is held, or missing before what is due.

        While it is not, the packet that is due needs no holding: whoever has it may use it and
        move ``next`` on. This is how nearly all packets go; `push` and `pop` are for the others.
        """

    @property
    def holds(self) -> bool:
        """Whether something is held."""
        return bool(self._held)

    def push(self, sequence: int, packet: T, now_s: float) -> None:
        """A packet has arrived. One that comes too late, or again, is dropped."""
        if not self._started:
            self._started, self.next = True, sequence
        ahead = sequence_delta(sequence, self.next)
        if abs(ahead) > MAX_AHEAD and not self._held:
            self.next, self._gap, ahead = sequence, True, 0
        if ahead >= 0:
            self._held.setdefault(sequence, (packet, now_s))
            self.waits = True

    def pop(self, now_s: float) -> Iterator[tuple[T, bool]]:
        """What is ready, each with whether something before it is missing for good."""
        while self._held:
            held = self._held.pop(self.next, None)
            if held is None:
                if not self._impatient(now_s):
                    return
                self.next = self._first()
                self._gap = True
                continue
            gap, self._gap = self._gap, False
            self.next = (self.next + 1) & 0xFFFF
            yield held[0], gap
        self.waits = self._gap

    def _impatient(self, now_s: float) -> bool:
        if len(self._held) > MAX_HELD:
            return True
        first = self._first()
        if sequence_delta(first, self.next) > MAX_AHEAD:
            return True
        return now_s - self._held[first][1] >= PATIENCE_S

    def _first(self) -> int:
        return min(self._held, key=lambda sequence: sequence_delta(sequence, self.next))
