"""`TrustedOrders`: an envelope's bytes and the time in, a verified book of orders out.

Rules, in the order in which they are asked; the first that is broken gives the code:

1. ``ENVELOPE_INVALID``, ``PAYLOAD_TYPE_UNKNOWN``: the bytes are an envelope of an order.
2. ``ORDER_VERSION_UNKNOWN``, ``ORDER_CRITICAL_UNKNOWN``, ``INVALID_ORDER``: the payload is an
   order that is understood here.
   An order that is known already, byte for byte, is accepted once more and changes nothing.
3. ``ROOT_EXPIRED``, ``ROOT_UNKNOWN``: the root has not run out; the order names no newer one.
4. ``SIGNATURE_INVALID``, ``UNDER_SIGNED``, ``OVERSIGHT_MISSING``: as many people of the role of
   the order's class have signed as the root asks for; an emergency needs one of the role wide.
5. ``WRONG_FACILITY``: it may reach this facility.
6. ``ROLLED_BACK``: no higher revision is known.
7. ``EXPIRED``: a first revision has not certainly ended. A later one is taken even then, since it
   takes the place of an earlier one.

Guarantees: state changes by accepted orders only; at one clock and one trust, acceptance is
commutative and idempotent, whatever is refused in between; every variant of an equivocated
revision denies. Leaves to others: keeping bytes, receipts and alarms.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from suspension.book import OrderBook
from suspension.clock import ClockInterval
from suspension.envelope import SignedBytes, parse_envelope
from suspension.errors import InvalidEnvelopeError, InvalidOrderError
from suspension.order import OrderKind, SuspensionOrder
from suspension.order_format import parse_order
from suspension.scope import Dimension
from suspension.terms import OrderClass
from suspension.trust import NARROW, OVERSIGHT, PROTECTED, WIDE, Signers, Trust

_ROLE = {
    OrderClass.NARROW: NARROW,
    OrderClass.WIDE: WIDE,
    OrderClass.PROTECTED: PROTECTED,
}


class RefusalCode(StrEnum):
    """Why an envelope was refused; the words of each stand in docs/orders.md."""

    ENVELOPE_INVALID = "ENVELOPE_INVALID"
    PAYLOAD_TYPE_UNKNOWN = "PAYLOAD_TYPE_UNKNOWN"
    ORDER_VERSION_UNKNOWN = "ORDER_VERSION_UNKNOWN"
    ORDER_CRITICAL_UNKNOWN = "ORDER_CRITICAL_UNKNOWN"
    INVALID_ORDER = "INVALID_ORDER"
    ROOT_EXPIRED = "ROOT_EXPIRED"
    ROOT_UNKNOWN = "ROOT_UNKNOWN"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    UNDER_SIGNED = "UNDER_SIGNED"
    OVERSIGHT_MISSING = "OVERSIGHT_MISSING"
    WRONG_FACILITY = "WRONG_FACILITY"
    ROLLED_BACK = "ROLLED_BACK"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Home:
    """Where orders are accepted; None where the facility was not told."""

    facility: str
    region: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A verified order. ``new`` is False when exactly this one is known already."""

    order: SuspensionOrder
    new: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """An envelope that changed nothing, and why."""

    code: RefusalCode
    detail: str
    """One English sentence's predicate, with no free text of the order."""
    order: SuspensionOrder | None = None
    """What it says, where that could be read; nobody vouches for it."""


Verdict = Accepted | Refused


@dataclass(frozen=True)
class TrustedOrders:
    """Everything that a facility believes."""

    trust: Trust
    home: Home
    book: OrderBook = OrderBook()  # noqa: RUF009  frozen and empty

    def accept(self, envelope: bytes, clock: ClockInterval) -> tuple["TrustedOrders", Verdict]:
        """The state after ``envelope``, and what became of it; total."""
        read = _read(envelope)
        if isinstance(read, Refused):
            return self, read
        signed, order = read
        if self.book.holds(order):
            # Verified when it came; that a signer has left since takes nothing back.
            return self, Accepted(order, new=False)
        refusal = (
            self._untrusted(order, clock)
            or unsigned(order, self.trust.signers(signed))
            or self._foreign(order)
            or self._stale(order, clock)
        )
        if refusal is not None:
            return self, refusal
        return replace(self, book=self.book.accept(order)), Accepted(order, new=True)

    def _untrusted(self, order: SuspensionOrder, clock: ClockInterval) -> Refused | None:
        if self.trust.expired(clock):
            return Refused(RefusalCode.ROOT_EXPIRED, "the root of trust has run out", order)
        if order.root_version > self.trust.root_version:
            return Refused(
                RefusalCode.ROOT_UNKNOWN, "was signed under a newer root of trust", order
            )
        return None

    def _foreign(self, order: SuspensionOrder) -> Refused | None:
        named = dict(order.scope.ids)
        here = {
            Dimension.FACILITY: self.home.facility,
            Dimension.REGION: self.home.region,
            Dimension.OPERATOR: self.home.operator,
        }
        for dimension, ours in here.items():
            if ours is not None and ours not in named.get(dimension, (ours,)):
                return Refused(
                    RefusalCode.WRONG_FACILITY, f"names another {dimension} than this", order
                )
        return None

    def _stale(self, order: SuspensionOrder, clock: ClockInterval) -> Refused | None:
        newest = self.book.newest(order)
        if order.rev < newest:
            return Refused(
                RefusalCode.ROLLED_BACK, f"revision {newest} of it is known already", order
            )
        first = order.rev == 1 and order.kind is OrderKind.SUSPEND
        if first and clock.has_reached(order.expires):
            return Refused(RefusalCode.EXPIRED, "ended before it arrived", order)
        return None


def order_in(envelope: bytes) -> SuspensionOrder:
    """The order in an envelope, whoever signed it; for one that was verified when it came.

    Raises:
        InvalidEnvelopeError, InvalidOrderError: it holds none.
    """
    return parse_order(parse_envelope(envelope).payload)


def unsigned(order: SuspensionOrder, signers: Signers) -> Refused | None:
    """What is missing of the signatures that ``order`` needs, or None."""
    trust = signers.trust
    role = WIDE if order.emergency else _ROLE[order.order_class]
    needed = 1 if order.emergency else trust.threshold(role)
    people = signers.people(role)
    if len(people) < needed:
        if signers.broken:
            return Refused(
                RefusalCode.SIGNATURE_INVALID, "was changed after somebody signed it", order
            )
        return Refused(
            RefusalCode.UNDER_SIGNED,
            f"{len(people)} of the {needed} people of the role {role} have signed",
            order,
        )
    if role == PROTECTED and len(signers.people(OVERSIGHT)) < trust.threshold(OVERSIGHT):
        return Refused(
            RefusalCode.OVERSIGHT_MISSING, "nobody of the role oversight has signed", order
        )
    return None


def _read(envelope: bytes) -> tuple[SignedBytes, SuspensionOrder] | Refused:
    try:
        signed = parse_envelope(envelope)
        return signed, parse_order(signed.payload)
    except InvalidOrderError as error:
        return Refused(RefusalCode(error.code), str(error))
    except InvalidEnvelopeError as error:
        return Refused(RefusalCode(error.code), error.message)
