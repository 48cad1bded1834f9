"""A media worker: the process that carries calls, between its control channel and its UDP port.

Guarantees: whatever ends it politely (the control channel's end, SIGTERM, SIGINT) cuts all calls
first, then finishes the recordings, then exits with 0; a message it cannot understand ends it
with `EXIT_FAULT`. A worker without a recorder cannot record, and
one without `Watching` cannot be watched. Leaves to others: all decisions.
"""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

from pydantic import TypeAdapter

from relay.media.arguments import WorkerArguments
from relay.media.call import Call, CallReports, CallRoom, CallTaps, Watching
from relay.media.control import ChannelFaultError, ControlChannel, ToWorker
from relay.media.forwarding.choice import make_loop
from relay.media.forwarding.path import LanesExhaustedError
from relay.media.gate import CallGate
from relay.media.tap import Recorder, Tap
from relay.media.transport.endpoint import bind_all
from relay.media.transport.errors import OfferRefusedError
from relay.media.transport.port import SharedPort
from relay.media.transport.release import check_releases
from visit_protocol.message import Message
from visit_protocol.vocabulary import Party, VideoCodec
from visit_protocol.worker import (
    CloseMonitor,
    ClosePeer,
    CutCall,
    Forward,
    NextSegment,
    OfferPeer,
    OfferWanted,
    OpenCall,
    OpenRecordedCall,
    PeerAnswer,
    PeerMedia,
    PeerRefused,
    SegmentWanted,
    ShowPictures,
    WatchParty,
    WorkerCounters,
    WorkerReady,
)

log = logging.getLogger(__name__)

EXIT_FAULT: Final = 70
"""A bug of ours (EX_SOFTWARE); the control process starts another worker."""
EXIT_CANNOT_START: Final = 71
"""No control channel, or an address or port that cannot be bound."""
MAX_UNHEARD: Final = 1024
"""Messages that may wait for the event loop; more means that it hangs."""
_TICK_S: Final = 0.05
_COUNT_EVERY_S: Final = 1.0
_TIDY_EVERY_S: Final = 5.0
"""What a party had (TLS, SRTP) hangs in cycles of few Python objects and many bytes, which the
collector by itself would let lie for dozens of parties. A collection takes a few milliseconds."""
_FINISH_S: Final = 4.0

MakeRecorder = Callable[[Callable[[Message], None]], Recorder]
"""Takes a thread-safe ``send``; returns what records."""
MakeWatching = Callable[[Callable[[Message], None]], Watching]
"""Takes ``send``; returns what lets calls be watched."""


