"""One ordinary visit that may be booked, joined and continued; each test spoils one thing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from relay.core.model import (
    Allowance,
    CallPermit,
    Contact,
    Credential,
    Facility,
    Inmate,
    Slot,
    Terminal,
    TerminalState,
    Visit,
    Visitor,
)
from relay.core.policy import Facts, Purpose, Request, decide
from suspension import ClockInterval, OrderBook, PublicText, ReasonCode, Scope, SuspensionOrder
from visit_protocol.vocabulary import BookingStatus, DeviceState, Party, Relationship, VisitType

STARTS = datetime(2026, 3, 2, 7, tzinfo=UTC)
ENDS = STARTS + timedelta(minutes=15)
BEFORE = STARTS - timedelta(days=7)
DURING = STARTS + timedelta(minutes=5)
NOW = {Purpose.BOOK: BEFORE, Purpose.JOIN: DURING, Purpose.CONTINUE: DURING}
EVERY_PURPOSE = pytest.mark.parametrize("purpose", list(Purpose))
BOOK_AND_JOIN = pytest.mark.parametrize("purpose", [Purpose.BOOK, Purpose.JOIN])

VISIT = Visit(
    id="visit-1",
    reference="V-7K2M",
    visit_type=VisitType.FAMILY,
    inmate="i-1",
    visitors=("v-1",),
    terminal="T-01",
    starts=STARTS,
    ends=ENDS,
    status=BookingStatus.APPROVED,
)
INMATE = Inmate(
    id="i-1",
    name="",
    birth_date=date(1980, 1, 1),
    housing_unit="u-1",
    language="ru",
    regime="general",
)
VISITOR = Visitor(id="v-1", name="", birth_date=date(1982, 1, 1), language="ru")
CHILD = Visitor(id="v-2", name="", birth_date=date(2015, 1, 1), language="ru")
CONTACT = Contact(id="c-1", inmate="i-1", visitor="v-1", relationship=Relationship.SPOUSE)
CHILD_CONTACT = Contact(id="c-2", inmate="i-1", visitor="v-2", relationship=Relationship.CHILD)
SLOT = Slot(
    template="t-1",
    starts=STARTS,
    ends=ENDS,
    capacity=2,
    visit_types=frozenset({VisitType.FAMILY, VisitType.LEGAL}),
    housing_units=frozenset({"u-1"}),
)
TERMINAL = Terminal(
    id="T-01", label="1", housing_unit="u-1", visit_types=frozenset({VisitType.FAMILY})
)
PERMIT = CallPermit(
    id="p-1",
    inmate="i-1",
    visitor="v-1",
    issued_by="court",
    valid_from=STARTS - timedelta(days=30),
    valid_until=STARTS + timedelta(days=30),
)
FACTS = Facts(
    facility=Facility(id="f-1", name="", timezone="Asia/Yekaterinburg"),
    inmate=INMATE,
    visitors=(VISITOR,),
    contacts=(CONTACT,),
    restrictions=(),
    allowance=Allowance("general", 4, timedelta(days=30)),
    allowance_used=3,
    permits=(),
    non_associations=(),
    clashing=(),
    slots=(SLOT,),
    slot_taken=1,
    terminal=TERMINAL,
    terminal_state=TerminalState(
        connected=True, engine=True, camera=DeviceState.OK, microphone=DeviceState.SYNTHETIC
    ),
    orders=OrderBook(),
    clock=ClockInterval.exact(DURING),
    notices_accepted=frozenset(Party),
)
LEGAL_VISIT = replace(VISIT, visit_type=VisitType.LEGAL)
COUNSEL = replace(
    VISITOR, credentials=(Credential(VisitType.LEGAL, "66/123", verified_by="a.smirnova"),)
)
LEGAL_FACTS = replace(
    FACTS,
    visitors=(COUNSEL,),
    contacts=(replace(CONTACT, relationship=Relationship.COUNSEL),),
    terminal=replace(TERMINAL, visit_types=frozenset({VisitType.LEGAL})),
)

OTHER = replace(VISIT, id="visit-2", inmate="i-2", visitors=("v-9",), terminal="T-02")
ON_REMAND = replace(FACTS, inmate=replace(INMATE, on_remand=True))


def codes(purpose, facts=FACTS, visit=VISIT, now=None, party=Party.INMATE):
    return decide(Request(purpose, visit, party), facts, now or NOW[purpose]).codes


def order(**changes):
    return SuspensionOrder(
        **{
            "id": "so-1",
            "scope": Scope.parse({"inmate": ["i-1"]}),
            "reason_code": ReasonCode.INVESTIGATION,
            "legal_basis": "Приказ № 17",
            "public_text": PublicText("Приостановлено.", "Suspended."),
            "not_before": STARTS,
            "expires": ENDS,
            "issued": STARTS,
            "issuer": "a.smirnova",
        }
        | changes
    )
