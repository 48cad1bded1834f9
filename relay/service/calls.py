"""Calls: which worker carries which visit, and the cut that must not fail.

Guarantees: a protected visit goes only to a protected worker and is opened with a message that
cannot name a recording; `Calls.cut` has told the worker before it returns, and a worker that has
not confirmed within ``cut_confirm_ms`` is killed. Leaves to others: whether a call may be
(`visits`), and what its recordings mean (`recordings`).
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from relay.clock import Clock
from relay.core.model import Visit, VisitId
from relay.service.workers import MediaWorker, WorkerKind, WorkerPlan
from visit_protocol.message import Message
from visit_protocol.vocabulary import Party
from visit_protocol.worker import (
    CallCut,
    CloseMonitor,
    ClosePeer,
    CutCall,
    Forward,
    FromWorker,
    MonitorAnswer,
    MonitorEnded,
    MonitorRefused,
    NextSegment,
    OfferPeer,
    OfferWanted,
    OpenCall,
    OpenRecordedCall,
    PeerAnswer,
    PeerMedia,
    PeerRefused,
    PictureJudged,
    PictureTaken,
    RecordingClosed,
    RecordingOpened,
    SegmentWanted,
    ShowPictures,
    WatchParty,
)

log = logging.getLogger(__name__)

_ANSWER_S = 5.0


class CallListener(Protocol):
    """Who is told what happens to calls."""

    def media_changed(self, visit: VisitId, party: Party, connected: bool) -> None:
        """A party's media arrives, or has been silent too long."""
        ...

    def call_lost(self, visit: VisitId) -> None:
        """The call's worker is gone and with it every connection of the call."""
        ...

    def recording_opened(self, visit: VisitId, message: RecordingOpened) -> None:
        """A party's file exists."""
        ...

    def recording_closed(self, visit: VisitId, message: RecordingClosed) -> None:
        """A party's file is finished."""
        ...

    def segment_wanted(self, visit: VisitId) -> None:
        """The call's recordings have ended and go on when they are given a number."""
        ...

    def offer_wanted(self, visit: VisitId, party: Party) -> None:
        """The call's video codec has changed; that party must offer again."""
        ...


class MonitorListener(Protocol):
    """Who is told that guards' peers are gone."""

    def monitor_ended(self, visit: VisitId, monitor: str) -> None:
        """It left or fell silent, its call was cut, or its worker is gone."""
        ...


class PictureListener(Protocol):
    """Who is told of the parties' pictures; there are none of protected calls."""

    def picture_taken(self, visit: VisitId, message: PictureTaken) -> None:
        """A small picture, as it was asked for."""
        ...

    def picture_judged(self, visit: VisitId, message: PictureJudged) -> None:
        """What is the matter with a party's picture has changed."""
        ...


Answer = PeerAnswer | PeerRefused | MonitorAnswer | MonitorRefused


@dataclass(frozen=True, slots=True)
class CutReport:
    """What is known of a cut; times are CLOCK_MONOTONIC nanoseconds."""

    visit: VisitId
    stopped_ns: int
    """No packet can have left after this."""
    last_packet_ns: int | None
    """When the last packet left, if any did and the worker lived to say so."""
    worker_killed: bool


@dataclass(slots=True)
class _Call:
    visit: VisitId
    name: str
    worker: MediaWorker
    segment: int
    """The latest number given to its recordings."""
    cut: asyncio.Future[CallCut] | None = None
    answers: dict[str, asyncio.Future[Answer | None]] = field(default_factory=dict)
    """By the id of what was asked; None when the worker is gone."""
    monitors: set[str] = field(default_factory=set)


