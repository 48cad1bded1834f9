from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.core.model import ExcludeDate, SessionTemplate
from relay.core.schedule import (
    MAX_WINDOW,
    InvalidTemplateError,
    check_template,
    slots,
    slots_at,
)
from visit_protocol.vocabulary import VisitType

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
BERLIN = "Europe/Berlin"
URAL = "Asia/Yekaterinburg"
RUSSIAN_ZONES = {
    "Europe/Kaliningrad": 2,
    "Europe/Moscow": 3,
    "Europe/Samara": 4,
    "Asia/Yekaterinburg": 5,
    "Asia/Omsk": 6,
    "Asia/Krasnoyarsk": 7,
    "Asia/Irkutsk": 8,
    "Asia/Yakutsk": 9,
    "Asia/Vladivostok": 10,
    "Asia/Magadan": 11,
    "Asia/Kamchatka": 12,
}

TEMPLATE = SessionTemplate(
    id="t-1",
    name="Mondays and Wednesdays",
    rrule="FREQ=WEEKLY;BYDAY=MO,WE",
    first_day=date(2026, 1, 5),
    starts_at=time(10),
    slot=QUARTER,
    slots_per_day=3,
    capacity=2,
    visit_types=frozenset({VisitType.FAMILY}),
    valid_from=date(2026, 1, 1),
)


def local(zone, *when):
    return datetime(*when, tzinfo=ZoneInfo(zone))


def walls(found, zone):
    return [one.starts.astimezone(ZoneInfo(zone)).strftime("%d %H:%M") for one in found]


def day_of(zone, year, month, day, template=TEMPLATE, exclude=()):
    start = local(zone, year, month, day)
    return slots([template], exclude, zone, start, local(zone, year, month, day + 1))


def test_a_day_that_the_rule_names_has_its_slots_one_after_another():
    found = day_of(URAL, 2026, 3, 2)
    assert [(one.starts, one.ends) for one in found] == [
        (datetime(2026, 3, 2, 5, 0, tzinfo=UTC), datetime(2026, 3, 2, 5, 15, tzinfo=UTC)),
        (datetime(2026, 3, 2, 5, 15, tzinfo=UTC), datetime(2026, 3, 2, 5, 30, tzinfo=UTC)),
        (datetime(2026, 3, 2, 5, 30, tzinfo=UTC), datetime(2026, 3, 2, 5, 45, tzinfo=UTC)),
    ]
    assert {(one.template, one.capacity, one.visit_types) for one in found} == {
        ("t-1", 2, TEMPLATE.visit_types)
    }


def test_a_day_that_the_rule_does_not_name_has_none():
    assert day_of(URAL, 2026, 3, 3) == ()


@pytest.mark.parametrize(("zone", "offset"), RUSSIAN_ZONES.items())
@pytest.mark.parametrize("month", [1, 3, 7, 10])
def test_ten_in_the_morning_is_ten_on_the_wall_in_every_russian_zone(zone, offset, month):
    template = replace(TEMPLATE, rrule="FREQ=DAILY")
    found = day_of(zone, 2026, month, 5, template)
    ten_at_utc = datetime(2026, month, 5, 10, tzinfo=UTC)
    assert found[0].starts == ten_at_utc - timedelta(hours=offset)
    assert walls(found, zone) == ["05 10:00", "05 10:15", "05 10:30"]


@pytest.mark.parametrize(("month", "utc_hour"), [(1, 9), (7, 8)])
def test_ten_on_the_wall_stays_ten_when_summer_comes(month, utc_hour):
    found = day_of(BERLIN, 2026, month, 5, replace(TEMPLATE, rrule="FREQ=DAILY"))
    assert found[0].starts == datetime(2026, month, 5, utc_hour, tzinfo=UTC)


NIGHTLY = replace(
    TEMPLATE,
    rrule="FREQ=DAILY",
    starts_at=time(1),
    slot=timedelta(minutes=30),
    slots_per_day=6,
)


def test_slots_in_the_hour_that_the_clock_skips_are_not_offered():
    found = day_of(BERLIN, 2026, 3, 29, NIGHTLY)
    assert walls(found, BERLIN) == ["29 01:00", "29 01:30", "29 03:00", "29 03:30"]
    assert found[2].starts == found[1].ends


def test_slots_in_the_hour_that_comes_twice_are_offered_once_the_first_time():
    found = day_of(BERLIN, 2026, 10, 25, NIGHTLY)
    assert walls(found, BERLIN) == [
        "25 01:00", "25 01:30", "25 02:00", "25 02:30", "25 03:00", "25 03:30",
    ]  # fmt: skip
    assert found[2].starts == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert found[4].starts - found[3].ends == timedelta(hours=1)


