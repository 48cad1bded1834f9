"""`Supervisor` over stand-ins: when it calls the facility ready, and how it ends."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from operate.facility.program import GaveUpError, ProgramPlan
from operate.facility.readiness import LocalRelay
from operate.facility.supervisor import KioskPlan, Pids, Supervisor

STAND_INS = str(Path(__file__).with_name("stand_ins.py"))


class Facility:
    """A supervised relay and kiosks, and what was heard of them."""

    def __init__(self, folder: Path, *terminals: str) -> None:
        self.folder = folder
        self.relay = self._plan("relay")
        self.kiosks = [KioskPlan(name, self._plan("kiosk", name)) for name in terminals]
        self.until = asyncio.Event()
        self.ready: asyncio.Queue[Pids] = asyncio.Queue()
        self.said: list[str] = []

    def _plan(self, program: str, *rest: str) -> ProgramPlan:
        command = (sys.executable, STAND_INS, program, str(self.folder), *rest)
        return ProgramPlan(" ".join((program, *rest)), command, self.folder / "log")

    async def run(self) -> bool:
        supervisor = Supervisor(
            self.relay,
            self.kiosks,
            LocalRelay(self.folder / "relay.sock"),
            on_ready=self.ready.put_nowait,
            say=self.said.append,
        )
        return await supervisor.run(self.until)

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.run())
        yield
        self.until.set()
        assert await task

    async def next_ready(self) -> Pids:
        async with asyncio.timeout(15):
            return await self.ready.get()


async def test_a_kiosk_without_a_camera_is_not_ready_until_it_has_one(tmp_path: Path) -> None:
    (tmp_path / "blind-T-01").touch()
    facility = Facility(tmp_path, "T-01")
    local = LocalRelay(tmp_path / "relay.sock")
    async with facility.living():
        fault = "kiosk T-01's camera is ABSENT; see camera.device in its kiosk.toml"
        async with asyncio.timeout(15):
            while await local.missing(["T-01"]) != [fault]:
                await asyncio.sleep(0.05)
        assert facility.ready.empty()
        (tmp_path / "blind-T-01").unlink()
        await facility.next_ready()


async def test_ready_is_told_once_with_everybody_s_process(tmp_path: Path) -> None:
    facility = Facility(tmp_path, "T-01", "T-02")
    async with facility.living():
        pids = await facility.next_ready()
        assert len({pids.relay, *pids.kiosks}) == 3
        assert (tmp_path / "kiosk-T-01").exists()
        assert (tmp_path / "kiosk-T-02").exists()
    assert facility.ready.empty()
    assert facility.said == []


async def test_kiosks_end_before_the_relay(tmp_path: Path) -> None:
    facility = Facility(tmp_path, "T-01", "T-02")
    async with facility.living():
        await facility.next_ready()
    *kiosks, last = (tmp_path / "ends").read_text().splitlines()
    assert sorted(kiosks) == ["kiosk T-01", "kiosk T-02"]
    assert last == "relay"


@pytest.mark.parametrize("victim", ["relay", "kiosk"])
async def test_new_process_ids_are_told_as_soon_as_a_killed_process_is_started_again(
    tmp_path: Path, victim: str
) -> None:
    facility = Facility(tmp_path, "T-01")
    async with facility.living():
        before = await facility.next_ready()
        os.kill(before.relay if victim == "relay" else before.kiosks[0], signal.SIGKILL)
        after = await facility.next_ready()
        assert (after.relay != before.relay) == (victim == "relay")
        assert (after.kiosks != before.kiosks) == (victim == "kiosk")


async def test_new_process_ids_are_told_before_all_is_usable_again(tmp_path: Path) -> None:
    facility = Facility(tmp_path, "T-01")
    async with facility.living():
        before = await facility.next_ready()
        (tmp_path / "blind-T-01").touch()
        os.kill(before.kiosks[0], signal.SIGKILL)
        assert (await facility.next_ready()).kiosks != before.kiosks
        assert await LocalRelay(tmp_path / "relay.sock").missing(["T-01"])


async def test_no_kiosk_is_asked_for_and_the_relay_alone_is_ready(tmp_path: Path) -> None:
    facility = Facility(tmp_path)
    async with facility.living():
        assert (await facility.next_ready()).kiosks == ()


async def test_giving_one_up_ends_the_others(tmp_path: Path) -> None:
    facility = Facility(tmp_path, "T-01")
    command = (sys.executable, "-c", "import sys; sys.exit('no such camera')")
    broken = ProgramPlan("kiosk T-02", command, tmp_path / "log-2")
    facility.kiosks.append(KioskPlan("T-02", broken))
    with pytest.raises(GaveUpError, match="kiosk T-02 died 5 times in 30 s"):
        await facility.run()
    assert sorted((tmp_path / "ends").read_text().splitlines()) == ["kiosk T-01", "relay"]
    assert facility.ready.empty()
