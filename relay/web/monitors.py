"""Watching a live call, as WHEP does it (draft-ietf-wish-whep): an offer in, an answer out.

The offer has two ``recvonly`` sections and all it needs inside; the relay is ICE-lite and knows no
trickle. ``DELETE`` of the ``Location`` stops. With ``audio`` false no sound is sent.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from relay.core.model import VisitId
from relay.service.staff import Actor
from relay.web.access import GUARD, Service, allow
from visit_protocol.message import Sdp
from visit_protocol.vocabulary import Party

router = APIRouter(prefix="/visits/{visit}/monitors", tags=["monitors"])

Guard = Annotated[Actor, Depends(allow(GUARD, local=False))]


class WatchWish(BaseModel):
    """Whom a guard would like to watch."""

    party: Party
    audio: bool = False
    sdp: Sdp


class WatchedParty(BaseModel):
    """The guard's peer, answered."""

    id: str
    sdp: str


@router.post("", status_code=201)
async def watch(
    visit: str, body: WatchWish, response: Response, desks: Service, asker: Guard
) -> WatchedParty:
    """Watch one party of a live call, with or without its sound; entered in the journal."""
    watched, sdp = await desks.monitors.watch(
        VisitId(visit), body.party, body.sdp, asker, audio=body.audio
    )
    response.headers["Location"] = f"/api/v1/visits/{watched.visit}/monitors/{watched.monitor}"
    return WatchedParty(id=watched.monitor, sdp=sdp)


@router.delete("/{monitor}", status_code=204)
async def stop(visit: str, monitor: str, desks: Service, asker: Guard) -> None:
    """Watch no longer."""
    await desks.monitors.stop(VisitId(visit), monitor, asker)
