"""``parloir-bridge selftest``: does the board in this booth do what it must? For installers.

Guarantees: each check is one line that ends in ok or in what to mend; power is off when it returns;
the times are measured here. Leaves to others: which checks need a person (``--booth``).
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from firmware_bridge.config import BridgeConfig
from firmware_bridge.device import Event
from firmware_bridge.line import NOBODY, NOT_OURS, Line
from firmware_bridge.link import Done, Failed, Greeted, Happening, Heard, Mismatched, Unanswered
from firmware_bridge.payloads import (
    HARD_LIMIT_MS,
    LEASE_MS,
    Badge,
    Cut,
    Lamp,
    LampCode,
    Output,
    Panic,
    Payload,
    Renew,
    State,
)

_BOTH: Final = Output.CAMERA | Output.MICROPHONE
_ANSWER_S: Final = 3.0
_PERSON_S: Final = 30.0
_TRIES: Final = 3
_SLACK_MS: Final = 50
"""What cable, this machine and the board's own report may take."""


class CheckFailedError(Exception):
    """The board does not do that; the text says what was seen and what to mend."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to try."""

    name: str
    try_it: Callable[[], Awaitable[str]]


class SelfTest:
    """All checks on one line; make it on the event loop that runs it."""

    def __init__(self, config: BridgeConfig, key: bytes | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Event | Happening] = asyncio.Queue()
        self._line = Line(
            config.port, key, happen=self._queue.put_nowait, watch=lambda _from, _data: None
        )

    async def run(self, *, booth: bool) -> bool:
        """Try everything; whether all of it was right."""
        checks = [
            Check("board answers", self._answers),
            Check("state is told", self._tells_state),
            Check("lamp", self._lamp),
            Check("power comes", self._power_comes),
            Check("power is cut", self._power_is_cut),
            Check("lease ends by itself", self._lease_ends),
            Check("hard limit", self._hard_limit),
        ]
        if booth:
            checks += [
                Check("lift the handset", self._handset),
                Check("lay a badge on the reader", self._badge),
                Check("press the panic button", self._panic),
            ]
        running = asyncio.create_task(self._line.run())
        try:
            for check in checks:
                _say(f"{check.name:<28}")
                try:
                    _say(f"ok    {await check.try_it()}\n")
                except CheckFailedError as error:
                    _say(f"FAIL  {error}\n")
                    return False
            return True
        finally:
            running.cancel()
            await asyncio.wait({running})

    # ── checks ─────────────────────────────────────────────────────────────────────────────
    async def _answers(self) -> str:
        try:
            async with asyncio.timeout(_ANSWER_S):
                while True:
                    match await self._queue.get():
                        case Greeted(welcome=welcome):
                            firmware = ".".join(map(str, welcome.firmware))
                            return f"{welcome.board.hex()}, firmware {firmware}"
                        case Mismatched(welcome=w):
                            raise CheckFailedError(
                                f"it speaks versions {w.lowest} to {w.highest}, we speak 1"
                            )
                        case Unanswered(bytes_heard=heard):
                            raise CheckFailedError(NOT_OURS if heard else NOBODY)
        except TimeoutError:
            raise CheckFailedError(f"cannot use {self._line.path}; see above") from None

    async def _tells_state(self) -> str:
        state = await self._state(lambda _: True, "it says nothing of itself")
        return _shown(state)

    async def _lamp(self) -> str:
        for lamp in LampCode:
            await self._done(Lamp(lamp))
        return "every sign was taken"

    async def _power_comes(self) -> str:
        began = self._loop.time()
        await self._done(Renew(_BOTH, HARD_LIMIT_MS))
        await self._state(
            lambda s: s.sensed == _BOTH, "no power where it should be; look at relay and sense wire"
        )
        return f"measured after {self._since(began)} ms"

    async def _power_is_cut(self) -> str:
        began = self._loop.time()
        await self._done(Cut())
        await self._off("power stays after a cut; the relay may be welded")
        return f"measured after {self._since(began)} ms"

    async def _lease_ends(self) -> str:
        return await self._ends_by_itself(LEASE_MS, LEASE_MS)

    async def _hard_limit(self) -> str:
        return await self._ends_by_itself(65_535, HARD_LIMIT_MS)

    async def _ends_by_itself(self, asked_ms: int, limit_ms: int) -> str:
        """A machine that is busy can only make it look longer: the shortest of a few counts."""
        times: list[int] = []
        while len(times) < _TRIES and min(times, default=limit_ms + _SLACK_MS) >= (
            limit_ms + _SLACK_MS
        ):
            began = self._loop.time()
            await self._done(Renew(_BOTH, asked_ms))
            await self._state(lambda s: s.sensed == _BOTH, "power did not come")
            await self._off("power stays although nobody renews it: DO NOT USE this board")
            times.append(self._since(began))
        took = min(times)
        if took >= limit_ms + _SLACK_MS:
            raise CheckFailedError(f"power went only after {took} ms: DO NOT USE this board")
        return f"after {took} ms"

    async def _handset(self) -> str:
        await self._state(lambda s: s.lifted, "nothing seen; look at the hook switch", _PERSON_S)
        return ""

    async def _badge(self) -> str:
        await self._heard(
            lambda p: isinstance(p, Badge) and bool(p.uid), "no badge seen", _PERSON_S
        )
        return ""

    async def _panic(self) -> str:
        await self._heard(lambda p: isinstance(p, Panic), "nothing seen", _PERSON_S)
        return ""

    # ── waiting ────────────────────────────────────────────────────────────────────────────
    async def _done(self, command: Payload) -> None:
        self._line.send(command)
        try:
            async with asyncio.timeout(_ANSWER_S):
                while True:
                    match await self._queue.get():
                        case Done(command=done) if done == command:
                            return
                        case Failed(command=failed, reason=reason) if failed == command:
                            raise CheckFailedError(f"{type(command).__name__}: {reason}")
        except TimeoutError:
            raise CheckFailedError(f"{type(command).__name__}: no end") from None

    async def _off(self, mend: str) -> None:
        await self._state(lambda s: not s.sensed and not s.driven, mend)

    async def _state(
        self, holds: Callable[[State], bool], mend: str, within_s: float = _ANSWER_S
    ) -> State:
        heard = await self._heard(lambda p: isinstance(p, State) and holds(p), mend, within_s)
        if not isinstance(heard, State):
            raise CheckFailedError(mend)
        return heard

    async def _heard(
        self, holds: Callable[[Payload], bool], mend: str, within_s: float = _ANSWER_S
    ) -> Payload:
        try:
            async with asyncio.timeout(within_s):
                while True:
                    match await self._queue.get():
                        case Heard(payload=payload) if holds(payload):
                            return payload
        except TimeoutError:
            raise CheckFailedError(mend) from None

    def _since(self, began: float) -> int:
        return round((self._loop.time() - began) * 1000)


def _shown(state: State) -> str:
    heat = "no thermometer" if state.temperature_dc is None else f"{state.temperature_dc / 10} °C"
    handset = "handset lifted" if state.lifted else "handset on its hook"
    return f"{handset}, {heat}, up for {state.uptime_s} s"


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
