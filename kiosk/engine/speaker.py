"""`Speaker`: the other party's voice through ALSA, in a thread of its own.

Guarantees: playing never holds the call up; sound that comes faster than the device plays it is
dropped; a missing or failing device is reported as its state and is not fatal.
Leaves to others: echo (the handset has none).
"""

import logging
import queue
import threading
from collections.abc import Callable
from fractions import Fraction
from typing import Final

import av
import numpy as np

from kiosk.engine.devices import has_sound_card
from kiosk.engine.frames import SOUND_RATE
from visit_protocol.vocabulary import DeviceState

log = logging.getLogger(__name__)

TONE_HZ: Final = 440
TONE_SAMPLES: Final = SOUND_RATE // 50
BACKLOG: Final = 10
"""Frames of 20 ms that may wait: more would be heard as delay."""


def tone_frames() -> list[av.AudioFrame]:
    """A test tone as frames of 20 ms, no more than the speaker takes at once."""
    frames = []
    for number in range(BACKLOG):
        at = np.arange(TONE_SAMPLES) + number * TONE_SAMPLES
        wave = np.sin(2 * np.pi * TONE_HZ * at / SOUND_RATE) * 0.3 * 32767
        frame = av.AudioFrame.from_ndarray(wave.astype(np.int16).reshape(1, -1), "s16", "mono")
        frame.sample_rate = SOUND_RATE
        frames.append(frame)
    return frames


class Speaker:
    """One playback device; ``setting`` is ``auto``, ``none`` or an ALSA name."""

    def __init__(self, setting: str) -> None:
        self.state = DeviceState.ABSENT
        self.played: Callable[[av.AudioFrame], None] | None = None
        """Hears of every frame that is played; `EchoCanceller.played` in speaker mode."""
        self._queue: queue.Queue[av.AudioFrame | None] = queue.Queue(BACKLOG)
        self._thread: threading.Thread | None = None
        wanted = setting != "none" and has_sound_card("p")
        if wanted:
            name = "default" if setting == "auto" else setting
            self.state = DeviceState.OK
            self._thread = threading.Thread(target=self._play, args=(name,), daemon=True)
            self._thread.start()

    def play(self, frame: av.AudioFrame) -> None:
        """Play the frame soon, or never if the device is busy or gone."""
        if self.state is not DeviceState.OK:
            return
        try:
            self._queue.put_nowait(frame)
            if self.played is not None:
                self.played(frame)
        except queue.Full:
            return  # late sound is worse than a gap

    def stop(self) -> None:
        """Let the device go once what waits was played."""
        if self._thread is None:
            return
        self.state = DeviceState.ABSENT
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            return  # the thread is a daemon and ends with the process

    def _play(self, name: str) -> None:
        try:
            with av.open(name, mode="w", format="alsa") as device:
                stream = device.add_stream("pcm_s16le", rate=48_000, layout="stereo")
                resampler = av.AudioResampler(format="s16", layout="stereo", rate=48_000)
                played = 0
                while (frame := self._queue.get()) is not None:
                    for piece in resampler.resample(frame):
                        # Voices of different origin follow each other: one clock for all.
                        piece.pts, piece.time_base = played, Fraction(1, 48_000)
                        played += piece.samples
                        device.mux(stream.encode(piece))
        except (OSError, av.FFmpegError) as error:
            self.state = DeviceState.FAILED
            log.warning("the speaker failed (%s)", type(error).__name__)
