"""A small relay for the pages: our wire and our headers, with state that a test sets by hand.

It decides nothing: a test says what the visit is now. Every message is parsed and built with
`visit_protocol`, so a page that leaves the protocol fails here too.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.routing import Route
from starlette.types import Message as Event
from starlette.types import Receive, Scope, Send

from relay.web.files import Files
from tests.web.fake_media import MediaEnd
from tests.web.fake_staff import FakeStaff
from visit_protocol.errors import CloseCode, ProtocolError
from visit_protocol.message import PROTOCOL_VERSION, Message, parse_message
from visit_protocol.signalling import (
    Answer,
    AnswerNotice,
    AppealFiled,
    CallStaff,
    ClientHeartbeat,
    FileAppeal,
    FromClient,
    IceServer,
    Join,
    Leave,
    Offer,
    OrderNotice,
    Refusal,
    Refused,
    RelayHeartbeat,
    Reminder,
    StaffCalled,
    VisitorHello,
    VisitUpdate,
    VisitView,
    Welcome,
    from_client,
)
from visit_protocol.vocabulary import CallState, Outcome, RejectionCode, VisitType

ROOT = Path(__file__).resolve().parents[2]
NOTICE_VERSION = "2026-11"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types lit-html"
)


@dataclass
class FakeVisit:
    """One visit with one link, and the browsers that are on it."""

    view: VisitView
    token: str
    device: str | None = None
    refuse_join: tuple[Refusal, ...] = ()
    link_refusal: RejectionCode | None = None
    notices: tuple[OrderNotice, ...] = ()
    sockets: set[WebSocket] = field(default_factory=set)
    received: list[FromClient] = field(default_factory=list)


class FakeRelay:
    """The state behind the pages, and the app that answers them."""

    def __init__(self) -> None:
        self.visits: dict[str, FakeVisit] = {}
        self.staff = FakeStaff()
        self.media = MediaEnd()
        self.violations: list[str] = []
        self.silent = False
        self.welcome_timezone = "Asia/Yekaterinburg"
        self.ice_servers: tuple[IceServer, ...] | None = None
        self.base_url = ""

    # ── what a test sets ───────────────────────────────────────────────────────────────────
    def add_visit(
        self,
        name: str,
        *,
        state: CallState = CallState.OPEN,
        visit_type: VisitType = VisitType.FAMILY,
        starts_in: timedelta = timedelta(minutes=-1),
        lasts: timedelta = timedelta(minutes=15),
        **more: Any,
    ) -> FakeVisit:
        """A visit whose link is ``/visit#token-of-<name>…``."""
        now = datetime.now(UTC)
        view = VisitView(
            id=f"visit-{name}",
            reference=f"V-{len(self.visits) + 1041}",
            visit_type=visit_type,
            recorded=not visit_type.protected,
            state=state,
            starts=now + starts_in,
            ends=now + starts_in + lasts,
            now=now,
            inmate_name="Пётр Алексеевич Соколов",
            visitor_name="Анна Соколова",
            **more,
        )
        visit = FakeVisit(view, token=f"token-of-{name}-0123456789abcdef")
        self.visits[visit.token] = visit
        return visit

    def link(self, visit: FakeVisit, language: str = "ru") -> str:
        """The address a visitor would get."""
        return f"{self.base_url}/visit?lang={language}#{visit.token}"

    async def set(self, visit: FakeVisit, **changes: Any) -> None:
        """Change the visit and tell its browsers."""
        visit.view = visit.view.model_copy(update={**changes, "now": datetime.now(UTC)})
        await self.tell(visit, VisitUpdate(visit=visit.view))

    async def tell(self, visit: FakeVisit, message: Message) -> None:
        """Send a message to the visit's browsers."""
        for browser in list(visit.sockets):
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await browser.send_text(message.to_json())

    async def remind(self, visit: FakeVisit, minutes: int) -> None:
        """Say how many minutes are left."""
        await self.tell(visit, Reminder(minutes=minutes))

    async def offered(self, visit: FakeVisit, times: int = 1) -> Offer:
        """The latest offer of the visit's browsers, once they have made so many."""
        async with asyncio.timeout(10):
            while len(offers := [m for m in visit.received if isinstance(m, Offer)]) < times:
                await asyncio.sleep(0.02)
        return offers[-1]

    async def drop(self, visit: FakeVisit, code: int = 1012) -> None:
        """Close the visit's sockets."""
        for browser in list(visit.sockets):
            await browser.close(code)

    # ── the visitor's conversation ─────────────────────────────────────────────────────────
    async def converse(self, browser: WebSocket) -> None:
        """Serve one socket until it closes."""
        await browser.accept()
        visit: FakeVisit | None = None
        deaf = False
        beat = asyncio.create_task(self._beat(browser))
        try:
            while True:
                message = parse_message(from_client, await browser.receive_text())
                if self.silent:
                    deaf = True
                if deaf:
                    continue  # as behind a dead network: what was said then is never heard
                if isinstance(message, VisitorHello):
                    visit = await self._greet(browser, message)
                    if visit is None:
                        return
                elif visit is None:
                    raise ProtocolError(CloseCode.OUT_OF_TURN, "hello first")
                if not isinstance(message, ClientHeartbeat):
                    visit.received.append(message)
                await self._answer(browser, visit, message)
        except WebSocketDisconnect:
            pass
        except ProtocolError as error:
            self.violations.append(error.detail)
            await browser.close(error.close_code)
        finally:
            beat.cancel()
            if visit is not None:
                visit.sockets.discard(browser)

    async def _greet(self, browser: WebSocket, hello: VisitorHello) -> FakeVisit | None:
        visit = self.visits.get(hello.token)
        refusal = RejectionCode.LINK_UNKNOWN if visit is None else visit.link_refusal
        if visit is not None and visit.device not in (None, hello.device):
            refusal = RejectionCode.LINK_USED
        if visit is None or refusal is not None:
            refused = Refused(refusals=(Refusal(code=refusal or RejectionCode.OTHER),))
            await browser.send_text(refused.to_json())
            await browser.close(CloseCode.REFUSED)
            return None
        visit.sockets.add(browser)
        visit.view = visit.view.model_copy(update={"now": datetime.now(UTC)})
        welcome = Welcome(
            version=PROTOCOL_VERSION,
            now=datetime.now(UTC),
            facility="ИК-7, Екатеринбург",
            facility_timezone=self.welcome_timezone,
            notice_version=NOTICE_VERSION,
            visit=visit.view,
            ice_servers=self.ice_servers,
            notices=visit.notices,
        )
        await browser.send_text(welcome.to_json())
        return visit

    async def _answer(self, browser: WebSocket, visit: FakeVisit, message: FromClient) -> None:
        match message:
            case AnswerNotice():
                await self.set(visit, notice_accepted=message.accepted)
            case Join():
                await self._join(visit)
            case Offer():
                sdp = await self.media.answer(message.sdp)
                if sdp is not None:
                    await browser.send_text(Answer(id=message.id, sdp=sdp).to_json())
            case Leave():
                await self.set(
                    visit, state=CallState.ENDED, outcome=Outcome.VISITOR_COMPLETED_EARLY
                )
            case FileAppeal(order=order):
                due = datetime.now(UTC) + timedelta(hours=1)
                await self.tell(visit, AppealFiled(order=order, due=due))
            case CallStaff():
                await self.tell(visit, StaffCalled())
            case _:
                pass

    async def _join(self, visit: FakeVisit) -> None:
        if visit.refuse_join:
            await self.set(visit, refusals=visit.refuse_join)
            return
        hello = next(m for m in reversed(visit.received) if isinstance(m, VisitorHello))
        visit.device = hello.device
        state = visit.view.state
        await self.set(
            visit,
            state=CallState.WAITING_INMATE if state is CallState.OPEN else state,
            refusals=(),
        )

    async def _beat(self, browser: WebSocket) -> None:
        while True:
            await asyncio.sleep(1)
            if not self.silent:
                with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                    await browser.send_text(RelayHeartbeat(now=datetime.now(UTC)).to_json())

    # ── the app ────────────────────────────────────────────────────────────────────────────
    def app(self) -> FastAPI:
        """Pages, the staff's REST and both sockets."""
        app = FastAPI()
        for page in ("visit", "login", "guard", "administrator", "terminals", "oversight"):
            app.add_api_route(f"/{page}", _page(page), include_in_schema=False)
        app.add_api_websocket_route("/api/v1/visitor", self.converse)
        self.staff.add_routes(app)
        return app

    async def close(self) -> None:
        """Let go of every browser."""
        self.staff.closing.set()
        for visit in self.visits.values():
            await self.drop(visit)
        await self.media.close()
        await self.staff.media.close()


