"""`UpkeepDesk`: terminals as things to be looked after: what they are, and what they are told.

Guarantees: nobody's visit is cut by a restart unless somebody says why; a command is answered
within `ANSWER_S` or said not to have been; each one is in the journal with who gave it; a picture
of a screen passes through and is kept nowhere. A failed self-test is an alert until one passes.
Leaves to others: doing it, and refusing what the screen does not allow (the kiosk).
"""

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Final

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import TerminalId
from relay.service.alerts import AlertDesk
from relay.service.booths import Booth, Booths
from relay.service.staff import Actor
from relay.service.visits import VisitDesk
from relay.store.database import Store
from relay.store.facilities import Facilities
from relay.store.journal import Journal
from relay.store.self_tests import SelfTest, SelfTests
from relay.store.sqlite import Database
from visit_protocol.signalling import (
    CommandAnswer,
    SelfTestReport,
    TerminalAbout,
    TerminalCommand,
    TerminalMode,
    TerminalNetwork,
)
from visit_protocol.vocabulary import CheckState, Party, TerminalAction

ANSWER_S: Final = 10.0
_WANTING: Final = (CheckState.FAILED, CheckState.ABSENT)
_ENDS_A_VISIT: Final = frozenset({TerminalAction.RESTART, TerminalAction.USE_LAST_CONFIG})


class UpkeepError(Exception):
    """The terminal did not do it; ``code`` is stable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(slots=True)
class _Told:
    """What one terminal has said of itself since the relay started."""

    about: TerminalAbout | None = None
    network: TerminalNetwork | None = None


@dataclass(slots=True)
class _Asked:
    terminal: TerminalId
    answer: asyncio.Future[CommandAnswer] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class UpkeepDesk:
    """Every terminal's upkeep."""

    def __init__(
        self, *, store: Store, clock: Clock, desk: VisitDesk, booths: Booths, alerts: AlertDesk
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._booths = booths
        self._alerts = alerts
        self._told: dict[TerminalId, _Told] = {}
        self._asked: dict[str, _Asked] = {}

    # ── what terminals say ─────────────────────────────────────────────────────────────────
    def about(self, terminal: TerminalId) -> TerminalAbout | None:
        """What the terminal says it is; None while it has not been heard of."""
        told = self._told.get(terminal)
        return told.about if told else None

    def network(self, terminal: TerminalId) -> TerminalNetwork | None:
        """How the network carried its call a moment ago; None outside a call."""
        told = self._told.get(terminal)
        return told.network if told and self.occupied(terminal) else None

    async def hear(
        self,
        terminal: TerminalId,
        word: TerminalAbout | TerminalNetwork | SelfTestReport | CommandAnswer,
    ) -> None:
        """Take note of what a terminal says of itself.

        Raises:
            StoreError: a self-test could not be kept.
        """
        told = self._told.setdefault(terminal, _Told())
        match word:
            case TerminalAbout():
                told.about = word
            case TerminalNetwork():
                told.network = word
            case SelfTestReport():
                await self._tested(terminal, word)
            case CommandAnswer(id=ident):
                asked = self._asked.get(ident)
                if asked is not None and asked.terminal == terminal and not asked.answer.done():
                    asked.answer.set_result(word)

    async def self_tests(self) -> dict[TerminalId, SelfTest]:
        """The last self-test of each terminal."""
        return await self._store.read(lambda db: SelfTests(db).latest())

    async def _tested(self, terminal: TerminalId, report: SelfTestReport) -> None:
        wanting = sorted(name for name, state in report.results.items() if state in _WANTING)
        test = SelfTest(terminal, self._clock.now(), report.cause, not wanting, report.results)
        await self._store.write(lambda db: SelfTests(db).add(test))
        if wanting:
            await self._alerts.raise_alert(
                AlertKind.SELF_TEST_FAILED, terminal=terminal, detail={"failed": wanting}
            )
        else:
            await self._alerts.settle(AlertKind.SELF_TEST_FAILED, terminal)

    # ── what terminals are told ────────────────────────────────────────────────────────────
    def mode(self, terminal: TerminalId) -> TerminalMode:
        """What a terminal that connects has to know."""
        return TerminalMode(maintenance=not self._booth(terminal).terminal.in_service)

    async def maintain(self, terminal: TerminalId, *, on: bool, reason: str, by: Actor) -> None:
        """Take the terminal out of service to look after it, or put it back.

        Raises:
            UpkeepError: there is no such terminal, or somebody is in a visit there.
            StoreError: it could not be kept.
        """
        booth = self._booth(terminal)
        if on and self.occupied(terminal):
            raise UpkeepError("IN_VISIT", "Somebody is in a visit there; wait for its end.")
        now, about = self._clock.now(), {"on": on, "reason": reason}

        def write(db: Database) -> None:
            Facilities(db).set_in_service(terminal, not on)
            Journal(db).append(now, by.label, "terminal.maintenance", terminal, about)

        await self._store.write(write)
        await self._booths.refresh()
        if booth.client is not None:
            booth.client.send(TerminalMode(maintenance=on))

    async def command(
        self, terminal: TerminalId, action: TerminalAction, by: Actor, force_reason: str = ""
    ) -> CommandAnswer:
        """What the kiosk answered to ``action``; it is entered in the journal before it is sent.

        Raises:
            UpkeepError: ``NO_SUCH_TERMINAL``, ``NOT_CONNECTED``, ``IN_VISIT``, ``NO_ANSWER``, or
                the kiosk's own code.
            StoreError: it could not be entered.
        """
        booth = self._booth(terminal)
        if booth.client is None:
            raise UpkeepError("NOT_CONNECTED", "The terminal is not connected.")
        if self.occupied(terminal) and not (action in _ENDS_A_VISIT and force_reason):
            raise UpkeepError("IN_VISIT", "Somebody is in a visit there.")
        ident = f"cmd-{secrets.token_hex(6)}"
        about = {"action": action, **({"forced": force_reason} if force_reason else {})}
        now = self._clock.now()
        await self._store.write(
            lambda db: Journal(db).append(now, by.label, "terminal.commanded", terminal, about)
        )
        asked = self._asked[ident] = _Asked(terminal)
        try:
            booth.client.send(TerminalCommand(id=ident, action=action))
            async with asyncio.timeout(ANSWER_S):
                answer = await asked.answer
        except TimeoutError:
            raise UpkeepError("NO_ANSWER", "The terminal does not answer.") from None
        finally:
            del self._asked[ident]
        if answer.refused is not None:
            raise UpkeepError(answer.refused, "The terminal refuses: " + answer.refused)
        return answer

    def _booth(self, terminal: TerminalId) -> Booth:
        found = next((one for one in self._booths.all() if one.terminal.id == terminal), None)
        if found is None:
            raise UpkeepError("NO_SUCH_TERMINAL", "There is no such terminal.")
        return found

    def occupied(self, terminal: TerminalId) -> bool:
        """Whether somebody is signed in there, or sits in a visit that is under way."""
        if self._booth(terminal).signed_in is not None:
            return True
        return any(
            run.terminal.id == terminal and Party.INMATE in run.machine.present
            for run in self._desk.under_way()
        )
