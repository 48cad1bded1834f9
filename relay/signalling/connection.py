"""`Connection`: one WebSocket that speaks the signalling protocol.

Guarantees: what comes in is a message or the connection closes with a code; what goes out waits
in a bounded queue, and a client too slow to empty it is hung up on; silence of `SILENCE_S`
seconds ends it. Nothing that one connection does can touch another. Leaves to others: what the
messages mean (`terminal`, `visitor`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from relay.clock import Clock
from relay.service.origin import is_own
from relay.service.visits import UnknownVisitError
from relay.store.errors import StoreError
from visit_protocol.errors import CloseCode, ProtocolError
from visit_protocol.message import PROTOCOL_VERSION, Message, parse_message
from visit_protocol.signalling import (
    HEARTBEAT_S,
    SILENCE_S,
    ClientHeartbeat,
    FromClient,
    Refusal,
    Refused,
    RelayHeartbeat,
    from_client,
)
from visit_protocol.vocabulary import RejectionCode

log = logging.getLogger(__name__)

_QUEUE: Final = 64
_BURST: Final = 60
_PER_SECOND: Final = 20.0


class GoneError(Exception):
    """The other side has closed the connection."""


class Connection:
    """A client, as the service sees it, and its messages, as its conversation sees them."""

    def __init__(self, socket: WebSocket, clock: Clock, base_url: str) -> None:
        self._socket = socket
        self._clock = clock
        self._base_url = base_url
        self._out: asyncio.Queue[Message | CloseCode] = asyncio.Queue(_QUEUE)
        self._closing: CloseCode | None = None
        self._tokens = float(_BURST)
        self._refilled = 0.0

    def send(self, message: Message) -> None:
        """Queue a message; a client that lets the queue fill up is hung up on."""
        if self._closing is None:
            self._put(message)

    def close(self, code: CloseCode) -> None:
        """End the connection after what is queued."""
        if self._closing is None:
            self._closing = code
            self._put(code)

    def refuse(self, *codes: RejectionCode) -> None:
        """Say why there is nothing here for this client, and hang up."""
        self.send(Refused(refusals=tuple(Refusal(code=code) for code in codes)))
        self.close(CloseCode.REFUSED)

    def _put(self, item: Message | CloseCode) -> None:
        try:
            self._out.put_nowait(item)
        except asyncio.QueueFull:
            self._closing = CloseCode.TOO_MANY
            self._out.get_nowait()
            self._out.put_nowait(CloseCode.TOO_MANY)

    async def receive(self) -> FromClient:
        """The next message that is not a heartbeat.

        Raises:
            ProtocolError: not a message, too many of them, or silence.
            GoneError: the other side closed.
        """
        while True:
            try:
                async with asyncio.timeout(SILENCE_S):
                    frame = await self._socket.receive()
            except TimeoutError:
                raise ProtocolError(CloseCode.TIMED_OUT, "silent") from None
            if frame["type"] == "websocket.disconnect":
                raise GoneError
            self._spend()
            message: FromClient = parse_message(
                from_client, frame.get("text") or frame.get("bytes") or ""
            )
            if not isinstance(message, ClientHeartbeat):
                return message

    def _spend(self) -> None:
        now = asyncio.get_running_loop().time()
        self._tokens = min(_BURST, self._tokens + (now - self._refilled) * _PER_SECOND)
        self._refilled = now
        self._tokens -= 1
        if self._tokens < 0:
            raise ProtocolError(CloseCode.TOO_MANY, "too many messages")

    async def run(self, conversation: Callable[["Connection"], Awaitable[None]]) -> None:
        """Accept, let ``conversation`` go on until one side ends it, and close with its code."""
        # A browser always names its page's origin; only our own pages may open a socket.
        headers = self._socket.headers
        origin = headers.get("origin")
        if origin is not None and not is_own(origin, headers.get("host"), self._base_url):
            await self._socket.close(CloseCode.REFUSED)
            return
        await self._socket.accept()
        talking = asyncio.ensure_future(self._talk(conversation))
        beating = asyncio.ensure_future(self._beat())
        sending = asyncio.ensure_future(self._empty_queue())
        try:
            await asyncio.wait({talking, sending}, return_when=asyncio.FIRST_COMPLETED)
            if talking.done() and not sending.done():
                self.close(talking.result())
                with suppress(TimeoutError):
                    await asyncio.wait_for(sending, SILENCE_S)
        finally:
            for task in (talking, beating, sending):
                task.cancel()
            await asyncio.gather(talking, beating, sending, return_exceptions=True)

    async def _talk(self, conversation: Callable[["Connection"], Awaitable[None]]) -> CloseCode:
        try:
            await conversation(self)
        except ProtocolError as error:
            log.info("connection closed with %s: %s", error.close_code.name, error.detail)
            return error.close_code
        except UnknownVisitError:
            return CloseCode.OUT_OF_TURN
        except StoreError as error:
            log.error("%s", error)
            return CloseCode.FAILED
        except GoneError:
            pass
        return CloseCode.REFUSED

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self.send(RelayHeartbeat(now=self._clock.now()))

    async def _empty_queue(self) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # it closed while we were sending
            while True:
                item = await self._out.get()
                if isinstance(item, CloseCode):
                    if self._socket.application_state is WebSocketState.CONNECTED:
                        await self._socket.close(item)
                    return
                await self._socket.send_text(item.to_json())


def check_version(versions: tuple[int, ...]) -> None:
    """Nothing when the client speaks our version.

    Raises:
        ProtocolError: it does not.
    """
    if PROTOCOL_VERSION not in versions:
        raise ProtocolError(CloseCode.VERSION_UNSUPPORTED, f"versions {versions}")
