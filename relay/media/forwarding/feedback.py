"""The RTCP conversation with one party: what it says about our streams, what we say about its.

Guarantees: a publisher hears a receiver report and a rate limit once a second, a lower limit at
once; a keyframe is asked for at most each `KEYFRAME_PAUSE_NS`, however many ask, and while the
call is live often enough that keyframes are at most 2 s apart; each lost video packet is asked for
at once, then a few times more. Leaves to others: deciding when a call is live; transport-wide
feedback, which the packet loop sends by itself. Times are CLOCK_MONOTONIC ns.
"""

import time
from collections.abc import Callable
from typing import Final

from relay.media.forwarding.limit import MOST_BPS, PublisherLimit
from relay.media.forwarding.path import Lane, Reception
from relay.media.packets.errors import MalformedPacketError
from relay.media.packets.rtcp import (
    BandwidthLimit,
    KeyframeRequest,
    LossReport,
    ReceptionReport,
    ReportBlock,
    SenderReport,
    parse_rtcp,
    write_bandwidth_limit,
    write_keyframe_request,
    write_loss_report,
    write_receiver_report,
)
from relay.media.packets.rtp import Kind

KEYFRAME_PAUSE_NS: Final = 300_000_000
KEYFRAME_EVERY_NS: Final = 1_500_000_000
"""Asked for after so long without one, so that it is here before 2 s have passed."""
_REPORT_EVERY_NS: Final = 1_000_000_000


