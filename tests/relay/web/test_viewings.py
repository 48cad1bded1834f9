"""Whoever looks at records is entered in the journal, once an hour for each kind."""

import json
from datetime import timedelta

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin

from relay.service.viewings import NOTED_FOR
from tests.relay.facility import Running
from visit_protocol.vocabulary import StaffRole

SHOWN = {
    "audit": "audit_log",
    "journal": "audit_log",
    "orders": "orders",
    "orders/drafts": "orders",
    "orders/notices": "notices",
    "appeals": "appeals",
    "requests": "requests",
    "directory": "people",
    "visits": "visits",
}


async def viewed(relay: Running, who: str) -> list[str]:
    auditor = await relay.staff(StaffRole.AUDITOR)
    wanted = {"action": "records.viewed", "actor": f"staff:{who}"}
    rows = (await auditor.get("audit", params=wanted)).json()["rows"]
    return [row["subject"] for row in reversed(rows)]


@pytest.mark.parametrize(("path", "subject"), SHOWN.items())
async def test_a_look_is_entered_before_it_is_given(
    relay: Running, path: str, subject: str
) -> None:
    administrator = await relay.staff(StaffRole.ADMINISTRATOR)
    for _ in range(3):
        assert (await administrator.get(path)).status_code == 200
    assert await viewed(relay, "administrator") == [subject]


async def test_after_an_hour_it_is_entered_again(relay: Running) -> None:
    for _ in range(2):
        administrator = await relay.staff(StaffRole.ADMINISTRATOR)  # the log-in has ended meanwhile
        assert (await administrator.get("orders")).status_code == 200
        relay.clock.at += NOTED_FOR + timedelta(seconds=1)
    assert await viewed(relay, "administrator") == ["orders", "orders"]


async def test_the_page_that_shows_visits_as_they_change_is_a_look_too(relay: Running) -> None:
    guard = await relay.staff(StaffRole.GUARD)
    here = f"127.0.0.1:{relay.port}"
    cookie = "; ".join(f"{name}={value}" for name, value in guard.cookies.items())
    async with connect(
        f"ws://{here}/api/v1/live",
        additional_headers={"Cookie": cookie},
        origin=Origin(f"http://{here}"),
        proxy=None,
    ) as live:
        shown = json.loads(await live.recv())
        assert shown["type"] == "live"
        assert await viewed(relay, "guard") == ["visits"]


async def test_who_may_not_look_leaves_no_row(relay: Running) -> None:
    guard = await relay.staff(StaffRole.GUARD)
    assert (await guard.get("orders")).status_code == 403
    assert await viewed(relay, "guard") == []
