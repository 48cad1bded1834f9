"""A relay with real media workers."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.relay.facility import Running


@pytest.fixture
async def carrying(relay: Running) -> AsyncIterator[Running]:
    """Both visits are live with real workers; no party's media, only calls that are open."""
    task = asyncio.create_task(relay.desks.calls.run())
    await relay.desks.calls.wait_ready()
    for visit in (relay.family, relay.legal):
        run = await relay.meet(visit)
        assert relay.desks.calls.open(run.visit, relay.folder / "recordings" / visit.id, 1)
    yield relay
    await relay.desks.calls.stop()
    await asyncio.wait([task])
