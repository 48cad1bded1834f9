"""Floods against a real worker that carries a call: the call goes on, and the worker answers.

The call's ends are the bench's load generator: a process of its own that plays a clip, and knows
from the kernel when each packet came, however busy this test's own process is.
"""

import asyncio
import os
import re
import statistics
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from operate.bench.errors import NoPumpError
from operate.bench.generator import Generator, open_generator
from operate.bench.load.clip import make_clip
from operate.bench.load.pump import load_pump
from tests.relay.media.worker_process import WorkerProcess
from visit_protocol.vocabulary import Party
from visit_protocol.worker import Forward, PeerAnswer, PeerMedia, PeerRefused

FLOOD_S = 2.0
MAX_GAP_S = 0.3
MAX_ANSWER_S = 0.1
MAX_LINES = 10
FLOOD = Path(__file__).parent / "flood.py"


@dataclass
class Live:
    """A worker with a call, both ends of which play."""

    worker: WorkerProcess
    generator: Generator
    addresses: list[tuple[str, int]]
    """Where each end is."""
    log: Path

    async def gaps(self, end_s: float) -> list[float]:
        """How long ago the last packet had come, at least, each time when we asked."""
        found = []
        while time.monotonic() < end_s:
            asked_ns = time.time_ns()
            last_ns = await self.generator.last_received_ns()
            found += [(asked_ns - at_ns) / 1e9 for at_ns in last_ns]
            await asyncio.sleep(0.02)
        return found

    async def answers(self, end_s: float) -> list[float]:
        """How long the worker took for each question that its event loop has to answer."""
        found = []
        while time.monotonic() < end_s:
            asked_s = time.monotonic()
            said = await self.worker.offer("nobody", Party.INMATE, "v=0")
            assert isinstance(said, PeerRefused)
            found.append(time.monotonic() - asked_s)
            await asyncio.sleep(0.05)
        return found


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        load_pump()
    except NoPumpError:
        pytest.skip("there is no C compiler, and so no load generator")
    path = tmp_path_factory.mktemp("clip") / "clip"
    make_clip().save(path)
    return path


@pytest.fixture
async def live(clip: Path, tmp_path: Path) -> AsyncIterator[Live]:
    log = tmp_path / "log"
    redirected = ("sh", "-c", f'exec "$@" 2>"{log}"', "-")
    worker = await WorkerProcess.start(
        command=(*redirected, sys.executable, "-m", "relay.media.ordinary")
    )
    core = max(os.sched_getaffinity(0))
    async with open_generator(clip, core=core) as generator:
        worker.open("call")
        addresses, legs = [], []
        for party in (Party.INMATE, Party.VISITOR):
            offered = await generator.offer()
            candidate = re.search(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+)", offered.sdp)
            assert candidate is not None
            addresses.append((candidate[1], int(candidate[2])))
            answer = await worker.offer("call", party, offered.sdp)
            assert isinstance(answer, PeerAnswer)
            await generator.take(offered.leg, answer.sdp)
            await generator.connect(offered.leg)
            legs.append(offered.leg)
        await generator.play([legs[1], legs[0]])
        for party in (Party.INMATE, Party.VISITOR):
            await worker.until(PeerMedia, lambda m, party=party: m.party is party and m.connected)
        worker.send(Forward(call="call", on=True))
        async with asyncio.timeout(10):
            while not all(await generator.last_received_ns()):
                await asyncio.sleep(0.02)
        yield Live(worker, generator, addresses, log)
    await worker.discard()


async def endures(live: Live, *flood: str) -> None:
    """The claims of this file, while that flood runs."""
    lines = len(live.log.read_text().splitlines())
    flooding = await asyncio.create_subprocess_exec(
        sys.executable,
        str(FLOOD),
        *(flood[0], "127.0.0.1", str(live.worker.port), str(FLOOD_S), *flood[1:]),
        stdout=asyncio.subprocess.PIPE,
    )
    end_s = time.monotonic() + FLOOD_S
    gaps, answers = await asyncio.gather(live.gaps(end_s), live.answers(end_s))
    sent = int((await flooding.communicate())[0])
    assert sent > 1000
    assert max(gaps) < MAX_GAP_S
    assert statistics.median(answers) < MAX_ANSWER_S
    assert len(live.log.read_text().splitlines()) - lines < MAX_LINES
    assert live.worker.process.returncode is None
    assert all(message.connected for message in live.worker.all(PeerMedia))


@pytest.mark.parametrize("sort", ["junk", "rtp", "hello", "stun"])
async def test_a_flood_from_other_addresses_costs_the_call_nothing(live: Live, sort: str) -> None:
    await endures(live, sort)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may forge a sender's address")
@pytest.mark.parametrize("sort", ["junk", "rtp", "hello", "stun"])
async def test_a_flood_under_a_partys_own_address_costs_the_call_nothing(
    live: Live, sort: str
) -> None:
    host, port = live.addresses[0]
    await endures(live, sort, host, str(port))
