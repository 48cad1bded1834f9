"""What holds for every order, every visit and every clock (Hypothesis)."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from suspension import (
    Accepted,
    ClockInterval,
    Cut,
    CutMode,
    Dimension,
    Home,
    OrderBook,
    OrderClass,
    OrderKind,
    Preview,
    PublicText,
    ReasonCode,
    Scope,
    Subject,
    SuspensionOrder,
    TrustedOrders,
    denying,
    lift,
    parse_order,
)
from suspension.envelope import parse_envelope
from suspension.trust import LEAST
from tests.suspension.people import ADMINISTRATOR, APPROVER, OVERSEER, make_trust, signed
from visit_protocol.vocabulary import PROTECTED_TYPES, VisitType

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

IDS = {
    dimension: [f"{dimension.value}-{number}" for number in range(3)]
    for dimension in Dimension
    if dimension is not Dimension.VISIT_TYPE
} | {Dimension.VISIT_TYPE: list(VisitType)}


def some(dimension):
    return st.sets(st.sampled_from(IDS[dimension]), min_size=1, max_size=2).map(frozenset)


@st.composite
def scopes(draw):
    chosen = draw(st.sets(st.sampled_from(list(Dimension)), min_size=1))
    if chosen & {Dimension.HOUSING_UNIT, Dimension.TERMINAL} or chosen == {Dimension.VISIT_TYPE}:
        chosen = chosen | {Dimension.FACILITY}
    return Scope.parse({dimension: sorted(draw(some(dimension))) for dimension in chosen})


@st.composite
def subjects(draw):
    def one(dimension):
        return draw(st.sampled_from(IDS[dimension]))

    return Subject(
        facility=one(Dimension.FACILITY),
        housing_units=draw(some(Dimension.HOUSING_UNIT)),
        terminal=one(Dimension.TERMINAL),
        inmate=one(Dimension.INMATE),
        visitors=draw(some(Dimension.VISITOR)),
        contacts=draw(some(Dimension.CONTACT)),
        visit_type=draw(st.sampled_from(VisitType)),
        region=draw(st.none() | st.sampled_from(IDS[Dimension.REGION])),
        operator=draw(st.none() | st.sampled_from(IDS[Dimension.OPERATOR])),
    )


texts = st.text('абвABC 0"\\/«»\u2028\n😀', min_size=1, max_size=12).filter(str.strip)
instants = st.integers(-600, 600).map(lambda minutes: NOON + minutes * MINUTE)


@st.composite
def orders(draw):
    scope = draw(scopes())
    named = draw(st.sets(st.sampled_from(sorted(PROTECTED_TYPES))))
    if scope.visit_types is not None:
        named = scope.visit_types & PROTECTED_TYPES
    begins = draw(instants)
    emergency = (
        not named and len(scope.to_mapping().get("facility", ())) == 1 and draw(st.booleans())
    )
    length = draw(st.integers(1, 60 if emergency else 600)) * MINUTE
    cut = draw(st.sampled_from([Cut(), Cut(CutMode.GRACE, 60), Cut(CutMode.FINISH)]))
    order = SuspensionOrder(
        id=draw(st.sampled_from(["so-1", "so-2"])),
        scope=scope,
        protected=frozenset(named),
        reason_code=draw(st.sampled_from(ReasonCode)),
        legal_basis=draw(texts),
        public_text=PublicText(draw(texts), draw(texts)),
        not_before=begins,
        expires=begins + length,
        issued=begins,
        issuer=draw(texts),
        issuer_seq=draw(st.integers(1, 9)),
        review_at=begins + MINUTE if emergency else draw(st.none() | instants),
        emergency=emergency,
        cut=cut,
        crit=draw(st.sampled_from([(), ("cut",), ("cut", "scope")])),
        preview=draw(st.none() | st.just(Preview(1, 1, 1, 1, 1, begins))),
        more=draw(st.sampled_from([b"{}", b'{"later":[1,null,"x"]}'])),
    )
    return lift(order, draw(texts), draw(instants), "") if draw(st.booleans()) else order


@st.composite
def clocks(draw):
    one, other = sorted((draw(instants), draw(instants)))
    return ClockInterval(one, other)


books = st.lists(orders(), max_size=5).map(OrderBook.of)


@given(st.lists(orders(), max_size=6), st.data())
def test_order_of_arrival_and_repetition_never_matter(arrived, data):
    again = data.draw(st.permutations(arrived))
    repeated = data.draw(st.lists(st.sampled_from(arrived), max_size=4)) if arrived else []
    assert OrderBook.of(arrived) == OrderBook.of([*again, *repeated])


@given(subjects(), clocks())
def test_no_order_means_nothing_is_suspended(subject, clock):
    assert denying(OrderBook(), subject, clock) == ()


@given(books, subjects(), clocks())
def test_what_denies_was_issued_covers_the_visit_and_has_not_expired(book, subject, clock):
    for order in denying(book, subject, clock):
        assert order.kind is OrderKind.SUSPEND
        assert order in book.head(order.id)
        assert order.scope.covers(subject)
        assert clock.lo < order.expires


@given(books, subjects(), clocks(), st.integers(0, 600), st.integers(0, 600))
def test_more_clock_doubt_never_unsuspends(book, subject, clock, earlier, later):
    wider = ClockInterval(clock.lo - earlier * MINUTE, clock.hi + later * MINUTE)
    assert set(denying(book, subject, clock)) <= set(denying(book, subject, wider))


@given(books, subjects(), clocks())
def test_a_protected_visit_is_untouched_unless_an_order_names_its_type(book, subject, clock):
    if subject.visit_type.protected:
        for order in denying(book, subject, clock):
            assert subject.visit_type in order.protected


@given(scopes(), subjects(), st.data())
def test_a_narrower_scope_never_reaches_whom_a_wider_one_leaves(scope, subject, data):
    mapping = scope.to_mapping()
    name = data.draw(st.sampled_from(sorted(mapping)))
    wider = Scope.parse(mapping | {name: [*mapping[name], f"{IDS[Dimension(name)][2]}"]})
    extra = data.draw(st.sampled_from([one for one in Dimension if one != "visit_type"]))
    narrower = Scope.parse(
        {"facility": IDS[Dimension.FACILITY]} | {extra: IDS[extra][:1]} | mapping
    )
    assert not narrower.covers(subject) or scope.covers(subject)
    assert not scope.covers(subject) or wider.covers(subject)


@given(orders())
def test_canonical_bytes_come_back_as_the_same_order(order):
    again = parse_order(order.to_bytes())
    assert again == order
    assert again.to_bytes() == order.to_bytes()
    assert again.sha256 == order.sha256


@given(orders(), orders())
def test_equal_digests_are_equal_orders(one, other):
    assert (one.sha256 == other.sha256) == (one == other)


@given(books, clocks())
def test_nothing_changes_before_the_timer_rings(book, clock):
    wait = book.next_change_in(clock) or timedelta(days=999)
    almost = wait - timedelta.resolution
    assert wait > timedelta(0)
    assert book.in_force(ClockInterval(clock.lo + almost, clock.hi + almost)) == book.in_force(
        clock
    )


TRUST = make_trust()
NEEDED = {
    OrderClass.NARROW: [ADMINISTRATOR],
    OrderClass.WIDE: [ADMINISTRATOR, APPROVER],
    OrderClass.PROTECTED: [ADMINISTRATOR, OVERSEER],
}


@st.composite
def envelopes(draw):
    order = draw(orders())
    people = [ADMINISTRATOR] if order.emergency else NEEDED[order.order_class]
    if draw(st.integers(0, 4)) == 0:
        people = draw(st.sampled_from([["a.stranger"], [APPROVER], [OVERSEER]]))
    envelope = signed(order, *people)
    if draw(st.integers(0, 6)) == 0:
        at = draw(st.integers(0, len(envelope) - 1))
        envelope = envelope[:at] + bytes([envelope[at] ^ 1]) + envelope[at + 1 :]
    return envelope


def told(arrived, clock):
    state = TrustedOrders(TRUST, Home("facility-0"))
    for envelope in arrived:
        state, _ = state.accept(envelope, clock)
    return state


@settings(max_examples=40)
@given(st.lists(envelopes(), max_size=5), clocks(), st.data())
def test_acceptance_is_commutative_and_idempotent_whatever_is_refused(arrived, clock, data):
    again = data.draw(st.permutations(arrived))
    repeated = data.draw(st.lists(st.sampled_from(arrived), max_size=3)) if arrived else []
    assert told(arrived, clock).book == told([*again, *repeated], clock).book


@settings(max_examples=40)
@given(envelopes(), clocks())
def test_what_is_accepted_was_signed_by_all_whom_its_class_needs(envelope, clock):
    state, verdict = told([], clock).accept(envelope, clock)
    if isinstance(verdict, Accepted):
        signers = TRUST.signers(parse_envelope(envelope))
        role = "wide" if verdict.order.emergency else verdict.order.order_class.lower()
        assert len(signers.people(role)) >= (1 if verdict.order.emergency else LEAST[role])
        assert "facility-0" in verdict.order.scope.to_mapping().get("facility", ["facility-0"])
    else:
        assert state.book == OrderBook()


@given(st.binary(max_size=300))
def test_any_bytes_at_all_get_a_verdict(data):
    assert told([data], ClockInterval.exact(NOON)).book == OrderBook()
