"""H.264 in RTP (RFC 6184 §5): only whether a decoder can begin with a packet."""

from typing import Final

_IDR, _SPS, _STAP_A, _FU_A = 5, 7, 24, 28
_STARTS: Final = (_IDR, _SPS)


def begins_keyframe(data: bytes | bytearray, start: int, end: int) -> bool:
    """Whether the payload ``start``…``end`` begins a keyframe: its parameter sets or its slices."""
    if start >= end:
        return False
    kind = data[start] & 0x1F
    if kind == _STAP_A:
        return end - start > 3 and data[start + 3] & 0x1F in _STARTS
    if kind == _FU_A:
        return (
            end - start > 1 and bool(data[start + 1] & 0x80) and data[start + 1] & 0x1F in _STARTS
        )
    return kind in _STARTS
