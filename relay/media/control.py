"""The worker's end of the control channel: lines of JSON over a UNIX socket, on two threads.

Guarantees: `CutCall` is acted upon and confirmed by the reading thread itself, however busy the
event loop is; every message, that one too, is then handed on in order; sending never waits for
the control process; what waits to be sent is bounded. Leaves to others: what the messages do.
"""

import logging
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from pydantic import TypeAdapter

from relay.media.gate import CallGate
from visit_protocol.errors import ProtocolError
from visit_protocol.message import MAX_MESSAGE_BYTES, Message, parse_message
from visit_protocol.worker import (
    CallCut,
    CloseMonitor,
    ClosePeer,
    CutCall,
    Forward,
    NextSegment,
    OfferPeer,
    OpenCall,
    OpenRecordedCall,
    ShowPictures,
    WatchParty,
)

log = logging.getLogger(__name__)

MAX_UNSENT: Final = 2048
"""Messages that may wait for a control process that does not read."""
_RECEIVE_BYTES: Final = 64 * 1024

ToWorker = (
    OpenCall
    | OpenRecordedCall
    | NextSegment
    | OfferPeer
    | Forward
    | ClosePeer
    | WatchParty
    | CloseMonitor
    | ShowPictures
    | CutCall
)
"""Whatever may come; the vocabulary of a protected worker has none of recording or watching."""


class ChannelFaultError(Exception):
    """A bug of ours at either end: a worker that cannot understand or be heard must not go on."""


class ControlChannel:
    """Reads and writes messages of `visit_protocol.worker`.

    ``on_message`` and ``on_end`` are called on the reading thread and must not wait.
    ``on_message`` gets the gate of the message's call, None when that call was never opened;
    ``on_end`` gets the fault, or None when the control process has closed its end.
    """

    def __init__(
        self,
        sock: socket.socket,
        vocabulary: TypeAdapter[Any],
        *,
        open_gate: Callable[[], CallGate],
        on_message: Callable[[ToWorker, CallGate | None], None],
        on_end: Callable[[ChannelFaultError | None], None],
    ) -> None:
        self._sock = sock
        self._vocabulary = vocabulary
        self._open_gate = open_gate
        self._on_message = on_message
        self._on_end = on_end
        self._gates: dict[str, CallGate] = {}
        self._unsent: queue.Queue[bytes | None] = queue.Queue(MAX_UNSENT)
        self._sending = threading.Lock()
        self._reader = threading.Thread(target=self._read, name="control-reader", daemon=True)
        self._writer = threading.Thread(target=self._write, name="control-writer", daemon=True)

    def start(self) -> None:
        """Start both threads."""
        self._reader.start()
        self._writer.start()

    def send(self, message: Message) -> None:
        """Send without waiting, from any thread.

        Raises:
            ChannelFaultError: the control process has not read for `MAX_UNSENT` messages.
        """
        try:
            self._unsent.put_nowait(_line(message))
        except queue.Full as error:
            raise ChannelFaultError("the control process does not read") from error

    def shut_all(self) -> None:
        """Cut every call: nothing of any of them leaves any more."""
        for gate in list(self._gates.values()):
            gate.shut()

    def finish(self, timeout_s: float) -> None:
        """Send what is waiting, at most so long, and no more after that."""
        try:
            self._unsent.put(None, timeout=timeout_s)
        except queue.Full:
            return
        self._writer.join(timeout_s)

    # ── threads ────────────────────────────────────────────────────────────────────────────
    def _read(self) -> None:
        fault: ChannelFaultError | None = None
        try:
            for line in self._lines():
                self._hear(line)
        except ChannelFaultError as error:
            fault = error
        except OSError:
            log.info("control channel lost")
        self.shut_all()
        self._on_end(fault)

    def _lines(self) -> Iterator[bytes]:
        waiting = b""
        while received := self._sock.recv(_RECEIVE_BYTES):
            *lines, waiting = (waiting + received).split(b"\n")
            yield from lines
            if len(waiting) > MAX_MESSAGE_BYTES:
                raise ChannelFaultError("a line without an end")

    def _hear(self, line: bytes) -> None:
        try:
            message: ToWorker = parse_message(self._vocabulary, line)
        except ProtocolError as error:
            # The detail names a field; the line itself may hold addresses and stays unlogged.
            raise ChannelFaultError(f"unparseable message: {error.detail}") from error
        gate = self._gates.get(message.call)
        if isinstance(message, OpenCall | OpenRecordedCall):
            if gate is None or gate.is_shut:
                gate = self._gates[message.call] = self._open_gate()
        elif isinstance(message, CutCall):
            gate = self._gates.pop(message.call, None) or self._open_gate()
            shut = gate.shut()
            self._send_now(
                CallCut(call=message.call, cut_ns=shut.cut_ns, last_packet_ns=shut.last_packet_ns)
            )
        self._on_message(message, gate)

    def _write(self) -> None:
        while (line := self._unsent.get()) is not None:
            try:
                with self._sending:
                    self._sock.sendall(line)
            except OSError:
                return  # the reading thread sees the end too and says so

    def _send_now(self, message: Message) -> None:
        with self._sending:
            self._sock.sendall(_line(message))


def _line(message: Message) -> bytes:
    return message.to_json().encode() + b"\n"
