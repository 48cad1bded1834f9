"""Narrower orders that answer the same incident, each with what it would cost.

Guarantees: every alternative is contained in the draft (`Terms.contains`), differs from it, and,
where it narrows whom, still reaches every visit of the incident that the draft reaches; the
cheapest stands first. Leaves to others: what the incident was, and the choice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from suspension.errors import InvalidOrderError
from suspension.impact import MINIMUM_CONTACT, Impact, MinimumContact, Planned, impact
from suspension.scope import Dimension, Scope, Subject
from suspension.terms import OrderClass, Terms
from visit_protocol.vocabulary import VisitType

MAX_ALTERNATIVES: Final = 8
LENGTHS: Final = (timedelta(hours=1), timedelta(hours=8), timedelta(hours=24), timedelta(hours=72))
"""Shorter terms that are offered; the longest that is shorter than the draft's is."""


class Narrowing(StrEnum):
    """In what an alternative is narrower than the draft."""

    CONTACT = "CONTACT"
    INMATE = "INMATE"
    VISITOR = "VISITOR"
    TERMINAL = "TERMINAL"
    HOUSING_UNIT = "HOUSING_UNIT"
    VISIT_TYPE = "VISIT_TYPE"
    SHORTER = "SHORTER"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One narrower order and its own numbers."""

    narrowing: Narrowing
    terms: Terms
    impact: Impact


Ids = Mapping[Dimension, frozenset[str]]


def _people(name: Callable[[Subject], Iterable[str]], dimension: Dimension) -> Callable[..., Ids]:
    return lambda concerned: {dimension: frozenset(one for s in concerned for one in name(s))}


def _places(name: Callable[[Subject], Iterable[str]], dimension: Dimension) -> Callable[..., Ids]:
    """A place is named with its facility."""
    return lambda concerned: {
        Dimension.FACILITY: frozenset(s.facility for s in concerned),
        dimension: frozenset(one for s in concerned for one in name(s)),
    }


_WHOM: Final[Mapping[Narrowing, Callable[[Sequence[Subject]], Ids]]] = {
    Narrowing.CONTACT: _people(lambda s: s.contacts, Dimension.CONTACT),
    Narrowing.INMATE: _people(lambda s: (s.inmate,), Dimension.INMATE),
    Narrowing.VISITOR: _people(lambda s: s.visitors, Dimension.VISITOR),
    Narrowing.TERMINAL: _places(lambda s: (s.terminal,), Dimension.TERMINAL),
    Narrowing.HOUSING_UNIT: _places(lambda s: s.housing_units, Dimension.HOUSING_UNIT),
    Narrowing.VISIT_TYPE: _people(lambda s: (s.visit_type,), Dimension.VISIT_TYPE),
}


def narrower(
    draft: Terms,
    incident: Iterable[Subject],
    planned: Iterable[Planned],
    *,
    as_of: datetime,
    in_force: Sequence[Terms] = (),
    minimum: MinimumContact = MINIMUM_CONTACT,
) -> tuple[Alternative, ...]:
    """Alternatives to ``draft`` for the visits that ``incident`` concerned, cheapest first.

    Without a visit of the incident in the draft's reach only a shorter term can be offered.
    """
    known = tuple(planned)
    concerned = [one for one in incident if draft.reaches(one)]
    found: dict[tuple[Scope, frozenset[VisitType], datetime], Alternative] = {}
    for narrowing, terms in _candidates(draft, concerned):
        cost = impact(terms, known, as_of=as_of, in_force=in_force, minimum=minimum)
        key = (terms.scope, terms.protected, terms.expires)
        found.setdefault(key, Alternative(narrowing, terms, cost))
    return tuple(sorted(found.values(), key=_cost)[:MAX_ALTERNATIVES])


def _candidates(draft: Terms, concerned: Sequence[Subject]) -> Iterable[tuple[Narrowing, Terms]]:
    if concerned:
        for narrowing, ids_of in _WHOM.items():
            terms = _whom(draft, concerned, ids_of(concerned))
            if terms is not None and _differs(terms, draft):
                yield narrowing, terms
    shorter = [length for length in LENGTHS if length < draft.length]
    if shorter:
        yield (
            Narrowing.SHORTER,
            Terms(
                draft.scope,
                draft.protected,
                draft.not_before,
                draft.not_before + shorter[-1],
                draft.emergency,
            ),
        )


def _differs(terms: Terms, draft: Terms) -> bool:
    return (terms.scope, terms.protected) != (draft.scope, draft.protected)


def _whom(draft: Terms, concerned: Sequence[Subject], ids: Ids) -> Terms | None:
    """The draft for these ids only, and for the protected types that the incident touches."""
    touched = frozenset(one.visit_type for one in concerned)
    protected = draft.protected & touched
    named = draft.scope.visit_types
    if named is not None:
        # What is no longer named as protected must not stand in the scope either.
        ids = {Dimension.VISIT_TYPE: named - (draft.protected - protected), **ids}
    try:
        scope = draft.scope.narrowed(ids)
        return None if scope is None else _terms(draft, scope, protected)
    except InvalidOrderError:
        return None  # the incident concerns more ids than an order may name


def _terms(draft: Terms, scope: Scope, protected: frozenset[VisitType]) -> Terms:
    plain = Terms(scope, protected, draft.not_before, draft.expires)
    if draft.emergency and plain.order_class is OrderClass.WIDE:
        return Terms(scope, protected, draft.not_before, draft.expires, emergency=True)
    return plain


def _cost(one: Alternative) -> tuple[object, ...]:
    cost = one.impact
    return (
        cost.visits,
        len(cost.under_minimum),
        cost.inmates,
        cost.visitors,
        one.terms.scope.size,
        one.terms.length,
        one.narrowing,
    )
