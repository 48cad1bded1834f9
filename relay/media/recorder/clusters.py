"""The blocks of a file that wait to be written, and the clusters that they become.

Guarantees: times never run backwards within a track; a cluster is at most `CLUSTER_MS` long, and
one begins at each keyframe; clusters are whole. The twin of the blocks in intake.c. Pure. Leaves
to others: everything else of a file (`webm`), and whether a decoder can use what it is given.
"""

import struct
from operator import itemgetter
from typing import Final, NamedTuple, Protocol

CLUSTER_MS: Final = 1000
APART_MS: Final = 10
"""Two pictures are at least so far apart: tools that count pictures (ffmpeg's null output does)
put two of them that are closer than the rate that the header states into one place and complain.
"""

PICTURE_TRACK, SOUND_TRACK = 0x81, 0x82  # as a block states its track: a number of one byte
KEY: Final = 0x80
"""Flags of a block that can be decoded by itself."""

CLUSTER_ID: Final = b"\x1f\x43\xb6\x75"
CLUSTER_HEAD: Final = struct.Struct(">4sBBHIBBQ")
"""ID, size in 8 bytes (as 1 + 1 + 2 + 4), and the Timestamp element in 8 bytes."""
BLOCK_HEAD: Final = struct.Struct(">BIBhB")
"""SimpleBlock ID, size in 4 bytes, track, time relative to the cluster, flags."""
_BLOCK_HEAD_BYTES: Final = BLOCK_HEAD.size


class Cluster(NamedTuple):
    """Where a cluster lies among those that were given out with it."""

    at_ms: int
    offset: int
    keyframe: bool
    """It begins with one."""


class BlockStore(Protocol):
    """Takes blocks of two tracks, gives clusters."""

    @property
    def picture_ms(self) -> int:
        """The time of the latest picture, negative before the first."""

    @property
    def sound_ms(self) -> int:
        """The time of the latest sound, negative before the first."""

    @property
    def waits(self) -> bool:
        """Whether there are blocks that were not given out yet."""

    @property
    def waiting_bytes(self) -> int:
        """How much that is."""

    def picture(self, data: bytes, at_s: float, flags: int) -> None:
        """Add a whole encoded picture; ``flags`` are `KEY` or 0."""

    def sound(self, data: bytes, at_s: float) -> None:
        """Add an Opus packet."""

    def clusters(self) -> tuple[bytes, list[Cluster]]:
        """Everything that was added since, as whole clusters."""


def cluster_head(at_ms: int, content_bytes: int) -> bytes:
    """The head of a cluster whose blocks have that many bytes."""
    size = content_bytes + 10
    return CLUSTER_HEAD.pack(CLUSTER_ID, 0x01, 0, size >> 32, size & 0xFFFFFFFF, 0xE7, 0x88, at_ms)


_Block = tuple[int, int, int, bytes]
"""time in ms, track, flags, data"""
_time_of: Final = itemgetter(0)


class Blocks:
    """Implements `BlockStore` in Python."""

    def __init__(self) -> None:
        self.picture_ms = -APART_MS
        self.sound_ms = -1
        self._blocks: list[_Block] = []

    @property
    def waits(self) -> bool:
        """Whether there are blocks that were not given out yet."""
        return bool(self._blocks)

    @property
    def waiting_bytes(self) -> int:
        """How much that is."""
        return sum(len(block[3]) for block in self._blocks)

    def picture(self, data: bytes, at_s: float, flags: int) -> None:
        """Add a whole encoded picture; ``flags`` are `KEY` or 0."""
        at_ms = max(int(at_s * 1000 + 0.5), self.picture_ms + APART_MS)
        self.picture_ms = at_ms
        self._blocks.append((at_ms, PICTURE_TRACK, flags, data))

    def sound(self, data: bytes, at_s: float) -> None:
        """Add an Opus packet."""
        at_ms = int(at_s * 1000 + 0.5)
        if at_ms <= self.sound_ms:
            at_ms = self.sound_ms + 1
        self.sound_ms = at_ms
        self._blocks.append((at_ms, SOUND_TRACK, KEY, data))

    def clusters(self) -> tuple[bytes, list[Cluster]]:
        """Everything that was added since, as whole clusters."""
        blocks, self._blocks = self._blocks, []
        blocks.sort(key=_time_of)
        parts: list[bytes] = []
        clusters: list[Cluster] = []
        place = content = offset = 0
        base = -CLUSTER_MS
        pack, add = BLOCK_HEAD.pack, parts.append
        for at_ms, track, flags, data in blocks:
            keyframe = bool(flags) and track == PICTURE_TRACK
            if keyframe or at_ms - base >= CLUSTER_MS:
                if content:
                    parts[place] = cluster_head(base, content)
                    offset += CLUSTER_HEAD.size + content
                clusters.append(Cluster(at_ms, offset, keyframe))
                place, base, content = len(parts), at_ms, 0
                add(b"")  # the cluster's head, once its size is known
            size = len(data)
            add(pack(0xA3, 0x10000004 + size, track, at_ms - base, flags))
            add(data)
            content += size + _BLOCK_HEAD_BYTES
        if content:
            parts[place] = cluster_head(base, content)
        return b"".join(parts), clusters
