"""The timetable: which slots the facility offers, as instants.

Guarantees: slots come sorted, those of one template never overlap, each lasts exactly its
template's length of real time, and expanding costs a bounded amount of work whatever a
template says. Leaves to others: how many places of a slot are taken, and who may have one
(`policy`).

A template speaks of the clock on the facility's wall. Its rule is expanded in naive local
time; then each slot's wall time becomes an instant:

* a wall time that does not exist (clocks go forward over it) offers no slot that day;
* a wall time that exists twice (clocks go back) means its first occurrence; the repeated hour
  offers nothing of its own;
* a slot that would begin before the previous one of its template has ended, which only a
  clock change inside it can cause, is not offered.

A slot belongs to the local day on which it starts: that day must lie inside the template's
validity and be no `ExcludeDate`, also when the slot follows one that started before midnight.

Of RFC 5545's RRULE a template may use what a timetable needs and nothing that could search
for a day that never comes: ``FREQ`` DAILY, WEEKLY or MONTHLY; ``INTERVAL``, ``COUNT``,
``UNTIL``, ``WKST``; ``BYDAY``, with DAILY only when the interval is 1, with MONTHLY also the
first to fourth or last (``2SA``, ``-1SU``). Hours and minutes are the template's own.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from relay.core.model import ExcludeDate, SessionTemplate, Slot, TemplateId

MAX_WINDOW: Final = timedelta(days=366)
FIRST_YEAR: Final = 2000
"""No rule starts earlier, so that no expansion walks through centuries."""
LAST_YEAR: Final = 2199

_DAY: Final = timedelta(days=1)
_LOOKBACK: Final = 3 * _DAY
"""A day's slots span at most one day and clocks move by less, so that three see them all."""

_WEEKDAY: Final = "(MO|TU|WE|TH|FR|SA|SU)"
_NTH_WEEKDAY: Final = f"([+-]?[1-4])?{_WEEKDAY}"
_PARTS: Final = {
    "FREQ": ("DAILY|WEEKLY|MONTHLY", "DAILY, WEEKLY or MONTHLY"),
    "INTERVAL": ("[1-9]|[1-4][0-9]|5[0-2]", "1 to 52"),
    "COUNT": ("[1-9][0-9]{0,3}", "1 to 9999"),
    "UNTIL": ("[0-9]{8}", "a local day such as 20261231"),
    "WKST": (_WEEKDAY, "a weekday such as MO"),
    "BYDAY": (f"{_NTH_WEEKDAY}(,{_NTH_WEEKDAY})*", "weekdays such as MO,WE"),
}
"""Part of a rule → what it may be, as a pattern and for people."""


class InvalidTemplateError(Exception):
    """A template that is no timetable; names template and field."""

    code = "INVALID_TEMPLATE"

    def __init__(self, template: TemplateId, field: str, message: str) -> None:
        super().__init__(f"{template}: {field}: {message}")
        self.template = template
        self.field = field
        self.message = message


