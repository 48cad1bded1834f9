"""Appeals against orders over REST: look, decide."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field

from relay.service.staff import Actor
from relay.service.viewings import Viewed
from relay.web.access import ADMINISTRATOR, APPROVER, AUDITOR, OVERSIGHT, Service, allow
from suspension import Appeal, AppealOutcome
from visit_protocol.message import Identifier
from visit_protocol.vocabulary import Party

router = APIRouter(prefix="/appeals", tags=["appeals"])


class AppealView(BaseModel):
    """An appeal, and whether you may decide it."""

    id: str
    order: str
    visit: str
    party: Party
    text: str
    filed: AwareDatetime
    due: AwareDatetime
    overdue: bool
    outcome: AppealOutcome | None
    decided: AwareDatetime | None
    decided_by: str | None
    grounds: str
    may_decide: bool


class AppealList(BaseModel):
    """Appeals, open ones first, the first to be due at the top."""

    now: AwareDatetime
    appeals: list[AppealView]


class DecisionBody(BaseModel):
    """How an appeal is decided. ``replacement`` is the narrower order of a ``NARROWED`` one."""

    outcome: AppealOutcome
    grounds: Annotated[str, Field(max_length=500)]
    replacement: Identifier | None = None
    secret: Annotated[str | None, Field(max_length=1024)] = None


def _view(appeal: Appeal, asker: Actor, desks: Service) -> AppealView:
    person = asker.person or asker.name
    return AppealView(
        id=appeal.id,
        order=appeal.order,
        visit=appeal.visit,
        party=appeal.party,
        text=appeal.text,
        filed=appeal.filed,
        due=appeal.due,
        overdue=appeal.overdue(desks.clock.now()),
        outcome=appeal.outcome,
        decided=appeal.decided,
        decided_by=appeal.decided_by,
        grounds=appeal.grounds,
        may_decide=appeal.outcome is None
        and asker.role in (None, APPROVER, OVERSIGHT)
        and person not in appeal.deciders,
    )


@router.get("")
async def appeals(
    desks: Service,
    asker: Annotated[
        Actor, Depends(allow(ADMINISTRATOR, APPROVER, OVERSIGHT, AUDITOR, views=Viewed.APPEALS))
    ],
) -> AppealList:
    """Every appeal of inmates and visitors."""
    found = await desks.appeals.all()
    return AppealList(
        now=desks.clock.now(), appeals=[_view(appeal, asker, desks) for appeal in found]
    )


@router.post("/{appeal}/decide")
async def decide(
    appeal: str,
    body: DecisionBody,
    desks: Service,
    asker: Annotated[Actor, Depends(allow(APPROVER, OVERSIGHT))],
) -> AppealView:
    """Decide it, if you did not decide the order; unless it is upheld, the order is lifted."""
    decided = await desks.appeals.decide(
        appeal,
        body.outcome,
        body.grounds,
        asker,
        replacement=body.replacement,
        secret=body.secret,
    )
    return _view(decided, asker, desks)
