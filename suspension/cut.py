"""How an order treats the calls that run when it begins: cut, given a moment, or let finish.

Guarantees: a `Cut` that exists is one of three, with bounds. Leaves to others: cutting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from suspension.errors import InvalidOrderError

MAX_GRACE_S: Final = 600


class CutMode(StrEnum):
    """What happens to a call in scope."""

    IMMEDIATE = "immediate"
    GRACE = "grace"
    FINISH = "finish"


_MODES: Final = frozenset(CutMode)


@dataclass(frozen=True, slots=True)
class Cut:
    """``grace_s`` seconds, from 1 to `MAX_GRACE_S`, exactly with `CutMode.GRACE`.

    Raises:
        InvalidOrderError: a mode that is not known, or seconds that do not fit it.
    """

    mode: CutMode = CutMode.IMMEDIATE
    grace_s: int | None = None

    def __post_init__(self) -> None:
        if self.mode not in _MODES:
            raise InvalidOrderError("cut.mode", f"must be one of {', '.join(CutMode)}")
        object.__setattr__(self, "mode", CutMode(self.mode))
        if (self.mode is CutMode.GRACE) != (self.grace_s is not None):
            raise InvalidOrderError("cut.grace_s", "belongs to the mode grace, and only to it")
        if self.grace_s is not None and (
            type(self.grace_s) is not int or not 1 <= self.grace_s <= MAX_GRACE_S
        ):
            raise InvalidOrderError("cut.grace_s", f"must be from 1 to {MAX_GRACE_S} seconds")

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> Self:
        """The cut that ``{"mode": …, "grace_s": …}`` means.

        Raises:
            InvalidOrderError: as for the class, or other keys.
        """
        if not {"mode"} <= value.keys() <= {"mode", "grace_s"}:
            raise InvalidOrderError("cut", "needs a mode, and grace_s with the mode grace")
        if not isinstance(value["mode"], str):
            raise InvalidOrderError("cut.mode", "is of the wrong kind")
        return cls(value["mode"], value.get("grace_s"))  # type: ignore[arg-type]  # checked there

    def stops_at(self, began: datetime) -> datetime | None:
        """When a call that runs as the order begins must have stopped; None lets it finish."""
        if self.mode is CutMode.FINISH:
            return None
        return began + timedelta(seconds=self.grace_s or 0)

    def to_mapping(self) -> dict[str, Any]:
        """``{"mode": …}``, with ``grace_s`` where it belongs."""
        mapping: dict[str, Any] = {"mode": self.mode.value}
        if self.grace_s is not None:
            mapping["grace_s"] = self.grace_s
        return mapping


IMMEDIATE: Final = Cut()
"""Stop every call in scope at once."""
