"""Who takes records from the ring: `Intake` in C where it was built, `RingReader` alone elsewhere.

A recording **lends** its sources to the intake as long as each of their packets is simply the next
one; the intake gives everything else back as a record, after which the source is not lent any more.
Guarantees: the same files either way. Leaves to others: what to do with what comes back
(`recording`).
"""

import logging
from typing import NamedTuple, Protocol

from relay.media.recorder.clusters import BlockStore
from relay.media.recorder.frames import Begun
from relay.media.ring import RingReader

log = logging.getLogger(__name__)


class LentSource(NamedTuple):
    """One kind's present source."""

    ssrc: int
    next: int
    """The sequence number that is due."""
    anchor: tuple[int, float] | None
    """See `relay.media.recorder.timeline.SourceClock`."""


class Lent(NamedTuple):
    """What a recording lends, and gets back."""

    sound: LentSource | None
    picture: LentSource | None
    begun: Begun | None
    """The frame under way."""


class IntakeTap(BlockStore, Protocol):
    """The intake's side of one recording: its sources while they are lent, and its blocks."""

    def lend(self, lent: Lent, began_s: float) -> None:
        """Take records of these sources, of a file that began at ``began_s``."""

    def take_back(self) -> Lent | None:
        """Take no more; what was lent as it is now, None when nothing is."""


class RecordReader(Protocol):
    """Reads the ring for a recorder."""

    @property
    def ring(self) -> RingReader:
        """What is read."""

    def open(self, tap: int) -> IntakeTap | None:
        """What takes records of that tap; None when nothing does."""


class PlainReader:
    """Implements `RecordReader` in Python: every record is the recording's."""

    def __init__(self, fd: int) -> None:
        """As `RingReader`."""
        self.ring = RingReader(fd)

    def open(self, _tap: int) -> IntakeTap | None:
        """Nothing."""
        return None


def make_reader(fd: int) -> RecordReader:
    """A reader of the ring behind ``fd``, which stays the caller's.

    Raises:
        RingCorruptError: there is no ring of this version behind it.
        OSError: it cannot be mapped.
    """
    try:
        from relay.media.recorder.native import NativeReader  # noqa: PLC0415
    except ImportError:
        log.info("the recorder's intake in C was not built: Python takes every packet")
        return PlainReader(fd)
    return NativeReader(fd)
