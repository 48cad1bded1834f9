"""Pictures and sound in memory that engine, screens and tests share: one memfd.

Guarantees: a reader gets a whole picture or none, never half of an old and half of a new one, for
a writer announces the sequence number of a slot before it writes and again after; nobody waits for
anybody. No numpy, no av, no Qt.
Leaves to others: who draws the pictures (`kiosk.ui`), who makes them (`kiosk.engine.own`,
`kiosk.engine.peer`).

Layout, little-endian, offsets in bytes::

    0            page: magic "PARLOIR1"
    4096         region "remote": the other party's picture
    + REGION     region "own": what the camera here sees
    + REGION     sound block: what the other party says

    region       u64 sequence of the newest whole picture, 0 = none; its slot is sequence % 3
      + 64       3 slot records of 64: u64 begun, u64 done, u32 width, u32 height, u32 stride
      + 4096     3 slots of `SLOT_BYTES`: BGRA rows, ``stride`` apart

    sound block  u64 begun, u64 done (sequence, as above), f64 rms and f64 peak of the last
                 0.25 s (full scale = 1), f64 strongest frequency of the last second in Hz (0 in
                 silence), u32 samples
      + 64       the last second: `SOUND_RATE` samples of s16 mono, oldest first

Sequence numbers start at 1 with each engine and grow by one with each picture.
"""

import mmap
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Region = Literal["remote", "own"]

MAGIC: Final = b"PARLOIR1"
PAGE: Final = 4096
SLOTS: Final = 3
MAX_WIDTH: Final = 1280
MAX_HEIGHT: Final = 720
SLOT_BYTES: Final = (MAX_WIDTH * 4 + 64) * MAX_HEIGHT // PAGE * PAGE + PAGE
REGION_BYTES: Final = PAGE + SLOTS * SLOT_BYTES
SOUND_RATE: Final = 8000
"""Samples a second, and samples kept: the block holds one second."""
SOUND_BYTES: Final = PAGE * 4
SIZE: Final = PAGE + 2 * REGION_BYTES + SOUND_BYTES

_REGION_AT: Final[dict[Region, int]] = {"remote": PAGE, "own": PAGE + REGION_BYTES}
_SOUND_AT: Final = PAGE + 2 * REGION_BYTES
_SEQUENCE: Final = struct.Struct("<Q")
_SLOT: Final = struct.Struct("<QQIII")
_SHAPE: Final = struct.Struct("<III")
_SOUND: Final = struct.Struct("<QQdddI")
_LEVELS: Final = struct.Struct("<dddI")
_RECORD: Final = 64


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole picture: ``height`` rows of BGRA, each ``stride`` bytes long."""

    sequence: int
    width: int
    height: int
    stride: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Sound:
    """The other party's sound; levels are of full scale = 1, ``pcm`` is s16 mono at 8 kHz."""

    sequence: int
    rms: float
    peak: float
    frequency_hz: float
    pcm: bytes


def make_shared_memory() -> int:
    """The descriptor of a new, empty memory of the right size; its owner closes it.

    Raises:
        OSError: the system has no memory for it.
    """
    fd = os.memfd_create("parloir-frames", os.MFD_CLOEXEC)
    os.ftruncate(fd, SIZE)
    os.pwrite(fd, MAGIC, 0)
    return fd


