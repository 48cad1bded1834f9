"""The packet loop in C, as the rest of the worker sees it; alone in knowing `_loop`.

Guarantees: every lane and gate that C holds a pointer to outlives its use there; what C cannot
decide (STUN, DTLS, RTCP) is handed on in the order in which it came, for `TAKEN_WITHIN_NS` at most
before the event loop gets its turn, and a handler that fails costs only what it was handed.
Leaves to others: everything, loop.c first.
"""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

# The compiled bindings come without types.
from pylibsrtp._binding import ffi as srtp_ffi  # type: ignore[import-not-found]
from pylibsrtp._binding import lib as srtp_lib

# Raises ImportError where there was no compiler: then there is the Python loop.
from relay.media.forwarding._loop import ffi, lib  # type: ignore[import-not-found]
from relay.media.forwarding.path import (
    LanesExhaustedError,
    LaneTerms,
    PathCounters,
    Reception,
    StreamTerms,
)
from relay.media.gate import CallGate, Shut
from relay.media.packets.rtp import Codec, Kind
from relay.media.ring import RingWriter
from relay.media.tap import Tap
from relay.media.transport.endpoint import Endpoint, Path
from relay.media.transport.srtp import SrtpSessions

TAKEN_WITHIN_NS: Final = 5_000_000
_NO_TYPE: Final = 255
_KINDS: Final = {Kind.AUDIO: lib.LOOP_AUDIO, Kind.VIDEO: lib.LOOP_VIDEO}
_CODECS: Final = {
    Codec.OPUS: lib.LOOP_OPUS,
    Codec.VP8: lib.LOOP_VP8,
    Codec.H264: lib.LOOP_H264,
}
_MAX_MISSING: Final = 64
_MAX_DUE: Final = 4096


class NativeGate:
    """Implements `relay.media.gate.CallGate`."""

    def __init__(self, loop: Any) -> None:
        self._loop = loop
        self.call: Any = ffi.gc(lib.loop_open_call(), lib.loop_free_call)
        if self.call == ffi.NULL:
            raise MemoryError
        self._shut: Shut | None = None

    @property
    def is_shut(self) -> bool:
        """Whether the call was cut."""
        return self._shut is not None

    def shut(self) -> Shut:
        """Let nothing more through."""
        if self._shut is None:
            cut_ns, last_ns = ffi.new("int64_t *"), ffi.new("int64_t *")
            lib.loop_cut(self._loop, self.call, cut_ns, last_ns)
            self._shut = Shut(cut_ns[0], last_ns[0] or None)
        return self._shut


class NativeLane:
    """Implements `relay.media.forwarding.path.Lane`."""

    def __init__(self, loop: "NativeLoop", number: int, terms: LaneTerms) -> None:
        self.number: Final = number
        self.terms: Final = terms
        self._loop = loop
        self._c = loop.c
        self._sessions: SrtpSessions | None = None
        self._found = ffi.new("struct loop_reception *")
        self._wanted = ffi.new("uint16_t[]", _MAX_MISSING)

    def admit(self, sessions: SrtpSessions) -> None:
        """The keys are known."""
        self._sessions = sessions  # libsrtp's state lives as long as the lane
        receiving, sending = sessions.receiving._srtp[0], sessions.sending._srtp[0]
        lib.loop_admit(self._c, self.number, _pointer(receiving), _pointer(sending))

    def own(self, path: Path) -> None:
        """What is not STUN and comes from there is this lane's, whosever it was before."""
        if lib.loop_own(self._c, self._loop.address(path), self.number):
            raise MemoryError

    def disown(self, path: Path) -> None:
        """It is nobody's, if it was this lane's."""
        lib.loop_disown(self._c, self._loop.address(path), self.number)

    def route(self, path: Path) -> None:
        """Send to there from now on."""
        lib.loop_route(self._c, self.number, self._loop.address(path))

    def publish_to(self, subscribers: "Sequence[NativeLane]") -> None:
        """Who gets what this lane publishes. Raises `ValueError`: too many; nothing has changed."""
        numbers = [subscriber.number for subscriber in subscribers]
        if lib.loop_subscribe(self._c, self.number, numbers, len(numbers)):
            raise ValueError(f"{len(numbers)} subscribers")

    def forward(self, on: bool, tap: Tap | None) -> None:
        """Let what arrives flow, or hold it."""
        lib.loop_forward(self._c, self.number, on, -1 if tap is None else tap.number)

    def reception(self, kind: Kind) -> Reception | None:
        """How the stream of that kind arrives, None while nothing has arrived."""
        found = self._found
        if not lib.loop_reception(self._c, self.number, _KINDS[kind], found):
            return None
        return Reception(
            found.ssrc,
            found.received,
            found.expected,
            found.highest,
            found.jitter,
            found.last_arrival_ns,
            found.last_keyframe_ns or None,
        )

    def sent_octets(self, kind: Kind) -> int:
        """Payload bytes of that kind that the party was sent so far."""
        return int(lib.loop_sent_octets(self._c, self.number, _KINDS[kind]))

    def missing(self, now_ns: int) -> Sequence[int]:
        """Sequence numbers of video to be asked for again now."""
        count = lib.loop_missing(self._c, self.number, now_ns, self._wanted)
        return list(self._wanted[0:count])

    def resend(self, ssrc: int, sequences: Sequence[int]) -> None:
        """The party lost these packets; send those we still have again."""
        lib.loop_resend(self._c, self.number, ssrc, list(sequences), len(sequences))

    def send_rtcp(self, compound: bytes) -> None:
        """Encrypt and send."""
        lib.loop_send_rtcp(self._c, self.number, compound, len(compound))

    def pass_clock(self, kind: Kind, cname: bytes, ntp: int, rtp: int) -> None:
        """The party told its publishing clock: tell the subscribers and the recorder."""
        lib.loop_pass_clock(self._c, self.number, _KINDS[kind], ntp, rtp, cname, len(cname))

    def look_at(self, when_ns: int) -> None:
        """Make the lane due at that time, if nothing does so earlier."""
        lib.loop_look_at(self._c, self.number, when_ns)

    def close(self) -> None:
        """Forget the keys, the addresses and everybody else's lane."""
        self._loop.forget(self)
        self._sessions = None  # only now: C has let go of them


