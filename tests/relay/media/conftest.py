"""Workers and parties for the tests of this folder; whatever happens, no process is left."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.relay.media.party import AiortcParty
from tests.relay.media.worker_process import WorkerProcess

StartWorker = Callable[..., Awaitable[WorkerProcess]]
MakeParty = Callable[..., AiortcParty]


@pytest.fixture
async def start_worker() -> AsyncIterator[StartWorker]:
    """Starts a worker as `WorkerProcess.start` does."""
    started: list[WorkerProcess] = []

    async def start(*arguments: object, **options: object) -> WorkerProcess:
        worker = await WorkerProcess.start(*arguments, **options)  # type: ignore[arg-type]
        started.append(worker)
        return worker

    yield start
    for worker in started:
        await worker.discard()


@pytest.fixture
async def make_party() -> AsyncIterator[MakeParty]:
    """Makes a party as `AiortcParty` does."""
    made: list[AiortcParty] = []

    def make(**options: object) -> AiortcParty:
        made.append(AiortcParty(**options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for party in made:
        await party.close()