class FrameWriter:
    """The engine's side. One writer per memory."""

    def __init__(self, fd: int) -> None:
        self._map = mmap.mmap(fd, SIZE)
        self._sequence: dict[Region, int] = {"remote": 0, "own": 0}
        self._sound = 0

    def write(
        self, region: Region, width: int, height: int, stride: int, rows: memoryview | bytes
    ) -> int:
        """Publish a picture; returns its sequence number.

        Raises:
            ValueError: it is larger than a slot.
        """
        size = stride * height
        if size > SLOT_BYTES or stride < width * 4:
            raise ValueError(f"a picture of {width}x{height} does not fit a slot")
        sequence = self._sequence[region] + 1
        base = _REGION_AT[region]
        record = base + _RECORD + (sequence % SLOTS) * _RECORD
        slot = base + PAGE + (sequence % SLOTS) * SLOT_BYTES
        _SEQUENCE.pack_into(self._map, record, sequence)
        _SHAPE.pack_into(self._map, record + 16, width, height, stride)
        self._map[slot : slot + size] = rows[:size]
        _SEQUENCE.pack_into(self._map, record + 8, sequence)
        _SEQUENCE.pack_into(self._map, base, sequence)
        self._sequence[region] = sequence
        return sequence

    def write_sound(self, rms: float, peak: float, frequency_hz: float, pcm: bytes) -> int:
        """Publish the last second of the other party's sound; returns its sequence number."""
        pcm = pcm[-SOUND_RATE * 2 :]
        self._sound += 1
        _SEQUENCE.pack_into(self._map, _SOUND_AT, self._sound)
        _LEVELS.pack_into(self._map, _SOUND_AT + 16, rms, peak, frequency_hz, len(pcm) // 2)
        start = _SOUND_AT + _RECORD
        self._map[start : start + len(pcm)] = pcm
        _SEQUENCE.pack_into(self._map, _SOUND_AT + 8, self._sound)
        return self._sound


class FrameReader:
    """Anybody else's side; any number may read.

    Raises:
        ValueError: the descriptor is not such a memory.
        OSError: it cannot be mapped.
    """

    def __init__(self, fd: int) -> None:
        if os.fstat(fd).st_size != SIZE:
            raise ValueError("not a parloir frame memory")
        self._map = mmap.mmap(fd, SIZE, prot=mmap.PROT_READ)
        if self._map[: len(MAGIC)] != MAGIC:
            raise ValueError("not a parloir frame memory")

    @classmethod
    def of_process(cls, pid: int) -> "FrameReader":
        """The memory that the engine ``pid`` holds, found in ``/proc``; for tests and support.

        Raises:
            LookupError: that process holds none.
            OSError: it is not ours to look into.
        """
        for path in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if "parloir-frames" not in str(path.readlink()):
                    continue
                fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue  # closed between the listing and now
            try:
                return cls(fd)
            finally:
                os.close(fd)
        raise LookupError(f"process {pid} holds no frame memory")

    def latest(self, region: Region, newer_than: int = 0) -> Picture | None:
        """The newest whole picture after ``newer_than``, or None."""
        base = _REGION_AT[region]
        for _ in range(SLOTS):
            (sequence,) = _SEQUENCE.unpack_from(self._map, base)
            if sequence <= newer_than:
                return None
            record = base + _RECORD + (sequence % SLOTS) * _RECORD
            slot = base + PAGE + (sequence % SLOTS) * SLOT_BYTES
            _, done, width, height, stride = _SLOT.unpack_from(self._map, record)
            size = stride * height
            if done != sequence or size > SLOT_BYTES:
                continue
            data = self._map[slot : slot + size]
            (begun,) = _SEQUENCE.unpack_from(self._map, record)
            if begun == sequence:
                return Picture(sequence, width, height, stride, data)
        return None

    def sound(self, newer_than: int = 0) -> Sound | None:
        """The latest second of the other party's sound after ``newer_than``, or None."""
        for _ in range(SLOTS):
            begun, done, rms, peak, frequency, samples = _SOUND.unpack_from(self._map, _SOUND_AT)
            if begun <= newer_than:
                return None
            if begun != done or samples > SOUND_RATE:
                continue
            start = _SOUND_AT + _RECORD
            pcm = self._map[start : start + samples * 2]
            if _SEQUENCE.unpack_from(self._map, _SOUND_AT)[0] == begun:
                return Sound(begun, rms, peak, frequency, pcm)
        return None

    def close(self) -> None:
        """Let go of the memory."""
        self._map.close()
