"""Claims about parties whose devices do not know the same video codecs, with real workers."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.relay.facility import Running, Silent
from tests.relay.media.party import AiortcParty
from visit_protocol.signalling import OfferWanted, VisitUpdate
from visit_protocol.vocabulary import Party, RejectionCode
from visit_protocol.worker import PeerAnswer


@pytest.fixture
async def workers(relay: Running) -> AsyncIterator[None]:
    """The relay's media workers run."""
    supervising = asyncio.create_task(relay.desks.calls.run())
    await relay.desks.calls.wait_ready()
    yield
    await relay.desks.calls.stop()
    supervising.cancel()
    await asyncio.gather(supervising, return_exceptions=True)


async def offer(relay: Running, party: Party, *codecs: str) -> tuple[Silent, PeerAnswer | str]:
    """A client of that party that has joined, and the answer to its offer."""
    run, client = await relay.run_of(relay.family), Silent()
    run.attending[party] = client
    relay.desks.audience.enter(run.visit.id, party, client)
    device = AiortcParty(codecs=codecs)
    try:
        sdp = await device.offer()
        return client, await relay.desks.attendance.offer(run.visit.id, party, client, sdp)
    finally:
        await device.close()


def reasons(client: Silent) -> list[list[str]]:
    views = [message.visit for message in client.told if isinstance(message, VisitUpdate)]
    return [[refusal.code for refusal in view.refusals] for view in views]


@pytest.mark.usefixtures("workers")
async def test_the_party_that_can_follow_is_asked_for_another_offer(relay: Running) -> None:
    inmate, answer = await offer(relay, Party.INMATE, "VP8", "rtx", "H264")
    assert isinstance(answer, PeerAnswer)
    visitor, answer = await offer(relay, Party.VISITOR, "H264", "rtx")
    assert isinstance(answer, PeerAnswer)
    async with asyncio.timeout(5):
        while OfferWanted() not in inmate.told:
            await asyncio.sleep(0.01)
    assert OfferWanted() not in visitor.told


@pytest.mark.usefixtures("workers")
async def test_parties_without_a_common_codec_are_both_told_until_one_joins_again(
    relay: Running,
) -> None:
    run = await relay.run_of(relay.family)
    inmate, _ = await offer(relay, Party.INMATE, "VP8", "rtx")
    visitor, answer = await offer(relay, Party.VISITOR, "H264", "rtx")
    assert answer == "NO_CODEC"
    assert run.attending == {}
    for client in inmate, visitor:
        assert reasons(client)[-1] == [RejectionCode.NO_CODEC]
    attendance = relay.desks.attendance
    await attendance.answer_notice(
        run.visit.id, Party.VISITOR, version="2026-11", language="ru", accepted=True
    )
    view = await attendance.join(run.visit.id, Party.VISITOR, visitor)
    assert view is not None
    assert view.refusals == ()
    assert (await attendance.view(run.visit.id, Party.INMATE)).refusals == ()
