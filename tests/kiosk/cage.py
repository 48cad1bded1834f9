"""`Cage`: a kiosk in the compositor that terminals run it in, on a display without a screen.

Guarantees: the kiosk is the real process, started as `systemd/parloir-kiosk.service` starts it
and acting the inmate besides;
touches and keys come in by the X server below, so they pass compositor and toolkit as a finger's
do; everything is gone after `stop`.
"""

import asyncio
import json
import os
import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

WIDTH, HEIGHT = 1024, 768
"""The size that wlroots gives an output on X11."""
_START_S = 20.0
_DISPLAYS = (100, 200)


class Cage:
    """One X server, one compositor in it, one kiosk in that."""

    def __init__(self, config_file: Path, runtime: Path) -> None:
        self._config_file = config_file
        self._runtime = runtime
        self._display = ""
        self._processes: list[asyncio.subprocess.Process] = []
        self._reading: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self.states: list[str] = []
        """The kiosk's screens, in order."""

    async def start(self) -> None:
        """Start all three; the kiosk shows its first screen when this returns."""
        self._runtime.mkdir(mode=0o700, exist_ok=True)
        await self._start_server()
        with (self._runtime / "log").open("wb") as log:
            compositor = await asyncio.create_subprocess_exec(
                *_without_root(),
                "cage", "--",
                sys.executable, "-m", "kiosk", "--config", str(self._config_file),
                "--locked", "--auto",
                stdout=asyncio.subprocess.PIPE, stderr=log, env=self._environment(),
            )  # fmt: skip
        self._processes.append(compositor)
        self._reading = asyncio.create_task(self._read(compositor))
        await self.shows("idle")

    async def _start_server(self) -> None:
        # Not with -displayfd: a server that chose its number itself keeps no lock on it, and the
        # compositor would give the same one to its Xwayland.
        for number in range(*_DISPLAYS):
            if _taken(number):
                continue
            server = await asyncio.create_subprocess_exec(
                "Xvfb", f":{number}", "-ac", "-screen", "0", f"{WIDTH}x{HEIGHT}x24",
                "-nolisten", "tcp", "-fbdir", str(self._runtime), stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            async with asyncio.timeout(_START_S):
                while server.returncode is None and not _listens(number):
                    await asyncio.sleep(0.05)
            if server.returncode is None:
                self._processes.append(server)
                self._display = f":{number}"
                return
        raise RuntimeError("every display number is taken")

    def _environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("QT_", "WAYLAND"))}
        return inherited | {
            "DISPLAY": self._display,
            "XDG_RUNTIME_DIR": str(self._runtime),
            "WLR_BACKENDS": "x11",
            "WLR_RENDERER": "pixman",
            "QT_QPA_PLATFORM": "wayland",
        }

    async def _read(self, compositor: asyncio.subprocess.Process) -> None:
        assert compositor.stdout is not None
        async for line in compositor.stdout:
            self.states.append(json.loads(line)["state"])
            self._news.set()

    async def shows(self, state: str) -> None:
        """Wait until the kiosk has shown that screen at least once."""
        async with asyncio.timeout(_START_S):
            while state not in self.states:
                self._news.clear()
                await self._news.wait()

    @property
    def running(self) -> bool:
        """Whether server and compositor live; the compositor ends with its kiosk."""
        return all(process.returncode is None for process in self._processes)

    def log(self) -> str:
        """What compositor and kiosk have said on standard error."""
        return (self._runtime / "log").read_text(errors="replace")

    def family(self) -> dict[int, str]:
        """The command lines of all processes below the compositor, by process id."""
        found: dict[int, str] = {}
        ahead = _children(self._processes[-1].pid)
        while ahead:
            pid = ahead.pop()
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue  # ended meanwhile
            found[pid] = b" ".join(words).decode(errors="replace").strip()
            ahead += _children(pid)
        return found

    async def act(self, lines: Sequence[str]) -> None:
        """Do what the ``lines`` of xdotool's language say."""
        process = await asyncio.create_subprocess_exec(
            "xdotool", "-", stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "DISPLAY": self._display},
        )  # fmt: skip
        await process.communicate("\n".join(lines).encode())

    def pixel(self, x: int, y: int) -> tuple[int, int, int]:
        """Red, green and blue of what the display shows there."""
        # The server keeps its picture in a file of the XWD format (X11/XWDFile.h): 25 big-endian
        # words, a name, the colours, the rows.
        dump = self.picture.read_bytes()
        words = struct.unpack(">25I", dump[:100])
        header, bytes_per_line, colours = words[0], words[12], words[19]
        at = header + 12 * colours + y * bytes_per_line + 4 * x
        blue, green, red = dump[at], dump[at + 1], dump[at + 2]
        return red, green, blue

    @property
    def picture(self) -> Path:
        """The file in which the display's picture is, of the XWD format."""
        return self._runtime / "Xvfb_screen0"

    async def stop(self) -> None:
        """End everything."""
        for process in reversed(self._processes):
            if process.returncode is None:
                process.terminate()
                try:
                    await asyncio.wait_for(process.wait(), 5)
                except TimeoutError:
                    process.kill()
                    await process.wait()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)


def _without_root() -> tuple[str, ...]:
    """Cage refuses root: as root, begin in a user namespace in which we are somebody else."""
    if os.geteuid() != 0:
        return ()
    return ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")


def _taken(number: int) -> bool:
    return Path(f"/tmp/.X{number}-lock").exists()


def _listens(number: int) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(f"/tmp/.X11-unix/X{number}") == 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    except OSError:
        pass  # ended meanwhile
    return found
