"""`Line`: a link on a port that may come and go.

Guarantees: a port that matches is opened within `POLL_S`, and what keeps it from being opened is
logged once; everything that happens is handed on in order, on the event loop's thread.
Leaves to others: what it means (`device`), what is on the port (`port`).
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import Final

from firmware_bridge.config import PortSection
from firmware_bridge.device import Event, PortLost, PortOpened
from firmware_bridge.link import Happening, Link
from firmware_bridge.payloads import NONCE_BYTES, Cut, Payload
from firmware_bridge.port import PortError, SerialPort, find_port

log = logging.getLogger(__name__)

POLL_S: Final = 0.25
NOT_OURS: Final = "what speaks there is no board of ours, or has a key of its own"
NOBODY: Final = "nobody answers; is it the board, has it power, and the same key?"

Watch = Callable[[bool, bytes], None]
"""Sees all bytes; the first argument says whether they came from the board."""


class Line:
    """The board's port and the link on it."""

    def __init__(
        self,
        port: PortSection,
        key: bytes | None,
        *,
        happen: Callable[[Event | Happening], None],
        watch: Watch,
    ) -> None:
        self.link = Link(lambda: secrets.token_bytes(NONCE_BYTES), key)
        self._settings = port
        self._happen = happen
        self._watch = watch
        self._loop = asyncio.get_running_loop()
        self._port: SerialPort | None = None
        self._gone = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._said: str | None = None

    @property
    def path(self) -> str:
        """The port that is open, or what is looked for."""
        return self._settings.device if self._port is None else self._port.path

    async def run(self) -> None:
        """Look for the port, use it, look again; when cancelled, end with the power cut."""
        try:
            while True:
                if self._open():
                    await self._gone.wait()
                await asyncio.sleep(POLL_S)
        finally:
            self.send(Cut())
            self._close()

    def send(self, command: Payload) -> None:
        """Say ``command`` to the board."""
        self._tell(self.link.send(command, self._loop.time()))
        self._flush()

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._port is not None:
            self._port.close()
            self._port = None

    def _open(self) -> bool:
        path = find_port(self._settings.device)
        if path is None:
            self._say(f"no board: nothing matches {self._settings.device}; plug it in")
            return False
        try:
            self._port = SerialPort(
                path, self._settings.baud, heard=self._heard, lost=self._port_lost
            )
        except PortError as error:
            self._say(str(error))
            return False
        self._said = None
        self._gone.clear()
        self._happen(PortOpened())
        self.link.open(self._loop.time())
        self._flush()
        return True

    def _say(self, line: str) -> None:
        if line != self._said:
            self._said = line
            log.warning("%s", line)

    def _heard(self, data: bytes) -> None:
        self._watch(True, data)
        self._tell(self.link.receive(data, self._loop.time()))
        self._flush()

    def _port_lost(self) -> None:
        path, self._port = self.path, None
        failed = self.link.close()
        self._flush()
        self._tell(failed)
        self._say(f"{path}: unplugged")
        self._happen(PortLost())
        self._gone.set()

    def _tick(self) -> None:
        self._timer = None
        self._tell(self.link.advance(self._loop.time()))
        self._flush()

    def _tell(self, happenings: list[Happening]) -> None:
        for happening in happenings:
            self._happen(happening)

    def _flush(self) -> None:
        """Send what is to be sent, and wake when the link must."""
        data = self.link.take_outgoing()
        if data and self._port is not None:
            self._watch(False, data)
            self._port.write(data)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.link.next_deadline()
        if deadline is not None and self._port is not None:
            self._timer = self._loop.call_at(deadline, self._tick)
