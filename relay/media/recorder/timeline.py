"""When each packet belongs in the recording, from RTP timestamps, arrival times and SRs.

Guarantees: within one source time runs by the source's own clock; a new source, or a clock that
has left the arrival times by more than `MAX_DRIFT_S`, is anchored where it arrives, so that no
party can write absurd times; picture and sound are aligned by the sender's reports (RFC 3550
§6.4.1) once there is one for each. Leaves to others: order. Seconds count from the recording's
beginning.
"""

from typing import Final

from relay.media.packets.rtp import Kind

MAX_DRIFT_S: Final = 2.0
MIN_SHIFT_S: Final = 0.005


class SourceClock:
    """RTP timestamps of one source as seconds."""

    __slots__ = ("_at_s", "_rate", "_timestamp")

    def __init__(self, kind: Kind) -> None:
        self._rate: Final = kind.clock_rate
        self._timestamp: int | None = None
        self._at_s = 0.0

    def seconds(self, timestamp: int, arrival_s: float) -> float:
        """Where the packet belongs, which arrived at ``arrival_s``."""
        if self._timestamp is None:
            found = arrival_s
        else:
            found = self._at_s + _delta(timestamp, self._timestamp) / self._rate
            if not -MAX_DRIFT_S <= found - arrival_s <= MAX_DRIFT_S:
                found = arrival_s
        # Anchored anew with each packet, so that timestamps may wrap.
        self._timestamp, self._at_s = timestamp, found
        return found

    @property
    def anchor(self) -> tuple[int, float] | None:
        """A timestamp and where it belongs, None before the first packet."""
        return None if self._timestamp is None else (self._timestamp, self._at_s)

    def anchor_at(self, timestamp: int, at_s: float) -> None:
        """That timestamp belongs there."""
        self._timestamp, self._at_s = timestamp, at_s

    def locate(self, timestamp: int) -> float | None:
        """Where that timestamp lies, None before the first packet."""
        if self._timestamp is None:
            return None
        return self._at_s + _delta(timestamp, self._timestamp) / self._rate

    def shift(self, by_s: float) -> None:
        """Everything from now on belongs so much later."""
        self._at_s += by_s


def _delta(later: int, earlier: int) -> int:
    # `timestamp_delta`, which is called for each packet.
    return ((later - earlier + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000


class Timeline:
    """The clocks of a party's two streams; sound leads, the picture is moved to it."""

    def __init__(self) -> None:
        self.sound = SourceClock(Kind.AUDIO)
        self.picture = SourceClock(Kind.VIDEO)
        self._reports: dict[Kind, tuple[float, int]] = {}

    def restart(self, kind: Kind) -> None:
        """A new source has begun; its clock has nothing to do with the old one's."""
        if kind is Kind.AUDIO:
            self.sound = SourceClock(kind)
        else:
            self.picture = SourceClock(kind)
        self._reports.clear()

    def report(self, kind: Kind, ntp: int, rtp: int) -> None:
        """The source said that its timestamp ``rtp`` is the NTP time ``ntp`` (32.32 bits)."""
        self._reports[kind] = (ntp / 2**32, rtp)
        if len(self._reports) < len(Kind):
            return
        (sound_ntp, sound_rtp), (picture_ntp, picture_rtp) = (self._reports[kind] for kind in Kind)
        sound_s = self.sound.locate(sound_rtp)
        picture_s = self.picture.locate(picture_rtp)
        if sound_s is None or picture_s is None:
            return
        shift_s = sound_s + (picture_ntp - sound_ntp) - picture_s
        if MIN_SHIFT_S < abs(shift_s) < MAX_DRIFT_S:
            self.picture.shift(shift_s)
