"""Claims about a guard's warning: both parties are told, the call goes on, the journal knows."""

from tests.relay.facility import Running, Silent
from visit_protocol.signalling import Warned
from visit_protocol.vocabulary import CallState, Party, WarningReason


async def test_a_warning_reaches_both_parties_and_the_journal_and_ends_nothing(
    relay: Running,
) -> None:
    run = await relay.meet(relay.family)
    clients = {party: Silent() for party in (Party.INMATE, Party.VISITOR)}
    for party, client in clients.items():
        relay.desks.audience.enter(run.visit.id, party, client)
    path = f"visits/{run.visit.id}/warn"
    warned = await relay.local.post(path, json={"reason": "THIRD_PERSON"})
    assert (warned.status_code, warned.json()["state"]) == (200, "LIVE")
    for client in clients.values():
        assert client.told[-1] == Warned(reason=WarningReason.THIRD_PERSON)
    rows = (await relay.local.get("journal")).json()["rows"]
    (row,) = [one for one in rows if one["action"] == "visit.warned"]
    assert (row["subject"], row["detail"]) == (run.visit.id, {"reason": "THIRD_PERSON"})
    assert (await relay.local.post(path, json={"reason": "DANCING"})).status_code == 422


async def test_nobody_is_warned_before_the_call_or_in_a_visit_that_nobody_hears(
    relay: Running,
) -> None:
    body = {"reason": "RULES_BROKEN"}
    run = await relay.run_of(relay.family)
    assert run.machine.state is not CallState.LIVE
    early = await relay.local.post(f"visits/{run.visit.id}/warn", json=body)
    assert early.status_code == 409
    legal = await relay.meet(relay.legal)
    protected = await relay.local.post(f"visits/{legal.visit.id}/warn", json=body)
    assert protected.status_code == 409
