"""The transparency report: what suspension cost and spared in a period, in numbers for everybody.

Guarantees: a count from 1 to 4 is never told, and cannot be computed from what is; the same records
give the same report. Leaves to others: what must not be told (`untold`), gathering the records, the
words and the files (`operate`), and the signature.

Two reports over periods that overlap
could be subtracted from each other; publish whole months that follow one another.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from suspension.appeal import AppealOutcome
from suspension.order import ReasonCode
from suspension.scope import NARROWEST_FIRST
from suspension.untold import SMALLEST_TOLD, is_small, withheld_rows, withheld_tables

R = TypeVar("R")

_LENGTHS: Final = (
    ("UP_TO_1_H", timedelta(hours=1)),
    ("UP_TO_8_H", timedelta(hours=8)),
    ("UP_TO_24_H", timedelta(hours=24)),
    ("UP_TO_72_H", timedelta(hours=72)),
    ("UP_TO_7_D", timedelta(days=7)),
    ("UP_TO_30_D", timedelta(days=30)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """What the report needs to know of one order that began in the period."""

    breadth: str
    """Its scope's narrowest dimension."""
    reason: ReasonCode
    begins: datetime
    ends: datetime
    """When it ended or will end: by lift or by expiry."""
    renewal: bool
    emergency: bool
    protected: bool
    review_late: bool | None
    """None when no review is due yet."""
    narrower_offered: bool
    narrower_declined: bool
    """A cheaper order was offered and the wider one was given."""
    lifted: bool


@dataclass(frozen=True, slots=True)
class AppealRecord:
    """What the report needs to know of one appeal that was filed in the period."""

    outcome: AppealOutcome | None
    late: bool


@dataclass(frozen=True, slots=True)
class VisitsRecord:
    """Visits at this facility in the period, as suspension touched them."""

    lost: int
    """Visits that did not take place because of an order."""
    kept_against_facility: int
    """Visits that took place in the time of an order and that a facility-wide order, protected
    types left alone, would have cost."""
    kept_against_country: int
    """Visits of this facility that a country-wide order of every type "until further notice",
    from the first order of the period on, would have cost besides those that were lost."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; None is a count that is not told."""

    name: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Counts that add up to ``total``, with what must not be told taken out."""

    name: str
    rows: tuple[Row, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """All tables of one facility and period."""

    facility: str
    begins: datetime
    ends: datetime
    made: datetime
    tables: tuple[Table, ...]

    def to_mapping(self) -> dict[str, object]:
        """As JSON: a count that is not told is null."""
        return {
            "v": 1,
            "facility": self.facility,
            "from": self.begins.isoformat(),
            "to": self.ends.isoformat(),
            "made": self.made.isoformat(),
            "smallest_told": SMALLEST_TOLD,
            "tables": {
                table.name: {
                    "rows": {row.name: row.count for row in table.rows},
                    "total": table.total,
                }
                for table in self.tables
            },
        }


def report(
    *,
    facility: str,
    begins: datetime,
    ends: datetime,
    made: datetime,
    orders: Sequence[OrderRecord],
    appeals: Sequence[AppealRecord],
    visits: VisitsRecord,
) -> Report:
    """The report of ``facility`` over ``[begins, ends)``."""
    counted = {
        "orders_by_scope": _count(
            (one.breadth for one in orders), [dimension.value for dimension in NARROWEST_FIRST]
        ),
        "orders_by_reason": _count((one.reason for one in orders), list(ReasonCode)),
        "orders_by_length": _count(
            (_length(one.ends - one.begins) for one in orders), [name for name, _ in _LENGTHS]
        ),
        "orders_by_renewal": _split(orders, "RENEWAL", "FIRST", lambda one: one.renewal),
        "orders_by_emergency": _split(orders, "EMERGENCY", "ORDINARY", lambda one: one.emergency),
        "orders_by_protected": _split(
            orders, "TOUCHES_PROTECTED", "LEAVES_PROTECTED", lambda one: one.protected
        ),
        "orders_by_review": _count(map(_review, orders), ["IN_TIME", "LATE", "NOT_DUE"]),
        "orders_by_narrower": _count(
            map(_narrower, orders), ["DECLINED", "CHEAPEST_TAKEN", "NONE_OFFERED"]
        ),
        "orders_by_end": _split(orders, "LIFTED", "BY_ITSELF", lambda one: one.lifted),
    }
    orders_told = _told(counted, len(orders), withheld_tables(counted))
    appeals_told = _told(
        {
            "appeals_by_outcome": _count(
                (one.outcome or "OPEN" for one in appeals), [*AppealOutcome, "OPEN"]
            ),
            "appeals_by_time": _split(appeals, "LATE", "IN_TIME", lambda one: one.late),
        },
        len(appeals),
    )
    return Report(
        facility, begins, ends, made, (*orders_told, *appeals_told, *_visit_tables(visits))
    )


def _visit_tables(visits: VisitsRecord) -> tuple[Table, ...]:
    """Lost and kept against either blanket order; no other table tells their totals.

    Whatever a facility-wide order would have cost, a country-wide one would have, too: where the
    difference is small, the smaller number is not told.
    """
    between = is_small(visits.kept_against_country - visits.kept_against_facility)
    tables = []
    for name, kept, hidden_too in (
        ("visits_against_facility_wide", visits.kept_against_facility, between),
        ("visits_against_country_wide", visits.kept_against_country, False),
    ):
        rows = (
            Row("LOST", None if is_small(visits.lost) else visits.lost),
            Row("KEPT", None if hidden_too or is_small(kept) else kept),
        )
        hidden = any(row.count is None for row in rows)
        tables.append(Table(name, rows, None if hidden else visits.lost + kept))
    return tuple(tables)


def _count(found: Iterable[str], names: Sequence[str]) -> dict[str, int]:
    counts = Counter(str(one) for one in found)
    return {str(name): counts[str(name)] for name in names}


def _split(records: Iterable[R], yes: str, no: str, holds: Callable[[R], bool]) -> dict[str, int]:
    return _count((yes if holds(one) else no for one in records), [yes, no])


def _length(length: timedelta) -> str:
    return next((name for name, longest in _LENGTHS if length <= longest), _LENGTHS[-1][0])


def _review(one: OrderRecord) -> str:
    if one.review_late is None:
        return "NOT_DUE"
    return "LATE" if one.review_late else "IN_TIME"


def _narrower(one: OrderRecord) -> str:
    if not one.narrower_offered:
        return "NONE_OFFERED"
    return "DECLINED" if one.narrower_declined else "CHEAPEST_TAKEN"


def _told(
    tables: Mapping[str, Mapping[str, int]], total: int, hidden: frozenset[str] = frozenset()
) -> Iterator[Table]:
    """Tables that all split the same ``total``, so that any one of them tells it."""
    for name, counts in tables.items():
        withheld = frozenset(counts) if name in hidden else withheld_rows(counts)
        rows = tuple(Row(row, None if row in withheld else count) for row, count in counts.items())
        yield Table(name, rows, None if is_small(total) else total)
