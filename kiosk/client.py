"""`RelayClient`: the terminal's line to the relay, in a thread of its own.

Guarantees: it says hello by itself and again after every loss, with full jitter between attempts;
it never speaks with a relay that has another key than the pinned one;
it sends heartbeats and takes `SILENCE_S` of silence for a loss; every message from the relay and
every loss is handed to the listener, in order, from the client's thread; what is sent while there
is no welcome is dropped, for the machine says again what still matters.
Leaves to others: what messages mean (`kiosk.call`), moving them to another thread (`kiosk.app`).
"""

import asyncio
import logging
import random
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidURI, WebSocketException

from kiosk.handshake import CodeShown, Handshake
from kiosk.identity import Identity
from kiosk.pinning import RelayKeyChangedError, is_pinned, key_of, tls_context
from visit_protocol.errors import ProtocolError
from visit_protocol.message import MAX_MESSAGE_BYTES, Message, parse_message
from visit_protocol.signalling import (
    HEARTBEAT_S,
    SILENCE_S,
    Challenge,
    ClientHeartbeat,
    Enrolled,
    EnrolmentNonce,
    FromRelay,
    Refusal,
    Refused,
    Welcome,
    from_relay,
)
from visit_protocol.vocabulary import RejectionCode

log = logging.getLogger(__name__)

FIRST_DELAY_S: Final = 0.25
LONGEST_DELAY_S: Final = 5.0
OPEN_TIMEOUT_S: Final = 5.0
OUTBOX: Final = 64
"""Messages that may wait to be sent; more means that the line is dead."""


@dataclass(frozen=True, slots=True)
class LineLost:
    """The connection is gone or could not be made; ``why`` is a code for the log."""

    why: str


Listener = Callable[[FromRelay | CodeShown | LineLost], None]


@dataclass(frozen=True, slots=True)
class Line:
    """Where the relay is and who is calling."""

    url: str
    identity: Identity
    software: str
    ca_file: Path | None = None


def delay_before(attempt: int, chance: float) -> float:
    """Seconds before the ``attempt``-th retry (from 0); ``chance`` is uniform in [0, 1).

    Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): when a relay comes
    back, its terminals do not come all at once.
    """
    return chance * min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(attempt, 16))


STABLE_S: Final = 10.0
"""A conversation that lasted longer was a good one: the next attempt is made soon."""


