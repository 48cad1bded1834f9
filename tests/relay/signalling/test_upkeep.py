"""Claims about looking after terminals: what they say of themselves, and what they are told."""

import asyncio
import base64
from typing import Any

import httpx
import pytest

from relay.store.alerts import Alerts
from relay.store.self_tests import KEPT, SelfTests
from tests.relay.facility import Running, Wire
from visit_protocol.signalling import (
    CommandAnswer,
    Identified,
    Identify,
    SelfTestReport,
    TerminalAbout,
    TerminalAgenda,
    TerminalCommand,
    TerminalMode,
    TerminalNetwork,
    Welcome,
)
from visit_protocol.vocabulary import (
    CheckState,
    DeviceState,
    SelfTestCause,
    StaffRole,
    TerminalAction,
)

ABOUT = TerminalAbout(
    software="parloir-kiosk 0.1.0",
    configuration={"camera.fps": "25"},
    clock_offset_s=0.2,
    disk_free_mib=900,
    speaker=DeviceState.OK,
    up_s=60,
)


@pytest.fixture
async def administrator(relay: Running) -> httpx.AsyncClient:
    return await relay.staff(StaffRole.ADMINISTRATOR)


async def details(client: httpx.AsyncClient, terminal: str = "T-01") -> dict[str, Any]:
    found = (await client.get("terminals/details")).json()["terminals"]
    return next(one for one in found if one["terminal"]["id"] == terminal)


async def until(client: httpx.AsyncClient, part: str) -> Any:
    async with asyncio.timeout(10):
        while (value := (await details(client))[part]) is None:
            await asyncio.sleep(0.02)
    return value


async def obeys(wire: Wire, refused: str | None = None, picture: str | None = None) -> str:
    """The kiosk's side of one command."""
    command = await wire.hear(TerminalCommand)
    await wire.say(CommandAnswer(id=command.id, refused=refused, picture=picture))
    return str(command.action)


async def journal(relay: Running, action: str) -> list[dict[str, Any]]:
    rows = (await relay.local.get("audit", params={"limit": 1000})).json()["rows"]
    return [row for row in rows if row["action"] == action]


async def test_the_page_shows_what_the_kiosk_says_of_itself(
    relay: Running, administrator: httpx.AsyncClient
) -> None:
    before = await details(administrator)
    assert before["about"] is before["self_test"] is before["last_seen"] is None
    assert len(before["key"]["fingerprint"]) == 64
    async with relay.kiosk("T-01") as wire:
        await wire.hear(Welcome)
        await wire.say(ABOUT)
        about = await until(administrator, "about")
        assert about["software"] == "parloir-kiosk 0.1.0"
        assert about["configuration"] == {"camera.fps": "25"}
        assert len(about["configuration_hash"]) == 64
    async with asyncio.timeout(10):
        while (await details(administrator))["last_seen"] is None:
            await asyncio.sleep(0.02)


async def test_a_failed_self_test_is_a_quiet_alert_until_one_passes(
    relay: Running, administrator: httpx.AsyncClient
) -> None:
    async with relay.kiosk("T-01") as wire:
        await wire.hear(Welcome)
        bad = {"camera": CheckState.FAILED, "bridge": CheckState.NOT_FITTED}
        await wire.say(SelfTestReport(cause=SelfTestCause.NIGHTLY, results=bad))
        test = await until(administrator, "self_test")
        assert (test["passed"], test["cause"], test["results"]) == (
            False, "NIGHTLY", {"camera": "FAILED", "bridge": "NOT_FITTED"},
        )  # fmt: skip
        (alert,) = await relay.desks.store.read(lambda db: Alerts(db).open())
        assert (alert.kind, alert.priority, alert.terminal) == ("SELF_TEST_FAILED", 3, "T-01")
        assert alert.detail == {"failed": ["camera"]}
        for _ in range(KEPT + 2):
            await relay.desks.upkeep.hear(
                alert.terminal,
                SelfTestReport(cause=SelfTestCause.ASKED, results={"camera": CheckState.OK}),
            )
        assert await relay.desks.store.read(lambda db: Alerts(db).open()) == ()
    kept = await relay.desks.store.read(lambda db: SelfTests(db).of(alert.terminal))
    assert len(kept) == KEPT


