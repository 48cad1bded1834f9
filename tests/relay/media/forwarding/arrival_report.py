"""Reads transport-wide feedback, after draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1."""

import struct
from dataclasses import dataclass

TICK_S = 0.00025


@dataclass(frozen=True)
class ArrivalReport:
    ssrc: int
    media_ssrc: int
    number: int
    """Which report of the party's it is, modulo 256."""
    arrivals: dict[int, float | None]
    """Per transport-wide number the time in seconds, None: not here."""


def parse_arrival_report(packet: bytes) -> ArrivalReport:
    first, kind, words = struct.unpack_from("!BBH", packet)
    assert (first & 0x1F, kind, len(packet)) == (15, 205, 4 * words + 4)
    end = len(packet) - (packet[-1] if first & 0x20 else 0)
    ssrc, media_ssrc, base, count, rest = struct.unpack_from("!IIHHI", packet, 4)
    at, symbols = 20, []
    while len(symbols) < count:
        (chunk,) = struct.unpack_from("!H", packet, at)
        at += 2
        if not chunk & 0x8000:
            symbols += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif not chunk & 0x4000:
            symbols += [chunk >> (13 - bit) & 1 for bit in range(14)]
        else:
            symbols += [chunk >> (12 - 2 * place) & 3 for place in range(7)]
    assert not any(symbols[count:])
    ticks, arrivals = (rest >> 8) * 256, {}
    for place, symbol in enumerate(symbols[:count]):
        if symbol == 1:
            ticks, at = ticks + packet[at], at + 1
        elif symbol == 2:
            ticks, at = ticks + struct.unpack_from("!h", packet, at)[0], at + 2
        arrivals[(base + place) & 0xFFFF] = ticks * TICK_S if symbol else None
    assert at == end
    return ArrivalReport(ssrc, media_ssrc, rest & 0xFF, arrivals)
