"""Signed orders, the trust they are believed for, and receipts over REST, as on a stick."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from relay.service.staff import Actor
from relay.store.receipts import Receipts
from relay.web.access import ADMINISTRATOR, APPROVER, AUDITOR, OVERSIGHT, Service, allow
from suspension import OrderState
from suspension.envelope import MAX_ENVELOPE_BYTES
from suspension.receipt import Stage
from suspension.trust import LEAST, MAX_METADATA_BYTES, MAX_ROOTS

router = APIRouter(tags=["orders"])

Reader = Annotated[Actor, Depends(allow(ADMINISTRATOR, APPROVER, OVERSIGHT, AUDITOR))]
Bearer = Annotated[Actor, Depends(allow(ADMINISTRATOR, APPROVER, OVERSIGHT))]
Operator = Annotated[Actor, Depends(allow())]
Metadata = Annotated[str, Field(max_length=MAX_METADATA_BYTES)]


class TrustBundle(BaseModel):
    """A root of trust from its first version on, and its delegations, each as its exact text."""

    roots: Annotated[list[Metadata], Field(min_length=1, max_length=MAX_ROOTS)]
    delegations: Metadata


class PersonView(BaseModel):
    """Somebody who signs orders."""

    person: str
    roles: list[str]


class TrustView(TrustBundle):
    """What is believed, and what it says."""

    root_version: int
    version: int
    expires: AwareDatetime
    people: list[PersonView]


class EnvelopeBody(BaseModel):
    """A signed order."""

    envelope: Annotated[str, Field(max_length=MAX_ENVELOPE_BYTES)]
    via: Literal["usb", "local"] = "local"


class AcceptedView(BaseModel):
    """An order that was accepted."""

    id: str
    rev: int
    sha256: str
    new: bool
    state: OrderState


class ReceiptView(BaseModel):
    """A receipt; only what stands in the envelope is signed."""

    seq: int
    order_sha256: str
    stage: Stage
    why: str
    envelope: str


class ReceiptList(BaseModel):
    """Receipts in their order."""

    facility: str
    receipts: list[ReceiptView]


@router.get("/trust")
async def trust(desks: Service, _asker: Reader) -> TrustView:
    """The root of trust and everybody who signs orders."""
    return _view(desks)


@router.post("/trust")
async def update(body: TrustBundle, desks: Service, asker: Operator) -> TrustView:
    """Believe what follows from what is believed; the first time, whatever is brought."""
    await desks.enforcement.update_trust(
        [root.encode() for root in body.roots], body.delegations.encode(), asker
    )
    return _view(desks)


@router.post("/orders/envelopes", status_code=201)
async def accept(body: EnvelopeBody, desks: Service, asker: Bearer) -> AcceptedView:
    """Take in a signed order; when this answers, every call in its scope has stopped."""
    accepted = await desks.enforcement.accept(body.envelope.encode(), body.via, asker)
    order = accepted.order
    return AcceptedView(
        id=order.id,
        rev=order.rev,
        sha256=order.sha256,
        new=accepted.new,
        state=desks.enforcement.book.state_of(order.id, desks.clock.interval()),
    )


@router.get("/receipts")
async def receipts(
    desks: Service,
    _asker: Reader,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> ReceiptList:
    """Receipts that follow number ``after``, the earliest first."""
    rows = await desks.store.read(lambda db: Receipts(db).after(after, limit))
    return ReceiptList(
        facility=desks.facility.id,
        receipts=[
            ReceiptView(
                seq=row.seq,
                order_sha256=row.order_sha256,
                stage=row.stage,
                why=row.why,
                envelope=row.content.decode(),
            )
            for row in rows
        ],
    )


def _view(desks: Service) -> TrustView:
    believed = desks.enforcement.trust
    everybody = sorted({person for role in LEAST for person in believed.people(role)})
    return TrustView(
        roots=[root.decode() for root in believed.roots],
        delegations=believed.targets.decode(),
        root_version=believed.root_version,
        version=believed.version,
        expires=believed.expires,
        people=[
            PersonView(person=person, roles=sorted(believed.roles_of(person)))
            for person in everybody
        ],
    )
