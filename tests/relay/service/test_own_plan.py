"""Claims about somebody who identifies by number and PIN, and what they see of their visits."""

from datetime import timedelta

from relay.core.model import TerminalId
from relay.store.locks import MAX_FAILURES
from tests.relay.facility import NOW, Running
from tests.relay.ordering import draft, suspend
from visit_protocol.signalling import Identified, IdentifyRefused
from visit_protocol.vocabulary import RejectionCode


def digits(ident: str) -> str:
    return "".join(filter(str.isdigit, ident))


async def asked(
    relay: Running, pin: str, number: str | None, terminal: str = ""
) -> Identified | IdentifyRefused:
    booth = TerminalId(terminal or relay.family.terminal)
    return await relay.desks.booths.identify(booth, pin, number)


def elsewhere(relay: Running) -> str:
    """A terminal at which the family's visit is not."""
    return next(t for t in relay.secrets.terminals if t != relay.family.terminal)


async def test_without_an_open_visit_here_number_and_pin_show_the_own_visits(
    relay: Running,
) -> None:
    inmate = relay.family.inmate
    there = elsewhere(relay)
    known = await asked(relay, relay.secrets.pins[inmate], digits(inmate), there)
    assert isinstance(known, Identified)
    assert known.visits == ()
    assert known.plan is not None
    run = await relay.run_of(relay.family)
    mine = next(v for v in known.plan.visits if v.reference == run.visit.reference)
    assert (mine.terminal_label, mine.refusals) == (run.terminal.label, ())
    assert known.plan.allowance is not None
    assert 0 <= known.plan.allowance.left < known.plan.allowance.visits


async def test_a_visit_that_an_order_stops_says_so_in_the_plan(relay: Running) -> None:
    inmate = relay.family.inmate
    await suspend(relay, draft({"inmate": [inmate]}))
    known = await asked(relay, relay.secrets.pins[inmate], digits(inmate))
    assert isinstance(known, Identified)
    assert known.plan is not None
    codes = {r.code for visit in known.plan.visits for r in visit.refusals}
    assert RejectionCode.SUSPENDED_BY_ORDER in codes


async def test_the_pin_of_somebody_else_opens_no_number(relay: Running) -> None:
    mine, other = relay.family.inmate, relay.legal.inmate
    refused = await asked(relay, relay.secrets.pins[other], digits(mine))
    assert isinstance(refused, IdentifyRefused)
    assert refused.refusals[0].code is RejectionCode.PIN_WRONG


async def test_guessing_locks_the_number_at_every_terminal_and_the_terminal(
    relay: Running,
) -> None:
    inmate = relay.family.inmate
    for _ in range(MAX_FAILURES):
        last = await asked(relay, "0000", digits(inmate))
    assert isinstance(last, IdentifyRefused)
    assert last.refusals[0].code is RejectionCode.TERMINAL_LOCKED
    there = await asked(relay, relay.secrets.pins[inmate], digits(inmate), elsewhere(relay))
    assert isinstance(there, IdentifyRefused)
    assert there.refusals[0].code is RejectionCode.INMATE_LOCKED
    assert there.refusals[0].until == NOW + timedelta(minutes=15)


async def test_a_number_that_nobody_has_is_counted_and_answered_like_a_wrong_pin(
    relay: Running,
) -> None:
    there = elsewhere(relay)
    unknown = await asked(relay, "0000", "999999", there)
    wrong = await asked(relay, "0000", digits(relay.family.inmate), there)
    assert isinstance(unknown, IdentifyRefused)
    assert isinstance(wrong, IdentifyRefused)
    assert unknown.refusals[0].code is wrong.refusals[0].code
    assert (unknown.refusals[0].attempts_left, wrong.refusals[0].attempts_left) == (4, 3)


async def test_a_pin_alone_is_never_tried_against_somebody_without_an_open_visit_here(
    relay: Running,
) -> None:
    refused = await asked(relay, relay.secrets.pins[relay.family.inmate], None, elsewhere(relay))
    assert isinstance(refused, IdentifyRefused)
    code = refused.refusals[0].code
    assert code in (RejectionCode.NO_VISIT_NOW, RejectionCode.PIN_WRONG)


async def test_a_badge_says_as_much_as_a_number_where_no_visit_is_open(relay: Running) -> None:
    inmate = relay.family.inmate
    given = await relay.local.put(f"inmates/{inmate}/badge", json={"uid": "04a1b2c3"})
    assert given.status_code == 204
    taken = {visit.terminal for visit in relay.visits}
    quiet = TerminalId(next(t for t in relay.secrets.terminals if t not in taken))
    booths, pin = relay.desks.booths, relay.secrets.pins[inmate]
    known = await booths.identify(quiet, pin, badge="04a1b2c3")
    assert isinstance(known, Identified)
    assert known.plan is not None
    for badge, code in (
        ("04ffffff", RejectionCode.BADGE_WRONG),
        (None, RejectionCode.NO_VISIT_NOW),
    ):
        refused = await booths.identify(quiet, pin, badge=badge)
        assert isinstance(refused, IdentifyRefused)
        assert refused.refusals[0].code is code
