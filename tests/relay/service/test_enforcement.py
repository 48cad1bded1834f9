"""Claims about orders from the envelope to the receipt, whatever happens in between."""

import asyncio
import contextlib
import hashlib
import shutil
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from relay.app import facility_of
from relay.config import RelayConfig
from relay.core.model import VisitId
from relay.service.desks import build
from relay.service.enforcement import NoTrustError, OrderRefusedError
from relay.service.keys import KeyLockedError, UnknownKeyError, WrongKeySecretError
from relay.service.receipts import Event, ReceiptBook
from relay.service.staff import Actor
from relay.service.visit_run import VisitRun
from relay.store.alerts import Alerts
from relay.store.clock_mark import ClockMarks
from relay.store.database import DATABASE_FILE, Store
from relay.store.errors import StoreFullError, TamperedStoreError
from relay.store.key_files import KeyFolder, SealedKey
from relay.store.receipts import ReceiptRow, Receipts
from suspension import (
    ClockInterval,
    Cut,
    CutMode,
    Home,
    OrderBook,
    RefusalCode,
    Scope,
    TrustedOrders,
    lift,
)
from suspension.envelope import RECEIPT_TYPE, parse_envelope, sign
from suspension.receipt import Stage, check_chain, parse_receipt
from tests.relay.facility import NOW, HandClock, Running, Silent
from tests.relay.killed import LIFTING, POINTS
from tests.relay.signing import order_on, signed_by_all
from tests.suspension.people import signer
from tests.suspension.test_vectors import CASES, read_trust
from visit_protocol.message import Message
from visit_protocol.signalling import Reminder, VisitUpdate
from visit_protocol.vocabulary import CallState, Outcome, Party, RejectionCode

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
_GAPS = "SELECT 1 FROM journal WHERE action = 'order.number_missing'"
ROOT = Path(__file__).resolve().parents[3]
VECTORS = ROOT / "tests" / "vectors" / "orders"


@contextlib.asynccontextmanager
async def restarted(folder: Path) -> AsyncIterator[Running]:
    """A relay over what another has left, whose visits and orders nobody touches before."""
    clock = HandClock()
    with Store.open(folder / DATABASE_FILE) as store:
        config = RelayConfig.model_validate({"data_dir": folder})
        desks = build(config, store, clock, facility_of(store))
        await desks.start()
        await desks.take_up()
        async with httpx.AsyncClient() as nobody:
            yield Running(desks, clock, 0, [], folder, nobody)
        await desks.drain()


async def receipts(relay: Running) -> tuple[ReceiptRow, ...]:
    """All receipts, whose chain must hold."""
    rows = await relay.desks.store.read(lambda db: Receipts(db).after())
    desks = relay.desks
    chain = check_chain([row.content for row in rows], desks.enforcement.trust, desks.facility.id)
    assert chain.whole, chain
    return rows


async def stages(relay: Running) -> list[Stage]:
    return [row.stage for row in await receipts(relay)]


async def alerts(relay: Running) -> list[str]:
    return [row.kind for row in await relay.desks.store.read(lambda db: Alerts(db).open())]


async def accept(relay: Running, **changes: object) -> object:
    order = order_on(relay.family.inmate, **changes)
    await relay.desks.enforcement.accept(await signed_by_all(relay, order))
    return order


def told(run: VisitRun, party: Party) -> list[Message]:
    client = run.attending[party]
    assert isinstance(client, Silent)
    return client.told


async def settle(relay: Running) -> None:
    """What the timer does when it rings."""
    await relay.desks.enforcement.take_effect()
    await relay.desks.visits.review()


async def test_an_order_is_received_enforced_and_expires_with_a_receipt_each(
    relay: Running,
) -> None:
    run = await relay.meet(relay.family)
    await accept(relay)
    assert run.machine.outcome is Outcome.SUSPENDED_BY_ORDER
    assert await stages(relay) == [Stage.RECEIVED, Stage.ENFORCED]
    enforced = parse_receipt(
        parse_envelope((await receipts(relay))[1].content, RECEIPT_TYPE).payload
    )
    assert (enforced.live_before, enforced.live_after) == (1, 0)
    assert [one.visit for one in enforced.cut] == [run.visit.id]
    relay.clock.pass_time(hours=3)
    await settle(relay)
    await settle(relay)
    assert await stages(relay) == [Stage.RECEIVED, Stage.ENFORCED, Stage.EXPIRED]


