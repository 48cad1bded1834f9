"""Claims about what a visitor's link does and does not do."""

import json
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from relay.core.model import VisitId
from relay.service.staff import Actor
from relay.store.alerts import Alerts
from tests.relay.facility import Running, Wire, running
from visit_protocol.errors import CloseCode
from visit_protocol.message import MAX_MESSAGE_BYTES
from visit_protocol.signalling import (
    AnswerNotice,
    ClientHeartbeat,
    Identify,
    Join,
    Leave,
    Offer,
    OfferRefused,
    Refused,
    VisitorHello,
    VisitUpdate,
    Welcome,
)
from visit_protocol.vocabulary import CallState, Outcome, Party, RejectionCode, TerminationReason

PHONE, COMPUTER = "phone-" + "a" * 40, "computer-" + "b" * 40


def hello(token: str, device: str = PHONE) -> VisitorHello:
    return VisitorHello(versions=(1,), token=token, device=device)


async def accept_and_join(wire: Wire, visit: str) -> VisitUpdate:
    await wire.say(AnswerNotice(visit=visit, version="2026-11", language="ru", accepted=True))
    await wire.hear(VisitUpdate)
    await wire.say(Join(visit=visit))
    return await wire.hear(VisitUpdate)


async def test_opening_a_link_shows_the_visit_and_binds_nothing(relay: Running) -> None:
    visit = relay.family
    for device in (PHONE, COMPUTER):
        async with relay.socket("visitor") as wire:
            await wire.say(hello(visit.visitor_token, device))
            welcome = await wire.hear(Welcome)
            assert welcome.visit.id == visit.id
            assert welcome.visit.recorded
            assert welcome.visit.state is CallState.OPEN


async def test_a_visitor_is_told_of_the_turn_server_and_a_kiosk_is_not(
    example_at_now: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("0123456789abcdef")
    turn = {"urls": ["turn:edge.example:3478"], "secret_file": tmp_path / "secret"}
    async with running(example_at_now, tmp_path / "data", turn=turn) as relay:
        async with relay.socket("visitor") as wire:
            await wire.say(hello(relay.family.visitor_token))
            welcome = await wire.hear(Welcome)
        (server,) = welcome.ice_servers
        assert server.urls == ("turn:edge.example:3478",)
        assert server.username.endswith(f":{relay.family.id}")
        async with relay.kiosk("T-01") as wire:
            assert (await wire.hear(Welcome)).ice_servers is None


async def test_the_first_join_binds_the_link_and_a_second_device_is_refused_and_reported(
    relay: Running,
) -> None:
    visit = relay.family
    async with relay.socket("visitor") as wire:
        await wire.say(hello(visit.visitor_token))
        await wire.hear(Welcome)
        update = await accept_and_join(wire, visit.id)
        assert update.visit.refusals == ()
        async with relay.socket("visitor") as other:
            await other.say(hello(visit.visitor_token, COMPUTER))
            refused = await other.hear(Refused)
            assert refused.refusals[0].code is RejectionCode.LINK_USED
            assert await other.closed() == CloseCode.REFUSED
    alerts = await relay.desks.store.read(lambda db: Alerts(db).open())
    assert [(row.kind, row.visit) for row in alerts] == [("LINK_SECOND_DEVICE", visit.id)]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (TerminationReason.THIRD_PERSON, TerminationReason.THIRD_PERSON),
        (TerminationReason.REQUESTED_BY_PARTY, None),
    ],
)
async def test_an_end_by_staff_says_why_but_not_that_a_party_asked_for_it(
    relay: Running, reason: TerminationReason, told: TerminationReason | None
) -> None:
    visit = relay.family
    async with relay.socket("visitor") as wire:
        await wire.say(hello(visit.visitor_token))
        await wire.hear(Welcome)
        await accept_and_join(wire, visit.id)
        await relay.desks.supervision.terminate(VisitId(visit.id), reason, Actor("staff", "guard"))
        ended = (await wire.hear(VisitUpdate)).visit
    assert (ended.outcome, ended.termination) == (Outcome.TERMINATED_BY_STAFF, told)


