"""Whom an order reaches: dimensions with ids, and the visit that they are compared with.

Guarantees: a `Scope` that exists is canonical (dimensions in one order, ids sorted and
unique), names somebody, and cannot say "everybody everywhere": there is no ``*``, lists are
capped, and a visit type alone is not a scope. `Scope.contains` implies that every visit of the
contained scope is a visit of the other; `Scope.size` never grows when a scope is narrowed.
Leaves to others: whether the ids exist, and who belongs to which place.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final, NamedTuple, Self

from suspension.errors import InvalidOrderError
from visit_protocol.vocabulary import VisitType

MAX_IDS: Final = 200
"""Ids in one dimension: enough for every inmate of a wing, too few to hide a blanket order."""

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
"""An id anywhere in an order; the wire's `Identifier`."""


class Dimension(StrEnum):
    """What an id in a scope is an id of; the order of members is the canonical order."""

    REGION = "region"
    OPERATOR = "operator"
    FACILITY = "facility"
    HOUSING_UNIT = "housing_unit"
    TERMINAL = "terminal"
    INMATE = "inmate"
    VISITOR = "visitor"
    CONTACT = "contact"
    VISIT_TYPE = "visit_type"


_LOCAL_NAMES: Final = (Dimension.HOUSING_UNIT, Dimension.TERMINAL)
"""Ids that mean something only inside a facility: T-01 stands in every prison."""

NARROWEST_FIRST: Final = (
    Dimension.CONTACT,
    Dimension.INMATE,
    Dimension.VISITOR,
    Dimension.TERMINAL,
    Dimension.HOUSING_UNIT,
    Dimension.FACILITY,
    Dimension.OPERATOR,
    Dimension.REGION,
)
"""The dimensions that name whom; a visit type only says which of their visits."""


class ScopeSize(NamedTuple):
    """How wide a scope is, comparable: by its narrowest dimension, its ids there, its types."""

    breadth: int
    """Place of the narrowest dimension in `NARROWEST_FIRST`."""
    ids: int
    visit_types: int


@dataclass(frozen=True, slots=True)
class Subject:
    """One visit as a scope sees it."""

    facility: str
    housing_units: frozenset[str]
    """The inmate's unit and the terminal's: an order on either reaches the visit."""
    terminal: str
    inmate: str
    visitors: frozenset[str]
    contacts: frozenset[str]
    visit_type: VisitType
    region: str | None = None
    operator: str | None = None

    def ids_in(self, dimension: Dimension) -> frozenset[str]:
        """The visit's ids in ``dimension``; none when the facility does not know them."""
        of, several = _FIELD[dimension]
        value = of(self)
        if several:
            return frozenset(value)
        return frozenset() if value is None else frozenset({value})


_FIELD: Final[Mapping[Dimension, tuple[Callable[[Subject], Any], bool]]] = {
    Dimension.REGION: (attrgetter("region"), False),
    Dimension.OPERATOR: (attrgetter("operator"), False),
    Dimension.FACILITY: (attrgetter("facility"), False),
    Dimension.HOUSING_UNIT: (attrgetter("housing_units"), True),
    Dimension.TERMINAL: (attrgetter("terminal"), False),
    Dimension.INMATE: (attrgetter("inmate"), False),
    Dimension.VISITOR: (attrgetter("visitors"), True),
    Dimension.CONTACT: (attrgetter("contacts"), True),
    Dimension.VISIT_TYPE: (attrgetter("visit_type"), False),
}
"""Where a `Subject` holds a dimension's ids, and whether it holds several."""

