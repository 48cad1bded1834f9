"""`Plug`: one device that may be unplugged and come back, while it is in use.

Guarantees: a device that ends, or gives nothing for `SILENT_S`, is reported at once; it is opened
again every `RETRY_S` and reported once it gives something; where there was real hardware the
synthetic source never takes its place.
Leaves to others: what opening means (`kiosk.engine.devices`), what is done with what it gives.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Generic, Protocol, TypeVar

from aiortc.mediastreams import MediaStreamError

from visit_protocol.vocabulary import DeviceState

log = logging.getLogger(__name__)

SILENT_S: Final = 1.5
FIRST_S: Final = 4.0
"""A camera that has just been switched on takes its time."""
RETRY_S: Final = 0.5
WORKING: Final = frozenset({DeviceState.OK, DeviceState.SYNTHETIC})

F_co = TypeVar("F_co", covariant=True)
F = TypeVar("F")


class Source(Protocol[F_co]):
    """Anything that gives frames in real time; `recv` raises `MediaStreamError` at the end."""

    async def recv(self) -> F_co:
        """The next frame."""

    def stop(self) -> None:
        """Switch it off."""


class Opened(Protocol[F_co]):
    """What opening a device gave."""

    @property
    def state(self) -> DeviceState:
        """Whether it opened."""

    @property
    def source(self) -> Source[F_co] | None:
        """Its frames, if it gives any."""


class Plug(Generic[F]):
    """One device, off until `open`."""

    def __init__(
        self, name: str, open_now: Callable[[], Awaitable[Opened[F]]], on_change: Callable[[], None]
    ) -> None:
        self._name = name
        self._open_now = open_now
        self._on_change = on_change
        self._source: Source[F] | None = None
        self._given = False
        self._real = False
        self.state = DeviceState.ABSENT

    def judge(self, state: DeviceState) -> DeviceState:
        """``state``, but nothing synthetic in the place of hardware that was there before."""
        self._real = self._real or state is DeviceState.OK
        return DeviceState.ABSENT if self._real and state is DeviceState.SYNTHETIC else state

    async def open(self) -> None:
        """Switch the device on."""
        opened = await self._open_now()
        self.state = self.judge(opened.state)
        self._given = False
        self._source = opened.source
        if self._source is not None and self.state not in WORKING:
            self._drop()

    def close(self) -> None:
        """Switch the device off."""
        self._drop()
        self.state = DeviceState.ABSENT

    async def follow(self, take: Callable[[F], None]) -> None:
        """Give every frame to ``take``, across losses, until cancelled."""
        while True:
            if self._source is None:
                await asyncio.sleep(RETRY_S)
                await self._open_again()
                continue
            try:
                async with asyncio.timeout(SILENT_S if self._given else FIRST_S):
                    frame = await self._source.recv()
            except (MediaStreamError, TimeoutError):
                self._lose()
                continue
            if not self._given:
                self._given = True
                self._become(DeviceState.OK if self._real else self.state)
            take(frame)

    async def _open_again(self) -> None:
        told = self.state
        await self.open()
        if self._source is None:
            found, self.state = self.state, told
            self._become(found)
        else:
            self.state = told  # it has to give something first

    def _lose(self) -> None:
        log.error("the %s stopped by itself", self._name)
        self._drop()
        self._become(DeviceState.FAILED)

    def _become(self, state: DeviceState) -> None:
        if state is not self.state:
            self.state = state
            self._on_change()

    def _drop(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.stop()
