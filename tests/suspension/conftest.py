"""One ordinary order and one ordinary visit; a test changes only what it is about."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from suspension import PublicText, ReasonCode, Scope, Subject, SuspensionOrder
from visit_protocol.vocabulary import VisitType

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def noon() -> datetime:
    return NOON


@pytest.fixture(scope="session")
def make_order() -> Callable[..., SuspensionOrder]:
    def make(**changes: Any) -> SuspensionOrder:
        fields: dict[str, Any] = {
            "id": "so-1",
            "scope": Scope.parse({"inmate": ["i-1"]}),
            "reason_code": ReasonCode.INVESTIGATION,
            "legal_basis": "Приказ № 17 от 02.03.2026",
            "public_text": PublicText(ru="Свидания приостановлены.", en="Visits are suspended."),
            "not_before": NOON,
            "expires": NOON + timedelta(hours=2),
            "issued": NOON,
            "issuer": "a.smirnova",
        }
        return SuspensionOrder(**(fields | changes))

    return make


@pytest.fixture(scope="session")
def make_subject() -> Callable[..., Subject]:
    def make(**changes: Any) -> Subject:
        fields: dict[str, Any] = {
            "facility": "f-1",
            "housing_units": frozenset({"u-1"}),
            "terminal": "T-01",
            "inmate": "i-1",
            "visitors": frozenset({"v-1"}),
            "contacts": frozenset({"c-1"}),
            "visit_type": VisitType.FAMILY,
        }
        return Subject(**(fields | changes))

    return make
