"""Puts RTP packets into a recorder's ring as a packet loop does."""

import time

from relay.media.packets.errors import MalformedPacketError
from relay.media.packets.rtcp import SenderReport
from relay.media.packets.rtp import Kind, parse_rtp
from relay.media.packets.vp8 import parse_vp8
from relay.media.ring import RecordFlag, RecordKind, RingWriter
from visit_protocol.vocabulary import VideoCodec


class RingSource:
    """One party's records in a ring."""

    def __init__(self, ring: RingWriter, tap: int, codec: VideoCodec = VideoCodec.VP8) -> None:
        self.ring = ring
        self.tap = tap
        self._codec = codec

    def packet(self, kind: Kind, packet: bytes, arrival_ns: int) -> None:
        """A decrypted RTP packet arrived at ``arrival_ns`` (CLOCK_MONOTONIC)."""
        try:
            header = parse_rtp(packet, len(packet))
            begin, flags = header.payload_start, RecordFlag.MARKER if header.marker else 0
            if kind is Kind.VIDEO and self._codec is VideoCodec.H264:
                flags |= RecordFlag.H264
            elif kind is Kind.VIDEO and begin < header.payload_end:
                payload = parse_vp8(packet, begin, header.payload_end)
                begin = payload.start
                flags |= RecordFlag.BEGINS_FRAME if payload.begins_frame else 0
                flags |= RecordFlag.BEGINS_KEYFRAME if payload.keyframe else 0
        except MalformedPacketError:
            return
        self.ring.write(
            self.tap,
            RecordKind.VIDEO if kind is Kind.VIDEO else RecordKind.AUDIO,
            flags,
            ssrc=header.ssrc,
            arrival_ns=arrival_ns,
            timestamp=header.timestamp,
            sequence=header.sequence,
            payload=packet[begin : header.payload_end],
        )

    def report(self, kind: Kind, report: SenderReport) -> None:
        """The publisher told its clock."""
        self.ring.write(
            self.tap,
            RecordKind.SENDER_REPORT,
            RecordFlag.VIDEO_REPORT if kind is Kind.VIDEO else 0,
            ssrc=report.ssrc,
            arrival_ns=time.monotonic_ns(),
            timestamp=report.rtp,
            sequence=0,
            payload=report.ntp.to_bytes(8, "little"),
        )
