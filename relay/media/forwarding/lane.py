"""The packet path in Python: decrypt in place, rewrite twelve bytes, encrypt in place, send.

Guarantees: as `relay.media.forwarding.path` says. Header extensions and contributing sources are
left out by writing the new header directly before the payload, so no payload byte moves. A party
may use at most `MAX_SSRCS` sources, since libsrtp keeps state for each that authenticates.
"""

import time
from collections import deque
from collections.abc import Sequence
from typing import Final

from relay.media.forwarding.incoming import IncomingStream
from relay.media.forwarding.outgoing import OutgoingStream
from relay.media.forwarding.path import LaneTerms, PathCounters, Reception
from relay.media.packets.errors import MalformedPacketError
from relay.media.packets.rtcp import is_rtcp, write_sender_report
from relay.media.packets.rtp import (
    RTP_HEADER_BYTES,
    Kind,
    RtpHeader,
    parse_rtp,
    sequence_delta,
    write_rtp_header,
)
from relay.media.packets.vp8 import parse_vp8
from relay.media.tap import Tap
from relay.media.transport.endpoint import Path
from relay.media.transport.srtp import PacketBuffer, SrtpSessions

MAX_SSRCS: Final = 32
MAX_EARLY: Final = 32
"""Packets kept that have overtaken the keyframe with which a stream begins."""
RESENDS_PER_S: Final = 300
"""A subscriber cannot make us send more than that again."""


class PythonPacketPath:
    """Makes `PythonLane`s over one packet buffer."""

    def __init__(self, buffer: PacketBuffer) -> None:
        self.counters = PathCounters()
        self._buffer = buffer

    def open_lane(self, terms: LaneTerms) -> "PythonLane":
        """A lane that is closed to everything until it is admitted."""
        return PythonLane(self._buffer, self.counters, terms)


