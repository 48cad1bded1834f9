"""Why a visit cannot happen: every reason, and of each order who decided it and where to appeal.

Guarantees: asks the same policy and the same orders that decide at the slot, for the time of the
visit itself, so that a visit next week is explained by what will stand next week. Leaves to
others: the words (`locales/`).
"""

from dataclasses import dataclass
from datetime import datetime

from relay.clock import Clock
from relay.core.case import Purpose, Request, is_closed
from relay.core.model import VisitId
from relay.core.policy import Ground, decide
from relay.service.enforcement import Enforcement
from relay.service.facts import gather
from relay.service.order_file import OrderFile
from relay.service.order_files import OrderFiles
from relay.service.visit_run import VisitRun
from relay.service.visits import VisitDesk
from relay.store.database import Store
from relay.store.displaced import Displaced
from relay.store.sqlite import Database
from suspension import ClockInterval, SuspensionOrder, UnknownOrderError
from visit_protocol.vocabulary import RejectionCode


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a visit can happen as things stand, and every reason why not."""

    run: VisitRun
    possible: bool
    over: bool
    """It has ended; ``grounds`` then say what would stand against another."""
    grounds: tuple[Ground, ...]
    orders: tuple[tuple[SuspensionOrder, OrderFile | None], ...]
    """The orders among ``grounds``, each with its file where it was drafted here."""
    rebooked_as: VisitId | None
    as_of: datetime


async def explain(
    visit: VisitId,
    *,
    store: Store,
    clock: Clock,
    visits: VisitDesk,
    files: OrderFiles,
    enforcement: Enforcement,
) -> Explanation:
    """Why this visit can or cannot happen.

    Raises:
        UnknownVisitError: there is no such visit.
    """
    run = await visits.find(visit)
    now, interval = clock.now(), clock.interval()
    at = ClockInterval(max(interval.lo, run.visit.starts), max(interval.hi, run.visit.ends))

    def ask(db: Database) -> tuple[tuple[Ground, ...], VisitId | None]:
        facts = gather(db, run.visit, enforcement.book, at, None)
        decision = decide(Request(Purpose.CONTINUE, run.visit), facts, now)
        return decision.grounds, Displaced(db).rebooked_as(visit)

    grounds, rebooked = await store.read(ask)
    found: list[tuple[SuspensionOrder, OrderFile | None]] = []
    for ground in grounds:
        if ground.code is RejectionCode.SUSPENDED_BY_ORDER and ground.order is not None:
            try:
                found.append((ground.order, await files.of(ground.order.id)))
            except UnknownOrderError:
                found.append((ground.order, None))
    over = is_closed(run.visit) or run.visit.ends <= now
    return Explanation(run, not grounds and not over, over, grounds, tuple(found), rebooked, now)
