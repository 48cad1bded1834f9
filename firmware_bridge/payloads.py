"""What host and board say to each other: one frozen dataclass for each kind of frame. Pure.

Guarantees: `pack` and `parse_payload` are inverse; a payload of another length, an unknown code or
a set bit without meaning is refused, never guessed at. Integers are little-endian.
Leaves to others: frames (`framing`), order and repetition (`link`).
"""

import struct
from dataclasses import dataclass, replace
from enum import IntEnum, IntFlag
from typing import ClassVar, Final, Self

VERSION: Final = 1
"""The version of this vocabulary; a greeting settles on one that both ends speak."""
LEASE_MS: Final = 600
"""For how long a renewal gives power."""
HARD_LIMIT_MS: Final = 1500
"""No board gives power for longer than this, whatever it is asked."""
NONCE_BYTES: Final = 8
BOARD_ID_BYTES: Final = 8
MAX_UID: Final = 10
"""A badge's UID has 4, 7 or 10 bytes (ISO/IEC 14443-3)."""
NO_TEMPERATURE: Final = 0x7FFF


class PayloadError(Exception):
    """A frame was whole, yet what it says has no meaning."""


class UnknownKindError(PayloadError):
    """No frame of that kind goes this way."""


class Output(IntFlag):
    """What the board holds the power of."""

    NONE = 0
    CAMERA = 1
    MICROPHONE = 2


class Opening(IntFlag):
    """What stands open that should be shut."""

    NONE = 0
    DOOR = 1
    CASE = 2


class LampCode(IntEnum):
    """What the lamp over the booth says."""

    OFF = 0
    FREE = 1
    OCCUPIED = 2
    ATTENTION = 3
    FAULT = 4


class Result(IntEnum):
    """How a frame was received."""

    DONE = 0
    UNKNOWN = 1
    MALFORMED = 2
    REFUSED = 3


class Cause(IntEnum):
    """Why a board began anew."""

    POWER = 0
    BROWN_OUT = 1
    WATCHDOG = 2
    COMMANDED = 3


@dataclass(frozen=True, slots=True)
class Payload:
    """Anything that is said."""

    kind: ClassVar[int]

    def pack(self) -> bytes:
        """The payload's bytes."""
        return b""

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """The payload in ``data``.

        Raises:
            ValueError: it has none of these.
        """
        if data:
            raise ValueError("length")
        return cls()

    def aged(self, ms: int) -> "Payload":
        """What is to be said when it is said ``ms`` later than meant."""
        del ms
        return self


# ── host → board ───────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Hello(Payload):
    """A host has come: end every older link and its power."""

    kind: ClassVar[int] = 0x01
    lowest: int
    highest: int
    nonce: bytes

    def pack(self) -> bytes:  # noqa: D102
        return bytes((self.lowest, self.highest)) + self.nonce

    @classmethod
    def unpack(cls, data: bytes) -> Self:  # noqa: D102
        _require(len(data) == 2 + NONCE_BYTES)
        return cls(data[0], data[1], data[2:])


@dataclass(frozen=True, slots=True)
class Renew(Payload):
    """Give power to exactly ``outputs`` for so long from now."""

    kind: ClassVar[int] = 0x02
    outputs: Output
    duration_ms: int = LEASE_MS

    def pack(self) -> bytes:  # noqa: D102
        return struct.pack("<BH", self.outputs, self.duration_ms)

    @classmethod
    def unpack(cls, data: bytes) -> Self:  # noqa: D102
        _require(len(data) == 3)
        outputs, duration_ms = struct.unpack("<BH", data)
        return cls(_outputs(outputs), duration_ms)

    def aged(self, ms: int) -> Payload:
        """A renewal that comes late gives only what is left of it."""
        return replace(self, duration_ms=max(0, self.duration_ms - ms))


@dataclass(frozen=True, slots=True)
class Cut(Payload):
    """Take all power away now."""

    kind: ClassVar[int] = 0x03


@dataclass(frozen=True, slots=True)
class Lamp(Payload):
    """Show that."""

    kind: ClassVar[int] = 0x04
    lamp: LampCode

    def pack(self) -> bytes:  # noqa: D102
        return bytes((self.lamp,))

    @classmethod
    def unpack(cls, data: bytes) -> Self:  # noqa: D102
        _require(len(data) == 1)
        return cls(LampCode(data[0]))


@dataclass(frozen=True, slots=True)
class Ask(Payload):
    """Send your state now."""

    kind: ClassVar[int] = 0x05


@dataclass(frozen=True, slots=True)
class HostAck(Payload):
    """The host has the board's frame of this sequence number."""

    kind: ClassVar[int] = 0x0F
    result: Result

    def pack(self) -> bytes:  # noqa: D102
        return bytes((self.result,))

    @classmethod
    def unpack(cls, data: bytes) -> Self:  # noqa: D102
        _require(len(data) == 1)
        return cls(Result(data[0]))


