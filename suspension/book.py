"""What a facility has accepted: per order the highest revision, in any order of arrival.

Guarantees: `OrderBook.accept` is commutative, associative and idempotent (the book is a
join-semilattice), so replayed, reordered and duplicated deliveries are harmless; a lift stays
as a tombstone. Leaves to others: keeping the book on disk, and who may put orders in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from suspension.clock import ClockInterval
from suspension.errors import UnknownOrderError
from suspension.order import OrderKind, SuspensionOrder


class OrderState(StrEnum):
    """Where an order is in its life, as far as the clock can tell."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    LIFTED = "LIFTED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class OrderBook:
    """An immutable set of accepted orders; an empty one suspends nothing."""

    _heads: Mapping[str, tuple[SuspensionOrder, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Order id → every variant of its highest revision, by digest; two are equivocation."""

    @classmethod
    def of(cls, orders: Iterable[SuspensionOrder]) -> Self:
        """The book that has accepted ``orders``."""
        book = cls()
        for order in orders:
            book = book.accept(order)
        return book

    def accept(self, order: SuspensionOrder) -> Self:
        """The book with ``order`` in it: the highest revision of an id wins.

        When one revision arrives with different content, all its variants are kept, and any
        one of them denies: nobody lifts an order by sending a second version of it.
        """
        head = self._heads.get(order.id, ())
        newest = head[0].rev if head else 0
        if order.rev < newest or order in head:
            return self
        variants = (*head, order) if order.rev == newest else (order,)
        by_digest = tuple(sorted(variants, key=lambda one: one.sha256))
        return type(self)(MappingProxyType({**self._heads, order.id: by_digest}))

    @property
    def ids(self) -> tuple[str, ...]:
        """Every order id ever accepted, sorted."""
        return tuple(sorted(self._heads))

    @property
    def equivocated(self) -> tuple[str, ...]:
        """Ids whose highest revision exists in several versions, sorted: an alarm."""
        return tuple(sorted(one for one, head in self._heads.items() if len(head) > 1))

    def head(self, order_id: str) -> tuple[SuspensionOrder, ...]:
        """Every variant of the highest revision of ``order_id``, sorted by digest.

        Raises:
            UnknownOrderError: no such order was accepted.
        """
        if order_id not in self._heads:
            raise UnknownOrderError(order_id)
        return self._heads[order_id]

    def in_force(self, clock: ClockInterval) -> tuple[SuspensionOrder, ...]:
        """The orders that deny whom they reach, sorted by id and digest.

        In force means ``not_before <= hi`` and ``lo < expires``: it may have begun and has not
        certainly ended.
        """
        return tuple(
            one for order_id in self.ids for one in self._heads[order_id] if _in_force(one, clock)
        )

    def state_of(self, order_id: str, clock: ClockInterval) -> OrderState:
        """Where ``order_id`` is in its life; with several variants, the strictest.

        Raises:
            UnknownOrderError: no such order was accepted.
        """
        head = self.head(order_id)
        suspending = [one for one in head if one.kind is OrderKind.SUSPEND]
        if any(_in_force(one, clock) for one in suspending):
            return OrderState.ACTIVE
        if not all(clock.has_reached(one.expires) for one in suspending):
            return OrderState.PENDING
        return OrderState.EXPIRED if suspending else OrderState.LIFTED

    def next_change_in(self, clock: ClockInterval) -> timedelta | None:
        """How long until `in_force` changes by time alone, or None if it never will.

        Always positive; a shell sets its timer by it. Both edges of the clock are taken to
        advance with real time.
        """
        waits = [
            wait
            for head in self._heads.values()
            for one in head
            if one.kind is OrderKind.SUSPEND
            for wait in (one.not_before - clock.hi, one.expires - clock.lo)
            if wait > timedelta(0)
        ]
        return min(waits, default=None)


def _in_force(order: SuspensionOrder, clock: ClockInterval) -> bool:
    return (
        order.kind is OrderKind.SUSPEND
        and clock.may_have_reached(order.not_before)
        and not clock.has_reached(order.expires)
    )
