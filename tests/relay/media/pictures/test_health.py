"""Claims about judging a picture by its brightness."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.media.pictures.health import (
    FROZEN_AFTER_S,
    GAP_S,
    JUDGE_EVERY_S,
    LUMA_SIZE,
    HealthWatch,
    Luma,
    glance,
)
from visit_protocol.vocabulary import PictureHealth

GOOD, DARK = PictureHealth.GOOD, PictureHealth.DARK
COVERED, FROZEN = PictureHealth.COVERED, PictureHealth.FROZEN


def flat(value: int) -> Luma:
    return np.full((LUMA_SIZE[1], LUMA_SIZE[0]), value, np.uint8)


def room(moved: int = 0) -> Luma:
    """A bright room with somebody in the middle of it."""
    luma = flat(150)
    luma[:, :20] = 90
    luma[10:30, 25 + moved : 40 + moved] = 210
    return luma


def watched(pictures: list[Luma], every_s: float = JUDGE_EVERY_S) -> list[PictureHealth]:
    """The changes that are told."""
    watch = HealthWatch()
    judged = [watch.judge(luma, 100.0 + n * every_s) for n, luma in enumerate(pictures)]
    return [health for health in judged if health is not None]


@pytest.mark.parametrize(
    ("luma", "health"),
    [
        (room(), GOOD),
        (flat(0), DARK),
        (flat(16), DARK),
        (flat(60), COVERED),
        (flat(255), COVERED),
        (room() // 8, DARK),
    ],
)
def test_one_picture_is_dark_covered_or_good(luma: Luma, health: PictureHealth) -> None:
    assert glance(luma) is health


def test_a_dark_room_with_a_lamp_in_it_is_not_dark() -> None:
    luma = flat(5)
    luma[:8, :] = 120
    assert glance(luma) is GOOD


def test_a_hand_before_the_lens_for_a_moment_is_told_to_nobody() -> None:
    assert watched([room(1), room(2), flat(60), room(3), room(4)]) == []


def test_a_covered_lens_is_told_once_and_its_mending_once() -> None:
    pictures = [room(1), *[flat(60)] * 6, *[room(n) for n in range(6)]]
    assert watched(pictures) == [COVERED, GOOD]


def test_a_picture_without_movement_is_frozen_after_its_time_and_no_earlier() -> None:
    enough = int(FROZEN_AFTER_S / JUDGE_EVERY_S) + 2
    assert watched([room()] * (enough - 1)) == []
    assert watched([room()] * enough) == [FROZEN]
    assert watched([*[room()] * enough, room(3), room(5)]) == [FROZEN, GOOD]


def test_what_moves_a_little_each_time_is_not_frozen() -> None:
    assert watched([room(n % 5) for n in range(60)]) == []


def test_the_noise_of_encoding_the_same_picture_again_is_no_movement() -> None:
    noise = np.random.default_rng(7)
    pictures = [room() + noise.integers(0, 2, room().shape, np.uint8) for _ in range(20)]
    assert watched(pictures) == [FROZEN]


def test_a_gap_in_the_pictures_starts_the_measure_anew() -> None:
    assert watched([room()] * 20, every_s=GAP_S + 1) == []


@given(st.lists(st.integers(0, 255), min_size=1, max_size=40))
def test_whatever_comes_two_changes_are_never_the_same(values: list[int]) -> None:
    told = watched([flat(value) for value in values])
    assert all(one is not other for one, other in pairwise(told))