# ── board → host ───────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Welcome(Payload):
    """The answer to a greeting; ``version`` 0 means that there is none that both speak."""

    kind: ClassVar[int] = 0x81
    version: int
    lowest: int
    highest: int
    host_nonce: bytes
    board_nonce: bytes
    board: bytes
    firmware: tuple[int, int, int]

    def pack(self) -> bytes:  # noqa: D102
        head = bytes((self.version, self.lowest, self.highest))
        return head + self.host_nonce + self.board_nonce + self.board + bytes(self.firmware)

    @classmethod
    def unpack(cls, data: bytes) -> Self:  # noqa: D102
        _require(len(data) == 6 + 2 * NONCE_BYTES + BOARD_ID_BYTES)
        version, lowest, highest = data[:3]
        firmware = (data[27], data[28], data[29])
        return cls(version, lowest, highest, data[3:11], data[11:19], data[19:27], firmware)


@dataclass(frozen=True, slots=True)
class State(Payload):
    """All that the board knows; said when it changes, when asked, and twice a second."""

    kind: ClassVar[int] = 0x82
    lifted: bool = False
    """The handset is off its hook."""
    open: Opening = Opening.NONE
    driven: Output = Output.NONE
    """What the board's relay gives power to."""
    sensed: Output = Output.NONE
    """Where there is power behind the relay, measured."""
    lease_left_ms: int = 0
    temperature_dc: int | None = None
    """Tenths of a degree Celsius."""
    panics: int = 0
    """How often the panic button was pressed since the board began, modulo 256."""
    lamp: LampCode = LampCode.OFF
    uptime_s: int = 0

    _LAYOUT: ClassVar[struct.Struct] = struct.Struct("<BBBBHhBBI")

    def pack(self) -> bytes:  # noqa: D102
        return self._LAYOUT.pack(
            self.lifted,
            self.open,
            self.driven,
            self.sensed,
            self.lease_left_ms,
            NO_TEMPERATURE if self.temperature_dc is None else self.temperature_dc,
            self.panics,
            self.lamp,
            self.uptime_s,
        )

    @classmethod
    def unpack(cls, data: bytes) -> Self:  # noqa: D102
        _require(len(data) == cls._LAYOUT.size)
        lifted, opened, driven, sensed, left, temperature, panics, lamp, uptime = (
            cls._LAYOUT.unpack(data)
        )
        _require(lifted <= 1 and opened <= 3)
        return cls(
            bool(lifted),
            Opening(opened),
            _outputs(driven),
            _outputs(sensed),
            left,
            None if temperature == NO_TEMPERATURE else temperature,
            panics,
            LampCode(lamp),
            uptime,
        )


@dataclass(frozen=True, slots=True)
class Badge(Payload):
    """A badge lies on the reader; without a UID: it has been taken away."""

    kind: ClassVar[int] = 0x83
    uid: bytes = b""

    def pack(self) -> bytes:  # noqa: D102
        return self.uid

    @classmethod
    def unpack(cls, data: bytes) -> Self:  # noqa: D102
        _require(len(data) in (0, 4, 7, MAX_UID))
        return cls(data)


@dataclass(frozen=True, slots=True)
class Panic(Payload):
    """The panic button was pressed; repeated until the host has it."""

    kind: ClassVar[int] = 0x84
    panics: int

    def pack(self) -> bytes:  # noqa: D102
        return bytes((self.panics,))

    @classmethod
    def unpack(cls, data: bytes) -> Self:  # noqa: D102
        _require(len(data) == 1)
        return cls(data[0])


@dataclass(frozen=True, slots=True)
class Boot(Payload):
    """The board has begun anew: no link is open and nothing has power."""

    kind: ClassVar[int] = 0x8E
    cause: Cause

    def pack(self) -> bytes:  # noqa: D102
        return bytes((self.cause,))

    @classmethod
    def unpack(cls, data: bytes) -> Self:  # noqa: D102
        _require(len(data) == 1)
        return cls(Cause(data[0]))


@dataclass(frozen=True, slots=True)
class BoardAck(HostAck):
    """The board has the host's frame of this sequence number, and what came of it."""

    kind: ClassVar[int] = 0x8F


FROM_HOST: Final[dict[int, type[Payload]]] = {
    part.kind: part for part in (Hello, Renew, Cut, Lamp, Ask, HostAck)
}
FROM_BOARD: Final[dict[int, type[Payload]]] = {
    part.kind: part for part in (Welcome, State, Badge, Panic, Boot, BoardAck)
}


def parse_payload(vocabulary: dict[int, type[Payload]], kind: int, data: bytes) -> Payload:
    """What a frame of ``kind`` says.

    Raises:
        UnknownKindError: ``vocabulary`` has no such kind.
        PayloadError: the bytes are not of that kind.
    """
    part = vocabulary.get(kind)
    if part is None:
        raise UnknownKindError(f"kind {kind:#04x}")
    try:
        return part.unpack(data)
    except ValueError as error:
        raise PayloadError(f"{part.__name__}: {error}") from error


def link_of(host_nonce: bytes, board_nonce: bytes) -> int:
    """The number of the link that these two open; never `framing.NO_LINK`."""
    pairs = zip(host_nonce[:4], board_nonce[:4], strict=True)
    return int.from_bytes(bytes(a ^ b for a, b in pairs), "little") or 1


def _outputs(bits: int) -> Output:
    _require(bits <= 3)
    return Output(bits)


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("not of this kind")
