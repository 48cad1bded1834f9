"""What tests of several folders share."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.division import Division

# How long an example takes says something of the machine; claims about time are tests of their own.
settings.register_profile("parloir", deadline=None)
settings.load_profile("parloir")

ROOT = Path(__file__).resolve().parents[1]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Division:
    """Divide the tests as `tests.division` says."""
    return Division(config, log)


@pytest.fixture
def screens(tmp_path: Path) -> Path:
    """Where a test puts the pictures that the README shows.

    With ``PARLOIR_SCREENS=1`` it is ``docs/screens``, so that a run renews them on purpose and
    every other run leaves the tree as it was.
    """
    folder = ROOT / "docs" / "screens" if os.environ.get("PARLOIR_SCREENS") == "1" else tmp_path
    folder.mkdir(exist_ok=True)
    return folder
