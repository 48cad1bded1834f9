"""Our media worker as the relay starts it, with recording on, driven over its own channel."""

import asyncio
from pathlib import Path
from typing import Final

from operate.bench.errors import SystemFailedError
from operate.bench.generator import Generator
from operate.bench.processes import on_core
from relay.service.workers import MediaWorker, WorkerKind, WorkerPlan
from visit_protocol.message import Message
from visit_protocol.vocabulary import Party
from visit_protocol.worker import (
    CutCall,
    Forward,
    FromWorker,
    OfferPeer,
    OpenRecordedCall,
    PeerAnswer,
    PeerMedia,
    PeerRefused,
)

_START_S: Final = 20.0
_PRESENT_S: Final = 20.0
_AT_ONCE: Final = 8


class WorkerSystem:
    """Implements `operate.bench.systems.system.System`."""

    def __init__(self, *, core: int, folder: Path, loop: str) -> None:
        """``loop``: which packet loop the worker shall use, ``auto`` as it ships."""
        plan = WorkerPlan(
            name=f"bench-{loop}",
            kind=WorkerKind.ORDINARY,
            bind=("127.0.0.1",),
            port=0,
            public=(),
            media_timeout_s=5.0,
            loop=loop,
        )
        self._core = core
        self._folder = folder
        self._worker = MediaWorker(plan, on_message=self._hear, on_death=self._died)
        self._supervising: asyncio.Task[None] | None = None
        self._answers: dict[str, asyncio.Future[PeerAnswer | PeerRefused]] = {}
        self._present: set[tuple[str, Party]] = set()
        self._presence_changed = asyncio.Event()
        self._deaths = 0

    @property
    def pid(self) -> int:
        """The worker's."""
        if self._worker.pid is None or self._deaths:
            raise SystemFailedError("the media worker has ended")
        return self._worker.pid

    async def start(self) -> None:
        """Returns when the worker takes calls."""
        with on_core(self._core):
            self._supervising = asyncio.create_task(self._worker.supervise())
            try:
                async with asyncio.timeout(_START_S):
                    await self._worker.wait_ready()
            except TimeoutError as error:
                raise SystemFailedError("the media worker did not start") from error

    async def connect(self, generator: Generator, visits: int) -> list[tuple[int, ...]]:
        """Open, admit both parties of each visit, play, forward."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def admit(visit: int) -> tuple[int, ...]:
            async with gate:
                folder = self._folder / str(visit)
                folder.mkdir()
                self._send(OpenRecordedCall(call=_call(visit), folder=str(folder), segment=1))
                legs = []
                for party in (Party.INMATE, Party.VISITOR):
                    offered = await generator.offer()
                    answer = await self._offer(visit, party, offered.sdp)
                    await generator.take(offered.leg, answer)
                    await generator.connect(offered.leg)
                    legs.append(offered.leg)
                return tuple(legs)

        rooms = await asyncio.gather(*(admit(visit) for visit in range(visits)))
        sources: list[int | None] = [None] * (2 * visits)
        for inmate, visitor in rooms:
            sources[inmate], sources[visitor] = visitor, inmate
        await generator.play(sources)
        await self._all_present(visits)
        for visit in range(visits):
            self._send(Forward(call=_call(visit), on=True))
        return list(rooms)

    async def cut(self, visit: int) -> None:
        """Write the order."""
        self._send(CutCall(call=_call(visit)))

    async def stop(self) -> None:
        """Let it finish its recordings, then see it end."""
        await self._worker.stop()
        if self._supervising is not None:
            self._supervising.cancel()
            await asyncio.gather(self._supervising, return_exceptions=True)

    async def _offer(self, visit: int, party: Party, sdp: str) -> str:
        identifier = f"{visit}-{party.value.lower()}"
        answer = self._answers[identifier] = asyncio.get_running_loop().create_future()
        self._send(OfferPeer(id=identifier, call=_call(visit), party=party, sdp=sdp))
        async with asyncio.timeout(_START_S):
            said: PeerAnswer | PeerRefused = await answer
        if isinstance(said, PeerRefused):
            raise SystemFailedError(f"the media worker refused an offer: {said.code}")
        return said.sdp

    async def _all_present(self, visits: int) -> None:
        try:
            async with asyncio.timeout(_PRESENT_S):
                while len(self._present) < 2 * visits:
                    self._presence_changed.clear()
                    await self._presence_changed.wait()
        except TimeoutError as error:
            raise SystemFailedError(
                f"only {len(self._present)} of {2 * visits} parties were heard by the media worker"
            ) from error

    def _send(self, message: Message) -> None:
        if self._deaths or not self._worker.send(message):
            raise SystemFailedError("the media worker has ended")

    def _hear(self, _worker: MediaWorker, message: FromWorker) -> None:
        match message:
            case PeerAnswer() | PeerRefused():
                self._answers[message.id].set_result(message)
            case PeerMedia():
                change = self._present.add if message.connected else self._present.discard
                change((message.call, message.party))
                self._presence_changed.set()

    def _died(self, _worker: MediaWorker) -> None:
        self._deaths += 1


def _call(visit: int) -> str:
    return f"bench-{visit}"
