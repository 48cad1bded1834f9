"""Claims about the policy while visits are live: a yes holds only as long as its facts do."""

from datetime import timedelta

from relay.core.model import Restriction, VisitorId
from relay.store.rules import Rules
from tests.relay.facility import NOW, Running
from visit_protocol.vocabulary import CallState, Outcome, RestrictionKind


async def revoke(relay: Running) -> None:
    """Withdraw the approval of the family visit's contact, as staff do: with a CSV file."""
    run = await relay.run_of(relay.family)
    contact = run.contacts[0]
    row = f"{contact.inmate},{contact.visitor},{contact.relationship},no"
    text = f"inmate,visitor,relationship,approved\n{row}\n"
    answer = await relay.local.post("import/contacts", content=text.encode())
    assert answer.status_code == 200, answer.text


async def test_a_contact_revoked_in_mid_call_ends_that_call_and_no_other(relay: Running) -> None:
    family, legal = await relay.meet(relay.family), await relay.meet(relay.legal)
    await revoke(relay)
    assert family.machine.state is CallState.ENDED
    assert family.machine.outcome is Outcome.ESTABLISHMENT_CANCELLED
    assert legal.machine.state is CallState.LIVE


async def test_a_ban_that_begins_in_mid_call_ends_it_at_the_next_review(relay: Running) -> None:
    family, legal = await relay.meet(relay.family), await relay.meet(relay.legal)
    ban = Restriction(
        id="ban-1",
        kind=RestrictionKind.BAN,
        starts=NOW + timedelta(minutes=2),
        expires=None,
        visitor=VisitorId(family.visitors[0].id),
    )
    await relay.desks.store.write(lambda db: Rules(db).put_restriction(ban))
    await relay.desks.visits.review()
    assert family.machine.state is CallState.LIVE
    relay.clock.pass_time(minutes=3)
    await relay.desks.visits.review()
    assert family.machine.state is CallState.ENDED
    assert legal.machine.state is CallState.LIVE
