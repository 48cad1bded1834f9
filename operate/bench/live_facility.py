"""A whole relay in this process with that many live visits, its parties played by the generator.

Guarantees: store, orders, visits and the media worker are those that ship; the store lies on a
disk, in a folder of its own. Leaves to others: what is measured with it (`operate.bench.cutting`).
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from operate import key_making
from operate.bench.errors import SystemFailedError
from operate.bench.generator import Generator
from operate.bench.processes import on_core
from operate.key_making import Signatory
from relay.clock import SystemClock
from relay.config import RelayConfig
from relay.core.model import (
    Contact,
    ContactId,
    Facility,
    FacilityId,
    HousingUnit,
    HousingUnitId,
    Inmate,
    InmateId,
    Terminal,
    TerminalId,
    Visit,
    VisitId,
    Visitor,
    VisitorId,
)
from relay.service.desks import Desks, build
from relay.store.database import DATABASE_FILE, Store
from relay.store.facilities import Facilities
from relay.store.key_files import KeyFolder
from relay.store.people import People
from relay.store.sqlite import Database
from relay.store.trust import TrustMetadata
from relay.store.visits import Visits
from suspension.trust import LEAST, Trust
from visit_protocol.errors import CloseCode
from visit_protocol.message import Message
from visit_protocol.vocabulary import (
    BookingStatus,
    CallState,
    Party,
    Relationship,
    VisitType,
)
from visit_protocol.worker import PeerRefused

FACILITY: Final = Facility(FacilityId("f-bench"), "Bench", "UTC")
PEOPLE: Final = ("first", "second")
_UNIT: Final = HousingUnitId("u-1")
_BORN: Final = date(1980, 1, 1)
_STEP_S: Final = 60.0
_AT_ONCE: Final = 8


class _Silent:
    """A party that is told things and says nothing."""

    def send(self, message: Message) -> None:
        """Hear it."""

    def close(self, code: CloseCode) -> None:
        """Hear that, too."""


@dataclass(frozen=True, slots=True)
class LiveFacility:
    """Visits that are live, and the legs of the generator that hear each."""

    desks: Desks
    secrets: dict[str, str]
    """Of the people who sign its orders."""
    legs: dict[VisitId, tuple[int, ...]]


@contextlib.asynccontextmanager
async def live_facility(
    folder: Path, generator: Generator, visits: int, core: int
) -> AsyncIterator[LiveFacility]:
    """A facility with so many live visits, ended with the block.

    Raises:
        SystemFailedError: the worker did not start, or visits did not come to life.
    """
    told = {person: secrets.token_hex(16) for person in PEOPLE}
    with Store.open(folder / DATABASE_FILE) as store:
        planned = await asyncio.to_thread(_furnish, store, folder, told, visits)
        config = RelayConfig.model_validate(
            {
                "data_dir": folder,
                "media": {"bind": ["127.0.0.1"], "ordinary_workers": 1, "protected_workers": 1},
            }
        )
        desks = build(config, store, SystemClock(), FACILITY)
        await desks.start()
        await desks.take_up()
        with on_core(core):
            running = asyncio.create_task(desks.run())
            await _in_time(desks.calls.wait_ready(), "the media workers did not start")
        try:
            legs = await _come_to_life(desks, generator, planned, folder)
            yield LiveFacility(desks, told, legs)
        finally:
            await desks.drain()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _furnish(store: Store, folder: Path, told: dict[str, str], visits: int) -> list[Visit]:
    now = datetime.now(UTC)
    keys = KeyFolder.of(folder)
    signatories = [Signatory(person, frozenset(LEAST)) for person in PEOPLE]
    made = key_making.found(keys, keys, FACILITY.id, signatories, PEOPLE, 2, told, now)
    trust = Trust.load(made.roots, made.delegations)
    planned = [
        Visit(
            id=VisitId(f"visit-{number}"),
            reference=f"B-{number}",
            visit_type=VisitType.FAMILY,
            inmate=InmateId(f"i-{number}"),
            visitors=(VisitorId(f"v-{number}"),),
            terminal=TerminalId(f"T-{number}"),
            starts=now - timedelta(minutes=1),
            ends=now + timedelta(hours=1),
            status=BookingStatus.APPROVED,
        )
        for number in range(visits)
    ]

    def write(db: Database) -> None:
        places, people = Facilities(db), People(db)
        places.put_facility(FACILITY)
        places.put_housing_unit(HousingUnit(_UNIT, "Unit"))
        TrustMetadata(db).put(trust, now)
        for visit in planned:
            visitor = visit.visitors[0]
            places.put_terminal(
                Terminal(visit.terminal, visit.terminal, _UNIT, frozenset({VisitType.FAMILY}))
            )
            people.put_inmate(Inmate(visit.inmate, visit.inmate, _BORN, _UNIT, "ru", "general"))
            people.put_visitor(Visitor(visitor, visitor, _BORN, "ru"))
            pair = ContactId(f"c-{visit.id}")
            people.put_contact(Contact(pair, visit.inmate, visitor, Relationship.SIBLING))
            Visits(db).add(visit, now)

    store.write_now(write)
    return planned


async def _come_to_life(
    desks: Desks, generator: Generator, planned: list[Visit], folder: Path
) -> dict[VisitId, tuple[int, ...]]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def admit(visit: Visit) -> tuple[int, ...]:
        async with gate:
            run = await desks.visits.find(visit.id)
            recordings = folder / "recordings" / visit.id
            await asyncio.to_thread(recordings.mkdir, parents=True)
            if not desks.calls.open(visit, recordings, 1):
                raise SystemFailedError("no media worker takes calls")
            legs = []
            for party in (Party.INMATE, Party.VISITOR):
                run.attending[party] = _Silent()
                offered = await generator.offer()
                answer = await desks.calls.offer(visit.id, party, offered.sdp)
                if isinstance(answer, PeerRefused):
                    raise SystemFailedError(f"the worker refused an offer: {answer.code}")
                await generator.take(offered.leg, answer.sdp)
                await generator.connect(offered.leg)
                legs.append(offered.leg)
            return tuple(legs)

    await _in_time(_all_in(desks, planned, {CallState.OPEN}), "slots did not open")
    rooms = await asyncio.gather(*map(admit, planned))
    sources: list[int | None] = [None] * (2 * len(planned))
    for inmate, visitor in rooms:
        sources[inmate], sources[visitor] = visitor, inmate
    await generator.play(sources)
    await _in_time(_all_in(desks, planned, {CallState.LIVE}), "visits did not come to life")
    return {visit.id: legs for visit, legs in zip(planned, rooms, strict=True)}


async def _all_in(desks: Desks, planned: list[Visit], states: set[CallState]) -> None:
    runs = [await desks.visits.find(visit.id) for visit in planned]
    while not all(run.machine.state in states for run in runs):  # noqa: ASYNC110  polled on purpose
        await asyncio.sleep(0.05)


async def _in_time(awaited: "asyncio.Future[None] | object", complaint: str) -> None:
    try:
        async with asyncio.timeout(_STEP_S):
            await awaited  # type: ignore[misc]  # whatever can be awaited
    except TimeoutError as error:
        raise SystemFailedError(complaint) from error
