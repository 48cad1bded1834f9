"""When the facility can be used: asked of the relay itself, over its local socket.

Guarantees: `missing` names what is not ready yet in words for the terminal, and is empty only
when the relay takes requests and every named kiosk is connected with its engine running and a
camera and a microphone that work, as the policy will ask; the relay being away is an answer, not
an error. Leaves to others: starting things, and how often to ask.
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from visit_protocol.vocabulary import DeviceState

_TIMEOUT_S: Final = 2.0
_WORKING: Final = frozenset({DeviceState.OK, DeviceState.SYNTHETIC})


class TerminalSight(BaseModel):
    """What the relay sees of a terminal; further fields are for others."""

    id: str
    connected: bool
    engine: bool
    camera: DeviceState
    microphone: DeviceState


_sights: Final = TypeAdapter(list[TerminalSight])


class LocalRelay:
    """The relay behind ``socket``; use it as an asynchronous context."""

    def __init__(self, socket: Path) -> None:
        self._client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(socket)),
            base_url="http://relay",
            timeout=_TIMEOUT_S,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def missing(self, terminals: Sequence[str]) -> list[str]:
        """What is still missing before a visit at each of ``terminals`` can be joined."""
        try:
            if (await self._client.get("/readyz")).status_code != httpx.codes.OK:
                return ["the relay is not ready"]
            answer = await self._client.get("/api/v1/terminals")
            seen = {sight.id: sight for sight in _sights.validate_json(_listed(answer))}
        except (httpx.HTTPError, ValidationError):
            return ["the relay does not answer"]
        return [fault for terminal in terminals if (fault := _fault(terminal, seen))]


def _listed(answer: httpx.Response) -> bytes:
    answer.raise_for_status()
    return answer.content


def _fault(terminal: str, seen: dict[str, TerminalSight]) -> str | None:
    sight = seen.get(terminal)
    if sight is None or not sight.connected:
        return f"kiosk {terminal} is not connected"
    if not sight.engine:
        return f"kiosk {terminal}'s media engine is not running"
    for device, state in (("camera", sight.camera), ("microphone", sight.microphone)):
        if state not in _WORKING:
            return f"kiosk {terminal}'s {device} is {state}; see {device}.device in its kiosk.toml"
    return None
