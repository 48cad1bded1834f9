"""The gate of a call: every packet of the call leaves through it, until it is shut for good.

Guarantees: once `shut` has returned, no packet of the call leaves, from whichever thread it is
called and however busy the event loop is: sending and shutting exclude each other, so a shut
waits for one non-blocking ``sendto`` at most. Leaves to others: taking the call down.
"""

import threading
import time
from socket import socket
from typing import Any, NamedTuple


class Shut(NamedTuple):
    """When the gate was shut and when the last packet had left (CLOCK_MONOTONIC, ns)."""

    cut_ns: int
    last_packet_ns: int | None


class CallGate:
    """The one flag that cuts a call, and the time of the call's last packet."""

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
