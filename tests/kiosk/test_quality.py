"""Claims about the ladder of picture quality, in the kiosk and, word for word, in the browser."""

import json
import subprocess
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.engine import quality
from kiosk.engine.quality import RUNGS, Ladder, PictureWatch, Sample, divisor

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "tests/vectors/quality.json").read_text("utf-8"))
NAMES = [rung.name for rung in RUNGS]
Step = tuple[float, float | None, float | None]

AVAILABLE = st.none() | st.integers(0, 1_500_000)
LOSS = st.none() | st.floats(0, 1)
STRETCHES = st.lists(
    st.tuples(st.floats(0.3, 2.5), st.integers(1, 40), AVAILABLE, LOSS), max_size=12
)


def spread(stretches: list[tuple[float, int, float | None, float | None]]) -> list[Step]:
    at, samples = 0.0, []
    for pause, count, available, loss in stretches:
        for _ in range(count):
            at += pause
            samples.append((at, available, loss))
    return samples


def climb(samples: list[Step]) -> list[str]:
    ladder = Ladder()
    return [ladder.take(Sample(*sample)).name for sample in samples]


def watch(samples: list[tuple[float, int, int]]) -> list[bool]:
    one = PictureWatch()
    return [one.take(*sample) for sample in samples]


def in_the_browser(**scenarios: Any) -> Any:
    done = subprocess.run(
        ["node", ROOT / "tests/web/climb.mjs"],
        input=json.dumps({"ladders": [], "watches": [], **scenarios}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["claim"])
def test_the_ladder_stands_where_the_vectors_say(vector: Any) -> None:
    samples = spread([(1, *stretch) for stretch in vector["stretches"]])
    expected = [name for name, seconds in vector["rungs"] for _ in range(seconds)]
    assert climb(samples) == expected
    assert in_the_browser(ladders=[samples])["climbed"] == [expected]


def test_every_number_is_the_same_in_the_browser() -> None:
    browser = in_the_browser()
    assert browser["rungs"] == [
        {name: getattr(rung, name) for name in ("name", "side", "bitrate", "floor")}
        for rung in RUNGS
    ]
    assert browser["numbers"]
    assert browser["numbers"] == {name: getattr(quality, name) for name in browser["numbers"]}
    sizes = [(640, 360), (360, 640), (1280, 720), (320, 180), (160, 120)]
    assert browser["divided"] == [[divisor(rung, *size) for rung in RUNGS[:2]] for size in sizes]


@settings(max_examples=5)
@given(st.data())
def test_kiosk_and_browser_climb_alike(data: st.DataObject) -> None:
    ladders = [spread(s) for s in data.draw(st.lists(STRETCHES, min_size=60, max_size=60))]
    counts = st.tuples(st.floats(0.3, 2), st.integers(0, 2), st.integers(0, 2))
    watches = []
    for steps in data.draw(st.lists(st.lists(counts, max_size=20), min_size=20, max_size=20)):
        at, pictures, sounds, samples = 0.0, 0, 0, []
        for pause, more_pictures, more_sounds in steps:
            at, pictures, sounds = at + pause, pictures + more_pictures, sounds + more_sounds
            samples.append((at, pictures, sounds))
        watches.append(samples)
    browser = in_the_browser(ladders=ladders, watches=watches)
    assert browser["climbed"] == [climb(samples) for samples in ladders]
    assert browser["watched"] == [watch(samples) for samples in watches]


@given(STRETCHES)
def test_it_never_climbs_two_rungs_at_once_nor_twice_within_the_patience(
    stretches: list[tuple[float, int, float | None, float | None]],
) -> None:
    samples = spread(stretches)
    rungs = [NAMES.index(name) for name in climb(samples)]
    changes = [
        (samples[i + 1][0], before, after)
        for i, (before, after) in enumerate(pairwise(rungs))
        if before != after
    ]
    assert all(after >= before - 1 for _, before, after in changes)
    for (earlier, _, _), (later, before, after) in pairwise(changes):
        least = quality.PATIENCE_S if after < before else quality.DOWN_AFTER_S
        assert later - earlier >= least


@pytest.mark.parametrize(
    ("start", "available", "loss"),
    list(
        product(
            range(3),
            (0, 80_000, 95_000, 240_000, 260_000, 900_000),
            (None, 0.0, 0.05, 0.11, 1.0),
        )
    ),
)
def test_from_every_rung_a_steady_network_is_followed_within_three_seconds_a_rung(
    start: int, available: int, loss: float | None
) -> None:
    enough_for = [900_000.0, 150_000.0, 10_000.0][start]
    ladder = Ladder()
    for at in range(4):
        ladder.take(Sample(at, enough_for, 0.0))
    assert ladder.rung is RUNGS[start]
    for at in range(4, 10):
        ladder.take(Sample(at, available, loss))
    carried = available >= ladder.rung.floor and (loss or 0) <= quality.LARGEST_LOSS
    assert carried or ladder.rung.bitrate == 0


def test_sound_without_a_picture_probes_ever_more_rarely() -> None:
    rungs = climb([(float(at), 60_000.0, 0.0) for at in range(1500)])
    climbs = [
        at for at, (before, after) in enumerate(pairwise(rungs)) if before == "AUDIO" != after
    ]
    waits = [later - earlier for earlier, later in pairwise(climbs)]
    assert waits == sorted(waits)
    assert waits[-1] > quality.LONGEST_PATIENCE_S
    assert rungs.count("AUDIO") > 0.95 * len(rungs)


def test_a_climb_that_held_makes_the_next_one_quick_again() -> None:
    poor, good = (60_000.0, 0.0), (400_000.0, 0.0)
    seconds = [poor] * 60 + [good] * 60 + [(150_000.0, 0.0)] * 3 + [good] * 12
    rungs = climb([(float(at), *one) for at, one in enumerate(seconds)])
    assert rungs[119] == "FULL"
    assert rungs[123] == "SMALL"
    assert rungs[-1] == "FULL"


def test_a_picture_that_stands_still_is_paused_only_while_there_is_sound() -> None:
    flowing = [(float(at), 10 * at, 50 * at) for at in range(1, 5)]
    assert not any(watch(flowing))
    stopped = [*flowing, *((float(at), 40, 50 * at) for at in range(5, 10))]
    assert watch(stopped)[4:] == [False, False, True, True, True]
    silent = [*flowing, *((float(at), 40, 200) for at in range(5, 30))]
    assert not any(watch(silent))
    assert watch([*stopped, (10.0, 41, 600)])[-1] is False


def test_picture_and_sound_that_were_both_held_come_back_without_a_word() -> None:
    held = [(1.0, 10, 50), (2.0, 20, 100), *((float(at), 20, 100) for at in range(3, 30))]
    assert not any(watch([*held, (30.0, 20, 150), (31.0, 30, 200)]))


def test_a_picture_that_never_came_is_not_paused() -> None:
    assert not any(watch([(float(at), 0, 50 * at) for at in range(20)]))
