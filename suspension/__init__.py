"""Suspension orders: what one may say, which of them count now, and whom they deny.

Every other package that suspends, lifts, shows or counts asks here. Everything is a frozen
value or a pure function; the time is an argument (`ClockInterval`).

Reading order: `scope` (whom) → `terms` (whom, how long, which protected types) → `order`
(the record itself) → `book` (what a facility has accepted) → `decide` (the answer) →
`impact` (what an order would cost, counted before it is given).

Verified orders come in at `OrderBook.accept`. Who may issue an order, and how its bytes prove
that, stands in front of it: an envelope's signature and its trust root are verified over the
bytes that `parse_order` reads, and a receipt names the `SuspensionOrder.sha256` that was
accepted. Nothing behind that door asks again.
"""

from suspension.book import OrderBook, OrderState
from suspension.clock import ClockInterval
from suspension.decide import denying
from suspension.errors import InvalidOrderError, SuspensionError, UnknownOrderError
from suspension.impact import Impact, Planned, impact
from suspension.order import (
    OrderKind,
    PublicText,
    ReasonCode,
    SuspensionOrder,
    lift,
    parse_order,
)
from suspension.scope import Dimension, Scope, Subject
from suspension.terms import OrderClass, Terms

__all__ = [
    "ClockInterval",
    "Dimension",
    "Impact",
    "InvalidOrderError",
    "OrderBook",
    "OrderClass",
    "OrderKind",
    "OrderState",
    "Planned",
    "PublicText",
    "ReasonCode",
    "Scope",
    "Subject",
    "SuspensionError",
    "SuspensionOrder",
    "Terms",
    "UnknownOrderError",
    "denying",
    "impact",
    "lift",
    "parse_order",
]
