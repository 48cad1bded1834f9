"""What a facility has accepted: per order the highest revision, in any order of arrival.

Guarantees: `OrderBook.accept` is commutative, associative and idempotent (the book is a
join-semilattice), so replayed, reordered and duplicated deliveries are harmless; a lift stays
as a tombstone. A revision only takes the place of one that as many people had to sign
(`Line`): nobody lifts a wide order with a narrow one's signature, whichever arrives first.
Leaves to others: keeping the book on disk, and who may put orders in (`trusted`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Self

from suspension.clock import ClockInterval
from suspension.errors import UnknownOrderError
from suspension.order import OrderKind, SuspensionOrder
from suspension.terms import OrderClass


class OrderState(StrEnum):
    """Where an order is in its life, as far as the clock can tell."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    LIFTED = "LIFTED"
    EXPIRED = "EXPIRED"


class Line(NamedTuple):
    """Revisions that may take one another's place."""

    id: str
    order_class: OrderClass
    emergency: bool

    @classmethod
    def of(cls, order: SuspensionOrder) -> "Line":
        """The line that ``order`` belongs to."""
        return cls(order.id, order.order_class, order.emergency)


@dataclass(frozen=True)
class OrderBook:
    """An immutable set of accepted orders; an empty one suspends nothing."""

    _heads: Mapping[Line, tuple[SuspensionOrder, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Line → every variant of its highest revision, by digest; two are equivocation."""
    _spent: frozenset[str] = frozenset()
    """Digests of orders that have been enforced for longer than their whole length."""

    @classmethod
    def of(cls, orders: Iterable[SuspensionOrder]) -> Self:
        """The book that has accepted ``orders``."""
        book = cls()
        for order in orders:
            book = book.accept(order)
        return book

    def accept(self, order: SuspensionOrder) -> Self:
        """The book with ``order`` in it: the highest revision of a line wins.

        When one revision arrives with different content, all its variants are kept, and any
        one of them denies: nobody lifts an order by sending a second version of it.
        """
        line = Line.of(order)
        head = self._heads.get(line, ())
        newest = head[0].rev if head else 0
        if order.rev < newest or order in head:
            return self
        variants = (*head, order) if order.rev == newest else (order,)
        by_digest = tuple(sorted(variants, key=lambda one: one.sha256))
        return type(self)(MappingProxyType({**self._heads, line: by_digest}), self._spent)

    def spend(self, digests: Iterable[str]) -> Self:
        """The book in which the orders of these digests deny nobody any more (`outlived`)."""
        return type(self)(self._heads, self._spent | frozenset(digests))

    @property
    def ids(self) -> tuple[str, ...]:
        """Every order id ever accepted, sorted."""
        return tuple(sorted({line.id for line in self._heads}))

    @property
    def equivocated(self) -> tuple[str, ...]:
        """Ids whose highest revision exists in several versions, sorted: an alarm."""
        versions = Counter(order.id for order in self.heads())
        return tuple(sorted(one for one, count in versions.items() if count > 1))

    def heads(self) -> Iterator[SuspensionOrder]:
        """Every variant of the highest revision of every order, in no particular order."""
        for head in self._heads.values():
            yield from head

    def head(self, order_id: str) -> tuple[SuspensionOrder, ...]:
        """Every variant of the highest revision of ``order_id``, sorted by digest.

        Raises:
            UnknownOrderError: no such order was accepted.
        """
        found = [
            order for line, head in self._heads.items() if line.id == order_id for order in head
        ]
        if not found:
            raise UnknownOrderError(order_id)
        return tuple(sorted(found, key=lambda one: one.sha256))

    def newest(self, order: SuspensionOrder) -> int:
        """The highest revision accepted of the line of ``order``; 0 before the first."""
        head = self._heads.get(Line.of(order), ())
        return head[0].rev if head else 0

    def holds(self, order: SuspensionOrder) -> bool:
        """Whether exactly this one is among the highest revisions."""
        return order in self._heads.get(Line.of(order), ())

    def in_force(self, clock: ClockInterval) -> tuple[SuspensionOrder, ...]:
        """The orders that deny whom they reach, sorted by id and digest.

        In force means ``not_before <= hi`` and ``lo < expires``: it may have begun and has not
        certainly ended.
        """
        return tuple(sorted(self.each_in_force(clock), key=lambda one: (one.id, one.sha256)))

    def each_in_force(self, clock: ClockInterval) -> Iterator[SuspensionOrder]:
        """As `in_force`, in no particular order."""
        return (one for one in self.heads() if self._denies(one, clock))

    def ended(self, order: SuspensionOrder, clock: ClockInterval) -> bool:
        """Whether ``order`` has certainly ended by itself, or was outlived."""
        return clock.has_reached(order.expires) or (
            bool(self._spent) and order.sha256 in self._spent
        )

    def state_of(self, order_id: str, clock: ClockInterval) -> OrderState:
        """Where ``order_id`` is in its life; with several variants, the strictest.

        Raises:
            UnknownOrderError: no such order was accepted.
        """
        suspending = [one for one in self.head(order_id) if one.kind is OrderKind.SUSPEND]
        if any(self._denies(one, clock) for one in suspending):
            return OrderState.ACTIVE
        if any(not self.ended(one, clock) for one in suspending):
            return OrderState.PENDING
        return OrderState.EXPIRED if suspending else OrderState.LIFTED

    def next_change_in(self, clock: ClockInterval) -> timedelta | None:
        """How long until `in_force` changes by time alone, or None if it never will.

        Always positive; a shell sets its timer by it. Both edges of the clock are taken to
        advance with real time.
        """
        waits = [
            wait
            for one in self.heads()
            if one.kind is OrderKind.SUSPEND and one.sha256 not in self._spent
            for wait in (one.not_before - clock.hi, one.expires - clock.lo)
            if wait > timedelta(0)
        ]
        return min(waits, default=None)

    def _denies(self, order: SuspensionOrder, clock: ClockInterval) -> bool:
        return (
            order.kind is OrderKind.SUSPEND
            and clock.may_have_reached(order.not_before)
            and not self.ended(order, clock)
        )
