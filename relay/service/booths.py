"""`Booths`: the terminals' side: who is connected, how they are, and who sits in them.

Guarantees: a PIN is tried only against the inmates whose visit is open at that terminal now, or
against the one whose number was typed; five wrong ones lock the inmate and the terminal, across a
restart; a number that nobody has is counted like a wrong PIN and answered with the same words;
nobody stays signed in beyond their visit. Leaves to others: the connection itself
(`relay.signalling`), joining (`attendance`), what an inmate is told of their visits (`own_plan`).
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import Inmate, InmateId, Terminal, TerminalId, TerminalState, VisitId
from relay.service.alerts import AlertDesk
from relay.service.badges import BadgeDesk
from relay.service.client import Client
from relay.service.displaced import DisplacedDesk
from relay.service.feed import Feed
from relay.service.own_plan import own_plan
from relay.service.secret_hash import verify_secret
from relay.service.staff import Actor
from relay.service.views import party_view
from relay.service.visit_run import VisitRun
from relay.service.visits import VisitDesk
from relay.store.database import Store
from relay.store.facilities import Facilities
from relay.store.journal import Journal
from relay.store.locks import MAX_FAILURES, LockKind, Locks, LockState
from relay.store.people import People
from relay.store.sqlite import Database
from relay.store.visits import Visits
from visit_protocol.errors import CloseCode
from visit_protocol.signalling import (
    Identified,
    IdentifyRefused,
    Refusal,
    Refused,
    SlotTimes,
    TerminalAgenda,
    TerminalStatus,
)
from visit_protocol.vocabulary import DeviceState, Party, RejectionCode

log = logging.getLogger(__name__)

_AGENDA_LOOK = timedelta(hours=24)
_AGENDA_SLOTS = 8


_UNSEEN = TerminalState(
    connected=False, engine=False, camera=DeviceState.ABSENT, microphone=DeviceState.ABSENT
)


@dataclass(slots=True)
class Booth:
    """One terminal as it is now."""

    terminal: Terminal
    client: Client | None = None
    state: TerminalState = _UNSEEN
    signed_in: InmateId | None = None
    tried: set[InmateId] = field(default_factory=set)
    """Whose PIN was got wrong here since the relay started and staff last looked."""
    left_at: datetime | None = None
    """When its line ended last."""


class Booths:
    """All terminals of the facility."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        desk: VisitDesk,
        alerts: AlertDesk,
        displaced: DisplacedDesk,
        badges: BadgeDesk,
        feed: Feed,
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._alerts = alerts
        self._displaced = displaced
        self._badges = badges
        self._feed = feed
        self._booths: dict[TerminalId, Booth] = {}

    async def start(self) -> None:
        """Load the terminals, and who sat in a visit at each when the relay stopped."""
        await self.refresh()
        for run in self._desk.under_way():
            booth = self._booths.get(run.terminal.id)
            sat_there = Party.INMATE in run.machine.present or run.machine.live_since is not None
            if booth is not None and sat_there:
                booth.signed_in = run.inmate.id

    async def refresh(self) -> None:
        """Take over what changed in the store."""
        for terminal in await self._store.read(lambda db: Facilities(db).terminals()):
            self._booths.setdefault(terminal.id, Booth(terminal)).terminal = terminal
        self._feed.changed()

    def all(self) -> list[Booth]:
        """Every terminal, by its label."""
        return sorted(self._booths.values(), key=lambda booth: booth.terminal.label)

    def state(self, terminal: TerminalId) -> TerminalState | None:
        """What a terminal last said of itself; None when there is no such terminal."""
        booth = self._booths.get(terminal)
        return booth.state if booth else None

    def label(self, terminal: TerminalId) -> str:
        """What people call the terminal."""
        return self._booths[terminal].terminal.label

    async def knows(self, terminal: TerminalId) -> bool:
        """Whether there is such a terminal."""
        if terminal not in self._booths:
            await self.refresh()
        return terminal in self._booths

    def turn_away(self, terminal: TerminalId) -> None:
        """The terminal's kiosk was revoked: hang up on it, and say why."""
        client = self._booths[terminal].client
        if client is not None:
            client.send(Refused(refusals=(Refusal(code=RejectionCode.TERMINAL_NOT_ENROLLED),)))
            client.close(CloseCode.REFUSED)

    def connected(self, terminal: TerminalId, client: Client) -> None:
        """The terminal is here; an older connection of it is closed."""
        booth = self._booths[terminal]
        if booth.client is not None:
            booth.client.close(CloseCode.REPLACED)
        booth.client = client
        self._feed.changed()

    async def disconnected(self, terminal: TerminalId, client: Client) -> None:
        """The terminal's connection ended; staff hear of it when somebody needs the terminal."""
        booth = self._booths[terminal]
        if booth.client is not client:
            return
        booth.client = None
        booth.left_at = self._clock.now()
        booth.state = replace(booth.state, connected=False, engine=False)
        self._feed.changed()
        if any(run.terminal.id == terminal for run in self._desk.under_way()):
            await self._alerts.raise_alert(AlertKind.TERMINAL_LOST, terminal=terminal)

    async def report(self, terminal: TerminalId, status: TerminalStatus) -> None:
        """The terminal says how it is; one that is back no longer needs anybody."""
        booth = self._booths[terminal]
        booth.state = replace(
            booth.state,
            connected=True,
            engine=status.engine,
            camera=status.camera,
            microphone=status.microphone,
            findings=status.findings,
        )
        self._feed.changed()
        await self._alerts.settle(AlertKind.TERMINAL_LOST, terminal)

    def set_board_missing(self, terminal: TerminalId, missing: bool) -> None:
        """Whether the terminal can carry no visit for want of its board."""
        booth = self._booths[terminal]
        booth.state = replace(booth.state, board_missing=missing)

    def client_in(self, run: VisitRun) -> Client | None:
        """The connection of the terminal at which the visit's inmate is signed in."""
        booth = self._booths.get(run.terminal.id)
        if booth is None or booth.signed_in != run.inmate.id:
            return None
        return booth.client

    def is_connected(self, terminal: TerminalId) -> bool:
        """Whether the terminal is here."""
        booth = self._booths.get(terminal)
        return booth is not None and booth.client is not None

    async def badge_seen(self, terminal: TerminalId, badge: str, visit: VisitId | None) -> None:
        """A badge was shown in mid-visit; staff hear of one that is not the inmate's own.

        Raises:
            StoreError: the badge could not be looked up, or the alert not kept.
        """
        owner, signed_in = await self._badges.owner(badge), self._booths[terminal].signed_in
        if signed_in is not None and owner != signed_in:
            detail = {"inmate": owner} if owner else {}
            await self._alerts.raise_alert(
                AlertKind.BADGE_OF_ANOTHER, terminal=terminal, visit=visit, detail=detail
            )

    async def agenda(self, terminal: TerminalId) -> TerminalAgenda:
        """What the idle screen may say: the running or next slot here, nobody's name."""
        now = self._clock.now()
        visits = await self._store.read(
            lambda db: Visits(db).at_terminal(terminal, now, now + _AGENDA_LOOK)
        )
        locked = await self._locked(LockKind.TERMINAL, terminal, RejectionCode.TERMINAL_LOCKED)
        coming = sorted(visits, key=lambda visit: visit.starts)[:_AGENDA_SLOTS]
        upcoming = coming[0] if coming else None
        return TerminalAgenda(
            now=now,
            next_starts=upcoming.starts if upcoming else None,
            next_ends=upcoming.ends if upcoming else None,
            slots=tuple(SlotTimes(starts=visit.starts, ends=visit.ends) for visit in coming),
            refusals=(locked,) if locked else (),
        )

    async def identify(
        self,
        terminal: TerminalId,
        pin: str,
        number: str | None = None,
        badge: str | None = None,
        *,
        asks_badge: bool = False,
    ) -> Identified | IdentifyRefused:
        """Who PIN and badge belong to, of those whose visit is open here now, or of that number.

        While no visit is open here, a badge alone says whose PIN it has to be.

        A badge is wanted where the terminal asks for one, and looked at wherever it was shown.

        Raises:
            StoreError: the attempt could not be counted, so it was not made.
        """
        if locked := await self._locked(LockKind.TERMINAL, terminal, RejectionCode.TERMINAL_LOCKED):
            return IdentifyRefused(refusals=(locked,))
        await self._desk.refresh()
        owner = None if badge is None else await self._badges.owner(badge)
        if number is None:
            here = [run for run in self._desk.open_now() if run.terminal.id == terminal]
            candidates = [run.inmate for run in here]
            if not here and badge is None:
                return IdentifyRefused(refusals=(Refusal(code=RejectionCode.NO_VISIT_NOW),))
            if not here and owner is not None:
                # The badge says as much as a number: they may see their own visits.
                inmate = await self._store.read(lambda db: People(db).inmate(owner))
                candidates = [inmate] if inmate is not None else []
        else:
            candidates = await self._store.read(lambda db: _numbered(People(db), number))
        if badge is not None:
            candidates = [inmate for inmate in candidates if inmate.id == owner]
            if not candidates:
                # Whoever lays down somebody else's badge locks the terminal, and nobody's visits.
                refusal = await self._count(terminal, [], RejectionCode.BADGE_WRONG)
                return IdentifyRefused(refusals=(refusal,))
        elif asks_badge:
            return IdentifyRefused(refusals=(Refusal(code=RejectionCode.BADGE_MISSING),))
        for inmate in candidates:
            lock = await self._locked(LockKind.INMATE, inmate.id, RejectionCode.INMATE_LOCKED)
            if lock is not None:
                return IdentifyRefused(refusals=(lock,))
            if await self._knows(inmate.id, pin):
                return await self._welcome(terminal, inmate)
        return IdentifyRefused(refusals=(await self._count(terminal, candidates),))

    async def _knows(self, inmate: InmateId, pin: str) -> bool:
        stored = await self._store.read(lambda db: People(db).pin_hash(inmate))
        return stored is not None and await verify_secret(stored, pin)

    async def _welcome(self, terminal: TerminalId, inmate: Inmate) -> Identified:
        now = self._clock.now()

        def write(db: Database) -> None:
            Locks(db).clear(LockKind.TERMINAL, terminal)
            Locks(db).clear(LockKind.INMATE, inmate.id)
            Journal(db).append(now, f"inmate:{inmate.id}", "inmate.identified", terminal)

        await self._store.write(write)
        self._booths[terminal].signed_in = inmate.id
        mine = [
            other
            for other in self._desk.open_now()
            if other.terminal.id == terminal and other.inmate.id == inmate.id
        ]
        return Identified(
            inmate_name=inmate.name,
            language=inmate.language,
            visits=tuple(
                party_view(
                    other,
                    Party.INMATE,
                    now,
                    self._desk.standing_grounds(other),
                    self._desk.stopping(other),
                )
                for other in sorted(mine, key=lambda other: other.visit.starts)
            ),
            notices=await self._displaced.for_inmate(inmate.id),
            plan=await own_plan(inmate, store=self._store, clock=self._clock, desk=self._desk),
        )

    async def _count(
        self,
        terminal: TerminalId,
        tried: Sequence[Inmate],
        code: RejectionCode = RejectionCode.PIN_WRONG,
    ) -> Refusal:
        now = self._clock.now()
        self._booths[terminal].tried.update(inmate.id for inmate in tried)

        def write(db: Database) -> LockState:
            locks = Locks(db)
            for inmate in tried:
                locks.fail(LockKind.INMATE, inmate.id, now)
            state = locks.fail(LockKind.TERMINAL, terminal, now)
            failed = {"failures": state.failures}
            Journal(db).append(now, f"terminal:{terminal}", "pin.failed", terminal, failed)
            if state.locked(now):
                Journal(db).append(now, f"terminal:{terminal}", "pin.locked", terminal)
            return state

        state = await self._store.write(write)
        if not state.locked(now):
            return Refusal(code=code, attempts_left=state.attempts_left)
        log.warning("terminal %s locked after %d wrong PINs", terminal, MAX_FAILURES)
        here = [run.visit.id for run in self._desk.open_now() if run.terminal.id == terminal]
        await self._alerts.raise_alert(
            AlertKind.PIN_LOCKED, terminal=terminal, visit=here[0] if here else None
        )
        return Refusal(code=RejectionCode.TERMINAL_LOCKED, until=state.locked_until)

    async def unlock(self, terminal: TerminalId, by: Actor) -> None:
        """Staff have looked: the terminal and the inmates tried or booked there may try again."""
        now = self._clock.now()
        inmates = {run.inmate.id for run in self._desk.open_now() if run.terminal.id == terminal}
        inmates |= self._booths[terminal].tried
        self._booths[terminal].tried = set()

        def write(db: Database) -> None:
            Locks(db).clear(LockKind.TERMINAL, terminal)
            for inmate in inmates:
                Locks(db).clear(LockKind.INMATE, inmate)
            Journal(db).append(now, by.label, "pin.unlocked", terminal)

        await self._store.write(write)
        if client := self._booths[terminal].client:
            client.send(await self.agenda(terminal))

    async def notices_shown(self, terminal: TerminalId, notices: Iterable[str]) -> None:
        """The kiosk has shown these to whoever is signed in; to nobody, when nobody is."""
        inmate = self._booths[terminal].signed_in
        if inmate is not None:
            await self._displaced.shown_to_inmate(inmate, notices)

    def may_attend(self, terminal: TerminalId, run: VisitRun) -> bool:
        """Whether the person signed in at this terminal is the inmate of that visit."""
        booth = self._booths[terminal]
        return run.terminal.id == terminal and booth.signed_in == run.inmate.id

    def signed_in(self, terminal: TerminalId) -> InmateId | None:
        """Who sits at the terminal, as far as the relay knows."""
        return self._booths[terminal].signed_in

    def sign_out(self, terminal: TerminalId) -> None:
        """The terminal forgets who sat there."""
        self._booths[terminal].signed_in = None

    async def _locked(self, kind: LockKind, subject: str, code: RejectionCode) -> Refusal | None:
        now: datetime = self._clock.now()
        state = await self._store.read(lambda db: Locks(db).state(kind, subject))
        return Refusal(code=code, until=state.locked_until) if state.locked(now) else None


def _numbered(people: People, number: str) -> list[Inmate]:
    """The inmate whose id has these digits; nobody, when several have."""
    wanted = number.lstrip("0")
    found = [
        inmate
        for inmate in people.inmates()
        if wanted and "".join(filter(str.isdigit, inmate.id)).lstrip("0") == wanted
    ]
    return found if len(found) == 1 else []
