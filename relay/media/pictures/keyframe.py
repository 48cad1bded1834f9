"""A whole keyframe as one datagram from the recorder to the pictures process.

Guarantees: what is longer than `MAX_BYTES` is never sent and never read; whatever arrives is a
`Keyframe` or None. Leaves to others: whether the frame can be decoded.
"""

import struct
from dataclasses import dataclass
from typing import Final

from visit_protocol.vocabulary import Party, VideoCodec

MAX_BYTES: Final = 192 * 1024
"""Of a datagram: half of what Linux lets a socket hold; a 720p keyframe has a third of that."""
_HEAD: Final = struct.Struct("<qHHBBB")
"""taken (CLOCK_MONOTONIC ns), width, height, party, codec, bytes of the call's name, which
follows."""
_PARTIES: Final = tuple(Party)
_CODECS: Final = tuple(VideoCodec)


@dataclass(frozen=True, slots=True)
class Keyframe:
    """One party's picture as the recorder writes it."""

    call: str
    party: Party
    taken_ns: int
    width: int
    height: int
    data: bytes
    codec: VideoCodec = VideoCodec.VP8


def write_keyframe(keyframe: Keyframe) -> bytes | None:
    """The datagram; None for one that is too long."""
    call = keyframe.call.encode()
    if _HEAD.size + len(call) + len(keyframe.data) > MAX_BYTES:
        return None
    head = _HEAD.pack(
        keyframe.taken_ns,
        keyframe.width,
        keyframe.height,
        _PARTIES.index(keyframe.party),
        _CODECS.index(keyframe.codec),
        len(call),
    )
    return head + call + keyframe.data


def parse_keyframe(datagram: bytes) -> Keyframe | None:
    """What ``write_keyframe`` wrote; None for anything else."""
    if len(datagram) < _HEAD.size:
        return None
    taken_ns, width, height, party, codec, length = _HEAD.unpack_from(datagram)
    end = _HEAD.size + length
    if party >= len(_PARTIES) or codec >= len(_CODECS) or len(datagram) <= end:
        return None
    try:
        call = datagram[_HEAD.size : end].decode("ascii")
    except UnicodeDecodeError:
        return None
    return Keyframe(call, _PARTIES[party], taken_ns, width, height, datagram[end:], _CODECS[codec])
