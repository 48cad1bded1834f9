"""The example facility with a relay inside the test's own process and a clock that tests move.

Media workers are not started: a test plays the worker by calling what a worker's words lead to.
"""

import asyncio
import contextlib
import shutil
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection, connect

from operate import example
from operate.example import OpenVisit, secret_file
from relay import app as relay_app
from relay.config import RelayConfig
from relay.core.model import VisitId
from relay.service.desks import Desks, build, facility_of
from relay.service.visit_run import VisitRun
from relay.store.database import DATABASE_FILE, Store
from relay.web.access import LocalSocket
from suspension import ClockInterval
from suspension.clock import Mark
from visit_protocol.enrolment import NO_KEY, challenge_text
from visit_protocol.message import MAX_MESSAGE_BYTES, PROTOCOL_VERSION, Message
from visit_protocol.signalling import (
    Challenge,
    ChallengeAnswer,
    FromRelay,
    TerminalHello,
    from_relay,
)
from visit_protocol.vocabulary import CallState, Party, StaffRole

NOW = datetime(2027, 2, 27, 10, 0, tzinfo=UTC)


@dataclass
class HandClock:
    """Time stands still until a test moves it."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()

    def interval(self) -> ClockInterval:
        return ClockInterval.exact(self.at)

    def mark(self) -> Mark:
        since_ns = int((self.at - NOW).total_seconds() * 1e9)
        return Mark(self.at, self.interval(), "hand", since_ns, since_ns)

    def resume(self, mark: Mark) -> None:
        """A hand moves this clock, and nothing else."""

    def pass_time(self, **parts: float) -> None:
        self.at += timedelta(**parts)


def make_example(folder: Path) -> Path:
    """An example facility with two visits open at `NOW`: T-01 FAMILY, T-02 LEGAL."""
    example.create(folder, NOW - timedelta(days=2))
    return folder


@dataclass
class Running:
    """A relay that serves."""

    desks: Desks
    clock: HandClock
    port: int
    visits: list[OpenVisit]
    folder: Path
    local: httpx.AsyncClient
    _open: list[Any] = field(default_factory=list)

    @property
    def family(self) -> OpenVisit:
        return self.visits[0]

    @property
    def legal(self) -> OpenVisit:
        return self.visits[1]

    @property
    def secrets(self) -> secret_file.ExampleSecrets:
        return secret_file.load(self.folder)

    async def run_of(self, visit: OpenVisit) -> VisitRun:
        return await self.desks.visits.find(VisitId(visit.id))

    async def settled(self) -> bool:
        """Whether the open visits' slots have been opened, so that nothing is still announced."""
        runs = [await self.run_of(visit) for visit in self.visits]
        opened = (run.machine.state is not CallState.SCHEDULED for run in runs)
        return all(opened) and not any(run.lock.locked() for run in runs)

    async def staff(self, role: StaffRole) -> httpx.AsyncClient:
        """A browser of staff, logged in."""
        secret = next(one for one in self.secrets.staff if one.role == role)
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}/api/v1/")
        answer = await client.post(
            "session", json={"user": secret.user, "password": secret.password}
        )
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        self._open.append(client)
        return client

    @contextlib.asynccontextmanager
    async def kiosk(self, terminal: str) -> AsyncIterator["Wire"]:
        """The line of that terminal's kiosk; its welcome is still to be heard."""
        async with self.socket("terminal") as wire:
            await wire.introduce(terminal, self.secrets.terminals[terminal])
            yield wire

    @contextlib.asynccontextmanager
    async def socket(self, path: str, **more: Any) -> AsyncIterator["Wire"]:
        async with connect(f"ws://127.0.0.1:{self.port}/api/v1/{path}", **more) as connection:
            yield Wire(connection)

    async def meet(self, visit: OpenVisit) -> VisitRun:
        """Both parties' media arrives, as a worker would tell it."""
        run = await self.run_of(visit)
        for party in Party:
            run.attending.setdefault(party, Silent())
            self.desks.attendance.media_changed(run.visit.id, party, connected=True)
        await self.desks.attendance.drain()
        return run


class Silent:
    """A client that is told things and keeps them."""

    def __init__(self) -> None:
        self.told: list[Message] = []
        self.closed: int | None = None

    def send(self, message: Message) -> None:
        self.told.append(message)

    def close(self, code: int) -> None:
        self.closed = code


class Wire:
    """One signalling connection, message by message."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def introduce(self, terminal: str, key: str) -> None:
        """Say hello as that terminal's kiosk, and sign what the relay asks to be signed."""
        await self.say(
            TerminalHello(
                versions=(PROTOCOL_VERSION,), terminal=terminal, relay_key=NO_KEY, software="test"
            )
        )
        text = challenge_text(terminal, (await self.hear(Challenge)).nonce, NO_KEY)
        signed = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key)).sign(text)
        await self.say(ChallengeAnswer(signature=signed.hex()))

    async def say(self, message: Message) -> None:
        await self.connection.send(message.to_json())

    async def hear(self, kind: type[Message] | tuple[type[Message], ...]) -> Any:
        """The next message of that kind, or of one of these; others in between are passed over."""
        async with asyncio.timeout(10):
            while True:
                message: FromRelay = from_relay.validate_json(await self.connection.recv())
                if isinstance(message, kind):
                    return message

    async def closed(self) -> int | None:
        """The code with which the relay closes."""
        async with asyncio.timeout(10):
            await self.connection.wait_closed()
        return self.connection.close_code


@contextlib.asynccontextmanager
async def running(
    example_folder: Path, folder: Path, **sections: dict[str, object]
) -> AsyncIterator[Running]:
    """A relay over a copy of the example, serving on a port of its own.

    ``sections`` are further tables of its configuration.
    """
    shutil.copytree(example_folder, folder, dirs_exist_ok=True)
    visits = example.ensure_open_visits(folder, 2, NOW)
    clock = HandClock()
    with (
        Store.open(folder / DATABASE_FILE) as store,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        port = listener.getsockname()[1]
        config = RelayConfig.model_validate(
            {"data_dir": folder, "http": {"port": port}, **sections}
        )
        desks = build(config, store, clock, facility_of(store))
        await desks.start()
        await desks.take_up()
        app = relay_app.create(desks)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                ws="websockets-sansio",
                ws_max_size=MAX_MESSAGE_BYTES,
                log_config=None,
                lifespan="off",
                timeout_graceful_shutdown=1,
            )
        )
        serving = asyncio.create_task(server._serve([listener]))
        keeping = [
            asyncio.create_task(work)
            for work in (
                desks.visits.run(),
                desks.enforcement.run(),
                desks.standing.run(),
                desks.boards.run(),
            )
        ]
        transport = httpx.ASGITransport(LocalSocket(app))
        async with httpx.AsyncClient(transport=transport, base_url="http://relay/api/v1/") as local:
            relay = Running(desks, clock, port, visits, folder, local)
            try:
                async with asyncio.timeout(30):
                    while not (server.started and await relay.settled()):
                        await asyncio.sleep(0.01)
                yield relay
            finally:
                for client in relay._open:
                    await client.aclose()
                server.should_exit = True
                await serving
                for task in keeping:
                    task.cancel()
                await asyncio.gather(*keeping, return_exceptions=True)
                await desks.drain()
