"""`Decoder`: the line's traffic as text for people, a line a frame.

Guarantees: what is no frame is shown as its fault and its length; a badge is never shown; no more
than one frame of each direction is kept. MACs are not verified: this is what was on the line.
Leaves to others: who may look (`bridge`: the socket's file), when it was (the reader's clock).
"""

from dataclasses import fields
from enum import Flag
from typing import Final

from firmware_bridge.framing import Fault, FrameReader, parse_unverified
from firmware_bridge.payloads import (
    FROM_BOARD,
    FROM_HOST,
    Badge,
    Payload,
    PayloadError,
    parse_payload,
)

_FROM_BOARD: Final = "board →"
_FROM_HOST: Final = "host  →"


class Decoder:
    """Two directions of bytes in, lines out."""

    def __init__(self, *, keyed: bool) -> None:
        self._keyed = keyed
        self._readers = {True: FrameReader(), False: FrameReader()}

    def decode(self, from_board: bool, data: bytes) -> list[str]:
        """The lines that ``data`` completes."""
        who = _FROM_BOARD if from_board else _FROM_HOST
        return [
            f"{who} {self._line(from_board, piece)}"
            for piece in self._readers[from_board].feed(data)
        ]

    def _line(self, from_board: bool, piece: bytes) -> str:
        frame = parse_unverified(piece, keyed=self._keyed)
        if isinstance(frame, Fault):
            return f"no frame: {frame}, {len(piece)} bytes"
        try:
            payload = parse_payload(
                FROM_BOARD if from_board else FROM_HOST, frame.kind, frame.payload
            )
        except PayloadError as error:
            said = f"no payload: {error}"
        else:
            said = _shown(payload)
        return f"link {frame.link:08x} #{frame.sequence} {said}"


def _shown(payload: Payload) -> str:
    name = type(payload).__name__
    if isinstance(payload, Badge):
        return f"{name} {'of ' + str(len(payload.uid)) + ' bytes' if payload.uid else 'removed'}"
    parts = [f"{part.name}={_value(getattr(payload, part.name))}" for part in fields(payload)]
    return " ".join([name, *parts])


def _value(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Flag):
        return "+".join(member.name or "" for member in value) or "NONE"
    return str(getattr(value, "name", value))