def run_worker(
    arguments: WorkerArguments,
    vocabulary: TypeAdapter[Any],
    make_recorder: MakeRecorder | None = None,
    make_watching: MakeWatching | None = None,
) -> int:
    """Run one worker to its end; the process's exit status."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # aioice and aiortc write addresses and whole session descriptions.
    for name in ("aioice", "aiortc"):
        logging.getLogger(name).setLevel(logging.ERROR)
    check_releases()
    try:
        sock = socket.socket(fileno=arguments.control_fd)
        worker = Worker(sock, arguments, vocabulary, make_recorder, make_watching)
    except (OSError, ValueError) as error:
        log.error("cannot start: %s", error)
        return EXIT_CANNOT_START
    with sock:
        return asyncio.run(worker.run())


class Worker:
    """One worker; `run` once."""

    def __init__(
        self,
        sock: socket.socket,
        arguments: WorkerArguments,
        vocabulary: TypeAdapter[Any],
        make_recorder: MakeRecorder | None,
        make_watching: MakeWatching | None,
    ) -> None:
        """Bind the sockets.

        Raises:
            OSError: an address cannot be bound.
            ValueError: an address is malformed.
        """
        self._recorder = make_recorder(self._tell) if make_recorder else None
        self._watching = make_watching(self._tell) if make_watching else None
        self._make_call = Call if self._watching is None else self._watching.make_call
        endpoints = bind_all(arguments.bind, arguments.port)
        ring = self._recorder.ring if self._recorder is not None else None
        self._packets = make_loop(arguments.loop, endpoints, ring)
        self._port = SharedPort(self._packets, arguments.public)
        self._room = CallRoom(
            port=self._port,
            loop=self._packets,
            media_timeout_ns=int((arguments.media_timeout_s - 2 * _TICK_S) * 1_000_000_000),
            background=self._background,
        )
        self._channel = ControlChannel(
            sock,
            vocabulary,
            open_gate=self._packets.open_gate,
            on_message=self._post,
            on_end=self._post_end,
        )
        self._calls: dict[str, Call] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._untidy = False
        """Something was taken down since the last collection."""
        self._unheard = threading.Semaphore(MAX_UNHEARD)
        self._fault: Exception | None = None

    async def run(self) -> int:
        """Carry calls until told to stop; the exit status."""
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._failed)
        self._stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stop.set)
        self._port.open()
        self._channel.start()
        self._channel.send(WorkerReady(pid=os.getpid(), candidates=self._port.listening))
        # What is alive now stays: the collector need not look at it during calls.
        gc.freeze()
        try:
            await self._carry()
        except ChannelFaultError as error:
            self._fault = error
        await self._finish()
        if self._fault is not None:
            log.error("worker stopped: %s", self._fault)
            return EXIT_FAULT
        return 0

    async def _carry(self) -> None:
        counted_s = tidied_s = self._loop.time()
        while not self._stop.is_set():
            self._packets.run_due(time.monotonic_ns())
            if self._untidy and self._loop.time() - tidied_s >= _TIDY_EVERY_S:
                self._untidy = False
                gc.collect()
                tidied_s = self._loop.time()
            if self._loop.time() - counted_s >= _COUNT_EVERY_S:
                counted_s = self._loop.time()
                self._channel.send(self._counters())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _TICK_S)

    async def _finish(self) -> None:
        self._channel.shut_all()
        for call in self._calls.values():
            call.close()
        self._calls.clear()
        if self._closing:
            await asyncio.wait(self._closing, timeout=_FINISH_S)
        self._port.close()
        if self._recorder is not None:
            finished = await asyncio.to_thread(self._recorder.wait_finished, _FINISH_S)
            if not finished:
                log.error("a recording could not be finished in time")
        if self._watching is not None:
            await asyncio.to_thread(self._watching.finish, 1.0)
        await asyncio.to_thread(self._channel.finish, 1.0)

    def _tell(self, message: Message) -> None:
        self._channel.send(message)

    # ── from the channel's thread ──────────────────────────────────────────────────────────
    def _post(self, message: ToWorker, gate: CallGate | None) -> None:
        if not self._unheard.acquire(blocking=False):
            raise ChannelFaultError("the event loop does not listen")
        self._loop.call_soon_threadsafe(self._hear, message, gate)

    def _post_end(self, fault: ChannelFaultError | None) -> None:
        self._fault = fault
        self._loop.call_soon_threadsafe(self._stop.set)

    # ── on the event loop ──────────────────────────────────────────────────────────────────
    def _hear(self, message: ToWorker, gate: CallGate | None) -> None:
        self._unheard.release()
        call = self._calls.get(message.call)
        match message:
            case OpenCall() | OpenRecordedCall():
                self._open(message, gate)
            case CutCall():
                if call is not None:
                    del self._calls[message.call]
                    call.close()
            case OfferPeer():
                self._answer(message, call)
            case Forward() if call is not None:
                call.forward(message.on)
            case ClosePeer() if call is not None:
                call.drop(message.party)
            case NextSegment() if call is not None and self._recorder is not None:
                self._recorder.resume(call=message.call, segment=message.segment)
                call.next_segment(message.segment)
            case WatchParty() | CloseMonitor() | ShowPictures() if self._watching is not None:
                self._watching.obey(message, call)
            case _:
                log.info("message for a call that is not open")

    def _open(self, message: OpenCall | OpenRecordedCall, gate: CallGate | None) -> None:
        present = self._calls.get(message.call)
        if gate is None or (present is not None and present.gate is gate):
            log.warning("a call was opened twice")
            return
        taps = None
        if isinstance(message, OpenRecordedCall):
            if self._recorder is None:
                raise ChannelFaultError("a recorded call for a worker without recorder")
            recorder, order = self._recorder, message

            def open_tap(party: Party, segment: int, codec: VideoCodec) -> Tap:
                return recorder.open(
                    call=order.call,
                    party=party,
                    folder=order.folder,
                    segment=segment,
                    codec=codec,
                )

            taps = CallTaps(open_tap, order.segment)
        reports = self._reports(message.call)
        self._calls[message.call] = self._make_call(gate, self._room, reports, taps)

    def _answer(self, message: OfferPeer, call: Call | None) -> None:
        code = "NO_CALL"
        if call is not None and not call.gate.is_shut:
            try:
                sdp = call.offer(message.party, message.sdp)
            except OfferRefusedError as error:
                log.info("offer refused: %s (%s)", error.code, error)
                code = error.code.value
            except LanesExhaustedError:
                log.warning("offer refused: this worker has as many parties as it can have")
            else:
                self._channel.send(
                    PeerAnswer(id=message.id, call=message.call, party=message.party, sdp=sdp)
                )
                return
        self._channel.send(
            PeerRefused(id=message.id, call=message.call, party=message.party, code=code)
        )

    def _reports(self, call: str) -> CallReports:
        tell = self._channel.send
        return CallReports(
            presence=lambda party, connected: tell(
                PeerMedia(call=call, party=party, connected=connected)
            ),
            offer_wanted=lambda party: tell(OfferWanted(call=call, party=party)),
            segment_wanted=lambda: tell(SegmentWanted(call=call)),
        )

    def _counters(self) -> WorkerCounters:
        counted = self._packets.counters
        return WorkerCounters(
            calls=len(self._calls),
            packets_in=counted.packets_in,
            packets_forwarded=counted.packets_forwarded,
            packets_dropped=counted.packets_dropped,
            bytes_forwarded=counted.bytes_forwarded,
        )

    def _background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._closing.add(task)
        task.add_done_callback(self._closed)
        return task

    def _closed(self, task: asyncio.Task[None]) -> None:
        self._closing.discard(task)
        self._untidy = True

    def _failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A callback or task of ours failed; what cannot be said to the control ends the worker.

        The log says what and where, without values: they may be addresses or media.
        """
        error = context.get("exception")
        if isinstance(error, ChannelFaultError):
            self._fault = error
            self._stop.set()
            return
        place = ""
        if error is not None and error.__traceback__ is not None:
            trace = error.__traceback__
            while trace.tb_next is not None:
                trace = trace.tb_next
            place = f" in {trace.tb_frame.f_code.co_qualname}, line {trace.tb_lineno}"
        log.error("event loop: %s: %s%s", context["message"], type(error).__name__, place)
