"""`Desks`: every runner of the service, put together once, started and stopped in order.

Guarantees: the workers start before anything is taken up. Leaves to others: the endpoints
(`relay.app`).
"""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from relay.clock import Clock
from relay.config import RelayConfig
from relay.core.model import Facility
from relay.service.addresses import local_addresses
from relay.service.alerts import AlertDesk
from relay.service.appeals import AppealDesk
from relay.service.attendance import Attendance
from relay.service.audience import Audience
from relay.service.badges import BadgeDesk
from relay.service.boards import Boards
from relay.service.booths import Booths
from relay.service.calls import Calls
from relay.service.checkpoints import CheckpointDesk
from relay.service.displaced import DisplacedDesk
from relay.service.enforcement import Enforcement
from relay.service.enrolment import EnrolmentDesk
from relay.service.feed import Feed
from relay.service.issuance import Issuance
from relay.service.keys import Keyring
from relay.service.links import LinkDesk
from relay.service.monitors import MonitorDesk
from relay.service.order_counting import Counting
from relay.service.order_desk import OrderDesk
from relay.service.order_files import OrderFiles
from relay.service.order_report import ReportDesk
from relay.service.recordings import RecordingDesk
from relay.service.requests import RequestDesk
from relay.service.signing import Signing, StandingSecrets
from relay.service.staff import StaffDesk
from relay.service.standing_orders import StandingOrders
from relay.service.supervision import Supervision
from relay.service.tls_key import tls_key_of
from relay.service.turn import TurnDesk
from relay.service.upkeep import UpkeepDesk
from relay.service.viewings import Viewings
from relay.service.visits import VisitDesk
from relay.service.wall import Wall
from relay.service.workers import plans
from relay.store.database import Store
from relay.store.facilities import Facilities

_MIB = 1024 * 1024


class NoFacilityError(Exception):
    """The data folder holds no facility yet; the text is one line with the mend."""


