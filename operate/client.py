"""The way from a command to the relay: REST, always, whether a relay runs or not.

Guarantees: `open_relay` speaks to the relay that owns the data folder over its UNIX socket, or,
when none runs, to the same application in this process under the folder's lock; both ways the
requests, the answers and the refusals are the same. Every refusal is a `RelayRefusedError`.
Leaves to others: what to ask and how to show it (the commands), and who the relay takes the
caller for: whoever may open the socket or the folder is its local operator.
"""

import os
import pwd
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import httpx

from operate.errors import DataFolderError, InputError, RelayRefusedError, RelayUnreachableError

API: Final = "/api/v1/"
_BASE: Final = "http://relay"
_TIMEOUT: Final = httpx.Timeout(60.0, connect=2.0)
_CHUNK: Final = 256 * 1024
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
"""As `visit_protocol.message.Identifier`."""

Application = Callable[..., Any]
"""An ASGI application."""
LocalApp = Callable[[Path], AbstractAsyncContextManager[Application]]
"""Starts the relay's application in this process over a data folder, and stops it."""


class Relay:
    """REST under ``/api/v1`` of one relay."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The JSON at ``path``, e.g. ``orders``.

        Raises:
            RelayRefusedError: the relay said no.
            RelayUnreachableError: it does not answer.
        """
        return await self._ask("GET", path, params=params)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON that the relay answers to ``body``.

        Raises:
            As `get`.
        """
        return await self._ask("POST", path, json=body)

    async def post_csv(self, path: str, data: bytes) -> Any:
        """The JSON that the relay answers to a CSV file.

        Raises:
            As `get`.
        """
        return await self._ask("POST", path, content=data, headers={"Content-Type": "text/csv"})

    async def download(self, path: str, file: BinaryIO) -> int:
        """Write what stands at ``path`` to ``file``; returns the number of bytes.

        Raises:
            As `get`.
            OSError: it cannot be written.
        """
        size = 0
        try:
            async with self._http.stream("GET", API + path) as answer:
                if answer.is_error:
                    await answer.aread()
                    raise _refusal(answer)
                async for chunk in answer.aiter_bytes(_CHUNK):
                    size += file.write(chunk)
        except httpx.HTTPError as error:
            raise _silent(error) from error
        return size

    async def _ask(self, method: str, path: str, **request: Any) -> Any:
        try:
            answer = await self._http.request(method, API + path, **request)
        except httpx.HTTPError as error:
            raise _silent(error) from error
        if answer.is_error:
            raise _refusal(answer)
        return answer.json() if answer.content else None


@asynccontextmanager
async def open_relay(
    data: Path | None, start_here: LocalApp | None = None, *, person: str | None = None
) -> AsyncIterator[Relay]:
    """The relay of the data folder ``data``, running or not, spoken to as ``person``.

    Raises:
        DataFolderError: no folder was named, or it is none of a relay.
        RelayUnreachableError: a relay holds the folder and does not answer.
        relay.store.errors.StoreError, settings.ConfigError: started here, it cannot use it.
    """
    folder = _data_folder(data)
    socket = folder / "run" / "relay.sock"
    if _is_ours(socket) and await _answers(socket):
        async with _client(httpx.AsyncHTTPTransport(uds=str(socket)), person) as http:
            yield Relay(http)
        return
    async with (
        (start_here or _relay_here)(folder) as application,
        _client(httpx.ASGITransport(application), person) as http,
    ):
        yield Relay(http)


def segment(ident: str) -> str:
    """An id as one segment of a path.

    Raises:
        InputError: it is no id.
    """
    if _IDENTIFIER.fullmatch(ident) is None:
        raise InputError(f"{ident!r} is no id")
    return ident


@asynccontextmanager
async def _relay_here(folder: Path) -> AsyncIterator[Application]:
    # Only here: with a relay running, the command needs none of it and starts in half the time.
    from relay.app import local_app  # noqa: PLC0415  see above
    from relay.service.desks import NoFacilityError  # noqa: PLC0415  see above

    try:
        async with local_app(folder) as application:
            yield application
    except NoFacilityError as error:
        raise DataFolderError(str(error)) from error


def _data_folder(data: Path | None) -> Path:
    if data is None:
        raise DataFolderError("name the relay's data folder: --data DIR, or PARLOIR_DATA=DIR")
    if not data.is_dir():
        raise DataFolderError(f"{data}: no such folder")
    if not any((data / name).exists() for name in ("relay.toml", "relay.sqlite3")):
        raise DataFolderError(f"{data}: is not the data folder of a relay (no relay.toml in it)")
    return data


def _is_ours(socket: Path) -> bool:
    """Whether there is a socket, and we may speak to it."""
    if not socket.exists():
        return False
    if not os.access(socket, os.R_OK | os.W_OK):
        raise DataFolderError(f"{socket}: no permission; act as the user that the relay runs as")
    return True


async def _answers(socket: Path) -> bool:
    """Whether a relay lives at ``socket``; one that was killed leaves it behind, dead."""
    async with _client(httpx.AsyncHTTPTransport(uds=str(socket))) as http:
        try:
            await http.get("/livez", timeout=httpx.Timeout(5.0))
        except httpx.ConnectError:
            return False
        except httpx.HTTPError as error:
            raise _silent(error) from error
    return True


def _client(transport: httpx.AsyncBaseTransport, person: str | None = None) -> httpx.AsyncClient:
    as_whom = {} if person is None else {"X-Parloir-Person": person}
    return httpx.AsyncClient(
        transport=transport,
        base_url=_BASE,
        timeout=_TIMEOUT,
        headers={"X-Parloir-Operator": _unix_user(), **as_whom},
    )


def _unix_user() -> str:
    """Who types, for the journal; the kernel has let them in, this only names them."""
    user = os.geteuid()
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
    return name if name.isascii() and name.isprintable() else str(user)


def _refusal(answer: httpx.Response) -> RelayRefusedError:
    try:
        details = answer.json()
    except ValueError:
        details = None
    if not isinstance(details, dict):
        details = {"message": f"the relay answered {answer.status_code}"}
    return RelayRefusedError(answer.status_code, details)


def _silent(error: httpx.HTTPError) -> RelayUnreachableError:
    return RelayUnreachableError(f"the relay does not answer ({type(error).__name__})")
