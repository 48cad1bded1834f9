"""Who asks: staff by cookie, the local operator by the socket they came in on; else nobody.

Guarantees: a route that asks for `Asker` through `allow` is open to exactly the roles it names;
an unsafe request by cookie carries the session's CSRF token; the local operator is believed only
on the relay's own socket. Leaves to others: log-in itself (`relay.service.staff`).
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from relay.core.model import PersonId
from relay.service.desks import Desks
from relay.service.staff import Actor, Recognised, csrf_matches
from relay.service.viewings import Viewed
from relay.web.errors import ApiError
from visit_protocol.vocabulary import StaffRole

COOKIE: Final = "parloir_session"
CSRF_HEADER: Final = "X-CSRF-Token"
OPERATOR_HEADER: Final = "X-Parloir-Operator"
PERSON_HEADER: Final = "X-Parloir-Person"
"""As whom the local operator acts, where people and not accounts count."""
_LOCAL: Final = "parloir.local"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

GUARD, ADMINISTRATOR = StaffRole.GUARD, StaffRole.ADMINISTRATOR
APPROVER, AUDITOR = StaffRole.APPROVER, StaffRole.AUDITOR
OVERSIGHT = StaffRole.OVERSIGHT
EVERYBODY: Final = frozenset(StaffRole)


class LocalSocket:
    """Marks every request that comes in on the relay's own UNIX socket as the operator's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, marked."""
        marked: MutableMapping[str, Any] = {**scope, _LOCAL: True}
        await self._app(marked, receive, send)


def desks_of(connection: HTTPConnection) -> Desks:
    """The running service."""
    desks: Desks = connection.app.state.desks
    return desks


async def recognise(connection: HTTPConnection) -> Recognised | None:
    """The staff session that the request's cookie names, if it is one."""
    token = connection.cookies.get(COOKIE)
    if not token:
        return None
    desks = desks_of(connection)
    return await desks.staff.recognise(token, desks.clock.now())


def allow(
    *roles: StaffRole, local: bool = True, views: Viewed | None = None
) -> Callable[[Request], Awaitable[Actor]]:
    """A dependency that gives the asker, if they have one of ``roles`` (or are the operator).

    Where the route shows records, that they looked at these ``views`` is entered first.
    """
    allowed = frozenset(roles)

    async def admitted(request: Request) -> Actor:
        if request.scope.get(_LOCAL):
            if not local:
                raise ApiError(403, "FORBIDDEN", "This is for staff who are logged in.")
            name = request.headers.get(OPERATOR_HEADER, "operator")[:64]
            return Actor.local(name, PersonId(request.headers.get(PERSON_HEADER, name)[:64]))
        known = await recognise(request)
        if known is None:
            raise ApiError(401, "LOGIN_REQUIRED", "Log in first.")
        if request.method not in _SAFE and not csrf_matches(
            known.csrf, request.headers.get(CSRF_HEADER)
        ):
            raise ApiError(403, "CSRF", f"The {CSRF_HEADER} header is missing or not this login's.")
        if known.actor.role not in allowed:
            raise ApiError(403, "FORBIDDEN", "Your role may not do this.")
        return known.actor

    async def asker(request: Request) -> Actor:
        actor = await admitted(request)
        if views is not None:
            await desks_of(request).viewings.note(actor, views)
        return actor

    return asker


Service = Annotated[Desks, Depends(desks_of)]
