"""January 2024 on a facility's own visits: everything, until further notice, beside one order.

Guarantees: both columns count the same visits by the same rules. Leaves to others: which visits,
and showing them. What happened then cannot be written as an order here: it had no scope and no
end, and `Scope` and `Terms` refuse both; so it is counted, and never issued.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from suspension.impact import Planned, impact
from suspension.terms import Terms
from visit_protocol.vocabulary import PROTECTED_TYPES


@dataclass(frozen=True, slots=True)
class Column:
    """One way to answer the incident, and what it costs."""

    name: str
    ends: datetime | None
    """None is "until further notice"."""
    lost: int
    kept: int
    protected_lost: int
    inmates: int
    visitors: int
    children: int


def replay(
    begins: datetime, orders: Iterable[tuple[str, Terms]], planned: Iterable[Planned]
) -> tuple[Column, ...]:
    """``AS_IT_WAS`` first, then each of ``orders``, over the visits not over at ``begins``."""
    to_come = tuple(one for one in planned if begins < one.ends)
    return (
        _column("AS_IT_WAS", None, to_come, to_come),
        *(
            _column(name, terms.expires, to_come, _reached(terms, to_come, begins))
            for name, terms in orders
        ),
    )


def _reached(terms: Terms, to_come: Sequence[Planned], as_of: datetime) -> Sequence[Planned]:
    taken = set(impact(terms, to_come, as_of=as_of).reached)
    return [one for one in to_come if one.visit in taken]


def _column(
    name: str, ends: datetime | None, to_come: Sequence[Planned], lost: Sequence[Planned]
) -> Column:
    return Column(
        name=name,
        ends=ends,
        lost=len(lost),
        kept=len(to_come) - len(lost),
        protected_lost=sum(one.subject.visit_type in PROTECTED_TYPES for one in lost),
        inmates=len({one.subject.inmate for one in lost}),
        visitors=len({visitor for one in lost for visitor in one.subject.visitors}),
        children=len({minor for one in lost for minor in one.minors}),
    )
