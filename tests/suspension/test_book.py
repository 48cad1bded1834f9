from datetime import datetime, timedelta

import pytest

from suspension import (
    ClockInterval,
    OrderBook,
    OrderState,
    SuspensionError,
    UnknownOrderError,
    denying,
    lift,
)

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def exact(now):
    return ClockInterval.exact(now)


def test_an_empty_book_suspends_nothing_and_waits_for_nothing(make_subject, noon):
    assert denying(OrderBook(), make_subject(), exact(noon)) == ()
    assert OrderBook().next_change_in(exact(noon)) is None


def test_an_order_denies_from_its_beginning_up_to_its_end(make_order, make_subject, noon):
    book = OrderBook.of([make_order()])
    states = {
        noon - SECOND: OrderState.PENDING,
        noon: OrderState.ACTIVE,
        noon + 2 * HOUR - SECOND: OrderState.ACTIVE,
        noon + 2 * HOUR: OrderState.EXPIRED,
    }
    for now, state in states.items():
        assert book.state_of("so-1", exact(now)) is state
        denies = state is OrderState.ACTIVE
        assert bool(denying(book, make_subject(), exact(now))) is denies


def test_a_lifted_order_denies_nobody_and_replaying_it_changes_nothing(
    make_order, make_subject, noon
):
    order = make_order()
    book = OrderBook.of([order, lift(order, by="d.orlov", now=noon, comment="")])
    assert book.state_of("so-1", exact(noon)) is OrderState.LIFTED
    assert book.accept(order) == book
    assert denying(book.accept(order), make_subject(), exact(noon)) == ()


def test_a_lift_that_arrives_first_still_lifts(make_order, make_subject, noon):
    order = make_order()
    book = OrderBook.of([lift(order, by="d.orlov", now=noon, comment=""), order])
    assert denying(book, make_subject(), exact(noon)) == ()


def test_a_second_version_of_a_revision_does_not_lift_the_first(make_order, make_subject, noon):
    order = make_order()
    lifted = lift(order, by="d.orlov", now=noon, comment="")
    extended = make_order(rev=2, prev_rev_sha256=order.sha256, expires=noon + 3 * HOUR)
    book = OrderBook.of([lifted, extended])
    assert book.equivocated == ("so-1",)
    assert len(book.head("so-1")) == 2
    assert denying(book, make_subject(), exact(noon)) == (extended,)
    assert book.state_of("so-1", exact(noon)) is OrderState.ACTIVE


def test_a_next_revision_settles_an_equivocation(make_order, noon):
    order = make_order()
    variant = make_order(issuer="somebody.else")
    book = OrderBook.of([order, variant, lift(order, by="d.orlov", now=noon, comment="")])
    assert book.equivocated == ()
    assert book.state_of("so-1", exact(noon)) is OrderState.LIFTED


def test_the_timer_runs_to_the_next_beginning_or_end(make_order, noon):
    book = OrderBook.of(
        [make_order(), make_order(id="so-2", not_before=noon + HOUR, expires=noon + 4 * HOUR)]
    )
    waits = {
        -HOUR: HOUR,
        timedelta(0): HOUR,
        HOUR: HOUR,
        2 * HOUR: 2 * HOUR,
    }
    for passed, wait in waits.items():
        assert book.next_change_in(exact(noon + passed)) == wait
    assert book.next_change_in(exact(noon + 4 * HOUR)) is None


def test_a_doubtful_clock_begins_early_and_ends_late(make_order, noon):
    book = OrderBook.of([make_order()])
    early = ClockInterval(noon - HOUR, noon)
    late = ClockInterval(noon + 2 * HOUR - SECOND, noon + 9 * HOUR)
    assert book.in_force(early)
    assert book.in_force(late)
    assert book.next_change_in(late) == SECOND


def test_an_unknown_order_is_the_callers_mistake(noon):
    for question in (OrderBook().head, lambda one: OrderBook().state_of(one, exact(noon))):
        with pytest.raises(UnknownOrderError) as unknown:
            question("so-9")
        assert isinstance(unknown.value, SuspensionError)
        assert unknown.value.code == "ORDER_UNKNOWN"


def test_a_clock_without_offset_or_running_backwards_is_refused(noon):
    with pytest.raises(ValueError, match="offset"):
        exact(datetime(2026, 3, 2))  # noqa: DTZ001  the point
    with pytest.raises(ValueError, match="before it begins"):
        ClockInterval(noon, noon - SECOND)
