"""A lane in Python: decrypt in place, write a new header, encrypt, send; the twin of loop.c.

Guarantees: as `relay.media.forwarding.path` says. A party may use at most `MAX_SSRCS` sources,
since libsrtp keeps state for each that authenticates, be it in RTP or in RTCP. Leaves to others:
sockets and addresses (`python_loop`).
"""

import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from relay.media.forwarding.allowance import Allowance
from relay.media.forwarding.arrivals import Arrivals
from relay.media.forwarding.incoming import IncomingStream
from relay.media.forwarding.outgoing import Kept, OutgoingStream
from relay.media.forwarding.path import MAX_SUBSCRIBERS, LaneTerms, Reception
from relay.media.forwarding.python_gate import PythonGate
from relay.media.packets.errors import MalformedPacketError
from relay.media.packets.h264 import begins_keyframe
from relay.media.packets.rtcp import is_rtcp, write_sender_report
from relay.media.packets.rtp import (
    RTP_HEADER_BYTES,
    Codec,
    Kind,
    find_extension,
    parse_rtp,
    sequence_delta,
    write_rtp_header,
    write_timed_header,
)
from relay.media.packets.vp8 import parse_vp8
from relay.media.ring import RecordFlag, RecordKind, RingWriter
from relay.media.tap import Tap
from relay.media.transport.endpoint import Endpoint, Path
from relay.media.transport.srtp import PacketBuffer, SrtpSessions

MAX_SSRCS: Final = 32
MAX_EARLY: Final = 32
"""Packets kept that have overtaken the keyframe with which a stream begins."""
HURRY_EVERY_NS: Final = 10_000_000
"""New gaps make a lane due at once, no more often than that."""
RESENDS_PER_S: Final = 300
"""A subscriber cannot make us send more than that again."""
PACKETS_PER_S: Final = 2000
"""A publisher cannot make us forward and record more: six times what 720p takes."""
# As plain numbers: enumerations are slow where it is about each packet.
_MARKER, _BEGINS_FRAME = int(RecordFlag.MARKER), int(RecordFlag.BEGINS_FRAME)
_BEGINS_KEYFRAME, _H264 = int(RecordFlag.BEGINS_KEYFRAME), int(RecordFlag.H264)
_RECORD_KINDS: Final = {Kind.AUDIO: int(RecordKind.AUDIO), Kind.VIDEO: int(RecordKind.VIDEO)}


@dataclass(slots=True)
class LaneCounters:
    """What all lanes of a loop count together."""

    packets_in: int = 0
    packets_forwarded: int = 0
    packets_resent: int = 0
    packets_dropped: int = 0
    bytes_forwarded: int = 0


Owners = dict[tuple[Endpoint, tuple[Any, ...]], "PythonLane"]
"""Whose what comes from an address is that is not STUN."""


class Media(NamedTuple):
    """A publisher's packet, decrypted and understood."""

    kind: Kind
    source: tuple[object, int]
    sequence: int
    timestamp: int
    marker: bool
    starts: bool
    """Whether a subscriber can begin with it: any of Opus, a keyframe's first."""
    body: memoryview | bytes
    """The payload with its padding."""
    payload_bytes: int
    """Of ``body``, without the padding."""


