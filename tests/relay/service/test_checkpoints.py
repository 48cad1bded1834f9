"""The keeper of the log: when it signs, what it watches, and that a broken log stops nobody."""

import asyncio
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from evidence.checkpoint import verify_checkpoint
from operate.example.people import FACILITY
from relay.core.alerts import AlertKind
from relay.service import checkpoints
from relay.service.alerts import AlertDesk
from relay.service.audit_key import AUDIT_KEY, AuditKeyError, open_audit_key
from relay.service.checkpoints import CheckpointDesk
from relay.service.feed import Feed
from relay.store.alerts import AlertRow, Alerts
from relay.store.audit import Checkpoints, StoredCheckpoint
from relay.store.database import DATABASE_FILE, Store
from relay.store.journal import Journal
from relay.store.sqlite import Database
from tests.relay.facility import NOW, HandClock
from tests.relay.store.test_audit import tamper


def desk_over(store: Store, folder: Path) -> CheckpointDesk:
    clock = HandClock()
    alerts = AlertDesk(store, clock, Feed())
    return CheckpointDesk(
        store=store, clock=clock, data_dir=folder, facility=FACILITY, alerts=alerts
    )


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[CheckpointDesk]:
    with Store.open(tmp_path / DATABASE_FILE) as store:
        desk = desk_over(store, tmp_path)
        await desk.start()
        yield desk


def store_of(desk: CheckpointDesk) -> Store:
    return desk._store


async def enter(desk: CheckpointDesk, action: str) -> int:
    return await store_of(desk).write(lambda db: Journal(db).append(NOW, "staff:a", action, ""))


async def latest(desk: CheckpointDesk) -> StoredCheckpoint:
    found = await store_of(desk).read(lambda db: Checkpoints(db).latest())
    assert found is not None
    return found


async def alerts_of(desk: CheckpointDesk) -> tuple[AlertRow, ...]:
    return await store_of(desk).read(lambda db: Alerts(db).open())


async def covered(desk: CheckpointDesk, seq: int) -> StoredCheckpoint:
    async with asyncio.timeout(10):
        while (found := await latest(desk)).size < seq:
            await asyncio.sleep(0.005)
    return found


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = open_audit_key(tmp_path, "parloir/f-1/audit")
    assert open_audit_key(tmp_path, "parloir/f-1/audit").key == first.key
    assert stat.S_IMODE((tmp_path / AUDIT_KEY).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / AUDIT_KEY).parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_key_is_said_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / AUDIT_KEY).parent.mkdir()
    (tmp_path / AUDIT_KEY).write_bytes(content)
    with pytest.raises(AuditKeyError, match="not a private key"):
        open_audit_key(tmp_path, "parloir/f-1/audit")
    assert (tmp_path / AUDIT_KEY).read_bytes() == content


async def test_the_first_entry_of_a_key_is_that_it_is_in_use(desk: CheckpointDesk) -> None:
    rows = await store_of(desk).read(lambda db: Journal(db).after())
    assert desk.key is not None
    assert [(row.action, row.subject) for row in rows] == [("audit.key_made", desk.key.id.hex())]
    assert rows[0].detail == {"key": str(desk.key), "replaced": False}
    signed = verify_checkpoint((await latest(desk)).note, desk.origin, [desk.key])
    assert (signed.size, signed.at) == (1, NOW)


async def test_a_sensitive_act_is_signed_at_once_and_others_within_the_period(
    desk: CheckpointDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = asyncio.create_task(desk.run())
    await asyncio.sleep(0)
    seq = await enter(desk, "visit.ended")
    seq = await enter(desk, "order.issued")
    assert (await covered(desk, seq)).size == seq
    await enter(desk, "visit.ended")
    for _ in range(20):
        await asyncio.sleep(0.005)
    assert (await latest(desk)).size == seq
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    monkeypatch.setattr(checkpoints, "PERIOD_S", 0.02)
    running = asyncio.create_task(desk.run())
    assert (await covered(desk, seq + 1)).number == 3
    await asyncio.sleep(0.1)
    assert (await latest(desk)).number == 3, "nothing was entered, so nothing was signed"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_is_entered_last_is_signed_when_the_relay_stops(desk: CheckpointDesk) -> None:
    seq = await enter(desk, "visit.ended")
    await desk.drain()
    assert (await latest(desk)).size == seq


async def test_a_sound_log_is_called_sound(desk: CheckpointDesk) -> None:
    for _ in range(450):
        await enter(desk, "visit.ended")
    await desk.sign()
    verified = await desk.verify()
    assert verified.report.sound
    assert (verified.report.size, verified.report.covered) == (451, 451)
    assert await alerts_of(desk) == ()


async def test_a_broken_log_is_one_alert_that_says_where_and_stops_nothing(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path / DATABASE_FILE) as store:
        desk = desk_over(store, tmp_path)
        await desk.start()
        for _ in range(5):
            await enter(desk, "visit.ended")
        await desk.drain()
    tamper(tmp_path / DATABASE_FILE, "UPDATE journal SET actor = 'staff:b' WHERE seq = 3")
    with Store.open(tmp_path / DATABASE_FILE) as store:
        desk = desk_over(store, tmp_path)
        await desk.start()
        assert not (await desk.verify()).report.sound
        await desk.verify()
        (alert,) = await alerts_of(desk)
        assert (alert.kind, alert.priority) == (AlertKind.AUDIT_BROKEN, 2)
        assert alert.detail["finding"] == "ENTRY_EDITED"
        assert (alert.detail["first"], alert.detail["last"]) == (3, 3)
        seq = await enter(desk, "visit.ended")
        await desk.sign()
        assert (await latest(desk)).size == seq


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_node SET hash = zeroblob(32)", "DELETE FROM audit_node WHERE level > 0"],
)
async def test_a_damaged_tree_is_an_alert_when_it_is_signed(tmp_path: Path, statement: str) -> None:
    with Store.open(tmp_path / DATABASE_FILE) as store:
        desk = desk_over(store, tmp_path)
        await desk.start()
        for _ in range(5):
            await enter(desk, "visit.ended")
        await desk.drain()
    tamper(tmp_path / DATABASE_FILE, statement)
    with Store.open(tmp_path / DATABASE_FILE) as store:
        desk = desk_over(store, tmp_path)
        await desk.start()
        await enter(desk, "order.issued")
        await desk.sign()
        assert [alert.detail["finding"] for alert in await alerts_of(desk)] == ["TREE_ALTERED"]


async def test_a_key_that_is_gone_or_unreadable_is_an_alert(tmp_path: Path) -> None:
    for damage, finding in ((Path.unlink, "KEY_REPLACED"), (_spoil, "KEY_UNUSABLE")):
        with Store.open(tmp_path / DATABASE_FILE) as store:
            await desk_over(store, tmp_path).start()
        damage(tmp_path / AUDIT_KEY)
        with Store.open(tmp_path / DATABASE_FILE) as store:
            desk = desk_over(store, tmp_path)
            await desk.start()
            (alert,) = await alerts_of(desk)
            assert alert.detail["finding"] == finding
            await enter(desk, "order.issued")
            await desk.drain()
            await store.write(_acknowledging(alert.id))
    assert (await _verify_again(tmp_path)).report.sound


def _spoil(file: Path) -> None:
    file.write_text("nothing")


def _acknowledging(alert: str) -> Callable[[Database], bool]:
    return lambda db: Alerts(db).acknowledge(alert, "staff:a", NOW)


async def _verify_again(folder: Path) -> checkpoints.Verified:
    with Store.open(folder / DATABASE_FILE) as store:
        return await desk_over(store, folder).verify()
