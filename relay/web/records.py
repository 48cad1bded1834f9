"""What is kept: alerts, recordings, the journal."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, BaseModel

from relay.core.model import VisitId
from relay.service.desks import Desks
from relay.service.staff import Actor
from relay.service.viewings import Viewed
from relay.service.visits import UnknownVisitError
from relay.store.journal import Journal
from relay.store.recordings import RecordingState
from relay.web.access import (
    ADMINISTRATOR,
    AUDITOR,
    GUARD,
    Service,
    allow,
)
from relay.web.errors import ApiError
from visit_protocol.vocabulary import Party

router = APIRouter(tags=["records"])


class AlertView(BaseModel):
    """An alert on the guards' list."""

    id: str
    kind: str
    priority: int
    raised: AwareDatetime
    visit: str | None
    terminal: str | None
    detail: Mapping[str, Any]
    acknowledged_by: str | None
    acknowledged_at: AwareDatetime | None


class AlertList(BaseModel):
    """Alerts, unacknowledged first."""

    alerts: list[AlertView]


class RecordingView(BaseModel):
    """One party's file of one stretch of a visit."""

    visit: str
    reference: str
    party: Party
    segment: int
    container: Literal["webm", "mkv"]
    state: RecordingState
    size: int | None
    duration_s: float | None
    started: AwareDatetime
    failure: str | None


class RecordingList(BaseModel):
    """Recordings, newest first."""

    recordings: list[RecordingView]


class JournalEntry(BaseModel):
    """One thing that somebody did."""

    seq: int
    at: AwareDatetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


class JournalPage(BaseModel):
    """Rows after a number, oldest first."""

    rows: list[JournalEntry]


async def alert_views(desks: Desks) -> list[AlertView]:
    """The guards' list."""
    return [
        AlertView(
            id=row.id,
            kind=row.kind,
            priority=row.priority,
            raised=row.raised,
            visit=row.visit,
            terminal=row.terminal,
            detail=row.detail,
            acknowledged_by=row.acknowledged_by,
            acknowledged_at=row.acknowledged_at,
        )
        for row in await desks.alerts.recent()
    ]


@router.get("/alerts")
async def alerts(
    desks: Service, _asker: Annotated[Actor, Depends(allow(GUARD, ADMINISTRATOR))]
) -> AlertList:
    """What staff have to act on."""
    return AlertList(alerts=await alert_views(desks))


@router.post("/alerts/{alert}/acknowledge", status_code=204)
async def acknowledge(
    alert: str, desks: Service, asker: Annotated[Actor, Depends(allow(GUARD, ADMINISTRATOR))]
) -> None:
    """Somebody has seen it."""
    if not await desks.alerts.acknowledge(alert, asker):
        raise ApiError(409, "NOT_POSSIBLE", "The alert is unknown or was acknowledged before.")


@router.get("/recordings")
async def recordings(
    desks: Service, asker: Annotated[Actor, Depends(allow(ADMINISTRATOR, AUDITOR))]
) -> RecordingList:
    """Which recordings there are; of protected visits there are none. Entered in the journal."""
    now = desks.clock.now()
    await desks.store.write(lambda db: Journal(db).append(now, asker.label, "recording.listed", ""))
    views = []
    for row in await desks.recordings.all():
        try:
            reference = (await desks.visits.find(row.visit)).visit.reference
        except UnknownVisitError:
            reference = row.visit
        views.append(
            RecordingView(
                visit=row.visit,
                reference=reference,
                party=row.party,
                segment=row.segment,
                container="mkv" if row.path.endswith(".mkv") else "webm",
                state=row.state,
                size=row.size,
                duration_s=row.duration_s,
                started=row.started,
                failure=row.failure,
            )
        )
    return RecordingList(recordings=views)


@router.get("/recordings/{visit}/{party}/{segment}")
async def recording(
    visit: str,
    party: Party,
    segment: int,
    desks: Service,
    asker: Annotated[Actor, Depends(allow())],
) -> FileResponse:
    """The file itself, for the local operator alone; taking it is entered in the journal."""
    path = await desks.recordings.file(VisitId(visit), party, segment)
    now = desks.clock.now()
    subject, detail = visit, {"party": party, "segment": segment}
    await desks.store.write(
        lambda db: Journal(db).append(now, asker.label, "recording.exported", subject, detail)
    )
    media_type = "video/webm" if path.suffix == ".webm" else "video/matroska"
    return FileResponse(path, media_type=media_type, filename=path.name)


@router.get("/journal")
async def journal(
    desks: Service,
    _asker: Annotated[Actor, Depends(allow(AUDITOR, ADMINISTRATOR, views=Viewed.AUDIT_LOG))],
    after: Annotated[int | None, Query(ge=0)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> JournalPage:
    """Rows after ``after``; without it the latest ``limit`` ones."""

    def read(db: Any) -> JournalPage:
        book = Journal(db)
        start = max(0, book.last_seq() - limit) if after is None else after
        return JournalPage(
            rows=[
                JournalEntry(
                    seq=row.seq,
                    at=row.at,
                    actor=row.actor,
                    action=row.action,
                    subject=row.subject,
                    detail=row.detail,
                )
                for row in book.after(start, limit)
            ]
        )

    return await desks.store.read(read)
