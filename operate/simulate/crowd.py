"""`Crowd`: the relay clients of many kiosks, in one process.

Guarantees: each is the kiosk's own `RelayClient`, with its own jitter and its own heartbeats; when
each was welcomed and how often it tried is written down, in seconds of the monotonic clock.
Leaves to others: the relay that they call.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from kiosk.client import Line, LineLost, RelayClient
from kiosk.handshake import CodeShown
from visit_protocol.signalling import FromRelay, Welcome


@dataclass
class Caller:
    """One kiosk's line."""

    welcomed_at: float | None = None
    """When the relay last welcomed it; None while it has no line."""
    attempts: int = 0
    """How often it has lost its line or tried in vain."""

    def hear(self, news: FromRelay | CodeShown | LineLost) -> None:
        """Note what the line says."""
        if isinstance(news, LineLost):
            self.welcomed_at = None
            self.attempts += 1
        elif isinstance(news, Welcome):
            self.welcomed_at = time.monotonic()


@dataclass
class Crowd:
    """All kiosks of a facility."""

    callers: list[Caller] = field(default_factory=list)

    @property
    def here(self) -> int:
        """How many have a line."""
        return sum(caller.welcomed_at is not None for caller in self.callers)

    async def all_here(self, within_s: float) -> bool:
        """Wait until everybody has a line, so long at most; whether everybody has."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.here < len(self.callers):  # noqa: ASYNC110  polled on purpose
                    await asyncio.sleep(0.02)
        return self.here == len(self.callers)


@contextlib.asynccontextmanager
async def crowd(lines: Sequence[Line]) -> AsyncIterator[Crowd]:
    """Kiosks that all begin to call at once, until the block ends."""
    quiet = logging.getLogger("kiosk.client")
    level, quiet.level = quiet.level, logging.ERROR  # that the line is lost is what is simulated
    loop = asyncio.get_running_loop()
    found = Crowd([Caller() for _ in lines])
    clients = [
        RelayClient(line, caller.hear, loop)
        for line, caller in zip(lines, found.callers, strict=True)
    ]
    running = [asyncio.create_task(client.run()) for client in clients]
    try:
        yield found
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        quiet.level = level
