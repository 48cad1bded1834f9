"""``parloir bench orders|cut`` for real: a relay, its worker, packets on loopback."""

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("operate.bench.load._pump", reason="no C compiler, so no load generator")

needs_two_cores = pytest.mark.skipif(
    len(os.sched_getaffinity(0)) < 2, reason="a measurement needs two cores"
)


def bench(tmp_path, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "operate", "bench", *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        check=False,
    )


@needs_two_cores
def test_every_figure_is_measured_and_nothing_is_left_behind(tmp_path):
    done = bench(tmp_path, "orders", "--live", "2", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    costs = ["verify_ms", "decide_ms_100_orders", "impact_ms_20000_visits"]
    assert list(found) == [*costs, "cut_ms"]
    assert all(found[name] > 0 for name in costs)
    assert list(found["cut_ms"]) == ["live", "p50", "p99"]
    assert found["cut_ms"]["live"] == 2
    assert 0 <= found["cut_ms"]["p50"] <= found["cut_ms"]["p99"] < 250
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("numbers", ["", "x", "0", "1,201"])
def test_numbers_of_calls_that_make_no_sense_are_refused(tmp_path, numbers):
    done = bench(tmp_path, "cut", "--live", numbers)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
