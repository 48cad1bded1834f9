"""What an order was said to cost when it was signed, carried inside it.

Guarantees: counts are whole and not negative. Leaves to others: counting (`impact`); a facility
does not check a preview, an auditor compares it with the receipts.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Self

from evidence.canonical import MAX_WHOLE
from suspension.errors import InvalidOrderError
from suspension.instant import instant_text, parse_instant
from suspension.terms import utc

_COUNTS: Final = ("visits", "inmates", "visitors", "terminals", "facilities")


@dataclass(frozen=True, slots=True)
class Preview:
    """How many an order reaches, as of an instant.

    Raises:
        InvalidOrderError: a count below zero, or an instant without offset.
    """

    visits: int
    inmates: int
    visitors: int
    terminals: int
    facilities: int
    as_of: datetime

    def __post_init__(self) -> None:
        for name in _COUNTS:
            count = getattr(self, name)
            if type(count) is not int or not 0 <= count <= MAX_WHOLE:
                raise InvalidOrderError(f"preview.{name}", "must be a whole number from 0")
        object.__setattr__(self, "as_of", utc("preview.as_of", self.as_of))

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> Self:
        """The preview that this mapping means.

        Raises:
            InvalidOrderError: as for the class, or a field missing, unknown or of another kind.
        """
        if value.keys() != {*_COUNTS, "as_of"} or not isinstance(value["as_of"], str):
            raise InvalidOrderError("preview", f"needs {', '.join(_COUNTS)} and as_of")
        counts = {name: value[name] for name in _COUNTS}
        return cls(**counts, as_of=parse_instant("preview.as_of", value["as_of"]))

    def to_mapping(self) -> dict[str, Any]:
        """The counts and ``as_of``."""
        return {**asdict(self), "as_of": instant_text(self.as_of)}
