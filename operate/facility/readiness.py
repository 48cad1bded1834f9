"""When the facility can be used: asked of the relay itself, over its local socket.

Guarantees: `missing` names what is not ready yet in words for the terminal, and is empty only
when the relay takes requests and every named kiosk is connected with its engine running and a
camera and a microphone that work, as the policy will ask; the relay being away is an answer, not
an error. Leaves to others: starting things, and how often to ask.
"""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from pydantic import BaseModel, TypeAdapter, ValidationError

from visit_protocol.vocabulary import DeviceState

_TIMEOUT_S: Final = 2.0
_TERMINALS: Final = "/api/v1/terminals"
_WORKING: Final = frozenset({DeviceState.OK, DeviceState.SYNTHETIC})


class BoardSight(BaseModel):
    """What the relay has heard of a terminal's board."""

    loss: str | None


class TerminalSight(BaseModel):
    """What the relay sees of a terminal; further fields are for others."""

    id: str
    connected: bool
    engine: bool
    camera: DeviceState
    microphone: DeviceState
    board: BoardSight | None = None
    """None where there is none, and until the kiosk has told of it."""


_sights: Final = TypeAdapter(list[TerminalSight])


class LocalRelay:
    """The relay behind ``socket``."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def missing(self, terminals: Sequence[str]) -> list[str]:
        """What is still missing before a visit at each of ``terminals`` can be joined."""
        return await asyncio.to_thread(self._missing, terminals)

    def _missing(self, terminals: Sequence[str]) -> list[str]:
        try:
            if self._get("/readyz")[0] != HTTPStatus.OK:
                return ["the relay is not ready"]
            seen = {sight.id: sight for sight in _sights.validate_json(self._get(_TERMINALS)[1])}
        except (OSError, HTTPException, ValidationError):
            return ["the relay does not answer"]
        return [fault for terminal in terminals if (fault := _fault(terminal, seen))]

    def _get(self, path: str) -> tuple[int, bytes]:
        """Status and body of what the relay answers."""
        with closing(_LocalConnection(self._socket)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()


class _LocalConnection(HTTPConnection):
    """HTTP over a UNIX socket.

    From the standard library: loading httpx would be a sixth of what this program does to start.
    """

    def __init__(self, path: Path) -> None:
        super().__init__("relay", timeout=_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        """Connect to the file in place of the host."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_TIMEOUT_S)
        self.sock.connect(str(self._path))


def _fault(terminal: str, seen: dict[str, TerminalSight]) -> str | None:
    sight = seen.get(terminal)
    if sight is None or not sight.connected:
        return f"kiosk {terminal} is not connected"
    if not sight.engine:
        return f"kiosk {terminal}'s media engine is not running"
    for device, state in (("camera", sight.camera), ("microphone", sight.microphone)):
        if state not in _WORKING:
            return f"kiosk {terminal}'s {device} is {state}; see {device}.device in its kiosk.toml"
    if sight.board is not None and sight.board.loss is not None:
        return f"kiosk {terminal}'s board is away: {sight.board.loss}"
    return None