class Front:
    """One address for all tests, where browsers fetch the pages' files once.

    Behind it stands the relay of the test at hand; every answer carries the real policy.
    """

    def __init__(self) -> None:
        self.base_url = ""
        self._app: FastAPI | None = None
        self._files = Starlette(
            routes=[
                Route("/static/locales/{path:path}", Files(ROOT / "locales").answer),
                Route("/static/{path:path}", Files(ROOT / "web").answer),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, or let the relay answer."""
        static = scope["type"] == "http" and scope["path"].startswith("/static/")
        app = self._files if static else self._app
        kept = "max-age=3600" if static else "no-store"

        async def send_with_headers(message: Event) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = CSP
                headers["Cache-Control"] = kept
            await send(message)

        assert app is not None, "a page that outlived its test asks for something"
        await app(scope, receive, send_with_headers)

    @contextlib.asynccontextmanager
    async def holding(self, relay: FakeRelay) -> AsyncIterator[FakeRelay]:
        """Put ``relay`` behind the address for one test."""
        relay.base_url, self._app = self.base_url, relay.app()
        try:
            yield relay
        finally:
            await relay.close()

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["Front"]:
        """Serve on a free port of localhost, where browsers grant camera and microphone."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://localhost:{listener.getsockname()[1]}"
        server = uvicorn.Server(
            uvicorn.Config(self, log_level="warning", lifespan="off", ws="websockets-sansio")
        )
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]  # pytest's
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield self
        finally:
            server.should_exit = True
            server.force_exit = True
            await task
            listener.close()


def _page(name: str) -> Callable[[], Awaitable[FileResponse]]:
    async def page() -> FileResponse:
        return FileResponse(ROOT / "web" / "pages" / f"{name}.html")

    return page
