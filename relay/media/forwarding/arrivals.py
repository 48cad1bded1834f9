"""When a party's packets arrived, for its congestion control (transport-wide feedback).

After draft-holmer-rmcat-transport-wide-cc-extensions-01: the party numbers all its packets in one
sequence, and is told of each number whether and when it came. The twin of `note_arrival` and
`write_arrivals` in loop.c. Pure; times are CLOCK_MONOTONIC ns.
"""

import struct
from typing import Final

from relay.media.packets.rtp import sequence_delta

MAX_KEPT: Final = 1024
MAX_REPORTED: Final = 350
"""Numbers in one packet of feedback, so that it fits a datagram however they arrived."""
_TICK_NS: Final = 250_000
_REFERENCE_TICKS: Final = 256
_HEAD: Final = struct.Struct("!BBHIIHHI")
_LOST, _SMALL, _LARGE = 0, 1, 2
_MIN_RUN: Final = 7


class Arrivals:
    """The arrivals not yet reported."""

    def __init__(self) -> None:
        self._at_ns: dict[int, int] = {}
        self._started = False
        self._next = 0
        self._highest = 0
        self._reports = 0

    def note(self, number: int, now_ns: int) -> None:
        """The packet of that transport-wide number is here."""
        ahead = sequence_delta(number, self._highest)
        if not self._started or abs(ahead) >= MAX_KEPT:
            self._at_ns.clear()
            self._started = True
            self._next = self._highest = number
        elif ahead > 0:
            self._highest = number
            if (number - self._next) & 0xFFFF >= MAX_KEPT:
                first = (number - MAX_KEPT + 1) & 0xFFFF
                self._forget(self._next, first)
                self._next = first
        elif sequence_delta(number, self._next) < 0:
            # Reported as lost, and here after all: the next report begins with it.
            self._next = number
        self._at_ns[number] = now_ns

    def report(self, ssrc: int, media_ssrc: int) -> list[bytes]:
        """RTCP packets that tell of everything not told yet."""
        packets = []
        while self._started and sequence_delta(self._highest, self._next) >= 0:
            packet = self._write(ssrc, media_ssrc)
            if packet:
                packets.append(packet)
        return packets

    def _forget(self, first: int, end: int) -> None:
        while first != end:
            self._at_ns.pop(first, None)
            first = (first + 1) & 0xFFFF

    def _write(self, ssrc: int, media_ssrc: int) -> bytes:
        base, reference, previous = self._next, None, 0
        symbols: list[int] = []
        deltas = bytearray()
        while len(symbols) < MAX_REPORTED:
            number = (base + len(symbols)) & 0xFFFF
            if sequence_delta(number, self._highest) > 0:
                break
            arrival_ns = self._at_ns.get(number)
            if arrival_ns is None:
                symbols.append(_LOST)
                continue
            ticks = arrival_ns // _TICK_NS
            if reference is None:
                reference = ticks // _REFERENCE_TICKS
                previous = reference * _REFERENCE_TICKS
            delta = ticks - previous
            if not -32768 <= delta <= 32767:
                break
            previous = ticks
            if 0 <= delta <= 255:
                symbols.append(_SMALL)
                deltas.append(delta)
            else:
                symbols.append(_LARGE)
                deltas += struct.pack("!h", delta)
        end = (base + len(symbols)) & 0xFFFF
        self._forget(base, end)
        self._next = end
        if reference is None:
            return b""
        body = _chunks(symbols) + deltas
        padding = -len(body) % 4
        if padding:
            body += bytes(padding - 1) + bytes((padding,))
        first = 0x80 | (0x20 if padding else 0) | 15
        words = (_HEAD.size + len(body)) // 4 - 1
        count = (reference & 0xFFFFFF) << 8 | self._reports
        self._reports = (self._reports + 1) & 0xFF
        head = _HEAD.pack(first, 205, words, ssrc, media_ssrc, base, len(symbols), count)
        return head + bytes(body)


def _chunks(symbols: list[int]) -> bytearray:
    """Runs of one symbol (§3.1.3), else vectors of seven two-bit symbols (§3.1.4)."""
    chunks = bytearray()
    position = 0
    while position < len(symbols):
        run = 1
        while position + run < len(symbols) and symbols[position + run] == symbols[position]:
            run += 1
        if run >= _MIN_RUN:
            chunks += struct.pack("!H", symbols[position] << 13 | run)
            position += run
            continue
        vector = 0xC000
        for place, symbol in enumerate(symbols[position : position + 7]):
            vector |= symbol << (12 - 2 * place)
        chunks += struct.pack("!H", vector)
        position += 7
    return chunks
