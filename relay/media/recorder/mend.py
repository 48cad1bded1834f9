"""Finishing a recording whose recorder did not live to: whole clusters, index, duration.

Guarantees: a file that was cut at any byte becomes one that plays without complaint and holds
every block that was whole; a finished file is left as it is; a file that somebody writes is not
touched. Only heads are read, not media. Leaves to others: calling such a file what it is
(salvaged, not complete).
"""

import fcntl
import os
from pathlib import Path
from typing import Final, NamedTuple

from relay.media.recorder.clusters import (
    BLOCK_HEAD,
    CLUSTER_HEAD,
    CLUSTER_ID,
    KEY,
    PICTURE_TRACK,
    cluster_head,
)
from relay.media.recorder.webm import (
    CUES_ID,
    HEADER_BYTES,
    PROLOGUE_BYTES,
    SEGMENT_DATA,
    Ending,
    Index,
    prologue,
)
from visit_protocol.vocabulary import VideoCodec

_BLOCK_ID: Final = 0xA3
_BLOCK_SIZE: Final = 0x1000_0000
_BLOCK_OVERHEAD: Final = 4
"""Track, time and flags of a block, which its size includes."""


class Mended(NamedTuple):
    """What a file now is."""

    size: int
    duration_s: float


class BusyError(Exception):
    """Somebody still writes the file."""


def mend(path: Path) -> Mended | None:
    """Finish the file; None when it holds no media that could be played, or is no file of ours.

    Raises:
        BusyError: its recorder still writes it.
        OSError: it cannot be read or written.
    """
    with path.open("r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(str(path)) from error
        return _Salvage(file.fileno()).finish()


class _Salvage:
    """One unfinished file."""

    def __init__(self, descriptor: int) -> None:
        self._file = descriptor
        self._size = os.fstat(descriptor).st_size
        self._index = Index()
        self._last_ms = 0

    def finish(self) -> Mended | None:
        """Walk over the clusters, then write the end."""
        codec = self._codec()
        if codec is None:
            return None
        at = HEADER_BYTES
        while (head := self._read(at, CLUSTER_HEAD.size + BLOCK_HEAD.size))[:4] == CLUSTER_ID:
            if len(head) < CLUSTER_HEAD.size + BLOCK_HEAD.size:
                break
            _, _, _, high, low, _, _, begins_ms = CLUSTER_HEAD.unpack_from(head)
            end = at + 12 + (high << 32 | low)
            whole = self._blocks(at + CLUSTER_HEAD.size, min(end, self._size), begins_ms)
            if whole == at + CLUSTER_HEAD.size:
                break
            _, _, track, _, flags = BLOCK_HEAD.unpack_from(head, CLUSTER_HEAD.size)
            keyframe = track == PICTURE_TRACK and bool(flags & KEY)
            self._index.add(begins_ms, at, keyframe=keyframe)
            if whole != end:
                content = whole - at - CLUSTER_HEAD.size
                os.pwrite(self._file, cluster_head(begins_ms, content), at)
                at = whole
                break
            at = end
        else:
            if head[:4] == CUES_ID and self._read(0, PROLOGUE_BYTES) != prologue(codec):
                return Mended(self._size, self._last_ms / 1000)
        cues = self._index.cues()
        if not cues:
            return None
        os.ftruncate(self._file, at)
        os.pwrite(self._file, cues, at)
        os.pwrite(self._file, prologue(codec, Ending(at + len(cues), self._last_ms, at)), 0)
        os.fdatasync(self._file)
        return Mended(at + len(cues), self._last_ms / 1000)

    def _codec(self) -> VideoCodec | None:
        """Whose header this is; None when there is no whole one."""
        if self._size < HEADER_BYTES:
            return None
        found = self._read(0, PROLOGUE_BYTES)
        for codec in VideoCodec:
            # Up to the Segment, which alone tells an unfinished from a finished file.
            ebml = prologue(codec)[: SEGMENT_DATA - 8]
            if found.startswith(ebml):
                return codec
        return None

    def _blocks(self, at: int, end: int, begins_ms: int) -> int:
        """Where the last whole block before ``end`` ends."""
        while True:
            head = self._read(at, BLOCK_HEAD.size)
            if len(head) < BLOCK_HEAD.size:
                return at
            identifier, size, _, relative_ms, _ = BLOCK_HEAD.unpack(head)
            after = at + BLOCK_HEAD.size - _BLOCK_OVERHEAD + size - _BLOCK_SIZE
            if identifier != _BLOCK_ID or not at + BLOCK_HEAD.size <= after <= end:
                return at
            self._last_ms = max(self._last_ms, begins_ms + relative_ms)
            at = after

    def _read(self, at: int, length: int) -> bytes:
        return os.pread(self._file, length, at)
