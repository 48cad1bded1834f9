"""A terminal whose own clock is wrong by a year."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk import call_events as ev
from kiosk import clock as module
from kiosk.clock import FacilityClock
from kiosk.situation import Screen, StaffCall
from tests.kiosk.test_call import BOOTH, NOW, machine_on

YEAR = timedelta(days=365)


@pytest.mark.parametrize("wrong", [-YEAR, YEAR])
def test_a_clock_wrong_by_a_year_is_right_from_the_relays_first_word(
    monkeypatch: pytest.MonkeyPatch, wrong: timedelta
) -> None:
    class Wrong(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + wrong

    monkeypatch.setattr(module, "datetime", Wrong)
    clock = FacilityClock()
    assert abs(clock.now() - datetime.now(UTC) - wrong) < timedelta(seconds=1)
    clock.hear(NOW)
    assert timedelta() <= clock.now() - NOW < timedelta(seconds=1)
    # What the system's clock says from now on moves nothing.
    monkeypatch.setattr(module, "datetime", None)
    assert timedelta() <= clock.now() - NOW < timedelta(seconds=1)


@pytest.mark.parametrize("wrong", [-YEAR, YEAR])
def test_panic_under_a_wrong_clock_is_shown_as_long_as_any_other(wrong: timedelta) -> None:
    machine = machine_on(Screen.RELAY_LOST)
    machine.handle(ev.PanicPressed(), NOW + wrong)
    machine.handle(ev.RelayWelcomed(BOOTH), NOW)
    machine.handle(ev.PanicHeard(), NOW)
    assert machine.next_deadline() == NOW + timedelta(seconds=120)
    assert machine.situation.panic is StaffCall.CONFIRMED
