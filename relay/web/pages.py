"""The pages and their files, with the headers that keep anything else out of them."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, RedirectResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from relay.web.files import Files

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = ("visit", "login", "guard", "administrator", "terminals", "oversight")

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types lit-html",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class SecurityHeaders:
    """Puts the same security headers on every HTTP response (OWASP ASVS 5.0 V3.4)."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on and the headers out."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                # Files change with the release and not in between; a page asks each time.
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def install(app: FastAPI) -> None:
    """Serve the pages, ``/static/`` and the catalogue ``/static/locales/``."""
    router = APIRouter(include_in_schema=False)

    for page in PAGES:
        path = ROOT / "web" / "pages" / f"{page}.html"

        async def serve(path: Path = path) -> FileResponse:
            return FileResponse(path, media_type="text/html; charset=utf-8")

        router.add_api_route(
            f"/{page}", serve, methods=["GET", "HEAD"], response_class=FileResponse
        )

    @router.get("/")
    async def front() -> RedirectResponse:
        return RedirectResponse("/login")

    app.include_router(router)
    for place, folder in (("/static/locales", "locales"), ("/static", "web")):
        app.add_route(
            f"{place}/{{path:path}}", Files(ROOT / folder).answer, ["GET"], include_in_schema=False
        )
