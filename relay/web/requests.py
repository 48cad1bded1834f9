"""What inmates asked for in the booth, over REST: look, answer."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, StringConstraints

from relay.service.requests import AnsweredError, UnknownRequestError
from relay.service.staff import Actor
from relay.service.viewings import Viewed
from relay.store.people import People
from relay.store.requests import RequestRow
from relay.store.sqlite import Database
from relay.store.visits import Visits
from relay.web.access import ADMINISTRATOR, AUDITOR, Service, allow
from relay.web.errors import ApiError
from visit_protocol.vocabulary import ComplaintReason, RequestKind

router = APIRouter(prefix="/requests", tags=["requests"])


class RequestView(BaseModel):
    """A complaint or an application, with its answer where there is one."""

    id: str
    kind: RequestKind
    inmate: str
    visit: str | None
    """The reference of the visit that it is about."""
    visitor: str | None
    reason: ComplaintReason | None
    filed: AwareDatetime
    due: AwareDatetime
    overdue: bool
    granted: bool | None
    answered: AwareDatetime | None
    answered_by: str | None
    answer: str


class RequestList(BaseModel):
    """Requests, open ones first, the first to be due at the top."""

    now: AwareDatetime
    requests: list[RequestView]


class AnswerBody(BaseModel):
    """The answer, in words that the person will read."""

    granted: bool
    answer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


async def _views(desks: Service, rows: tuple[RequestRow, ...]) -> list[RequestView]:
    now = desks.clock.now()

    def read(db: Database) -> list[RequestView]:
        return [_view(db, row, overdue=row.answered is None and row.due <= now) for row in rows]

    return await desks.store.read(read)


def _view(db: Database, row: RequestRow, *, overdue: bool) -> RequestView:
    inmate = People(db).inmate(row.inmate)
    visitor = People(db).visitor(row.visitor) if row.visitor else None
    visit = Visits(db).get(row.visit) if row.visit else None
    return RequestView(
        id=row.id,
        kind=row.kind,
        inmate=inmate.name if inmate else row.inmate,
        visit=visit.reference if visit else None,
        visitor=visitor.name if visitor else None,
        reason=row.reason,
        filed=row.filed,
        due=row.due,
        overdue=overdue,
        granted=row.granted,
        answered=row.answered,
        answered_by=row.person,
        answer=row.answer,
    )


@router.get("")
async def requests(
    desks: Service,
    _asker: Annotated[Actor, Depends(allow(ADMINISTRATOR, AUDITOR, views=Viewed.REQUESTS))],
) -> RequestList:
    """Every complaint and application made in the booths."""
    rows = await desks.requests.all()
    return RequestList(now=desks.clock.now(), requests=await _views(desks, rows))


@router.post("/{request}/answer")
async def answer(
    request: str,
    body: AnswerBody,
    desks: Service,
    asker: Annotated[Actor, Depends(allow(ADMINISTRATOR))],
) -> RequestView:
    """Answer it, once and for all."""
    try:
        row = await desks.requests.answer(
            request, granted=body.granted, answer=body.answer, by=asker
        )
    except UnknownRequestError as error:
        raise ApiError(404, "NO_SUCH_REQUEST", "There is no such request.") from error
    except AnsweredError as error:
        raise ApiError(409, "ANSWERED_ALREADY", "The request was answered already.") from error
    (view,) = await _views(desks, (row,))
    return view
