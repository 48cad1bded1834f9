"""Bound UDP sockets and the paths from them to a party's address."""

import contextlib
import socket
from dataclasses import dataclass
from typing import Any, Final

BUFFER_BYTES: Final = 16 * 1024 * 1024
"""The kernel counts twice that, 2.3 KB a packet: what 250 visits send in a quarter of a second, as
long as a worker may be kept from its core. It takes the memory only for what waits."""
_SO_RCVBUFFORCE: Final = getattr(socket, "SO_RCVBUFFORCE", 33)


class Endpoint:
    """One non-blocking UDP socket bound to one explicit address."""

    __slots__ = ("host", "port", "sock")

    def __init__(self, host: str, port: int) -> None:
        """Bind.

        Raises:
            OSError: the address is not this machine's, or the port is taken.
            ValueError: ``host`` is not a numeric address.
        """
        family = _family(host)
        self.host: Final = host
        self.sock: Final = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self.sock.setblocking(False)
            if family is socket.AF_INET6:
                self.sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            _enlarge(self.sock)
            self.sock.bind((host, port))
        except OSError:
            self.sock.close()
            raise
        self.port: Final[int] = self.sock.getsockname()[1]

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Path:
    """From one of our sockets to one remote address, as the socket module spells it."""

    endpoint: Endpoint
    address: tuple[Any, ...]

    def send(self, data: bytes) -> None:
        """Send a datagram that is no media; one that cannot be sent is a lost packet."""
        with contextlib.suppress(OSError):
            self.endpoint.sock.sendto(data, self.address)


def bind_all(hosts: list[str], port: int) -> list[Endpoint]:
    """One socket a host, all with the same port number; ``port`` 0 lets the system choose it.

    Raises:
        OSError: an address cannot be bound, or no port was free on all of them.
        ValueError: a host is not a numeric address.
    """
    attempts = 1 if port else 20
    while True:
        attempts -= 1
        endpoints: list[Endpoint] = []
        try:
            for host in hosts:
                endpoints.append(Endpoint(host, endpoints[0].port if endpoints else port))
        except OSError:
            for endpoint in endpoints:
                endpoint.sock.close()
            if not attempts or not endpoints:
                raise
        else:
            return endpoints


def _family(host: str) -> socket.AddressFamily:
    for family in (socket.AF_INET, socket.AF_INET6):
        with contextlib.suppress(OSError):
            socket.inet_pton(family, host)
            return family
    raise ValueError("not a numeric address")


def _enlarge(sock: socket.socket) -> None:
    """Loss seen in prototypes was the receive buffer's; ask past rmem_max where we may."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, BUFFER_BYTES)
    except OSError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
