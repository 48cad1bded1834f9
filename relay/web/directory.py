"""People and places for staff pages: the directory, the terminals, the timetable."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel

from relay.core.model import InmateId, TerminalId
from relay.core.schedule import slots
from relay.service.desks import Desks
from relay.service.staff import Actor
from relay.service.viewings import Viewed
from relay.store.facilities import Facilities
from relay.store.people import People
from relay.store.sqlite import Database
from relay.store.timetable import Timetable
from relay.store.visits import Visits
from relay.web.access import (
    ADMINISTRATOR,
    APPROVER,
    AUDITOR,
    EVERYBODY,
    GUARD,
    OVERSIGHT,
    Service,
    allow,
)
from relay.web.errors import ApiError
from relay.web.staff import FacilityView
from visit_protocol.bridge import BadgeUid, BoardFault, BoardLoss
from visit_protocol.vocabulary import DeviceState, Relationship, TerminalFinding, VisitType

router = APIRouter(tags=["directory"])

_LONGEST_WINDOW = timedelta(days=62)


class Named(BaseModel):
    """An id with the name people use."""

    id: str
    name: str


class InmateEntry(Named):
    """An inmate in the directory."""

    housing_unit: str


class TerminalEntry(BaseModel):
    """A terminal in the directory."""

    id: str
    label: str
    housing_unit: str
    visit_types: list[VisitType]
    in_service: bool


class ContactEntry(BaseModel):
    """A contact in the directory."""

    id: str
    inmate: str
    visitor: str
    relationship: Relationship


class Directory(BaseModel):
    """Everything an order's scope can name at this facility."""

    facility: FacilityView
    housing_units: list[Named]
    terminals: list[TerminalEntry]
    inmates: list[InmateEntry]
    visitors: list[Named]
    contacts: list[ContactEntry]


class BoardView(BaseModel):
    """A terminal's board, as the terminal tells of it."""

    required: bool
    loss: BoardLoss | None
    firmware: str | None
    handset_lifted: bool | None
    door_open: bool
    case_open: bool
    temperature_c: float | None
    camera_power: bool
    microphone_power: bool
    faults: list[BoardFault]
    off_confirmed: bool
    """Camera and microphone were measured to have no power, and none was allowed since."""
    off_unconfirmed: bool
    """A visit has ended here and the board did not say so in time."""


class TerminalView(BaseModel):
    """A terminal and how it is."""

    id: str
    label: str
    housing_unit: str
    in_service: bool
    connected: bool
    engine: bool
    camera: DeviceState
    microphone: DeviceState
    findings: list[TerminalFinding]
    board: BoardView | None
    """None where none is fitted, or the terminal has not told of it yet."""


class SlotView(BaseModel):
    """A place in the timetable and how much of it is taken."""

    template: str
    starts: AwareDatetime
    ends: AwareDatetime
    capacity: int
    taken: int
    visit_types: list[VisitType]
    housing_units: list[str]


class SlotList(BaseModel):
    """The timetable of a stretch of time."""

    slots: list[SlotView]


def terminal_views(desks: Desks) -> list[TerminalView]:
    """Every terminal as it is now, by its label."""
    return [
        TerminalView(
            id=booth.terminal.id,
            label=booth.terminal.label,
            housing_unit=booth.terminal.housing_unit,
            in_service=booth.terminal.in_service,
            connected=booth.state.connected,
            engine=booth.state.engine,
            camera=booth.state.camera,
            microphone=booth.state.microphone,
            findings=list(booth.state.findings),
            board=_board_view(desks, booth.terminal.id),
        )
        for booth in desks.booths.all()
    ]


def _board_view(desks: Desks, terminal: TerminalId) -> BoardView | None:
    status = desks.boards.status(terminal)
    if status is None:
        return None
    return BoardView(
        **status.model_dump(include=set(BoardView.model_fields)),
        off_unconfirmed=desks.boards.off_unconfirmed(terminal),
    )


