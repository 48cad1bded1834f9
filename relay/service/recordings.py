"""`RecordingDesk`: what the store knows of each recording, from its first fragment to its end.

Guarantees: a file that was being written when the relay died is called ``SALVAGED``, never
``COMPLETE``; there is no row and no folder for a protected visit. Leaves to others: writing the
files (`relay.media.recorder`).
"""

import asyncio
import logging
import time
from datetime import UTC, datetime
from pathlib import Path

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import Visit, VisitId
from relay.media.recorder.mend import BusyError, Mended, mend
from relay.service.alerts import AlertDesk
from relay.service.feed import Feed
from relay.store.database import Store
from relay.store.recordings import RecordingRow, Recordings, RecordingState
from relay.store.sqlite import Database
from relay.store.visits import Visits
from visit_protocol.vocabulary import Party
from visit_protocol.worker import RecordingClosed, RecordingOpened

log = logging.getLogger(__name__)

FOLDER = "recordings"
_PATIENCE_S = 5.0
"""So long after its worker's death a recorder may take to finish its files."""
_LOOK_EVERY_S = 0.05


class UnknownRecordingError(Exception):
    """There is no such recording, or its file is gone."""


class RecordingDesk:
    """Recordings under ``<data folder>/recordings/<visit>/``."""

    def __init__(
        self, *, store: Store, clock: Clock, data_dir: Path, alerts: AlertDesk, feed: Feed
    ) -> None:
        self._store = store
        self._clock = clock
        self._data_dir = data_dir
        self._alerts = alerts
        self._feed = feed
        self.folder = data_dir / FOLDER
        self.folder.mkdir(mode=0o700, exist_ok=True)

    async def salvage(self) -> None:
        """Close the books on files that the last process left open; before any call starts."""
        for row in await self._store.read(lambda db: Recordings(db).unfinished()):
            await self._salvage(row, "RELAY_DIED")
        for row in await self._store.read(self._unknown_files):
            await self._begin(row)
            await self._salvage(row, "RELAY_DIED")

    def _unknown_files(self, db: Database) -> list[RecordingRow]:
        """Rows for files whose beginning the last process did not live to enter."""
        known = {row.path for row in Recordings(db).all()}
        found = []
        for path in sorted(self.folder.glob("*/*.*")):
            party, _, segment = path.stem.partition("-")
            visit = Visits(db).get(VisitId(path.parent.name))
            name = str(path.relative_to(self._data_dir))
            if name in known:
                continue
            if visit is None or party.upper() not in Party.__members__ or not segment.isdigit():
                log.error("%s is no recording of ours; move it away", name)
                continue
            started = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            found.append(_row(visit.id, Party(party.upper()), int(segment), name, started))
        return found

    async def worker_died(self, visit: VisitId) -> None:
        """The call's worker is gone: its files end where they end."""
        for row in await self._store.read(lambda db: Recordings(db).of_visit(visit)):
            if row.state is RecordingState.RECORDING:
                await self._salvage(row, "WORKER_DIED")

    async def _salvage(self, row: RecordingRow, why: str) -> None:
        mended = await asyncio.to_thread(_mend, self._data_dir / row.path)
        state = RecordingState.SALVAGED if mended else RecordingState.FAILED
        now = self._clock.now()
        await self._store.write(
            lambda db: Recordings(db).finish(
                row.visit,
                row.party,
                row.segment,
                state=state,
                size=mended.size if mended else 0,
                duration_s=mended.duration_s if mended else None,
                closed=now,
                failure=why,
            )
        )
        log.warning("recording of %s (%s) %s: %s", row.visit, row.party, state, why)

    async def place(self, visit: Visit) -> tuple[Path, int]:
        """Folder and segment number for the visit's next recording; nothing for a protected one."""
        if not visit.recorded:
            return self.folder, 0
        folder = self.folder / visit.id
        folder.mkdir(mode=0o700, exist_ok=True)
        segment = await self._store.read(lambda db: Recordings(db).next_segment(visit.id))
        while any(folder.glob(f"*-{segment}.*")):
            segment += 1  # a file that no row knows: never write over it
        return folder, segment

    async def opened(self, visit: VisitId, message: RecordingOpened) -> None:
        """A party's file has its first fragment on disk."""
        name = str(Path(message.path).relative_to(self._data_dir))
        row = _row(visit, message.party, message.segment, name, self._clock.now())
        await self._begin(row)
        self._feed.changed()

    async def _begin(self, row: RecordingRow) -> None:
        await self._store.write(lambda db: Recordings(db).begin(row))

    async def closed(self, visit: VisitId, message: RecordingClosed) -> None:
        """A party's file is complete, or stopped for a failure that staff must hear of."""
        state = RecordingState.FAILED if message.failure else RecordingState.COMPLETE
        now = self._clock.now()
        await self._store.write(
            lambda db: Recordings(db).finish(
                visit,
                message.party,
                message.segment,
                state=state,
                size=message.size,
                duration_s=message.duration_s,
                closed=now,
                failure=message.failure,
            )
        )
        if message.failure:
            await self._alerts.raise_alert(
                AlertKind.RECORDING_FAILED, visit=visit, detail={"failure": message.failure}
            )
        self._feed.changed()

    async def all(self) -> tuple[RecordingRow, ...]:
        """Every recording there is, newest first."""
        rows = await self._store.read(lambda db: Recordings(db).all())
        return tuple(sorted(rows, key=lambda row: row.started, reverse=True))

    async def file(self, visit: VisitId, party: Party, segment: int) -> Path:
        """The recording's file.

        Raises:
            UnknownRecordingError: no such recording or its file is not there.
        """
        row = await self._store.read(lambda db: Recordings(db).get(visit, party, segment))
        path = self._data_dir / row.path if row else None
        if path is None or not path.is_file():
            raise UnknownRecordingError(f"{visit} {party} {segment}")
        return path


def _mend(path: Path) -> Mended | None:
    """Finish a file that was left open; its recorder may still be about to do that itself."""
    deadline_s = time.monotonic() + _PATIENCE_S
    try:
        while True:
            try:
                return mend(path)
            except BusyError:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(_LOOK_EVERY_S)
    except FileNotFoundError:
        return None
    except (OSError, BusyError) as error:
        log.error("a recording could not be finished: %s", type(error).__name__)
        return Mended(path.stat().st_size, 0.0)


def _row(visit: VisitId, party: Party, segment: int, path: str, started: datetime) -> RecordingRow:
    """A recording that has just begun."""
    return RecordingRow(visit, party, segment, path, RecordingState.RECORDING, started)
