"""How much picture the network gets: 640x360, 320x180, or none, and never less sound.

Guarantees: `Ladder` goes down within `DOWN_AFTER_S` of samples that do not carry the rung, as far
as they show to be needed; it goes up one rung at a time, and waits twice as long after each climb
that did not hold; what is not known moves it in neither direction. `PictureWatch` calls the other
party's picture paused only while its sound goes on. Pure: time is in the samples, in seconds.
Leaves to others: taking samples and obeying (`kiosk.engine.peer`). The browser climbs the same
ladder (``web/quality.js``); ``tests/vectors/quality.json`` and a comparison hold them together.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Rung:
    """What is sent at most, and what the whole path must carry for it."""

    name: Literal["FULL", "SMALL", "AUDIO"]
    side: int
    """The picture's shorter side in pixels; 0 for no picture."""
    bitrate: int
    """Of the picture, bit/s."""
    floor: int
    """Of the path, sound included, bit/s."""


RUNGS: Final = (
    Rung("FULL", 360, 700_000, 250_000),
    Rung("SMALL", 180, 180_000, 90_000),
    Rung("AUDIO", 0, 0, 0),
)
"""Best first."""
LARGEST_LOSS: Final = 0.1
CLIMBING_LOSS: Final = 0.03
"""More loss than this is no moment to ask for more."""
HEADROOM: Final = 1.2
"""A rung must be carried with this much to spare before it is climbed to."""
DOWN_AFTER_S: Final = 2
SETTLE_S: Final = 1
"""After a step the feedback still speaks of the rung before."""
PATIENCE_S: Final = 8
LONGEST_PATIENCE_S: Final = 128
CLIMB_HOLDS_S: Final = 20
"""A climb that fails so soon was a mistake; one that holds so long is forgiven."""
PICTURE_PAUSED_AFTER_S: Final = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured; None is not known, or not known anew."""

    at: float
    """Seconds, monotonic."""
    available: float | None
    """What the path is thought to carry, bit/s."""
    loss: float | None
    """Which share of the packets was lost."""


class Ladder:
    """Where one sender stands; starts at the top."""

    def __init__(self) -> None:
        self._index = 0
        self._patience = PATIENCE_S
        self._stepped_at: float | None = None
        self._climbed_at: float | None = None
        """When the last climb was made, until it has held or failed."""
        self._bad_since: float | None = None
        self._best_of_bad = 0.0
        """The most that was available in this bad stretch."""
        self._clear_since: float | None = None

    @property
    def rung(self) -> Rung:
        """The rung to send at."""
        return RUNGS[self._index]

    def take(self, sample: Sample) -> Rung:
        """Weigh a sample, no earlier than the one before; the rung from now on."""
        if self._climbed_at is not None and sample.at - self._climbed_at >= CLIMB_HOLDS_S:
            self._climbed_at = None
            self._patience = PATIENCE_S
        if self._stepped_at is not None and sample.at - self._stepped_at < SETTLE_S:
            return self.rung
        if self._is_bad(sample):
            self._suffer(sample)
        elif self._is_clear(sample):
            self._hope(sample)
        elif sample.available is not None or sample.loss is not None:
            self._forget()
        return self.rung

    def _is_bad(self, sample: Sample) -> bool:
        if self.rung.bitrate == 0:
            return False  # nothing is left to give up
        lossy = sample.loss is not None and sample.loss > LARGEST_LOSS
        return lossy or (sample.available is not None and sample.available < self.rung.floor)

    def _is_clear(self, sample: Sample) -> bool:
        if self._index == 0 or (sample.loss is not None and sample.loss > CLIMBING_LOSS):
            return False
        if self.rung.bitrate == 0:
            # Without a picture nobody can tell how much the path would carry.
            return sample.loss is not None or sample.available is not None
        # An estimate does not grow far beyond what is sent: all that this rung can ever send is
        # enough.
        enough = min(RUNGS[self._index - 1].floor, self.rung.bitrate) * HEADROOM
        return (
            sample.available >= enough if sample.available is not None else sample.loss is not None
        )

    def _suffer(self, sample: Sample) -> None:
        self._clear_since = None
        if self._bad_since is None:
            self._bad_since = sample.at
            self._best_of_bad = 0.0
        available = math.inf if sample.available is None else sample.available
        self._best_of_bad = max(self._best_of_bad, available)
        if sample.at - self._bad_since < DOWN_AFTER_S:
            return
        if self._climbed_at is not None:
            self._patience = min(self._patience * 2, LONGEST_PATIENCE_S)
            self._climbed_at = None
        lower = range(self._index + 1, len(RUNGS))
        self._step(next(i for i in lower if RUNGS[i].floor <= self._best_of_bad), sample.at)

    def _hope(self, sample: Sample) -> None:
        self._bad_since = None
        if self._clear_since is None:
            self._clear_since = sample.at
        if sample.at - self._clear_since >= self._patience:
            self._climbed_at = sample.at
            self._step(self._index - 1, sample.at)

    def _step(self, index: int, at: float) -> None:
        self._index = index
        self._stepped_at = at
        self._forget()

    def _forget(self) -> None:
        self._bad_since = None
        self._clear_since = None


def divisor(rung: Rung, width: int, height: int) -> float:
    """By how much a picture is divided to fit a rung that has one; never enlarged."""
    return max(1.0, min(width, height) / rung.side)


class PictureWatch:
    """Whether the other party's picture stands still while the voice goes on."""

    def __init__(self) -> None:
        self.paused = False
        self._pictures = 0
        self._picture_at = 0.0
        self._sounds = 0

    def take(self, at: float, pictures: int, sounds: int) -> bool:
        """Weigh the counters of what has arrived; whether the picture is paused."""
        heard = sounds > self._sounds
        self._sounds = sounds
        if pictures != self._pictures or pictures == 0:
            self._pictures = pictures
            self._picture_at = at
            self.paused = False
        elif not heard:
            self._picture_at = at  # held by the relay or cut off: only time with sound counts
        elif at - self._picture_at >= PICTURE_PAUSED_AFTER_S:
            self.paused = True
        return self.paused
