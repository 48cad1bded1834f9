"""How the tests are divided among the processes of ``pytest -n``.

A file stays together, for what it starts once serves all of its tests. Tests that need both cores
are one part, so never two of them run at a time: what they say of time is said of one call. Those
of the pages are another: one browser beside a call is enough for two cores.
"""

from typing import Final

from xdist.scheduler import LoadScopeScheduling

BUSY: Final = (
    "tests/e2e/",
    "tests/firmware_bridge/test_power.py",
    "tests/kiosk/test_power.py",
    "tests/operate/bench/",
    "tests/relay/media/pictures/",
    "tests/relay/media/test_browsers.py",
    "tests/relay/media/test_calls.py",
    "tests/relay/media/test_codecs.py",
    "tests/relay/media/test_floods.py",
    "tests/relay/media/test_monitors.py",
    "tests/relay/media/test_networks.py",
    "tests/relay/media/test_playback.py",
)
"""Tests with calls, browsers beside them or floods."""


class Division(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """The parts: the busy tests, the pages, and each other file."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(BUSY):
            return "busy"
        return "pages" if nodeid.startswith("tests/web/") else str(nodeid.partition("::")[0])
