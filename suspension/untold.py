"""What a table of counts must not tell: numbers from 1 to 4, and whatever would give them away.

Guarantees: no count under `SMALLEST_TOLD` can be computed from the other rows of its table and the
total (`told_rows`), nor from rows of two tables of which one counts part of the other or nothing of
it (`between_tables`). Leaves to others: what is counted, and two reports over periods that overlap.
"""

from collections.abc import Iterator, Mapping
from typing import Final

SMALLEST_TOLD: Final = 5

Counts = Mapping[str, Mapping[str, int]]
"""Count by row, by table."""

_NARROW: Final = ("inmate", "visitor", "contact", "terminal")


def is_small(count: int) -> bool:
    """Whether ``count`` is one that nobody is told."""
    return 0 < count < SMALLEST_TOLD


def withheld_rows(counts: Mapping[str, int]) -> frozenset[str]:
    """The rows that must not be told, given that the rest and the total are.

    Once one count is small, every row under five is withheld, zeros among them: what is left of
    the total is then shared by rows that nobody can tell apart. Where that leaves a single row, or
    only rows of four each, it could still be computed; so the smallest told rows go with them,
    all of one size, or their choice would tell. `tests/suspension/test_report.py` tries every
    table of up to four rows.
    """
    under = {row for row, count in counts.items() if count < SMALLEST_TOLD}
    shared = sum(counts[row] for row in under)
    if shared == 0:
        return frozenset()
    told = [count for row, count in counts.items() if row not in under]
    if told and (len(under) == 1 or shared == (SMALLEST_TOLD - 1) * len(under)):
        under |= {row for row, count in counts.items() if count == min(told)}
    return frozenset(under)


def withheld_tables(counts: Counts) -> frozenset[str]:
    """The tables of orders that are not told at all, since with another they would tell too much.

    An emergency lasts an hour at most, is never renewed and touches nothing protected; what touches
    protected visits lasts 72 hours at most, and what is wide a week. So some rows of different
    tables can be subtracted from each other, and what is left may be small.
    """
    return frozenset(table for left, table in _left_over(counts) if is_small(left))


def _left_over(counts: Counts) -> Iterator[tuple[int, str]]:
    """What subtracting rows of two tables gives, and the table that goes where that is small."""
    length = counts["orders_by_length"]
    emergency = counts["orders_by_emergency"]
    protected = counts["orders_by_protected"]
    if emergency["EMERGENCY"]:
        yield length["UP_TO_1_H"] - emergency["EMERGENCY"], "orders_by_length"
        for other in (counts["orders_by_renewal"]["RENEWAL"], protected["TOUCHES_PROTECTED"]):
            if other:
                yield emergency["ORDINARY"] - other, "orders_by_emergency"
    if longer := length["UP_TO_7_D"] + length["UP_TO_30_D"]:
        yield protected["LEAVES_PROTECTED"] - longer, "orders_by_length"
    if length["UP_TO_30_D"]:
        narrow = sum(counts["orders_by_scope"][name] for name in _NARROW)
        yield narrow - length["UP_TO_30_D"], "orders_by_length"
