"""The RTCP conversation with one party: what it says about our streams, what we say about its.

Guarantees: a publisher hears a receiver report and a rate limit once a second; a keyframe is
asked for at most each `KEYFRAME_PAUSE_NS`, however many ask, and while the call is live often
enough that keyframes are at most 2 s apart; each lost video packet is asked for a few times.
Leaves to others: deciding when a call is live. Times are CLOCK_MONOTONIC ns.
"""

import time
from collections.abc import Callable
from typing import Final

from relay.media.forwarding.path import Lane, Reception
from relay.media.packets.errors import MalformedPacketError
from relay.media.packets.rtcp import (
    KeyframeRequest,
    LossReport,
    ReportBlock,
    SenderReport,
    parse_rtcp,
    write_bandwidth_limit,
    write_keyframe_request,
    write_loss_report,
    write_receiver_report,
)
from relay.media.packets.rtp import Kind

PUBLISHER_LIMIT_BPS: Final = 2_500_000
"""REMB for every publisher: 720p at full rate within seconds on a good network."""
KEYFRAME_PAUSE_NS: Final = 300_000_000
KEYFRAME_EVERY_NS: Final = 1_500_000_000
"""Asked for after so long without one, so that it is here before 2 s have passed."""
_REPORT_EVERY_NS: Final = 1_000_000_000


class Feedback:
    """RTCP of one party. ``on_keyframe_wanted`` passes its requests to the other's feedback."""

    def __init__(
        self,
        lane: Lane,
        *,
        ssrc: int,
        cname: str,
        on_keyframe_wanted: Callable[[], None],
        on_clock: Callable[[Kind, SenderReport], None],
    ) -> None:
        self._lane = lane
        self._ssrc = ssrc
        self._cname = cname.encode()
        self._on_keyframe_wanted = on_keyframe_wanted
        self._on_clock = on_clock
        self._keyframe_wanted = False
        self._keyframe_asked_ns = 0
        self._reported_ns = 0
        self._before: dict[Kind, Reception] = {}
        self._clocks: dict[Kind, tuple[int, int]] = {}
        """Per kind: middle 32 bits of the last report's NTP time, and when it came."""

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

    def want_keyframe(self) -> None:
        """Somebody needs a keyframe of this party's video."""
        self._keyframe_wanted = True

    def pass_clock(self, kind: Kind, report: SenderReport) -> None:
        """The other party's clock, for this party."""
        self._lane.report_clock(kind, self._cname, report.ntp, report.rtp)

    def tick(self, now_ns: int, *, live: bool) -> None:
        """Say what is due; called many times a second."""
        video = self._lane.reception(Kind.VIDEO)
        due = now_ns - self._reported_ns >= _REPORT_EVERY_NS
        feedback = b""
        if video is not None:
            feedback += self._lost(video, now_ns) + self._keyframe(video, now_ns, live=live)
        if due or feedback:
            feedback = self._report(now_ns, renew=due) + feedback
        if due:
            self._reported_ns = now_ns
            receptions = (self._lane.reception(kind) for kind in Kind)
            ssrcs = [reception.ssrc for reception in receptions if reception is not None]
            if ssrcs:
                feedback += write_bandwidth_limit(self._ssrc, ssrcs, PUBLISHER_LIMIT_BPS)
        if feedback:
            self._lane.send_rtcp(feedback)

    def _clock(self, report: SenderReport) -> None:
        for kind in Kind:
            reception = self._lane.reception(kind)
            if reception is not None and reception.ssrc == report.ssrc:
                self._clocks[kind] = (report.ntp >> 16 & 0xFFFFFFFF, time.monotonic_ns())
                self._on_clock(kind, report)

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

    def _report(self, now_ns: int, *, renew: bool) -> bytes:
        blocks: list[ReportBlock] = []
        for kind in Kind:
            reception = self._lane.reception(kind)
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
