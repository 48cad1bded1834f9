"""Media workers as processes: started, spoken to, supervised and, when they do not obey, killed.

Guarantees: a worker's death is told exactly once and a new one is started (with a growing pause
when it keeps dying); a worker whose control channel ends is dead; nothing a worker says is
believed beyond its own message vocabulary. Leaves to others: which call goes where (`calls`).
"""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from visit_protocol.errors import ProtocolError
from visit_protocol.message import MAX_MESSAGE_BYTES, Message, parse_message
from visit_protocol.worker import (
    FromWorker,
    WorkerCounters,
    WorkerReady,
    from_protected_worker,
    from_worker,
)

log = logging.getLogger(__name__)

_RESTART_PAUSES_S = (0.0, 0.5, 1.0, 2.0, 5.0)
_STABLE_S = 30.0
_STOP_S = 5.0


class WorkerKind(StrEnum):
    """Which program a worker runs; the module has that name in `relay.media`."""

    ORDINARY = "ordinary"
    PROTECTED = "protected"


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """How to start one worker."""

    name: str
    kind: WorkerKind
    bind: tuple[str, ...]
    port: int
    public: tuple[str, ...]
    media_timeout_s: float
    loop: str = "auto"
    """Which packet loop the worker uses."""

    def command(self, control_fd: int) -> list[str]:
        """The process's argument list."""
        arguments = [sys.executable, "-m", f"relay.media.{self.kind}"]
        arguments += ["--control-fd", str(control_fd), "--port", str(self.port)]
        arguments += ["--media-timeout-s", str(self.media_timeout_s), "--loop", self.loop]
        for address in self.bind:
            arguments += ["--bind", address]
        for address in self.public:
            arguments += ["--public", address]
        return arguments


class MediaWorker:
    """One worker across its restarts. Callbacks run on the event loop."""

    def __init__(
        self,
        plan: WorkerPlan,
        *,
        on_message: Callable[["MediaWorker", FromWorker], None],
        on_death: Callable[["MediaWorker"], None],
    ) -> None:
        self.plan = plan
        self.counters: WorkerCounters | None = None
        self._on_message = on_message
        self._on_death = on_death
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._ready = asyncio.Event()
        self._stopping = False

    @property
    def ready(self) -> bool:
        """Whether calls can be given to it now."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The running process, or None between two."""
        return self._process.pid if self._process else None

    async def wait_ready(self) -> None:
        """Returns when the worker takes calls."""
        await self._ready.wait()

    def send(self, message: Message) -> bool:
        """Hand a message over without waiting; False when there is no worker to hear it."""
        if self._writer is None or self._writer.is_closing():
            return False
        self._writer.write(message.to_json().encode() + b"\n")
        return True

    def kill(self) -> None:
        """End the process at once; its calls' media ends with it."""
        if self._process is not None and self._process.returncode is None:
            log.error("worker %s killed", self.plan.name)
            self._process.kill()

    async def supervise(self) -> None:
        """Run until `stop` or cancelled: start, listen, and start again after a death."""
        loop = asyncio.get_running_loop()
        deaths = 0
        try:
            while not self._stopping:
                started = loop.time()
                await self._run_once()
                if self._stopping:
                    return
                deaths = 1 if loop.time() - started > _STABLE_S else deaths + 1
                self._on_death(self)
                await asyncio.sleep(_RESTART_PAUSES_S[min(deaths, len(_RESTART_PAUSES_S)) - 1])
        finally:
            if not self._stopping:  # otherwise `stop` sees it end
                self.kill()

    async def stop(self) -> None:
        """Let the worker finish its recordings and hear of each, then see it end."""
        self._stopping = True
        if self._writer is not None:
            self._writer.write_eof()
        if self._process is not None:
            await self._ended(self._process)

    async def _run_once(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *self.plan.command(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                process_group=0,
                stdin=asyncio.subprocess.DEVNULL,
            )
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=2 * MAX_MESSAGE_BYTES)
        try:
            while line := await reader.readline():
                self._hear(line)
        except (ProtocolError, ValueError, ConnectionError) as error:
            # A worker that does not speak the protocol is not to be trusted with calls.
            log.error("worker %s: %s", self.plan.name, error)
            self.kill()
        finally:
            self._ready.clear()
            self._writer.close()
            self._writer = None
        if not self._stopping:
            status = await self._ended(self._process)
            log.error("worker %s ended with status %s", self.plan.name, status)

    def _hear(self, line: bytes) -> None:
        message: FromWorker
        if self.plan.kind is WorkerKind.ORDINARY:
            message = parse_message(from_worker, line)
        else:
            message = parse_message(from_protected_worker, line)
        match message:
            case WorkerReady():
                log.info("worker %s ready on %s", self.plan.name, ", ".join(message.candidates))
                self._ready.set()
            case WorkerCounters():
                self.counters = message
            case _:
                self._on_message(self, message)

    async def _ended(self, process: asyncio.subprocess.Process) -> int:
        """The exit status, by force if it does not come by itself."""
        try:
            async with asyncio.timeout(_STOP_S):
                return await process.wait()
        except TimeoutError:
            self.kill()
            return await process.wait()


def plans(
    *,
    ordinary: int,
    protected: int,
    bind: Sequence[str],
    port: int,
    public: Sequence[str],
    media_timeout_s: float,
) -> list[WorkerPlan]:
    """One plan a worker; with a fixed ``port`` each worker takes the next one."""
    kinds = [WorkerKind.ORDINARY] * ordinary + [WorkerKind.PROTECTED] * protected
    return [
        WorkerPlan(
            name=f"{kind}-{number}",
            kind=kind,
            bind=tuple(bind),
            port=port + number if port else 0,
            public=tuple(public),
            media_timeout_s=media_timeout_s,
        )
        for number, kind in enumerate(kinds)
    ]
