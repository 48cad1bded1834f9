"""The answer: which orders deny this visit now.

Guarantees, for any book: no order, no denial; an expired or lifted order never denies; a
protected visit is denied only by an order that names its type; more doubt about the time
never allows what less doubt denied. Leaves to others: every reason that is not an order
(`relay.core.policy`), and stopping what runs.
"""

from suspension.book import OrderBook
from suspension.clock import ClockInterval
from suspension.order import SuspensionOrder
from suspension.scope import Subject


def denying(book: OrderBook, subject: Subject, clock: ClockInterval) -> tuple[SuspensionOrder, ...]:
    """All orders in force that reach ``subject``, sorted by id; empty means none denies."""
    return tuple(one for one in book.in_force(clock) if one.terms.reaches(subject))
