"""The addresses of this machine, for media ports that are bound one by one."""

import logging
import socket
import time
from collections.abc import Iterable
from typing import Final

import ifaddr

log = logging.getLogger(__name__)

_PATIENCE_S: Final = 3.0
"""How long a worker of a relay that was killed may take to give its ports up."""
_LOOK_S: Final = 0.1


class MediaPortError(Exception):
    """A worker could not carry calls; the text is one line that names address and port."""


def require_media_port(addresses: Iterable[str], port: int) -> None:
    """Returns when UDP ``port`` is free on each of ``addresses``; port 0 takes any.

    Raises:
        MediaPortError: an address is not this machine's, or somebody else keeps a port.
    """
    deadline = time.monotonic() + _PATIENCE_S
    for address in addresses:
        while (fault := _fault(address, port)) is not None:
            if time.monotonic() > deadline:
                raise MediaPortError(
                    f"media port {port} on {address} cannot be used ({fault}); "
                    "stop what uses it or set media.port and media.bind"
                )
            time.sleep(_LOOK_S)


def local_addresses() -> tuple[str, ...]:
    """Every IPv4 and global IPv6 address that can be bound here, loopback included, IPv4 first.

    Link-local IPv6 needs a scope that browsers do not send back, so it is left out; an address
    that is configured and cannot be used (IPv6 switched off, still being probed) is left out too,
    rather than taking the others along.
    """
    found = [ip for adapter in ifaddr.get_adapters() for ip in adapter.ips]
    v4 = [ip.ip for ip in found if isinstance(ip.ip, str)]
    v6 = [ip.ip[0] for ip in found if isinstance(ip.ip, tuple)]
    addresses = dict.fromkeys([*v4, *(ip for ip in v6 if not ip.startswith("fe80:"))])
    return tuple(address for address in addresses if _can_be_bound(address))


def _can_be_bound(address: str) -> bool:
    fault = _fault(address, 0)
    if fault is not None:
        log.warning("no media on %s: %s", address, fault)
    return fault is None


def _fault(address: str, port: int) -> str | None:
    """Why this UDP port cannot be had; None when it can."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as trial:
            trial.bind((address, port))
    except OSError as error:
        return error.strerror or str(error)
    return None
