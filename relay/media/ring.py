"""Shared memory through which the packet loop feeds the recorder's process.

One producer, one consumer, a memfd that is passed on by its descriptor. Native little-endian::

    0     magic u64, version u32, capacity u32 (bytes of the data area, a power of two)
    64    head u64: bytes ever written; published when the record is complete
    128   tail u64: bytes ever consumed
    192   dropped u64: records that did not fit
    4096  the data area

A record begins at a multiple of 8 with `RECORD` and never wraps: one that does not fit before the
end of the area comes after a pad record, or, where less than a record's head is left, after
nothing at all: both sides pass over those bytes.

Guarantees: the producer never waits: what does not fit is dropped and counted; the consumer
checks every head before it believes it, so that whatever lies in the memory costs at most a
`RingCorruptError`. Leaves to others: what the records mean. Both sides rely on the processor not
reordering stores (x86-64 does not); the producer in C publishes with release order.
"""

import ctypes
import mmap
import os
import struct
from collections.abc import Iterator
from enum import IntEnum, IntFlag
from typing import Final

RING_MAGIC: Final = 0x676E69726C726170
"""The bytes ``parlring``."""
RING_VERSION: Final = 1
DEFAULT_CAPACITY: Final = 32 << 20
"""Two seconds and more of sixty visits."""
DATA: Final = 4096
RECORD: Final = struct.Struct("<IIBBHIQIHH")
"""size of the whole record, tap, kind, flags, payload bytes, SSRC, arrival ns, RTP timestamp,
sequence number, reserved."""
_HEAD, _TAIL, _DROPPED = 8, 16, 24  # in words of 8 bytes
_PROLOGUE: Final = struct.Struct("<QII")
MIN_CAPACITY: Final = 1 << 12
MAX_CAPACITY: Final = 1 << 31
MAX_PAYLOAD: Final = 0xFFFF


class RecordKind(IntEnum):
    """What a record holds."""

    PAD = 0
    AUDIO = 1
    """An Opus packet."""
    VIDEO = 2
    """VP8 bytes behind the RFC 7741 descriptor, or a whole H.264 RTP payload; may be empty."""
    SENDER_REPORT = 3
    """An NTP time, 32.32 bits in 8 bytes; the timestamp is its RTP time."""


class RecordFlag(IntFlag):
    """What is said of a record beside its kind."""

    MARKER = 1
    BEGINS_FRAME = 2
    BEGINS_KEYFRAME = 4
    H264 = 8
    VIDEO_REPORT = 16
    """The sender report is of the picture; without it, of the sound."""


FRAME: Final = 4
"""The kind of a record that never lies in a ring: an intake's, of a whole keyframe."""

Record = tuple[int, int, int, int, int, int, int, bytes]
"""tap, kind, flags, ssrc, arrival_ns, timestamp, sequence, payload: a tuple, since there are
thousands of them a second."""


_RECORD_BYTES: Final = RECORD.size
_LAST_KIND: Final = int(RecordKind.SENDER_REPORT)


class RingCorruptError(Exception):
    """The shared memory does not hold what this module writes."""


class RingWriter:
    """The producer's side, and the owner of the memory."""

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        """Make the ring.

        Raises:
            ValueError: ``capacity`` is no power of two within its bounds.
            OSError: the system gives no memory.
        """
        if capacity & (capacity - 1) or not MIN_CAPACITY <= capacity <= MAX_CAPACITY:
            raise ValueError(f"not a ring's capacity: {capacity}")
        self.capacity: Final = capacity
        self.fd: Final = os.memfd_create("parloir-ring", os.MFD_CLOEXEC)
        os.ftruncate(self.fd, DATA + capacity)
        self._map: Final = mmap.mmap(self.fd, DATA + capacity)
        self._words: Final = memoryview(self._map)[:DATA].cast("Q")
        _PROLOGUE.pack_into(self._map, 0, RING_MAGIC, RING_VERSION, capacity)
        self._head = 0

    @property
    def address(self) -> int:
        """Where the head page lies in this process, for the producer in C."""
        return ctypes.addressof(ctypes.c_char.from_buffer(self._map))

    @property
    def head(self) -> int:
        """Bytes ever written, by whichever producer."""
        return self._words[_HEAD]

    @property
    def dropped(self) -> int:
        """Records that did not fit."""
        return self._words[_DROPPED]

    def skip(self) -> None:
        """Consume everything unread. Only while no consumer lives."""
        self._words[_TAIL] = self._words[_HEAD]

    def write(
        self,
        tap: int,
        kind: int,
        flags: int,
        *,
        ssrc: int,
        arrival_ns: int,
        timestamp: int,
        sequence: int,
        payload: bytes | bytearray | memoryview,
    ) -> bool:
        """Append a record; False when it did not fit and was counted instead."""
        length = len(payload)
        size = (RECORD.size + length + 7) & ~7
        head = self._head
        begin = head & (self.capacity - 1)
        room = self.capacity - begin
        pad = 0 if size <= room else room
        free = self.capacity - (head - self._words[_TAIL])
        if length > MAX_PAYLOAD or pad + size > free:
            self._words[_DROPPED] += 1
            return False
        if pad:
            if pad >= RECORD.size:
                RECORD.pack_into(self._map, DATA + begin, pad, 0, 0, 0, 0, 0, 0, 0, 0, 0)
            head += pad
            begin = 0
        at = DATA + begin
        RECORD.pack_into(
            self._map, at, size, tap, kind, flags, length, ssrc, arrival_ns, timestamp, sequence, 0
        )
        self._map[at + RECORD.size : at + RECORD.size + length] = payload
        self._head = self._words[_HEAD] = head + size
        return True

    def close(self) -> None:
        """Give the descriptor back; the memory goes with its last user."""
        os.close(self.fd)


