"""The format of our recordings: WebM (RFC 8794, RFC 9559), and Matroska where the picture is H.264.

::

    EBML, Segment, SeekHead, Info     the prologue, of a fixed length
    Tracks                            to `HEADER_BYTES`
    Cluster, Cluster, …               each of a known size, at most `CLUSTER_MS` long; one begins
                                      at each keyframe, so that a player may seek to any cluster
                                      that the index names
    Cues                              the index

Until a file is finished its Segment has no stated size and there are neither index nor duration:
every player then plays it up to its last whole cluster. Finishing appends Cues and writes the
prologue again.

Guarantees: pure functions and a muxer without I/O; times never run backwards within a track.
Leaves to others: packets that a decoder can use, and the disk.
"""

import struct
from typing import Final, NamedTuple

from relay.media.recorder.clusters import APART_MS, Blocks, BlockStore
from visit_protocol.vocabulary import VideoCodec

HEADER_BYTES: Final = 640
MAX_CODEC_PRIVATE: Final = 256
PICTURES_PER_S: Final = 1000 // APART_MS
"""The rate that the header states: an upper limit, since pictures come as they come."""

CUES_ID: Final = b"\x1c\x53\xbb\x6b"
_SEGMENT_ID: Final = b"\x18\x53\x80\x67"
_UNKNOWN_SIZE: Final = b"\x01" + b"\xff" * 7
_INFO_ID, _TRACKS_ID, _SEEK_HEAD_ID = b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\x11\x4d\x9b\x74"


class Picture(NamedTuple):
    """What the header states of the picture."""

    codec: VideoCodec
    width: int
    height: int
    private: bytes = b""
    """H.264: the AVCDecoderConfigurationRecord (ISO 14496-15 §5.3.3)."""


class Ending(NamedTuple):
    """What is known when the file is finished."""

    size: int
    """Of the whole file."""
    duration_ms: int
    cues_at: int
    """Where Cues begin in the file."""


# ── EBML ───────────────────────────────────────────────────────────────────────────────────
def element(identifier: bytes, *content: bytes) -> bytes:
    """An element with its size in as few bytes as it takes."""
    body = b"".join(content)
    width = 1
    while len(body) >= (1 << 7 * width) - 1:
        width += 1
    return identifier + (len(body) | 1 << 7 * width).to_bytes(width, "big") + body