async def test_a_lift_is_attested_and_the_lifted_order_expires_no_more(relay: Running) -> None:
    run = await relay.meet(relay.family)
    order = await accept(relay)
    lifted = lift(order, "staff:administrator", NOW, "done")  # type: ignore[arg-type]
    await relay.desks.enforcement.accept(await signed_by_all(relay, lifted))
    assert run.machine.state is CallState.OPEN
    relay.clock.pass_time(hours=3)
    await settle(relay)
    assert await stages(relay) == [
        *(Stage.RECEIVED, Stage.ENFORCED),
        *(Stage.RECEIVED, Stage.LIFTED),
    ]


async def test_an_order_that_begins_later_is_enforced_then(relay: Running) -> None:
    run = await relay.meet(relay.family)
    await accept(relay, not_before=NOW + timedelta(minutes=1))
    assert run.machine.state is CallState.LIVE
    assert await stages(relay) == [Stage.RECEIVED]
    relay.clock.pass_time(minutes=1)
    await settle(relay)
    assert run.machine.outcome is Outcome.SUSPENDED_BY_ORDER
    assert await stages(relay) == [Stage.RECEIVED, Stage.ENFORCED]


async def test_a_call_is_granted_its_moment_and_then_stops(relay: Running) -> None:
    run = await relay.meet(relay.family)
    for party in Party:
        relay.desks.audience.enter(run.visit.id, party, run.attending[party])
    await accept(relay, cut=Cut(CutMode.GRACE, 60))
    await settle(relay)
    assert run.machine.state is CallState.LIVE
    assert await stages(relay) == [Stage.RECEIVED]
    assert relay.desks.enforcement._pause_s() <= 60.1
    for party in Party:
        [minute] = [one for one in told(run, party) if isinstance(one, Reminder)]
        [*_, last] = [one.visit for one in told(run, party) if isinstance(one, VisitUpdate)]
        assert minute.minutes == 1
        assert last.stopping is not None
        assert (last.ends, last.stopping.until) == (NOW + MINUTE, NOW + MINUTE)
        assert last.stopping.public_text == {"ru": "Проверка.", "en": "A check."}
        assert last.refusals == ()
    relay.clock.pass_time(seconds=61)
    await settle(relay)
    assert run.machine.outcome is Outcome.SUSPENDED_BY_ORDER
    assert await stages(relay) == [Stage.RECEIVED, Stage.ENFORCED]


async def test_a_call_whose_order_is_lifted_in_its_last_moment_goes_on_to_its_end(
    relay: Running,
) -> None:
    run = await relay.meet(relay.family)
    relay.desks.audience.enter(run.visit.id, Party.VISITOR, run.attending[Party.VISITOR])
    order = await accept(relay, cut=Cut(CutMode.GRACE, 60))
    lifted = lift(order, "staff:administrator", NOW, "done")  # type: ignore[arg-type]
    await relay.desks.enforcement.accept(await signed_by_all(relay, lifted))
    updates = [one for one in told(run, Party.VISITOR) if isinstance(one, VisitUpdate)]
    ends = [one.visit.ends for one in updates]
    assert [one.visit.stopping is None for one in updates] == [False, True]
    assert ends == [NOW + MINUTE, run.machine.ends_at(now=NOW)]
    assert run.machine.state is CallState.LIVE


async def test_a_call_that_may_finish_goes_on_and_no_other_begins(relay: Running) -> None:
    run = await relay.meet(relay.family)
    await accept(relay, cut=Cut(CutMode.FINISH))
    await settle(relay)
    assert run.machine.state is CallState.LIVE
    assert await stages(relay) == [Stage.RECEIVED, Stage.ENFORCED]
    again = await relay.desks.attendance._decide(run, Party.VISITOR)
    assert RejectionCode.SUSPENDED_BY_ORDER not in again.codes
    other = await relay.run_of(relay.legal)
    facility = {"facility": [relay.desks.facility.id]}
    await accept(
        relay,
        id="ord-2",
        scope=Scope.parse(facility),
        cut=Cut(CutMode.FINISH),
        protected=frozenset({other.visit.visit_type}),
    )
    await settle(relay)
    assert other.machine.outcome is Outcome.SUSPENDED_BY_ORDER
    assert run.machine.state is CallState.LIVE


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("no-envelope", "ENVELOPE_INVALID"),
        ("unknown-critical", "ORDER_CRITICAL_UNKNOWN"),
        ("narrow", "UNDER_SIGNED"),
    ],
)
async def test_what_is_refused_leaves_one_receipt_and_an_alert(
    relay: Running, name: str, code: str
) -> None:
    envelope = (VECTORS / f"{name}.order.json").read_bytes()
    for _ in range(2):
        with pytest.raises(OrderRefusedError) as refused:
            await relay.desks.enforcement.accept(envelope, via="usb")
        assert refused.value.code == code
    [row] = await receipts(relay)
    assert (row.stage, row.why) == (Stage.REJECTED, code)
    assert await alerts(relay) == ["ORDER_REFUSED"]


