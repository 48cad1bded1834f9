"""The interface between a measurement and what it measures."""

from typing import Protocol

from operate.bench.generator import Generator


class System(Protocol):
    """One system under test; its process and its children run on one core."""

    @property
    def pid(self) -> int:
        """The process whose family is accounted for."""

    async def start(self) -> None:
        """Return when it takes calls; raises `SystemFailedError` or `RivalMissingError`."""

    async def connect(self, generator: Generator, visits: int) -> list[tuple[int, ...]]:
        """Bring up that many recorded visits, playing; the legs that hear of each visit."""

    async def cut(self, visit: int) -> None:
        """Order the visit's media to end; returns when the order is written, not obeyed."""

    async def stop(self) -> None:
        """End it, whatever state it is in."""
