"""Log-in, log-out and "who am I" for staff."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from relay.service.desks import Desks
from relay.service.staff import Actor, LoggedIn, LoginFailed, LoginLocked
from relay.web.access import COOKIE, EVERYBODY, Service, allow, recognise
from relay.web.errors import ApiError
from visit_protocol.vocabulary import StaffRole

router = APIRouter(tags=["staff"])


class Credentials(BaseModel):
    """What a log-in form sends."""

    user: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class FacilityView(BaseModel):
    """The facility that this relay serves."""

    id: str
    name: str
    timezone: str


class Me(BaseModel):
    """Who asks. ``csrf`` goes into the X-CSRF-Token header of unsafe requests."""

    user: str
    role: StaffRole | None
    csrf: str | None
    facility: FacilityView
    now: AwareDatetime


def _me(desks: Desks, actor: Actor, csrf: str | None) -> Me:
    place = desks.facility
    facility = FacilityView(id=place.id, name=place.name, timezone=place.timezone)
    return Me(user=actor.name, role=actor.role, csrf=csrf, facility=facility, now=desks.clock.now())


@router.post("/session")
async def log_in(body: Credentials, response: Response, desks: Service) -> Me:
    """Log in with user and password; the session is a cookie that scripts cannot read."""
    result = await desks.staff.log_in(body.user, body.password, desks.clock.now())
    match result:
        case LoginFailed():
            raise ApiError(401, "LOGIN_FAILED", "User or password is wrong.")
        case LoginLocked(until=until):
            raise ApiError(429, "LOGIN_LOCKED", "Too many attempts; try later.", until=until)
        case LoggedIn():
            response.set_cookie(
                COOKIE,
                result.token,
                httponly=True,
                samesite="strict",
                secure=desks.base_url.startswith("https:"),
                path="/",
            )
            return _me(desks, result.actor, result.csrf)


@router.delete("/session", status_code=204)
async def log_out(
    request: Request,
    response: Response,
    desks: Service,
    _asker: Annotated[Actor, Depends(allow(*EVERYBODY, local=False))],
) -> None:
    """End the session."""
    await desks.staff.log_out(request.cookies[COOKIE], desks.clock.now())
    response.delete_cookie(COOKIE, path="/")


@router.get("/me")
async def me(
    request: Request, desks: Service, asker: Annotated[Actor, Depends(allow(*EVERYBODY))]
) -> Me:
    """Who the session belongs to."""
    known = await recognise(request)
    return _me(desks, asker, known.csrf if known else None)
