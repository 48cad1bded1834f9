"""What an order would cost, counted before anybody signs it.

Guarantees: counts exactly the visits that `decide` would deny once the order is in force.
Leaves to others: which visits are still to come, and showing the numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from suspension.scope import Subject
from suspension.terms import Terms


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit that is not over: whom it concerns and when."""

    visit: str
    subject: Subject
    starts: datetime
    ends: datetime
    live: bool = False


@dataclass(frozen=True, slots=True)
class Impact:
    """Visits, people and terminals that an order reaches."""

    visits: int
    live: int
    inmates: int
    visitors: int
    terminals: int
    protected_kept: int
    """Visits in scope that go on because their type is protected and not named."""
    reached: tuple[str, ...]
    """Ids of the ``visits``, by beginning and then id."""


def impact(terms: Terms, planned: Iterable[Planned]) -> Impact:
    """What ``terms`` would do to the visits of ``planned`` that fall into their time."""
    touched = [one for one in planned if terms.overlaps(one.starts, one.ends)]
    reached = sorted(
        (one for one in touched if terms.reaches(one.subject)),
        key=lambda one: (one.starts, one.visit),
    )
    return Impact(
        visits=len(reached),
        live=sum(one.live for one in reached),
        inmates=len({one.subject.inmate for one in reached}),
        visitors=len({visitor for one in reached for visitor in one.subject.visitors}),
        terminals=len({one.subject.terminal for one in reached}),
        protected_kept=sum(terms.spares(one.subject) for one in touched),
        reached=tuple(one.visit for one in reached),
    )
