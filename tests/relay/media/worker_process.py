"""A real worker process for tests, driven over its control socket as the relay drives it."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from tests.relay.media.party import AiortcParty
from visit_protocol.message import Message, parse_message
from visit_protocol.vocabulary import Party
from visit_protocol.worker import (
    Forward,
    FromWorker,
    MonitorAnswer,
    MonitorRefused,
    OfferPeer,
    OpenCall,
    OpenRecordedCall,
    PeerAnswer,
    PeerMedia,
    PeerRefused,
    WatchParty,
    WorkerCounters,
    WorkerReady,
    from_worker,
)

M = TypeVar("M", bound=Message)


class WorkerProcess:
    """One worker and all that it has said."""

    def __init__(self, process: asyncio.subprocess.Process, channel: socket.socket) -> None:
        self.process = process
        self.heard: list[FromWorker] = []
        self._channel = channel
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self._listening: asyncio.Task[None]
        self._changed = asyncio.Event()
        self._offers = 0

    @classmethod
    async def start(
        cls,
        kind: str = "ordinary",
        *,
        bind: Sequence[str] = ("127.0.0.1",),
        media_timeout_s: float = 5.0,
        command: Sequence[str] | None = None,
        more: Sequence[str] = (),
    ) -> "WorkerProcess":
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        command = command or (sys.executable, "-m", f"relay.media.{kind}")
        arguments = ["--control-fd", str(theirs.fileno()), "--port", "0"]
        arguments += ["--media-timeout-s", str(media_timeout_s)]
        for address in bind:
            arguments += ["--bind", address]
        arguments += more
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *command, *arguments, pass_fds=(theirs.fileno(),), stdin=asyncio.subprocess.DEVNULL
            )
        worker = cls(process, ours)
        worker._reader, worker._writer = await asyncio.open_connection(sock=ours, limit=1 << 20)
        worker._listening = asyncio.create_task(worker._listen())
        await worker.until(WorkerReady)
        return worker

    @property
    def ready(self) -> WorkerReady:
        """Its first message."""
        return next(message for message in self.heard if isinstance(message, WorkerReady))

    @property
    def port(self) -> int:
        """Its UDP port."""
        return int(self.ready.candidates[0].rpartition(":")[2])

    @property
    def counters(self) -> WorkerCounters | None:
        """The latest."""
        found = [message for message in self.heard if isinstance(message, WorkerCounters)]
        return found[-1] if found else None

    def child(self, module: str) -> int:
        """The child that runs that module; whichever thread started it is its parent.

        Raises:
            LookupError: there is none now.
        """
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                if module.encode() in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
                    return int(child)
        raise LookupError(module)

    def all(self, kind: type[M]) -> list[M]:
        """Everything of that kind that it has said."""
        return [message for message in self.heard if isinstance(message, kind)]

    def send(self, message: Message) -> None:
        self._writer.write(message.to_json().encode() + b"\n")

    def send_raw(self, line: bytes) -> None:
        self._writer.write(line)

    async def until(
        self,
        kind: type[M],
        fits: Callable[[M], bool] = lambda _: True,
        *,
        after: int = 0,
        timeout_s: float = 15.0,
    ) -> M:
        """The first message of that kind that fits, among those after the ``after``-th."""
        async with asyncio.timeout(timeout_s):
            while True:
                for message in self.heard[after:]:
                    if isinstance(message, kind) and fits(message):
                        return message
                self._changed.clear()
                await self._changed.wait()

    async def ended(self, timeout_s: float = 10.0) -> int:
        """Its exit status."""
        async with asyncio.timeout(timeout_s):
            return await self.process.wait()

    async def close(self) -> int:
        """End the control channel, hear what it still has to say; the exit status."""
        self._writer.write_eof()
        await asyncio.wait_for(self._listening, 10)
        self._writer.close()
        return await self.ended()

    async def discard(self) -> None:
        """Whatever state it is in, leave nothing behind."""
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._writer.close()

    # ── what the relay does with it ────────────────────────────────────────────────────────
    def open(self, call: str, *, folder: Path | None = None, segment: int = 1) -> None:
        if folder is None:
            self.send(OpenCall(call=call))
        else:
            self.send(OpenRecordedCall(call=call, folder=os.fspath(folder), segment=segment))

    async def offer(self, call: str, party: Party, sdp: str) -> PeerAnswer | PeerRefused:
        self._offers += 1
        identifier = f"offer-{self._offers}"
        self.send(OfferPeer(id=identifier, call=call, party=party, sdp=sdp))
        return await self.until(
            PeerAnswer | PeerRefused,  # type: ignore[arg-type]  # a union fits isinstance
            lambda message: message.id == identifier,
        )

    async def admit(self, call: str, party: Party, client: AiortcParty) -> PeerAnswer:
        """Connect the client as that party; returns when its media arrives."""
        said = len(self.heard)
        answer = await self.offer(call, party, await client.offer())
        assert isinstance(answer, PeerAnswer), answer
        await client.take(answer.sdp)
        await self.until(
            PeerMedia,
            lambda m: m.call == call and m.party is party and m.connected,
            after=said,
        )
        return answer

    async def watch(
        self, call: str, party: Party, monitor: str, sdp: str, *, audio: bool = False
    ) -> MonitorAnswer | MonitorRefused:
        self._offers += 1
        identifier = f"offer-{self._offers}"
        self.send(
            WatchParty(id=identifier, call=call, party=party, monitor=monitor, audio=audio, sdp=sdp)
        )
        return await self.until(
            MonitorAnswer | MonitorRefused,  # type: ignore[arg-type]  # a union fits isinstance
            lambda message: message.id == identifier,
        )

    async def live(self, call: str, inmate: AiortcParty, visitor: AiortcParty) -> None:
        """Both parties admitted and forwarding on."""
        await self.admit(call, Party.INMATE, inmate)
        await self.admit(call, Party.VISITOR, visitor)
        self.send(Forward(call=call, on=True))

    async def _listen(self) -> None:
        while line := await self._reader.readline():
            self.heard.append(parse_message(from_worker, line))
            self._changed.set()