def _number(identifier: bytes, value: int, width: int = 0) -> bytes:
    return element(identifier, value.to_bytes(width or max(1, (value.bit_length() + 7) // 8)))


def _void(length: int) -> bytes:
    """An element that says nothing in ``length`` bytes, of which there must be 2 or more."""
    if length < 10:
        return b"\xec" + bytes((0x80 | length - 2,)) + bytes(length - 2)
    return b"\xec\x01" + (length - 9).to_bytes(7, "big") + bytes(length - 9)


# ── header ─────────────────────────────────────────────────────────────────────────────────
def prologue(codec: VideoCodec, ending: Ending | None = None) -> bytes:
    """EBML head to Info: of the same length with and without an ending."""
    webm = codec is VideoCodec.VP8
    ebml = element(
        b"\x1a\x45\xdf\xa3",
        _number(b"\x42\x86", 1),
        _number(b"\x42\xf7", 1),
        _number(b"\x42\xf2", 4),
        _number(b"\x42\xf3", 8),
        element(b"\x42\x82", b"webm") + _void(4) if webm else element(b"\x42\x82", b"matroska"),
        _number(b"\x42\x87", 4),
        _number(b"\x42\x85", 2),
    )
    data_at = len(ebml) + len(_SEGMENT_ID) + 8
    size = _UNKNOWN_SIZE
    duration = _void(11)
    if ending is not None:
        size = (ending.size - data_at | 1 << 56).to_bytes(8, "big")
        duration = b"\x44\x89\x88" + struct.pack(">d", ending.duration_ms)
    info = element(
        _INFO_ID,
        _number(b"\x2a\xd7\xb1", 1_000_000),
        element(b"\x4d\x80", b"parloir"),
        element(b"\x57\x41", b"parloir"),
        duration,
    )
    seek_bytes = len(_seek_head(0, 0, 0))
    info_at = seek_bytes
    tracks_at = info_at + len(info)
    seek = _void(seek_bytes)
    if ending is not None:
        seek = _seek_head(info_at, tracks_at, ending.cues_at - data_at)
    return ebml + _SEGMENT_ID + size + seek + info


def _seek_head(info_at: int, tracks_at: int, cues_at: int) -> bytes:
    places = ((_INFO_ID, info_at), (_TRACKS_ID, tracks_at), (CUES_ID, cues_at))
    return element(
        _SEEK_HEAD_ID,
        *(
            element(b"\x4d\xbb", element(b"\x53\xab", name), _number(b"\x53\xac", at, 8))
            for name, at in places
        ),
    )


SEGMENT_DATA: Final = prologue(VideoCodec.VP8).index(_SEGMENT_ID) + len(_SEGMENT_ID) + 8
"""Where the Segment's content begins; the positions in SeekHead and Cues count from there."""
PROLOGUE_BYTES: Final = len(prologue(VideoCodec.VP8))


def header(picture: Picture, ending: Ending | None = None) -> bytes:
    """Everything before the first cluster, `HEADER_BYTES` of it."""
    private = element(b"\x63\xa2", picture.private) if picture.private else b""
    codec = b"V_VP8" if picture.codec is VideoCodec.VP8 else b"V_MPEG4/ISO/AVC"
    video = element(
        b"\xae",
        _number(b"\xd7", 1),
        _number(b"\x73\xc5", 1),
        _number(b"\x83", 1),
        _number(b"\x9c", 0),
        element(b"\x22\xb5\x9c", b"und"),
        _number(b"\x23\xe3\x83", 1_000_000_000 // PICTURES_PER_S),
        element(b"\x86", codec),
        private,
        element(b"\xe0", _number(b"\xb0", picture.width), _number(b"\xba", picture.height)),
    )
    # No pre-skip: a live recording has no encoder's first samples to hide.
    opus = b"OpusHead" + struct.pack("<BBHIhB", 1, 2, 0, 48000, 0, 0)
    audio = element(
        b"\xae",
        _number(b"\xd7", 2),
        _number(b"\x73\xc5", 2),
        _number(b"\x83", 2),
        _number(b"\x9c", 0),
        element(b"\x22\xb5\x9c", b"und"),
        element(b"\x86", b"A_OPUS"),
        _number(b"\x56\xbb", 80_000_000),
        element(b"\x63\xa2", opus),
        element(b"\xe1", element(b"\xb5", struct.pack(">d", 48000.0)), _number(b"\x9f", 2)),
    )
    found = prologue(picture.codec, ending) + element(_TRACKS_ID, video, audio)
    return found + _void(HEADER_BYTES - len(found))


# ── index ──────────────────────────────────────────────────────────────────────────────────
class Index:
    """Where players may seek to: clusters that begin with a keyframe, or any when none does."""

    def __init__(self) -> None:
        self._pictures: list[tuple[int, int]] = []
        self._sounds: list[tuple[int, int]] = []

    def add(self, at_ms: int, position: int, *, keyframe: bool) -> None:
        """A cluster lies at ``position`` in the file."""
        (self._pictures if keyframe else self._sounds).append((at_ms, position))

    def cues(self) -> bytes:
        """The Cues element; empty when there is no cluster."""
        track, places = (1, self._pictures) if self._pictures else (2, self._sounds)
        points = b"".join(
            element(
                b"\xbb",
                _number(b"\xb3", at_ms),
                element(
                    b"\xb7", _number(b"\xf7", track), _number(b"\xf1", position - SEGMENT_DATA)
                ),
            )
            for at_ms, position in places
        )
        return element(CUES_ID, points) if points else b""


# ── files ──────────────────────────────────────────────────────────────────────────────────
class WebmMuxer:
    """One file's picture and sound tracks, given out as fragments."""

    def __init__(self, picture: Picture, blocks: BlockStore | None = None) -> None:
        """``blocks``: where the blocks wait, Python's own ones when it is None."""
        self.picture_stated = picture
        self._restated = False
        self._index = Index()
        self._position = 0
        self._blocks: BlockStore = Blocks() if blocks is None else blocks
        self.picture: Final = self._blocks.picture
        """Adds a whole encoded picture: its data, seconds, and `KEY` or 0."""
        self.sound: Final = self._blocks.sound
        """Adds an Opus packet: its data, seconds."""

    @property
    def duration_ms(self) -> int:
        """The time of the latest packet."""
        return max(self._blocks.picture_ms, self._blocks.sound_ms, 0)

    @property
    def waits(self) -> bool:
        """Whether there is media that was not given out yet."""
        return self._blocks.waits

    @property
    def waiting_bytes(self) -> int:
        """How much that is."""
        return self._blocks.waiting_bytes

    def fragment(self) -> bytes:
        """Everything that was added since, as whole clusters; the first with the header."""
        head = b""
        if not self._position:
            head = header(self.picture_stated)
            self._position = HEADER_BYTES
        data, clusters = self._blocks.clusters()
        for at_ms, offset, keyframe in clusters:
            self._index.add(at_ms, self._position + offset, keyframe=keyframe)
        self._position += len(data)
        return head + data

    @property
    def has_picture(self) -> bool:
        """Whether a picture was ever added."""
        return self._blocks.picture_ms >= 0

    def state(self, picture: Picture) -> None:
        """The first picture comes after the header, which then has to be amended."""
        self.picture_stated = picture
        self._restated = self._position > 0

    def amendment(self) -> bytes | None:
        """The header to write over that of before, once, when the picture was stated after it."""
        if not self._restated:
            return None
        self._restated = False
        return header(self.picture_stated)

    def ending(self) -> tuple[bytes, bytes]:
        """The index, to be appended behind the last fragment, and the header to be amended."""
        cues = self._index.cues()
        ending = Ending(self._position + len(cues), self.duration_ms, self._position)
        return cues, header(self.picture_stated, ending)
