"""An appeal against an order: to somebody else, with a clock, with one of three outcomes.

Guarantees: nobody who drafted or approved an order decides an appeal against it; an appeal is
decided once; when it is due follows from the order alone. Leaves to others: who may appeal, and
carrying the outcome out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from suspension.errors import DeskError
from visit_protocol.vocabulary import Party

LONGEST_APPEAL: Final = timedelta(hours=72)
SHORTEST_APPEAL: Final = timedelta(hours=1)


class AppealOutcome(StrEnum):
    """What somebody else decided."""

    UPHELD = "UPHELD"
    """The order stands."""
    LIFTED = "LIFTED"
    NARROWED = "NARROWED"
    """A narrower order takes its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """One appeal; a value: `decide` gives the decided one."""

    id: str
    order: str
    party: Party
    visit: str
    filed: datetime
    due: datetime
    deciders: frozenset[str]
    """People who must not decide it: those who decided the order."""
    text: str = ""
    outcome: AppealOutcome | None = None
    decided: datetime | None = None
    decided_by: str | None = None
    grounds: str = ""

    def decide(self, outcome: AppealOutcome, by: str, now: datetime, grounds: str) -> Self:
        """The appeal, decided by person ``by``.

        Raises:
            DeskError: decided already, no grounds, or ``by`` decided the order itself.
        """
        if self.outcome is not None:
            raise DeskError("DECIDED_ALREADY", "was decided already")
        if by in self.deciders:
            raise DeskError("SAME_PERSON", "cannot be decided by a person who decided the order")
        if not grounds.strip():
            raise DeskError("GROUNDS_MISSING", "needs the grounds of the decision")
        return replace(self, outcome=outcome, decided=now, decided_by=by, grounds=grounds.strip())

    def overdue(self, now: datetime) -> bool:
        """Whether it should have been decided by ``now``, or was decided too late."""
        return self.due <= (self.decided or now)


def due_at(filed: datetime, expires: datetime) -> datetime:
    """By when an appeal filed at ``filed`` is decided.

    Half of what is left of the order, so that a decision can still help; at least an hour, at
    most 72 hours.
    """
    return filed + max(SHORTEST_APPEAL, min(LONGEST_APPEAL, (expires - filed) / 2))


def may_decide(deciders: Iterable[str], staff: Iterable[str]) -> tuple[str, ...]:
    """Those people of ``staff`` to whom the appeal can go, sorted."""
    return tuple(sorted(set(staff) - set(deciders)))
