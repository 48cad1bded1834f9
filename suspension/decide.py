"""The answer: which orders deny this visit now.

Guarantees, for any book: no order, no denial; an expired or lifted order never denies; a
protected visit is denied only by an order that names its type; more doubt about the time
never allows what less doubt denied. Leaves to others: every reason that is not an order
(`relay.core.policy`), and stopping what runs.
"""

from datetime import timedelta
from typing import Final

from suspension.book import OrderBook
from suspension.clock import ClockInterval
from suspension.order import SuspensionOrder
from suspension.scope import Subject

_LONGEST: Final = 1.25


def denying(book: OrderBook, subject: Subject, clock: ClockInterval) -> tuple[SuspensionOrder, ...]:
    """All orders in force that reach ``subject``, sorted by id; empty means none denies."""
    found = [one for one in book.each_in_force(clock) if one.terms.reaches(subject)]
    return tuple(sorted(found, key=lambda one: (one.id, one.sha256)))


def outlived(order: SuspensionOrder, powered: timedelta) -> bool:
    """Whether an order that has been enforced for ``powered`` time of a running machine is over.

    A clock that stands still, or is set back again and again, would make an order eternal; what
    a machine has lived through since it first enforced the order needs no clock.
    """
    return powered > order.terms.length * _LONGEST