@dataclass(frozen=True, slots=True)
class Desks:
    """What the relay is made of, for its endpoints."""

    facility: Facility
    data_dir: Path
    base_url: str
    store: Store
    clock: Clock
    feed: Feed
    audience: Audience
    alerts: AlertDesk
    calls: Calls
    recordings: RecordingDesk
    visits: VisitDesk
    attendance: Attendance
    booths: Booths
    boards: Boards
    enrolment: EnrolmentDesk
    badges: BadgeDesk
    upkeep: UpkeepDesk
    links: LinkDesk
    keyring: Keyring
    enforcement: Enforcement
    order_files: OrderFiles
    orders: OrderDesk
    standing: StandingOrders
    appeals: AppealDesk
    displaced: DisplacedDesk
    requests: RequestDesk
    reports: ReportDesk
    supervision: Supervision
    monitors: MonitorDesk
    wall: Wall
    staff: StaffDesk
    turn: TurnDesk
    checkpoints: CheckpointDesk
    viewings: Viewings

    async def start(self) -> None:
        """Read everything back, in the order in which one needs the other."""
        await self.enforcement.start()
        await self.visits.refresh()
        await self.enforcement.take_effect()
        await self.booths.start()
        await self.boards.start()
        await self.checkpoints.start()

    async def take_up(self) -> None:
        """Take up visits and recordings where the last process left them; only a relay does."""
        await self.recordings.salvage()
        await self.visits.start()

    async def run(self) -> None:
        """Start the workers, take up, then carry calls, keep time, enforce orders; until cancelled.

        The workers come first: of all that a relay needs they take longest.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self.calls.run(), name="calls")
            await self.take_up()
            group.create_task(self.visits.run(), name="visits")
            group.create_task(self.enforcement.run(), name="enforcement")
            group.create_task(self.boards.run(), name="boards")
            group.create_task(self.standing.run(), name="orders")
            group.create_task(self.checkpoints.run(), name="checkpoints")
            group.create_task(self.appeals.run(), name="appeals")

    async def drain(self) -> None:
        """Returns when the workers have ended and what they told last has been entered."""
        await self.calls.stop()
        await self.enforcement.drain()
        await self.attendance.drain()
        await self.boards.drain()
        await self.monitors.drain()
        await self.wall.drain()
        await self.checkpoints.drain()


def facility_of(store: Store) -> Facility:
    """The facility that the store was made for.

    Raises:
        NoFacilityError: none was ever set.
    """
    found = store.read_now(lambda db: Facilities(db).facility())
    if found is None:
        raise NoFacilityError(f"{store.path.parent}: no facility yet; make one with `parloir init`")
    return found


def build(config: RelayConfig, store: Store, clock: Clock, facility: Facility) -> Desks:
    """The desks of one facility; nothing runs yet.

    Raises:
        ConfigError: a secret file cannot be used.
    """
    data_dir = config.data_dir or Path()
    media = config.media
    bind = tuple(str(address) for address in media.bind or ()) or local_addresses()
    calls = Calls(
        plans(
            ordinary=media.ordinary_count(len(os.sched_getaffinity(0))),
            protected=media.protected_workers,
            bind=bind,
            port=media.port,
            public=tuple(str(address) for address in media.public_addresses),
            media_timeout_s=media.media_timeout_s,
        ),
        clock,
        media.cut_confirm_ms,
    )
    feed, audience = Feed(), Audience()
    alerts = AlertDesk(store, clock, feed)
    recordings = RecordingDesk(
        store=store, clock=clock, data_dir=data_dir, alerts=alerts, feed=feed
    )
    visits = VisitDesk(
        store=store, clock=clock, facility=facility, calls=calls, audience=audience, feed=feed
    )
    displaced = DisplacedDesk(store, clock)
    keyring = Keyring(store, clock, data_dir)
    enforcement = Enforcement(
        store=store,
        clock=clock,
        facility=facility,
        data_dir=data_dir,
        desk=visits,
        calls=calls,
        feed=feed,
        alerts=alerts,
    )
    files = OrderFiles(store, clock, feed)
    counting = Counting(store, clock, facility, visits, enforcement)
    signing = Signing(keyring, StandingSecrets(data_dir), enforcement)
    issuance = Issuance(
        clock=clock,
        files=files,
        counting=counting,
        enforcement=enforcement,
        displaced=displaced,
        alerts=alerts,
    )
    standing = StandingOrders(
        store=store,
        clock=clock,
        files=files,
        enforcement=enforcement,
        signing=signing,
        issuance=issuance,
        alerts=alerts,
    )
    badges = BadgeDesk(store, clock, data_dir)
    booths = Booths(
        store=store,
        clock=clock,
        desk=visits,
        alerts=alerts,
        displaced=displaced,
        badges=badges,
        feed=feed,
    )
    attendance = Attendance(
        desk=visits,
        store=store,
        clock=clock,
        calls=calls,
        audience=audience,
        alerts=alerts,
        recordings=recordings,
        min_free_bytes=config.recording.min_free_mib * _MIB,
        terminal_state=booths.state,
    )
    boards = Boards(
        store=store,
        clock=clock,
        desk=visits,
        booths=booths,
        hold=attendance.hold,
        alerts=alerts,
        feed=feed,
    )
    base_url = config.base_url
    return Desks(
        facility=facility,
        data_dir=data_dir,
        base_url=base_url,
        store=store,
        clock=clock,
        feed=feed,
        audience=audience,
        alerts=alerts,
        calls=calls,
        recordings=recordings,
        visits=visits,
        attendance=attendance,
        booths=booths,
        boards=boards,
        upkeep=UpkeepDesk(store=store, clock=clock, desk=visits, booths=booths, alerts=alerts),
        enrolment=EnrolmentDesk(store, clock, feed, tls_key_of(config.http.tls_certificate)),
        badges=badges,
        links=LinkDesk(store=store, clock=clock, desk=visits, alerts=alerts, base_url=base_url),
        keyring=keyring,
        enforcement=enforcement,
        order_files=files,
        orders=OrderDesk(
            store=store,
            clock=clock,
            files=files,
            counting=counting,
            enforcement=enforcement,
            signing=signing,
            issuance=issuance,
        ),
        standing=standing,
        appeals=AppealDesk(
            store=store,
            clock=clock,
            visits=visits,
            files=files,
            standing=standing,
            enforcement=enforcement,
            alerts=alerts,
        ),
        displaced=displaced,
        requests=RequestDesk(store=store, clock=clock, feed=feed),
        viewings=Viewings(store, clock),
        reports=ReportDesk(
            store=store,
            clock=clock,
            facility=facility,
            data_dir=data_dir,
            visits=visits,
            files=files,
            standing=standing,
            enforcement=enforcement,
        ),
        supervision=Supervision(desk=visits, store=store, clock=clock, audience=audience),
        monitors=MonitorDesk(store=store, clock=clock, desk=visits, calls=calls),
        wall=Wall(store=store, clock=clock, calls=calls, alerts=alerts, feed=feed),
        staff=StaffDesk(store),
        turn=TurnDesk.open(config.turn, clock),
        checkpoints=CheckpointDesk(
            store=store, clock=clock, data_dir=data_dir, facility=facility, alerts=alerts
        ),
    )
