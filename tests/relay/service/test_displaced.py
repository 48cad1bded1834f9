"""Claims about those whose visit an order took: they are told, may appeal, and rebook first."""

from datetime import timedelta
from typing import Any

import pytest

from operate.example import OpenVisit
from relay.core.alerts import AlertKind
from relay.core.model import InmateId, VisitId
from relay.store.displaced import Displaced
from suspension import Cut, CutMode
from tests.relay.facility import NOW, Running
from tests.relay.ordering import AS_APPROVER, AS_OVERSIGHT, draft, said, suspend
from tests.relay.signing import order_on, signed_by_all
from visit_protocol.message import PROTOCOL_VERSION
from visit_protocol.signalling import (
    AppealFiled,
    FileAppeal,
    Identified,
    Identify,
    NoticesShown,
    VisitorHello,
    Welcome,
)
from visit_protocol.vocabulary import Party


def notices(rows: Any) -> set[tuple[str, str, bool]]:
    return {(one["recipient"], one["person"], one["delivered"] is not None) for one in rows}


def opened(visit: OpenVisit) -> VisitorHello:
    return VisitorHello(versions=(PROTOCOL_VERSION,), token=visit.visitor_token, device="d" * 43)


async def test_inmate_and_visitor_are_told_and_counsel_as_counsel(relay: Running) -> None:
    inmate = relay.family.inmate
    order = await suspend(relay, draft({"inmate": [inmate]}))
    run = await relay.run_of(relay.family)
    rows = said(await relay.local.get(f"orders/{order['id']}/notices"))
    assert ("INMATE", inmate, False) in notices(rows)
    assert ("VISITOR", run.visitors[0].id, False) in notices(rows)
    assert (order["notices"], order["notices_delivered"]) == (len(rows), 0)
    legal = await relay.run_of(relay.legal)
    both = draft({"inmate": [relay.legal.inmate]}, protected=["LEGAL"])
    second = await suspend(relay, both)
    told = said(await relay.local.get(f"orders/{second['id']}/notices"))
    assert ("COUNSEL", legal.visitors[0].id, False) in notices(told)


async def test_a_visitors_page_is_given_the_notice_until_it_says_it_was_shown(
    relay: Running,
) -> None:
    order = await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    run = await relay.run_of(relay.family)
    async with relay.socket("visitor") as wire:
        await wire.say(opened(relay.family))
        welcome = await wire.hear(Welcome)
        (notice,) = welcome.notices
        assert (notice.order, notice.reason_code) == (order["id"], "SECURITY_INCIDENT")
        assert notice.public_text["ru"] == "Проверка безопасности."
        await wire.say(NoticesShown(ids=(notice.id,)))
        await wire.say(FileAppeal(visit=run.visit.id, order=order["id"], text="Why us?"))
        await wire.hear(AppealFiled)
    rows = said(await relay.local.get(f"orders/{order['id']}/notices"))
    assert ("VISITOR", run.visitors[0].id, True) in notices(rows)
    assert ("INMATE", relay.family.inmate, False) in notices(rows)
    async with relay.socket("visitor") as wire:
        await wire.say(opened(relay.family))
        assert (await wire.hear(Welcome)).notices == ()


async def test_a_kiosk_is_given_the_notice_when_the_inmate_identifies(relay: Running) -> None:
    await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    async with relay.kiosk(relay.family.terminal) as wire:
        await wire.hear(Welcome)
        await wire.say(Identify(pin=relay.secrets.pins[relay.family.inmate]))
        identified = await wire.hear(Identified)
        assert [one.reference for one in identified.notices] == [
            (await relay.run_of(relay.family)).visit.reference
        ]
        await wire.say(NoticesShown(ids=(identified.notices[0].id,)))
        await wire.say(Identify(pin=relay.secrets.pins[relay.family.inmate]))
        assert (await wire.hear(Identified)).notices == ()


async def test_those_concerned_by_an_order_from_a_stick_are_told_too(relay: Running) -> None:
    order = order_on(relay.family.inmate)
    await relay.desks.enforcement.accept(await signed_by_all(relay, order), via="usb")
    await relay.desks.standing.keep_time()
    rows = said(await relay.local.get(f"orders/{order.id}/notices"))
    assert ("INMATE", relay.family.inmate, False) in notices(rows)
    assert said(await relay.local.get(f"orders/{order.id}"))["desk_state"] is None


