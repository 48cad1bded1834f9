"""What tests of several folders share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says something of the machine; claims about time are tests of their own.
settings.register_profile("parloir", deadline=None)
settings.load_profile("parloir")

ROOT = Path(__file__).resolve().parents[1]

BUSY = (
    "e2e/",
    "operate/bench/",
    "relay/media/pictures/",
    "relay/media/test_browsers.py",
    "relay/media/test_calls.py",
    "relay/media/test_codecs.py",
    "relay/media/test_floods.py",
    "relay/media/test_monitors.py",
    "relay/media/test_networks.py",
    "relay/media/test_playback.py",
)
"""Tests with calls, browsers beside them or floods: they need both cores."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Divide the tests among the processes of ``--dist loadgroup``.

    A file stays together, for what it starts once serves all of its tests; and tests that need
    both cores are never two at a time, so that what they say of time is said of one call.
    """
    for item in items:
        file = item.path.relative_to(ROOT / "tests").as_posix()
        busy = file.startswith(BUSY)
        item.add_marker(pytest.mark.xdist_group("busy" if busy else file))


@pytest.fixture
def screens(tmp_path: Path) -> Path:
    """Where a test puts the pictures that the README shows.

    With ``PARLOIR_SCREENS=1`` it is ``docs/screens``, so that a run renews them on purpose and
    every other run leaves the tree as it was.
    """
    folder = ROOT / "docs" / "screens" if os.environ.get("PARLOIR_SCREENS") == "1" else tmp_path
    folder.mkdir(exist_ok=True)
    return folder
