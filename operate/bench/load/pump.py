"""The C pump in Python: a thread that runs it, and what it has counted.

Guarantees: C is called by one thread at a time; datagrams that are no media reach their leg
within milliseconds; after `stop` nothing is sent. Leaves to others: connecting the legs, which
must stay alive as long as the pump.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import pylibsrtp._binding as srtp  # type: ignore[import-not-found]

from operate.bench.errors import NoPumpError
from operate.bench.load.clip import Clip
from operate.bench.load.description import (
    KINDS,
    OFFERED,
    ORDER_EXTENSION,
    TIME_EXTENSION,
)
from operate.bench.load.leg import Leg

_SLICE_NS: Final = 5_000_000
_MAX_DATAGRAM: Final = 2048


@dataclass(frozen=True, slots=True)
class Window:
    """What was counted of the packets sent in the measured window, and their delays."""

    sent: int
    received: int
    heard: int
    """Packets that arrived in the window, whether or not they could be matched."""
    send_drops: int
    unmatched: int
    late_ms: float
    """How far behind its time the latest packet left: above a few ms the load was not steady."""
    delays: dict[int, int]
    """How many packets were under way for so many times `DELAY_STEP_MS`, at most 1 s."""

    def to_json(self) -> dict[str, Any]:
        """As `asdict`."""
        return asdict(self)


DELAY_STEP_MS: Final = 0.005


def load_pump() -> Any:
    """The compiled module.

    Raises:
        NoPumpError: it was not built, for want of a C compiler.
    """
    try:
        from operate.bench.load import _pump  # type: ignore[attr-defined]  # noqa: PLC0415
    except ImportError as error:
        raise NoPumpError from error
    return _pump


class Pump:
    """Plays ``clip`` from every leg that sends; ``sources[n]`` is the leg whose clip leg n hears.

    A source of None: what arrives there is not the clip's packets and is only counted.
    """

    def __init__(self, clip: Clip, legs: Sequence[Leg], sources: Sequence[int | None]) -> None:
        module = load_pump()
        self._ffi, self._lib = module.ffi, module.lib
        self._legs = legs
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        table, payloads = clip.tables()
        functions = [
            int(srtp.ffi.cast("uintptr_t", srtp.ffi.addressof(srtp.lib, name)))
            for name in ("srtp_protect", "srtp_protect_rtcp", "srtp_unprotect")
        ]
        self._pump = self._lib.pump_new(
            len(legs),
            self._ffi.from_buffer("clip_packet[]", table),
            len(clip.packets),
            self._ffi.from_buffer(payloads),
            clip.period_us,
            *functions,
        )
        if self._pump == self._ffi.NULL:
            raise MemoryError
        for number, (leg, source) in enumerate(zip(legs, sources, strict=True)):
            self._add(number, leg, source)
        self._thread = threading.Thread(target=self._run, name="pump", daemon=True)

    def _add(self, number: int, leg: Leg, source: int | None) -> None:
        media = leg.remote.media
        extensions = media["video"].extensions

        def handle(session: Any) -> Any:
            return self._ffi.cast("void *", int(srtp.ffi.cast("uintptr_t", session._srtp[0])))

        record = {
            "fd": leg.sock.fileno(),
            "sending": handle(leg.sessions.sending),
            "receiving": handle(leg.sessions.receiving),
            "plays": leg.direction != "recvonly",
            "source": -1 if source is None else source,
            "ssrc": list(leg.ssrcs),
            "sends_as": [media[kind].payload_type for kind in KINDS],
            "hears_as": [media.get(kind, OFFERED[kind]).payload_type for kind in KINDS],
            "time_id": extensions.get(TIME_EXTENSION, 0),
            "order_id": extensions.get(ORDER_EXTENSION, 0),
        }
        if self._lib.pump_set(self._pump, number, self._ffi.new("pump_leg *", record)):
            raise OSError(self._ffi.errno, "the pump cannot take a leg")

    def begin(self) -> None:
        """Play from now on."""
        if self._lib.pump_begin(self._pump):
            raise MemoryError
        self._thread.start()

    def window(self, begin_ns: int, end_ns: int) -> None:
        """Count what is sent between these two times (CLOCK_REALTIME)."""
        with self._lock:
            self._lib.pump_window(self._pump, begin_ns, end_ns)

    def read(self) -> Window:
        """What was counted so far in the window."""
        totals = self._ffi.new("pump_totals *")
        with self._lock:
            self._lib.pump_read_totals(self._pump, totals)
            steps = self._ffi.unpack(self._lib.pump_delays(self._pump), self._lib.DELAY_STEPS)
        return Window(
            sent=totals.window_sent,
            received=totals.window_received,
            heard=totals.window_heard,
            send_drops=totals.send_drops,
            unmatched=totals.unmatched,
            late_ms=totals.late_ns / 1e6,
            delays={step: count for step, count in enumerate(steps) if count},
        )

    def last_received_ns(self) -> list[int]:
        """When each leg heard its last media packet (CLOCK_REALTIME), 0 for never."""
        with self._lock:
            return [
                self._lib.pump_last_received_ns(self._pump, number)
                for number in range(len(self._legs))
            ]

    def stop(self) -> None:
        """Send nothing more and forget everything."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._lib.pump_free(self._pump)

    def _run(self) -> None:
        number = self._ffi.new("int *")
        data = self._ffi.new(f"uint8_t[{_MAX_DATAGRAM}]")
        while not self._stopping.is_set():
            with self._lock:
                self._lib.pump_run(self._pump, _SLICE_NS)
                odd = []
                while length := self._lib.pump_next_odd(self._pump, number, data, _MAX_DATAGRAM):
                    odd.append((number[0], bytes(self._ffi.buffer(data, length))))
            for leg, datagram in odd:
                self._legs[leg].datagram(datagram)
            time.sleep(0)  # whoever waits for the lock gets it now
