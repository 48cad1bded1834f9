"""``parloir simulate``: a crowd of kiosks at a relay that was away."""

import json
import random

import pytest

from kiosk.client import LONGEST_DELAY_S, delay_before
from operate.__main__ import run


def test_every_kiosk_is_back_after_the_relay_was_killed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = run(["simulate", "reconnect", "--kiosks", "40", "--away", "1", "--json"])
    shown = capsys.readouterr()
    assert status == 0, shown.err
    assert all(line.startswith("simulate: ") for line in shown.err.splitlines())
    found = json.loads(shown.out)
    assert found["back"] == found["kiosks"] == 40
    assert 0 <= found["first_s"] <= found["p50_s"] <= found["p99_s"] <= found["last_s"] < 60
    assert found["attempts"] >= 1, "nobody noticed that it was away"


@pytest.mark.parametrize("arguments", [["--kiosks", "0"], ["--away", "-1"], ["--within", "0"]])
def test_a_crowd_that_cannot_be_is_one_line(parloir, arguments: list[str]) -> None:
    failed = parloir("simulate", "reconnect", *arguments)
    assert failed.status == 2
    assert arguments[0] in failed.err


def test_a_crowd_with_full_jitter_spreads_over_the_longest_delay() -> None:
    chance = random.Random(1).random
    delays = [delay_before(8, chance()) for _ in range(1500)]
    tenths = [0] * 10
    for delay in delays:
        tenths[int(delay / LONGEST_DELAY_S * 10)] += 1
    assert max(tenths) < 1500 / 10 * 1.4