async def test_nobody_in_a_call_that_may_finish_is_told_that_it_is_off(relay: Running) -> None:
    run = await relay.meet(relay.family)
    order = order_on(relay.family.inmate, cut=Cut(CutMode.FINISH))
    await relay.desks.enforcement.accept(await signed_by_all(relay, order), via="usb")
    await relay.desks.standing.keep_time()
    rows = said(await relay.local.get(f"orders/{order.id}/notices"))
    assert run.visit.id not in [one["visit"] for one in rows]


async def test_staff_can_note_that_they_told_somebody(relay: Running) -> None:
    order = await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    rows = said(await relay.local.get(f"orders/{order['id']}/notices"))
    path = f"orders/notices/{rows[0]['id']}/delivered"
    assert (await relay.local.post(path)).status_code == 204
    assert (await relay.local.post(path)).status_code == 409
    left = said(await relay.local.get(f"orders/{order['id']}/notices", params={"open_only": True}))
    assert len(left) == len(rows) - 1


async def test_whom_no_screen_has_told_stands_in_one_list_until_somebody_phones(
    relay: Running,
) -> None:
    first = await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    body = draft({"inmate": [relay.legal.inmate]}, protected=["LEGAL"], withheld="RISK_TO_PERSON")
    second = await suspend(relay, body)
    run = await relay.run_of(relay.family)
    await relay.desks.displaced.shown_to_inmate(
        InmateId(relay.family.inmate),
        [one.id for one in await relay.desks.displaced.for_inmate(InmateId(relay.family.inmate))],
    )
    rows = said(await relay.local.get("orders/notices"))["notices"]
    assert all(one["delivered"] is None for one in rows)
    assert [one["starts"] for one in rows] == sorted(one["starts"] for one in rows)
    [visitor] = [one for one in rows if one["order"] == first["id"]]
    assert (visitor["name"], visitor["reference"]) == (run.visitors[0].name, run.visit.reference)
    assert (visitor["reason_code"], visitor["until"]) == ("SECURITY_INCIDENT", first["expires"])
    withheld = [one for one in rows if one["order"] == second["id"]]
    assert {one["recipient"] for one in withheld} == {"INMATE", "COUNSEL"}
    assert {one["reason_code"] for one in withheld} == {None}
    await relay.local.post(f"orders/notices/{visitor['id']}/delivered")
    left = said(await relay.local.get("orders/notices"))["notices"]
    assert visitor["id"] not in [one["id"] for one in left]


async def test_nobody_is_told_of_an_order_that_was_lifted_before_it_cost_the_visit(
    relay: Running,
) -> None:
    order = await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    assert said(await relay.local.get("orders/notices"))["notices"]
    said(await relay.local.post(f"orders/{order['id']}/lift", json={}))
    assert said(await relay.local.get("orders/notices"))["notices"] == []
    assert await relay.desks.displaced.for_inmate(InmateId(relay.family.inmate)) == ()
    assert said(await relay.local.get(f"orders/{order['id']}/notices"))


async def appealed(relay: Running) -> tuple[dict[str, Any], dict[str, Any]]:
    """An order by the operator, with an appeal of the visitor against it."""
    order = await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    await relay.desks.appeals.file(
        VisitId(relay.family.id), Party.VISITOR, order["id"], "It was not us."
    )
    (appeal,) = said(await relay.local.get("appeals"))["appeals"]
    return order, appeal


