"""Where a copy of a party's media may go, as the worker sees it; a protected worker has none.

Guarantees: nothing here records; a worker that was started without a `Recorder` has no way to
make one. Leaves to others: recording (`relay.media.recorder`, which a protected worker cannot
import).
"""

from collections.abc import Callable
from typing import Protocol

from relay.media.ring import RingWriter
from visit_protocol.vocabulary import Party, VideoCodec


class Tap(Protocol):
    """Names the records that the packet loop makes of what one party publishes."""

    @property
    def number(self) -> int:
        """Names the party's records in the recorder's ring."""

    def close(self) -> None:
        """Nothing more will come; finish in the background."""


OpenTap = Callable[[Party, int, VideoCodec], Tap]
"""Opens a tap for what that party publishes, for a segment of that number and codec."""


class Recorder(Protocol):
    """Makes taps, and knows when all of them have finished."""

    @property
    def ring(self) -> RingWriter:
        """Where the packet loop writes the records of all taps."""

    def open(self, *, call: str, party: Party, folder: str, segment: int, codec: VideoCodec) -> Tap:
        """A tap that records that party's stretch of the visit."""

    def resume(self, *, call: str, segment: int) -> None:
        """The call's recordings, interrupted by the recorder's end, go on as that segment."""

    def wait_finished(self, timeout_s: float) -> bool:
        """Blocks until every closed tap has finished, at most so long; whether they all have.

        The recorder takes no more taps after this.
        """