class RelayClient:
    """One terminal's conversation with its relay."""

    def __init__(
        self, line: Line, listener: Listener, loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        """A line that does nothing yet; with a ``loop`` of the caller's, for `run` on it."""
        self._line = line
        self._listener = listener
        self._loop = loop or asyncio.new_event_loop()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue(OUTBOX)
        self._stopped = asyncio.Event()
        self._welcomed = False
        self._chance = random.SystemRandom().random
        self._thread = threading.Thread(target=self._run, name="relay-client", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def send(self, message: Message) -> None:
        """Send ``message`` if the relay has welcomed us; from any thread."""
        self._loop.call_soon_threadsafe(self._put, message)

    def stop(self, timeout_s: float = 1.0) -> None:
        """Close the line and end the thread; nothing reaches the listener afterwards."""
        self._listener = _ignore
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join(timeout_s)

    def _put(self, message: Message) -> None:
        if not self._welcomed:
            return
        try:
            self._outbox.put_nowait(message)
        except asyncio.QueueFull:
            log.error("outbox full, a %s is dropped", type(message).__name__)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self.run())

    async def run(self) -> None:
        """Keep the line until `stop` or until cancelled; `start` does this in a thread."""
        conversation = asyncio.create_task(self._converse_for_ever())
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait({conversation, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            conversation.cancel()
            await asyncio.gather(conversation, stopped, return_exceptions=True)

    async def _converse_for_ever(self) -> None:
        attempt = 0
        while True:
            began = self._loop.time()
            why = await self._converse()
            # A relay that welcomes and hangs up at once is asked less and less often too.
            lasted = self._loop.time() - began > STABLE_S
            attempt = 0 if self._welcomed and lasted else attempt + 1
            self._welcomed = False
            self._listener(LineLost(why))
            delay = delay_before(attempt, self._chance())
            log.warning("no line to the relay (%s), next attempt in %.2f s", why, delay)
            await asyncio.sleep(delay)

    async def _converse(self) -> str:
        """Talk until the line is lost; returns why."""
        try:
            if is_pinned(self._line.identity.relay_key) and not self._secure:
                return self._refuse_relay()  # the configuration would have us speak without TLS
            async with connect(
                self._line.url,
                ssl=self._tls(),
                max_size=MAX_MESSAGE_BYTES,
                ping_interval=None,  # the protocol has heartbeats of its own
                open_timeout=OPEN_TIMEOUT_S,
                close_timeout=0.5,
                compression=None,
                proxy=None,
            ) as socket:
                return await self._talk(socket)
        except ConnectionClosed as closed:
            return f"closed {closed.rcvd.code}" if closed.rcvd else "closed"
        except TimeoutError:
            return "timed out"
        except RelayKeyChangedError:
            return self._refuse_relay()
        except (OSError, WebSocketException, InvalidURI) as error:
            return type(error).__name__

    @property
    def _secure(self) -> bool:
        return self._line.url.startswith("wss://")

    def _tls(self) -> ssl.SSLContext | None:
        if not self._secure:
            return None
        return tls_context(self._line.ca_file, self._line.identity.relay_key)

    def _refuse_relay(self) -> str:
        """Say in the relay's stead why there is no visit here: it is not ours."""
        self._listener(Refused(refusals=(Refusal(code=RejectionCode.RELAY_KEY_CHANGED),)))
        return "RELAY_KEY_CHANGED"

    async def _talk(self, socket: ClientConnection) -> str:
        seen = key_of(socket.transport.get_extra_info("ssl_object"))
        handshake = Handshake(self._line.identity, self._line.software, seen)
        await socket.send(handshake.hello().to_json())
        while not self._outbox.empty():
            self._outbox.get_nowait()  # meant for a conversation that is over
        writers = [asyncio.create_task(self._write(socket)), asyncio.create_task(_beat(socket))]
        try:
            while True:
                try:
                    # Not wait_for: before Python 3.12 it may forget that it was cancelled when the
                    # line breaks in the same moment (python/cpython#86296).
                    async with asyncio.timeout(SILENCE_S):
                        data = await socket.recv()
                except TimeoutError:
                    return "silence"
                message = parse_message(from_relay, data)
                if isinstance(message, Enrolled):
                    handshake.answer(message)
                    self._listener(message)
                    self._welcomed = True  # a good conversation: the next begins soon
                    return "enrolled"
                if not self._welcomed:
                    await self._shake(socket, handshake, message)
                if not isinstance(message, Challenge | EnrolmentNonce):
                    self._listener(message)
        except ProtocolError as error:
            await socket.close(error.close_code, error.detail[:120])
            return f"protocol {error.detail}"
        finally:
            for writer in writers:
                writer.cancel()
            await asyncio.gather(*writers, return_exceptions=True)

    async def _shake(
        self, socket: ClientConnection, handshake: Handshake, message: FromRelay
    ) -> None:
        """Do what a message before the welcome, or the welcome, asks for."""
        said = handshake.answer(message)
        if isinstance(said, CodeShown):
            await socket.send(handshake.opening().to_json())
            self._listener(said)
        elif said is not None:
            await socket.send(said.to_json())
        self._welcomed = isinstance(message, Welcome)

    async def _write(self, socket: ClientConnection) -> None:
        while True:
            message = await self._outbox.get()
            await socket.send(message.to_json())


async def _beat(socket: ClientConnection) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        await socket.send(ClientHeartbeat().to_json())


def _ignore(_news: FromRelay | CodeShown | LineLost) -> None:
    """The listener once the client was stopped."""
