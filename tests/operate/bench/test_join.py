"""``parloir bench join`` for real: a facility, a kiosk, a browser."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(240),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium"),
    pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores"),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose sockets have names that are short enough (108 bytes, unix(7))."""
    with tempfile.TemporaryDirectory(prefix="join-") as name:
        yield Path(name)


def test_a_visitor_who_joins_twice_sees_the_inmate_twice(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "operate", "bench", "join", "--joins", "2", "--json"],
        capture_output=True,
        text=True,
        timeout=200,
        env={**os.environ, "TMPDIR": str(folder)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["joins"] == 2
    assert 0 < printed["first_frame_ms_p50"] <= printed["first_frame_ms_p95"]
    # Chromium may leave a folder of its own there; of ours nothing is left.
    assert not [path for path in folder.iterdir() if "chromium" not in path.name]