_DIMENSIONS: Final[Mapping[str, Dimension]] = {one.value: one for one in Dimension}
_PLACE: Final[Mapping[Dimension, int]] = {one: place for place, one in enumerate(Dimension)}
"""Where a dimension stands among the others in canonical order."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Ids by dimension: every dimension must match, by any one of its ids.

    Raises:
        InvalidOrderError: empty, too long, ``*``, not an id, an unknown visit type, a housing unit
            or terminal without its facility, or a visit type with nothing else.
    """

    ids: tuple[tuple[Dimension, tuple[str, ...]], ...]
    _tests: tuple[tuple[Callable[[Subject], Any], bool, frozenset[str]], ...] = field(
        init=False, repr=False, compare=False
    )
    """What `covers` compares: the subject's ids, whether they are several, ours."""

    def __post_init__(self) -> None:
        canonical = tuple(
            sorted(
                ((dimension, _canonical_ids(dimension, ids)) for dimension, ids in self.ids),
                key=lambda pair: _PLACE[pair[0]],
            )
        )
        object.__setattr__(self, "ids", canonical)
        tests = tuple((*_FIELD[dimension], frozenset(ids)) for dimension, ids in canonical)
        object.__setattr__(self, "_tests", tests)
        named = self.dimensions
        if not named:
            raise InvalidOrderError(
                "scope", "names nobody; an order needs at least one dimension", rule="SCOPE_EMPTY"
            )
        if len(named) < len(canonical):
            raise InvalidOrderError("scope", "names a dimension twice")
        for dimension in _LOCAL_NAMES:
            if dimension in named and Dimension.FACILITY not in named:
                raise InvalidOrderError(
                    f"scope.{dimension}",
                    "needs the facility it stands in",
                    rule="PLACE_WITHOUT_FACILITY",
                )
        if named == {Dimension.VISIT_TYPE}:
            raise InvalidOrderError(
                "scope.visit_type",
                "needs a facility, a place or a person with it",
                rule="SCOPE_EMPTY",
            )

    @classmethod
    def parse(cls, mapping: Mapping[str, Iterable[str]]) -> Self:
        """The scope that ``{dimension: [id, …]}`` means.

        Raises:
            InvalidOrderError: as for the class, or an unknown dimension, or ids not in a list.
        """
        pairs = []
        for name, ids in mapping.items():
            if (dimension := _DIMENSIONS.get(name)) is None:
                raise InvalidOrderError("scope", "has a dimension that is not known here")
            if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
                raise InvalidOrderError(f"scope.{name}", "needs a list of ids")
            pairs.append((dimension, tuple(ids)))
        return cls(tuple(pairs))

    @property
    def dimensions(self) -> frozenset[Dimension]:
        """The dimensions that this scope narrows by."""
        return frozenset(dimension for dimension, _ in self.ids)

    @property
    def visit_types(self) -> frozenset[VisitType] | None:
        """The visit types that this scope narrows to, or None when it reaches any."""
        found = dict(self.ids).get(Dimension.VISIT_TYPE)
        return None if found is None else frozenset(map(VisitType, found))

    def covers(self, subject: Subject) -> bool:
        """Whether the visit is in this scope: AND across dimensions, OR inside one.

        A dimension that the facility does not know of itself (its region, its operator) counts
        as matching: whoever sent the order here meant this place, and a missing fact denies.
        """
        for of, several, ids in self._tests:
            known = of(subject)
            if several:
                if ids.isdisjoint(known):
                    return False
            elif known not in ids and known is not None:
                return False
        return True

    def contains(self, other: "Scope") -> bool:
        """Whether every visit in ``other`` is certainly in this scope.

        By names alone: that an inmate lives in a unit is a fact of some facility, not of a scope.
        """
        theirs = dict(other.ids)
        return all(
            dimension in theirs and set(theirs[dimension]) <= set(ids)
            for dimension, ids in self.ids
        )

    def overlaps(self, other: "Scope") -> bool:
        """Whether a visit of known region and operator could be in both; symmetric.

        A visit has several units, visitors and contacts, so lists of those never rule it out.
        """
        theirs = dict(other.ids)
        return not any(
            dimension in theirs and set(theirs[dimension]).isdisjoint(ids)
            for dimension, ids in self.ids
            if not _FIELD[dimension][1]
        )

    def narrowed(self, more: Mapping[Dimension, Iterable[str]]) -> "Scope | None":
        """The part of this scope that ``more`` names too, or None when that is nobody.

        Always contained in this scope.

        Raises:
            InvalidOrderError: as for the class.
        """
        found = {dimension: frozenset(ids) for dimension, ids in self.ids}
        for dimension, ids in more.items():
            named = frozenset(ids)
            found[dimension] = found[dimension] & named if dimension in found else named
            if not found[dimension]:
                return None
        return type(self)(tuple((dimension, tuple(ids)) for dimension, ids in found.items()))

    @property
    def narrowest(self) -> Dimension:
        """The narrowest dimension that names whom."""
        return next(one for one in NARROWEST_FIRST if one in self.dimensions)

    @property
    def size(self) -> ScopeSize:
        """How wide it is: a scope that is contained in another is never larger."""
        ids, types = dict(self.ids), self.visit_types
        return ScopeSize(
            breadth=NARROWEST_FIRST.index(self.narrowest),
            ids=len(ids[self.narrowest]),
            visit_types=len(VisitType) if types is None else len(types),
        )

    @property
    def asks_why_not_narrower(self) -> bool:
        """Whether whoever draws it must say why nothing narrower would do: from a unit upward."""
        return self.size.breadth >= NARROWEST_FIRST.index(Dimension.HOUSING_UNIT)

    def to_mapping(self) -> dict[str, list[str]]:
        """``{dimension: [id, …]}`` in canonical order; `parse` reads it back."""
        return {dimension.value: list(ids) for dimension, ids in self.ids}


def _canonical_ids(dimension: Dimension, ids: tuple[str, ...]) -> tuple[str, ...]:
    where = f"scope.{dimension}"
    if not ids:
        raise InvalidOrderError(
            where, "is empty; leave the dimension out or name an id", rule="SCOPE_EMPTY"
        )
    if len(ids) > MAX_IDS:
        raise InvalidOrderError(where, f"names more than {MAX_IDS} ids", rule="TOO_MANY_IDS")
    for one in ids:
        if one == "*":
            raise InvalidOrderError(
                where, "may not be *; an order names whom it reaches", rule="SCOPE_WILDCARD"
            )
        if not isinstance(one, str) or ID.fullmatch(one) is None:
            raise InvalidOrderError(where, "has an id that is not 1 to 64 letters, digits or _.:-")
    if dimension is Dimension.VISIT_TYPE and not set(ids) <= set(VisitType):
        raise InvalidOrderError(where, "has a visit type that is not known here")
    return tuple(sorted({str(one) for one in ids}))
