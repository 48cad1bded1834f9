"""Suspension orders: what one may say, which of them count now, and whom they deny.

Every other package that suspends, lifts, shows or counts asks here. Everything is a frozen
value or a pure function; the time is an argument (`ClockInterval`).

Reading order: `scope` (whom) → `terms` (whom, how long, which protected types) → `order`
(the record itself) → `envelope`, `trust` (who signed it, and who that is) → `trusted` (the only
door: bytes in, verified orders out) → `book` (what a facility has accepted) → `decide` (the
answer) → `receipt` (what was done) → `impact` (what an order would cost, counted before it is
given) → `narrower` (what would do as well) → `desk` (from a draft to the end, with whose consent)
→ `appeal` → `report` and `replay`.

Orders come in at `TrustedOrders.accept`, which verifies and hands them to `OrderBook.accept`;
nothing behind that door asks again. A receipt names the `SuspensionOrder.sha256` it is about.
"""

from suspension.appeal import Appeal, AppealOutcome
from suspension.book import OrderBook, OrderState
from suspension.clock import ClockInterval
from suspension.cut import Cut, CutMode
from suspension.decide import denying, outlived
from suspension.desk import DeskState, OrderCase, Person
from suspension.errors import (
    DeskError,
    InvalidEnvelopeError,
    InvalidOrderError,
    InvalidReceiptError,
    InvalidTrustError,
    SuspensionError,
    UnknownCriticalError,
    UnknownOrderError,
    UnknownVersionError,
)
from suspension.impact import MINIMUM_CONTACT, Impact, MinimumContact, Planned, impact
from suspension.narrower import Alternative, Narrowing, narrower
from suspension.order import (
    OrderKind,
    PublicText,
    ReasonCode,
    SuspensionOrder,
    lift,
)
from suspension.order_format import parse_order
from suspension.preview import Preview
from suspension.replay import replay
from suspension.report import Report, report
from suspension.scope import Dimension, Scope, Subject
from suspension.terms import Consent, OrderClass, Terms
from suspension.trusted import (
    Accepted,
    Home,
    RefusalCode,
    Refused,
    TrustedOrders,
    Verdict,
    order_in,
)

__all__ = [
    "MINIMUM_CONTACT",
    "Accepted",
    "Alternative",
    "Appeal",
    "AppealOutcome",
    "ClockInterval",
    "Consent",
    "Cut",
    "CutMode",
    "DeskError",
    "DeskState",
    "Dimension",
    "Home",
    "Impact",
    "InvalidEnvelopeError",
    "InvalidOrderError",
    "InvalidReceiptError",
    "InvalidTrustError",
    "MinimumContact",
    "Narrowing",
    "OrderBook",
    "OrderCase",
    "OrderClass",
    "OrderKind",
    "OrderState",
    "Person",
    "Planned",
    "Preview",
    "PublicText",
    "ReasonCode",
    "RefusalCode",
    "Refused",
    "Report",
    "Scope",
    "Subject",
    "SuspensionError",
    "SuspensionOrder",
    "Terms",
    "TrustedOrders",
    "UnknownCriticalError",
    "UnknownOrderError",
    "UnknownVersionError",
    "Verdict",
    "denying",
    "impact",
    "lift",
    "narrower",
    "order_in",
    "outlived",
    "parse_order",
    "replay",
    "report",
]
