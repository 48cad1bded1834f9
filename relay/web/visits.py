"""Visits as staff see and handle them: list, book, end, freeze, call off, new link."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from relay.core.model import InmateId, TerminalId, VisitId, VisitorId
from relay.service.booking import Booked, Proposal, Refused, book
from relay.service.desks import Desks
from relay.service.staff import Actor
from relay.service.viewings import Viewed
from relay.service.views import StaffVisit, refusals_of, staff_view
from relay.service.visit_run import VisitRun
from relay.store.sqlite import Database
from relay.web.access import ADMINISTRATOR, EVERYBODY, GUARD, Service, allow
from relay.web.errors import ApiError
from visit_protocol.message import Identifier
from visit_protocol.vocabulary import Outcome, TerminationReason, VisitType, WarningReason

router = APIRouter(prefix="/visits", tags=["visits"])

Supervisor = Annotated[Actor, Depends(allow(GUARD, ADMINISTRATOR))]
Administrator = Annotated[Actor, Depends(allow(ADMINISTRATOR))]
Staff = Annotated[Actor, Depends(allow(*EVERYBODY, views=Viewed.VISITS))]

_CALLED_OFF = frozenset(
    {
        Outcome.ESTABLISHMENT_CANCELLED,
        Outcome.INMATE_CANCELLED,
        Outcome.VISITOR_CANCELLED,
        Outcome.VISITOR_FAILED_SECURITY_CHECKS,
        Outcome.BATCH_CANCELLATION,
        Outcome.ADMINISTRATIVE_ERROR,
    }
)


class VisitList(BaseModel):
    """Visits of a stretch of time."""

    now: AwareDatetime
    visits: list[StaffVisit]


class Booking(BaseModel):
    """A visit somebody would like to book."""

    inmate: Identifier
    visitors: Annotated[list[Identifier], Field(min_length=1, max_length=8)]
    visit_type: VisitType
    terminal: Identifier | None = None
    starts: AwareDatetime


class BookedVisit(BaseModel):
    """The booking; the link is told only here."""

    visit: StaffVisit
    link: str


class Termination(BaseModel):
    """Why a call is ended."""

    reason: TerminationReason


class Admonition(BaseModel):
    """What both parties are warned of."""

    reason: WarningReason


class CallingOff(BaseModel):
    """Why a visit is called off."""

    outcome: Outcome


class NewLink(BaseModel):
    """The visitor's new link; the old one opens nothing any more."""

    link: str


def shown(desks: Desks, run: VisitRun) -> StaffVisit:
    """A visit for a staff page, as it stands now."""
    return staff_view(
        run,
        desks.clock.now(),
        desks.visits.standing_grounds(run),
        desks.visits.stopping(run),
    )


def today(desks: Desks) -> tuple[datetime, datetime]:
    """The facility's own today, as instants."""
    zone = ZoneInfo(desks.facility.timezone)
    begin = desks.clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return begin, begin + timedelta(days=1)


@router.get("")
async def visits(
    desks: Service,
    _asker: Staff,
    start: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to")] = None,
) -> VisitList:
    """Visits overlapping [from, to); the facility's today when nothing is said."""
    begin, until = today(desks)
    runs = await desks.visits.between(start or begin, end or until)
    return VisitList(now=desks.clock.now(), visits=[shown(desks, run) for run in runs])


@router.get("/{visit}")
async def one(visit: str, desks: Service, _asker: Staff) -> StaffVisit:
    """One visit."""
    return shown(desks, await desks.visits.find(VisitId(visit)))


@router.post("", status_code=201)
async def book_visit(body: Booking, desks: Service, asker: Administrator) -> BookedVisit:
    """Book a visit, or learn every reason why not."""
    proposal = Proposal(
        inmate=InmateId(body.inmate),
        visitors=tuple(VisitorId(visitor) for visitor in body.visitors),
        visit_type=body.visit_type,
        starts=body.starts,
        terminal=TerminalId(body.terminal) if body.terminal else None,
    )
    now, clock = desks.clock.now(), desks.clock.interval()

    def write(db: Database) -> Booked | Refused:
        return book(db, proposal, now, desks.visits.orders, clock, asker)

    result = await desks.store.write(write)
    if isinstance(result, Refused):
        told = refusals_of(result.grounds, desks.facility)
        refusals = [refusal.model_dump(mode="json") for refusal in told]
        raise ApiError(409, "REFUSED", "The visit cannot be booked.", refusals=refusals)
    await desks.visits.refresh()
    run = await desks.visits.find(result.visit.id)
    desks.feed.changed()
    return BookedVisit(visit=shown(desks, run), link=desks.links.url(result.token))


@router.post("/{visit}/terminate")
async def terminate(visit: str, body: Termination, desks: Service, asker: Supervisor) -> StaffVisit:
    """End a call now."""
    return shown(desks, await desks.supervision.terminate(VisitId(visit), body.reason, asker))


@router.post("/{visit}/warn")
async def warn(visit: str, body: Admonition, desks: Service, asker: Supervisor) -> StaffVisit:
    """Tell both parties what has to stop; the call goes on."""
    return shown(desks, await desks.supervision.warn(VisitId(visit), body.reason, asker))


@router.post("/{visit}/interrupt")
async def interrupt(visit: str, desks: Service, asker: Supervisor) -> StaffVisit:
    """Freeze a call; its clock stops."""
    return shown(desks, await desks.supervision.interrupt(VisitId(visit), asker))


@router.post("/{visit}/resume")
async def resume(visit: str, desks: Service, asker: Supervisor) -> StaffVisit:
    """Let a frozen call go on."""
    return shown(desks, await desks.supervision.resume(VisitId(visit), asker))


@router.post("/{visit}/cancel")
async def cancel(visit: str, body: CallingOff, desks: Service, asker: Administrator) -> StaffVisit:
    """Call a visit off."""
    if body.outcome not in _CALLED_OFF:
        raise ApiError(422, "INVALID_REQUEST", f"outcome: {body.outcome} is not a calling-off")
    return shown(desks, await desks.supervision.cancel(VisitId(visit), body.outcome, asker))


@router.post("/{visit}/link")
async def new_link(visit: str, desks: Service, asker: Administrator) -> NewLink:
    """Issue a new link in place of the visitor's old one."""
    link = await desks.links.reissue(VisitId(visit), asker)
    if link is None:
        raise ApiError(404, "NO_SUCH_VISIT", "There is no such visit.")
    return NewLink(link=link)
