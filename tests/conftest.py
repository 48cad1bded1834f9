"""What tests of several folders share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says something of the machine; claims about time are tests of their own.
settings.register_profile("parloir", deadline=None)
settings.load_profile("parloir")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def screens(tmp_path: Path) -> Path:
    """Where a test puts the pictures that the README shows.

    With ``PARLOIR_SCREENS=1`` it is ``docs/screens``, so that a run renews them on purpose and
    every other run leaves the tree as it was.
    """
    folder = ROOT / "docs" / "screens" if os.environ.get("PARLOIR_SCREENS") == "1" else tmp_path
    folder.mkdir(exist_ok=True)
    return folder
