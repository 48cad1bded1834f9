"""`scripts/run` as a person starts it, driven through its ready file."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from kiosk.engine.frames import FrameReader
from kiosk.engine.synthetic import decode_counter

ROOT = Path(__file__).resolve().parents[2]
READY_S = 60.0
"""How long a start may take on a noisy machine; the figure itself is another test's claim."""


@dataclass
class Facility:
    """A facility that lives: processes, visits, people who can log in."""

    process: subprocess.Popen[bytes]
    ready_file: Path
    data: Path
    began: float
    """When it was started, in seconds since the epoch."""

    @property
    def ready(self) -> dict[str, Any]:
        """The ready file as it is now."""
        ready: dict[str, Any] = json.loads(self.ready_file.read_text("utf-8"))
        return ready

    def visit(self, visit_type: str) -> dict[str, Any]:
        """The first open visit of that type."""
        return next(one for one in self.ready["visits"] if one["type"] == visit_type)

    def staff(self, role: str) -> dict[str, str]:
        """Who can log in for that role."""
        return next(one for one in self.ready["staff"] if one["role"] == role)

    def ask(self, path: str) -> Any:
        """What the relay answers to the local operator."""
        with self._operator() as client:
            return client.get(path).raise_for_status().json()

    def booked_again(self, visit: dict[str, Any]) -> dict[str, Any]:
        """The same people at the same terminal in the same slot once more, their visit over."""
        before = self.visit_now(visit["id"])
        with self._operator() as client:
            booked = client.post(
                "visits",
                json={
                    "inmate": before["inmate"]["id"],
                    "visitors": [one["id"] for one in before["visitors"]],
                    "visit_type": before["visit_type"],
                    "terminal": before["terminal"]["id"],
                    "starts": before["starts"],
                },
            )
        made = booked.raise_for_status().json()
        return {**visit, "id": made["visit"]["id"], "visitor_link": made["link"]}

    def _operator(self) -> httpx.Client:
        transport = httpx.HTTPTransport(uds=str(self.data / "run" / "relay.sock"))
        return httpx.Client(transport=transport, base_url="http://relay/api/v1/")

    def visit_now(self, visit_id: str) -> dict[str, Any]:
        """The visit as staff see it now."""
        found: dict[str, Any] = self.ask(f"visits/{visit_id}")
        return found

    def parloir(self, *arguments: str) -> Any:
        """The JSON that a ``parloir`` command prints."""
        done = subprocess.run(
            [ROOT / ".venv/bin/parloir", *arguments, "--data", self.data, "--json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def kiosk_screen(self, terminal: str) -> str:
        """The screen that the kiosk at that terminal shows, by its own word."""
        log = (self.data / "logs" / f"kiosk-{terminal}.log").read_text("utf-8")
        screens = [json.loads(line)["state"] for line in log.splitlines() if line.startswith("{")]
        return str(screens[-1])

    def frames(self, terminal: str) -> FrameReader:
        """What the kiosk at that terminal shows and plays."""
        for kiosk in self.ready["pids"]["kiosk"]:
            command = Path(f"/proc/{kiosk}/cmdline").read_bytes().split(b"\0")
            if any(f"/{terminal}/".encode() in part for part in command):
                return FrameReader.of_process(_engine_of(kiosk))
        raise LookupError(f"no kiosk at {terminal}")

    def kiosk_counter(self, terminal: str) -> int | None:
        """The counter in the picture that the inmate sees, or None without a legible one."""
        picture = self.frames(terminal).latest("remote")
        if picture is None:
            return None
        rows = np.frombuffer(picture.data, np.uint8).reshape(picture.height, picture.stride)
        luma = rows[:, : picture.width * 4].reshape(picture.height, picture.width, 4)[:, :, 1]
        return decode_counter(np.ascontiguousarray(luma))

    def kiosk_tone(self, terminal: str) -> float:
        """The strongest frequency that the inmate hears, in Hz; 0 in silence."""
        sound = self.frames(terminal).sound()
        return 0.0 if sound is None else sound.frequency_hz


def _engine_of(kiosk: int) -> int:
    children = Path(f"/proc/{kiosk}/task/{kiosk}/children").read_text().split()
    for task in Path(f"/proc/{kiosk}/task").iterdir():
        children += (task / "children").read_text().split()
    for child in children:
        if b"kiosk.engine" in Path(f"/proc/{child}/cmdline").read_bytes():
            return int(child)
    raise LookupError(f"kiosk {kiosk} has no engine")


@contextmanager
def facility(folder: Path, *, port: int, kiosks: int = 2, seconds: int = 600) -> Iterator[Facility]:
    """A facility in ``folder``, its pictures small enough for two calls on two cores."""
    data, ready_file = folder / "data", folder / "ready.json"
    for number in range(1, kiosks + 1):
        own = data / "kiosk" / f"T-0{number}"
        own.mkdir(parents=True, exist_ok=True)
        if not (own / "kiosk.toml").exists():
            (own / "kiosk.toml").write_text(
                f'[relay]\nurl = "ws://127.0.0.1:{port}/api/v1/terminal"\n'
                '[camera]\ndevice = "synthetic"\nwidth = 320\nheight = 180\nfps = 10\n'
                '[microphone]\ndevice = "synthetic"\n[speaker]\ndevice = "none"\n'
            )
    began, started = time.time(), time.monotonic()
    with (folder / "run.log").open("ab") as log:
        process = subprocess.Popen(
            [
                *(ROOT / "scripts/run", "--headless", "--auto", "--kiosks", str(kiosks)),
                *("--for", str(seconds), "--port", str(port)),
                *("--data", data, "--ready-file", ready_file),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={key: value for key, value in os.environ.items() if key != "DISPLAY"},
        )
    try:
        while not ready_file.exists():
            assert process.poll() is None, (folder / "run.log").read_text("utf-8")
            assert time.monotonic() - started < READY_S, (folder / "run.log").read_text("utf-8")
            time.sleep(0.05)
        yield Facility(process, ready_file, data, began)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(30)


def eventually(claim: Any, *, within_s: float = 20.0) -> Any:
    """The first true value of ``claim()``; fails when there is none in time."""
    until = time.monotonic() + within_s
    while not (value := claim()):
        assert time.monotonic() < until, f"not within {within_s} s: {claim}"
        time.sleep(0.1)
    return value
