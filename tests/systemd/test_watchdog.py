"""A kiosk that hangs or dies, under a real systemd with what our unit says."""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from kiosk.identity import Identity
from tests.kiosk.fake_relay import KEY, FakeRelay
from tests.systemd.manager import Manager

UNIT = Path(__file__).parents[2] / "systemd" / "parloir-kiosk.service"
BACK_S = 5.0
NOISE_S = 5.0
"""A machine that is busy with other tests starts programs more slowly than a terminal."""


@pytest.fixture
def terminal_folder(tmp_path: Path) -> Path:
    Identity.put(tmp_path / "state", KEY, "T-01")
    return tmp_path


def configure(folder: Path, url: str) -> Path:
    file = folder / "kiosk.toml"
    file.write_text(
        f'[relay]\nurl = "{url}"\n[camera]\ndevice = "synthetic"\n'
        '[microphone]\ndevice = "synthetic"\n[speaker]\ndevice = "none"\n'
    )
    return file


async def test_a_kiosk_that_hangs_or_is_killed_is_back_in_five_seconds(
    terminal_folder: Path,
) -> None:
    relay = await FakeRelay().start()
    file = configure(terminal_folder, relay.url)
    output = terminal_folder / "output"
    manager = Manager(terminal_folder)
    command = [sys.executable, "-m", "kiosk", "--config", str(file), "--headless"]
    await manager.start(UNIT, command, output)
    try:
        await shows_idle(output, 1)
        for count, stroke in enumerate((signal.SIGSTOP, signal.SIGKILL), start=2):
            kiosk = _kiosk_of(file)
            struck = time.monotonic()
            os.kill(kiosk, stroke)
            await shows_idle(output, count)
            assert time.monotonic() - struck < BACK_S + NOISE_S
            assert _kiosk_of(file) != kiosk
    finally:
        await manager.stop()
        await relay.stop()


async def shows_idle(output: Path, count: int) -> None:
    """Wait until the idle screen has been shown so often."""
    async with asyncio.timeout(40):
        while states(output).count("idle") < count:
            await asyncio.sleep(0.05)


def states(output: Path) -> list[str]:
    lines = output.read_text().splitlines() if output.exists() else []
    return [json.loads(line)["state"] for line in lines]


def _kiosk_of(file: Path) -> int:
    """The process id of the only kiosk that was started with ``file``."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # ended meanwhile
        if str(file).encode() in words and b"kiosk" in words:
            found.append(int(folder.name))
    (kiosk,) = found
    return kiosk
