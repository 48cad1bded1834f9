"""Claims about guards who watch: what the API lets them, with real workers and real peers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.relay.facility import Running
from tests.relay.media.party import AiortcParty
from visit_protocol.vocabulary import Party, StaffRole, TerminationReason


@pytest.fixture
async def offer() -> AsyncIterator[str]:
    guard = AiortcParty(receives_only=True)
    yield await guard.offer()
    await guard.close()


def wish(offer: str, party: str = "VISITOR", *, audio: bool = False) -> dict[str, Any]:
    return {"party": party, "audio": audio, "sdp": offer}


async def rows(relay: Running) -> list[dict[str, Any]]:
    listed = (await relay.local.get("journal")).json()["rows"]
    return [row for row in listed if row["action"].startswith("monitor.")]


async def test_a_guard_watches_and_stops_and_the_journal_says_from_when_to_when(
    carrying: Running, offer: str
) -> None:
    guard = await carrying.staff(StaffRole.GUARD)
    answer = await guard.post(f"visits/{carrying.family.id}/monitors", json=wish(offer, audio=True))
    assert answer.status_code == 201, answer.text
    assert answer.json()["sdp"].count("a=sendonly") == 2
    [opened] = await rows(carrying)
    assert (opened["action"], opened["subject"]) == ("monitor.opened", carrying.family.id)
    assert opened["actor"].startswith("staff:")
    assert (opened["detail"]["party"], opened["detail"]["audio"]) == ("VISITOR", True)
    carrying.clock.pass_time(seconds=30)
    place = answer.headers["Location"].removeprefix("/api/v1/")
    assert (await guard.delete(place)).status_code == 204
    closed = (await rows(carrying))[-1]
    assert (closed["action"], closed["detail"]["ended"]) == ("monitor.closed", "STOPPED")
    assert closed["detail"]["from"] < closed["detail"]["to"]
    assert (await guard.delete(place)).status_code == 404


async def test_without_sound_the_answer_has_no_audio_to_send(carrying: Running, offer: str) -> None:
    guard = await carrying.staff(StaffRole.GUARD)
    answer = await guard.post(f"visits/{carrying.family.id}/monitors", json=wish(offer))
    sdp = answer.json()["sdp"]
    assert (sdp.count("a=sendonly"), sdp.count("a=inactive")) == (1, 1)


async def test_a_protected_visit_is_refused_and_no_worker_is_asked(
    carrying: Running, offer: str
) -> None:
    guard = await carrying.staff(StaffRole.GUARD)
    workers = [worker.pid for worker in carrying.desks.calls.workers]
    for party in Party:
        answer = await guard.post(f"visits/{carrying.legal.id}/monitors", json=wish(offer, party))
        assert (answer.status_code, answer.json()["code"]) == (403, "VISIT_PROTECTED")
    refused = await carrying.desks.calls.watch(
        (await carrying.run_of(carrying.legal)).visit.id, Party.INMATE, "mo-1", offer, audio=False
    )
    assert refused.code == "NO_CALL"  # type: ignore[union-attr]
    assert await rows(carrying) == []
    await asyncio.sleep(0.3)  # a protected worker that was asked would have ended
    assert [worker.pid for worker in carrying.desks.calls.workers] == workers


async def test_a_visit_that_is_not_live_cannot_be_watched(relay: Running, offer: str) -> None:
    guard = await relay.staff(StaffRole.GUARD)
    answer = await guard.post(f"visits/{relay.family.id}/monitors", json=wish(offer))
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_LIVE")


async def test_an_offer_that_would_send_is_refused(carrying: Running, offer: str) -> None:
    guard = await carrying.staff(StaffRole.GUARD)
    for sdp in (offer.replace("a=recvonly", "a=sendrecv"), "v=0\r\n"):
        answer = await guard.post(f"visits/{carrying.family.id}/monitors", json=wish(sdp))
        assert (answer.status_code, answer.json()["code"]) == (422, "BAD_SDP")
    assert await rows(carrying) == []


async def test_a_guard_watches_four_at_a_time_and_another_guard_nothing_of_theirs(
    carrying: Running, offer: str
) -> None:
    guard = await carrying.staff(StaffRole.GUARD)
    path = f"visits/{carrying.family.id}/monitors"
    answers = [await guard.post(path, json=wish(offer)) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [201] * 4 + [409]
    assert answers[-1].json()["code"] == "TOO_MANY_MONITORS"
    mine = answers[0].json()["id"]
    assert (await guard.delete(f"visits/{carrying.legal.id}/monitors/{mine}")).status_code == 404
    assert (await guard.delete(f"{path}/{mine}")).status_code == 204
    assert (await guard.post(path, json=wish(offer))).status_code == 201


async def test_watching_ends_with_the_call_and_the_journal_says_so(
    carrying: Running, offer: str
) -> None:
    guard = await carrying.staff(StaffRole.GUARD)
    path = f"visits/{carrying.family.id}"
    assert (await guard.post(f"{path}/monitors", json=wish(offer))).status_code == 201
    reason = TerminationReason.RULES_BROKEN
    assert (await guard.post(f"{path}/terminate", json={"reason": reason})).status_code == 200
    await carrying.desks.monitors.drain()
    assert (await rows(carrying))[-1]["detail"]["ended"] == "LOST"
    answer = await guard.post(f"{path}/monitors", json=wish(offer))
    assert answer.json()["code"] == "NOT_LIVE"


async def test_a_relay_that_stops_ends_all_watching_in_the_journal(
    carrying: Running, offer: str
) -> None:
    guard = await carrying.staff(StaffRole.GUARD)
    await guard.post(f"visits/{carrying.family.id}/monitors", json=wish(offer))
    await carrying.desks.monitors.drain()
    assert (await rows(carrying))[-1]["detail"]["ended"] == "RELAY_STOPPED"
