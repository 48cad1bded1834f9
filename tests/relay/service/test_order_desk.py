"""Claims about the way of an order at a running facility: two people, one impact, one clock."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from relay.core.alerts import AlertKind
from relay.service.alerts import AlertDesk
from relay.service.enforcement import OrderRefusedError
from relay.store.staff_accounts import StaffAccounts
from suspension import RefusalCode, Refused
from suspension.trust import LEAST, WIDE, Trust
from tests.relay.facility import NOW, Running, running
from tests.relay.ordering import (
    AS_APPROVER,
    AS_OVERSIGHT,
    approve,
    counted,
    draft,
    said,
    sign,
    suspend,
)
from tests.suspension.people import make_delegations, make_root
from visit_protocol.vocabulary import CallState, Outcome, StaffRole

AS_ADMINISTRATOR = {"X-Parloir-Person": "administrator"}


def wide(relay: Running, **changes: Any) -> dict[str, Any]:
    return draft({"facility": [relay.desks.facility.id]}, **changes)


async def alerts(desk: AlertDesk) -> list[str]:
    return [row.kind for row in await desk.recent() if row.acknowledged_at is None]


async def test_a_wide_order_is_in_force_only_after_a_second_person(relay: Running) -> None:
    run = await relay.meet(relay.family)
    shown = await counted(relay, wide(relay))
    assert shown["draft"]["people_needed"] == 2
    early = await sign(relay, shown)
    assert (early.status_code, early.json()["code"]) == (409, "APPROVAL_MISSING")
    assert run.machine.state is CallState.LIVE
    said(await approve(relay, shown, AS_APPROVER))
    order = said(await sign(relay, shown))
    assert run.machine.outcome is Outcome.SUSPENDED_BY_ORDER
    assert (order["state"], order["desk_state"]) == ("ACTIVE", "ENFORCED")
    assert order["approvals"] == ["approver"]


async def test_the_drafter_cannot_approve_by_another_account(relay: Running) -> None:
    def one_person(db: Any) -> None:
        db.execute("UPDATE staff_account SET person = 'administrator' WHERE user = 'approver'")

    administrator = await relay.staff(StaffRole.ADMINISTRATOR)
    made = said(await administrator.post("orders/drafts", json=wide(relay)), 201)
    shown = said(await administrator.post(f"orders/drafts/{made['id']}/impact"))
    await relay.desks.store.write(one_person)
    approver = await relay.staff(StaffRole.APPROVER)
    seen = said(await approver.get(f"orders/drafts/{made['id']}"))
    assert seen["may_approve"] is False
    answer = await approver.post(
        f"orders/drafts/{made['id']}/approve", json={"digest": shown["draft"]["digest"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "SAME_PERSON")


async def test_two_members_of_staff_order_and_approve_in_their_own_browsers(
    relay: Running,
) -> None:
    administrator = await relay.staff(StaffRole.ADMINISTRATOR)
    approver = await relay.staff(StaffRole.APPROVER)
    made = said(await administrator.post("orders/drafts", json=wide(relay)), 201)
    shown = said(await administrator.post(f"orders/drafts/{made['id']}/impact"))
    body = {"digest": shown["draft"]["digest"]}
    (listed,) = said(await approver.get("orders/drafts"))["drafts"]
    assert (listed["id"], listed["may_approve"]) == (made["id"], True)
    agreed = said(await approver.post(f"orders/drafts/{made['id']}/approve", json=body))
    assert (agreed["state"], agreed["approvals_missing"]) == ("APPROVED", 0)
    visits = shown["impact"]["visits"]
    signed = await administrator.post(
        f"orders/drafts/{made['id']}/sign", json=body | {"confirm_visits": visits}
    )
    assert said(signed)["state"] == "ACTIVE"


async def test_a_changed_draft_has_to_be_shown_and_approved_again(relay: Running) -> None:
    shown = await counted(relay, wide(relay))
    said(await approve(relay, shown, AS_APPROVER))
    changed = await relay.local.put(
        f"orders/drafts/{shown['id']}", json=wide(relay, legal_basis="Another law")
    )
    assert said(changed)["approvals"] == []
    refused = await sign(relay, shown)
    assert refused.status_code == 409
    again = said(await relay.local.post(f"orders/drafts/{shown['id']}/impact"))
    assert again["draft"]["digest"] != shown["digest"]
    assert again["draft"]["approvals_missing"] == 1


async def test_a_visit_booked_meanwhile_voids_the_approval(relay: Running) -> None:
    shown = await counted(relay, wide(relay, expires=(NOW + timedelta(days=2)).isoformat()))
    said(await approve(relay, shown, AS_APPROVER))
    body = {
        "inmate": "i-01",
        "visitors": ["v-02"],
        "visit_type": "FAMILY",
        "starts": (NOW + timedelta(hours=19)).isoformat(),
    }
    said(await relay.local.post("visits", json=body), 201)
    refused = await sign(relay, shown)
    assert (refused.status_code, refused.json()["code"]) == (409, "IMPACT_CHANGED")
    assert refused.json()["impact"]["visits"] == shown["impact"]["visits"] + 1
    file = said(await relay.local.get(f"orders/drafts/{shown['id']}"))
    assert file["approvals"] == []


async def test_the_same_shown_again_keeps_the_approval(relay: Running) -> None:
    shown = await counted(relay, wide(relay))
    said(await approve(relay, shown, AS_APPROVER))
    again = said(await relay.local.post(f"orders/drafts/{shown['id']}/impact"))
    assert again["draft"]["digest"] == shown["digest"]
    assert again["draft"]["approvals"] == ["approver"]


async def test_an_order_that_touches_counsel_needs_oversight(relay: Running) -> None:
    legal = await relay.meet(relay.legal)
    body = draft({"inmate": [relay.legal.inmate]}, protected=["LEGAL"])
    shown = await counted(relay, body)
    assert shown["draft"]["oversight_needed"] is True
    said(await approve(relay, shown, AS_APPROVER))
    refused = await sign(relay, shown)
    assert refused.json()["code"] == "OVERSIGHT_MISSING"
    said(await approve(relay, shown, AS_OVERSIGHT))
    said(await sign(relay, shown))
    assert legal.machine.outcome is Outcome.SUSPENDED_BY_ORDER


async def test_an_order_waits_for_as_many_people_as_the_root_asks_for(relay: Running) -> None:
    enforcement = relay.desks.enforcement
    assert enforcement._trusted is not None
    more = make_delegations(thresholds={**LEAST, WIDE: 3})
    asking = Trust.load([make_root()], more)
    shown = await counted(relay, wide(relay))
    said(await approve(relay, shown, AS_APPROVER))
    enforcement._trusted = replace(enforcement._trusted, trust=asking)
    file = said(await relay.local.get(f"orders/drafts/{shown['id']}"))
    assert (file["people_needed"], file["approvals_missing"], file["may_sign"]) == (3, 1, False)
    assert (await sign(relay, shown)).json()["code"] == "APPROVAL_MISSING"


async def test_from_a_housing_unit_upward_the_reason_must_be_given(relay: Running) -> None:
    shown = await counted(relay, wide(relay, why_not_narrower=""))
    refused = await approve(relay, shown, AS_APPROVER)
    assert refused.json()["code"] == "WHY_NOT_NARROWER_MISSING"


async def test_an_emergency_is_one_persons_for_an_hour_and_opens_a_review(relay: Running) -> None:
    hour = (NOW + timedelta(minutes=60)).isoformat()
    order = await suspend(relay, wide(relay, emergency=True, expires=hour))
    assert (order["emergency"], order["approvals"]) == (True, [])
    assert AlertKind.ORDER_REVIEW_OPENED in await alerts(relay.desks.alerts)
    alone = await relay.local.post(f"orders/{order['id']}/review", json={"note": "Fine."})
    assert alone.json()["code"] == "SAME_PERSON"
    reviewed = await relay.local.post(
        f"orders/{order['id']}/review", json={"note": "It was right."}, headers=AS_APPROVER
    )
    assert [one["person"] for one in said(reviewed)["reviews"]] == ["approver"]
    too_long = wide(relay, emergency=True, expires=(NOW + timedelta(minutes=61)).isoformat())
    refused = await relay.local.post("orders/drafts", json=too_long)
    assert (refused.status_code, refused.json()["rule"]) == (422, "EXPIRES_TOO_LATE")


async def test_a_review_is_reminded_of_at_half_the_time(relay: Running) -> None:
    order = await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    relay.clock.pass_time(minutes=61)
    await relay.desks.standing.keep_time()
    assert AlertKind.ORDER_REVIEW_DUE in await alerts(relay.desks.alerts)
    overdue = said(await relay.local.get(f"orders/{order['id']}"))
    assert overdue["review_overdue"] is True
    said(await relay.local.post(f"orders/{order['id']}/review", json={"note": "Still needed."}))
    again = said(await relay.local.get(f"orders/{order['id']}"))
    assert again["review_overdue"] is False


async def test_a_renewal_goes_the_whole_way_and_follows_the_old_order(relay: Running) -> None:
    order = await suspend(relay, wide(relay))
    until = (NOW + timedelta(hours=6)).isoformat()
    renewed = await relay.local.post(f"orders/{order['id']}/renew", json={"expires": until})
    made = said(renewed, 201)
    assert (made["state"], made["renews"], made["approvals_missing"]) == ("DRAFT", order["id"], 1)
    shown = said(await relay.local.post(f"orders/drafts/{made['id']}/impact"))
    shown |= {"id": made["id"], "digest": shown["draft"]["digest"]}
    said(await approve(relay, shown, AS_APPROVER))
    said(await sign(relay, shown))
    old = said(await relay.local.get(f"orders/{order['id']}"))
    assert (old["desk_state"], old["renewed_by"]) == ("RENEWED", made["id"])


async def test_lifting_a_wide_order_takes_two_people_too(relay: Running) -> None:
    run = await relay.meet(relay.family)
    order = await suspend(relay, wide(relay))
    path = f"orders/{order['id']}/lift"
    asked = said(await relay.local.post(path, json={}, headers=AS_ADMINISTRATOR))
    assert (asked["state"], asked["lift_asked_by"]) == ("ACTIVE", ["administrator"])
    again = said(await relay.local.post(path, json={}, headers=AS_ADMINISTRATOR))
    assert again["state"] == "ACTIVE"
    done = said(await relay.local.post(path, json={}, headers=AS_APPROVER))
    assert (done["state"], done["desk_state"]) == ("LIFTED", "LIFTED")
    assert run.machine.state is CallState.OPEN


async def test_an_order_that_has_run_out_is_noted(relay: Running) -> None:
    order = await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    relay.clock.pass_time(hours=3)
    await relay.desks.standing.keep_time()
    seen = said(await relay.local.get(f"orders/{order['id']}"))
    assert (seen["state"], seen["desk_state"]) == ("EXPIRED", "EXPIRED")


async def test_a_signature_that_was_kept_is_enforced_after_a_restart(relay: Running) -> None:
    shown = await counted(relay, draft({"inmate": [relay.family.inmate]}))
    accept = relay.desks.enforcement.accept

    async def power_cut(*_args: object, **_more: object) -> None:
        raise ConnectionError

    relay.desks.enforcement.accept = power_cut  # type: ignore[method-assign,assignment]  # a power cut
    with pytest.raises(ConnectionError):
        await sign(relay, shown)
    relay.desks.enforcement.accept = accept  # type: ignore[method-assign]
    async with running(relay.folder, relay.folder.parent / "again") as again:
        await again.desks.standing.keep_time()
        order = said(await again.local.get(f"orders/{shown['id']}"))
        assert (order["state"], order["desk_state"]) == ("ACTIVE", "ENFORCED")
        run = await again.run_of(relay.family)
        assert again.desks.visits.suspending(run)


async def test_a_signature_that_is_refused_after_a_restart_stops_nothing(relay: Running) -> None:
    shown = await counted(relay, draft({"inmate": [relay.family.inmate]}))

    async def refuse(*_args: object, **_more: object) -> None:
        raise OrderRefusedError(Refused(RefusalCode.ROOT_EXPIRED, "the root of trust has run out"))

    relay.desks.enforcement.accept = refuse  # type: ignore[method-assign,assignment]  # a root that ends
    refused = await sign(relay, shown)
    assert (refused.status_code, refused.json()["code"]) == (422, "ROOT_EXPIRED")
    assert await relay.desks.standing.keep_time() > 0
    file = said(await relay.local.get(f"orders/drafts/{shown['id']}"))
    assert file["state"] == "SIGNED"
    relay.clock.pass_time(hours=3)
    await relay.desks.standing.keep_time()
    file = said(await relay.local.get(f"orders/drafts/{shown['id']}"))
    assert file["state"] == "EXPIRED"


async def test_unknown_ids_are_named(relay: Running) -> None:
    scope = {"inmate": ["i-01", "i-99"], "visitor": ["v-98"]}
    for path, body in (("orders/drafts", draft(scope)), ("orders/impact", draft(scope))):
        refused = await relay.local.post(path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "UNKNOWN_IDS")
        assert refused.json()["ids"] == {"inmate": ["i-99"], "visitor": ["v-98"]}
        assert "i-99" in refused.json()["message"]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"scope": {}}, "SCOPE_EMPTY"),
        ({"scope": {"inmate": []}}, "SCOPE_EMPTY"),
        ({"scope": {"inmate": ["*"]}}, "SCOPE_WILDCARD"),
        ({"scope": {"terminal": ["T-01"]}}, "PLACE_WITHOUT_FACILITY"),
        ({"scope": {"inmate": [f"i-{n}" for n in range(201)]}}, "TOO_MANY_IDS"),
        ({"expires": (NOW - timedelta(hours=1)).isoformat()}, "EXPIRES_PAST"),
        ({"expires": (NOW + timedelta(days=31)).isoformat()}, "EXPIRES_TOO_LATE"),
    ],
)
async def test_each_broken_rule_has_a_word_of_its_own(
    relay: Running, changes: dict[str, Any], rule: str
) -> None:
    answer = await relay.local.post("orders/drafts", json=draft({"inmate": ["i-01"]}) | changes)
    assert (answer.status_code, answer.json().get("rule")) == (422, rule), answer.text


async def test_an_expiry_is_never_missing(relay: Running) -> None:
    body = draft({"inmate": ["i-01"]})
    del body["expires"]
    answer = await relay.local.post("orders/drafts", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "expires")


async def test_narrower_orders_stand_beside_a_wide_one_with_their_numbers(
    relay: Running,
) -> None:
    await relay.meet(relay.family)
    body = wide(relay, expires=(NOW + timedelta(days=5)).isoformat())
    body["incident"] = [relay.family.id]
    impact = said(await relay.local.post("orders/impact", json=body))
    found = {one["narrowing"]: one for one in impact["alternatives"]}
    assert found["INMATE"]["scope"]["inmate"] == [relay.family.inmate]
    assert found["INMATE"]["visits"] < impact["visits"]
    assert found["INMATE"]["people_needed"] == 1
    assert impact["live"] == 1
    order = await suspend(relay, body)
    assert order["narrower_declined"] is True


async def test_a_withheld_reason_is_told_to_staff_and_not_to_those_concerned(
    relay: Running,
) -> None:
    run = await relay.meet(relay.family)
    body = draft({"inmate": [relay.family.inmate]}, withheld="RISK_TO_PERSON")
    order = await suspend(relay, body)
    assert (order["reason_code"], order["withheld"]) == ("SECURITY_INCIDENT", "RISK_TO_PERSON")
    refusal = said(await relay.local.get(f"visits/{run.visit.id}"))["refusals"][0]
    assert refusal["reason_code"] is None
    assert "Проверка безопасности" not in refusal["public_text"]["ru"]


async def test_why_a_visit_cannot_happen_names_the_order(relay: Running) -> None:
    possible = said(await relay.local.get(f"orders/explain/{relay.family.id}"))
    assert (possible["possible"], possible["orders"]) == (True, [])
    order = await suspend(relay, wide(relay))
    why = said(await relay.local.get(f"orders/explain/{relay.family.id}"))
    assert why["possible"] is False
    (named,) = why["orders"]
    assert (named["id"], named["approvals"]) == (order["id"], ["approver"])
    assert named["why_not_narrower"]
    assert (await relay.local.get("orders/explain/visit-none")).status_code == 404


async def test_a_draft_that_is_declined_goes_back_with_the_reason(relay: Running) -> None:
    shown = await counted(relay, wide(relay))
    path = f"orders/drafts/{shown['id']}"
    reason = {"reason": "One terminal is enough."}
    own = await relay.local.post(f"{path}/decline", json=reason)
    assert own.json()["code"] in ("SAME_PERSON", "NOT_AN_APPROVER")
    blank = await relay.local.post(f"{path}/decline", json={"reason": ""}, headers=AS_APPROVER)
    assert blank.status_code == 422
    back = said(await relay.local.post(f"{path}/decline", json=reason, headers=AS_APPROVER))
    assert (back["state"], back["digest"]) == ("DRAFT", None)
    assert back["declined"]["person"] == "approver"
    assert back["declined"]["reason"] == "One terminal is enough."
    again = said(await relay.local.post(f"{path}/impact"))["draft"]
    assert (again["state"], again["declined"]) == ("COUNTED", None)


async def test_a_persons_orders_are_numbered_and_a_draft_given_up_is_no_gap(
    relay: Running,
) -> None:
    body = draft({"inmate": [relay.family.inmate]}, grace_s=60)
    given_up = await counted(relay, body)
    shown = await counted(relay, body)
    said(await relay.local.post(f"orders/drafts/{given_up['id']}/withdraw"))
    order = said(await sign(relay, shown))
    assert order["grace_s"] == 60
    signed = relay.desks.enforcement.book.head(order["id"])[0]
    assert (signed.issuer_seq, signed.cut.grace_s) == (2, 60)
    said(await relay.local.post(f"orders/{order['id']}/lift", json={}))
    lifted = relay.desks.enforcement.book.head(order["id"])[0]
    assert (lifted.issuer == signed.issuer, lifted.issuer_seq) == (True, 3)
    assert said(await relay.local.get("orders"))["missing_numbers"] == []


async def test_a_draft_can_be_given_up(relay: Running) -> None:
    shown = await counted(relay, wide(relay))
    gone = said(await relay.local.post(f"orders/drafts/{shown['id']}/withdraw"))
    assert gone["state"] == "WITHDRAWN"
    assert said(await relay.local.get("orders/drafts"))["drafts"] == []
    assert (await sign(relay, shown)).json()["code"] == "NOT_POSSIBLE_NOW"


async def test_a_wide_order_in_one_step_waits_as_a_draft(relay: Running) -> None:
    impact = said(await relay.local.post("orders/impact", json=wide(relay)))
    answer = await relay.local.post("orders", json=wide(relay, confirm_visits=impact["visits"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "APPROVAL_MISSING")
    waiting = said(await relay.local.get("orders/drafts"))["drafts"]
    assert [one["id"] for one in waiting] == [answer.json()["draft"]]


async def test_every_account_of_the_example_is_another_person(relay: Running) -> None:
    accounts = await relay.desks.store.read(lambda db: StaffAccounts(db).all())
    assert len({one.person for one in accounts}) == len(accounts) == len(StaffRole)
