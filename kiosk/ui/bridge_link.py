"""`BridgeLink`: the terminal's line to its bridge.

Guarantees: while there is no line another is tried every `RETRY_MS`; each loss is told once, but
for the first `PATIENCE_MS`, while bridge and board are still starting; what the bridge says comes
in order; nothing is waited for, and a bridge that does not read is let go.
Leaves to others: what is said (`kiosk.ui.board_desk`).
"""

import logging
import socket
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from visit_protocol.bridge import BoardFound, BoardLoss, BoardLost, FromBridge, from_bridge
from visit_protocol.errors import ProtocolError
from visit_protocol.message import Message, parse_message

log = logging.getLogger(__name__)

RETRY_MS: Final = 250
PATIENCE_MS: Final = 3000
_CHUNK: Final = 65536
_LONGEST: Final = 4096


class BridgeLink(QObject):
    """One connection at a time; with no bridge, as good as one that says that it is lost."""

    heard = Signal(object)
    """A `visit_protocol.bridge.FromBridge`."""

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._socket: socket.socket | None = None
        self._notifier: QSocketNotifier | None = None
        self._unread = b""
        self._withheld: BoardLost | None = None
        self._told: FromBridge | None = None
        self._retry = QTimer(self)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self._connect)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._end_patience)

    def start(self) -> None:
        """Begin to connect."""
        self._patience.start()
        self._retry.start()
        self._connect()

    def stop(self) -> None:
        """Hang up, which takes the power away."""
        self._retry.stop()
        self._patience.stop()
        self._close()

    def say(self, message: Message) -> None:
        """Say ``message``, if there is a line."""
        if self._socket is None:
            return
        data = message.to_json().encode() + b"\n"
        try:
            whole = self._socket.send(data) == len(data)
        except OSError:
            whole = False
        if not whole:
            log.warning("the bridge does not listen; letting it go")
            self._lost()

    def _connect(self) -> None:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.setblocking(False)
        try:
            line.connect(str(self._path))
        except OSError:
            line.close()
            self._tell(BoardLost(code=BoardLoss.NO_BRIDGE))
            return
        self._retry.stop()
        self._socket, self._unread = line, b""
        self._notifier = QSocketNotifier(line.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)

    def _read(self) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        *lines, self._unread = (self._unread + data).split(b"\n")
        try:
            messages = [parse_message(from_bridge, line) for line in lines]
        except ProtocolError as error:
            log.error("the bridge says what is no message: %s", error.detail)
            self._lost()
            return
        for message in messages:
            self._tell(message)
        if not data or len(self._unread) > _LONGEST:
            self._lost()

    def _tell(self, message: FromBridge) -> None:
        if isinstance(message, BoardLost):
            if self._patience.isActive():
                self._withheld = message
                return
            if message == self._told:
                return
        if isinstance(message, BoardFound):
            self._patience.stop()
        if isinstance(message, BoardFound | BoardLost):
            self._told, self._withheld = message, None
        self.heard.emit(message)

    def _end_patience(self) -> None:
        if self._withheld is not None:
            self._tell(self._withheld)

    def _lost(self) -> None:
        self._close()
        self._tell(BoardLost(code=BoardLoss.NO_BRIDGE))
        self._retry.start()

    def _close(self) -> None:
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
