"""Claims about how a kiosk becomes a terminal, and stops being one."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk.identity import public_key_of
from relay.service import enrolment
from relay.store.terminal_keys import TerminalKeys
from tests.relay.facility import Running, Wire
from visit_protocol.enrolment import CODE_LIFE_S, NO_KEY, code_of, commitment
from visit_protocol.errors import CloseCode
from visit_protocol.signalling import (
    CallStaff,
    Enrolled,
    EnrolmentHello,
    EnrolmentNonce,
    EnrolmentOpening,
    Refused,
    TerminalAgenda,
    Welcome,
)
from visit_protocol.vocabulary import RejectionCode, StaffRole

KEY = "3c" * 32


@contextlib.asynccontextmanager
async def waiting(relay: Running, key: str = KEY) -> AsyncIterator[tuple[Wire, str]]:
    """A kiosk that shows its code."""
    async with relay.socket("terminal") as wire:
        code = await shown(wire, key)
        async with asyncio.timeout(10):
            while not relay.desks.enrolment.waiting:
                await asyncio.sleep(0.01)
        yield wire, code


async def shown(wire: Wire, key: str, opened: str | None = None) -> str:
    nonce, public_key = secrets.token_hex(32), public_key_of(key)
    await wire.say(
        EnrolmentHello(
            versions=(1,),
            public_key=public_key,
            commitment=commitment(public_key, nonce),
            relay_key=NO_KEY,
            software="test",
        )
    )
    theirs = await wire.hear(EnrolmentNonce)
    assert theirs.expires_in_s == CODE_LIFE_S
    await wire.say(EnrolmentOpening(nonce=opened or nonce))
    return code_of(NO_KEY, public_key, nonce, theirs.nonce)


async def revoked(relay: Running, terminal: str = "T-01") -> None:
    administrator = await relay.staff(StaffRole.ADMINISTRATOR)
    answer = await administrator.post(f"terminals/{terminal}/revoke", json={"reason": "stolen"})
    assert answer.status_code == 204


async def journal(relay: Running, action: str) -> list[dict[str, object]]:
    rows = (await relay.local.get("audit", params={"limit": 1000})).json()["rows"]
    return [row for row in rows if row["action"] == action]


@pytest.mark.parametrize("terminal", ["T-01", "T-99"])
async def test_a_kiosk_with_another_key_is_told_that_it_is_nobody(
    relay: Running, terminal: str
) -> None:
    async with relay.socket("terminal") as wire:
        await wire.introduce(terminal, KEY)
        (refusal,) = (await wire.hear(Refused)).refusals
        assert refusal.code is RejectionCode.TERMINAL_NOT_ENROLLED
        assert await wire.closed() == CloseCode.REFUSED


async def test_a_confirmed_code_makes_the_kiosk_the_terminal(relay: Running) -> None:
    await revoked(relay)
    administrator = await relay.staff(StaffRole.ADMINISTRATOR)
    async with waiting(relay) as (wire, code):
        answer = await administrator.post(
            "terminals/T-01/enrol", json={"code": code.lower().replace("-", " ")}
        )
        assert answer.status_code == 200, answer.text
        assert (await wire.hear(Enrolled)).terminal == "T-01"
        await wire.closed()
    async with relay.socket("terminal") as wire:
        await wire.introduce("T-01", KEY)
        await wire.hear(Welcome)
    (row,) = [
        one for one in await journal(relay, "terminal.enrolled") if one["actor"] != "local:example"
    ]
    assert row["subject"] == "T-01"
    assert row["detail"]["key"] == answer.json()["fingerprint"]  # type: ignore[index]
    assert code not in str(await journal(relay, "terminal.enrolled"))


async def test_a_code_is_good_once_and_only_while_its_kiosk_is_there(relay: Running) -> None:
    await revoked(relay)
    async with waiting(relay) as (_, code):
        pass
    async with asyncio.timeout(10):
        while relay.desks.enrolment.waiting:
            await asyncio.sleep(0.01)
    answer = await relay.local.post("terminals/T-01/enrol", json={"code": code})
    assert (answer.status_code, answer.json()["code"]) == (409, "CODE_WRONG")
    async with waiting(relay) as (_, code):
        relay.clock.pass_time(seconds=CODE_LIFE_S)
        answer = await relay.local.post("terminals/T-01/enrol", json={"code": code})
        assert answer.json()["code"] == "CODE_WRONG"


async def test_five_wrong_codes_lock_whoever_typed_them_across_a_restart(
    relay: Running, tmp_path: Path
) -> None:
    await revoked(relay)
    async with waiting(relay) as (_, code):
        for _ in range(5):
            answer = await relay.local.post("terminals/T-01/enrol", json={"code": "2222-2222"})
            assert answer.json()["code"] == "CODE_WRONG"
        answer = await relay.local.post("terminals/T-01/enrol", json={"code": code})
        assert (answer.status_code, answer.json()["code"]) == (429, "LOCKED")
        # Another person is not locked out by it.
        administrator = await relay.staff(StaffRole.ADMINISTRATOR)
        answer = await administrator.post("terminals/T-01/enrol", json={"code": code})
        assert answer.status_code == 200
    assert len(await journal(relay, "terminal.code_wrong")) == 5


async def test_a_terminal_with_a_kiosk_gets_no_second_one_before_it_is_revoked(
    relay: Running,
) -> None:
    async with waiting(relay) as (_, code):
        for terminal, status, said in (
            ("T-01", 409, "ENROLLED_ALREADY"),
            ("T-99", 404, "NO_SUCH_TERMINAL"),
        ):
            answer = await relay.local.post(f"terminals/{terminal}/enrol", json={"code": code})
            assert (answer.status_code, answer.json()["code"]) == (status, said)
    known = await relay.desks.store.read(lambda db: TerminalKeys(db).is_known(public_key_of(KEY)))
    assert not known


async def test_a_revoked_kiosk_is_hung_up_on_and_told_why(relay: Running) -> None:
    async with relay.kiosk("T-01") as wire:
        await wire.hear(TerminalAgenda)
        await revoked(relay)
        (refusal,) = (await wire.hear(Refused)).refusals
        assert refusal.code is RejectionCode.TERMINAL_NOT_ENROLLED
        assert await wire.closed() == CloseCode.REFUSED
    async with relay.kiosk("T-01") as wire:
        await wire.hear(Refused)
    (row,) = await journal(relay, "terminal.revoked")
    assert row["detail"]["reason"] == "stolen"  # type: ignore[index]


async def test_whoever_breaks_the_commitment_is_hung_up_on(relay: Running) -> None:
    async with relay.socket("terminal") as wire:
        await shown(wire, KEY, opened="11" * 32)
        assert await wire.closed() == CloseCode.UNAUTHENTICATED
    async with waiting(relay) as (wire, _):
        await wire.say(CallStaff())
        assert await wire.closed() == CloseCode.OUT_OF_TURN


async def test_only_so_many_kiosks_wait(relay: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment, "MOST_WAITING", 1)
    async with waiting(relay), relay.socket("terminal") as wire:
        await shown(wire, "4d" * 32)
        assert await wire.closed() == CloseCode.TOO_MANY


async def test_a_kiosk_that_saw_another_certificate_is_not_answered(relay: Running) -> None:
    relay.desks.enrolment._own_key = "ab" * 32
    async with relay.socket("terminal") as wire:
        await wire.say(
            EnrolmentHello(
                versions=(1,),
                public_key=public_key_of(KEY),
                commitment="00" * 32,
                relay_key="cd" * 32,
                software="test",
            )
        )
        assert await wire.closed() == CloseCode.UNAUTHENTICATED
    async with relay.kiosk("T-01") as wire:
        await wire.hear(Refused)
