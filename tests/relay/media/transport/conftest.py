"""A shared port of either packet loop, and clients outside."""

from collections.abc import AsyncIterator

import pytest

from relay.media.forwarding.choice import make_loop
from relay.media.transport.endpoint import bind_all
from relay.media.transport.port import SharedPort
from tests.relay.media.transport.outside import Client


@pytest.fixture(params=["c", "python"])
async def port(request: pytest.FixtureRequest) -> AsyncIterator[SharedPort]:
    shared = SharedPort(make_loop(request.param, bind_all(["127.0.0.1"], 0), None), [])
    shared.open()
    yield shared
    shared.close()


@pytest.fixture
def client(port: SharedPort):
    made: list[Client] = []

    def make() -> Client:
        made.append(Client(port.candidates[0][1]))
        return made[-1]

    yield make
    for each in made:
        each.sock.close()