async def test_every_vector_is_refused_with_its_own_code_in_a_signed_receipt_and_on_the_console(
    relay: Running,
) -> None:
    enforcement, believed = relay.desks.enforcement, relay.desks.enforcement._trusted
    assert believed is not None
    wanted: set[tuple[str, str]] = set()
    for case in CASES["cases"]:
        if not set(RefusalCode) & set(case["expect"]):
            continue
        interval = ClockInterval(*(datetime.fromisoformat(one) for one in case["clock"].values()))
        mark = replace(relay.clock.mark(), now=interval.lo, interval=interval)
        relay.clock.mark = lambda mark=mark: mark  # type: ignore[method-assign]
        home = Home(case["facility"])
        enforcement._trusted = TrustedOrders(read_trust(case["trust"]), home, OrderBook())
        for name, verdict in zip(case["arrive"], case["expect"], strict=True):
            envelope = (VECTORS / f"{name}.order.json").read_bytes()
            if verdict == "ACCEPTED":
                await enforcement.accept(envelope)
                continue
            with pytest.raises(OrderRefusedError) as refused:
                await enforcement.accept(envelope, via="usb")
            assert refused.value.code == verdict, case["name"]
            order = refused.value.refused.order
            sha256 = hashlib.sha256(envelope).hexdigest() if order is None else order.sha256
            wanted.add((sha256, verdict))
    assert {code for _, code in wanted} == set(RefusalCode)
    enforcement._trusted = believed
    rows = [row for row in await receipts(relay) if row.stage is Stage.REJECTED]
    assert {(row.order_sha256, row.why) for row in rows} == wanted
    shown = (await relay.local.get("orders")).json()["refused"]
    assert {(one["sha256"], one["code"]) for one in shown} == wanted


async def test_a_gap_in_an_issuers_numbers_is_said_and_decides_nothing(relay: Running) -> None:
    async def said() -> tuple[list[dict[str, Any]], bool, int]:
        answer = (await relay.local.get("orders")).json()
        rows = await relay.desks.store.read(lambda db: list(db.query(_GAPS)))
        alerted = "ORDER_NUMBER_MISSING" in await alerts(relay)
        return answer["missing_numbers"], alerted, len(rows)

    await accept(relay)
    assert await said() == ([], False, 0)
    fourth = await accept(relay, id="ord-4", issuer_seq=4)
    gap = {"issuer": "staff:administrator", "first": 2, "last": 3}
    assert await said() == ([gap], True, 1)
    assert fourth in relay.desks.enforcement.book.in_force(relay.clock.interval())
    await accept(relay, id="ord-3", issuer_seq=3)
    assert await said() == ([gap | {"last": 2}], True, 1)
    await accept(relay, id="ord-2", issuer_seq=2)
    assert await said() == ([], False, 1)


async def test_the_same_order_again_changes_nothing(relay: Running) -> None:
    envelope = await signed_by_all(relay, order_on(relay.family.inmate))
    assert (await relay.desks.enforcement.accept(envelope)).new
    assert not (await relay.desks.enforcement.accept(envelope)).new
    assert await stages(relay) == [Stage.RECEIVED, Stage.ENFORCED]


async def test_two_versions_of_one_revision_raise_an_alarm_and_both_deny(relay: Running) -> None:
    await accept(relay)
    await accept(relay, comment="another")
    assert "ORDER_EQUIVOCATED" in await alerts(relay)
    assert len(relay.desks.enforcement.book.head("ord-test")) == 2


