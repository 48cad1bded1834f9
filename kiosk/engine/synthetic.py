"""The camera and microphone of a terminal that has none: a talking face and its tone.

Guarantees: the picture says in Russian and English that it is synthetic, and carries a counter
that `decode_counter` reads back at the other end of a call; mouth and tone move together.
Leaves to others: deciding that a terminal has no camera (`kiosk.engine.devices`).

The counter strip: the top rows of the picture, `CELLS` cells over the whole width, each as high as
wide. White is 1. Cells 0-3 are 1, 0, 1, 0; 4-19 the 16-bit counter, most significant bit first;
20-23 the exclusive or of the counter's four nibbles.
"""

import asyncio
import time
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]

CELLS: Final = 24
SYNC: Final = (1, 0, 1, 0)
WHITE: Final = 235
BLACK: Final = 16
COUNTER_MASK: Final = 0xFFFF
NEUTRAL_CHROMA: Final = 128

TONE_HZ: Final = 440.0
SAMPLE_RATE: Final = 48_000
CHUNK: Final = SAMPLE_RATE // 50
MOUTHS: Final = 8
BLINK_EVERY_S: Final = 4.0
BLINK_S: Final = 0.16

LABEL_FILE: Final = Path(__file__).with_name("label.png")
"""White Noto Sans Bold on black, two lines: Синтетическая камера / Synthetic camera."""

Colour = tuple[float, float, float]
_WALL_TOP: Final[Colour] = (27, 58, 92)
_WALL_BOTTOM: Final[Colour] = (12, 30, 52)
_SKIN: Final[Colour] = (233, 190, 158)
_SHADE: Final[Colour] = (212, 163, 130)
_HAIR: Final[Colour] = (62, 44, 38)
_SHIRT: Final[Colour] = (255, 209, 61)
_EYE: Final[Colour] = (34, 34, 44)
_LIPS: Final[Colour] = (168, 74, 72)
_MOUTH: Final[Colour] = (84, 24, 32)
_WHITE: Final[Colour] = (250, 250, 250)


# ── the counter strip ──────────────────────────────────────────────────────────────────────
def counter_bits(counter: int) -> tuple[int, ...]:
    """The `CELLS` cells for ``counter``, of which the lowest 16 bits count."""
    counter &= COUNTER_MASK
    check = (counter >> 12) ^ (counter >> 8) ^ (counter >> 4) ^ counter
    bits = [(counter >> shift) & 1 for shift in range(15, -1, -1)]
    return (*SYNC, *bits, *((check >> shift) & 1 for shift in range(3, -1, -1)))


def strip_height(width: int) -> int:
    """Rows that the strip takes in a picture ``width`` pixels wide."""
    return round(width / CELLS)


def encode_counter(luma: Luma, counter: int) -> None:
    """Draw ``counter`` over the top rows of ``luma``, shape (height, width), in place."""
    width = luma.shape[1]
    cells = np.array(counter_bits(counter), np.uint8) * (WHITE - BLACK) + BLACK
    columns = np.arange(width) * CELLS // width
    luma[: strip_height(width)] = cells[columns]


def decode_counter(luma: Luma) -> int | None:
    """The counter in the top rows of ``luma``, or None when there is none to be sure of."""
    height, width = luma.shape
    cell = width / CELLS
    if height < cell or cell < 4:
        return None
    rows = luma[int(cell * 0.25) : max(int(cell * 0.75), int(cell * 0.25) + 1)]
    bits = [
        int(rows[:, int((i + 0.25) * cell) : int((i + 0.75) * cell)].mean() >= 128)
        for i in range(CELLS)
    ]
    counter = int("".join(map(str, bits[4:20])), 2)
    return counter if tuple(bits) == counter_bits(counter) else None


# ── the face ───────────────────────────────────────────────────────────────────────────────
def openness(at_s: float) -> float:
    """How far the mouth is open, 0 to 1, ``at_s`` seconds into the talk: syllables in phrases."""
    syllable = 0.5 - 0.5 * np.cos(2 * np.pi * 3.1 * at_s)
    phrase = np.clip(1.6 * np.sin(2 * np.pi * at_s / 3.7) + 1.0, 0.0, 1.0)
    return float(syllable * phrase)