def test_a_slot_across_the_skipped_hour_keeps_its_length_and_the_next_one_waits_for_it():
    long = replace(NIGHTLY, slot=timedelta(minutes=100), slots_per_day=3)
    found = day_of(BERLIN, 2026, 3, 29, long)
    assert walls(found, BERLIN) == ["29 01:00", "29 04:20"]
    assert found[0].ends - found[0].starts == long.slot


def test_a_zone_whose_clock_skips_a_whole_day_offers_nothing_on_it():
    zone = "Pacific/Apia"
    daily = replace(
        TEMPLATE, rrule="FREQ=DAILY", first_day=date(2011, 12, 1), valid_from=date(2011, 12, 1)
    )
    start = datetime(2011, 12, 29, 10, tzinfo=UTC)
    found = slots([daily], (), zone, start, start + 2 * DAY)
    assert {wall[:2] for wall in walls(found, zone)} == {"29", "31"}


def test_an_excluded_day_is_excluded_for_one_template_or_for_all():
    other = replace(TEMPLATE, id="t-2")
    monday = date(2026, 3, 2)

    def templates_offering(*exclude):
        start = local(URAL, 2026, 3, 2)
        return {one.template for one in slots([TEMPLATE, other], exclude, URAL, start, start + DAY)}

    assert templates_offering() == {"t-1", "t-2"}
    assert templates_offering(ExcludeDate(monday, "t-1")) == {"t-2"}
    assert templates_offering(ExcludeDate(monday)) == set()
    assert templates_offering(ExcludeDate(date(2026, 3, 4))) == {"t-1", "t-2"}


def test_a_slot_after_midnight_belongs_to_the_day_it_starts_on():
    late = replace(TEMPLATE, rrule="FREQ=DAILY", starts_at=time(23, 45))
    found = slots(
        [late],
        [ExcludeDate(date(2026, 3, 3))],
        URAL,
        local(URAL, 2026, 3, 2),
        local(URAL, 2026, 3, 5),
    )
    assert walls(found, URAL) == [
        "02 00:00", "02 00:15", "02 23:45", "04 00:00", "04 00:15", "04 23:45",
    ]  # fmt: skip


def test_validity_counts_local_days_and_includes_the_last():
    template = replace(
        TEMPLATE,
        rrule="FREQ=DAILY",
        slots_per_day=1,
        valid_from=date(2026, 3, 2),
        valid_to=date(2026, 3, 3),
    )
    found = slots([template], (), URAL, local(URAL, 2026, 3, 1), local(URAL, 2026, 3, 9))
    assert walls(found, URAL) == ["02 10:00", "03 10:00"]


def test_slots_of_several_templates_are_sorted_together():
    early = replace(TEMPLATE, id="t-0", starts_at=time(9), slots_per_day=9)
    found = slots([TEMPLATE, early], (), URAL, local(URAL, 2026, 3, 1), local(URAL, 2026, 3, 8))
    keys = [(one.starts, one.ends, one.template) for one in found]
    assert keys == sorted(keys)
    assert len(keys) == 2 * (3 + 9)


def test_the_slot_running_at_an_instant_is_found_up_to_its_last_moment():
    starts = local(URAL, 2026, 3, 2, 10)

    def running(at):
        return [one.starts for one in slots_at([TEMPLATE], (), URAL, at)]

    assert running(starts - timedelta.resolution) == []
    assert running(starts) == [starts]
    assert running(starts + QUARTER - timedelta.resolution) == [starts]
    assert running(starts + QUARTER) == [starts + QUARTER]
    assert running(starts + 3 * QUARTER) == []


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=WEEKLY", ["05", "12", "19", "26"]),
        ("FREQ=WEEKLY;INTERVAL=2", ["05", "19"]),
        ("FREQ=WEEKLY;COUNT=2", ["05", "12"]),
        ("FREQ=WEEKLY;UNTIL=20260119", ["05", "12", "19"]),
        ("FREQ=MONTHLY;BYDAY=2SA,-1SU", ["10", "25"]),
        ("FREQ=DAILY;INTERVAL=10", ["05", "15", "25"]),
        ("FREQ=DAILY;BYDAY=FR", ["09", "16", "23", "30"]),
    ],
)
def test_the_rules_that_a_timetable_needs_mean_what_rfc_5545_says(rule, days):
    template = replace(TEMPLATE, rrule=rule, slots_per_day=1)
    found = slots([template], (), URAL, local(URAL, 2026, 1, 1), local(URAL, 2026, 2, 1))
    assert [wall[:2] for wall in walls(found, URAL)] == days


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "WEEKLY",
        "FREQ=",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=HOURLY",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=99999999",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=99999999999999999999",
        "FREQ=DAILY;COUNT=3;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20270101T000000Z",
        "FREQ=DAILY;UNTIL=99999999",
        "FREQ=DAILY;BYHOUR=10",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=MONTHLY;BYDAY=5SA",
        "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ=WEEKLY;WKST=MO;",
        "freq=weekly",
        "RRULE:FREQ=WEEKLY",
        "FREQ=WEEKLY\nEXDATE:20260105T000000",
        "BYDAY=MO",
    ],
)
def test_a_rule_that_is_broken_or_costs_without_bound_is_refused_by_template(rule):
    with pytest.raises(InvalidTemplateError) as refused:
        check_template(replace(TEMPLATE, rrule=rule))
    assert (refused.value.template, refused.value.field) == ("t-1", "rrule")
    with pytest.raises(InvalidTemplateError):
        slots_at([replace(TEMPLATE, rrule=rule)], (), URAL, local(URAL, 2026, 3, 2))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slot": timedelta(0)}, "slot"),
        ({"slot": timedelta(minutes=-15)}, "slot"),
        ({"slots_per_day": 0}, "slots_per_day"),
        ({"slots_per_day": 97}, "slots_per_day"),
        ({"capacity": 0}, "capacity"),
        ({"starts_at": time(10, tzinfo=UTC)}, "starts_at"),
        ({"first_day": date(1970, 1, 1)}, "first_day"),
        ({"valid_to": date(2025, 12, 31)}, "valid_to"),
    ],
)
def test_numbers_that_make_no_timetable_are_refused_by_field(changes, field):
    with pytest.raises(InvalidTemplateError) as refused:
        check_template(replace(TEMPLATE, **changes))
    assert refused.value.field == field


