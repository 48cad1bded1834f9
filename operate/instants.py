"""Times as people type and read them: ``+2h``, ``2026-03-02T19:00``, the facility's wall clock.

Guarantees: a time without an offset means the facility's zone. Leaves to others: whether the
relay takes it.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from operate.errors import InputError

_FROM_NOW: Final = re.compile(r"\+(?:(\d{1,3})d)?(?:(\d{1,3})h)?(?:(\d{1,4})m)?")


def parse_instant(option: str, text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant that ``text`` means: ISO 8601, or ``+`` days, hours, minutes from ``now``.

    Raises:
        InputError: it means none; the line names ``option``.
    """
    after = _FROM_NOW.fullmatch(text)
    if after is not None and any(after.groups()):
        days, hours, minutes = (int(number or 0) for number in after.groups())
        return now + timedelta(days=days, hours=hours, minutes=minutes)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"{option}: {text!r} is no time; write +2h, +30m, +7d or 2026-03-02T19:00"
        ) from error
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=zone)


def facility_zone(me: Mapping[str, Any]) -> ZoneInfo:
    """The facility's time zone, out of what ``GET me`` answers."""
    return ZoneInfo(me["facility"]["timezone"])


def wall(text: str | None, zone: ZoneInfo) -> str:
    """An instant of the relay (ISO 8601) as the facility's clock shows it."""
    return "" if text is None else f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d %H:%M}"
