"""The packet loop in Python, on the event loop: where there is no compiler, and to compare with.

Guarantees: as `relay.media.forwarding.path` says; the same behaviour as loop.c, by the same tests.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from relay.media.forwarding.lane import LaneCounters, Owners, PythonLane
from relay.media.forwarding.path import LaneTerms, PathCounters
from relay.media.forwarding.python_gate import PythonGate
from relay.media.ring import RingWriter
from relay.media.transport.endpoint import Endpoint, Path
from relay.media.transport.srtp import MAX_DATAGRAM_BYTES, PacketBuffer
from relay.media.transport.stun import is_stun

REPORT_ARRIVALS_S: Final = 0.1
BUSY_DATAGRAMS: Final = 100
"""In `REPORT_ARRIVALS_S`, of four visits: from there on waking up for each costs more than 2 ms of
waiting for more of them do."""
PAUSE_S: Final = 0.002
_TURNS: Final = 8
_BURST: Final = 64
"""Datagrams read at one go before the event loop gets its turn."""
_NEVER_NS: Final = 1 << 62


class PythonLoop:
    """Implements `relay.media.forwarding.path.PacketLoop`."""

    def __init__(self, endpoints: Sequence[Endpoint], ring: RingWriter | None) -> None:
        self.endpoints: Final = tuple(endpoints)
        self._ring = ring
        self._counters = LaneCounters()
        self._strangers = 0
        self._buffer = PacketBuffer()
        self._out = PacketBuffer()
        self._lanes: set[PythonLane] = set()
        self._owners: Owners = {}
        self._on_stun: Callable[[Path, bytes], bool]
        self._reporting: asyncio.TimerHandle | None = None
        self._pausing: asyncio.TimerHandle | None = None
        """While busy, until the next look at the sockets; nothing reads them meanwhile."""
        self._datagrams = self._datagrams_before = 0
        """Since the last report of arrivals, and in the time before it."""

    @property
    def counters(self) -> PathCounters:
        """Totals since start."""
        counted = self._counters
        return PathCounters(
            packets_in=counted.packets_in,
            packets_forwarded=counted.packets_forwarded,
            packets_resent=counted.packets_resent,
            packets_dropped=counted.packets_dropped + self._strangers,
            bytes_forwarded=counted.bytes_forwarded,
        )

    def open(self, on_stun: Callable[[Path, bytes], bool]) -> None:
        """Start reading, on the running event loop."""
        self._on_stun = on_stun
        loop = asyncio.get_running_loop()
        for endpoint in self.endpoints:
            loop.add_reader(endpoint.sock, self._read, endpoint)
        self._reporting = loop.call_later(REPORT_ARRIVALS_S, self._report_arrivals)

    def close(self) -> None:
        """Stop reading and close the sockets."""
        loop = asyncio.get_running_loop()
        for timer in (self._reporting, self._pausing):
            if timer is not None:
                timer.cancel()
        for endpoint in self.endpoints:
            loop.remove_reader(endpoint.sock)
            endpoint.sock.close()

    def open_gate(self) -> PythonGate:
        """The gate of a new call."""
        return PythonGate()

    def open_lane(self, terms: LaneTerms) -> PythonLane:
        """A lane that is closed to everything until it is admitted."""
        lane = PythonLane(
            terms,
            self._owners,
            self._ring,
            self._buffer,
            self._out,
            self._counters,
            self._hurry,
            self._forget,
        )
        self._lanes.add(lane)
        return lane

    def _hurry(self, lane: PythonLane) -> None:
        """The lane misses something: look at it once the packet under way is dealt with."""
        asyncio.get_running_loop().call_soon(self._look_at, lane)

    def _look_at(self, lane: PythonLane) -> None:
        if lane in self._lanes:
            lane.terms.on_due(time.monotonic_ns())

    def _forget(self, lane: PythonLane) -> None:
        """The lane is closed: nothing finds it any more."""
        self._lanes.discard(lane)
        for other in self._lanes:
            other.unsubscribe(lane)

    def run_due(self, now_ns: int) -> None:
        """Call ``on_due`` of each lane that wants to be looked at."""
        for lane in list(self._lanes):
            if now_ns >= lane.look_at_ns or lane.missing_count:
                lane.look_at_ns = _NEVER_NS
                lane.terms.on_due(now_ns)

    def arrive(self, endpoint: Endpoint, address: tuple[Any, ...], datagram: bytes) -> None:
        """Take a datagram as if it had come from there."""
        self._buffer.data[: len(datagram)] = datagram
        self._deliver(endpoint, address, len(datagram))

    def _read(self, endpoint: Endpoint) -> None:
        """The socket is readable: read a burst of it."""
        self._read_burst(endpoint)
        if self._datagrams >= BUSY_DATAGRAMS:
            loop = asyncio.get_running_loop()
            for each in self.endpoints:
                loop.remove_reader(each.sock)
            self._pausing = loop.call_later(PAUSE_S, self._read_all)

    def _read_all(self) -> None:
        """While busy: read everything, then let a moment pass before looking again."""
        turns = 0
        for endpoint in self.endpoints:
            while self._read_burst(endpoint) and turns < _TURNS:
                turns += 1
        loop = asyncio.get_running_loop()
        if max(self._datagrams, self._datagrams_before) >= BUSY_DATAGRAMS:
            self._pausing = loop.call_later(0 if turns == _TURNS else PAUSE_S, self._read_all)
            return
        self._pausing = None
        for endpoint in self.endpoints:
            loop.add_reader(endpoint.sock, self._read, endpoint)

    def _read_burst(self, endpoint: Endpoint) -> bool:
        """Whether there may be more."""
        data, receive, owners = self._buffer.data, endpoint.sock.recvfrom_into, self._owners
        for count in range(_BURST):
            try:
                length, address = receive(data)
            except BlockingIOError:
                self._datagrams += count
                return False
            lane = owners.get((endpoint, address))
            if lane is not None and 0 < length <= MAX_DATAGRAM_BYTES and 128 <= data[0] < 192:
                lane.received(length)
            else:
                self._deliver(endpoint, address, length)
        self._datagrams += _BURST
        return True

    def _deliver(self, endpoint: Endpoint, address: tuple[Any, ...], length: int) -> None:
        """Hand the datagram in the buffer to its owner (RFC 7983)."""
        if 0 < length <= MAX_DATAGRAM_BYTES:
            first = self._buffer.data[0]
            lane = self._owners.get((endpoint, address))
            if first < 4:
                data = self._buffer.view[:length]
                if is_stun(data) and self._on_stun(Path(endpoint, address), bytes(data)):
                    return
            elif lane is not None and 128 <= first < 192:
                lane.received(length)
                return
            elif lane is not None and 20 <= first < 64:
                lane.terms.on_dtls(bytes(self._buffer.view[:length]))
                return
        self._strangers += 1

    def _report_arrivals(self) -> None:
        self._datagrams_before, self._datagrams = self._datagrams, 0
        for lane in self._lanes:
            lane.report_arrivals()
        loop = asyncio.get_running_loop()
        self._reporting = loop.call_later(REPORT_ARRIVALS_S, self._report_arrivals)
