"""A simulated board's control socket: script lines in, how the board stands out.

Guarantees: whoever connects is told at once how the board stands, and again at each change; a line
that means nothing is answered and changes nothing; nobody is waited for. Leaves to others: what a
line does (`simulator`), who types it (`panel`).
"""

import asyncio
import contextlib
import json
import socket
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, Protocol, Self

from firmware_bridge.payloads import Opening, Output
from firmware_bridge.simulator import Simulator

MAX_UNSENT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Stand:
    """How a simulated board stands."""

    plugged: bool
    camera_driven: bool
    microphone_driven: bool
    camera_sensed: bool
    microphone_sensed: bool
    lamp: str
    lifted: bool
    badge: str
    panics: int
    door_open: bool
    case_open: bool
    welded: bool
    noise: float
    silent: bool
    wrong_version: bool

    @classmethod
    def of(cls, simulator: Simulator) -> Self:
        """How ``simulator`` stands now."""
        board, wiring = simulator.board, simulator.board.wiring
        return cls(
            plugged=simulator.plugged,
            camera_driven=Output.CAMERA in board.driven,
            microphone_driven=Output.MICROPHONE in board.driven,
            camera_sensed=Output.CAMERA in board.sensed,
            microphone_sensed=Output.MICROPHONE in board.sensed,
            lamp=board.lamp.name,
            lifted=wiring.lifted,
            badge=board.badge.hex(),
            panics=board.panics,
            door_open=Opening.DOOR in wiring.open,
            case_open=Opening.CASE in wiring.open,
            welded=bool(wiring.welded),
            noise=simulator.noise,
            silent=simulator.silent,
            wrong_version=simulator.wrong_version,
        )

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """How the board stands that says ``line``.

        Raises:
            ValueError: it says nothing of the kind.
        """
        values = json.loads(line)
        if not isinstance(values, dict) or values.keys() != {field.name for field in fields(cls)}:
            raise ValueError("not how a board stands")
        return cls(**values)


class Handle(Protocol):
    """A simulated board in somebody's hand."""

    @property
    def stand(self) -> Stand:
        """How the board stands, as far as is known."""
        ...

    def say(self, line: str) -> None:
        """Carry out one line of a script."""
        ...


class OwnHandle:
    """A board in this process."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    @property
    def stand(self) -> Stand:
        """How the board stands."""
        return Stand.of(self._simulator)

    def say(self, line: str) -> None:
        """Carry out one line of a script."""
        self._simulator.obey(line.split())


class FarHandle:
    """A board in another process."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.stand: Stand

    @classmethod
    async def take(cls, path: Path) -> Self:
        """The board whose control socket is ``path``.

        Raises:
            OSError: nobody listens there.
            ValueError: what listens is no simulated board.
        """
        handle = cls(*await asyncio.open_unix_connection(path))
        handle.stand = Stand.parse(await handle._reader.readline())
        return handle

    async def follow(self) -> None:
        """Keep `stand` up to date until the board is gone."""
        while line := await self._reader.readline():
            with contextlib.suppress(ValueError):  # the answer to a line that meant nothing
                self.stand = Stand.parse(line)

    def close(self) -> None:
        """Let go of it."""
        self._writer.transport.abort()

    def say(self, line: str) -> None:
        """Carry out one line of a script."""
        self._writer.write(line.encode() + b"\n")


class ControlServer:
    """The control socket of one simulated board."""

    def __init__(self) -> None:
        self._hands: set[asyncio.StreamWriter] = set()
        self._told: Stand | None = None

    def changed(self, simulator: Simulator) -> None:
        """The board may stand otherwise now."""
        if not self._hands:
            return
        stand = Stand.of(simulator)
        if stand == self._told:
            return
        self._told = stand
        for writer in self._hands:
            if writer.transport.get_write_buffer_size() < MAX_UNSENT:
                _tell(writer, asdict(stand))

    async def serve(self, simulator: Simulator, listener: socket.socket) -> None:
        """Serve what `listen` made until cancelled."""

        async def hand(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._hands.add(writer)
            _tell(writer, asdict(Stand.of(simulator)))
            try:
                while line := await reader.readline():
                    try:
                        if words := line.decode().split():
                            simulator.obey(words)
                    except (ValueError, IndexError, KeyError):
                        _tell(writer, {"error": "means nothing"})
            except ConnectionError:
                pass  # it was somebody's terminal
            finally:
                self._hands.discard(writer)
                writer.transport.abort()

        server = await asyncio.start_unix_server(hand, sock=listener)
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            for writer in self._hands:
                writer.transport.abort()


def listen(path: Path) -> socket.socket:
    """A control socket that only its owner may open.

    Raises:
        OSError: it cannot be made.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path.unlink(missing_ok=True)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen()
    return listener


def _tell(writer: asyncio.StreamWriter, values: dict[str, object]) -> None:
    writer.write(json.dumps(values).encode() + b"\n")
