"""Claims about what a facility believes, and with which code it refuses the rest."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from evidence.canonical import canonical
from suspension import (
    Accepted,
    ClockInterval,
    Home,
    OrderBook,
    RefusalCode,
    Refused,
    Scope,
    TrustedOrders,
    denying,
    lift,
    order_in,
    outlived,
)
from suspension.envelope import MAX_ENVELOPE_BYTES, add_signature, parse_envelope, seal, sign
from suspension.errors import InvalidEnvelopeError
from tests.suspension.people import (
    ADMINISTRATOR,
    APPROVER,
    OVERSEER,
    holder,
    make_delegations,
    make_root,
    make_trust,
    signed,
    signer,
)
from visit_protocol.vocabulary import VisitType

HOUR = timedelta(hours=1)
UNIT = Scope.parse({"facility": ["f-1"], "housing_unit": ["u-1"]})


@pytest.fixture
def now(noon):
    return ClockInterval.exact(noon)


def facility(**changes):
    return TrustedOrders(make_trust(**changes), Home("f-1"))


def verdict(state, envelope, now):
    after, found = state.accept(envelope, now)
    assert (after is not state) == (isinstance(found, Accepted) and found.new)
    return found


def code(state, envelope, now):
    found = verdict(state, envelope, now)
    return found.code if isinstance(found, Refused) else None


def edited(envelope, **changes):
    return json.dumps(json.loads(envelope) | changes).encode()


@pytest.mark.parametrize(
    ("changes", "people", "expected"),
    [
        ({}, [ADMINISTRATOR], None),
        ({}, [OVERSEER], "UNDER_SIGNED"),
        ({}, ["root-1"], "UNDER_SIGNED"),
        ({"scope": UNIT}, [ADMINISTRATOR], "UNDER_SIGNED"),
        ({"scope": UNIT}, [ADMINISTRATOR, OVERSEER], "UNDER_SIGNED"),
        ({"scope": UNIT}, [ADMINISTRATOR, APPROVER], None),
        ({"protected": {VisitType.LEGAL}}, [ADMINISTRATOR, APPROVER], "OVERSIGHT_MISSING"),
        ({"protected": {VisitType.LEGAL}}, [OVERSEER], "UNDER_SIGNED"),
        ({"protected": {VisitType.LEGAL}}, [ADMINISTRATOR, OVERSEER], None),
    ],
)
def test_each_class_needs_its_people(changes, people, expected, make_order, now):
    changes = {name: frozenset(one) if name == "protected" else one
               for name, one in changes.items()}  # fmt: skip
    assert code(facility(), signed(make_order(**changes), *people), now) == expected


def test_one_person_signs_an_emergency_for_one_facility(make_order, noon, now):
    order = make_order(
        scope=Scope.parse({"facility": ["f-1"]}),
        expires=noon + HOUR,
        emergency=True,
        review_at=noon + HOUR,
    )
    assert code(facility(), signed(order, APPROVER), now) is None
    assert code(facility(), signed(order, OVERSEER), now) == "UNDER_SIGNED"


def test_the_root_decides_that_more_people_must_sign(make_order, now):
    from suspension.trust import LEAST, NARROW, Trust  # noqa: PLC0415

    trust = Trust.load([make_root()], make_delegations(thresholds={**LEAST, NARROW: 2}))
    state = TrustedOrders(trust, Home("f-1"))
    assert code(state, signed(make_order(), ADMINISTRATOR), now) == "UNDER_SIGNED"
    assert code(state, signed(make_order(), ADMINISTRATOR, APPROVER), now) is None


def test_every_kind_of_refusal_has_its_code(make_order, noon, now):
    order = make_order()
    good = signed(order, ADMINISTRATOR)
    other = json.loads(signed(make_order(id="so-2"), ADMINISTRATOR))
    newer = json.loads(order.to_bytes()) | {"v": 2}
    critical = json.loads(order.to_bytes()) | {"crit": ["x"], "x": 1}
    expected = {
        RefusalCode.ENVELOPE_INVALID: b"{}",
        RefusalCode.PAYLOAD_TYPE_UNKNOWN: seal(order.to_bytes(), "text/plain", signer("x")),
        RefusalCode.ORDER_VERSION_UNKNOWN: _sealed(newer),
        RefusalCode.ORDER_CRITICAL_UNKNOWN: _sealed(critical),
        RefusalCode.INVALID_ORDER: _sealed({**json.loads(order.to_bytes()), "scope": {}}),
        RefusalCode.ROOT_UNKNOWN: signed(make_order(root_version=2), ADMINISTRATOR),
        RefusalCode.SIGNATURE_INVALID: edited(good, payload=other["payload"]),
        RefusalCode.UNDER_SIGNED: signed(order, "a.stranger"),
        RefusalCode.WRONG_FACILITY: signed(
            make_order(scope=Scope.parse({"facility": ["f-2"], "inmate": ["i-1"]})), ADMINISTRATOR
        ),
        RefusalCode.EXPIRED: signed(
            make_order(
                not_before=noon - 2 * HOUR, issued=noon - 2 * HOUR, expires=noon - HOUR
            ),
            ADMINISTRATOR,
        ),
    }  # fmt: skip
    for wanted, envelope in expected.items():
        assert code(facility(), envelope, now) == wanted
    assert code(facility(expires=noon), good, now) == RefusalCode.ROOT_EXPIRED


def _sealed(fields):
    return seal(canonical(fields), "application/vnd.visit.order.v1+json", signer(ADMINISTRATOR))


def test_a_revision_that_is_known_to_be_superseded_is_refused(make_order, noon, now):
    order = make_order()
    lifted = lift(order, by="d.orlov", now=noon, comment="")
    state, _ = facility().accept(signed(lifted, ADMINISTRATOR), now)
    assert code(state, signed(order, ADMINISTRATOR), now) == "ROLLED_BACK"


def test_a_narrow_signature_never_lifts_a_wide_order(make_order, make_subject, noon, now):
    wide = make_order(scope=UNIT)
    sneaky = make_order(rev=2, prev_rev_sha256=wide.sha256)
    first = [signed(wide, ADMINISTRATOR, APPROVER),
             signed(lift(sneaky, by="x", now=noon, comment=""), ADMINISTRATOR)]  # fmt: skip
    for envelopes in (first, first[::-1]):
        state = facility()
        for envelope in envelopes:
            state, found = state.accept(envelope, now)
            assert isinstance(found, Accepted)
        assert denying(state.book, make_subject(), now) == (wide,)
        assert state.book.equivocated == ("so-1",)


def test_an_ended_revision_still_takes_the_place_of_a_longer_one(make_order, noon):
    longer = make_order(expires=noon + 2 * HOUR)
    shorter = make_order(rev=2, prev_rev_sha256=longer.sha256, expires=noon + HOUR)
    late = ClockInterval.exact(noon + HOUR)
    state, _ = facility().accept(signed(longer, ADMINISTRATOR), late)
    assert state.book.in_force(late)
    state, found = state.accept(signed(shorter, ADMINISTRATOR), late)
    assert isinstance(found, Accepted)
    assert state.book.in_force(late) == ()


def test_the_same_order_again_is_known_whoever_signed_it_as_well(make_order, now):
    envelope = signed(make_order(), ADMINISTRATOR)
    state, _ = facility().accept(envelope, now)
    again = verdict(state, add_signature(envelope, signer(APPROVER)), now)
    assert again == Accepted(make_order(), new=False)


def test_what_was_accepted_stands_when_its_signer_leaves(make_order, now):
    envelope = signed(make_order(), ADMINISTRATOR)
    state, _ = facility().accept(envelope, now)
    fewer = [holder(APPROVER), holder(OVERSEER)]
    left = state.trust.updated([make_root()], make_delegations(2, holders=fewer))
    state = replace(state, trust=left)
    assert verdict(state, envelope, now) == Accepted(make_order(), new=False)
    assert code(state, signed(make_order(id="so-2"), ADMINISTRATOR), now) == "UNDER_SIGNED"


def test_a_facility_that_knows_its_region_refuses_anothers(make_order, now):
    order = make_order(scope=Scope.parse({"region": ["66"], "inmate": ["i-1"]}))
    envelope = signed(order, ADMINISTRATOR)
    for region, expected in ((None, None), ("66", None), ("77", "WRONG_FACILITY")):
        state = TrustedOrders(make_trust(), Home("f-1", region=region))
        assert code(state, envelope, now) == expected


def test_an_order_is_outlived_by_a_quarter_more_than_its_length(make_order, make_subject, now):
    order = make_order()
    assert not outlived(order, 2.5 * HOUR)
    assert outlived(order, 2.5 * HOUR + timedelta.resolution)
    book = OrderBook.of([order])
    spent = book.spend([order.sha256])
    assert denying(book, make_subject(), now)
    assert denying(spent, make_subject(), now) == ()
    assert spent.state_of("so-1", now) == "EXPIRED"
    assert spent.next_change_in(now) is None
    assert spent.accept(order) == spent


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[" * 100_000,
        b" " * (MAX_ENVELOPE_BYTES + 1),
        b'{"payload":"","payloadType":"x"}',
        b'{"payload":"","payload":"","payloadType":"x","signatures":[]}',
        b'{"payload":7,"payloadType":"application/vnd.visit.order.v1+json","signatures":[]}',
        b'{"payload":"e30","payloadType":"application/vnd.visit.order.v1+json","signatures":[]}',
        b'{"payload":"e31=","payloadType":"application/vnd.visit.order.v1+json","signatures":[]}',
        b'{"payload":"e3 0=","payloadType":"application/vnd.visit.order.v1+json","signatures":[]}',
    ],
)
def test_bytes_that_are_no_envelope_are_refused(data):
    with pytest.raises(InvalidEnvelopeError):
        parse_envelope(data)


@pytest.mark.parametrize(
    "signatures",
    [
        {},
        [{}],
        [{"keyid": "0" * 64, "sig": ""}],
        [{"keyid": "0" * 63, "sig": base64.b64encode(bytes(64)).decode()}],
        [{"keyid": "0" * 64, "sig": base64.b64encode(bytes(64)).decode(), "x": 1}],
        [{"keyid": "0" * 64, "sig": base64.b64encode(bytes(64)).decode()}] * 2,
        [{"keyid": f"{n:064}", "sig": base64.b64encode(bytes(64)).decode()} for n in range(17)],
    ],
)
def test_signatures_that_are_none_are_refused(signatures, make_order):
    with pytest.raises(InvalidEnvelopeError):
        parse_envelope(edited(sign(make_order(), signer("x")), signatures=signatures))


def test_an_envelope_comes_back_as_it_was_written(make_order):
    envelope = signed(make_order(), ADMINISTRATOR, APPROVER)
    assert parse_envelope(envelope).to_bytes() == envelope
    assert order_in(envelope) == make_order()
    assert add_signature(envelope, signer(APPROVER)) == envelope