class PythonLane:
    """Implements `relay.media.forwarding.path.Lane`."""

    def __init__(
        self,
        terms: LaneTerms,
        owners: Owners,
        ring: RingWriter | None,
        incoming: PacketBuffer,
        outgoing: PacketBuffer,
        counters: LaneCounters,
        on_gap: "Callable[[PythonLane], None]",
        on_close: "Callable[[PythonLane], None]",
    ) -> None:
        gate = terms.gate
        assert isinstance(gate, PythonGate)  # noqa: S101  # a gate of this very loop
        self.terms: Final = terms
        self.look_at_ns = 0
        self._owners = owners
        self._owned: set[tuple[Endpoint, tuple[Any, ...]]] = set()
        self._gate = gate
        self._ring = ring
        self._buffer = incoming
        self._out = outgoing
        self._counters = counters
        self._on_gap = on_gap
        self._on_close = on_close
        self._sessions: SrtpSessions | None = None
        self._open: Callable[[int], int]
        self._seal: Callable[[int], int]
        self._path: Path | None = None
        self._subscribers: tuple[PythonLane, ...] = ()
        self._early: deque[Media] = deque(maxlen=MAX_EARLY)
        self._forwarding = False
        self._tap: Tap | None = None
        self._known_ssrcs: set[int] = set()
        self._incoming = {kind: IncomingStream(kind) for kind in Kind}
        self._outgoing = {
            kind: OutgoingStream(kind, stream) for kind, stream in terms.streams.items()
        }
        self._by_payload_type = {
            stream.payload_type: (kind, stream.codec, stream.transport_cc)
            for kind, stream in terms.streams.items()
        }
        video = terms.streams[Kind.VIDEO]
        self._rtx = None if video.rtx_ssrc is None else video.rtx_payload_type
        if self._rtx is not None:
            self._by_payload_type[self._rtx] = (Kind.VIDEO, video.codec, video.transport_cc)
        self.arrivals = Arrivals()
        self._resends = Allowance(RESENDS_PER_S)
        self._packets = Allowance(PACKETS_PER_S)
        self._hurried_ns = 0

    # ── setting up ─────────────────────────────────────────────────────────────────────────
    def admit(self, sessions: SrtpSessions) -> None:
        """The keys are known."""
        self._sessions = sessions
        self._open = self._buffer.opening(sessions.receiving)
        self._seal = self._out.sealing(sessions.sending)

    def own(self, path: Path) -> None:
        """What is not STUN and comes from there is this lane's, whosever it was before."""
        place = (path.endpoint, path.address)
        self._owners[place] = self
        self._owned.add(place)

    def disown(self, path: Path) -> None:
        """It is nobody's, if it was this lane's."""
        self._disown((path.endpoint, path.address))

    def _disown(self, place: tuple[Endpoint, tuple[Any, ...]]) -> None:
        self._owned.discard(place)
        if self._owners.get(place) is self:
            del self._owners[place]

    def route(self, path: Path) -> None:
        """Send to there from now on."""
        self._path = path

    def publish_to(self, subscribers: "Sequence[PythonLane]") -> None:
        """Who gets what this lane publishes. Raises `ValueError`: too many; nothing has changed."""
        if len(subscribers) > MAX_SUBSCRIBERS:
            raise ValueError(f"{len(subscribers)} subscribers")
        for subscriber in self._subscribers:
            if subscriber not in subscribers:
                self._hold(subscriber)
        self._subscribers = tuple(subscribers)

    def _hold(self, subscriber: "PythonLane") -> None:
        """What this lane publishes next to that one begins anew."""
        for stream in subscriber._outgoing.values():
            stream.hold(self)

    def forward(self, on: bool, tap: Tap | None) -> None:
        """Let what arrives flow, or hold it."""
        if self._forwarding and not on:
            for subscriber in self._subscribers:
                self._hold(subscriber)
        self._forwarding = on
        self._tap = tap if on else None

    def look_at(self, when_ns: int) -> None:
        """Make the lane due at that time, if nothing does so earlier."""
        self.look_at_ns = min(self.look_at_ns, when_ns)

    def unsubscribe(self, subscriber: "PythonLane") -> None:
        """That lane is closed."""
        self._subscribers = tuple(one for one in self._subscribers if one is not subscriber)

    def close(self) -> None:
        """Forget the keys, the addresses and everybody else's lane."""
        self._sessions = self._path = self._tap = None
        self._subscribers = ()
        self._forwarding = False
        self._early.clear()
        for place in list(self._owned):
            self._disown(place)
        self._on_close(self)

    # ── packets ────────────────────────────────────────────────────────────────────────────
    def received(self, length: int) -> None:
        """An encrypted RTP or RTCP packet of that length lies in the packet buffer."""
        self._counters.packets_in += 1
        if self._gate.is_shut:
            return  # cut, though the event loop has not come to taking it down yet
        if self._sessions is None or length < RTP_HEADER_BYTES:
            self._counters.packets_dropped += 1
        elif is_rtcp(self._buffer.data[1]):
            compound = self._decrypt_rtcp(self._sessions, length)
            if compound is None:
                self._counters.packets_dropped += 1
            else:
                self.terms.on_rtcp(compound)
        elif not self._received_rtp(length):
            self._counters.packets_dropped += 1

    def _is_one_too_many(self, ssrc: int) -> bool:
        return ssrc not in self._known_ssrcs and len(self._known_ssrcs) >= MAX_SSRCS

    def _decrypt_rtcp(self, sessions: SrtpSessions, length: int) -> bytes | None:
        ssrc = int.from_bytes(self._buffer.view[4:8], "big")
        if self._is_one_too_many(ssrc):
            return None
        compound = sessions.unprotect_rtcp(bytes(self._buffer.view[:length]))
        if compound is not None:
            self._known_ssrcs.add(ssrc)
        return compound

    def _received_rtp(self, length: int) -> bool:
        data, view = self._buffer.data, self._buffer.view
        ssrc = int.from_bytes(view[8:12], "big")
        known = self._known_ssrcs
        if ssrc not in known and len(known) >= MAX_SSRCS:
            return False
        length = self._open(length)
        if not length:
            return False
        known.add(ssrc)
        now_ns = time.monotonic_ns()
        if not self._packets.take(now_ns):
            return False
        try:
            header = parse_rtp(data, length)
        except MalformedPacketError:
            return False
        payload_type, marker, sequence, timestamp, _, start, end, extension = header
        found = self._by_payload_type.get(payload_type)
        if found is None:
            return False
        kind, codec, transport_cc = found
        if transport_cc is not None and extension:
            at = find_extension(data, extension, start, transport_cc)
            if at is not None:
                self.arrivals.note(data[at] << 8 | data[at + 1], now_ns)
        stream = self._incoming[kind]
        if payload_type == self._rtx:
            # RFC 4588 §4: the original number stands before the payload.
            if end - start < 2 or not stream.source:
                return True  # a probe
            sequence = data[start] << 8 | data[start + 1]
            start, length, ssrc = start + 2, end, stream.ssrc
        codec_start, flags = start, 0
        if start != end and codec is not Codec.OPUS:  # else no bytes at all: all padding
            try:
                codec_start, flags = self._look_into(codec, start, end)
            except MalformedPacketError:
                return False
        if (
            ssrc != stream.ssrc
            or not stream.source
            or now_ns - stream.last_arrival_ns > self.terms.silent_after_ns
        ):
            self.look_at_ns = 0  # it is here, or back: to be noticed at once
        gaps = stream.missing_count
        keyframe = bool(flags & _BEGINS_KEYFRAME)
        if not stream.accept(ssrc, sequence, timestamp, now_ns, keyframe=keyframe):
            return payload_type == self._rtx
        if not self._forwarding:
            return True
        if stream.missing_count > gaps and now_ns - self._hurried_ns >= HURRY_EVERY_NS:
            self._hurried_ns = now_ns
            self._on_gap(self)
        if self._ring is not None and self._tap is not None:
            self._ring.write(
                self._tap.number,
                _RECORD_KINDS[kind],
                flags | _MARKER if marker else flags,
                ssrc=ssrc,
                sequence=sequence,
                timestamp=timestamp,
                arrival_ns=now_ns,
                payload=view[codec_start:end],
            )
        media = Media(
            kind,
            (self, stream.source),
            sequence,
            timestamp,
            marker,
            keyframe or kind is Kind.AUDIO,
            view[start:length],
            end - start,
        )
        for subscriber in self._subscribers:
            subscriber._send(media, now_ns)
        return True

    def _look_into(self, codec: Codec, start: int, end: int) -> tuple[int, int]:
        """Where the codec's own bytes begin, and what begins with them."""
        if codec is Codec.H264:
            key = begins_keyframe(self._buffer.data, start, end)
            return start, _H264 | _BEGINS_KEYFRAME if key else _H264
        payload = parse_vp8(self._buffer.data, start, end)
        if payload.keyframe:
            return payload.start, _BEGINS_FRAME | _BEGINS_KEYFRAME
        return payload.start, _BEGINS_FRAME if payload.begins_frame else 0

    def _send(self, media: Media, now_ns: int) -> None:
        """Send the publisher's packet to this lane's party."""
        stream = self._outgoing.get(media.kind)
        if self._sessions is None or self._path is None or stream is None:
            return
        place = stream.place(
            media.sequence, media.timestamp, media.source, now_ns, starts=media.starts
        )
        if place is not None:
            self._send_at(place, stream, media, now_ns)
        elif media.kind is Kind.VIDEO and stream.waits_for(media.source):
            self._early.append(media._replace(body=bytes(media.body)))
        if place is not None and self._early and media.kind is Kind.VIDEO:
            self._send_early(media, stream, now_ns)

    def _send_early(self, began: Media, stream: OutgoingStream, now_ns: int) -> None:
        """Send what overtook the keyframe: sent to us again, SRTP would refuse it as a repeat."""
        waiting = [media for media in self._early if media.source == began.source]
        self._early.clear()
        for media in waiting:
            if sequence_delta(media.sequence, began.sequence) > 0:
                place = stream.place(
                    media.sequence, media.timestamp, media.source, now_ns, starts=False
                )
                if place is not None:
                    self._send_at(place, stream, media, now_ns)

    def _send_at(
        self, place: tuple[int, int], stream: OutgoingStream, media: Media, now_ns: int
    ) -> None:
        sequence, timestamp = place
        terms, body, payload_bytes = stream.terms, media.body, media.payload_bytes
        second = terms.payload_type | 0x80 if media.marker else terms.payload_type
        padded = payload_bytes < len(body)
        datagram = self._encrypt(
            terms.abs_send_time, body, padded, second, sequence, timestamp, terms.ssrc, now_ns
        )
        path, counters = self._path, self._counters
        if datagram is None or path is None:
            return
        if self._gate.send(path.endpoint.sock, datagram, path.address):
            counters.packets_forwarded += 1
            counters.bytes_forwarded += len(datagram)
        # One that could not leave is kept too: the party will ask for it.
        data = b""
        if stream.kind is Kind.VIDEO:
            data = bytes(datagram if self._rtx is None else body[:payload_bytes])
        stream.sent(Kept(sequence, timestamp, media.marker, data), len(body), now_ns)

    def _encrypt(
        self,
        extension: int | None,
        body: memoryview | bytes,
        padded: bool,
        second: int,
        sequence: int,
        timestamp: int,
        ssrc: int,
        now_ns: int,
    ) -> memoryview | None:
        """The datagram, in the buffer for outgoing ones; None when libsrtp refuses it."""
        data = self._out.data
        if extension is None:
            start = write_rtp_header(data, padded, second, sequence, timestamp, ssrc)
        else:
            start = write_timed_header(
                data, padded, second, sequence, timestamp, ssrc, extension, now_ns
            )
        end = start + len(body)
        data[start:end] = body
        end = 0 if self._sessions is None else self._seal(end)
        if not end:
            self._counters.packets_dropped += 1
            return None
        return self._out.view[:end]

    # ── control ────────────────────────────────────────────────────────────────────────────
    @property
    def missing_count(self) -> int:
        """How many video packets are missing that may yet come."""
        return self._incoming[Kind.VIDEO].missing_count

    def reception(self, kind: Kind) -> Reception | None:
        """How the stream of that kind arrives, None while nothing has arrived."""
        return self._incoming[kind].reception()

    def sent_octets(self, kind: Kind) -> int:
        """Payload bytes of that kind that the party was sent so far."""
        stream = self._outgoing.get(kind)
        return 0 if stream is None else stream.octets

    def missing(self, now_ns: int) -> Sequence[int]:
        """Sequence numbers of video to be asked for again now. Opus mends its own losses."""
        return self._incoming[Kind.VIDEO].missing(now_ns)

    def resend(self, ssrc: int, sequences: Sequence[int]) -> None:
        """The party lost these packets; send those we still have again."""
        stream = self._outgoing[Kind.VIDEO]
        if ssrc != stream.terms.ssrc or self._path is None:
            return
        now_ns = time.monotonic_ns()
        for sequence in sequences:
            if not self._resends.take(now_ns):
                return
            kept = stream.sent_before(sequence)
            if kept is not None:
                self._resend(kept, stream, now_ns)

    def _resend(self, kept: Kept, stream: OutgoingStream, now_ns: int) -> None:
        datagram: memoryview | bytes | None = kept.data
        if self._rtx is not None and stream.terms.rtx_ssrc is not None:
            datagram = self._encrypt(
                stream.terms.abs_send_time,
                kept.sequence.to_bytes(2, "big") + kept.data,
                False,
                self._rtx | 0x80 if kept.marker else self._rtx,
                stream.rtx_sequence,
                kept.timestamp,
                stream.terms.rtx_ssrc,
                now_ns,
            )
            stream.rtx_sequence = (stream.rtx_sequence + 1) & 0xFFFF
        if datagram is None or self._path is None:
            return
        self._gate.send(self._path.endpoint.sock, datagram, self._path.address)
        self._counters.packets_resent += 1

    def send_rtcp(self, compound: bytes) -> None:
        """Encrypt and send."""
        if self._sessions is not None and self._path is not None:
            datagram = self._sessions.protect_rtcp(compound)
            self._gate.send(self._path.endpoint.sock, datagram, self._path.address)

    def report_arrivals(self) -> None:
        """Tell the party which of its packets have come, and when."""
        video, audio = self._incoming[Kind.VIDEO], self._incoming[Kind.AUDIO]
        media_ssrc = video.ssrc if video.source else audio.ssrc
        for packet in self.arrivals.report(self.terms.streams[Kind.VIDEO].ssrc, media_ssrc):
            self.send_rtcp(self.terms.preface + packet)

    def pass_clock(self, kind: Kind, cname: bytes, ntp: int, rtp: int) -> None:
        """The party told its publishing clock: tell the subscribers and the recorder."""
        if self._ring is not None and self._tap is not None:
            self._ring.write(
                self._tap.number,
                int(RecordKind.SENDER_REPORT),
                int(RecordFlag.VIDEO_REPORT) if kind is Kind.VIDEO else 0,
                ssrc=self._incoming[kind].ssrc,
                arrival_ns=time.monotonic_ns(),
                timestamp=rtp,
                sequence=0,
                payload=ntp.to_bytes(8, sys.byteorder),
            )
        for to in self._subscribers:
            stream = to._outgoing.get(kind)
            ours = None if stream is None else stream.clock(self, rtp)
            if stream is not None and ours is not None:
                report = write_sender_report(
                    stream.terms.ssrc,
                    cname,
                    ntp=ntp,
                    rtp=ours,
                    packets=stream.packets,
                    octets=stream.octets,
                )
                to.send_rtcp(report)