class NativeLoop:
    """Implements `relay.media.forwarding.path.PacketLoop`."""

    def __init__(self, endpoints: Sequence[Endpoint], ring: RingWriter | None) -> None:
        self.endpoints: Final = tuple(endpoints)
        calls = ffi.new("struct loop_srtp *")
        for name in ("protect", "unprotect", "protect_rtcp", "unprotect_rtcp"):
            pointer = srtp_ffi.addressof(srtp_lib, f"srtp_{name}")
            setattr(calls, name, ffi.cast("loop_srtp_call", _integer(pointer)))
        self.c: Final = ffi.gc(lib.loop_new(calls), lib.loop_free)
        if self.c == ffi.NULL:
            raise MemoryError
        self._ring = ring  # mapped as long as the loop
        if ring is not None:
            lib.loop_use_ring(self.c, ffi.cast("void *", ring.address), ring.capacity)
        self._numbers = {endpoint: i for i, endpoint in enumerate(self.endpoints)}
        for endpoint in self.endpoints:
            if lib.loop_add_socket(self.c, endpoint.sock.fileno()) < 0:
                raise ValueError("too many addresses to listen on")
        self._lanes: dict[int, NativeLane] = {}
        self._on_stun: Callable[[Path, bytes], bool]
        self._event = ffi.new("struct loop_event *")
        self._data = ffi.buffer(self._event.data)
        self._counted = ffi.new("struct loop_counters *")
        self._due = ffi.new("int[]", _MAX_DUE)
        self._strangers = 0
        self._taking = False

    @property
    def counters(self) -> PathCounters:
        """Totals since start."""
        counted = self._counted
        lib.loop_count(self.c, counted)
        return PathCounters(
            packets_in=counted.packets_in,
            packets_forwarded=counted.packets_forwarded,
            packets_resent=counted.packets_resent,
            packets_dropped=counted.packets_dropped + counted.queue_full + self._strangers,
            bytes_forwarded=counted.bytes_forwarded,
        )

    def open(self, on_stun: Callable[[Path, bytes], bool]) -> None:
        """Start the thread, and hear what it hands on."""
        self._on_stun = on_stun
        self._asyncio = asyncio.get_running_loop()
        self._asyncio.add_reader(lib.loop_wake_fd(self.c), self._woken)
        if lib.loop_start(self.c):
            raise OSError("the packet loop's thread cannot be started")

    def close(self) -> None:
        """Stop the thread and close the sockets."""
        lib.loop_stop(self.c)
        self._asyncio.remove_reader(lib.loop_wake_fd(self.c))
        for endpoint in self.endpoints:
            endpoint.sock.close()

    def open_gate(self) -> CallGate:
        """The gate of a new call."""
        return NativeGate(self.c)

    def open_lane(self, terms: LaneTerms) -> NativeLane:
        """A lane that is closed to everything until it is admitted."""
        gate = terms.gate
        assert isinstance(gate, NativeGate)  # noqa: S101  # a gate of this very loop
        given = ffi.new("struct loop_terms *")
        given.call = gate.call
        for kind in Kind:
            _fill(given.streams[_KINDS[kind]], terms.streams.get(kind))
        given.silent_after_ns = terms.silent_after_ns
        given.preface_length = len(terms.preface)
        ffi.buffer(given.preface)[: len(terms.preface)] = terms.preface
        number = lib.loop_open_lane(self.c, given)
        if number < 0:
            raise LanesExhaustedError
        lane = self._lanes[number] = NativeLane(self, number, terms)
        return lane

    def forget(self, lane: NativeLane) -> None:
        """C lets go of the lane; a lane that is forgotten already changes nothing."""
        if self._lanes.get(lane.number) is lane:
            del self._lanes[lane.number]
            lib.loop_close_lane(self.c, lane.number)

    def run_due(self, now_ns: int) -> None:
        """Call ``on_due`` of each lane that wants to be looked at."""
        count = lib.loop_due(self.c, now_ns, self._due, _MAX_DUE)
        for number in list(self._due[0:count]):
            if (lane := self._lanes.get(number)) is not None:
                lane.terms.on_due(now_ns)

    def address(self, path: Path) -> Any:
        """The path as C spells it."""
        host, port, *rest = path.address
        family = path.endpoint.sock.family
        found = ffi.new("struct loop_address *")
        found.endpoint = self._numbers[path.endpoint]
        found.family = 4 if family is socket.AF_INET else 6
        packed = socket.inet_pton(family, host.partition("%")[0])
        ffi.memmove(found.ip, packed, len(packed))
        found.port = port
        found.scope = rest[1] if len(rest) > 1 else 0
        return found

    def _woken(self) -> None:
        os.eventfd_read(lib.loop_wake_fd(self.c))
        if not self._taking:
            self._take()

    def _take(self) -> None:
        end_ns = time.monotonic_ns() + TAKEN_WITHIN_NS
        more = True
        try:
            while more and time.monotonic_ns() < end_ns:
                more = self._take_one()
        finally:
            # After a handler's failure too: C wakes us only when the first event comes to wait.
            self._taking = more
            if more:
                self._asyncio.call_soon(self._take)

    def _take_one(self) -> bool:
        event = self._event
        if not lib.loop_take(self.c, event):
            return False
        data = bytes(self._data[: event.length])
        lane = self._lanes.get(event.lane)
        if event.type == lib.LOOP_STUN:
            if not self._on_stun(self._path(event), data):
                self._strangers += 1
        elif lane is None:
            pass  # closed since
        elif event.type == lib.LOOP_RTCP:
            lane.terms.on_rtcp(data)
        elif event.type == lib.LOOP_GAP:
            lane.terms.on_due(time.monotonic_ns())
        else:
            lane.terms.on_dtls(data)
        return True

    def _path(self, event: Any) -> Path:
        endpoint = self.endpoints[event.endpoint]
        packed = bytes(event.ip)
        if event.family == 4:
            return Path(endpoint, (socket.inet_ntop(socket.AF_INET, packed[:4]), event.port))
        host = socket.inet_ntop(socket.AF_INET6, packed)
        if event.scope:
            host += f"%{event.scope}"
        return Path(endpoint, (host, event.port, 0, event.scope))


def _fill(given: Any, stream: StreamTerms | None) -> None:
    if stream is None:
        given.payload_type = given.rtx_payload_type = _NO_TYPE
        return
    given.codec = _CODECS[stream.codec]
    given.payload_type = stream.payload_type
    given.rtx_payload_type = _NO_TYPE
    if stream.rtx_payload_type is not None and stream.rtx_ssrc is not None:
        given.rtx_payload_type, given.rtx_ssrc = stream.rtx_payload_type, stream.rtx_ssrc
    given.ssrc = stream.ssrc
    # Below 2¹⁵, so that a receiver's first estimate of the rollover counter is right (RFC 3711).
    given.first_sequence = secrets.randbelow(1 << 15)
    given.abs_send_time = stream.abs_send_time or 0
    given.transport_cc = stream.transport_cc or 0


def _integer(pointer: Any) -> int:
    return int(srtp_ffi.cast("uintptr_t", pointer))


def _pointer(handle: Any) -> Any:
    return ffi.cast("void *", _integer(handle))
