"""The one place where errors become HTTP: ``{"code", "message", …}``, never a traceback."""

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from relay.service.appeals import UnknownAppealError
from relay.service.enforcement import NoTrustError, OrderRefusedError
from relay.service.enrolment import EnrolmentError
from relay.service.keys import KeyringError
from relay.service.monitors import UnknownMonitorError, WatchRefusedError
from relay.service.order_counting import UnknownIdsError
from relay.service.recordings import UnknownRecordingError
from relay.service.signing import NobodySignsError
from relay.service.supervision import NotPossibleError
from relay.service.upkeep import UpkeepError
from relay.service.visits import UnknownVisitError
from relay.store.errors import StoreError
from suspension import DeskError, InvalidOrderError, InvalidTrustError, UnknownOrderError

_WATCH_REFUSED = {
    "VISIT_PROTECTED": (403, "A protected visit is never watched."),
    "NOT_LIVE": (409, "The call is not live."),
    "TOO_MANY_MONITORS": (409, "So many cannot be watched at a time."),
    "BAD_SDP": (422, "sdp: not an offer of two recvonly sections."),
    "NO_CODEC": (422, "sdp: offers no codec of ours."),
}

log = logging.getLogger(__name__)


class ApiError(Exception):
    """An expected no: ``status`` for HTTP, ``code`` for programs, ``message`` for people."""

    def __init__(self, status: int, code: str, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.body: Mapping[str, Any] = {"code": code, "message": message, **more}


def install(app: FastAPI) -> None:
    """Teach ``app`` the shape of every error."""

    def answer(status: int, body: Mapping[str, Any]) -> JSONResponse:
        return JSONResponse(jsonable_encoder(body), status)

    @app.exception_handler(ApiError)
    async def expected(_request: Request, error: ApiError) -> JSONResponse:
        return answer(error.status, error.body)

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, "HTTP_ERROR")
        return answer(error.status_code, {"code": code, "message": str(error.detail)})

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or "body"
        body = {"code": "INVALID_REQUEST", "message": f"{field}: {first['msg']}", "field": field}
        return answer(422, body)

    @app.exception_handler(InvalidOrderError)
    async def order(_request: Request, error: InvalidOrderError) -> JSONResponse:
        body = {"code": "INVALID_ORDER", "message": error.message, "field": error.field}
        return answer(422, body | ({"rule": error.rule} if error.rule else {}))

    @app.exception_handler(DeskError)
    async def not_on_its_way(_request: Request, error: DeskError) -> JSONResponse:
        return answer(409, {"code": error.code, "message": f"The order {error.message}."})

    @app.exception_handler(UnknownIdsError)
    async def unknown_ids(_request: Request, error: UnknownIdsError) -> JSONResponse:
        body = {"code": "UNKNOWN_IDS", "message": f"{error}.", "field": "scope", "ids": error.ids}
        return answer(422, body)

    @app.exception_handler(UnknownAppealError)
    async def no_appeal(_request: Request, _error: UnknownAppealError) -> JSONResponse:
        return answer(404, {"code": "NO_SUCH_APPEAL", "message": "There is no such appeal."})

    @app.exception_handler(OrderRefusedError)
    async def refused(_request: Request, error: OrderRefusedError) -> JSONResponse:
        return answer(422, {"code": error.code, "message": f"The order {error}."})

    @app.exception_handler(NoTrustError)
    @app.exception_handler(NobodySignsError)
    async def unsigned(_request: Request, error: NoTrustError | NobodySignsError) -> JSONResponse:
        return answer(409, {"code": error.code, "message": str(error)})

    @app.exception_handler(KeyringError)
    async def key(_request: Request, error: KeyringError) -> JSONResponse:
        return answer(403, {"code": error.code, "message": str(error)})

    @app.exception_handler(EnrolmentError)
    async def enrolment(_request: Request, error: EnrolmentError) -> JSONResponse:
        status = {"NO_SUCH_TERMINAL": 404, "LOCKED": 429}.get(error.code, 409)
        return answer(status, {"code": error.code, "message": str(error)})

    @app.exception_handler(UpkeepError)
    async def upkeep(_request: Request, error: UpkeepError) -> JSONResponse:
        status = {"NO_SUCH_TERMINAL": 404, "NO_ANSWER": 504}.get(error.code, 409)
        return answer(status, {"code": error.code, "message": str(error)})

    @app.exception_handler(InvalidTrustError)
    async def trust(_request: Request, error: InvalidTrustError) -> JSONResponse:
        return answer(422, {"code": error.code, "message": f"The root of trust {error}."})

    @app.exception_handler(UnknownOrderError)
    async def no_order(_request: Request, _error: UnknownOrderError) -> JSONResponse:
        return answer(404, {"code": "NO_SUCH_ORDER", "message": "There is no such order."})

    @app.exception_handler(UnknownVisitError)
    async def no_visit(_request: Request, _error: UnknownVisitError) -> JSONResponse:
        return answer(404, {"code": "NO_SUCH_VISIT", "message": "There is no such visit."})

    @app.exception_handler(WatchRefusedError)
    async def not_watched(_request: Request, error: WatchRefusedError) -> JSONResponse:
        unknown = (503, "The media worker does not answer.")
        status, message = _WATCH_REFUSED.get(error.code, unknown)
        return answer(status, {"code": error.code, "message": message})

    @app.exception_handler(UnknownMonitorError)
    async def no_monitor(_request: Request, _error: UnknownMonitorError) -> JSONResponse:
        return answer(404, {"code": "NO_SUCH_MONITOR", "message": "You watch nothing of that id."})

    @app.exception_handler(UnknownRecordingError)
    async def no_recording(_request: Request, _error: UnknownRecordingError) -> JSONResponse:
        return answer(404, {"code": "NO_SUCH_RECORDING", "message": "There is no such recording."})

    @app.exception_handler(NotPossibleError)
    async def not_possible(_request: Request, error: NotPossibleError) -> JSONResponse:
        return answer(409, {"code": "NOT_POSSIBLE", "message": str(error)})

    @app.exception_handler(StoreError)
    async def store(_request: Request, error: StoreError) -> JSONResponse:
        log.error("%s", error)
        return answer(503, {"code": error.code, "message": str(error)})