async def test_a_clock_set_back_unsuspends_nobody_and_powered_time_ends_an_order(
    relay: Running,
) -> None:
    run = await relay.meet(relay.family)
    await accept(relay)
    standing = relay.clock.mark()
    late = int(timedelta(hours=2.5).total_seconds() * 1e9)
    for powered_ns, suspended in ((late, True), (late + 1000, False)):
        moved = type(standing)(
            standing.now, standing.interval, "boot", 0, standing.powered_ns + powered_ns
        )
        relay.clock.mark = lambda moved=moved: moved  # type: ignore[method-assign]
        await settle(relay)
        assert bool(relay.desks.visits.suspending(run)) is suspended
    assert (await stages(relay))[-1] is Stage.EXPIRED


async def test_the_high_water_mark_of_the_clock_survives_a_restart(relay: Running) -> None:
    await accept(relay)
    shutil.copytree(relay.folder, relay.folder.parent / "kept")
    with Store.open(relay.folder.parent / "kept" / DATABASE_FILE) as store:
        mark = store.read_now(lambda db: ClockMarks(db).latest())
        assert mark is not None
        assert mark.interval.lo == NOW
        earlier = type(mark)(NOW - HOUR, type(mark.interval).exact(NOW - HOUR), "x", 0)
        store.write_now(lambda db: ClockMarks(db).put(earlier))
        assert store.read_now(lambda db: ClockMarks(db).latest()) == mark


async def test_on_a_full_disk_calls_stop_and_the_receipt_follows_when_there_is_room(
    relay: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await relay.meet(relay.family)
    write = ReceiptBook.write

    def full(self: ReceiptBook, db: Any, event: Event, mark: Any) -> bool:
        if event.stage is Stage.ENFORCED:
            raise StoreFullError("no room")
        return write(self, db, event, mark)

    with monkeypatch.context() as patch:
        patch.setattr(ReceiptBook, "write", full)
        await accept(relay)
    assert run.machine.outcome is Outcome.SUSPENDED_BY_ORDER
    assert await stages(relay) == [Stage.RECEIVED]
    await settle(relay)
    assert await stages(relay) == [Stage.RECEIVED, Stage.ENFORCED]
    last = parse_receipt(parse_envelope((await receipts(relay))[1].content, RECEIPT_TYPE).payload)
    assert (last.live_before, [one.visit for one in last.cut]) == (1, [run.visit.id])


@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_any_point_every_stage_has_exactly_one_receipt_in_the_end(
    example_at_now: Path, tmp_path: Path, point: str
) -> None:
    killed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.relay.killed", example_at_now, tmp_path / "data", point),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(100):
        said, _ = await killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    visit, inmate = said.decode().split()
    async with restarted(tmp_path / "data") as relay:
        run = await relay.desks.visits.find(VisitId(visit))
        if point in LIFTING:
            assert not relay.desks.visits.suspending(run)
            await settle(relay)
            assert Counter(await stages(relay)) == {
                Stage.RECEIVED: 2,
                Stage.ENFORCED: 1,
                Stage.LIFTED: 1,
            }
            return
        committed = point != "before commit"
        assert bool(relay.desks.visits.suspending(run)) is committed
        if not committed:
            assert await stages(relay) == []
            order = await signed_by_all(relay, order_on(inmate))
            await relay.desks.enforcement.accept(order)
        assert run.machine.outcome is Outcome.SUSPENDED_BY_ORDER
        await settle(relay)
        assert Counter(await stages(relay)) == {Stage.RECEIVED: 1, Stage.ENFORCED: 1}
        assert len(list((tmp_path / "data" / "orders").iterdir())) == 1


async def test_a_database_from_a_backup_finds_its_orders_on_the_shelf(
    relay: Running, tmp_path: Path
) -> None:
    run = await relay.meet(relay.family)
    restored = tmp_path / "restored"
    with sqlite3.connect(relay.folder / DATABASE_FILE) as db:
        db.execute("VACUUM INTO ?", [str(tmp_path / "backup")])
    db.close()
    await accept(relay)
    shutil.copytree(relay.folder, restored)
    for name in (DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm"):
        (restored / name).unlink(missing_ok=True)
    (tmp_path / "backup").rename(restored / DATABASE_FILE)
    async with restarted(restored) as again:
        assert again.desks.visits.suspending(await again.desks.visits.find(run.visit.id))
        assert "STORE_OLDER" in await alerts(again)
        assert await stages(again) == [Stage.RECEIVED, Stage.ENFORCED]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("order_envelope", ('"payload":"', '"payload":"AAAA')),
        ("order_envelope", ('"keyid":"', '"keyid":"0')),
        ("trust_metadata", ("approver", "somebody")),
    ],
)
async def test_a_store_that_was_changed_by_hand_is_not_believed(
    relay: Running, tmp_path: Path, table: str, words: tuple[str, str]
) -> None:
    await accept(relay)
    folder = tmp_path / "copy"
    shutil.copytree(relay.folder, folder)
    with sqlite3.connect(folder / DATABASE_FILE) as db:
        db.execute(f"DROP TRIGGER {table}_no_update")
        changed = "CAST(replace(CAST(content AS TEXT), ?, ?) AS BLOB)"
        db.execute(f"UPDATE {table} SET content = {changed}", words)
    db.close()
    with pytest.raises(TamperedStoreError):
        async with restarted(folder):
            pass


