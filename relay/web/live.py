"""The staff feed: today's visits, alerts and terminals over one WebSocket, as they change."""

import logging
from typing import Literal

from fastapi import APIRouter, WebSocket
from pydantic import AwareDatetime, BaseModel
from starlette.websockets import WebSocketDisconnect

from relay.service.desks import Desks
from relay.service.origin import is_own
from relay.service.viewings import Viewed
from relay.service.views import StaffVisit
from relay.store.errors import StoreError
from relay.web.access import ADMINISTRATOR, GUARD, desks_of, recognise
from relay.web.directory import TerminalView, terminal_views
from relay.web.records import AlertView, alert_views
from relay.web.visits import shown, today
from visit_protocol.errors import CloseCode

log = logging.getLogger(__name__)

router = APIRouter()

_MAY_WATCH = frozenset({GUARD, ADMINISTRATOR})


class LiveView(BaseModel):
    """Everything that the guards' page shows, at one moment."""

    type: Literal["live"] = "live"
    now: AwareDatetime
    visits: list[StaffVisit]
    alerts: list[AlertView]
    terminals: list[TerminalView]


async def _look(desks: Desks) -> LiveView:
    runs = await desks.visits.between(*today(desks))
    return LiveView(
        now=desks.clock.now(),
        visits=[shown(desks, run) for run in runs],
        alerts=await alert_views(desks),
        terminals=terminal_views(desks),
    )


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """Push a `LiveView` at once, on every change and at least every five seconds.

    That somebody looks is entered first, and again each hour.
    """
    desks = desks_of(socket)
    origin = socket.headers.get("origin")
    if origin is None or not is_own(origin, socket.headers.get("host"), desks.base_url):
        await socket.close(CloseCode.REFUSED)
        return
    known = await recognise(socket)
    await socket.accept()
    if known is None or known.actor.role not in _MAY_WATCH:
        await socket.close(CloseCode.UNAUTHENTICATED if known is None else CloseCode.REFUSED)
        return
    try:
        async for _ in desks.feed.beats():
            if await recognise(socket) is None:
                await socket.close(CloseCode.UNAUTHENTICATED)
                return
            await desks.viewings.note(known.actor, Viewed.VISITS)
            await socket.send_text((await _look(desks)).model_dump_json())
        await socket.close(CloseCode.SHUTTING_DOWN)
    except StoreError as error:
        log.error("%s", error)
        await socket.close(CloseCode.FAILED)
    except (WebSocketDisconnect, RuntimeError):
        return  # the page was closed
