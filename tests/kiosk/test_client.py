"""The client against a real WebSocket server that speaks our protocol."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk.client import Line, LineLost, RelayClient, delay_before
from kiosk.identity import Identity
from tests.kiosk.fake_relay import KEY, FakeRelay
from visit_protocol.signalling import (
    CallStaff,
    ChallengeAnswer,
    ClientHeartbeat,
    Refused,
    StaffCalled,
    TerminalHello,
    Welcome,
)


class Ear:
    """Collects what the client says, in the test's own loop."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()

    def listen(self, news: object) -> None:
        self._loop.call_soon_threadsafe(self._take, news)

    def _take(self, news: object) -> None:
        self.heard.append(news)
        self._news.set()

    async def hears(self, kind: type, count: int = 1) -> object:
        async with asyncio.timeout(40):
            while True:
                found = [news for news in self.heard if isinstance(news, kind)]
                if len(found) >= count:
                    return found[count - 1]
                self._news.clear()
                await self._news.wait()


@pytest.fixture
async def ear() -> Ear:
    return Ear()


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    Identity.put(tmp_path / "state", KEY, "T-01")
    return Identity(tmp_path / "state")


@pytest.fixture
async def client(relay: FakeRelay, ear: Ear, identity: Identity) -> AsyncIterator[RelayClient]:
    made = RelayClient(Line(relay.url, identity, "test"), ear.listen)
    made.start()
    yield made
    await asyncio.to_thread(made.stop)


async def test_hello_is_said_and_the_welcome_heard(
    relay: FakeRelay, ear: Ear, client: RelayClient
) -> None:
    assert isinstance(await ear.hears(Welcome), Welcome)
    hello = await relay.hears(TerminalHello)
    assert isinstance(hello, TerminalHello)
    assert hello.terminal == "T-01"


async def test_messages_go_both_ways(relay: FakeRelay, ear: Ear, client: RelayClient) -> None:
    await ear.hears(Welcome)
    client.send(CallStaff())
    await relay.hears(CallStaff)
    await ear.hears(StaffCalled)


async def test_heartbeats_are_sent(relay: FakeRelay, ear: Ear, client: RelayClient) -> None:
    await relay.hears(ClientHeartbeat, 2)


async def test_a_cut_line_is_reported_and_made_again(
    relay: FakeRelay, ear: Ear, client: RelayClient
) -> None:
    await ear.hears(Welcome)
    await relay.drop()
    await ear.hears(LineLost)
    await ear.hears(Welcome, 2)


async def test_a_restarted_relay_is_found_again(
    relay: FakeRelay, ear: Ear, client: RelayClient
) -> None:
    await ear.hears(Welcome)
    await relay.stop()
    await ear.hears(LineLost)
    await relay.start()
    await ear.hears(Welcome, 2)


async def test_silence_counts_as_a_loss(relay: FakeRelay, ear: Ear, client: RelayClient) -> None:
    relay.silent = True
    await ear.hears(Welcome)
    lost = await ear.hears(LineLost)
    assert lost == LineLost("silence")


async def test_a_refusal_is_heard_before_the_loss(ear: Ear, identity: Identity) -> None:
    relay = await FakeRelay(refuse_hello=True).start()
    client = RelayClient(Line(relay.url, identity, "test"), ear.listen)
    client.start()
    await ear.hears(LineLost)
    assert isinstance(ear.heard[0], Refused)
    await asyncio.to_thread(client.stop)
    await relay.stop()


async def test_nothing_is_sent_before_the_welcome(ear: Ear, identity: Identity) -> None:
    relay = await FakeRelay(refuse_hello=True).start()
    client = RelayClient(Line(relay.url, identity, "test"), ear.listen)
    client.start()
    client.send(CallStaff())
    await ear.hears(LineLost, 2)
    assert {type(message) for message in relay.heard} == {TerminalHello, ChallengeAnswer}
    await asyncio.to_thread(client.stop)
    await relay.stop()


def test_delays_are_fully_jittered_doubling_and_capped() -> None:
    assert [delay_before(attempt, 1.0) for attempt in range(7)] == [
        0.25,
        0.5,
        1.0,
        2.0,
        4.0,
        5.0,
        5.0,
    ]
    assert delay_before(3, 0.0) == 0.0
    assert delay_before(10_000, 1.0) == 5.0