async def test_an_appeal_goes_to_somebody_who_did_not_decide_the_order(relay: Running) -> None:
    order, appeal = await appealed(relay)
    assert appeal["due"] == (NOW + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    path, body = f"appeals/{appeal['id']}/decide", {"outcome": "LIFTED", "grounds": "Mistaken."}
    mine = await relay.local.post(path, json=body)
    assert (mine.status_code, mine.json()["code"]) == (409, "SAME_PERSON")
    decided = said(await relay.local.post(path, json=body, headers=AS_APPROVER))
    assert (decided["outcome"], decided["decided_by"]) == ("LIFTED", "approver")
    lifted = said(await relay.local.get(f"orders/{order['id']}"))
    assert lifted["state"] == "LIFTED"
    again = await relay.local.post(path, json=body, headers=AS_OVERSIGHT)
    assert again.json()["code"] == "DECIDED_ALREADY"


async def test_an_upheld_order_stands_and_a_too_wide_one_is_replaced(relay: Running) -> None:
    order, appeal = await appealed(relay)
    path = f"appeals/{appeal['id']}/decide"
    narrowed = {"outcome": "NARROWED", "grounds": "Too much."}
    missing = await relay.local.post(path, json=narrowed, headers=AS_APPROVER)
    assert missing.json()["code"] == "REPLACEMENT_MISSING"
    run = await relay.run_of(relay.family)
    other = await suspend(relay, draft({"visitor": [run.visitors[0].id]}))
    wrong = narrowed | {"replacement": other["id"]}
    refused = await relay.local.post(path, json=wrong, headers=AS_APPROVER)
    assert refused.json()["code"] == "NOT_NARROWER"
    small = {"inmate": [relay.family.inmate], "visitor": [run.visitors[0].id]}
    narrow = await suspend(relay, draft(small))
    right = narrowed | {"replacement": narrow["id"]}
    said(await relay.local.post(path, json=right, headers=AS_APPROVER))
    assert said(await relay.local.get(f"orders/{order['id']}"))["state"] == "LIFTED"
    assert said(await relay.local.get(f"orders/{narrow['id']}"))["state"] == "ACTIVE"


async def test_one_appeal_of_a_party_is_enough_and_an_open_one_is_an_alert(
    relay: Running,
) -> None:
    order, appeal = await appealed(relay)
    again = await relay.desks.appeals.file(
        VisitId(relay.family.id), Party.VISITOR, order["id"], "Again."
    )
    assert (again.id, again.text) == (appeal["id"], "It was not us.")
    relay.clock.pass_time(minutes=61)
    await relay.desks.appeals.keep_time()
    kinds = [row.kind for row in await relay.desks.alerts.recent()]
    assert AlertKind.APPEAL_FILED in kinds
    assert AlertKind.APPEAL_OVERDUE in kinds


@pytest.mark.parametrize("ended_ago_h", [1, 80])
async def test_displaced_people_rebook_before_others(relay: Running, ended_ago_h: int) -> None:
    run = await relay.meet(relay.family)
    await suspend(
        relay,
        draft({"inmate": [relay.family.inmate]}, expires=(NOW + timedelta(hours=1)).isoformat()),
    )
    relay.clock.pass_time(hours=1 + ended_ago_h)

    def waiting(db: Any) -> int:
        return len(Displaced(db).waiting(InmateId(relay.family.inmate)))

    assert await relay.desks.store.read(waiting) == 1
    now = relay.clock.now()
    slots = said(
        await relay.local.get(
            "slots",
            params={
                "from": (now + timedelta(hours=14)).isoformat(),
                "to": (now + timedelta(days=3)).isoformat(),
            },
        )
    )["slots"]
    slot = next(one for one in slots if "FAMILY" in one["visit_types"] and not one["taken"])
    others = [("i-07", "v-09"), ("i-02", "v-03"), ("i-03", "v-04")]
    answers = []
    for inmate, visitor in others:
        body = {
            "inmate": inmate,
            "visitors": [visitor],
            "visit_type": "FAMILY",
            "starts": slot["starts"],
        }
        answers.append((await relay.local.post("visits", json=body)).status_code)
    assert slot["capacity"] == 3
    assert answers == ([201, 201, 409] if ended_ago_h < 72 else [201, 201, 201])
    if ended_ago_h < 72:
        mine = {
            "inmate": relay.family.inmate,
            "visitors": [run.visitors[0].id],
            "visit_type": "FAMILY",
            "starts": slot["starts"],
        }
        booked = said(await relay.local.post("visits", json=mine), 201)
        assert await relay.desks.store.read(waiting) == 0
        why = said(await relay.local.get(f"orders/explain/{relay.family.id}"))
        assert why["rebooked_as"] == booked["visit"]["id"]
