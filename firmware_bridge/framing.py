"""Bytes on the serial line: COBS, a fixed head, an optional MAC and a CRC. Pure.

Guarantees: `encode_frame` gives one frame with its closing zero; `FrameReader` cuts whatever
arrives at its zeros and holds at most `MAX_STUFFED` bytes; `parse_frame` gives a frame only if its
length, format, CRC and (on a line with a key) MAC are right. Neither raises on what it reads.
Leaves to others: what the payloads mean (`payloads`), order and repetition (`link`).

docs/bridge-protocol.md says the same byte by byte; tests/vectors/bridge holds both to it.
"""

import hashlib
import hmac
import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FORMAT: Final = 1
"""First byte of every frame."""
NO_LINK: Final = 0
"""The link of greetings, which belong to none."""
MAX_PAYLOAD: Final = 48
MAC_BYTES: Final = 8
_HEAD: Final = struct.Struct("<BBIIB")
_CRC: Final = struct.Struct("<I")
MAX_FRAME: Final = _HEAD.size + MAX_PAYLOAD + MAC_BYTES + _CRC.size
MAX_STUFFED: Final = MAX_FRAME + 1
"""COBS adds one byte to anything shorter than 254."""
DELIMITER: Final = b"\0"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; ``kind`` also says in which direction it goes."""

    kind: int
    link: int
    sequence: int
    payload: bytes = b""


class Fault(StrEnum):
    """Why bytes between two zeros are not a frame."""

    STUFFING = "STUFFING"
    LENGTH = "LENGTH"
    FORMAT = "FORMAT"
    CRC = "CRC"
    MAC = "MAC"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a line with a MAC: one for greetings, one for the link that is open."""

    greeting: bytes
    link: bytes

    @classmethod
    def greeting_only(cls, shared: bytes) -> "Keys":
        """Before a link is open: what belongs to a link cannot be verified."""
        return cls(_derive(shared, b"greeting"), b"")

    @classmethod
    def of_link(cls, shared: bytes, host_nonce: bytes, board_nonce: bytes) -> "Keys":
        """The keys while the link of these two nonces is open."""
        return cls(
            _derive(shared, b"greeting"), _derive(shared, b"link" + host_nonce + board_nonce)
        )

    def of(self, link: int) -> bytes:
        """The key that covers frames of ``link``; empty when there is none."""
        return self.greeting if link == NO_LINK else self.link


def encode_frame(frame: Frame, keys: Keys | None = None) -> bytes:
    """The bytes to send for ``frame``, the closing zero included.

    Raises:
        ValueError: the payload is too long, or ``keys`` has none for the frame's link.
    """
    if len(frame.payload) > MAX_PAYLOAD:
        raise ValueError(f"payload of {len(frame.payload)} bytes")
    body = _HEAD.pack(FORMAT, frame.kind, frame.link, frame.sequence, len(frame.payload))
    body += frame.payload
    if keys is not None:
        key = keys.of(frame.link)
        if not key:
            raise ValueError("no key for this link")
        body += _mac(key, body)
    return stuff(body + _CRC.pack(zlib.crc32(body))) + DELIMITER


def parse_frame(stuffed: bytes, keys: Keys | None = None) -> Frame | Fault:
    """The frame in the bytes between two zeros, or why they are none. Total."""
    covered = _covered(stuffed, MAC_BYTES if keys is not None else 0)
    if isinstance(covered, Fault):
        return covered
    frame = _frame_of(covered)
    if keys is not None:
        key = keys.of(frame.link)
        signed, mac = covered[:-MAC_BYTES], covered[-MAC_BYTES:]
        if not key or not hmac.compare_digest(mac, _mac(key, signed)):
            return Fault.MAC
    return frame


def parse_unverified(stuffed: bytes, *, keyed: bool) -> Frame | Fault:
    """The same for those who only look on: with a MAC on the line, whose it is stays open."""
    covered = _covered(stuffed, MAC_BYTES if keyed else 0)
    return covered if isinstance(covered, Fault) else _frame_of(covered)


def _covered(stuffed: bytes, mac_bytes: int) -> bytes | Fault:
    """What the CRC covers, when format, length and CRC are right."""
    body = unstuff(stuffed)
    if body is None:
        return Fault.STUFFING
    tail = _CRC.size + mac_bytes
    if not _HEAD.size + tail <= len(body) <= MAX_FRAME:
        return Fault.LENGTH
    if body[0] != FORMAT:
        return Fault.FORMAT
    if len(body) != _HEAD.size + body[_HEAD.size - 1] + tail:
        return Fault.LENGTH
    covered, (crc,) = body[: -_CRC.size], _CRC.unpack_from(body, len(body) - _CRC.size)
    return covered if crc == zlib.crc32(covered) else Fault.CRC


def _frame_of(covered: bytes) -> Frame:
    _, kind, link, sequence, length = _HEAD.unpack_from(covered)
    return Frame(kind, link, sequence, covered[_HEAD.size : _HEAD.size + length])


def stuff(data: bytes) -> bytes:
    """``data`` without zeros: COBS (Cheshire and Baker, 1999)."""
    out = bytearray()
    for block in data.split(DELIMITER):
        while len(block) >= 0xFE:
            out += b"\xff" + block[:0xFE]
            block = block[0xFE:]
        out.append(len(block) + 1)
        out += block
    return bytes(out)


def unstuff(stuffed: bytes) -> bytes | None:
    """What `stuff` was given, or None when nothing it gives looks like this."""
    out = bytearray()
    at = 0
    while at < len(stuffed):
        code = stuffed[at]
        block = stuffed[at + 1 : at + code]
        if code == 0 or len(block) != code - 1 or 0 in block:
            return None
        out += block
        at += code
        if code != 0xFF and at < len(stuffed):
            out.append(0)
    return bytes(out) if stuffed else None


class FrameReader:
    """Cuts a stream into what stands between zeros."""

    def __init__(self) -> None:
        self.overlong = 0
        """How many pieces were too long to be a frame."""
        self._held = bytearray()
        self._overflown = False

    def feed(self, data: bytes) -> list[bytes]:
        """The pieces that ``data`` completes, in order, for `parse_frame`."""
        found: list[bytes] = []
        *ended, rest = data.split(DELIMITER)
        for piece in ended:
            self._hold(piece)
            if self._overflown:
                self.overlong += 1
            elif self._held:
                found.append(bytes(self._held))
            self.forget()
        self._hold(rest)
        return found

    def forget(self) -> None:
        """Drop a piece that has begun: the line was opened anew."""
        self._held.clear()
        self._overflown = False

    def _hold(self, piece: bytes) -> None:
        if len(self._held) + len(piece) > MAX_STUFFED:
            self._held.clear()
            self._overflown = True
        elif not self._overflown:
            self._held += piece


def _derive(shared: bytes, purpose: bytes) -> bytes:
    return hmac.digest(shared, b"parloir-bridge " + purpose, hashlib.sha256)


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, hashlib.sha256)[:MAC_BYTES]
