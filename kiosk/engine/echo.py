"""`EchoCanceller`: takes out of the microphone what the loudspeaker has just said.

WebRTC's AEC3 and noise suppression, out of the `livekit` package; nothing else of it is used, and
it is loaded in speaker mode only (ADR 0021).

Guarantees: what was played is told before the microphone is cleaned of it; sound comes out as it
went in, in pieces of 20 ms, mono, 48 kHz; a booth with a handset never loads any of this.
Leaves to others: playing and recording (`kiosk.engine.speaker`, `kiosk.engine.own`).
"""

import importlib
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np

RATE: Final = 48_000
PIECE: Final = RATE // 100
"""Samples that the canceller takes at a time: 10 ms."""
DELAY_MS: Final = 40
"""From being played to being heard, as a first guess: the canceller finds the real one itself."""


class EchoCanceller:
    """One loudspeaker and one microphone."""

    def __init__(self) -> None:
        # By name and only here: no booth with a handset shall load it.
        module = importlib.import_module("livekit.rtc.apm")
        self._frame_type: Any = importlib.import_module("livekit.rtc.audio_frame").AudioFrame
        self._canceller: Any = module.AudioProcessingModule(
            echo_cancellation=True, noise_suppression=True, high_pass_filter=True
        )
        self._far = _resampler(PIECE)
        self._near = _resampler(2 * PIECE)
        self._samples = 0

    def played(self, frame: av.AudioFrame) -> None:
        """The loudspeaker is given this."""
        for piece in self._far.resample(frame):
            self._canceller.process_reverse_stream(self._piece(_bytes_of(piece)))

    def clean(self, frame: av.AudioFrame) -> list[av.AudioFrame]:
        """What the microphone heard, without what was played."""
        return [self._cleaned(_bytes_of(piece)) for piece in self._near.resample(frame)]

    def _cleaned(self, pcm: bytes) -> av.AudioFrame:
        cleaned = bytearray()
        for half in (pcm[: 2 * PIECE], pcm[2 * PIECE :]):
            piece = self._piece(half)
            self._canceller.set_stream_delay_ms(DELAY_MS)
            self._canceller.process_stream(piece)
            cleaned += bytes(piece.data)
        samples = np.frombuffer(bytes(cleaned), np.int16).reshape(1, -1)
        made = av.AudioFrame.from_ndarray(samples, "s16", "mono")
        made.sample_rate = RATE
        made.pts, made.time_base = self._samples, Fraction(1, RATE)
        self._samples += samples.shape[1]
        return made

    def _piece(self, pcm: bytes) -> Any:
        return self._frame_type(pcm, RATE, 1, PIECE)


def _resampler(samples: int) -> av.AudioResampler:
    return av.AudioResampler(format="s16", layout="mono", rate=RATE, frame_size=samples)


def _bytes_of(frame: av.AudioFrame) -> bytes:
    return np.asarray(frame.to_ndarray(), np.int16).tobytes()
