"""`Board`: the board's own logic, as the firmware in ``reference/`` has it in C. Pure.

Guarantees: an output has power only within a lease that a host on an open link renewed, for
`HARD_LIMIT_MS` at the most, and never while the case is open; a greeting, a cut, silence and the
end of the lease take it away. Bytes, switches and milliseconds in, bytes and outputs out.
Leaves to others: pins, clocks and bytes (`simulator`; on the microcontroller, the vendor's port).
The rules are those of docs/bridge-protocol.md, number by number.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from firmware_bridge.framing import (
    NO_LINK,
    Fault,
    Frame,
    FrameReader,
    Keys,
    encode_frame,
    parse_frame,
)
from firmware_bridge.payloads import (
    FROM_HOST,
    HARD_LIMIT_MS,
    VERSION,
    Ask,
    Badge,
    BoardAck,
    Boot,
    Cause,
    Cut,
    Hello,
    HostAck,
    Lamp,
    LampCode,
    Opening,
    Output,
    Panic,
    Payload,
    PayloadError,
    Renew,
    Result,
    State,
    UnknownKindError,
    Welcome,
    link_of,
    parse_payload,
)

REPEAT_MS: Final = 80
STATE_MS: Final = 500
SILENCE_MS: Final = 1500


@dataclass(frozen=True, slots=True)
class Identity:
    """What a board says of itself."""

    board: bytes = bytes(8)
    firmware: tuple[int, int, int] = (1, 0, 0)
    lowest: int = VERSION
    highest: int = VERSION


@dataclass(slots=True)
class Wiring:
    """What hangs on the board: how the booth stands, and how true its power relay is."""

    lifted: bool = False
    open: Opening = Opening.NONE
    temperature_dc: int | None = 250
    welded: Output = Output.NONE
    """Outputs that have power whatever the relay does."""
    dead: Output = Output.NONE
    """Outputs that never have."""


@dataclass(slots=True)
class _Flight:
    payload: Payload
    sequence: int
    again_at: int


@dataclass(slots=True)
class Board:
    """One board; times are milliseconds of its own clock, which began when it did."""

    identity: Identity
    nonces: Callable[[], bytes]
    shared_key: bytes | None = None
    wiring: Wiring = field(default_factory=Wiring)

    driven: Output = Output.NONE
    lamp: LampCode = LampCode.FAULT
    badge: bytes = b""
    panics: int = 0
    _lease_end: int = 0
    _reader: FrameReader = field(default_factory=FrameReader)
    _keys: Keys | None = None
    _out: bytearray = field(default_factory=bytearray)
    _link: int = NO_LINK
    _host_nonce: bytes = b""
    _board_nonce: bytes = b""
    _heard_at: int = 0
    _received: int = 0
    _result: Result = Result.DONE
    _sent: int = 0
    _flight: _Flight | None = None
    _state_due: bool = False
    _state_at: int = 0
    _badge_due: bool = False
    _panic_due: bool = False
    _shown: tuple[object, ...] = ()

    def begin(self, cause: Cause) -> None:
        """The board has power again; everything else it has forgotten."""
        self._keys = None if self.shared_key is None else Keys.greeting_only(self.shared_key)
        self._put(Boot(cause), NO_LINK, 0)

    @property
    def sensed(self) -> Output:
        """Where there is power."""
        return (self.driven | self.wiring.welded) & ~self.wiring.dead

    def show_badge(self, uid: bytes) -> None:
        """A badge lies on the reader; without a UID: none does."""
        if uid != self.badge:
            self.badge = uid
            self._badge_due = self._link != NO_LINK

    def press_panic(self) -> None:
        """The button was pressed: the lamp calls at once, the host hears when it can."""
        self.panics = (self.panics + 1) % 256
        self._panic_due = True
        self.lamp = LampCode.ATTENTION

    def receive(self, data: bytes, now: int) -> None:
        """Bytes of the line."""
        for piece in self._reader.feed(data):
            frame = parse_frame(piece, self._keys)
            if not isinstance(frame, Fault):
                self._hear(frame, now)
        self.advance(now)

    def advance(self, now: int) -> None:
        """Let time and switches act."""
        if self.driven and (now >= self._lease_end or Opening.CASE in self.wiring.open):
            self._cut()
        if self._link == NO_LINK:
            return
        if now - self._heard_at >= SILENCE_MS:
            self._close()
            return
        shown = (
            self.wiring.lifted, self.wiring.open, self.driven, self.sensed, self.panics, self.lamp
        )  # fmt: skip
        if shown != self._shown or now >= self._state_at:
            self._shown, self._state_due = shown, True
            self._state_at = now + STATE_MS
        self._speak(now)

    def take_outgoing(self) -> bytes:
        """The bytes to send now, once."""
        data = bytes(self._out)
        self._out.clear()
        return data

    # ── hearing ────────────────────────────────────────────────────────────────────────────
    def _hear(self, frame: Frame, now: int) -> None:
        payload: Payload | None = None
        try:
            payload = parse_payload(FROM_HOST, frame.kind, frame.payload)
            result = Result.DONE
        except UnknownKindError:
            result = Result.UNKNOWN
        except PayloadError:
            result = Result.MALFORMED
        if frame.link == NO_LINK:
            if isinstance(payload, Hello):
                self._greeted(payload, now)
            return
        if frame.link != self._link or isinstance(payload, Hello):
            return
        if frame.kind == HostAck.kind:
            self._heard_at = now
            if self._flight is not None and self._flight.sequence == frame.sequence:
                self._flight = None
            return
        if frame.sequence < self._received:
            return
        self._heard_at = now
        if frame.sequence > self._received:
            self._received = frame.sequence
            self._result = result if payload is None else self._act(payload, now)
        self._put(BoardAck(self._result), self._link, frame.sequence)

    def _greeted(self, hello: Hello, now: int) -> None:
        version = min(hello.highest, self.identity.highest)
        if version < max(hello.lowest, self.identity.lowest):
            version = 0
        if self._link == NO_LINK or hello.nonce != self._host_nonce:
            self._close()
            self._host_nonce, self._board_nonce = hello.nonce, self.nonces()
            if version:
                self._link = link_of(self._host_nonce, self._board_nonce)
        self._heard_at = self._state_at = now
        identity = self.identity
        self._put(
            Welcome(
                version,
                identity.lowest,
                identity.highest,
                self._host_nonce,
                self._board_nonce,
                identity.board,
                identity.firmware,
            ),
            NO_LINK,
            0,
        )
        if version and self.shared_key is not None:
            self._keys = Keys.of_link(self.shared_key, self._host_nonce, self._board_nonce)
        self._badge_due = bool(version and self.badge)

    def _act(self, payload: Payload, now: int) -> Result:
        match payload:
            case Renew(outputs=outputs, duration_ms=duration_ms):
                if Opening.CASE in self.wiring.open:
                    return Result.REFUSED
                self.driven = outputs if duration_ms else Output.NONE
                self._lease_end = now + min(duration_ms, HARD_LIMIT_MS)
            case Cut():
                self._cut()
                self._state_due = True
            case Lamp(lamp=lamp):
                self.lamp = lamp
            case Ask():
                self._state_due = True
        return Result.DONE

    def _cut(self) -> None:
        self.driven = Output.NONE

    def _close(self) -> None:
        self._cut()
        self._link = NO_LINK
        if self._flight is not None and isinstance(self._flight.payload, Panic):
            self._panic_due = True  # the next host must hear of it
        self._flight = None
        self._received = self._sent = 0
        self._state_due = self._badge_due = False
        self.lamp = LampCode.FAULT
        if self.shared_key is not None:
            self._keys = Keys.greeting_only(self.shared_key)

    # ── saying ─────────────────────────────────────────────────────────────────────────────
    def _speak(self, now: int) -> None:
        """Panic before badge before state; one at a time, each until the host has it."""
        flight = self._flight
        if flight is not None:
            if isinstance(flight.payload, Panic):
                void = False
            elif isinstance(flight.payload, Badge):
                void = self._badge_due
            else:  # a state is not repeated but said anew
                void = self._panic_due or self._badge_due or now >= flight.again_at
                self._state_due = self._state_due or void
            if void:
                self._flight = None
            elif now >= flight.again_at:
                flight.again_at = now + REPEAT_MS
                self._put(flight.payload, self._link, flight.sequence)
        if self._flight is not None:
            return
        if self._panic_due:
            self._panic_due = False
            self._say(Panic(self.panics), now)
        elif self._badge_due:
            self._badge_due = False
            self._say(Badge(self.badge), now)
        elif self._state_due:
            self._state_due = False
            self._state_at = now + STATE_MS
            self._say(self.state(now), now)

    def state(self, now: int) -> State:
        """All that the board knows."""
        return State(
            lifted=self.wiring.lifted,
            open=self.wiring.open,
            driven=self.driven,
            sensed=self.sensed,
            lease_left_ms=self._lease_end - now if self.driven else 0,
            temperature_dc=self.wiring.temperature_dc,
            panics=self.panics,
            lamp=self.lamp,
            uptime_s=now // 1000,
        )

    def _say(self, payload: Payload, now: int) -> None:
        self._sent += 1
        self._flight = _Flight(payload, self._sent, now + REPEAT_MS)
        self._put(payload, self._link, self._sent)

    def _put(self, payload: Payload, link: int, sequence: int) -> None:
        self._out += encode_frame(Frame(payload.kind, link, sequence, payload.pack()), self._keys)
