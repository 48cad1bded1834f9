"""`FacilityClock`: the relay's time on a machine whose own clock may be wrong.

Guarantees: `now` is an aware UTC instant that runs with CLOCK_MONOTONIC between the relay's words,
so a jump of the system clock moves nothing on the screens.
Leaves to others: the facility's zone (`kiosk.ui`).
"""

import time
from datetime import UTC, datetime, timedelta


class FacilityClock:
    """The facility's time; the system's until the relay was first heard."""

    def __init__(self) -> None:
        self._instant = datetime.now(UTC)
        self._heard_at = time.monotonic()

    def hear(self, now: datetime) -> None:
        """The relay has just said that it is ``now``."""
        self._instant = now
        self._heard_at = time.monotonic()

    def now(self) -> datetime:
        """The facility's present instant in UTC."""
        return self._instant + timedelta(seconds=time.monotonic() - self._heard_at)
