"""`scripts/run` from outside: how fast it is ready, and that each way to end it ends everything."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import free_port
from tests.e2e.facility import Facility, eventually, facility

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

READY_S = 5.0
NOISE = 2.0
"""A machine that others work on too may take that much longer; the test prints the figures."""
LIVES_S = 20
"""For how long each run is told to live: longer than a start takes on a noisy machine."""


def processes_of(data: Path) -> list[str]:
    """The command lines that name this data folder."""
    found = subprocess.run(["pgrep", "-af", str(data)], capture_output=True, text=True, check=False)
    return found.stdout.splitlines()


def said_ready_after(running: Facility) -> list[float]:
    """Seconds from the script's first line until all was ready, as each run in the folder said."""
    said = (running.data.parent / "run.log").read_text("utf-8")
    return [float(found) for found in re.findall(r"\(ready after (\d+\.\d) s\)", said)]


def ended(running: Facility) -> None:
    """Everything went, by itself, and the ready file with it."""
    assert running.process.wait(20) == 0
    assert not running.ready_file.exists()
    assert processes_of(running.data) == []


def test_from_the_second_run_on_it_is_ready_in_time_and_each_end_ends_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    took: list[float] = []
    for end in (signal.SIGINT, signal.SIGTERM, None):
        with facility(tmp_path, port=port, seconds=LIVES_S) as running:
            took.append(eventually(lambda: said_ready_after(running)[len(took) :])[0])
            seen = running.ready_file.stat().st_mtime - running.began
            assert took[-1] == pytest.approx(seen, abs=0.5)
            assert running.ready_file.stat().st_mode & 0o777 == 0o600
            assert processes_of(running.data)
            if end is None:
                eventually(lambda: running.process.poll() is not None, within_s=LIVES_S + 20)
                assert time.time() - running.began >= LIVES_S
            else:
                running.process.send_signal(end)
            ended(running)
    with capsys.disabled():
        sys.stdout.write(f" ready after {took[1]} s, {took[2]} s; the very first run {took[0]} s ")
    assert min(took[1:]) < READY_S * NOISE, took
