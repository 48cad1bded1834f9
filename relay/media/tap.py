"""Where a copy of a party's media may go, as the worker sees it; a protected worker has none.

Guarantees: nothing here records; a worker that was started without a `Recorder` has no way to
make one. Leaves to others: recording (`relay.media.recorder`, which a protected worker cannot
import).
"""

from typing import Protocol

from relay.media.packets.rtcp import SenderReport
from relay.media.packets.rtp import Kind
from visit_protocol.vocabulary import Party


class Tap(Protocol):
    """Takes a copy of what one party publishes, without ever making the caller wait."""

    def packet(self, kind: Kind, packet: bytes, arrival_ns: int) -> None:
        """A decrypted RTP packet arrived at ``arrival_ns`` (CLOCK_MONOTONIC)."""

    def report(self, kind: Kind, report: SenderReport) -> None:
        """The publisher told its clock."""

    def close(self) -> None:
        """Nothing more will come; finish in the background."""


class Recorder(Protocol):
    """Makes taps, and knows when all of them have finished."""

    def open(self, *, call: str, party: Party, folder: str, segment: int) -> Tap:
        """A tap that records that party's stretch of the visit."""

    def wait_finished(self, timeout_s: float) -> bool:
        """Blocks until every closed tap has finished, at most so long; whether they all have."""
