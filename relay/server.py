"""The relay's two servers: HTTP and WebSockets on TCP for everybody, on a UNIX socket for the
operator.

Guarantees: `Servers.run` answers on both sockets until `stop`, then takes no new connection and
returns when the open ones have ended, `_GRACE_S` later at the latest; when one server ends, so does
the other. Leaves to others: the sockets and signals (`relay.__main__`), the answers (`relay.app`).
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from relay import app as relay_app
from relay.config import RelayConfig
from relay.service.desks import Desks
from relay.web.access import LocalSocket
from visit_protocol.message import MAX_MESSAGE_BYTES

_GRACE_S: Final = 3


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the relay stops its parts in its own order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the relay."""
        yield


class Servers:
    """Both servers of one relay."""

    def __init__(
        self, config: RelayConfig, desks: Desks, tcp: socket.socket, local: socket.socket
    ) -> None:
        app = relay_app.create(desks)
        self._served = (
            (_server(app, config, tls=config.http.tls_certificate is not None), tcp),
            (_server(LocalSocket(app), config, tls=False), local),
        )

    async def run(self) -> None:
        """Serve until `stop`."""
        tasks = [
            asyncio.create_task(server.serve(sockets=[listener]))
            for server, listener in self._served
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        self.stop()
        await asyncio.gather(*tasks)

    def stop(self) -> None:
        """Let `run` come to its end."""
        for server, _ in self._served:
            server.should_exit = True


def _server(app: ASGIApp, config: RelayConfig, *, tls: bool) -> _Server:
    http = config.http
    return _Server(
        uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE_BYTES,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=_GRACE_S,
            ssl_certfile=http.tls_certificate if tls else None,
            ssl_keyfile=http.tls_key if tls else None,
        )
    )
