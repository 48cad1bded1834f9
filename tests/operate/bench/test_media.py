"""``parloir bench media`` for real: a generator, workers, packets on loopback."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("operate.bench.load._pump", reason="no C compiler, so no load generator")

COMMAND = [sys.executable, "-m", "operate", "bench", "media"]
needs_two_cores = pytest.mark.skipif(
    len(os.sched_getaffinity(0)) < 2, reason="a measurement needs two cores"
)


def bench(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        check=False,
    )


@needs_two_cores
def test_two_visits_are_carried_without_loss_by_both_loops(tmp_path):
    done = bench(
        tmp_path,
        *("--visits", "2", "--seconds", "3", "--rounds", "1", "--against", "python", "--json"),
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    for system in ("ours", "python"):
        figures = printed[system]
        assert figures["packets_lost"] == 0
        assert figures["cpu_ms_per_visit_s"] > 0
        assert 0 < figures["added_ms_p50"] <= figures["added_ms_p99"]
        assert figures["cut_ms_p99"] is not None
        assert figures["rss_mb_per_visit"] > 0
    assert printed["ratio"]["python"] > 0
    assert printed["janus"] is None
    assert list(tmp_path.iterdir()) == []


@needs_two_cores
@pytest.mark.skipif(shutil.which("janus") is None, reason="janus is not installed")
def test_janus_carries_the_same_visits(tmp_path):
    done = bench(
        tmp_path,
        *("--visits", "1", "--seconds", "2", "--rounds", "1", "--against", "janus", "--json"),
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["janus"]["packets_lost"] == 0
    assert printed["ratio"]["janus"] > 0


@needs_two_cores
def test_stopped_by_hand_it_leaves_no_process_and_no_file(tmp_path):
    with subprocess.Popen(
        # Whoever runs the tests in the background has it ignored.
        ["env", "--default-signal=INT", *COMMAND, "--visits", "2", "--seconds", "60"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        start_new_session=True,
    ) as running:
        children: set[int] = set()
        deadline = time.monotonic() + 40
        while len(children) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
            children = _children(running.pid)
        assert len(children) >= 2  # the generator and the worker
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=30)
    assert running.returncode == 130
    assert out == ""
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_rival_is_one_line(tmp_path):
    done = bench(tmp_path, "--against", "jitsi")
    assert done.returncode == 1
    assert done.stderr == "parloir: --against: 'jitsi' is none of janus, naive, python\n"


def test_without_the_compiled_generator_it_says_how_to_get_it(tmp_path, monkeypatch):
    hide = "import sys; sys.modules['operate.bench.load._pump'] = None; "
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            hide + "from operate.__main__ import main; main()",
            "bench",
            "media",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "apt-get install gcc" in done.stderr


def _children(pid: int) -> set[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                found.add(int(entry.name))
    return found
