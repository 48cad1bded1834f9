"""sd_notify(3) in a dozen lines: readiness and the watchdog.

Guarantees: does nothing when not started by systemd; never blocks.
Leaves to others: calling it from a timer of the thread that must stay alive.
"""

import logging
import os
import socket
from typing import Final

log = logging.getLogger(__name__)

PULSES_PER_LIMIT: Final = 3


def notify(state: str) -> None:
    """Tell systemd ``state``, e.g. ``READY=1`` or ``WATCHDOG=1``."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
        try:
            line.sendto(state.encode(), address)
        except OSError as error:
            log.warning("systemd cannot be told %s (%s)", state, error.strerror)


def pulse_ms() -> int | None:
    """How often to send ``WATCHDOG=1`` in milliseconds; None when nobody asked for it."""
    limit = os.environ.get("WATCHDOG_USEC", "")
    return max(int(limit) // 1000 // PULSES_PER_LIMIT, 1) if limit.isdigit() else None
