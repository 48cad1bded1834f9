"""A link and a board with a line between them, in a time of their own. No clock, no port."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from firmware_bridge.board import Board, Identity
from firmware_bridge.device import DeadlinePassed, Device, Effect, Order, Tell
from firmware_bridge.link import Happening, Link
from firmware_bridge.payloads import Cause, Output
from visit_protocol.bridge import FromBridge

Damage = Callable[[bytes], bytes]


def counted() -> Callable[[], bytes]:
    """Nonces that are never the same again."""
    numbers = iter(range(1, 1 << 30))
    return lambda: next(numbers).to_bytes(8, "big")


def whole(data: bytes) -> bytes:
    return data


def flips(rate: float, source: random.Random) -> Damage:
    """Every byte is another with that probability."""

    def damage(data: bytes) -> bytes:
        return bytes(source.randrange(256) if source.random() < rate else byte for byte in data)

    return damage


def bad_reads(rate: float, source: random.Random) -> Damage:
    """One byte of that share of reads is another."""

    def damage(data: bytes) -> bytes:
        if not data or source.random() >= rate:
            return data
        at = source.randrange(len(data))
        return data[:at] + bytes((source.randrange(256),)) + data[at + 1 :]

    return damage


@dataclass
class Wire:
    """Milliseconds pass one by one; what is said arrives in the next."""

    key: bytes | None = None
    identity: Identity = field(default_factory=Identity)
    to_board: Damage = whole
    to_host: Damage = whole
    now: int = 0
    powered: list[tuple[int, Output]] = field(default_factory=list)
    """When the board's outputs changed, and to what."""
    happened: list[Happening] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.link = Link(counted(), self.key)
        self.restart(Cause.POWER)
        self.link.open(0)

    def restart(self, cause: Cause) -> None:
        """The board has lost its power and has it again."""
        wiring = self.board.wiring if hasattr(self, "board") else None
        nonces = counted()
        self.board = Board(self.identity, lambda: bytes(reversed(nonces())), self.key)
        if wiring is not None:
            self.board.wiring = wiring
        self.board.begin(cause)

    def step(self) -> list[Happening]:
        """One millisecond."""
        self.now += 1
        told = self.link.take_outgoing()
        said = self.board.take_outgoing()
        self.board.receive(self.to_board(told), self.now)
        found = self.link.receive(self.to_host(said), self.now / 1000) if said else []
        deadline = self.link.next_deadline()
        if deadline is not None and deadline <= self.now / 1000:
            found += self.link.advance(self.now / 1000)
        if not self.powered or self.powered[-1][1] != self.board.sensed:
            self.powered.append((self.now, self.board.sensed))
        self.happened += found
        return found

    def run(self, ms: int) -> list[Happening]:
        return [happening for _ in range(ms) for happening in self.step()]

    def until(self, kind: type[Happening], ms: int = 5000) -> Happening:
        """The next happening of that kind."""
        for _ in range(ms):
            for happening in self.step():
                if isinstance(happening, kind):
                    return happening
        raise AssertionError(f"no {kind.__name__} in {ms} ms")


class Booth(Wire):
    """The same with a device behind the link, and what it tells the kiosk."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.device = Device()
        self.told: list[tuple[int, FromBridge]] = []

    def happen(self, *events: object) -> None:
        """Let the device handle them, and everything that follows."""
        waiting = list(events)
        while waiting:
            effects = self.device.handle(waiting.pop(0), self.now / 1000)  # type: ignore[arg-type]
            waiting += self._carry_out(effects)

    def _carry_out(self, effects: list[Effect]) -> Iterator[Happening]:
        for effect in effects:
            if isinstance(effect, Order):
                yield from self.link.send(effect.command, self.now / 1000)
            elif isinstance(effect, Tell):
                self.told.append((self.now, effect.message))

    def step(self) -> list[Happening]:
        found = super().step()
        self.happen(*found)
        deadline = self.device.next_deadline()
        if deadline is not None and deadline <= self.now / 1000:
            self.happen(DeadlinePassed())
        return found

    def messages(self, kind: type) -> list[FromBridge]:
        return [message for _, message in self.told if isinstance(message, kind)]
