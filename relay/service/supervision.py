"""What staff do to a visit: warn, end it, freeze it, let it go on, call it off.

Guarantees: every act names who did it and why in the journal, and, where it changes the visit, in
the visit's own history; a warning reaches only calls that a guard can see and hear.
Leaves to others: who may (`relay.web`) and what follows (`visits`).
"""

from relay.clock import Clock
from relay.core.model import VisitId
from relay.core.visit_events import Cancelled, Event, Interrupted, Resumed, Terminated
from relay.service.audience import Audience
from relay.service.staff import Actor
from relay.service.visit_run import VisitRun
from relay.service.visits import VisitDesk
from relay.store.database import Store
from relay.store.journal import Journal
from visit_protocol.signalling import Warned
from visit_protocol.vocabulary import CallState, Outcome, TerminationReason, WarningReason


class NotPossibleError(Exception):
    """The visit is not in a state for that; nothing has happened."""


class Supervision:
    """Acts of guards and administrators on visits.

    Every method raises `UnknownVisitError` for a visit that is not there and `NotPossibleError`
    when it cannot be done now.
    """

    def __init__(self, *, desk: VisitDesk, store: Store, clock: Clock, audience: Audience) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._audience = audience

    async def warn(self, visit: VisitId, reason: WarningReason, by: Actor) -> VisitRun:
        """Tell both parties what has to stop; the call goes on."""
        run = await self._desk.find(visit)
        if run.machine.state is not CallState.LIVE:
            raise NotPossibleError(f"nobody can be warned in {run.machine.state}")
        if run.visit.visit_type.protected:
            raise NotPossibleError("nobody listens to a protected visit, so nobody can warn in it")
        now = self._clock.now()
        await self._store.write(
            lambda db: Journal(db).append(
                now, by.label, "visit.warned", visit, {"reason": reason.value}
            )
        )
        self._audience.tell(visit, Warned(reason=reason))
        return run

    async def terminate(self, visit: VisitId, reason: TerminationReason, by: Actor) -> VisitRun:
        """End the call now."""
        return await self._act(visit, Terminated(reason, by.label), by)

    async def interrupt(self, visit: VisitId, by: Actor) -> VisitRun:
        """Freeze the call; its clock stops."""
        return await self._act(visit, Interrupted(by.label), by)

    async def resume(self, visit: VisitId, by: Actor) -> VisitRun:
        """Let a frozen call go on."""
        return await self._act(visit, Resumed(by.label), by)

    async def cancel(self, visit: VisitId, outcome: Outcome, by: Actor) -> VisitRun:
        """Call the visit off, before or during it."""
        return await self._act(visit, Cancelled(outcome, by.label), by)

    async def _act(self, visit: VisitId, event: Event, by: Actor) -> VisitRun:
        run = await self._desk.find(visit)
        if not await self._desk.dispatch(run, event, by):
            raise NotPossibleError(f"{type(event).__name__} is not possible in {run.machine.state}")
        return run
