"""The internals of aiortc and aioice that we stand on are the ones we know."""

import pytest

from relay.media.transport import release
from relay.media.transport.errors import UnknownReleaseError


def test_the_installed_libraries_are_the_ones_whose_internals_we_know() -> None:
    release.check_releases()


def test_another_release_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(release.KNOWN, "aiortc", "1.15.")
    with pytest.raises(UnknownReleaseError, match="aiortc"):
        release.check_releases()


def test_an_internal_that_is_gone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "INTERNALS", ("aiortc.rtcdtlstransport:RTCDtlsTransport._gone",))
    with pytest.raises(UnknownReleaseError, match="_gone"):
        release.check_releases()
