"""Measuring sound: how loud it is and which tone it is.

Guarantees: levels are of full scale = 1; the meter keeps exactly the last second.
Leaves to others: where the sound comes from and goes to.
"""

from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from kiosk.engine.frames import SOUND_RATE

FULL_SCALE: Final = 32768.0
SILENCE_RMS: Final = 0.001
RECENT: Final = SOUND_RATE // 4
"""Samples that count for the level; the tone is found over the whole second."""


def rms_of(pcm: NDArray[np.int16]) -> float:
    """Root mean square of s16 samples; 0 for none."""
    if pcm.size == 0:
        return 0.0
    return float(np.sqrt(np.mean(np.square(pcm.astype(np.float64) / FULL_SCALE))))


def tone_of(pcm: NDArray[np.int16]) -> float:
    """The strongest frequency in Hz of s16 samples at `SOUND_RATE`; 0 in silence."""
    if pcm.size < RECENT or rms_of(pcm) < SILENCE_RMS:
        return 0.0
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(pcm.size)))
    spectrum[: max(1, pcm.size * 40 // SOUND_RATE)] = 0  # below 40 Hz there is only hum
    return float(np.argmax(spectrum)) * SOUND_RATE / pcm.size


class Loudness:
    """The level of a stream of s16 frames, frame by frame."""

    def of(self, frame: av.AudioFrame) -> float:
        """The frame's root mean square, whatever its layout."""
        if frame.format.name not in ("s16", "s16p"):
            return 0.0
        return rms_of(np.asarray(frame.to_ndarray(), np.int16))


class SecondOfSound:
    """The last second of a stream at `SOUND_RATE`, mono."""

    def __init__(self) -> None:
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SOUND_RATE)
        self._pcm = np.zeros(0, np.int16)

    def hear(self, frame: av.AudioFrame) -> None:
        """Add a frame; older sound than a second is forgotten."""
        pieces = [
            np.asarray(piece.to_ndarray(), np.int16).reshape(-1)
            for piece in self._resampler.resample(frame)
        ]
        self._pcm = np.concatenate([self._pcm, *pieces])[-SOUND_RATE:]

    @property
    def pcm(self) -> NDArray[np.int16]:
        """The samples, oldest first; up to one second."""
        return self._pcm

    def levels(self) -> tuple[float, float, float]:
        """Root mean square and peak of the last quarter second, and the second's tone in Hz."""
        recent = self._pcm[-RECENT:]
        peak = float(np.abs(recent.astype(np.int32)).max()) / FULL_SCALE if recent.size else 0.0
        return rms_of(recent), peak, tone_of(self._pcm)