class Calls:
    """All calls of this relay over all its media workers."""

    def __init__(self, plans: Iterable[WorkerPlan], clock: Clock, cut_confirm_ms: int) -> None:
        self._clock = clock
        self._cut_confirm_s = cut_confirm_ms / 1000
        self._listener: CallListener | None = None
        self._monitor_listener: MonitorListener | None = None
        self._picture_listener: PictureListener | None = None
        self.workers: Sequence[MediaWorker] = [
            MediaWorker(plan, on_message=self._hear, on_death=self._bury) for plan in plans
        ]
        self._by_visit: dict[VisitId, _Call] = {}
        self._by_name: dict[str, _Call] = {}
        self._serial = 0
        self._cuts: set[asyncio.Task[CutReport]] = set()

    def listen(self, listener: CallListener) -> None:
        """Name the one who is told; before `run`."""
        self._listener = listener

    def listen_to_monitors(self, listener: MonitorListener) -> None:
        """Name the one who is told of guards' peers; before `run`."""
        self._monitor_listener = listener

    def listen_to_pictures(self, listener: PictureListener) -> None:
        """Name the one who is told of pictures; before `run`."""
        self._picture_listener = listener

    async def run(self) -> None:
        """Supervise the workers until cancelled."""
        async with asyncio.TaskGroup() as group:
            for worker in self.workers:
                group.create_task(worker.supervise(), name=worker.plan.name)

    async def stop(self) -> None:
        """End every worker in order; their last words about recordings are still heard."""
        await asyncio.gather(*(worker.stop() for worker in self.workers))

    async def wait_ready(self) -> None:
        """Returns when at least one worker of each kind takes calls."""
        for kind in WorkerKind:
            waits = [w.wait_ready() for w in self.workers if w.plan.kind is kind]
            tasks = [asyncio.ensure_future(wait) for wait in waits]
            _, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()

    def is_open(self, visit: VisitId) -> bool:
        """Whether the visit has a call with a worker."""
        return visit in self._by_visit

    def open(self, visit: Visit, folder: Path, segment: int) -> bool:
        """Give the visit to the least loaded worker of its kind; False when none is ready.

        ``folder`` and ``segment`` say where an ordinary visit is recorded.
        """
        kind = WorkerKind.PROTECTED if visit.visit_type.protected else WorkerKind.ORDINARY
        ready = [w for w in self.workers if w.plan.kind is kind and w.ready]
        if not ready:
            return False
        worker = min(ready, key=self._load)
        self._serial += 1
        name = f"{visit.id}.{self._serial}"
        opening: Message = OpenCall(call=name)
        if kind is WorkerKind.ORDINARY:
            opening = OpenRecordedCall(call=name, folder=str(folder), segment=segment)
        if not worker.send(opening):
            return False
        call = _Call(visit.id, name, worker, segment)
        self._by_visit[visit.id] = self._by_name[name] = call
        return True

    async def offer(self, visit: VisitId, party: Party, sdp: str) -> PeerAnswer | PeerRefused:
        """The worker's answer to a party's offer.

        Its code is ``NO_CALL``, ``TIMED_OUT`` or ``WORKER_LOST`` when no worker gave one.
        """
        ident = self._next_id()
        answer: Answer | str = "NO_CALL"
        if call := self._by_visit.get(visit):
            offer = OfferPeer(id=ident, call=call.name, party=party, sdp=sdp)
            answer = await self._ask(call, ident, offer)
        if isinstance(answer, PeerAnswer | PeerRefused):
            return answer
        return PeerRefused(id=ident, call=visit, party=party, code=_code(answer))

    async def watch(
        self, visit: VisitId, party: Party, monitor: str, sdp: str, *, audio: bool
    ) -> MonitorAnswer | MonitorRefused:
        """The worker's answer to a guard's offer; the codes are `offer`'s and ``TOO_MANY``.

        The worker of a protected call is not even asked.
        """
        ident = self._next_id()
        answer: Answer | str = "NO_CALL"
        call = self._by_visit.get(visit)
        if call is not None and call.worker.plan.kind is WorkerKind.ORDINARY:
            call.monitors.add(monitor)
            order = WatchParty(
                id=ident, call=call.name, party=party, monitor=monitor, audio=audio, sdp=sdp
            )
            answer = await self._ask(call, ident, order)
            if isinstance(answer, MonitorAnswer) and monitor not in call.monitors:
                answer = "NO_CALL"  # cut meanwhile
            if not isinstance(answer, MonitorAnswer):
                call.monitors.discard(monitor)
                call.worker.send(CloseMonitor(call=call.name, monitor=monitor))
        if isinstance(answer, MonitorAnswer | MonitorRefused):
            return answer
        return MonitorRefused(id=ident, call=visit, monitor=monitor, code=_code(answer))

    def close_monitor(self, visit: VisitId, monitor: str) -> None:
        """Take a guard's peer down."""
        call = self._by_visit.get(visit)
        if call is not None and monitor in call.monitors:
            call.monitors.remove(monitor)
            call.worker.send(CloseMonitor(call=call.name, monitor=monitor))

    def show_pictures(self, seconds: float) -> None:
        """Somebody looks at the wall: let pictures come of every ordinary call for so long."""
        for call in self._by_visit.values():
            if call.worker.plan.kind is WorkerKind.ORDINARY:
                call.worker.send(ShowPictures(call=call.name, seconds=seconds))

    def _next_id(self) -> str:
        self._serial += 1
        return f"o-{self._serial}"

    async def _ask(self, call: _Call, ident: str, question: Message) -> Answer | str:
        """What the worker answers, or a code why it does not."""
        future: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        call.answers[ident] = future
        call.worker.send(question)
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await future or "WORKER_LOST"
        except TimeoutError:
            return "TIMED_OUT"
        finally:
            call.answers.pop(ident, None)

    def forward(self, visit: VisitId, on: bool) -> None:
        """Start or hold the media between the parties."""
        if call := self._by_visit.get(visit):
            call.worker.send(Forward(call=call.name, on=on))

    def resume_recording(self, visit: VisitId, segment: int) -> None:
        """Let the recordings of a call that wants a segment go on as that one or a later.

        The segment before may have no file yet and get one still: its number is never given twice.
        """
        if call := self._by_visit.get(visit):
            call.segment = max(segment, call.segment + 1)
            call.worker.send(NextSegment(call=call.name, segment=call.segment))

    def close_peer(self, visit: VisitId, party: Party) -> None:
        """Take one party's peer down."""
        if call := self._by_visit.get(visit):
            call.worker.send(ClosePeer(call=call.name, party=party))

    def cut(self, visit: VisitId) -> "asyncio.Task[CutReport] | None":
        """Tell the worker to drop every further packet, now; the task ends when that is certain.

        None when the visit has no call, so nothing can flow.
        """
        call = self._by_visit.pop(visit, None)
        if call is None:
            return None
        call.cut = asyncio.get_running_loop().create_future()
        call.worker.send(CutCall(call=call.name))
        self._end_monitors(call)
        task = asyncio.create_task(self._see_cut(call, call.cut), name=f"cut {call.name}")
        self._cuts.add(task)
        task.add_done_callback(self._cuts.discard)
        return task

    async def _see_cut(self, call: _Call, confirmed: asyncio.Future[CallCut]) -> CutReport:
        try:
            async with asyncio.timeout(self._cut_confirm_s):
                said = await asyncio.shield(confirmed)
                return CutReport(call.visit, said.cut_ns, said.last_packet_ns, False)
        except TimeoutError:
            log.error("cut of %s not confirmed in %.0f ms", call.visit, self._cut_confirm_s * 1e3)
            call.worker.kill()
            return CutReport(call.visit, self._clock.monotonic_ns(), None, True)
        finally:
            self._forget(call)

    def _forget(self, call: _Call) -> None:
        self._by_name.pop(call.name, None)
        if self._by_visit.get(call.visit) is call:
            del self._by_visit[call.visit]

    def _load(self, worker: MediaWorker) -> int:
        return sum(call.worker is worker for call in self._by_visit.values())

    def _hear(self, worker: MediaWorker, message: FromWorker) -> None:
        call = self._by_name.get(getattr(message, "call", ""))
        listener = self._listener
        if listener is None:
            return
        if call is None:
            # The last words of a call that was cut: only its recordings still matter.
            if isinstance(message, RecordingClosed):
                listener.recording_closed(_visit_of(message.call), message)
            return
        if call.worker is not worker:
            log.error("worker %s spoke of another's call", worker.plan.name)
            return
        match message:
            case PeerAnswer() | PeerRefused() | MonitorAnswer() | MonitorRefused():
                future = call.answers.get(message.id)
                if future is not None and not future.done():
                    future.set_result(message)
            case MonitorEnded():
                if message.monitor in call.monitors:
                    call.monitors.remove(message.monitor)
                    self._monitor_gone(call.visit, message.monitor)
            case PictureTaken() if call.cut is None and self._picture_listener is not None:
                self._picture_listener.picture_taken(call.visit, message)
            case PictureJudged() if call.cut is None and self._picture_listener is not None:
                self._picture_listener.picture_judged(call.visit, message)
            case PeerMedia():
                if call.cut is None:
                    listener.media_changed(call.visit, message.party, message.connected)
            case CallCut():
                if call.cut is not None and not call.cut.done():
                    call.cut.set_result(message)
            case RecordingOpened():
                listener.recording_opened(call.visit, message)
            case RecordingClosed():
                listener.recording_closed(call.visit, message)
            case SegmentWanted():
                if call.cut is None:
                    listener.segment_wanted(call.visit)
            case OfferWanted():
                if call.cut is None:
                    listener.offer_wanted(call.visit, message.party)

    def _bury(self, worker: MediaWorker) -> None:
        for call in [c for c in self._by_name.values() if c.worker is worker]:
            was_cut = call.cut is not None
            self._forget(call)
            for future in call.answers.values():
                if not future.done():
                    future.set_result(None)
            self._end_monitors(call)
            if not was_cut and self._listener is not None:
                self._listener.call_lost(call.visit)

    def _end_monitors(self, call: _Call) -> None:
        """Nothing of the call reaches anybody any more."""
        ended, call.monitors = call.monitors, set()
        for monitor in sorted(ended):
            self._monitor_gone(call.visit, monitor)

    def _monitor_gone(self, visit: VisitId, monitor: str) -> None:
        if self._monitor_listener is not None:
            self._monitor_listener.monitor_ended(visit, monitor)


def _code(answer: Answer | str) -> str:
    """Why there is no answer; an answer to another question is as good as none."""
    return answer if isinstance(answer, str) else "TIMED_OUT"


def _visit_of(call_name: str) -> VisitId:
    return VisitId(call_name.rpartition(".")[0])
