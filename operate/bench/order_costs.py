"""What orders cost apart from media: verifying one, deciding over many, counting an impact.

Guarantees: each figure is the median of single runs, so that a machine's moods count once; what is
measured is what the relay calls. Leaves to others: printing.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from suspension import (
    ClockInterval,
    Home,
    OrderBook,
    Planned,
    PublicText,
    ReasonCode,
    Scope,
    Subject,
    SuspensionOrder,
    TrustedOrders,
    denying,
    impact,
)
from suspension.envelope import add_signature, sign
from suspension.metadata import Holder, delegation_bytes, person_signer, root_bytes
from suspension.trust import LEAST, Trust
from visit_protocol.vocabulary import VisitType

ORDERS: Final = 100
VISITS: Final = 20_000
_NOW: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
_PLACE: Final = "f-1"
_PEOPLE: Final = ("first", "second")


def verify_ms() -> float:
    """One envelope of a wide order, two signatures: parse, verify, accept."""
    keys = {person: Ed25519PrivateKey.generate() for person in _PEOPLE}
    signers = [person_signer(private, person) for person, private in keys.items()]
    holders = [
        Holder(person, private.public_key().public_bytes_raw(), frozenset(LEAST))
        for person, private in keys.items()
    ]
    expires = _NOW + timedelta(days=365)
    root = root_bytes(version=1, expires=expires, threshold=2, holders=holders, signers=signers)
    delegations = delegation_bytes(
        version=1, expires=expires, holders=holders, receipts={}, signers=signers
    )
    state = TrustedOrders(Trust.load([root], delegations), Home(_PLACE))
    order = _order(0, {"facility": [_PLACE], "housing_unit": ["u-1"]})
    envelope = add_signature(sign(order, signers[0]), signers[1])
    clock = ClockInterval.exact(_NOW)
    return _median_ms(lambda: state.accept(envelope, clock), 500)


def decide_ms() -> float:
    """Whether a visit is denied, with `ORDERS` orders in force."""
    book = OrderBook.of(_order(number, {"inmate": [f"i-{number}"]}) for number in range(ORDERS))
    subject, clock = _subject(ORDERS // 2), ClockInterval.exact(_NOW)
    return _median_ms(lambda: denying(book, subject, clock), 500)


def impact_ms() -> float:
    """What an order on a housing unit costs, counted over `VISITS` visits."""
    planned = [
        Planned(
            f"visit-{number}",
            _subject(number),
            _NOW + timedelta(minutes=number % 120),
            _NOW + timedelta(minutes=number % 120 + 15),
        )
        for number in range(VISITS)
    ]
    terms = _order(0, {"facility": [_PLACE], "housing_unit": ["u-3"]}).terms
    return _median_ms(lambda: impact(terms, planned, as_of=_NOW), 15)


def _order(number: int, scope: dict[str, list[str]]) -> SuspensionOrder:
    return SuspensionOrder(
        id=f"ord-{number}",
        scope=Scope.parse(scope),
        reason_code=ReasonCode.INVESTIGATION,
        legal_basis="bench",
        public_text=PublicText("Замер.", "A measurement."),
        not_before=_NOW,
        expires=_NOW + timedelta(hours=2),
        issued=_NOW,
        issuer="bench",
    )


def _subject(number: int) -> Subject:
    return Subject(
        facility=_PLACE,
        housing_units=frozenset({f"u-{number % 10}"}),
        terminal=f"T-{number % 60}",
        inmate=f"i-{number}",
        visitors=frozenset({f"v-{number}"}),
        contacts=frozenset({f"c-{number}"}),
        visit_type=VisitType.FAMILY,
    )


def _median_ms(run: Callable[[], object], times: int) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return round(median(took) * 1000, 3)
