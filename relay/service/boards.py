"""`Boards`: the booths' boards: power for visits that may have it, and what is sensed.

Guarantees: a terminal with a board gets a power lease every `RENEWAL_S` exactly while a visit of
the person who is signed in there is under way; each end of a visit at which power was allowed is
entered as confirmed off, or becomes an alert within `CONFIRM_S`; panic is an alert before the kiosk
is told that it was heard; a terminal whose required board is away loses its party, so that the
visit's clock stands still. Leaves to others: whether a visit may be (`visits`), the board's own
count (`firmware_bridge`), whose badge it is (`badges`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Final

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import TerminalId, VisitId
from relay.core.visit_events import Event, OrderEnforced
from relay.service.alerts import AlertDesk
from relay.service.booths import Booths
from relay.service.feed import Feed
from relay.service.staff import SYSTEM
from relay.service.visit_run import VisitRun
from relay.service.visits import VisitDesk
from relay.store.alerts import Alerts
from relay.store.database import Store
from relay.store.errors import StoreError
from relay.store.journal import Journal
from relay.store.power_offs import PowerOffRow, PowerOffs, PowerOffState
from relay.store.sqlite import Database
from visit_protocol.bridge import RENEWAL_S, BoardFault
from visit_protocol.signalling import BoardStatus, PowerLease
from visit_protocol.vocabulary import Party

log = logging.getLogger(__name__)

CONFIRM_S: Final = 2.0
"""A lease runs out after 0.6 s, and the bridge takes 1 s to be sure that power stayed."""
COME_BACK_S: Final = 30.0
"""After the relay's own start its terminals have so long to say how it is."""

_FAULTS: Final = {
    BoardFault.POWER_NOT_CUT: AlertKind.POWER_NOT_CUT,
    BoardFault.POWER_NOT_GIVEN: AlertKind.POWER_NOT_GIVEN,
    BoardFault.TOO_HOT: AlertKind.TOO_HOT,
}
_MENDS: Final = frozenset({AlertKind.POWER_NOT_GIVEN, AlertKind.TOO_HOT, AlertKind.BOARD_LOST})
"""What needs nobody once it is over. An open case or power that stayed on wants a look."""


@dataclass(slots=True)
class _Owed:
    """An end of a visit whose board has not confirmed yet."""

    row: PowerOffRow
    since_ns: int
    due_ns: int


@dataclass(slots=True)
class _Board:
    """What is known of one terminal's board."""

    status: BoardStatus | None = None
    """What the kiosk said in this conversation."""
    leased: VisitId | None = None
    """The visit that power was last allowed for."""
    owed: list[_Owed] = field(default_factory=list)


