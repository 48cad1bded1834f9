"""Claims about the guards' wall: who sees pictures, of what, and what becomes of bad ones."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from relay.core.model import VisitId
from tests.relay.facility import Running
from visit_protocol.vocabulary import Party, PictureHealth, StaffRole
from visit_protocol.worker import PictureJudged, PictureTaken

CANARY = "Q0FOQVJZLW9mLWEtcGljdHVyZS1vbi10aGUtd2FsbA=="


def call_of(relay: Running) -> str:
    """What the family's worker calls the call."""
    return relay.desks.calls._by_visit[VisitId(relay.family.id)].name


def tell(relay: Running, message: PictureTaken | PictureJudged) -> None:
    """The worker says so."""
    calls = relay.desks.calls
    calls._hear(calls._by_name[message.call].worker, message)


def taken(relay: Running, party: Party = Party.VISITOR, *, age_s: float = 0.0) -> None:
    """A worker tells a picture."""
    taken_ns = time.monotonic_ns() - int(age_s * 1e9)
    tell(relay, PictureTaken(call=call_of(relay), party=party, taken_ns=taken_ns, jpeg=CANARY))


async def judged(relay: Running, party: Party, health: PictureHealth) -> None:
    """A worker tells what is the matter with a picture."""
    tell(relay, PictureJudged(call=call_of(relay), party=party, health=health))
    await relay.desks.wall.drain()


def wall_of(relay: Running, client: httpx.AsyncClient, *, origin: bool = True) -> Any:
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    host = f"127.0.0.1:{relay.port}"
    headers = {"Cookie": cookie, **({"Origin": f"http://{host}"} if origin else {})}
    return connect(f"ws://{host}/api/v1/wall", additional_headers=headers)


async def batch(wall: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(5):
        told: dict[str, Any] = json.loads(await wall.recv())
        return told


async def open_alerts(relay: Running) -> list[tuple[str, int]]:
    listed = (await relay.local.get("alerts")).json()["alerts"]
    return sorted(
        (one["kind"], one["priority"]) for one in listed if one["acknowledged_at"] is None
    )


async def test_a_guard_gets_what_is_new_once_and_then_only_changes(carrying: Running) -> None:
    guard = await carrying.staff(StaffRole.GUARD)
    async with wall_of(carrying, guard) as wall:
        assert (await batch(wall))["pictures"] == []
        taken(carrying, age_s=1.0)
        told = await batch(wall)
        [picture] = told["pictures"]
        assert (picture["visit"], picture["party"]) == (carrying.family.id, "VISITOR")
        assert picture["jpeg"] == CANARY
        assert picture["taken"] < told["now"]
        assert (await batch(wall))["pictures"] == []
        taken(carrying, Party.INMATE)
        assert [one["party"] for one in (await batch(wall))["pictures"]] == ["INMATE"]


async def test_pictures_are_kept_nowhere_once_nobody_looks_and_never_on_the_disk(
    carrying: Running,
) -> None:
    guard = await carrying.staff(StaffRole.GUARD)
    taken(carrying)  # before anybody looks
    async with wall_of(carrying, guard) as wall:
        assert (await batch(wall))["pictures"] == []
        taken(carrying)
        assert (await batch(wall))["pictures"]
        assert not holding(carrying.folder)
    async with wall_of(carrying, guard) as wall:
        while (await batch(wall))["pictures"]:  # until the first one's end was noticed
            await asyncio.sleep(0.1)
        assert not holding(carrying.folder)


def holding(folder: Path) -> list[Path]:
    """The files that hold the picture."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if CANARY.encode() in file.read_bytes()]


async def test_only_guards_with_the_pages_own_origin_look(relay: Running) -> None:
    for role in StaffRole:
        client = await relay.staff(role)
        async with wall_of(relay, client) as wall:
            if role is StaffRole.GUARD:
                assert (await batch(wall))["type"] == "pictures"
                continue
            with pytest.raises(ConnectionClosed):
                await batch(wall)
            assert wall.close_code == 4403
    guard = await relay.staff(StaffRole.GUARD)
    with pytest.raises(Exception, match="403"):
        async with wall_of(relay, guard, origin=False):
            pass
    async with wall_of(relay, httpx.AsyncClient()) as wall:
        with pytest.raises(ConnectionClosed):
            await batch(wall)
        assert wall.close_code == 4401


async def test_the_journal_says_who_looked_at_the_wall(relay: Running) -> None:
    guard = await relay.staff(StaffRole.GUARD)
    async with wall_of(relay, guard) as wall:
        await batch(wall)
    async with asyncio.timeout(5):
        while True:
            rows = (await relay.local.get("journal")).json()["rows"]
            found = [row for row in rows if row["action"].startswith("wall.")]
            if len(found) == 2:
                break
            await asyncio.sleep(0.1)
    assert [row["action"] for row in found] == ["wall.opened", "wall.closed"]
    assert found[0]["actor"] == found[1]["actor"]


async def test_no_worker_of_a_protected_call_is_asked_for_pictures(carrying: Running) -> None:
    workers = [worker.pid for worker in carrying.desks.calls.workers]
    guard = await carrying.staff(StaffRole.GUARD)
    async with wall_of(carrying, guard) as wall:
        for _ in range(3):
            told = await batch(wall)
            assert carrying.legal.id not in [one["visit"] for one in told["pictures"]]
    # One that was asked would have ended: it does not know the word.
    assert [worker.pid for worker in carrying.desks.calls.workers] == workers


async def test_a_bad_picture_is_a_quiet_alert_that_goes_when_it_mends(carrying: Running) -> None:
    await judged(carrying, Party.INMATE, PictureHealth.DARK)
    await judged(carrying, Party.VISITOR, PictureHealth.DARK)
    assert await open_alerts(carrying) == [("PICTURE_DARK", 3)]
    await judged(carrying, Party.INMATE, PictureHealth.COVERED)
    assert await open_alerts(carrying) == [("PICTURE_COVERED", 3), ("PICTURE_DARK", 3)]
    await judged(carrying, Party.VISITOR, PictureHealth.GOOD)
    assert await open_alerts(carrying) == [("PICTURE_COVERED", 3)]
    await judged(carrying, Party.INMATE, PictureHealth.GOOD)
    assert await open_alerts(carrying) == []
    run = await carrying.run_of(carrying.family)
    assert run.machine.outcome is None, "automation never ends a call"