def slots(
    templates: Iterable[SessionTemplate],
    exclude_dates: Iterable[ExcludeDate],
    timezone: str,
    start: datetime,
    end: datetime,
) -> tuple[Slot, ...]:
    """Every slot that starts in ``[start, end)``, by start, end and template.

    Raises:
        InvalidTemplateError: a template breaks a rule of `check_template`.
        ValueError: ``start`` or ``end`` has no offset, they lie more than `MAX_WINDOW` apart or
            outside the years that can be expanded.
        zoneinfo.ZoneInfoNotFoundError: ``timezone`` is no IANA name.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("a window needs instants with an offset")
    if end - start > MAX_WINDOW:
        raise ValueError(f"a window of more than {MAX_WINDOW.days} days")
    if not (FIRST_YEAR <= start.year <= LAST_YEAR and FIRST_YEAR <= end.year <= LAST_YEAR):
        raise ValueError(f"a window outside the years {FIRST_YEAR} to {LAST_YEAR}")
    zone = ZoneInfo(timezone)
    excluded = frozenset((one.template, one.day) for one in exclude_dates)
    found = [
        slot
        for template in templates
        for slot in _expand(template, excluded, zone, start, end)
        if start <= slot.starts < end
    ]
    return tuple(sorted(found, key=lambda one: (one.starts, one.ends, one.template)))


def slots_at(
    templates: Iterable[SessionTemplate],
    exclude_dates: Iterable[ExcludeDate],
    timezone: str,
    at: datetime,
) -> tuple[Slot, ...]:
    """Every slot that is running at the instant ``at``: ``starts <= at < ends``.

    Raises:
        As `slots`.
    """
    recent = slots(templates, exclude_dates, timezone, at - _DAY, at + timedelta.resolution)
    return tuple(one for one in recent if at < one.ends)


def check_template(template: SessionTemplate) -> None:
    """Make sure that ``template`` can be expanded, and cheaply.

    Raises:
        InvalidTemplateError: its rule is not RFC 5545, uses a part that a timetable does not
            need (see the module's docstring), or its numbers make no timetable.
    """
    _rule(template)


def _expand(
    template: SessionTemplate,
    excluded: frozenset[tuple[TemplateId | None, date]],
    zone: ZoneInfo,
    start: datetime,
    end: datetime,
) -> Iterator[Slot]:
    """The template's slots of a window that surely contains ``[start, end)``."""
    first = _local_day(start, zone) - _LOOKBACK
    last = _local_day(end, zone) + _DAY
    free_from = datetime.min.replace(tzinfo=UTC)
    for midnight in _rule(template).between(first, last, inc=True):
        for number in range(template.slots_per_day):
            wall = datetime.combine(midnight, template.starts_at) + number * template.slot
            starts = _instant(wall, zone)
            if (
                starts is None
                or starts < free_from
                or not _is_valid_on(template, wall.date())
                or not excluded.isdisjoint({(None, wall.date()), (template.id, wall.date())})
            ):
                continue
            free_from = starts + template.slot
            yield Slot(
                template=template.id,
                starts=starts,
                ends=free_from,
                capacity=template.capacity,
                visit_types=template.visit_types,
                housing_units=template.housing_units,
            )


def _local_day(instant: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(instant.astimezone(zone).date(), time())


def _instant(wall: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant at which the clock on the wall shows ``wall``, or None if it never does."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    shown = instant.astimezone(zone).replace(tzinfo=None)
    return instant if shown == wall else None


def _is_valid_on(template: SessionTemplate, day: date) -> bool:
    return template.valid_from <= day and (template.valid_to is None or day <= template.valid_to)


def _rule(template: SessionTemplate) -> rrule:
    """The days that the template names, each as its local midnight."""
    _check_numbers(template)
    _check_parts(template)
    try:
        rule = rrulestr(template.rrule, dtstart=datetime.combine(template.first_day, time()))
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise InvalidTemplateError(template.id, "rrule", "is not an RFC 5545 rule") from error
    if not isinstance(rule, rrule):
        raise InvalidTemplateError(template.id, "rrule", "is not one single rule")
    return rule


def _check_numbers(template: SessionTemplate) -> None:
    def refuse(field: str, message: str) -> InvalidTemplateError:
        return InvalidTemplateError(template.id, field, message)

    if template.slot < timedelta(minutes=1):
        raise refuse("slot", "is shorter than a minute")
    if template.slots_per_day < 1:
        raise refuse("slots_per_day", "is less than 1")
    if template.slots_per_day * template.slot > _DAY:
        raise refuse("slots_per_day", "fills more than a day")
    if template.capacity < 1:
        raise refuse("capacity", "is less than 1")
    if template.starts_at.tzinfo is not None:
        raise refuse("starts_at", "has a time zone; it is the clock on the facility's wall")
    if template.first_day.year < FIRST_YEAR:
        raise refuse("first_day", f"is before {FIRST_YEAR}")
    if template.valid_to is not None and template.valid_to < template.valid_from:
        raise refuse("valid_to", "is before valid_from")


def _check_parts(template: SessionTemplate) -> None:
    def refuse(message: str) -> InvalidTemplateError:
        return InvalidTemplateError(template.id, "rrule", message)

    parts: dict[str, str] = {}
    for text in template.rrule.split(";"):
        name, _, value = text.partition("=")
        if name not in _PARTS or name in parts:
            raise refuse(f"may use each of {', '.join(_PARTS)} once, and nothing else")
        pattern, meaning = _PARTS[name]
        if re.fullmatch(pattern, value) is None:
            raise refuse(f"needs {name} to be {meaning}")
        parts[name] = value
    frequency, by_day = parts.get("FREQ"), parts.get("BYDAY", "")
    if frequency is None:
        raise refuse("needs FREQ")
    if parts.keys() >= {"COUNT", "UNTIL"}:
        raise refuse("may have COUNT or UNTIL, not both")
    if frequency != "MONTHLY" and any(sign.isdecimal() for sign in by_day):
        raise refuse("may count weekdays (2SA) only with FREQ=MONTHLY")
    if frequency == "DAILY" and by_day and parts.get("INTERVAL", "1") != "1":
        raise refuse("may use BYDAY with FREQ=DAILY only when the interval is 1")
