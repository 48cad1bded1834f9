"""The transparency report and the replay of January 2024 over REST."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel

from relay.core.model import VisitId
from relay.service.order_report import NothingToReplayError
from relay.service.staff import Actor
from relay.web.access import ADMINISTRATOR, APPROVER, AUDITOR, OVERSIGHT, Service, allow
from relay.web.directory import scope_labels
from relay.web.errors import ApiError

router = APIRouter(prefix="/reports", tags=["reports"])

Reader = Annotated[Actor, Depends(allow(ADMINISTRATOR, APPROVER, OVERSIGHT, AUDITOR))]
_LONGEST = timedelta(days=366)


class ReportTable(BaseModel):
    """Counts that add up; null is a count that is not told."""

    rows: dict[str, int | None]
    total: int | None


class ReportView(BaseModel):
    """The report, and the envelope in which the facility has signed exactly it."""

    facility: str
    begins: AwareDatetime
    ends: AwareDatetime
    made: AwareDatetime
    smallest_told: int
    tables: dict[str, ReportTable]
    envelope: str


class ReplayColumn(BaseModel):
    """One way to answer the incident, and what it costs."""

    name: str
    ends: AwareDatetime | None
    """Null is "until further notice"."""
    scope_labels: dict[str, list[str]]
    lost: int
    kept: int
    protected_lost: int
    inmates: int
    visitors: int
    children: int


class ReplayView(BaseModel):
    """January 2024 on this facility's visits, beside orders of ours."""

    incident: str
    begins: AwareDatetime
    columns: list[ReplayColumn]


@router.get("/transparency")
async def transparency(
    desks: Service,
    asker: Reader,
    start: Annotated[AwareDatetime, Query(alias="from")],
    end: Annotated[AwareDatetime, Query(alias="to")],
) -> ReportView:
    """What suspension cost and spared in [from, to); counts under 5 are withheld."""
    if not timedelta() < end - start <= _LONGEST:
        raise ApiError(422, "INVALID_REQUEST", "to: must lie within 366 days after from")
    made = await desks.reports.report(start, end, asker.label)
    told: dict[str, Any] = made.report.to_mapping()
    return ReportView(
        facility=told["facility"],
        begins=made.report.begins,
        ends=made.report.ends,
        made=made.report.made,
        smallest_told=told["smallest_told"],
        tables=told["tables"],
        envelope=made.envelope.decode(),
    )


@router.get("/replay")
async def replay(
    desks: Service, _asker: Reader, visit: Annotated[str | None, Query(max_length=64)] = None
) -> ReplayView:
    """January 2024 ("all facilities, until further notice") beside narrower orders."""
    try:
        found = await desks.reports.replay(None if visit is None else VisitId(visit))
    except NothingToReplayError as error:
        raise ApiError(409, "NOTHING_TO_REPLAY", "No visit is booked.") from error
    return ReplayView(
        incident=found.incident,
        begins=found.begins,
        columns=[
            ReplayColumn(
                name=one.name,
                ends=one.ends,
                scope_labels=await scope_labels(desks, found.scopes.get(one.name, {})),
                lost=one.lost,
                kept=one.kept,
                protected_lost=one.protected_lost,
                inmates=one.inmates,
                visitors=one.visitors,
                children=one.children,
            )
            for one in found.columns
        ],
    )