class PythonLane:
    """One party's side of the path; implements `relay.media.forwarding.path.Lane`."""

    def __init__(self, buffer: PacketBuffer, counters: PathCounters, terms: LaneTerms) -> None:
        self._buffer = buffer
        self._counters = counters
        self._terms = terms
        self._sessions: SrtpSessions | None = None
        self._path: Path | None = None
        self._subscriber: PythonLane | None = None
        self._early: deque[tuple[object, RtpHeader, bytes]] = deque(maxlen=MAX_EARLY)
        self._forwarding = False
        self._tap: Tap | None = None
        self._known_ssrcs: set[int] = set()
        self._incoming = {kind: IncomingStream(kind) for kind in Kind}
        self._by_payload_type = {
            number: self._incoming[kind] for kind, number in terms.payload_types.items()
        }
        self._outgoing = {
            kind: OutgoingStream(kind, terms.payload_types[kind], terms.ssrcs[kind])
            for kind in Kind
        }
        self._resends_left = RESENDS_PER_S
        self._resends_since_ns = 0

    # ── setting up ─────────────────────────────────────────────────────────────────────────
    def admit(self, sessions: SrtpSessions) -> None:
        """The keys are known."""
        self._sessions = sessions

    def route(self, path: Path) -> None:
        """Send to there from now on."""
        self._path = path

    def subscribe(self, subscriber: "PythonLane | None") -> None:
        """Who gets what this lane publishes."""
        self._subscriber = subscriber

    def forward(self, on: bool, tap: Tap | None) -> None:
        """Let what arrives flow, or hold it."""
        if self._forwarding and not on and self._subscriber is not None:
            for stream in self._subscriber._outgoing.values():
                stream.hold()
        self._forwarding = on
        self._tap = tap

    def close(self) -> None:
        """Forget the keys and everybody else's lane."""
        self._sessions = self._path = self._subscriber = self._tap = None
        self._forwarding = False
        self._early.clear()

    # ── packets ────────────────────────────────────────────────────────────────────────────
    def received(self, length: int) -> None:
        """An encrypted RTP or RTCP packet of that length lies in the packet buffer."""
        self._counters.packets_in += 1
        if self._terms.gate.is_shut:
            return  # cut, though the event loop has not come to taking it down yet
        if self._sessions is None or length < RTP_HEADER_BYTES:
            self._counters.packets_dropped += 1
        elif is_rtcp(self._buffer.data[1]):
            compound = self._sessions.unprotect_rtcp(bytes(self._buffer.view[:length]))
            if compound is None:
                self._counters.packets_dropped += 1
            else:
                self._terms.on_rtcp(compound)
        elif not self._received_rtp(self._sessions, length):
            self._counters.packets_dropped += 1

    def _received_rtp(self, sessions: SrtpSessions, length: int) -> bool:
        buffer = self._buffer
        ssrc = int.from_bytes(buffer.view[8:12], "big")
        if ssrc not in self._known_ssrcs and len(self._known_ssrcs) >= MAX_SSRCS:
            return False
        length = buffer.unprotect(sessions.receiving, length)
        if not length:
            return False
        self._known_ssrcs.add(ssrc)
        try:
            header = parse_rtp(buffer.data, length)
            stream = self._by_payload_type.get(header.payload_type)
            if stream is None:
                return False
            starts = self._starts(stream.kind, header)
        except MalformedPacketError:
            return False
        now_ns = time.monotonic_ns()
        if not stream.accept(header, now_ns, keyframe=starts):
            return False
        if self._forwarding:
            if self._tap is not None:
                self._tap.packet(stream.kind, bytes(buffer.view[:length]), now_ns)
            if self._subscriber is not None:
                self._subscriber._send(header, length, (self, stream.source), stream.kind, starts)
        return True

    def _starts(self, kind: Kind, header: RtpHeader) -> bool:
        """Whether a subscriber can begin with this packet: any of Opus, a keyframe's first."""
        if kind is Kind.AUDIO:
            return True
        if header.payload_start == header.payload_end:
            return False  # a probe that is all padding
        return parse_vp8(self._buffer.data, header.payload_start, header.payload_end).keyframe

    def _send(
        self, header: RtpHeader, length: int, source: object, kind: Kind, starts: bool
    ) -> None:
        """Send the publisher's packet that lies decrypted in the buffer to this lane's party."""
        if self._sessions is None or self._path is None:
            return
        stream = self._outgoing[kind]
        place = stream.place(header, source, time.monotonic_ns(), starts=starts)
        if place is None:
            self._early.append((source, header, bytes(self._buffer.view[:length])))
            return
        self._send_at(place, stream, header, length)
        if kind is Kind.VIDEO and self._early:
            self._send_early(source, header.sequence, stream)

    def _send_early(self, source: object, began: int, stream: OutgoingStream) -> None:
        """Send what overtook the keyframe: sent to us again, SRTP would refuse it as a repeat."""
        waiting = [entry for entry in self._early if entry[0] == source]
        self._early.clear()
        for _, header, packet in waiting:
            if sequence_delta(header.sequence, began) > 0:
                place = stream.place(header, source, time.monotonic_ns(), starts=False)
                if place is not None:
                    self._buffer.data[: len(packet)] = packet
                    self._send_at(place, stream, header, len(packet))

    def _send_at(
        self, place: tuple[int, int], stream: OutgoingStream, header: RtpHeader, length: int
    ) -> None:
        if self._sessions is None or self._path is None:
            return
        sequence, timestamp = place
        start = header.payload_start - RTP_HEADER_BYTES
        write_rtp_header(
            self._buffer.data,
            start,
            payload_type=stream.payload_type,
            marker=header.marker,
            padded=header.payload_end < length,
            sequence=sequence,
            timestamp=timestamp,
            ssrc=stream.ssrc,
        )
        end = self._buffer.protect(self._sessions.sending, start, length)
        if not end:
            self._counters.packets_dropped += 1
            return
        datagram = self._buffer.view[start:end]
        if self._terms.gate.send(self._path.endpoint.sock, datagram, self._path.address):
            self._counters.packets_forwarded += 1
            self._counters.bytes_forwarded += end - start
        # One that could not leave is kept too: the party will ask for it.
        stream.sent(sequence, timestamp, bytes(datagram), time.monotonic_ns())

    # ── control ────────────────────────────────────────────────────────────────────────────
    def reception(self, kind: Kind) -> Reception | None:
        """How the stream of that kind arrives, None while nothing has arrived."""
        return self._incoming[kind].reception()

    def missing(self, now_ns: int) -> Sequence[int]:
        """Sequence numbers of video to be asked for again now. Opus mends its own losses."""
        return self._incoming[Kind.VIDEO].missing(now_ns)

    def resend(self, ssrc: int, sequences: Sequence[int]) -> None:
        """The party lost these packets; the very same datagrams go out again."""
        stream = self._outgoing[Kind.VIDEO]
        if ssrc != stream.ssrc or self._path is None:
            return
        now_ns = time.monotonic_ns()
        if now_ns - self._resends_since_ns >= 1_000_000_000:
            self._resends_since_ns, self._resends_left = now_ns, RESENDS_PER_S
        for sequence in sequences[: self._resends_left]:
            self._resends_left -= 1
            datagram = stream.sent_before(sequence)
            if datagram is not None:
                self._terms.gate.send(self._path.endpoint.sock, datagram, self._path.address)

    def send_rtcp(self, compound: bytes) -> None:
        """Encrypt and send."""
        if self._sessions is not None and self._path is not None:
            datagram = self._sessions.protect_rtcp(compound)
            self._terms.gate.send(self._path.endpoint.sock, datagram, self._path.address)

    def report_clock(self, kind: Kind, cname: bytes, ntp: int, rtp: int) -> None:
        """Pass the publisher's clock on, in this lane's own timestamps."""
        stream = self._outgoing[kind]
        ours = stream.clock(rtp)
        if ours is not None:
            self.send_rtcp(
                write_sender_report(
                    stream.ssrc,
                    cname,
                    ntp=ntp,
                    rtp=ours,
                    packets=stream.packets,
                    octets=stream.octets,
                )
            )
