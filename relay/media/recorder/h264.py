"""H.264 pictures from RTP payloads (RFC 6184), as Matroska keeps them: NAL units with lengths.

Guarantees: as `frames`: whole pictures only, and after a loss none until the next IDR. Every
malformed payload costs the picture that it belongs to. Leaves to others: order, time, what the
parameter sets mean beyond the picture's size in macroblocks.
"""

import struct
from typing import Final

from relay.media.recorder.frames import MAX_PARTS, OnFrame
from relay.media.recorder.webm import MAX_CODEC_PRIVATE, Picture
from relay.media.ring import RecordFlag
from visit_protocol.vocabulary import VideoCodec

_IDR, _SPS, _PPS, _AUD, _STAP_A, _FU_A = 5, 7, 8, 9, 24, 28
_MARKER: Final = int(RecordFlag.MARKER)
_LENGTH: Final = struct.Struct(">I")
_MACROBLOCK: Final = 16
_HIGH_PROFILES: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})


class H264Assembler:
    """Takes payloads of one source in order, gives access units."""

    def __init__(self, on_frame: OnFrame) -> None:
        self._on_frame = on_frame
        self._units: list[bytes] = []
        self._fragments: list[bytes] = []
        self._timestamp = -1
        """Of the picture under way; −1 after a loss."""
        self._broken = False
        self._needs_keyframe = True
        self._sps = self._pps = b""

    def push(self, flags: int, timestamp: int, payload: bytes) -> None:
        """Give the picture that this payload completes, if it does."""
        if not payload:
            return
        if timestamp != self._timestamp:
            if self._units:
                self._complete()
            # What was lost may have been this picture's beginning.
            self._broken = self._timestamp < 0 and not _begins_picture(payload)
            self._timestamp = timestamp
        if len(self._units) + len(self._fragments) >= MAX_PARTS or not self._add(payload):
            self.lose()
        if flags & _MARKER:
            self._complete()

    def lose(self) -> None:
        """Something is missing before the next payload."""
        self._units, self._fragments = [], []
        self._broken = self._needs_keyframe = True
        self._timestamp = -1

    def _add(self, payload: bytes) -> bool:
        kind = payload[0] & 0x1F
        if kind == _FU_A:
            if len(payload) < 3:
                return False
            if payload[1] & 0x80:
                self._fragments = [bytes((payload[0] & 0xE0 | payload[1] & 0x1F,))]
            elif not self._fragments:
                return False
            self._fragments.append(payload[2:])
            if payload[1] & 0x40:
                self._units.append(b"".join(self._fragments))
                self._fragments = []
            return True
        if kind == _STAP_A:
            at = 1
            while at + 2 <= len(payload):
                size = int.from_bytes(payload[at : at + 2], "big")
                if not 0 < size <= len(payload) - at - 2:
                    return False
                self._units.append(payload[at + 2 : at + 2 + size])
                at += 2 + size
            return at == len(payload)
        if not 0 < kind < _STAP_A:
            return False
        self._units.append(payload)
        return True

    def _complete(self) -> None:
        units, self._units = self._units, []
        if self._broken or self._fragments or not units:
            self._fragments = []
            self._needs_keyframe = self._needs_keyframe or bool(units)
            return
        kinds = [unit[0] & 0x1F for unit in units]
        for kind, unit in zip(kinds, units, strict=True):
            if kind == _SPS:
                self._sps = unit
            elif kind == _PPS:
                self._pps = unit
        picture = self._picture() if _IDR in kinds else None
        if picture is None and (self._needs_keyframe or _IDR in kinds):
            self._needs_keyframe = True
            return
        self._needs_keyframe = False
        data = b"".join(_LENGTH.pack(len(unit)) + unit for unit in units)
        self._on_frame(data, self._timestamp, picture)

    def _picture(self) -> Picture | None:
        """What the parameter sets state; None without usable ones."""
        sps, pps = self._sps, self._pps
        # 6 bytes before the SPS, its length, a count and a length for the PPS (§5.3.3.1.2).
        if len(sps) < 5 or not pps or len(sps) + len(pps) + 11 > MAX_CODEC_PRIVATE:
            return None
        size = picture_size(sps)
        if size is None:
            return None
        record = b"\x01" + sps[1:4] + b"\xff\xe1" + len(sps).to_bytes(2, "big") + sps
        record += b"\x01" + len(pps).to_bytes(2, "big") + pps
        if sps[1] in _HIGH_PROFILES:
            record += b"\xfd\xf8\xf8\x00"  # 4:2:0, 8 bits, as every browser sends
        return Picture(VideoCodec.H264, *size, record)


def _begins_picture(payload: bytes) -> bool:
    """Whether nothing of the same picture can come before it: a delimiter or an SPS is first."""
    kind = payload[0] & 0x1F
    if kind == _STAP_A and len(payload) > 3:
        kind = payload[3] & 0x1F
    return kind in (_SPS, _AUD)


class _Bits:
    """Reads an RBSP bit by bit (ISO 14496-10 §7.2); beyond its end there are zeros."""

    def __init__(self, unit: bytes) -> None:
        rbsp = unit.replace(b"\0\0\3", b"\0\0")
        self._value = int.from_bytes(rbsp, "big")
        self._left = 8 * len(rbsp)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            return 0
        return self._value >> self._left & ((1 << count) - 1)

    def golomb(self) -> int:
        """An unsigned Exp-Golomb number (§9.1)."""
        zeros = 0
        while self._left > 0 and zeros < 32 and not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)


def picture_size(sps: bytes) -> tuple[int, int] | None:
    """Width and height that a sequence parameter set states (§7.3.2.1.1), None if it has none."""
    bits = _Bits(sps[1:])
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()
    if profile in _HIGH_PROFILES:
        if bits.golomb() != 1:
            return None  # not 4:2:0
        bits.golomb()
        bits.golomb()
        bits.take(1)
        if bits.take(1):
            return None  # scaling lists, which no browser sends
    bits.golomb()
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order == 1:
        return None  # a picture order that no real-time encoder uses
    bits.golomb()
    bits.take(1)
    width = (bits.golomb() + 1) * _MACROBLOCK
    height = (bits.golomb() + 1) * _MACROBLOCK
    progressive = bits.take(1)
    if not progressive:
        height *= 2
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        width -= 2 * (left + right)
        height -= 2 * (top + bottom) * (2 - progressive)
    return (width, height) if 0 < width < 1 << 14 and 0 < height < 1 << 14 else None
