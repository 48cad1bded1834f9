"""What a visit looks like to its parties (`party_view`) and to staff (`StaffVisit`)."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel

from relay.core.model import Facility
from relay.core.policy import Ground
from relay.service.visit_run import VisitRun
from suspension.withheld import withheld_ground
from visit_protocol.signalling import Refusal, VisitView
from visit_protocol.vocabulary import BookingStatus, CallState, Outcome, Party, VisitType


class PersonView(BaseModel):
    """A person on a staff page."""

    id: str
    name: str


class InmateView(PersonView):
    """An inmate on a staff page."""

    housing_unit: str


class TerminalRef(BaseModel):
    """A terminal on a staff page."""

    id: str
    label: str


class StaffVisit(BaseModel):
    """A visit on a staff page; times are UTC."""

    id: str
    reference: str
    visit_type: VisitType
    protected: bool
    recorded: bool
    status: BookingStatus
    state: CallState
    outcome: Outcome | None
    starts: AwareDatetime
    ends: AwareDatetime
    minutes_given_back: float
    inmate: InmateView
    visitors: list[PersonView]
    terminal: TerminalRef
    inmate_present: bool
    visitor_present: bool
    refusals: list[Refusal]


def refusals_of(grounds: tuple[Ground, ...], facility: Facility) -> tuple[Refusal, ...]:
    """The decision's grounds as what a person is told about them.

    Who decided is an office, not an account: an appeal goes to the facility, and no family is
    told the name under which somebody logs in.
    """
    return tuple(_refusal(ground, facility) for ground in grounds)


def _refusal(ground: Ground, facility: Facility) -> Refusal:
    order = ground.order
    if order is None:
        return Refusal(code=ground.code, until=ground.until)
    return Refusal(
        code=ground.code,
        until=ground.until or order.expires,
        order=order.id,
        reason_code=None if withheld_ground(order) else order.reason_code,
        public_text={"ru": order.public_text.ru, "en": order.public_text.en},
        decided_by=facility.name,
    )


def party_view(
    run: VisitRun,
    party: Party,
    now: datetime,
    grounds: tuple[Ground, ...] = (),
    stopping: Ground | None = None,
) -> VisitView:
    """The visit as ``party`` sees it at ``now``, with the reasons why it cannot be.

    Where an order is ``stopping`` the call, it ends then and not at the end of its slot.
    """
    machine, visit = run.machine, run.visit
    reason = machine.termination
    return VisitView(
        id=visit.id,
        reference=visit.reference,
        visit_type=visit.visit_type,
        recorded=visit.recorded,
        state=machine.state,
        outcome=machine.outcome or visit.outcome,
        termination=reason if reason is not None and reason.told else None,
        starts=visit.starts,
        ends=_ends(run, now, stopping),
        now=now,
        minutes_given_back=_minutes(run),
        inmate_name=run.inmate.name,
        visitor_name=run.visitors[0].name,
        notice_accepted=party in run.notices_accepted,
        refusals=refusals_of(grounds, run.facility),
        stopping=None if stopping is None else _refusal(stopping, run.facility),
    )


def _ends(run: VisitRun, now: datetime, stopping: Ground | None) -> datetime:
    ends = run.machine.ends_at(now=now)
    return ends if stopping is None or stopping.until is None else min(ends, stopping.until)


def staff_view(
    run: VisitRun,
    now: datetime,
    grounds: tuple[Ground, ...] = (),
    stopping: Ground | None = None,
) -> StaffVisit:
    """The visit as staff see it at ``now``; of a protected one no more than who, where, when."""
    machine, visit = run.machine, run.visit
    return StaffVisit(
        id=visit.id,
        reference=visit.reference,
        visit_type=visit.visit_type,
        protected=visit.visit_type.protected,
        recorded=visit.recorded,
        status=visit.status,
        state=machine.state if visit.outcome is None else CallState.ENDED,
        outcome=machine.outcome or visit.outcome,
        starts=visit.starts,
        ends=_ends(run, now, stopping),
        minutes_given_back=_minutes(run),
        inmate=InmateView(
            id=run.inmate.id, name=run.inmate.name, housing_unit=run.housing_unit.name
        ),
        visitors=[PersonView(id=visitor.id, name=visitor.name) for visitor in run.visitors],
        terminal=TerminalRef(id=run.terminal.id, label=run.terminal.label),
        inmate_present=Party.INMATE in machine.present,
        visitor_present=Party.VISITOR in machine.present,
        refusals=list(refusals_of(grounds, run.facility)),
    )


def _minutes(run: VisitRun) -> float:
    return round(run.machine.given_back.total_seconds() / 60, 2)