class FacePainter:
    """Ready-made YUV 4:2:0 pictures of the face, one per mouth and eyelid, painted once."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        base = self._head()
        self._open = [
            self._planes(self._face(base, m / (MOUTHS - 1), False)) for m in range(MOUTHS)
        ]
        self._blink = self._planes(self._face(base, 0.1, True))

    def frame(self, counter: int, at_s: float) -> av.VideoFrame:
        """The picture at ``at_s`` with ``counter`` in its strip."""
        blinking = at_s % BLINK_EVERY_S < BLINK_S
        planes = self._blink if blinking else self._open[round(openness(at_s) * (MOUTHS - 1))]
        planes = planes.copy()
        encode_counter(planes[: self.height], counter)
        return av.VideoFrame.from_ndarray(planes, format="yuv420p")

    def _planes(self, rgb: NDArray[np.float32]) -> Luma:
        frame = av.VideoFrame.from_ndarray(rgb.astype(np.uint8), format="rgb24")
        planes = np.asarray(frame.reformat(format="yuv420p").to_ndarray(), np.uint8)
        rows = (strip_height(self.width) + 1) // 2
        chroma = planes[self.height :].reshape(2, self.height // 2, self.width // 2)
        chroma[:, : rows + 1] = NEUTRAL_CHROMA
        return planes

    def _head(self) -> NDArray[np.float32]:
        w, h = self.width, self.height
        self._x, self._y = np.meshgrid(
            np.arange(w, dtype=np.float32) - w / 2, np.arange(h, dtype=np.float32)
        )
        fall = (self._y / h)[..., None]
        top, bottom = np.array(_WALL_TOP, np.float32), np.array(_WALL_BOTTOM, np.float32)
        rgb: NDArray[np.float32] = top * (1 - fall) + bottom * fall
        self._oval(rgb, _SHIRT, 0, 1.10, 0.46, 0.34)
        self._oval(rgb, _SHADE, 0, 0.74, 0.085, 0.14)
        self._oval(rgb, _HAIR, 0, 0.43, 0.215, 0.265)
        self._oval(rgb, _SKIN, 0, 0.475, 0.18, 0.235)
        for side in (-1, 1):
            self._oval(rgb, _SKIN, side * 0.185, 0.49, 0.03, 0.05)
        self._oval(rgb, _HAIR, 0.03, 0.275, 0.165, 0.075)
        self._oval(rgb, _SHADE, 0, 0.52, 0.022, 0.035)
        self._label(rgb)
        return rgb

    def _face(self, base: NDArray[np.float32], mouth: float, blink: bool) -> NDArray[np.float32]:
        rgb = base.copy()
        for side in (-1, 1):
            if blink:
                self._oval(rgb, _SHADE, side * 0.075, 0.445, 0.036, 0.012)
            else:
                self._oval(rgb, _WHITE, side * 0.075, 0.44, 0.036, 0.030)
                self._oval(rgb, _EYE, side * 0.072, 0.442, 0.019, 0.024)
            self._oval(rgb, _HAIR, side * 0.075, 0.385, 0.045, 0.010)
        self._oval(rgb, _LIPS, 0, 0.602, 0.070, 0.016 + 0.040 * mouth)
        self._oval(rgb, _MOUTH, 0, 0.602, 0.056, 0.003 + 0.034 * mouth)
        return rgb

    def _oval(
        self, rgb: NDArray[np.float32], colour: Colour, x: float, y: float, rx: float, ry: float
    ) -> None:
        """Paint an ellipse, all measures in picture heights, edges smooth over one pixel."""
        h = self.height
        left = max(int(self.width / 2 + (x - rx) * h) - 2, 0)
        right = min(int(self.width / 2 + (x + rx) * h) + 3, self.width)
        top, bottom = max(int((y - ry) * h) - 2, 0), min(int((y + ry) * h) + 3, h)
        part = (slice(top, bottom), slice(left, right))
        dx, dy = self._x[part] / h - x, self._y[part] / h - y
        away = (np.hypot(dx / rx, dy / ry) - 1) * min(rx, ry) * h
        cover = np.clip(0.5 - away, 0, 1)[..., None]
        rgb[part] = rgb[part] * (1 - cover) + np.array(colour, np.float32) * cover

    def _label(self, rgb: NDArray[np.float32]) -> None:
        with av.open(str(LABEL_FILE)) as file:
            label = next(file.decode(video=0))
        width = int(self.width * 0.92) // 2 * 2
        height = max(int(label.height * width / label.width), 2)
        mask = label.reformat(width=width, height=height, format="gray").to_ndarray()
        top, left = self.height - height - self.height // 40, (self.width - width) // 2
        pad = self.height // 60
        band = rgb[top - pad :]
        band *= 0.28
        text = (mask.astype(np.float32) / 255)[..., None]
        part = rgb[top : top + height, left : left + width]
        part[:] = part * (1 - text) + np.array(_WHITE, np.float32) * text


# ── as sources ─────────────────────────────────────────────────────────────────────────────
class _Pace:
    """Even ticks on CLOCK_MONOTONIC; after a stall it goes on from now and does not hurry."""

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._next = time.monotonic()

    async def tick(self) -> None:
        self._next += self._period_s
        late = time.monotonic() - self._next
        if late > self._period_s * 5:
            self._next += late
        await asyncio.sleep(max(-late, 0))


class SyntheticCamera:
    """Pictures of the face at a steady rate."""

    def __init__(self, width: int, height: int, fps: int) -> None:
        self._painter = FacePainter(width, height)
        self._pace = _Pace(1 / fps)
        self._fps = fps
        self._count = 0

    async def recv(self) -> av.VideoFrame:
        """The next picture."""
        await self._pace.tick()
        self._count += 1
        frame = self._painter.frame(self._count, self._count / self._fps)
        frame.pts, frame.time_base = self._count, Fraction(1, self._fps)
        return frame

    def stop(self) -> None:
        """Nothing to switch off."""


class SyntheticMicrophone:
    """The face's voice: a tone that swells with the mouth, s16 mono in 20 ms chunks."""

    def __init__(self) -> None:
        self._pace = _Pace(CHUNK / SAMPLE_RATE)
        self._samples = 0

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms."""
        await self._pace.tick()
        n = np.arange(self._samples, self._samples + CHUNK)
        loudness = 0.06 + 0.26 * openness(self._samples / SAMPLE_RATE)
        tone = loudness * np.sin(2 * np.pi * TONE_HZ * n / SAMPLE_RATE)
        pcm = (tone * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, self._samples
        frame.time_base = Fraction(1, SAMPLE_RATE)
        self._samples += CHUNK
        return frame

    def stop(self) -> None:
        """Nothing to switch off."""