async def test_a_picture_is_passed_through_and_only_its_taking_is_kept(
    relay: Running, administrator: httpx.AsyncClient
) -> None:
    png = base64.b64encode(b"\x89PNG-of-a-screen").decode()
    async with relay.kiosk("T-01") as wire:
        await wire.hear(Welcome)
        asked = asyncio.create_task(administrator.post("terminals/T-01/screenshot"))
        assert await obeys(wire, picture=png) == "SCREENSHOT"
        answer = await asked
        assert answer.content == b"\x89PNG-of-a-screen"
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"] == "no-store"
        asked = asyncio.create_task(administrator.post("terminals/T-01/screenshot"))
        await obeys(wire, refused="NOT_IDLE")
        assert ((await asked).status_code, (await asked).json()["code"]) == (409, "NOT_IDLE")
    rows = await journal(relay, "terminal.commanded")
    assert [(row["subject"], row["detail"]) for row in rows] == [
        ("T-01", {"action": "SCREENSHOT"})
    ] * 2
    assert {row["actor"] for row in rows} == {"staff:administrator"}
    raw = b"".join(path.read_bytes() for path in relay.folder.rglob("*") if path.is_file())
    assert b"PNG-of-a-screen" not in raw
    assert png.encode() not in raw


async def test_a_restart_cuts_no_visit_unless_somebody_says_why(
    relay: Running, administrator: httpx.AsyncClient
) -> None:
    async with relay.kiosk("T-01") as wire:
        await wire.hear(Welcome)
        await wire.say(Identify(pin=relay.family.pin))
        await wire.hear(Identified)
        assert (await details(administrator))["occupied"]
        for path, body in (
            ("restart", {}),
            ("self-test", None),
            ("maintenance", {"on": True, "reason": "a look"}),
        ):
            answer = await administrator.post(f"terminals/T-01/{path}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (409, "IN_VISIT"), path
        forced = {"force_reason": "the screen is frozen"}
        asked = asyncio.create_task(administrator.post("terminals/T-01/restart", json=forced))
        assert await obeys(wire) == "RESTART"
        assert (await asked).status_code == 204
        await wire.say(TerminalNetwork(loss=0.02, rtt_ms=4.0, sent_bps=1, received_bps=2))
        assert (await until(administrator, "network"))["loss"] == 0.02
    (row,) = await journal(relay, "terminal.commanded")
    assert row["detail"] == {"action": "RESTART", "forced": "the screen is frozen"}


async def test_maintenance_takes_the_terminal_out_of_service_across_connections(
    relay: Running, administrator: httpx.AsyncClient
) -> None:
    async with relay.kiosk("T-01") as wire:
        assert (await wire.hear(TerminalMode)).maintenance is False
        answer = await administrator.post(
            "terminals/T-01/maintenance", json={"on": True, "reason": "a new camera"}
        )
        assert answer.status_code == 204
        assert (await wire.hear(TerminalMode)).maintenance is True
    async with relay.kiosk("T-01") as wire:
        assert (await wire.hear(TerminalMode)).maintenance is True
        assert (await details(administrator))["terminal"]["in_service"] is False
        await administrator.post(
            "terminals/T-01/maintenance", json={"on": False, "reason": "it works"}
        )
        assert (await wire.hear(TerminalMode)).maintenance is False
    assert [row["detail"]["on"] for row in await journal(relay, "terminal.maintenance")] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("T-99/restart", {}, 404, "NO_SUCH_TERMINAL"),
        ("T-01/restart", {}, 409, "NOT_CONNECTED"),
        ("T-01/repair", {"what": "RESTART"}, 422, "INVALID_REQUEST"),
    ],
)
async def test_what_cannot_be_done_is_said(
    relay: Running,
    administrator: httpx.AsyncClient,
    path: str,
    body: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = await administrator.post(f"terminals/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_terminal_that_does_not_answer_is_said_not_to(
    relay: Running, administrator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.service.upkeep.ANSWER_S", 0.05)
    async with relay.kiosk("T-01") as wire, relay.kiosk("T-02") as other:
        await wire.hear(Welcome)
        await other.hear(Welcome)
        asked = asyncio.create_task(
            administrator.post("terminals/T-01/repair", json={"what": "FORGET_CACHE"})
        )
        command = await wire.hear(TerminalCommand)
        assert command.action is TerminalAction.FORGET_CACHE
        # Nobody answers for another terminal.
        await other.say(CommandAnswer(id=command.id))
        assert ((await asked).status_code, (await asked).json()["code"]) == (504, "NO_ANSWER")


async def test_the_agenda_tells_the_next_slots_and_nobody(relay: Running) -> None:
    async with relay.kiosk("T-01") as wire:
        agenda = await wire.hear(TerminalAgenda)
        assert agenda.slots[0].starts == agenda.next_starts == relay.family.starts