class RingReader:
    """The consumer's side. It begins where the last consumer ended."""

    def __init__(self, fd: int) -> None:
        """Map the ring behind ``fd``, which stays the caller's.

        Raises:
            RingCorruptError: there is no ring of this version behind it.
            OSError: it cannot be mapped.
        """
        size = os.fstat(fd).st_size
        if size < DATA:
            raise RingCorruptError("too small for a ring")
        self._map: Final = mmap.mmap(fd, size)
        magic, version, self._capacity = _PROLOGUE.unpack_from(self._map)
        if (magic, version) != (RING_MAGIC, RING_VERSION):
            raise RingCorruptError("no ring of this version")
        fits = size == DATA + self._capacity and self._capacity >= MIN_CAPACITY
        if not fits or self._capacity & (self._capacity - 1):
            raise RingCorruptError("the ring's capacity does not fit")
        self._words: Final = memoryview(self._map)[:DATA].cast("Q")
        self.position = self._words[_TAIL]
        """Bytes ever consumed."""

    @property
    def dropped(self) -> int:
        """Records that did not fit."""
        return self._words[_DROPPED]

    def published(self) -> int:
        """Bytes ever written, as of now."""
        return self._words[_HEAD]

    def records(self, published: int) -> Iterator[Record]:
        """What lies between the position and ``published``, pads left out; then it is consumed.

        Raises:
            RingCorruptError: a head or ``published`` contradicts the layout.
        """
        waiting = self._check(published)
        begin = self.position & (self._capacity - 1)
        stop = begin + waiting
        if stop > self._capacity:
            yield from self._stretch(begin, self._capacity)
            yield from self._stretch(0, stop - self._capacity)
        else:
            yield from self._stretch(begin, stop)
        self._consume(published)

    def _check(self, published: int) -> int:
        """How many bytes wait up to there; raises `RingCorruptError` for what cannot be."""
        waiting = published - self.position
        if not 0 <= waiting <= self._capacity or published & 7:
            raise RingCorruptError("the ring's ends do not fit")
        return waiting

    def _consume(self, published: int) -> None:
        self.position = published
        self._words[_TAIL] = published

    def _stretch(self, begin: int, stop: int) -> Iterator[Record]:
        """The records of a part of the data area that does not wrap."""
        data, unpack = self._map, RECORD.unpack_from
        begin += DATA
        stop += DATA
        while begin < stop:
            if stop - begin < _RECORD_BYTES:
                if stop != DATA + self._capacity:
                    raise RingCorruptError("the ring ends within a record's head")
                return
            size, tap, kind, flags, length, ssrc, arrival_ns, timestamp, sequence, _ = unpack(
                data, begin
            )
            after = begin + size
            if after > stop or size < _RECORD_BYTES or size & 7:
                raise RingCorruptError("a record does not fit")
            if kind:
                payload = begin + _RECORD_BYTES
                if payload + length > after or kind > _LAST_KIND:
                    raise RingCorruptError("a record's payload or kind cannot be")
                yield (
                    tap,
                    kind,
                    flags,
                    ssrc,
                    arrival_ns,
                    timestamp,
                    sequence,
                    data[payload : payload + length],
                )
            begin = after
