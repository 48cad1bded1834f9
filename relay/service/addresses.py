"""The addresses of this machine, for media ports that are bound one by one."""

import ifaddr


def local_addresses() -> tuple[str, ...]:
    """Every IPv4 and global IPv6 address of this machine, loopback included, IPv4 first.

    Link-local IPv6 needs a scope that browsers do not send back, so it is left out.
    """
    found = [ip for adapter in ifaddr.get_adapters() for ip in adapter.ips]
    v4 = [ip.ip for ip in found if isinstance(ip.ip, str)]
    v6 = [ip.ip[0] for ip in found if isinstance(ip.ip, tuple)]
    return tuple(dict.fromkeys([*v4, *(ip for ip in v6 if not ip.startswith("fe80:"))]))
