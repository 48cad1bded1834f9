"""The gate of a call in the Python loop: sending and shutting exclude each other by a lock."""

import threading
import time
from socket import socket
from typing import Any

from relay.media.gate import Shut


class PythonGate:
    """Implements `relay.media.gate.CallGate`; a shut waits for one non-blocking send at most."""

    __slots__ = ("_cut_ns", "_last_packet_ns", "_lock")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cut_ns: int | None = None
        self._last_packet_ns: int | None = None

    @property
    def is_shut(self) -> bool:
        """Whether the call was cut."""
        return self._cut_ns is not None

    def send(self, sock: socket, data: memoryview | bytes, address: tuple[Any, ...]) -> bool:
        """Send one datagram without waiting; False when it was dropped, shut or not sendable."""
        with self._lock:
            if self._cut_ns is not None:
                return False
            try:
                sock.sendto(data, address)
            except OSError:
                # No route, or the socket's buffer is full: to the receiver it is a lost packet.
                return False
            self._last_packet_ns = time.monotonic_ns()
            return True

    def shut(self) -> Shut:
        """Let nothing more through. Shutting again changes nothing and says the same."""
        with self._lock:
            if self._cut_ns is None:
                self._cut_ns = time.monotonic_ns()
            return Shut(self._cut_ns, self._last_packet_ns)
