"""Debian's Janus: a VideoRoom a visit, two publishers who subscribe to one another, recorded.

Guarantees: Janus runs with a configuration of its own in the run's folder, spoken to over a UNIX
socket; the machine's own Janus, if any, is not touched. Janus leaves loopback addresses out, so it
listens on another address of this machine; what is sent there from here passes over the loopback
device all the same. It records as Janus does, raw
packets in files of its own format, whose conversion (``janus-pp-rec``) nobody is charged for.
Leaves to others: installing it.
"""

import asyncio
import json
import secrets
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import ifaddr

from operate.bench.errors import RivalMissingError, SystemFailedError
from operate.bench.generator import Generator
from operate.bench.processes import Child, move_to_core, start_process

_PLUGIN: Final = "janus.plugin.videoroom"
_START_S: Final = 4.0
_START_ATTEMPTS: Final = 20
_ANSWER_S: Final = 20.0
_AT_ONCE: Final = 8
_MAX_MESSAGE: Final = 1 << 20
_LIBRARIES: Final = ("/usr/lib/*/janus", "/usr/lib/janus", "/usr/local/lib/janus")
_CORE_CONFIGURATION: Final = """
general: {{
    configs_folder = "{folder}"
    plugins_folder = "{libraries}/plugins"
    transports_folder = "{libraries}/transports"
    events_folder = "{folder}"
    loggers_folder = "{folder}"
    debug_level = 2
    debug_colors = false
    session_timeout = 0
}}
media: {{ ipv6 = false }}
nat: {{
    ice_lite = true
    ice_enforce_list = "{address}"
    ignore_mdns = true
}}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
_SOCKET_CONFIGURATION: Final = """
general: {{ enabled = true, json = "compact", path = "{socket}", type = "SOCK_SEQPACKET" }}
admin: {{ admin_enabled = false }}
"""


def find_janus() -> tuple[str, Path]:
    """The program and the folder of its libraries.

    Raises:
        RivalMissingError: it is not installed.
    """
    program = shutil.which("janus")
    libraries = [
        found for pattern in _LIBRARIES for found in sorted(Path("/").glob(pattern.lstrip("/")))
    ]
    if program is None or not libraries:
        raise RivalMissingError(
            "janus is not installed: apt-get install --no-install-recommends janus"
        )
    return program, libraries[0]


def own_address() -> str:
    """An IPv4 address of this machine that is not loopback.

    Raises:
        RivalMissingError: there is none.
    """
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            if ip.is_IPv4 and not str(ip.ip).startswith("127."):
                return str(ip.ip)
    raise RivalMissingError("janus never uses loopback, and this machine has no other address")


class JanusSystem:
    """Implements `operate.bench.systems.system.System`."""

    def __init__(self, *, core: int, folder: Path) -> None:
        self._program, self._libraries = find_janus()
        self._core = core
        self._folder = folder
        self._process: Child | None = None
        self._reached: _Api | None = None
        self._host = own_address()
        self._room_keeper = 0
        """The handle through which rooms are made and destroyed."""

    @property
    def pid(self) -> int:
        """Its process."""
        return self._check_running().pid

    def _check_running(self) -> Child:
        if self._process is None or self._process.ended:
            raise SystemFailedError(f"janus has ended{self._last_words()}")
        return self._process

    async def start(self) -> None:
        """Write the configuration, start, wait for the API."""
        (self._folder / "recordings").mkdir()
        path = self._folder / "api"
        self._configure(path)
        command = (
            self._program,
            *("--configs-folder", str(self._folder)),
            *("--config", str(self._folder / "janus.jcfg")),
        )
        log = self._folder / "janus.log"
        for attempts_left in reversed(range(_START_ATTEMPTS)):
            self._process = await start_process(command, core=None, output=log)
            try:
                self._reached = await self._reach(path)
                break
            except SystemFailedError:
                # WORKAROUND: the UNIX socket's thread of Janus 1.1.2 ends at once when it runs
                # before its own initialisation has finished; Janus then gives up. On a core of its
                # own it nearly always does, so it is moved there when it runs. Now and then it
                # stays alive without the socket.
                if not attempts_left:
                    raise
                await self._process.end()
        move_to_core(self.pid, self._core)
        await self._api.begin()
        self._room_keeper = await self._api.attach()

    async def connect(self, generator: Generator, visits: int) -> list[tuple[int, ...]]:
        """Rooms, publishers, subscribers; then play."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def admit(visit: int) -> tuple[tuple[int, int], tuple[int, int]]:
            async with gate:
                return await self._room(generator, visit)

        rooms = await asyncio.gather(*(admit(visit) for visit in range(visits)))
        sources: list[int | None] = [None] * (4 * visits)
        for senders, hearers in rooms:
            sources[hearers[0]], sources[hearers[1]] = senders[1], senders[0]
        await generator.play(sources)
        return [hearers for _, hearers in rooms]

    async def cut(self, visit: int) -> None:
        """Order the room's destruction."""
        self._api.write(
            "message", self._room_keeper, body={"request": "destroy", "room": _room_number(visit)}
        )

    async def stop(self) -> None:
        """End the process."""
        if self._reached is not None:
            await self._reached.close()
        if self._process is not None:
            await self._process.end()

    @property
    def _api(self) -> "_Api":
        if self._reached is None:
            raise SystemFailedError("janus was not started")
        return self._reached

    async def _room(
        self, generator: Generator, visit: int
    ) -> tuple[tuple[int, int], tuple[int, int]]:
        room = _room_number(visit)
        await self._api.ask(
            self._room_keeper,
            {
                "request": "create",
                "room": room,
                "publishers": 2,
                "bitrate": 2_500_000,
                "audiocodec": "opus",
                "videocodec": "vp8",
                "record": True,
                "rec_dir": str(self._folder / "recordings"),
            },
        )
        senders, feeds = [], []
        for _ in range(2):
            offered = await generator.offer("sendonly", self._host)
            joined = await self._api.ask(
                await self._api.attach(),
                {"request": "joinandconfigure", "room": room, "ptype": "publisher"},
                {"type": "offer", "sdp": offered.sdp},
            )
            await generator.take(offered.leg, joined["jsep"]["sdp"])
            await generator.connect(offered.leg)
            senders.append(offered.leg)
            feeds.append(joined["plugindata"]["data"]["id"])
        hearers = [await self._subscribe(generator, room, feed) for feed in reversed(feeds)]
        return (senders[0], senders[1]), (hearers[0], hearers[1])

    async def _subscribe(self, generator: Generator, room: int, feed: int) -> int:
        handle = await self._api.attach()
        wish = {"request": "join", "room": room, "ptype": "subscriber", "streams": [{"feed": feed}]}
        attached = await self._when_published(handle, wish)
        answered = await generator.answer(attached["jsep"]["sdp"], self._host)
        await self._api.ask(handle, {"request": "start"}, {"type": "answer", "sdp": answered.sdp})
        await generator.connect(answered.leg)
        return answered.leg

    async def _when_published(self, handle: int, wish: dict[str, Any]) -> dict[str, Any]:
        """Janus's answer to a subscriber; it knows of a feed a moment after its DTLS is up."""
        until = asyncio.get_running_loop().time() + _START_S
        while True:
            try:
                return await self._api.ask(handle, wish)
            except SystemFailedError as error:
                if "No such feed" not in str(error) or asyncio.get_running_loop().time() > until:
                    raise
                await asyncio.sleep(0.05)

    def _configure(self, path: Path) -> None:
        others = {
            kind: ",".join(
                found.name
                for found in sorted((self._libraries / kind).glob("*.so"))
                if found.name not in ("libjanus_videoroom.so", "libjanus_pfunix.so")
            )
            for kind in ("plugins", "transports")
        }
        files = {
            "janus.jcfg": _CORE_CONFIGURATION.format(
                folder=self._folder,
                libraries=self._libraries,
                address=self._host,
                **others,
            ),
            "janus.transport.pfunix.jcfg": _SOCKET_CONFIGURATION.format(socket=path),
            "janus.plugin.videoroom.jcfg": "general: { }\n",
        }
        for name, text in files.items():
            (self._folder / name).write_text(text)

    async def _reach(self, path: Path) -> "_Api":
        try:
            async with asyncio.timeout(_START_S):
                while True:
                    self._check_running()
                    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                    sock.setblocking(False)
                    try:
                        sock.connect(str(path))
                    except OSError:
                        sock.close()
                        await asyncio.sleep(0.05)
                    else:
                        return _Api(sock)
        except TimeoutError as error:
            raise SystemFailedError(f"janus did not start{self._last_words()}") from error

    def _last_words(self) -> str:
        log = self._folder / "janus.log"
        lines = log.read_text(errors="replace").split("\n") if log.exists() else []
        said = [line.strip() for line in lines if "[FATAL]" in line or "[ERR]" in line]
        return f": {said[-1]}" if said else ""


