"""The terminals' kiosks, for administrators: which one is which terminal."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field

from relay.core.model import TerminalId
from relay.service.staff import Actor
from relay.web.access import ADMINISTRATOR, Service, allow
from visit_protocol.enrolment import key_fingerprint

router = APIRouter(tags=["terminals"])

Administrator = Annotated[Actor, Depends(allow(ADMINISTRATOR))]
Reason = Annotated[str, Field(min_length=3, max_length=500)]


class EnrolRequest(BaseModel):
    """The code that the kiosk's screen shows."""

    code: Annotated[str, Field(min_length=1, max_length=32)]


class ReasonRequest(BaseModel):
    """Why."""

    reason: Reason


class KeyView(BaseModel):
    """A kiosk's key as people compare it."""

    fingerprint: str
    enrolled_at: AwareDatetime
    enrolled_by: str


@router.post("/terminals/{terminal}/enrol")
async def enrol(
    terminal: str, request: EnrolRequest, desks: Service, asker: Administrator
) -> KeyView:
    """The kiosk that shows this code is this terminal from now on."""
    key = await desks.enrolment.confirm(TerminalId(terminal), request.code, asker)
    return KeyView(
        fingerprint=key_fingerprint(key.public_key),
        enrolled_at=key.enrolled_at,
        enrolled_by=key.enrolled_by,
    )


@router.post("/terminals/{terminal}/revoke", status_code=204)
async def revoke(
    terminal: str, request: ReasonRequest, desks: Service, asker: Administrator
) -> None:
    """The terminal's kiosk is let in no more, and is hung up on now."""
    ident = TerminalId(terminal)
    await desks.enrolment.revoke(ident, request.reason, asker)
    if await desks.booths.knows(ident):
        desks.booths.turn_away(ident)
