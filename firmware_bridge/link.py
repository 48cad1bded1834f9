"""`Link`: the host's end of the conversation with a board: greeting, order, repetition. Pure.

Guarantees: one command is under way at a time and ends in exactly one `Done` or `Failed`; a command
is repeated `TRIES` times, `RETRY_S` apart, and a renewal that is repeated or had to wait gives only
what is left of it; `Cut` waits for nothing; a frame of another link, an old one or a copy is never
acted on; without a word from the board for `SILENCE_S` the link falls.
Leaves to others: the port (`port`), what the board's words mean (`device`). Times are seconds of
one monotonic clock.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
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
    FROM_BOARD,
    VERSION,
    BoardAck,
    Boot,
    Cut,
    Hello,
    HostAck,
    Payload,
    PayloadError,
    Renew,
    Result,
    UnknownKindError,
    Welcome,
    link_of,
    parse_payload,
)

RETRY_S: Final = 0.08
TRIES: Final = 3
GREETING_S: Final = 0.25
UNANSWERED: Final = 6
"""Greetings without an answer after which somebody should know."""
SILENCE_S: Final = 1.2
"""A board speaks twice a second."""
MAX_WAITING: Final = 8


class Reason(StrEnum):
    """Why a command came to nothing."""

    NO_LINK = "NO_LINK"
    NO_ANSWER = "NO_ANSWER"
    OVERTAKEN = "OVERTAKEN"
    """A later command made it void, or it had waited too long to matter."""
    TOO_MANY = "TOO_MANY"
    UNKNOWN = "UNKNOWN"
    MALFORMED = "MALFORMED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Happening:
    """Anything that the link has to say."""


@dataclass(frozen=True, slots=True)
class Greeted(Happening):
    """A board of our version has answered; the link is open."""

    welcome: Welcome


@dataclass(frozen=True, slots=True)
class Mismatched(Happening):
    """A board has answered and speaks none of our versions."""

    welcome: Welcome


@dataclass(frozen=True, slots=True)
class Unanswered(Happening):
    """Nobody answers the greeting; ``bytes_heard`` tells a dumb port from another device."""

    bytes_heard: int


@dataclass(frozen=True, slots=True)
class Heard(Happening):
    """The board says something new."""

    payload: Payload


@dataclass(frozen=True, slots=True)
class Done(Happening):
    """The board has carried the command out."""

    command: Payload


@dataclass(frozen=True, slots=True)
class Failed(Happening):
    """The command came to nothing, or nobody can tell."""

    command: Payload
    reason: Reason


@dataclass(frozen=True, slots=True)
class Fell(Happening):
    """The link is gone and is being greeted anew; ``boot`` when the board has said why."""

    boot: Boot | None


@dataclass(slots=True)
class _Flight:
    """The command that is under way."""

    command: Payload
    sequence: int
    asked_at: float
    tries: int
    again_at: float


class Link:
    """Bytes and time in, bytes and happenings out."""

    def __init__(self, nonces: Callable[[], bytes], shared_key: bytes | None = None) -> None:
        """``nonces`` gives eight random bytes, never the same again."""
        self.faults: dict[Fault, int] = dict.fromkeys(Fault, 0)
        """What was heard and was no frame."""
        self._nonces = nonces
        self._shared = shared_key
        self._reader = FrameReader()
        self._keys = None if shared_key is None else Keys.greeting_only(shared_key)
        self._out = bytearray()
        self._nonce = b""
        self._number = NO_LINK
        self._greet_at: float | None = None
        self._greetings = 0
        self._bytes_heard = 0
        self._silent_at = 0.0
        self._sent = 0
        self._received = 0
        self._flight: _Flight | None = None
        self._waiting: deque[tuple[Payload, float]] = deque()

    @property
    def is_open(self) -> bool:
        """Whether a board has answered and has not fallen silent."""
        return self._number != NO_LINK

    def open(self, now: float) -> None:
        """The port is open: begin to greet."""
        self._reader.forget()
        self._reset()
        self._greet(now)

    def close(self) -> list[Happening]:
        """The port is gone: fail what is under way, say nothing more."""
        failed = self._fail_all()
        self._reset()
        self._greet_at = None
        self._out.clear()
        return failed

    def send(self, command: Payload, now: float) -> list[Happening]:
        """Say ``command``, after those before it."""
        if not self.is_open:
            return [Failed(command, Reason.NO_LINK)]
        happened: list[Happening] = []
        if isinstance(command, Cut | Renew):
            happened += self._make_void()
        if isinstance(command, Cut):
            self._put_back()
            self._waiting.appendleft((command, now))
        elif len(self._waiting) >= MAX_WAITING:
            happened.append(Failed(command, Reason.TOO_MANY))
        else:
            self._waiting.append((command, now))
        return [*happened, *self._take_off(now)]

    def receive(self, data: bytes, now: float) -> list[Happening]:
        """What the board's bytes mean."""
        self._bytes_heard += len(data)
        happened: list[Happening] = []
        for piece in self._reader.feed(data):
            frame = parse_frame(piece, self._keys)
            if isinstance(frame, Fault):
                self.faults[frame] += 1
            else:
                happened += self._hear(frame, now)
        return happened

    def advance(self, now: float) -> list[Happening]:
        """What the time means."""
        if self._greet_at is not None and now >= self._greet_at:
            return self._greet(now)
        if not self.is_open:
            return []
        if now >= self._silent_at:
            return self._fall(None, now)
        flight = self._flight
        if flight is None or now < flight.again_at:
            return []
        if flight.tries >= TRIES:
            self._flight = None
            return [Failed(flight.command, Reason.NO_ANSWER), *self._take_off(now)]
        self._transmit(flight, now)
        return []

    def next_deadline(self) -> float | None:
        """When `advance` has something to do."""
        if self._greet_at is not None:
            return self._greet_at
        if not self.is_open:
            return None
        if self._flight is None:
            return self._silent_at
        return min(self._silent_at, self._flight.again_at)

    def take_outgoing(self) -> bytes:
        """The bytes to send now, once."""
        data = bytes(self._out)
        self._out.clear()
        return data

    # ── greeting ───────────────────────────────────────────────────────────────────────────
    def _greet(self, now: float) -> list[Happening]:
        happened: list[Happening] = []
        if self._greetings and self._greetings % UNANSWERED == 0:
            happened.append(Unanswered(self._bytes_heard))
            self._bytes_heard = 0
        self._greetings += 1
        self._greet_at = now + GREETING_S
        self._put(Hello(VERSION, VERSION, self._nonce), NO_LINK, 0)
        return happened

    def _welcomed(self, welcome: Welcome, now: float) -> list[Happening]:
        if self._greet_at is None or welcome.host_nonce != self._nonce:
            return []  # an answer to somebody else's greeting, or a second one to ours
        if welcome.version != VERSION:
            self._greet_at = now + GREETING_S * UNANSWERED
            return [Mismatched(welcome)]
        self._number = link_of(self._nonce, welcome.board_nonce)
        if self._shared is not None:
            self._keys = Keys.of_link(self._shared, self._nonce, welcome.board_nonce)
        self._greet_at = None
        self._silent_at = now + SILENCE_S
        return [Greeted(welcome)]

    def _booted(self, boot: Boot, now: float) -> list[Happening]:
        if self.is_open:
            return self._fall(boot, now)
        if self._greet_at is not None:
            self._greet_at = now  # it has missed our greeting
        return []

    def _fall(self, boot: Boot | None, now: float) -> list[Happening]:
        failed = self._fail_all()
        self._reset()
        self._greet(now)
        return [*failed, Fell(boot)]

    def _reset(self) -> None:
        self._nonce = self._nonces()
        self._number = NO_LINK
        self._keys = None if self._shared is None else Keys.greeting_only(self._shared)
        self._greetings = self._bytes_heard = self._sent = self._received = 0

    # ── hearing ────────────────────────────────────────────────────────────────────────────
    def _hear(self, frame: Frame, now: float) -> list[Happening]:
        try:
            payload: Payload | None = parse_payload(FROM_BOARD, frame.kind, frame.payload)
            result = Result.DONE
        except UnknownKindError:
            payload, result = None, Result.UNKNOWN
        except PayloadError:
            payload, result = None, Result.MALFORMED
        if frame.link == NO_LINK:
            if isinstance(payload, Welcome):
                return self._welcomed(payload, now)
            return self._booted(payload, now) if isinstance(payload, Boot) else []
        if frame.link != self._number or isinstance(payload, Welcome | Boot):
            return []
        self._silent_at = now + SILENCE_S
        if isinstance(payload, BoardAck):
            return self._acknowledged(frame.sequence, payload.result, now)
        if frame.kind == BoardAck.kind or frame.sequence < self._received:
            return []
        self._put(HostAck(result), self._number, frame.sequence)
        if frame.sequence == self._received or payload is None:
            return []
        self._received = frame.sequence
        return [Heard(payload)]

    def _acknowledged(self, sequence: int, result: Result, now: float) -> list[Happening]:
        flight = self._flight
        if flight is None or flight.sequence != sequence:
            return []
        self._flight = None
        ended: Happening = Done(flight.command)
        if result is not Result.DONE:
            ended = Failed(flight.command, Reason[result.name])
        return [ended, *self._take_off(now)]

    # ── saying ─────────────────────────────────────────────────────────────────────────────
    def _take_off(self, now: float) -> list[Happening]:
        """Begin with the next command, if none is under way."""
        happened: list[Happening] = []
        while self._flight is None and self._waiting:
            command, asked_at = self._waiting.popleft()
            late = command.aged(_ms(now - asked_at))
            if isinstance(late, Renew) and late.duration_ms == 0:
                happened.append(Failed(command, Reason.OVERTAKEN))
                continue
            self._sent += 1
            self._flight = _Flight(command, self._sent, asked_at, 0, now)
            self._transmit(self._flight, now)
        return happened

    def _transmit(self, flight: _Flight, now: float) -> None:
        flight.tries += 1
        flight.again_at = now + RETRY_S
        self._put(flight.command.aged(_ms(now - flight.asked_at)), self._number, flight.sequence)

    def _make_void(self) -> list[Happening]:
        """Give up every renewal: a later word says it better."""
        void = [command for command, _ in self._waiting if isinstance(command, Renew)]
        self._waiting = deque(entry for entry in self._waiting if not isinstance(entry[0], Renew))
        if self._flight is not None and isinstance(self._flight.command, Renew):
            void.append(self._flight.command)
            self._flight = None
        return [Failed(command, Reason.OVERTAKEN) for command in void]

    def _put_back(self) -> None:
        """Let what is under way be said again later: commands may be carried out twice."""
        if self._flight is not None:
            self._waiting.appendleft((self._flight.command, self._flight.asked_at))
            self._flight = None

    def _fail_all(self) -> list[Happening]:
        commands = [command for command, _ in self._waiting]
        if self._flight is not None:
            commands.insert(0, self._flight.command)
        self._waiting.clear()
        self._flight = None
        return [Failed(command, Reason.NO_LINK) for command in commands]

    def _put(self, payload: Payload, link: int, sequence: int) -> None:
        self._out += encode_frame(Frame(payload.kind, link, sequence, payload.pack()), self._keys)


def _ms(seconds: float) -> int:
    return -int(-seconds * 1000 // 1)  # rounded up: late is late