class _Api:
    """Janus's JSON API: requests, each with its acknowledgement and, for most, an event."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._session = 0
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._listening = asyncio.create_task(self._listen())

    async def begin(self) -> None:
        """Open the session."""
        self._session = (await self._answered(self.write("create", None)))["data"]["id"]

    async def attach(self) -> int:
        """A handle of the VideoRoom."""
        said = await self._answered(self.write("attach", None, plugin=_PLUGIN))
        return int(said["data"]["id"])

    async def ask(
        self, handle: int, body: Mapping[str, Any], jsep: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """What the plugin says to that, raising for its refusals."""
        more = {"jsep": jsep} if jsep is not None else {}
        said = await self._answered(self.write("message", handle, body=body, **more))
        data = said.get("plugindata", {}).get("data", {})
        if "error" in data:
            raise SystemFailedError(f"janus: {body['request']}: {data['error']}")
        return said

    def write(self, kind: str, handle: int | None, **more: Any) -> str:
        """Write a request without waiting; its transaction."""
        transaction = secrets.token_hex(8)
        request = {"janus": kind, "transaction": transaction, **more}
        if self._session:
            request["session_id"] = self._session
        if handle is not None:
            request["handle_id"] = handle
        self._waiting[transaction] = asyncio.get_running_loop().create_future()
        self._sock.send(json.dumps(request).encode())
        return transaction

    async def close(self) -> None:
        """Hang up."""
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._sock.close()

    async def _answered(self, transaction: str) -> dict[str, Any]:
        try:
            async with asyncio.timeout(_ANSWER_S):
                said = await self._waiting[transaction]
        except TimeoutError as error:
            raise SystemFailedError("janus did not answer") from error
        finally:
            del self._waiting[transaction]
        if said["janus"] == "error":
            raise SystemFailedError(f"janus: {said['error'].get('reason')}")
        return said

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(self._sock, _MAX_MESSAGE):
            said = json.loads(data)
            answer = self._waiting.get(said.get("transaction", ""))
            if said["janus"] != "ack" and answer is not None and not answer.done():
                answer.set_result(said)


def _room_number(visit: int) -> int:
    return visit + 1
