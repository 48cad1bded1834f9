"""`PictureHealth`: is the camera dark, covered or frozen? The only module that loads OpenCV.

Guarantees: it keeps nothing but one small grey picture, finds no faces and knows nobody; it is
loaded only in an engine that was not started for a protected visit (`kiosk.engine.desk`).
Leaves to others: saying so on the screen.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

LOOK_EVERY_S: Final = 0.2
WIDTH: Final = 160
HEIGHT: Final = 120

DARK_BELOW: Final = 28.0
"""Mean luma of a room without light."""
COVERED_BELOW: Final = 9.0
"""Standard deviation of luma behind a thumb or a sticker, light or dark."""
FROZEN_BELOW: Final = 0.02
"""Mean absolute difference of two looks; a real sensor's noise alone is more."""
FROZEN_LOOKS: Final = 15
"""Equal looks in a row, 3 s, before a picture counts as frozen."""

cv2.setNumThreads(1)  # a millisecond of work; threads would cost the call more than they save


class PictureHealth:
    """What one camera's picture looks like over time."""

    def __init__(self) -> None:
        self._last: NDArray[np.uint8] | None = None
        self._equal = 0

    def look(self, luma: NDArray[np.uint8]) -> tuple[str, ...]:
        """The faults of the picture ``luma``, shape (height, width), sorted; empty when fine."""
        small = np.asarray(
            cv2.resize(luma, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8
        )
        mean, deviation = (float(value[0][0]) for value in cv2.meanStdDev(small))
        if self._last is not None:
            moved = float(np.mean(cv2.absdiff(small, self._last)))
            self._equal = self._equal + 1 if moved < FROZEN_BELOW else 0
        self._last = small
        faults = []
        if deviation < COVERED_BELOW:
            faults.append("COVERED")
        if mean < DARK_BELOW:
            faults.append("DARK")
        if self._equal >= FROZEN_LOOKS:
            faults.append("FROZEN")
        return tuple(faults)