class Boards:
    """The boards of all terminals."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        desk: VisitDesk,
        booths: Booths,
        hold: Callable[[VisitId, Party], Awaitable[None]],
        alerts: AlertDesk,
        feed: Feed,
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._booths = booths
        self._hold = hold
        self._alerts = alerts
        self._feed = feed
        self._boards: dict[TerminalId, _Board] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        desk.ended = self._ended

    async def start(self) -> None:
        """Take up what the last process did not hear confirmed."""
        now_ns = self._clock.monotonic_ns()
        for row in await self._store.read(lambda db: PowerOffs(db).open()):
            owed = _Owed(row, now_ns, now_ns + round(COME_BACK_S * 1e9))
            self._of(row.terminal).owed.append(owed)

    def status(self, terminal: TerminalId) -> BoardStatus | None:
        """What the terminal says of its board; None when it has said of none."""
        board = self._boards.get(terminal)
        return board.status if board else None

    def off_unconfirmed(self, terminal: TerminalId) -> bool:
        """Whether a visit ended here and the board did not say in time that power is off."""
        board = self._boards.get(terminal)
        states = (owed.row.state for owed in board.owed) if board else ()
        return PowerOffState.NOT_CONFIRMED in states

    # ── power ─────────────────────────────────────────────────────────────────────────────
    async def run(self) -> None:
        """Renew and look for what is due until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.renew()
            self._look_for_due()
            # Kept to the beat, and not made up for: a lease that is late is worth nothing.
            due = max(due + RENEWAL_S, loop.time())
            await asyncio.sleep(due - loop.time())

    def renew(self) -> None:
        """Give every terminal whose visit may have power another lease."""
        lease: PowerLease | None = None
        for run in self._desk.under_way():
            board = self._boards.get(run.terminal.id)
            if board is None or board.status is None or board.status.loss is not None:
                continue
            client = self._booths.client_in(run)
            if client is not None:
                lease = lease or PowerLease(sent_ns=self._clock.monotonic_ns())
                client.send(lease)
                board.leased = run.visit.id

    def _ended(self, run: VisitRun, event: Event) -> None:
        """A visit is over: from now on its terminal owes the word that power is off."""
        terminal, board = run.terminal.id, self._of(run.terminal.id)
        leased, board.leased = board.leased == run.visit.id, None
        was_there = Party.INMATE in run.attending or run.machine.live_since is not None
        if not leased and (board.status is not None or not was_there):
            return
        row = PowerOffRow(
            visit=run.visit.id,
            ended=self._clock.now(),
            terminal=terminal,
            order=event.order if isinstance(event, OrderEnforced) else None,
            state=PowerOffState.AWAITED if leased else PowerOffState.NOT_FITTED,
        )
        if leased:
            now_ns = self._clock.monotonic_ns()
            board.owed.append(_Owed(row, now_ns, now_ns + round(CONFIRM_S * 1e9)))
        self._spawn(self._store.write(lambda db: PowerOffs(db).put(row)))

    async def power_off(self, terminal: TerminalId) -> None:
        """The board has just measured that camera and microphone have no power.

        Raises:
            StoreError: it could not be entered.
        """
        await self._confirm(terminal, measured=True)

    async def _confirm(self, terminal: TerminalId, *, measured: bool) -> None:
        board = self._of(terminal)
        owed, board.owed = board.owed, []
        if not owed:
            return
        now, now_ns = self._clock.now(), self._clock.monotonic_ns()
        rows = [
            replace(
                one.row,
                state=PowerOffState.CONFIRMED,
                after_ms=(now_ns - one.since_ns) // 1_000_000 if measured else None,
            )
            for one in owed
        ]

        def write(db: Database) -> None:
            for row in rows:
                PowerOffs(db).put(row)
                detail = {"terminal": terminal, "order": row.order, "after_ms": row.after_ms}
                Journal(db).append(now, SYSTEM.label, "power.off", row.visit, detail)

        await self._store.write(write)
        await self._alerts.settle(AlertKind.POWER_NOT_CONFIRMED, terminal)
        self._feed.changed()

    def _look_for_due(self) -> None:
        """Enter what could be confirmed or was not in time."""
        now_ns = self._clock.monotonic_ns()
        for terminal, board in self._boards.items():
            late = [one for one in board.owed if now_ns >= one.due_ns]
            late = [one for one in late if one.row.state is PowerOffState.AWAITED]
            if not late:
                continue
            if self._is_off(terminal, board):
                self._spawn(self._confirm(terminal, measured=False))
                continue
            for one in late:
                one.row = replace(one.row, state=PowerOffState.NOT_CONFIRMED)
                self._spawn(self._not_confirmed(one.row))

    def _is_off(self, terminal: TerminalId, board: _Board) -> bool:
        """Whether nothing ever had power: then the board has nothing new to say."""
        status = board.status
        return status is not None and status.off_confirmed and self._booths.is_connected(terminal)

    async def _not_confirmed(self, row: PowerOffRow) -> None:
        log.error("terminal %s has not confirmed that power is off", row.terminal)
        now = self._clock.now()

        def write(db: Database) -> None:
            PowerOffs(db).put(row)
            detail = {"terminal": row.terminal, "order": row.order}
            Journal(db).append(now, SYSTEM.label, "power.not_confirmed", row.visit, detail)

        await self._alerts.raise_alert(
            AlertKind.POWER_NOT_CONFIRMED, terminal=row.terminal, visit=row.visit
        )
        await self._store.write(write)

    # ── what is sensed ────────────────────────────────────────────────────────────────────
    def welcomed(self, terminal: TerminalId) -> None:
        """Another conversation with the terminal: what it said of its board may be old."""
        self._of(terminal).status = None
        self._booths.set_board_missing(terminal, missing=False)

    async def report(self, terminal: TerminalId, status: BoardStatus) -> None:
        """The terminal says how its board is.

        Raises:
            StoreError: an alert could not be kept.
        """
        board = self._of(terminal)
        before, board.status = board.status, status
        missing = status.required and (status.loss is not None or status.case_open)
        self._booths.set_board_missing(terminal, missing)
        self._feed.changed()
        if missing:
            for run in self._desk.under_way():
                if run.terminal.id == terminal:
                    await self._hold(run.visit.id, Party.INMATE)
        if status.off_confirmed and not (before and before.off_confirmed):
            await self._confirm(terminal, measured=True)
        await self._tell_staff(terminal, before, status)

    async def _tell_staff(
        self, terminal: TerminalId, before: BoardStatus | None, status: BoardStatus
    ) -> None:
        told = _alerts_of(before) if before else {}
        for kind, detail in _alerts_of(status).items():
            if told.get(kind) != detail:
                await self._alerts.raise_alert(kind, terminal=terminal, detail=detail)
        mended = _MENDS - _alerts_of(status).keys()
        if before is not None:
            mended &= told.keys()
        elif mended:  # what an earlier conversation raised
            mended &= await self._store.read(lambda db: _open_kinds(db, terminal))
        for kind in mended:
            await self._alerts.settle(kind, terminal)

    async def panic(self, terminal: TerminalId, visit: VisitId | None) -> None:
        """Somebody has pressed the panic button; returns when it is before the guards.

        Raises:
            StoreError: it could not be kept.
        """
        await self._alerts.raise_alert(AlertKind.PANIC, terminal=terminal, visit=visit)

    def _of(self, terminal: TerminalId) -> _Board:
        return self._boards.setdefault(terminal, _Board())

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        async def owned() -> None:
            try:
                await work
            except StoreError as error:
                log.error("%s", error)

        task = asyncio.create_task(owned())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Returns when all that was said has been entered; at shutdown."""
        while self._tasks:
            await asyncio.wait(self._tasks)


def _open_kinds(db: Database, terminal: TerminalId) -> frozenset[AlertKind]:
    rows = (row for row in Alerts(db).open() if row.terminal == terminal)
    return frozenset(AlertKind(row.kind) for row in rows)


def _alerts_of(status: BoardStatus) -> dict[AlertKind, dict[str, str]]:
    """What of this staff must know, with its detail."""
    found: dict[AlertKind, dict[str, str]] = {_FAULTS[code]: {} for code in status.faults}
    if status.loss is not None:
        found[AlertKind.BOARD_LOST] = {"loss": status.loss}
    if status.case_open or status.door_open:
        found[AlertKind.TAMPER] = {"part": "case" if status.case_open else "door"}
    return found
