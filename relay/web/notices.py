"""Notices to those whose visit an order took, over REST: who was told, and who has to be phoned."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel

from relay.service.displaced import StaffNotice
from relay.service.staff import Actor
from relay.service.viewings import Viewed
from relay.store.displaced import Recipient, Via
from relay.web.access import ADMINISTRATOR, APPROVER, AUDITOR, OVERSIGHT, Service, allow
from relay.web.errors import ApiError

router = APIRouter(prefix="/orders", tags=["orders"])

Reader = Annotated[
    Actor, Depends(allow(ADMINISTRATOR, APPROVER, OVERSIGHT, AUDITOR, views=Viewed.NOTICES))
]


class NoticeView(BaseModel):
    """Somebody who is told that an order took the time of their visit."""

    id: int
    order: str
    visit: str
    reference: str
    starts: AwareDatetime
    """When the visit would have begun."""
    recipient: Recipient
    person: str
    name: str
    until: AwareDatetime | None
    """When the order ends by itself."""
    reason_code: str | None
    """None where the reason is withheld: whoever tells the person does not tell it either."""
    public_text: dict[str, str]
    delivered: AwareDatetime | None
    via: Via | None


class NoticeList(BaseModel):
    """Notices, by the beginning of the visit."""

    notices: list[NoticeView]


def _view(one: StaffNotice) -> NoticeView:
    row, told = one.row, one.notice
    return NoticeView(
        id=row.id,
        order=row.order,
        visit=row.visit,
        reference=one.visit.reference,
        starts=one.visit.starts,
        recipient=row.recipient,
        person=row.person,
        name=one.name,
        until=None if told is None else told.until,
        reason_code=None if told is None else told.reason_code,
        public_text={"ru": row.text_ru, "en": row.text_en},
        delivered=row.delivered,
        via=row.via,
    )


@router.get("/notices")
async def undelivered(desks: Service, _asker: Reader) -> NoticeList:
    """Everybody whom no screen has told yet, of all orders: those whom somebody has to phone."""
    return NoticeList(notices=[_view(one) for one in await desks.displaced.for_staff()])


@router.get("/{order}/notices")
async def of_one_order(
    order: str,
    desks: Service,
    _asker: Reader,
    open_only: Annotated[bool, Query()] = False,
) -> list[NoticeView]:
    """Who is told that this order took the time of their visit, and whether they were."""
    return [
        _view(one)
        for one in await desks.displaced.for_staff(order)
        if not (open_only and one.row.delivered)
    ]


@router.post("/notices/{notice}/delivered", status_code=204)
async def told(
    notice: int, desks: Service, asker: Annotated[Actor, Depends(allow(ADMINISTRATOR))]
) -> None:
    """A member of staff has told somebody who was not on a screen."""
    if not await desks.displaced.told_by_staff(notice, asker):
        raise ApiError(409, "NOTICE_DELIVERED", "The notice is unknown or was delivered before.")
