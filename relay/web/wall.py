"""The guards' wall: small pictures of the live calls over one WebSocket, in batches.

Pictures are made while such a socket is open and no longer; a page that is not looked at closes it.
"""

from typing import Literal

from fastapi import APIRouter, WebSocket
from pydantic import AwareDatetime, BaseModel
from starlette.websockets import WebSocketDisconnect

from relay.service.origin import is_own
from relay.service.staff import Actor
from relay.web.access import GUARD, desks_of, recognise
from visit_protocol.errors import CloseCode
from visit_protocol.vocabulary import Party

router = APIRouter()


class PictureView(BaseModel):
    """One party's picture: a JPEG of at most 320×180, in base 64."""

    visit: str
    party: Party
    taken: AwareDatetime
    jpeg: str


class PicturesView(BaseModel):
    """What has changed since the last batch; an empty one shows that the wall lives."""

    type: Literal["pictures"] = "pictures"
    now: AwareDatetime
    pictures: list[PictureView]


@router.websocket("/wall")
async def wall(socket: WebSocket) -> None:
    """Push a `PicturesView` at once and about every second, while the page is open."""
    desks = desks_of(socket)
    origin = socket.headers.get("origin")
    if origin is None or not is_own(origin, socket.headers.get("host"), desks.base_url):
        await socket.close(CloseCode.REFUSED)
        return
    known = await recognise(socket)
    await socket.accept()
    if known is None or known.actor.role is not GUARD:
        await socket.close(CloseCode.UNAUTHENTICATED if known is None else CloseCode.REFUSED)
        return
    try:
        await socket.close(await _show(socket, known.actor))
    except (WebSocketDisconnect, RuntimeError):
        return  # the page was closed


async def _show(socket: WebSocket, by: Actor) -> CloseCode:
    """Show the wall; why it ended, unless the page went."""
    desks = desks_of(socket)
    async with desks.wall.look(by) as batches:
        async for fresh in batches:
            if await recognise(socket) is None:
                return CloseCode.UNAUTHENTICATED
            view = PicturesView(
                now=desks.clock.now(),
                pictures=[
                    PictureView(
                        visit=picture.visit,
                        party=picture.party,
                        taken=picture.taken,
                        jpeg=picture.jpeg,
                    )
                    for picture in fresh
                ],
            )
            await socket.send_text(view.model_dump_json())
    return CloseCode.SHUTTING_DOWN
