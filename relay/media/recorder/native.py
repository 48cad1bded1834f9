"""The intake in C, as the recorder sees it; alone in knowing `_intake`.

Guarantees: what C holds of a recording lives as long as its `NativeTap`. Leaves to others:
everything, intake.c first.
"""

from collections.abc import Iterator
from typing import Any, Final

from relay.media.recorder.clusters import Cluster
from relay.media.recorder.frames import Begun
from relay.media.recorder.intake import Lent, LentSource

# Raises ImportError where there was no compiler: then there is `PlainReader`.
from relay.media.recorder._intake import ffi, lib  # type: ignore[import-not-found]  # isort: skip
from relay.media.ring import DATA, FRAME, Record, RingCorruptError, RingReader


class NativeTap:
    """Implements `relay.media.recorder.intake.IntakeTap`."""

    def __init__(self, intake: Any, number: int) -> None:
        tap = lib.intake_open(intake, number)
        if tap == ffi.NULL:
            raise MemoryError
        self._c: Final = ffi.gc(tap, lambda given: lib.intake_close(intake, given))
        self._lent: Lent | None = None

    # ── blocks ─────────────────────────────────────────────────────────────────────────────
    @property
    def picture_ms(self) -> int:
        """The time of the latest picture, negative before the first."""
        return int(self._c.picture_ms)

    @property
    def sound_ms(self) -> int:
        """The time of the latest sound, negative before the first."""
        return int(self._c.sound_ms)

    @property
    def waits(self) -> bool:
        """Whether there are blocks that were not given out yet."""
        return bool(self._c.block_count)

    @property
    def waiting_bytes(self) -> int:
        """How much that is."""
        return int(self._c.data_length)

    def picture(self, data: bytes, at_s: float, flags: int) -> None:
        """Add a whole encoded picture; ``flags`` are `KEY` or 0."""
        self._add(lib.INTAKE_PICTURE, flags, at_s, data)

    def sound(self, data: bytes, at_s: float) -> None:
        """Add an Opus packet."""
        self._add(lib.INTAKE_SOUND, lib.INTAKE_KEY, at_s, data)

    def _add(self, track: int, flags: int, at_s: float, data: bytes) -> None:
        if lib.intake_add(self._c, track, flags, at_s, data, len(data)):
            raise MemoryError

    def clusters(self) -> tuple[bytes, list[Cluster]]:
        """Everything that was added since, as whole clusters."""
        tap = self._c
        blocks = tap.block_count
        heads = lib.INTAKE_CLUSTER_HEAD + lib.INTAKE_BLOCK_HEAD
        room = tap.data_length + blocks * heads
        out = ffi.new("uint8_t[]", room)
        places, count = ffi.new("struct intake_cluster[]", blocks), ffi.new("int *")
        length = lib.intake_clusters(tap, out, places, count)
        found = [
            Cluster(place.at_ms, place.offset, bool(place.keyframe))
            for place in places[0 : count[0]]
        ]
        return bytes(ffi.buffer(out, length)), found

    # ── sources ────────────────────────────────────────────────────────────────────────────
    def lend(self, lent: Lent, began_s: float) -> None:
        """Take records of these sources, of a file that began at ``began_s``."""
        tap = self._c
        tap.began_s = began_s
        _fill(tap.sound, lent.sound)
        _fill(tap.picture, lent.picture)
        tap.frame_parts = 0
        if (begun := lent.begun) is not None:
            if lib.intake_set_frame(tap, begun.data, len(begun.data)):
                raise MemoryError
            tap.frame_parts = begun.parts
            tap.frame_timestamp = begun.timestamp
        self._lent = lent

    def take_back(self) -> Lent | None:
        """Take no more; what was lent as it is now, None when nothing is."""
        before, self._lent = self._lent, None
        if before is None:
            return None
        tap = self._c
        begun = None
        if tap.frame_parts:
            data = bytes(ffi.buffer(tap.frame, tap.frame_length))
            begun = Begun(data, tap.frame_parts, tap.frame_timestamp)
        tap.sound.lent = tap.picture.lent = 0
        return Lent(
            None if before.sound is None else _source(tap.sound),
            None if before.picture is None else _source(tap.picture),
            begun,
        )


class NativeRing(RingReader):
    """A ring of which the intake takes what it can; `records` are the rest."""

    def __init__(self, fd: int) -> None:
        super().__init__(fd)
        intake = lib.intake_new()
        if intake == ffi.NULL:
            raise MemoryError
        self.intake: Final = ffi.gc(intake, lib.intake_free)
        self._area = ffi.from_buffer(self._map) + DATA
        self._found = ffi.new("struct intake_found *")
        self._at = ffi.new("uint64_t *")

    def records(self, published: int) -> Iterator[Record]:
        """What lies between the position and ``published`` and was not taken; then it is consumed.

        A keyframe of a source that was lent comes whole, as a record of the kind `FRAME`; an empty
        one says that the intake had no room for more of that tap.

        Raises:
            RingCorruptError: a head or ``published`` contradicts the layout.
        """
        self._check(published)
        at, found = self._at, self._found
        at[0] = self.position
        while True:
            what = lib.intake_walk(self.intake, self._area, self._capacity, at, published, found)
            if what == lib.INTAKE_END:
                break
            if what == lib.INTAKE_CORRUPT:
                raise RingCorruptError("a record does not fit, or cannot be")
            full = what == lib.INTAKE_NO_MEMORY
            yield (
                found.tap,
                found.kind if what == lib.INTAKE_RECORD else FRAME,
                found.flags,
                found.ssrc,
                found.arrival_ns,
                found.timestamp,
                found.sequence,
                b"" if full else bytes(ffi.buffer(found.payload, found.length)),
            )
        self._consume(published)


class NativeReader:
    """Implements `relay.media.recorder.intake.RecordReader`."""

    def __init__(self, fd: int) -> None:
        """As `RingReader`."""
        self.ring: Final = NativeRing(fd)

    def open(self, tap: int) -> NativeTap:
        """What takes records of that tap."""
        return NativeTap(self.ring.intake, tap)


def _fill(stream: Any, source: LentSource | None) -> None:
    stream.lent = source is not None
    if source is not None:
        stream.ssrc, stream.next = source.ssrc, source.next
        stream.anchored = source.anchor is not None
        if source.anchor is not None:
            stream.timestamp, stream.at_s = source.anchor


def _source(stream: Any) -> LentSource:
    anchor = (stream.timestamp, stream.at_s) if stream.anchored else None
    return LentSource(stream.ssrc, stream.next, anchor)
