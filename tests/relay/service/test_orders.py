"""Claims about suspension at a running facility."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from relay.service.visit_run import VisitRun
from relay.store.orders import Orders
from tests.relay.facility import NOW, Running, running
from tests.relay.ordering import draft, suspend
from visit_protocol.signalling import VisitUpdate
from visit_protocol.vocabulary import CallState, Outcome, RejectionCode


def states(*runs: VisitRun) -> list[CallState]:
    return [run.machine.state for run in runs]


async def test_an_order_on_one_inmate_ends_that_call_and_no_other(relay: Running) -> None:
    family, legal = await relay.meet(relay.family), await relay.meet(relay.legal)
    order = await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    assert states(family, legal) == [CallState.ENDED, CallState.LIVE]
    assert family.machine.outcome is Outcome.SUSPENDED_BY_ORDER
    assert order["state"] == "ACTIVE"


@pytest.mark.parametrize(
    "dimension", ["terminal", "housing_unit", "facility", "visitor", "contact"]
)
async def test_every_scope_reaches_the_visit_it_names(relay: Running, dimension: str) -> None:
    run = await relay.meet(relay.family)
    facility = relay.desks.facility.id
    scope = {
        "terminal": {"facility": [facility], "terminal": ["T-01"]},
        "housing_unit": {"facility": [facility], "housing_unit": [run.housing_unit.id]},
        "facility": {"facility": [facility]},
        "visitor": {"visitor": [run.visitors[0].id]},
        "contact": {"contact": [run.contacts[0].id]},
    }[dimension]
    expires = (NOW + timedelta(hours=1)).isoformat()
    counted = await relay.local.post("orders/impact", json={"scope": scope, "expires": expires})
    impact = counted.json()
    assert relay.family.id in [one["id"] for one in impact["listed"]]
    await suspend(relay, draft(scope, expires=expires))
    assert run.machine.outcome is Outcome.SUSPENDED_BY_ORDER


async def test_a_facility_wide_order_leaves_counsel_alone_unless_it_names_them(
    relay: Running,
) -> None:
    legal = await relay.meet(relay.legal)
    scope = {"facility": [relay.desks.facility.id]}
    expires = (NOW + timedelta(minutes=30)).isoformat()
    await suspend(relay, draft(scope, expires=expires))
    assert legal.machine.state is CallState.LIVE
    await suspend(relay, draft(scope, expires=expires, protected=["LEGAL"]))
    assert legal.machine.outcome is Outcome.SUSPENDED_BY_ORDER


async def test_both_screens_learn_why_until_when_and_who_decided(relay: Running) -> None:
    run = await relay.meet(relay.family)
    client = next(iter(run.attending.values()))
    for party in list(run.attending):
        relay.desks.audience.enter(run.visit.id, party, client)
    await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    update = [one for one in client.told if isinstance(one, VisitUpdate)][-1]  # type: ignore[attr-defined]  # a Silent
    refusal = update.visit.refusals[0]
    assert update.visit.outcome is Outcome.SUSPENDED_BY_ORDER
    assert refusal.code is RejectionCode.SUSPENDED_BY_ORDER
    assert refusal.until == NOW + timedelta(hours=2)
    assert refusal.public_text == {"ru": "Проверка безопасности.", "en": "A security check."}
    assert refusal.decided_by == relay.desks.facility.name


async def test_lifting_opens_the_visit_again_within_its_slot(relay: Running) -> None:
    run = await relay.meet(relay.family)
    order = await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    lifted = (
        await relay.local.post(f"orders/{order['id']}/lift", json={"comment": "error"})
    ).json()
    assert (lifted["state"], lifted["rev"]) == ("LIFTED", 2)
    assert states(run) == [CallState.OPEN]
    assert run.visit.outcome is None
    again = await relay.local.post(f"orders/{order['id']}/lift", json={})
    assert again.status_code == 422


async def test_an_order_expires_by_itself(relay: Running) -> None:
    run = await relay.meet(relay.family)
    expires = (NOW + timedelta(minutes=5)).isoformat()
    await suspend(relay, draft({"inmate": [relay.family.inmate]}, expires=expires))
    relay.clock.pass_time(minutes=6)
    await relay.desks.visits.review()
    assert states(run) == [CallState.OPEN]


async def test_an_order_survives_a_restart(relay: Running, example_at_now: Path) -> None:
    await relay.meet(relay.family)
    order = await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    async with running(relay.folder, relay.folder.parent / "again") as again:
        listed = (await again.local.get("orders")).json()["orders"]
        assert [(one["id"], one["state"]) for one in listed] == [(order["id"], "ACTIVE")]
        run = await again.run_of(relay.family)
        assert again.desks.visits.suspending(run)


async def test_an_order_needs_the_number_of_visits_that_it_really_touches(relay: Running) -> None:
    body = draft({"inmate": [relay.family.inmate]}, confirm_visits=7)
    answer = await relay.local.post("orders", json=body)
    assert answer.status_code == 409
    assert answer.json()["code"] == "IMPACT_CHANGED"
    assert answer.json()["impact"]["visits"] == 1
    assert (await relay.local.get("orders")).json()["orders"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scope": {"inmate": ["*"]}}, None),
        ({"scope": {}}, "scope"),
        ({"scope": {"planet": ["earth"]}}, "scope"),
        ({"scope": {"terminal": ["T-01"]}}, "scope"),
        ({"expires": (NOW - timedelta(hours=1)).isoformat()}, "expires"),
        ({"expires": (NOW + timedelta(days=31)).isoformat()}, "expires"),
        ({"expires": None}, None),
        ({"reason_code": "BECAUSE"}, None),
        ({"public_text": {"ru": "только по-русски"}}, None),
    ],
)
async def test_an_order_that_breaks_a_rule_is_refused_with_its_field(
    relay: Running, changes: dict[str, Any], field: str | None
) -> None:
    body = {**draft({"inmate": ["i-01"]}), **changes}
    answer = await relay.local.post("orders/drafts", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["message"]
    if field is not None:
        assert answer.json()["field"].startswith(field)
    assert await relay.desks.store.read(lambda db: Orders(db).all()) == ()


async def test_an_inmate_who_is_suspended_cannot_be_booked(relay: Running) -> None:
    run = await relay.run_of(relay.family)
    await suspend(relay, draft({"inmate": [relay.family.inmate]}))
    body = {
        "inmate": relay.family.inmate,
        "visitors": [run.visitors[0].id],
        "visit_type": "FAMILY",
        "starts": (NOW + timedelta(hours=1)).isoformat(),
    }
    answer = await relay.local.post("visits", json=body)
    assert answer.status_code == 409
    codes = [one["code"] for one in answer.json()["refusals"]]
    assert "SUSPENDED_BY_ORDER" in codes