class Feedback:
    """RTCP of one party. ``on_keyframe_wanted`` and ``on_limit`` tell its publisher's feedback."""

    def __init__(
        self,
        lane: Lane,
        *,
        ssrc: int,
        cname: str,
        on_keyframe_wanted: Callable[[], None],
        on_limit: Callable[[int], None],
        on_clock: Callable[[Kind, SenderReport], None],
        estimates: bool = True,
    ) -> None:
        """``estimates``: whether our packets carry their time, so that the party's REMB is heeded.

        Without it a browser guesses from RTP timestamps, and takes the publisher's network, and
        the pauses with which that one sends, for its own.
        """
        self._lane = lane
        self._ssrc = ssrc
        self._cname = cname.encode()
        self._on_keyframe_wanted = on_keyframe_wanted
        self._on_limit = on_limit
        self._on_clock = on_clock
        self._estimates = estimates
        self._keyframe_wanted = False
        self._keyframe_asked_ns = 0
        self._reported_ns = 0
        self._before: dict[Kind, Reception] = {}
        self._clocks: dict[Kind, tuple[int, int]] = {}
        """Per kind: middle 32 bits of the last report's NTP time, and when it came."""
        self._limit_bps = MOST_BPS
        """Of what the party publishes."""
        self._limit_told_bps = 0
        self._takes = PublisherLimit()
        self._sent_bytes = dict.fromkeys(Kind, 0)
        self._sent_counted_ns = 0
        self._sent_bps = dict.fromkeys(Kind, 0)

    def received(self, compound: bytes) -> None:
        """The party sent this, decrypted. What is malformed is ignored."""
        try:
            packets = parse_rtcp(compound)
        except MalformedPacketError:
            return
        for packet in packets:
            match packet:
                case SenderReport():
                    self._clock(packet)
                case LossReport():
                    self._lane.resend(packet.ssrc, packet.sequences)
                case KeyframeRequest():
                    self._on_keyframe_wanted()
                case ReceptionReport() if packet.ssrc == self._ssrc:
                    self._takes.loss(
                        packet.fraction_lost,
                        packet.highest_sequence,
                        sum(self._sent_bps.values()),
                        time.monotonic_ns(),
                    )
                    self._on_limit(self._takes.bits_per_second)
                case BandwidthLimit() if self._estimates and self._ssrc in packet.ssrcs:
                    # It is made of the packets that carry their time: the picture's.
                    self._takes.estimate(
                        packet.bits_per_second, self._sent_bps[Kind.VIDEO], time.monotonic_ns()
                    )
                    self._on_limit(self._takes.bits_per_second)

    def want_keyframe(self) -> None:
        """Somebody needs a keyframe of this party's video."""
        self._keyframe_wanted = True
        self._lane.look_at(0)

    def limit(self, bits_per_second: int) -> None:
        """The party shall publish at most that much."""
        self._limit_bps = bits_per_second
        if bits_per_second < self._limit_told_bps:
            self._lane.look_at(0)

    def tick(self, now_ns: int, *, live: bool) -> int:
        """Say what is due; when to be called again, unless something happens before."""
        video = self._lane.reception(Kind.VIDEO)
        due = now_ns - self._reported_ns >= _REPORT_EVERY_NS
        feedback = b""
        if video is not None:
            feedback += self._lost(video, now_ns) + self._keyframe(video, now_ns, live=live)
        if due or self._limit_bps < self._limit_told_bps:
            feedback += self._limit(video)
        if due or feedback:
            feedback = self._report(now_ns, video, renew=due) + feedback
            self._lane.send_rtcp(feedback)
        if due:
            self._reported_ns = now_ns
            self._count_sent(now_ns)
            self._takes.settle(now_ns)
            self._on_limit(self._takes.bits_per_second)
        return self._next_ns(video, live=live)

    def _next_ns(self, video: Reception | None, *, live: bool) -> int:
        next_ns = self._reported_ns + _REPORT_EVERY_NS
        if self._keyframe_wanted:
            next_ns = min(next_ns, self._keyframe_asked_ns + KEYFRAME_PAUSE_NS)
        elif live and video is not None:
            latest_ns = max(video.last_keyframe_ns or 0, self._keyframe_asked_ns)
            next_ns = min(next_ns, latest_ns + KEYFRAME_EVERY_NS)
        return next_ns

    def _clock(self, report: SenderReport) -> None:
        kind = self._kind_of(report.ssrc)
        if kind is not None:
            self._clocks[kind] = (report.ntp >> 16 & 0xFFFFFFFF, time.monotonic_ns())
            self._on_clock(kind, report)

    def _kind_of(self, ssrc: int) -> Kind | None:
        """Which of the party's streams that is; those of the latest report are looked up first."""
        for kind, reception in self._before.items():
            if reception.ssrc == ssrc:
                return kind
        for kind in Kind:
            found = self._lane.reception(kind)
            if found is not None and found.ssrc == ssrc:
                return kind
        return None

    def _count_sent(self, now_ns: int) -> None:
        elapsed_ns = now_ns - self._sent_counted_ns
        for kind, before in self._sent_bytes.items():
            sent = self._lane.sent_octets(kind)
            if self._sent_counted_ns:
                self._sent_bps[kind] = (sent - before) * 8_000_000_000 // elapsed_ns
            self._sent_bytes[kind] = sent
        self._sent_counted_ns = now_ns

    def _limit(self, video: Reception | None) -> bytes:
        audio = self._lane.reception(Kind.AUDIO)
        ssrcs = [reception.ssrc for reception in (audio, video) if reception is not None]
        if not ssrcs:
            return b""
        self._limit_told_bps = self._limit_bps
        return write_bandwidth_limit(self._ssrc, ssrcs, self._limit_bps)

    def _lost(self, video: Reception, now_ns: int) -> bytes:
        sequences = self._lane.missing(now_ns)
        return write_loss_report(self._ssrc, video.ssrc, sequences) if sequences else b""

    def _keyframe(self, video: Reception, now_ns: int, *, live: bool) -> bytes:
        latest_ns = max(video.last_keyframe_ns or 0, self._keyframe_asked_ns)
        if live and now_ns - latest_ns >= KEYFRAME_EVERY_NS:
            self._keyframe_wanted = True
        if not self._keyframe_wanted or now_ns - self._keyframe_asked_ns < KEYFRAME_PAUSE_NS:
            return b""
        self._keyframe_wanted = False
        self._keyframe_asked_ns = now_ns
        return write_keyframe_request(self._ssrc, video.ssrc)

    def _report(self, now_ns: int, video: Reception | None, *, renew: bool) -> bytes:
        blocks: list[ReportBlock] = []
        for kind in Kind:
            reception = video if kind is Kind.VIDEO else self._lane.reception(kind)
            if reception is not None:
                blocks.append(self._block(kind, reception, now_ns))
                if renew:
                    self._before[kind] = reception
        return write_receiver_report(self._ssrc, self._cname, blocks)

    def _block(self, kind: Kind, now: Reception, now_ns: int) -> ReportBlock:
        before = self._before.get(kind)
        expected, received = now.packets_expected, now.packets_received
        if before is not None and before.ssrc == now.ssrc:
            expected -= before.packets_expected
            received -= before.packets_received
        lost = max(0, expected - received)
        middle, came_ns = self._clocks.get(kind, (0, now_ns))
        return ReportBlock(
            ssrc=now.ssrc,
            fraction_lost=min(255, lost * 256 // expected) if expected > 0 else 0,
            packets_lost=min(0x7FFFFF, max(0, now.packets_expected - now.packets_received)),
            highest_sequence=now.highest_sequence,
            jitter=now.jitter,
            last_sr=middle,
            delay_since_last_sr=(now_ns - came_ns) * 65536 // 1_000_000_000 & 0xFFFFFFFF,
        )