async def test_a_facility_without_a_root_believes_no_order_until_it_is_told_one(
    relay: Running,
) -> None:
    enforcement = relay.desks.enforcement
    envelope = await signed_by_all(relay, order_on(relay.family.inmate))
    trust, enforcement._trusted = enforcement.trust, None
    with pytest.raises(NoTrustError):
        await enforcement.accept(envelope)
    assert (await relay.local.get("trust")).json()["code"] == "NO_TRUST"
    body = {
        "roots": [one.decode() for one in trust.roots],
        "delegations": trust.targets.decode(),
    }
    assert (await relay.local.post("trust", json=body)).status_code == 200
    assert (await enforcement.accept(envelope)).new
    body["delegations"] = body["delegations"].replace("approver", "somebody")
    refused = await relay.local.post("trust", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "TRUST_INVALID")


async def test_a_signed_order_comes_in_over_rest_and_its_receipts_go_out(relay: Running) -> None:
    envelope = await signed_by_all(relay, order_on(relay.family.inmate))
    body = {"envelope": envelope.decode(), "via": "usb"}
    answer = await relay.local.post("orders/envelopes", json=body)
    assert (answer.status_code, answer.json()["state"]) == (201, "ACTIVE")
    stranger = sign(order_on("i-99"), signer("a.stranger")).decode()
    refused = await relay.local.post("orders/envelopes", json={"envelope": stranger})
    assert (refused.status_code, refused.json()["code"]) == (422, "UNDER_SIGNED")
    listed = (await relay.local.get("receipts")).json()
    assert [one["stage"] for one in listed["receipts"]] == ["received", "enforced", "rejected"]
    first = parse_receipt(
        parse_envelope(listed["receipts"][0]["envelope"].encode(), RECEIPT_TYPE).payload
    )
    assert first.via == "usb"


async def test_a_key_opens_with_its_own_secret_and_locks_after_wrong_ones(relay: Running) -> None:
    keyring = relay.desks.keyring
    secret = relay.secrets.signing["approver"]
    opened = await keyring.signer("approver", secret)
    assert opened.public_key.unrecognized_fields == {"x-parloir-person": "approver"}
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongKeySecretError) as wrong:
            await keyring.signer("approver", "x" * 20)
        assert wrong.value.attempts_left == left
    for given in ("x" * 20, secret):
        with pytest.raises(KeyLockedError):
            await keyring.signer("approver", given)
    relay.clock.pass_time(minutes=16)
    await keyring.signer("approver", secret)
    with pytest.raises(UnknownKeyError):
        await keyring.signer("../approver", secret)


async def test_two_accounts_of_one_person_are_one_signer(relay: Running) -> None:
    keyring = relay.desks.keyring
    assert await keyring.person_of(Actor("staff", "approver")) == "approver"
    assert await keyring.person_of(Actor("staff", "guard")) is None
    assert await keyring.person_of(Actor.local("approver")) is None
    folder = KeyFolder.of(relay.folder)
    key = folder.find("approver")
    assert key is not None
    private = key.open(relay.secrets.signing["approver"])
    again = SealedKey.seal(private, "approver", "y" * 20, ("approver", "d.orlov"))
    folder.put(again)
    assert await keyring.person_of(Actor("staff", "d.orlov")) == "approver"
    # The list of accounts is sealed with the key: it cannot be changed beside it.
    folder.put(again.model_copy(update={"accounts": ("administrator",)}))
    with pytest.raises(WrongKeySecretError):
        await keyring.signer("approver", "y" * 20)
