"""What an order would cost, counted before anybody signs it.

Guarantees: counts exactly the visits that `decide` would deny once the order is in force, and
each person and place once; the same visits give the same numbers in any order. Leaves to others:
which visits are still to come, and showing the numbers.

*Minimum contact.* `MinimumContact` asks for one unprotected visit in 14 days. An allowance is a
ceiling, how many somebody may have, and says nothing of the least they should keep, so it is not
the measure here; counsel's visit is no contact with the family, so protected visits do not count.
An inmate falls under the minimum when they have such visits booked in the days after the order
begins, the order takes at least one of them, and the orders in force and this one together leave
fewer than the minimum.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter
from typing import Final

from suspension.scope import Subject
from suspension.terms import Terms
from visit_protocol.vocabulary import PROTECTED_TYPES

DAY: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit that is not over: whom it concerns and when."""

    visit: str
    subject: Subject
    starts: datetime
    ends: datetime
    live: bool = False
    minors: frozenset[str] = frozenset()
    """Those of its visitors who are under age."""


@dataclass(frozen=True, slots=True)
class MinimumContact:
    """The least contact with the family that orders together should leave somebody."""

    visits: int = 1
    window: timedelta = timedelta(days=14)


MINIMUM_CONTACT: Final = MinimumContact()

_PROTECTED: Final = tuple(PROTECTED_TYPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Visits, people and places that an order reaches, and what it leaves."""

    visits: int
    visits_24h: int
    """Of ``visits``, those that begin within 24 hours of the counting."""
    visits_7d: int
    """Of ``visits``, those that begin within 7 days of the counting."""
    live: int
    inmates: int
    visitors: int
    children: int
    terminals: int
    facilities: int
    kept: int
    """Visits in the order's time that go on."""
    protected_kept: int
    """Of ``kept``, visits in scope whose type is protected and not named."""
    under_minimum: tuple[str, ...]
    """Inmates whom this order, with those in force, leaves under `MinimumContact`; sorted."""
    reached: tuple[str, ...]
    """Ids of the ``visits``, by beginning and then id."""

    @property
    def numbers(self) -> dict[str, int]:
        """What a person confirms: every number that only a change in the world can change.

        How many begin within a day or are live now also changes by the clock alone, so those two
        kinds are shown and not confirmed.
        """
        return {
            "visits": self.visits,
            "inmates": self.inmates,
            "visitors": self.visitors,
            "children": self.children,
            "terminals": self.terminals,
            "facilities": self.facilities,
            "protected_kept": self.protected_kept,
            "under_minimum": len(self.under_minimum),
        }


def impact(
    terms: Terms,
    planned: Iterable[Planned],
    *,
    as_of: datetime,
    in_force: Sequence[Terms] = (),
    minimum: MinimumContact = MINIMUM_CONTACT,
) -> Impact:
    """What ``terms`` would do to the visits of ``planned`` that fall into their time.

    ``in_force`` are the terms of the orders that stand already, for `MinimumContact`.
    """
    known = planned if isinstance(planned, Sequence) else tuple(planned)
    begins, ends, covers = terms.not_before, terms.expires, terms.scope.covers
    # A tuple is searched by identity: an enumeration's own hash would cost more than the rest.
    spared_types = tuple(PROTECTED_TYPES - terms.protected)
    touched = [one for one in known if one.starts < ends and begins < one.ends]
    covered = [one for one in touched if covers(one.subject)]
    reached = [one for one in covered if one.subject.visit_type not in spared_types]
    reached.sort(key=attrgetter("starts", "visit"))
    starts = [one.starts for one in reached]
    return Impact(
        visits=len(reached),
        visits_24h=bisect_left(starts, as_of + DAY),
        visits_7d=bisect_left(starts, as_of + WEEK),
        live=sum(one.live for one in reached),
        inmates=len({one.subject.inmate for one in reached}),
        visitors=len(set(chain.from_iterable(one.subject.visitors for one in reached))),
        children=len(set(chain.from_iterable(one.minors for one in reached if one.minors))),
        terminals=len({(one.subject.facility, one.subject.terminal) for one in reached}),
        facilities=len({one.subject.facility for one in reached}),
        kept=len(touched) - len(reached),
        protected_kept=len(covered) - len(reached),
        under_minimum=_under_minimum(terms, known, reached, in_force, minimum),
        reached=tuple(one.visit for one in reached),
    )


def _under_minimum(
    terms: Terms,
    planned: Sequence[Planned],
    reached: Sequence[Planned],
    in_force: Sequence[Terms],
    minimum: MinimumContact,
) -> tuple[str, ...]:
    begins, until = terms.not_before, terms.not_before + minimum.window
    taken = {one.visit for one in reached}
    losing = {
        one.subject.inmate
        for one in reached
        if one.starts < until and one.subject.visit_type not in _PROTECTED
    }
    left = dict.fromkeys(losing, 0)
    for one in planned if left else ():
        inmate = one.subject.inmate
        if (
            left.get(inmate, minimum.visits) < minimum.visits
            and one.visit not in taken
            and one.starts < until
            and begins < one.ends
            and one.subject.visit_type not in _PROTECTED
            and not any(
                other.overlaps(one.starts, one.ends) and other.reaches(one.subject)
                for other in in_force
            )
        ):
            left[inmate] += 1
    return tuple(sorted(inmate for inmate, visits in left.items() if visits < minimum.visits))
