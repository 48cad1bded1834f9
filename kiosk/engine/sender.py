"""`MeasuredSender`: aiortc's sender, which tells what the relay's feedback says and obeys a limit.

Guarantees: the encoder is never asked for more than the limit, nor for more than the relay's
estimate (REMB) leaves beside the sound; loss is told once for each report.
Leaves to others: what to make of it (`kiosk.engine.quality`, `kiosk.engine.peer`).

The second module beside `kiosk.engine.peer` that knows aiortc's inside: names with
``_RTCRtpSender`` are those of aiortc 1.16.
"""

from typing import Any, Final

import aiortc.rtcpeerconnection
from aiortc import RTCRtpSender
from aiortc.codecs import h264, vpx
from aiortc.rtp import (
    RTCP_PSFB_APP,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpSrPacket,
    unpack_remb_fci,
)

SOUND_BPS: Final = 50_000
"""What the sound takes of the estimate before the picture gets any."""
LEAST_BPS: Final = 40_000
"""Less makes no picture."""


class MeasuredSender(RTCRtpSender):
    """Made by every `RTCPeerConnection` of this process after `prepare_senders`."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.available: int | None = None
        """What the relay lets this terminal send in all, bit/s."""
        self._loss: float | None = None
        self._limit: int | None = None

    def take_loss(self) -> float | None:
        """The greatest share of packets lost in the reports since the last call, if any came."""
        loss, self._loss = self._loss, None
        return loss

    def limit(self, bitrate: int) -> None:
        """Send no more than this, bit/s."""
        self._limit = bitrate
        self._restrain()

    def want_keyframe(self) -> None:
        """Let the next picture be a whole one."""
        self._send_keyframe()

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        await super()._handle_rtcp_packet(packet)
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == self._ssrc:
                    self._loss = max(self._loss or 0.0, report.fraction_lost / 256)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            self._hear_estimate(packet.fci)

    def _hear_estimate(self, fci: bytes) -> None:
        try:
            bitrate, ssrcs = unpack_remb_fci(fci)
        except ValueError:
            return  # another application's feedback
        if self._ssrc in ssrcs:
            self.available = bitrate
            self._restrain()

    def _restrain(self) -> None:
        encoder = getattr(self, "_RTCRtpSender__encoder")  # noqa: B009 -- mangled otherwise
        if self._limit is None or not isinstance(encoder, vpx.Vp8Encoder | h264.H264Encoder):
            return  # sound keeps its bitrate; a picture's first seconds are the encoder's own
        left = self._limit if self.available is None else self.available - SOUND_BPS
        encoder.target_bitrate = max(LEAST_BPS, min(self._limit, left))


def prepare_senders() -> None:
    """Let aiortc make our senders and its encoders go below 250 and 500 kbit/s; once per process.

    WORKAROUND(https://github.com/aiortc/aiortc): it has no ``setParameters``.
    """
    setattr(aiortc.rtcpeerconnection, "RTCRtpSender", MeasuredSender)  # noqa: B010 -- mypy's word
    vpx.MIN_BITRATE = h264.MIN_BITRATE = LEAST_BPS
