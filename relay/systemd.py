"""Tells systemd how the relay is (sd_notify(3)); silent when nobody started it that way."""

import asyncio
import os
import socket
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notifier:
    """The notification socket, if there is one, and how often a beat is due."""

    address: str | None
    beat_every_s: float | None

    @classmethod
    def from_environment(cls) -> "Notifier":
        """What ``NOTIFY_SOCKET`` and ``WATCHDOG_USEC`` say."""
        usec = os.environ.get("WATCHDOG_USEC")
        return cls(os.environ.get("NOTIFY_SOCKET"), int(usec) / 2e6 if usec else None)

    def ready(self) -> None:
        """The relay serves."""
        self._send("READY=1")

    def stopping(self) -> None:
        """The relay is about to end."""
        self._send("STOPPING=1")

    async def beat(self) -> None:
        """Show from the event loop that it turns, until cancelled."""
        while self.beat_every_s is not None:
            self._send("WATCHDOG=1")
            await asyncio.sleep(self.beat_every_s)

    def _send(self, state: str) -> None:
        if self.address is None:
            return
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto(state.encode(), address)
