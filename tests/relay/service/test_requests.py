"""Claims about what inmates ask for in the booth: kept once, answered once, seen again."""

from datetime import timedelta

import pytest

from relay.core.model import InmateId, TerminalId
from relay.service.requests import ANSWERED_WITHIN, UnknownRequestError
from relay.store.requests import RequestRow
from tests.relay.facility import NOW, Running
from tests.relay.ordering import said
from visit_protocol.signalling import FileRequest, Identified
from visit_protocol.vocabulary import ComplaintReason, RequestKind


async def filed(relay: Running, **wish: object) -> RequestRow:
    booth, inmate = TerminalId(relay.family.terminal), InmateId(relay.family.inmate)
    return await relay.desks.requests.file(inmate, booth, FileRequest.model_validate(wish))


async def complaint(relay: Running) -> RequestRow:
    run = await relay.run_of(relay.family)
    return await filed(
        relay,
        kind="COMPLAINT",
        reference=run.visit.reference,
        reason=ComplaintReason.CUT_SHORT,
    )


async def test_a_complaint_is_kept_once_with_the_day_of_its_answer(relay: Running) -> None:
    row = await complaint(relay)
    assert (row.kind, row.due) == (RequestKind.COMPLAINT, NOW + ANSWERED_WITHIN)
    assert (await complaint(relay)).id == row.id
    (listed,) = said(await relay.local.get("requests"))["requests"]
    run = await relay.run_of(relay.family)
    assert (listed["visit"], listed["inmate"]) == (run.visit.reference, run.inmate.name)
    assert not listed["overdue"]
    relay.clock.pass_time(hours=24 * 11)
    (late,) = said(await relay.local.get("requests"))["requests"]
    assert late["overdue"]


async def test_nobody_complains_about_somebody_elses_visit_or_asks_for_a_strangers_permit(
    relay: Running,
) -> None:
    legal = await relay.run_of(relay.legal)
    with pytest.raises(UnknownRequestError):
        await filed(relay, kind="COMPLAINT", reference=legal.visit.reference, reason="OTHER")
    with pytest.raises(UnknownRequestError):
        await filed(relay, kind="CALL_PERMIT", visitor="v-nobody")
    with pytest.raises(UnknownRequestError):
        await filed(relay, kind="COMPLAINT")


async def test_an_answer_is_given_once_read_in_the_booth_and_in_the_journal(
    relay: Running,
) -> None:
    run = await relay.run_of(relay.family)
    row = await filed(relay, kind="CALL_PERMIT", visitor=run.visitors[0].id)
    path, body = f"requests/{row.id}/answer", {"granted": True, "answer": " Разрешено. "}
    assert (await relay.local.post(path, json=body | {"answer": " "})).status_code == 422
    answered = said(await relay.local.post(path, json=body))
    assert (answered["granted"], answered["answer"]) == (True, "Разрешено.")
    again = await relay.local.post(path, json=body)
    assert again.json()["code"] == "ANSWERED_ALREADY"
    rows = said(await relay.local.get("journal"))["rows"]
    actions = {one["action"] for one in rows if one["subject"] == row.id}
    assert actions == {"request.filed", "request.answered"}
    relay.clock.pass_time(seconds=1)
    known = await relay.desks.booths.identify(
        TerminalId(relay.family.terminal), relay.secrets.pins[relay.family.inmate]
    )
    assert isinstance(known, Identified)
    assert known.plan is not None
    (own,) = known.plan.requests
    assert (own.kind, own.answer) == (RequestKind.CALL_PERMIT, "Разрешено.")
    assert own.answered is not None
    assert own.answered - NOW < timedelta(minutes=1)
