"""The feed: tells every listening staff page that something has changed, never too often."""

import asyncio
from collections.abc import AsyncIterator

_LEAST_GAP_S = 0.25
_HEARTBEAT_S = 5.0


class Feed:
    """A broadcast of "look again"; the listener fetches what it needs."""

    def __init__(self) -> None:
        self._dirty: set[asyncio.Event] = set()
        self._closed = False

    def changed(self) -> None:
        """Something that staff can see has changed."""
        for event in self._dirty:
            event.set()

    @property
    def closed(self) -> bool:
        """Whether the relay is about to stop."""
        return self._closed

    def close(self) -> None:
        """End every listener's beats; the relay is about to stop."""
        self._closed = True
        self.changed()

    async def beats(self) -> AsyncIterator[None]:
        """Yields at once, then after each change (at most four a second) and every 5 s.

        Ends when the feed is closed.
        """
        dirty = asyncio.Event()
        dirty.set()
        self._dirty.add(dirty)
        try:
            while True:
                try:
                    async with asyncio.timeout(_HEARTBEAT_S):
                        await dirty.wait()
                except TimeoutError:
                    pass  # a beat without a change shows that the feed lives
                if self._closed:
                    return
                dirty.clear()
                yield
                await asyncio.sleep(_LEAST_GAP_S)
        finally:
            self._dirty.discard(dirty)