async def scope_labels(desks: Desks, scope: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The names that people use for what a scope names; an unknown id stands for itself."""

    def names(db: Database) -> dict[str, dict[str, str]]:
        people, places = People(db), Facilities(db)
        inmates = {inmate.id: inmate.name for inmate in people.inmates()}
        visitors = {visitor.id: visitor.name for visitor in people.visitors()}
        return {
            "facility": {desks.facility.id: desks.facility.name},
            "housing_unit": {unit.id: unit.name for unit in places.housing_units()},
            "terminal": {terminal.id: terminal.label for terminal in places.terminals()},
            "inmate": {str(ident): name for ident, name in inmates.items()},
            "visitor": {str(ident): name for ident, name in visitors.items()},
            "contact": {
                contact.id: f"{inmates[contact.inmate]} — {visitors[contact.visitor]}"
                for contact in people.contacts()
            },
        }

    known = await desks.store.read(names)
    return {
        dim: [known.get(dim, {}).get(ident, ident) for ident in ids] for dim, ids in scope.items()
    }


@router.get("/directory")
async def directory(
    desks: Service,
    _asker: Annotated[
        Actor, Depends(allow(ADMINISTRATOR, APPROVER, OVERSIGHT, AUDITOR, views=Viewed.PEOPLE))
    ],
) -> Directory:
    """People and places by name."""

    def read(db: Database) -> Directory:
        people, places = People(db), Facilities(db)
        units = {unit.id: unit.name for unit in places.housing_units()}
        place = desks.facility
        return Directory(
            facility=FacilityView(id=place.id, name=place.name, timezone=place.timezone),
            housing_units=[Named(id=ident, name=name) for ident, name in units.items()],
            terminals=[
                TerminalEntry(
                    id=terminal.id,
                    label=terminal.label,
                    housing_unit=terminal.housing_unit,
                    visit_types=sorted(terminal.visit_types),
                    in_service=terminal.in_service,
                )
                for terminal in places.terminals()
            ],
            inmates=[
                InmateEntry(id=one.id, name=one.name, housing_unit=one.housing_unit)
                for one in people.inmates()
            ],
            visitors=[Named(id=one.id, name=one.name) for one in people.visitors()],
            contacts=[
                ContactEntry(
                    id=one.id,
                    inmate=one.inmate,
                    visitor=one.visitor,
                    relationship=one.relationship,
                )
                for one in people.contacts()
            ],
        )

    return await desks.store.read(read)


@router.get("/terminals")
async def terminals(
    desks: Service, _asker: Annotated[Actor, Depends(allow(*EVERYBODY))]
) -> list[TerminalView]:
    """The terminals and how they are."""
    return terminal_views(desks)


@router.post("/terminals/{terminal}/unlock", status_code=204)
async def unlock(
    terminal: str, desks: Service, asker: Annotated[Actor, Depends(allow(GUARD, ADMINISTRATOR))]
) -> None:
    """Let a terminal that wrong PINs have locked, and who is booked there now, try again."""
    ident = TerminalId(terminal)
    if desks.booths.state(ident) is None:
        raise ApiError(404, "NO_SUCH_TERMINAL", "There is no such terminal.")
    await desks.booths.unlock(ident, asker)


class BadgeGiven(BaseModel):
    """A badge by its UID, which is kept as a keyed hash alone."""

    uid: BadgeUid


@router.put("/inmates/{inmate}/badge", status_code=204)
async def give_badge(
    inmate: str,
    badge: BadgeGiven,
    desks: Service,
    asker: Annotated[Actor, Depends(allow(ADMINISTRATOR))],
) -> None:
    """Let the badge be the inmate's from now on, in place of another, and nobody else's."""
    if not await desks.badges.give(InmateId(inmate), badge.uid, asker):
        raise ApiError(404, "NO_SUCH_INMATE", "There is no such inmate.")


@router.delete("/inmates/{inmate}/badge", status_code=204)
async def take_badge(
    inmate: str, desks: Service, asker: Annotated[Actor, Depends(allow(ADMINISTRATOR))]
) -> None:
    """The inmate's badge is nobody's from now on."""
    if not await desks.badges.take(InmateId(inmate), asker):
        raise ApiError(404, "NO_SUCH_BADGE", "This inmate has no badge.")


@router.get("/slots")
async def timetable(
    desks: Service,
    _asker: Annotated[Actor, Depends(allow(ADMINISTRATOR))],
    start: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to")] = None,
) -> SlotList:
    """Slots starting in [from, to), a week from now when nothing is said."""
    begin = start or desks.clock.now()
    until = end or begin + timedelta(days=7)
    if not timedelta() < until - begin <= _LONGEST_WINDOW:
        raise ApiError(422, "INVALID_REQUEST", "to: must lie within 62 days after from")

    def read(db: Database) -> SlotList:
        table = Timetable(db)
        offered = slots(
            table.templates(), table.exclude_dates(), desks.facility.timezone, begin, until
        )
        visits = [
            visit
            for visit in Visits(db).between(begin, until + timedelta(days=1))
            if visit.outcome is None
        ]
        return SlotList(
            slots=[
                SlotView(
                    template=slot.template,
                    starts=slot.starts,
                    ends=slot.ends,
                    capacity=slot.capacity,
                    taken=sum(
                        slot.starts <= visit.starts < slot.ends
                        and visit.visit_type in slot.visit_types
                        for visit in visits
                    ),
                    visit_types=sorted(slot.visit_types),
                    housing_units=sorted(slot.housing_units),
                )
                for slot in offered
            ]
        )

    return await desks.store.read(read)
