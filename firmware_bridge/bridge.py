"""`Bridge`: line, machine and kiosk joined up, on one event loop.

Guarantees: every event goes through `Device.handle` and every effect is carried out in order; one
kiosk at a time, the newest; when its end closes, or it says what is no message, power is cut; what
keeps the board away is one line of the log; monitors see all traffic, badges masked, and are never
waited for.
Leaves to others: the decisions (`device`), the files and the process (`__main__`).
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from firmware_bridge.config import BridgeConfig
from firmware_bridge.device import (
    DeadlinePassed,
    Device,
    Event,
    IllegalEventError,
    KioskJoined,
    KioskLeft,
    KioskSaid,
    Order,
    Tell,
)
from firmware_bridge.line import NOBODY, NOT_OURS, Line
from firmware_bridge.link import Failed, Fell, Happening, Mismatched, Reason
from firmware_bridge.monitor import Decoder
from firmware_bridge.payloads import Renew
from settings import ConfigError
from visit_protocol.bridge import (
    BoardFound,
    BoardLoss,
    BoardLost,
    FaultBegan,
    FaultEnded,
    FromBridge,
    from_kiosk,
)
from visit_protocol.errors import ProtocolError
from visit_protocol.message import parse_message

log = logging.getLogger(__name__)

KIOSK_SOCKET: Final = "kiosk.sock"
MONITOR_SOCKET: Final = "monitor.sock"
MAX_LINE: Final = 4096
MAX_UNSENT: Final = 64 * 1024
"""Bytes that somebody has not read, after which he is taken for gone."""


class Bridge:
    """The whole bridge; make it on the event loop that runs it."""

    def __init__(self, config: BridgeConfig, key: bytes | None) -> None:
        self._config = config
        self._loop = asyncio.get_running_loop()
        self._device = Device()
        self._decoder = Decoder(keyed=key is not None)
        self._line = Line(config.port, key, happen=self._happen, watch=self._watch)
        self._timer: asyncio.TimerHandle | None = None
        self._kiosk: asyncio.StreamWriter | None = None
        self._monitors: set[asyncio.StreamWriter] = set()
        self._versions = ""

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve until cancelled; ``ready`` is called when kiosks can connect.

        Raises:
            ConfigError: a socket cannot be made.
        """
        folder = self._config.socket_dir
        kiosks = await asyncio.start_unix_server(
            self._serve_kiosk, sock=_listener(folder / KIOSK_SOCKET), limit=MAX_LINE
        )
        monitors = await asyncio.start_unix_server(
            self._serve_monitor, sock=_listener(folder / MONITOR_SOCKET), limit=MAX_LINE
        )
        try:
            ready()
            await self._line.run()
        finally:
            for server in (kiosks, monitors):
                server.close()
            for name in (KIOSK_SOCKET, MONITOR_SOCKET):
                (folder / name).unlink(missing_ok=True)

    # ── what happens ───────────────────────────────────────────────────────────────────────
    def _happen(self, event: Event | Happening) -> None:
        self._note(event)
        try:
            effects = self._device.handle(event, self._loop.time())
        except IllegalEventError as refused:
            log.warning("ignored: %s", refused)
            return
        for effect in effects:
            match effect:
                case Order(command=command):
                    self._line.send(command)
                case Tell(message=message):
                    self._tell(message)
        self._arm()

    def _arm(self) -> None:
        """Wake when the machine must."""
        if self._timer is not None:
            self._timer.cancel()
        deadline = self._device.next_deadline()
        self._timer = None if deadline is None else self._loop.call_at(deadline, self._due)

    def _due(self) -> None:
        self._happen(DeadlinePassed())

    def _note(self, event: Event | Happening) -> None:
        match event:
            case Mismatched(welcome=welcome):
                self._versions = f"{welcome.lowest} to {welcome.highest}"
            case Fell(boot=boot) if boot is not None:
                log.warning("the board has begun anew: %s", boot.cause.name)
            case Failed(command=command, reason=reason):
                if not (isinstance(command, Renew) and reason is Reason.OVERTAKEN):
                    log.warning("%s came to nothing: %s", type(command).__name__, reason)

    def _tell(self, message: FromBridge) -> None:
        match message:
            case BoardFound(board=board, firmware=firmware):
                log.info("board %s with firmware %s on %s", board, firmware, self._line.path)
            case BoardLost(code=code):
                self._log_loss(code)
            case FaultBegan(code=fault):
                log.error("fault: %s", fault)
            case FaultEnded(code=fault):
                log.info("no more fault: %s", fault)
        if self._kiosk is None:
            return
        self._kiosk.write(message.to_json().encode() + b"\n")
        if self._kiosk.transport.get_write_buffer_size() > MAX_UNSENT:
            log.warning("the kiosk does not listen; letting it go")
            self._kiosk.transport.abort()

    def _log_loss(self, code: BoardLoss) -> None:
        path = self._line.path
        match code:
            case BoardLoss.WRONG_DEVICE:
                log.warning("%s: %s", path, NOT_OURS)
            case BoardLoss.WRONG_VERSION:
                log.warning("%s: the board speaks versions %s, we speak 1", path, self._versions)
            case BoardLoss.SILENT:
                log.warning("%s: %s", path, NOBODY)

    # ── the kiosk ──────────────────────────────────────────────────────────────────────────
    async def _serve_kiosk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self._kiosk is not None:
            log.warning("another kiosk has come; letting the older one go")
            self._kiosk.transport.abort()
            self._happen(KioskLeft())
        self._kiosk = writer
        self._happen(KioskJoined())
        try:
            while line := await reader.readline():
                if self._kiosk is not writer:
                    return
                self._happen(KioskSaid(parse_message(from_kiosk, line)))
        except (ProtocolError, ValueError) as error:
            log.warning("the kiosk says what is no message: %s", error)
        except ConnectionError:
            log.warning("the kiosk has gone")
        finally:
            if self._kiosk is writer:
                self._kiosk = None
                self._happen(KioskLeft())
            writer.transport.abort()

    # ── monitors ───────────────────────────────────────────────────────────────────────────
    async def _serve_monitor(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._monitors.add(writer)
        try:
            with contextlib.suppress(ConnectionError):
                await reader.read()
        finally:
            self._monitors.discard(writer)
            writer.transport.abort()

    def _watch(self, from_board: bool, data: bytes) -> None:
        lines = self._decoder.decode(from_board, data)
        for monitor in self._monitors:
            if monitor.transport.get_write_buffer_size() < MAX_UNSENT:
                monitor.writelines(line.encode() + b"\n" for line in lines)


def _listener(path: Path) -> socket.socket:
    """A listening socket that user and group may open.

    Raises:
        ConfigError: it cannot be made.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        listener.bind(str(path))
        path.chmod(0o660)
    except OSError as error:
        listener.close()
        raise ConfigError(f"{path}: cannot be made ({error.strerror or error})") from error
    return listener
