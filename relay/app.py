"""The relay as one ASGI application, and as an application for the local command line.

Guarantees: `create` wires everything and starts nothing; `local_app` gives the same REST API
inside the calling process while no relay runs, under the data folder's lock. Leaves to others:
serving (`relay.server`).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI, WebSocket
from starlette.types import ASGIApp

from relay import config as relay_config
from relay.clock import SystemClock
from relay.config import RelayConfig
from relay.service.desks import Desks, build, facility_of
from relay.signalling.connection import Connection
from relay.signalling.terminal import TerminalDoor
from relay.signalling.visitor import VisitorDoor
from relay.store.database import DATABASE_FILE, Store, lock
from relay.web import (
    appeals,
    audit,
    directory,
    errors,
    health,
    imports,
    live,
    monitors,
    notices,
    orders,
    pages,
    records,
    reports,
    requests,
    staff,
    terminals,
    trust,
    visits,
    wall,
)
from relay.web.access import LocalSocket

CONFIG_FILE = "relay.toml"


def create(desks: Desks) -> FastAPI:
    """The whole application over ``desks``."""
    app = FastAPI(
        title="parloir relay",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.desks = desks
    errors.install(app)
    api = APIRouter(prefix="/api/v1")
    for_orders = (trust, notices, orders, appeals, requests, reports)
    for_readers = (directory, terminals, records, audit)
    for module in (staff, visits, monitors, *for_orders, imports, *for_readers, live, wall):
        api.include_router(module.router)
    api.include_router(_signalling(desks))
    app.include_router(api)
    health.install(app, desks)
    pages.install(app)
    app.add_middleware(pages.SecurityHeaders, secure=desks.base_url.startswith("https:"))
    return app


def _signalling(desks: Desks) -> APIRouter:
    router = APIRouter()
    for_terminals = TerminalDoor(
        facility=desks.facility,
        clock=desks.clock,
        booths=desks.booths,
        boards=desks.boards,
        desk=desks.visits,
        attendance=desks.attendance,
        audience=desks.audience,
        alerts=desks.alerts,
        appeals=desks.appeals,
        requests=desks.requests,
        enrolment=desks.enrolment,
        upkeep=desks.upkeep,
    )
    for_visitors = VisitorDoor(
        facility=desks.facility,
        clock=desks.clock,
        links=desks.links,
        attendance=desks.attendance,
        audience=desks.audience,
        alerts=desks.alerts,
        turn=desks.turn,
        displaced=desks.displaced,
        appeals=desks.appeals,
    )

    @router.websocket("/terminal")
    async def terminal(socket: WebSocket) -> None:
        await Connection(socket, desks.clock, desks.base_url).run(for_terminals.converse)

    @router.websocket("/visitor")
    async def visitor(socket: WebSocket) -> None:
        await Connection(socket, desks.clock, desks.base_url).run(for_visitors.converse)

    return router


@asynccontextmanager
async def local_app(data_dir: Path) -> AsyncIterator[ASGIApp]:
    """The REST API of ``data_dir`` for the local operator, while no relay runs there.

    Raises:
        DataFolderLockedError: a relay runs; speak to its socket.
        StoreError, ConfigError, NoFacilityError: the folder cannot be used; one clear line each.
    """
    file = data_dir / CONFIG_FILE
    config = relay_config.load(file) if file.exists() else RelayConfig(data_dir=data_dir)
    with lock(data_dir), Store.open(data_dir / DATABASE_FILE) as store:
        desks = build(config, store, SystemClock(), facility_of(store))
        await desks.start()
        yield LocalSocket(create(desks))
        await desks.drain()
