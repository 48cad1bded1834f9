"""The one place that says yes or no to a visit: at booking, at joining, and while it is live.

Guarantees: `decide` is total and pure, returns every reason at once, sorted, and denies when a
fact that it needs is not known, so that taking a fact away never turns a no into a yes.
Leaves to others: gathering the facts, carrying out the decision (`relay.core.visit`), the
words (`locales/`), and who may ask (sessions, links and credentials).

What is *not* a reason, on purpose:

* ``CLOSED`` and ``NON_CONTACT`` restrictions: they forbid sitting at one table without glass,
  and a video visit has no table.
* ``PRE_INFO``: something staff should read before the visit; it informs and forbids nothing.
* An allowance used up, or a permit missing, for a protected visit: counsel is no privilege.
* At joining, a timetable changed since the booking: an approved booking keeps its place until
  somebody cancels it in plain sight.
* While live, the end of the slot: it may move when minutes are given back, so the visit's own
  machine keeps it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from relay.core.case import Case, Facts, Ground, Purpose, Request
from relay.core.rules import people, place
from relay.core.rules.place import subject
from visit_protocol.vocabulary import RejectionCode

__all__ = ["Decision", "Facts", "Ground", "Purpose", "Request", "decide", "subject"]

Rule = Callable[[Case], Iterator[Ground]]


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes, or a no with all its reasons, sorted by code and then by when they end."""

    grounds: tuple[Ground, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.grounds

    @property
    def codes(self) -> tuple[RejectionCode, ...]:
        """The distinct reasons, sorted."""
        return tuple(sorted({ground.code for ground in self.grounds}))


def decide(request: Request, facts: Facts, now: datetime) -> Decision:
    """Yes or no to ``request`` at the instant ``now``, with every reason there is."""
    case = Case(request, facts, now)
    found = {ground for rule in RULES[request.purpose] for ground in rule(case)}
    return Decision(tuple(sorted(found, key=_sort_key)))


def _sort_key(ground: Ground) -> tuple[str, datetime, str]:
    until = ground.until or datetime.max.replace(tzinfo=UTC)
    return (ground.code, until, "" if ground.order is None else ground.order.sha256)


_WHILE_LIVE: Final[tuple[Rule, ...]] = (
    people.people_known,
    people.custody,
    people.on_list,
    people.bans,
    people.minors_kept_apart,
    place.no_order_denies,
    place.terminal_in_service,
)
"""What can change under a call that has begun."""

_BEFORE: Final[tuple[Rule, ...]] = (
    *_WHILE_LIVE,
    people.type_fits_people,
    people.credentials,
    people.adult_present,
    people.permits,
    place.associations,
    place.terminal_fits_type,
    place.not_over,
)

RULES: Final[dict[Purpose, tuple[Rule, ...]]] = {
    Purpose.BOOK: (*_BEFORE, people.allowance, place.slot_free, place.nobody_twice),
    Purpose.JOIN: (*_BEFORE, place.slot_open, place.terminal_works, place.notice_accepted),
    Purpose.CONTINUE: _WHILE_LIVE,
}
"""Which rule speaks when."""