async def test_a_reload_on_the_same_device_joins_again(relay: Running) -> None:
    visit = relay.family
    for _ in range(2):
        async with relay.socket("visitor") as wire:
            await wire.say(hello(visit.visitor_token))
            await wire.hear(Welcome)
            assert (await accept_and_join(wire, visit.id)).visit.refusals == ()


async def test_two_devices_that_both_looked_before_anybody_joined_get_one_place(
    relay: Running,
) -> None:
    visit = relay.family
    async with relay.socket("visitor") as first, relay.socket("visitor") as second:
        for wire, device in ((first, PHONE), (second, COMPUTER)):
            await wire.say(hello(visit.visitor_token, device))
            await wire.hear(Welcome)
        assert (await accept_and_join(first, visit.id)).visit.refusals == ()
        await second.say(Join(visit=visit.id))
        assert (await second.hear(Refused)).refusals[0].code is RejectionCode.LINK_USED


async def test_joining_needs_an_accepted_notice(relay: Running) -> None:
    visit = relay.family
    async with relay.socket("visitor") as wire:
        await wire.say(hello(visit.visitor_token))
        await wire.hear(Welcome)
        await wire.say(Join(visit=visit.id))
        refused = (await wire.hear(VisitUpdate)).visit.refusals
        assert [one.code for one in refused] == [RejectionCode.NOTICE_NOT_ACCEPTED]


async def test_refusing_the_notice_ends_the_visit_and_thinking_again_opens_it(
    relay: Running,
) -> None:
    visit = relay.family
    async with relay.socket("visitor") as wire:
        await wire.say(hello(visit.visitor_token))
        await wire.hear(Welcome)
        await wire.say(
            AnswerNotice(visit=visit.id, version="2026-11", language="en", accepted=False)
        )
        assert (await wire.hear(VisitUpdate)).visit.outcome is Outcome.VISITOR_CANCELLED
        assert (await accept_and_join(wire, visit.id)).visit.refusals == ()


@pytest.mark.parametrize(
    ("token", "code"),
    [("x" * 43, RejectionCode.LINK_UNKNOWN)],
)
async def test_a_foreign_link_says_so(relay: Running, token: str, code: RejectionCode) -> None:
    async with relay.socket("visitor") as wire:
        await wire.say(hello(token))
        assert (await wire.hear(Refused)).refusals[0].code is code


async def test_a_replaced_and_an_expired_link_say_so(relay: Running) -> None:
    visit = relay.family
    answer = await relay.local.post(f"visits/{visit.id}/link")
    token = answer.json()["link"].partition("#")[2]
    async with relay.socket("visitor") as wire:
        await wire.say(hello(visit.visitor_token))
        assert (await wire.hear(Refused)).refusals[0].code is RejectionCode.LINK_REPLACED
    relay.clock.pass_time(hours=1)
    async with relay.socket("visitor") as wire:
        await wire.say(hello(token))
        assert (await wire.hear(Refused)).refusals[0].code is RejectionCode.LINK_EXPIRED


async def test_nobody_joins_before_the_slot_opens(relay: Running) -> None:
    upcoming = await relay.local.get("visits?from=2027-02-28T00:00:00Z&to=2027-03-06T00:00:00Z")
    visit = next(v for v in upcoming.json()["visits"] if v["visit_type"] == "FAMILY")
    link = (await relay.local.post(f"visits/{visit['id']}/link")).json()["link"]
    async with relay.socket("visitor") as wire:
        await wire.say(hello(link.partition("#")[2]))
        welcome = await wire.hear(Welcome)
        assert welcome.visit.refusals[0].code is RejectionCode.SLOT_NOT_OPEN
        update = await accept_and_join(wire, visit["id"])
        assert RejectionCode.SLOT_NOT_OPEN in {one.code for one in update.visit.refusals}


