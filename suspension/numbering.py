"""The numbers that an issuer gives to orders, so that it shows when one never came.

Each issuer numbers their orders from 1, lifts among them. A number that is missing between others
is a question and no answer: the order may have been withheld, be on its way, or be for another
facility. So it is said to people and decides nothing: no order falls or stands by it.

Guarantees: the order of arrival does not matter. Leaves to others: which numbers came, and telling.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from evidence.canonical import MAX_WHOLE

_NONE: Final[Collection[int]] = ()


@dataclass(frozen=True, slots=True, order=True)
class Missing:
    """Numbers of one issuer, from ``first`` to ``last``, that did not come."""

    issuer: str
    first: int
    last: int

    def within(self, other: "Missing") -> bool:
        """Whether ``other`` says as much already."""
        return self.issuer == other.issuer and other.first <= self.first and self.last <= other.last


def missing(
    came: Mapping[str, Collection[int]], given: Mapping[str, Collection[int]]
) -> tuple[Missing, ...]:
    """The numbers below the highest that ``came`` of each issuer, without those ``given`` here.

    ``given`` are those of drafts of this very facility, whatever became of them.
    """
    found = []
    for issuer, numbers in sorted(came.items()):
        highest = max(numbers, default=0)
        known = sorted({*numbers, *(one for one in given.get(issuer, _NONE) if one < highest)})
        for before, after in zip([0, *known], known, strict=False):
            if after > before + 1:
                found.append(Missing(issuer, before + 1, after - 1))
    return tuple(found)


def next_number(came: Collection[int], given: Collection[int]) -> int:
    """The number of the issuer's next order: one more than any that there is."""
    return min(MAX_WHOLE, 1 + max((*came, *given), default=0))
