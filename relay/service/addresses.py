"""The addresses of this machine, for media ports that are bound one by one."""

import logging
import socket

import ifaddr

log = logging.getLogger(__name__)


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
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as trial:
            trial.bind((address, 0))
    except OSError as error:
        log.warning("no media on %s: %s", address, error.strerror)
        return False
    return True