async def test_an_offer_without_a_join_gets_no_media(relay: Running) -> None:
    async with relay.socket("visitor") as wire:
        await wire.say(hello(relay.family.visitor_token))
        await wire.hear(Welcome)
        await wire.say(Offer(id="o-1", sdp="v=0"))
        assert (await wire.hear(OfferRefused)).code == "NOT_JOINED"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", CloseCode.MALFORMED),
        ('{"type":"nonsense"}', CloseCode.MALFORMED),
        ("[" * 5000, CloseCode.MALFORMED),
        (json.dumps({"type": "visitor_hello", "versions": [1], "token": "t" * 20}), 4400),
        (
            json.dumps(
                {"type": "visitor_hello", "versions": [9], "token": "t" * 20, "device": "d" * 20}
            ),
            CloseCode.VERSION_UNSUPPORTED,
        ),
        (Identify(pin="1234").to_json(), CloseCode.OUT_OF_TURN),
        ("x" * (MAX_MESSAGE_BYTES + 1), 1009),
    ],
    ids=["not JSON", "unknown type", "deep", "field missing", "version", "out of turn", "large"],
)
async def test_a_broken_message_closes_its_connection_with_a_code_and_touches_no_other(
    relay: Running, frame: str, code: int
) -> None:
    async with relay.socket("visitor") as other:
        await other.say(hello(relay.legal.visitor_token))
        await other.hear(Welcome)
        async with relay.socket("visitor") as wire:
            await wire.connection.send(frame)
            assert await wire.closed() == code
        await other.say(
            AnswerNotice(visit=relay.legal.id, version="2026-11", language="ru", accepted=True)
        )
        assert (await other.hear(VisitUpdate)).visit.notice_accepted


async def test_too_many_messages_close_the_connection(relay: Running) -> None:
    async with relay.socket("visitor") as wire:
        await wire.say(hello(relay.family.visitor_token))
        for _ in range(200):
            await wire.connection.send(ClientHeartbeat().to_json())
        assert await wire.closed() == CloseCode.TOO_MANY


async def test_another_sites_page_cannot_open_a_socket(relay: Running) -> None:
    with pytest.raises(InvalidStatus):
        async with relay.socket("visitor", origin="https://elsewhere.example"):
            pass


async def test_hanging_up_in_a_live_call_ends_it_in_the_visitors_name(relay: Running) -> None:
    visit = relay.family
    async with relay.socket("visitor") as wire:
        await wire.say(hello(visit.visitor_token))
        await wire.hear(Welcome)
        await accept_and_join(wire, visit.id)
        run = await relay.meet(visit)
        assert run.machine.state is CallState.LIVE
        await wire.say(Leave())
        while (update := await wire.hear(VisitUpdate)).visit.state is not CallState.ENDED:
            pass
        assert update.visit.outcome is Outcome.VISITOR_COMPLETED_EARLY
        assert Party.VISITOR not in run.attending


async def test_hanging_up_counts_though_it_is_said_on_another_line(relay: Running) -> None:
    """The line was lost when the visitor hung up; the page says so when it is back."""
    visit = relay.family
    async with relay.socket("visitor") as wire:
        await wire.say(hello(visit.visitor_token))
        await wire.hear(Welcome)
        await accept_and_join(wire, visit.id)
        run = await relay.meet(visit)
    async with relay.socket("visitor") as wire:
        await wire.say(hello(visit.visitor_token))
        await wire.hear(Welcome)
        await wire.say(Leave())
        while (update := await wire.hear(VisitUpdate)).visit.state is not CallState.ENDED:
            pass
        assert update.visit.outcome is Outcome.VISITOR_COMPLETED_EARLY
        assert Party.VISITOR not in run.attending


async def test_who_has_not_joined_cannot_end_a_visit(relay: Running) -> None:
    async with relay.socket("visitor") as wire:
        await wire.say(hello(relay.family.visitor_token))
        await wire.hear(Welcome)
        await wire.say(Leave())
        update = await accept_and_join(wire, relay.family.id)
        assert update.visit.state is not CallState.ENDED
