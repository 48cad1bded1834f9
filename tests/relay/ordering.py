"""An order's whole way over REST, for tests that are about something else."""

from datetime import timedelta
from typing import Any

import httpx

from tests.relay.facility import NOW, Running

AS_APPROVER = {"X-Parloir-Person": "approver"}
AS_OVERSIGHT = {"X-Parloir-Person": "oversight"}


def draft(scope: dict[str, list[str]], **changes: Any) -> dict[str, Any]:
    """A whole order of two hours on ``scope``."""
    return {
        "scope": scope,
        "protected": [],
        "reason_code": "SECURITY_INCIDENT",
        "legal_basis": "Federal Law 103-FZ, art. 18",
        "public_text": {"ru": "Проверка безопасности.", "en": "A security check."},
        "expires": (NOW + timedelta(hours=2)).isoformat(),
        "why_not_narrower": "It is not known who brought it in.",
        **changes,
    }


def said(answer: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer with the status that was expected."""
    assert answer.status_code == status, answer.text
    return answer.json()


async def counted(relay: Running, body: dict[str, Any]) -> dict[str, Any]:
    """A new draft whose impact was shown."""
    made = said(await relay.local.post("orders/drafts", json=body), 201)
    shown = said(await relay.local.post(f"orders/drafts/{made['id']}/impact"))
    return {"id": made["id"], "digest": shown["draft"]["digest"], **shown}


async def approve(relay: Running, shown: dict[str, Any], who: dict[str, str]) -> httpx.Response:
    """What the relay says to this person's approval of what was shown."""
    return await relay.local.post(
        f"orders/drafts/{shown['id']}/approve", json={"digest": shown["digest"]}, headers=who
    )


async def sign(relay: Running, shown: dict[str, Any]) -> httpx.Response:
    """What the relay says to the drafter's signature."""
    body = {"digest": shown["digest"], "confirm_visits": shown["impact"]["visits"]}
    return await relay.local.post(f"orders/drafts/{shown['id']}/sign", json=body)


async def suspend(relay: Running, body: dict[str, Any]) -> dict[str, Any]:
    """The order of ``body``, approved by as many people as it needs, signed and enforced."""
    shown = await counted(relay, body)
    if shown["draft"]["approvals_missing"]:
        who = AS_OVERSIGHT if shown["draft"]["oversight_needed"] else AS_APPROVER
        said(await approve(relay, shown, who))
    order: dict[str, Any] = said(await sign(relay, shown))
    return order
