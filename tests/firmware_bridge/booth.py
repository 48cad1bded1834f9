"""A simulated board and a bridge in a process of its own, with the test as the kiosk."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from firmware_bridge.payloads import Output
from firmware_bridge.simulator import Simulator
from visit_protocol.bridge import FromBridge, FromKiosk, RenewPower, from_bridge
from visit_protocol.message import parse_message

PROJECT = Path(__file__).parents[2]


class KioskEnd:
    """What a kiosk does with its line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self.heard: list[FromBridge] = []
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())
        self._holding: asyncio.Task[None] | None = None

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await self._reader.readline():
                self.heard.append(parse_message(from_bridge, line))
                self._news.set()

    def say(self, message: FromKiosk) -> None:
        self.writer.write(message.to_json().encode() + b"\n")

    def renew(self) -> None:
        self.say(RenewPower(at_ns=time.monotonic_ns(), camera=True, microphone=True))

    def hold_power(self) -> None:
        """Renew as a kiosk does in a visit, until `let_go`."""

        async def hold() -> None:
            while True:
                self.renew()
                await asyncio.sleep(0.2)

        self._holding = asyncio.create_task(hold())

    def let_go(self) -> None:
        if self._holding is not None:
            self._holding.cancel()

    async def hears(self, *wanted: FromBridge | type[FromBridge], within_s: float = 5) -> None:
        """All of these, in whatever order, since `heard` was last cleared."""
        async with asyncio.timeout(within_s):
            while not all(self._has(one) for one in wanted):
                self._news.clear()
                await self._news.wait()

    def _has(self, one: FromBridge | type[FromBridge]) -> bool:
        if isinstance(one, type):
            return any(isinstance(message, one) for message in self.heard)
        return one in self.heard

    async def close(self) -> None:
        self.let_go()
        self._reading.cancel()
        self.writer.transport.abort()
        await asyncio.wait({self._reading})


class BridgeProcess:
    """`parloir-bridge run` and where it listens."""

    def __init__(self, folder: Path, key_file: Path | None = None) -> None:
        self.folder = folder
        self.port = folder / "board"
        self.config = folder / "bridge.toml"
        key = f'key_file = "{key_file}"\n' if key_file else ""
        self.config.write_text(f'socket_dir = "."\n[port]\ndevice = "{self.port}"\n{key}')
        self.log = folder / "bridge.log"
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "firmware_bridge", "run", "--config", str(self.config)),
                cwd=PROJECT,
                stderr=log,
            )

    async def kill(self) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def kiosk(self) -> KioskEnd:
        """A kiosk, as soon as the bridge listens."""
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(OSError):
                    return KioskEnd(*await asyncio.open_unix_connection(self.folder / "kiosk.sock"))
                await asyncio.sleep(0.02)

    async def logs(self, text: str, within_s: float = 5) -> None:
        async with asyncio.timeout(within_s):
            while text not in self.log.read_text():
                await asyncio.sleep(0.02)


async def power(simulator: Simulator, wanted: Output, within_s: float = 3) -> float:
    """When power became that, by the event loop's clock."""
    async with asyncio.timeout(within_s):
        while simulator.power[-1][1] != wanted:
            await asyncio.sleep(0.001)
    return simulator.power[-1][0]


@contextlib.asynccontextmanager
async def simulated(folder: Path, key: bytes | None = None) -> AsyncIterator[Simulator]:
    simulator = Simulator(folder / "board", key)
    simulator.plug()
    try:
        yield simulator
    finally:
        simulator.close()
