"""Whom an order reaches: dimensions with ids, and the visit that they are compared with.

Guarantees: a `Scope` that exists is canonical (dimensions in one order, ids sorted and
unique), names somebody, and cannot say "everybody everywhere": there is no ``*``, lists are
capped, and a visit type alone is not a scope. Leaves to others: whether the ids exist.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

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

    def ids_in(self, dimension: Dimension) -> frozenset[str] | None:
        """The visit's ids in ``dimension``, or None when the facility does not know them."""
        match dimension:
            case Dimension.REGION:
                return None if self.region is None else frozenset({self.region})
            case Dimension.OPERATOR:
                return None if self.operator is None else frozenset({self.operator})
            case Dimension.FACILITY:
                return frozenset({self.facility})
            case Dimension.HOUSING_UNIT:
                return self.housing_units
            case Dimension.TERMINAL:
                return frozenset({self.terminal})
            case Dimension.INMATE:
                return frozenset({self.inmate})
            case Dimension.VISITOR:
                return self.visitors
            case Dimension.CONTACT:
                return self.contacts
            case Dimension.VISIT_TYPE:
                return frozenset({self.visit_type})


@dataclass(frozen=True, slots=True)
class Scope:
    """Ids by dimension: every dimension must match, by any one of its ids.

    Raises:
        InvalidOrderError: empty, too long, ``*``, not an id, an unknown visit type, a housing unit
            or terminal without its facility, or a visit type with nothing else.
    """

    ids: tuple[tuple[Dimension, tuple[str, ...]], ...]

    def __post_init__(self) -> None:
        canonical = tuple(
            sorted(
                ((dimension, _canonical_ids(dimension, ids)) for dimension, ids in self.ids),
                key=lambda pair: list(Dimension).index(pair[0]),
            )
        )
        object.__setattr__(self, "ids", canonical)
        named = self.dimensions
        if not named:
            raise InvalidOrderError("scope", "names nobody; an order needs at least one dimension")
        if len(named) < len(canonical):
            raise InvalidOrderError("scope", "names a dimension twice")
        for dimension in _LOCAL_NAMES:
            if dimension in named and Dimension.FACILITY not in named:
                raise InvalidOrderError(f"scope.{dimension}", "needs the facility it stands in")
        if named == {Dimension.VISIT_TYPE}:
            raise InvalidOrderError(
                "scope.visit_type", "needs a facility, a place or a person with it"
            )

    @classmethod
    def parse(cls, mapping: Mapping[str, Iterable[str]]) -> Self:
        """The scope that ``{dimension: [id, …]}`` means.

        Raises:
            InvalidOrderError: as for the class, or an unknown dimension, or ids not in a list.
        """
        pairs = []
        for name, ids in mapping.items():
            if name not in set(Dimension):
                raise InvalidOrderError("scope", "has a dimension that is not known here")
            if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
                raise InvalidOrderError(f"scope.{name}", "needs a list of ids")
            pairs.append((Dimension(name), tuple(ids)))
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
        for dimension, ids in self.ids:
            known = subject.ids_in(dimension)
            if known is not None and known.isdisjoint(ids):
                return False
        return True

    def to_mapping(self) -> dict[str, list[str]]:
        """``{dimension: [id, …]}`` in canonical order; `parse` reads it back."""
        return {dimension.value: list(ids) for dimension, ids in self.ids}


def _canonical_ids(dimension: Dimension, ids: tuple[str, ...]) -> tuple[str, ...]:
    field = f"scope.{dimension}"
    if not ids:
        raise InvalidOrderError(field, "is empty; leave the dimension out or name an id")
    if len(ids) > MAX_IDS:
        raise InvalidOrderError(field, f"names more than {MAX_IDS} ids")
    for one in ids:
        if one == "*":
            raise InvalidOrderError(field, "may not be *; an order names whom it reaches")
        if not isinstance(one, str) or ID.fullmatch(one) is None:
            raise InvalidOrderError(field, "has an id that is not 1 to 64 letters, digits or _.:-")
    if dimension is Dimension.VISIT_TYPE and not set(ids) <= set(VisitType):
        raise InvalidOrderError(field, "has a visit type that is not known here")
    return tuple(sorted({str(one) for one in ids}))