def test_a_window_needs_offsets_and_an_end_in_sight():
    start = local(URAL, 2026, 3, 2)
    naive = datetime(2026, 3, 2)  # noqa: DTZ001  the point
    for first, last in [
        (naive, start),
        (start, naive),
        (start, start + MAX_WINDOW + DAY),
        (datetime.max.replace(tzinfo=UTC) - DAY, datetime.max.replace(tzinfo=UTC)),
        (datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC) + DAY),
    ]:
        with pytest.raises(ValueError, match="a window"):
            slots([TEMPLATE], (), URAL, first, last)
    assert slots([TEMPLATE], (), URAL, start, start - DAY) == ()


def test_a_zone_that_does_not_exist_is_an_error():
    start = datetime(2026, 3, 2, tzinfo=UTC)
    with pytest.raises(ZoneInfoNotFoundError):
        slots([TEMPLATE], (), "Asia/Nowhere", start, start + DAY)


zones = st.sampled_from([*RUSSIAN_ZONES, BERLIN, "Australia/Lord_Howe", "America/St_Johns"])
templates = st.builds(
    replace,
    st.just(TEMPLATE),
    rrule=st.sampled_from(
        [
            "FREQ=DAILY",
            "FREQ=WEEKLY;BYDAY=SA,SU",
            "FREQ=MONTHLY;BYDAY=-1SU",
            "FREQ=DAILY;INTERVAL=3",
        ]
    ),
    starts_at=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    slot=st.integers(5, 240).map(lambda minutes: timedelta(minutes=minutes)),
    slots_per_day=st.integers(1, 6),
)
instants = st.datetimes(
    datetime(2026, 1, 10),  # noqa: DTZ001  hypothesis wants naive bounds
    datetime(2027, 1, 10),  # noqa: DTZ001  hypothesis wants naive bounds
    timezones=st.just(UTC),
)
spans = st.integers(0, 80).map(lambda hours: timedelta(hours=hours))


@given(templates, zones, instants, spans, spans)
def test_two_windows_side_by_side_are_one_window(template, zone, start, first, second):
    middle, end = start + first, start + first + second
    halves = slots([template], (), zone, start, middle) + slots([template], (), zone, middle, end)
    assert halves == slots([template], (), zone, start, end)


@given(templates, zones, instants)
def test_slots_never_overlap_and_last_their_full_length(template, zone, start):
    found = slots([template], (), zone, start, start + 4 * DAY)
    assert all(one.ends - one.starts == template.slot for one in found)
    assert all(one.ends <= following.starts for one, following in pairwise(found))


@given(templates, zones, instants)
def test_every_slot_shows_a_wall_time_of_its_template(template, zone, start):
    offered = {
        (datetime.combine(date(2026, 1, 1), template.starts_at) + number * template.slot).time()
        for number in range(template.slots_per_day)
    }
    for slot in slots([template], (), zone, start, start + 4 * DAY):
        assert slot.starts.astimezone(ZoneInfo(zone)).time() in offered


@given(templates, zones, instants)
def test_an_instant_is_inside_every_slot_that_is_found_for_it(template, zone, at):
    found = slots_at([template], (), zone, at)
    assert all(one.starts <= at < one.ends for one in found)
    around = slots([template], (), zone, at - DAY, at + DAY)
    assert found == tuple(one for one in around if one.starts <= at < one.ends)
