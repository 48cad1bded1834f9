"""What is the matter with a party's picture, judged by its brightness every few seconds.

A picture is judged as `LUMA_SIZE` cells of 0 (black) to 255, each the mean of its part. It is

- **dark** when the mean is under `DARK_BELOW` and hardly anything is brighter than twice that: the
  light is off, or the camera looks into a closed shutter;
- **covered** when its cells differ by less than `UNIFORM_BELOW` (standard deviation): a hand, a
  sheet of paper, a wall at arm's length;
- **frozen** when for `FROZEN_AFTER_S` no cell has moved by more than `STILL_WITHIN`: a stuck
  camera, one that is shown a photograph, or a booth that nobody sits in.

Guarantees: a judgement counts when two in a row agree, so that a hand before the lens for a moment
is no alert; a gap in the pictures starts the measure of stillness anew. Pure. Leaves to others:
what follows: it is an alert for a person, never an act.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from visit_protocol.vocabulary import PictureHealth

LUMA_SIZE: Final = (64, 36)
"""Width and height in cells."""
JUDGE_EVERY_S: Final = 10.0
"""Decoding is what it costs: a thousandth of a core for two visits."""
CONFIRM_S: Final = 5.0
"""A judgement that differs from what counts is looked at again so much later."""
DARK_BELOW: Final = 24.0
UNIFORM_BELOW: Final = 6.0
STILL_WITHIN: Final = 2.0
"""As much as encoding the same picture twice may differ."""
FROZEN_AFTER_S: Final = 20.0
GAP_S: Final = 20.0

Luma = NDArray[np.uint8]


def glance(luma: Luma) -> PictureHealth:
    """What one picture by itself shows; stillness needs more than one."""
    if luma.mean() < DARK_BELOW and np.percentile(luma, 95) < 2 * DARK_BELOW:
        return PictureHealth.DARK
    if luma.std() < UNIFORM_BELOW:
        return PictureHealth.COVERED
    return PictureHealth.GOOD


class HealthWatch:
    """One party's picture over time."""

    def __init__(self) -> None:
        self.health = PictureHealth.GOOD
        """What counts now."""
        self.due_s = 0.0
        """When to judge again."""
        self._last = PictureHealth.GOOD
        self._still: Luma | None = None
        """The picture that the later ones are compared with."""
        self._still_since_s = 0.0
        self._seen_s = 0.0

    def judge(self, luma: Luma, now_s: float) -> PictureHealth | None:
        """What counts from now on, None when that is what counted before."""
        judged = glance(luma)
        if self._stands_still(luma, now_s) and judged is PictureHealth.GOOD:
            judged = PictureHealth.FROZEN
        agreed, self._last = judged is self._last, judged
        changes = judged is not self.health
        self.due_s = now_s + (CONFIRM_S if changes and not agreed else JUDGE_EVERY_S)
        if not changes or not agreed:
            return None
        self.health = judged
        return judged

    def _stands_still(self, luma: Luma, now_s: float) -> bool:
        gap, self._seen_s = now_s - self._seen_s > GAP_S, now_s
        if gap or self._still is None or _moved(self._still, luma):
            self._still, self._still_since_s = luma, now_s
        return now_s - self._still_since_s >= FROZEN_AFTER_S


def _moved(before: Luma, now: Luma) -> bool:
    return int(np.abs(before.astype(np.int16) - now).max()) > STILL_WITHIN
