"""When each packet belongs in the recording, from RTP timestamps, arrival times and SRs.

Guarantees: within one source time runs by the source's own clock; a new source, or a clock that
has left the arrival times by more than `MAX_DRIFT_S`, is anchored where it arrives, so that no
party can write absurd times; picture and sound are aligned by the sender's reports (RFC 3550
§6.4.1) once there is one for each. Leaves to others: order. Seconds count from the recording's
beginning.
"""

from typing import Final

from relay.media.packets.rtp import Kind, timestamp_delta

MAX_DRIFT_S: Final = 2.0
MIN_SHIFT_S: Final = 0.005


class SourceClock:
    """RTP timestamps of one source as seconds."""

    def __init__(self, kind: Kind) -> None:
        self._rate: Final = kind.clock_rate
        self._anchor: tuple[int, float] | None = None

    def seconds(self, timestamp: int, arrival_s: float) -> float:
        """Where the packet belongs, which arrived at ``arrival_s``."""
        if self._anchor is not None:
            found = self._map(self._anchor, timestamp)
            if abs(found - arrival_s) <= MAX_DRIFT_S:
                # Anchored anew with each packet, so that timestamps may wrap.
                self._anchor = (timestamp, found)
                return found
        self._anchor = (timestamp, arrival_s)
        return arrival_s

    def locate(self, timestamp: int) -> float | None:
        """Where that timestamp lies, None before the first packet."""
        return self._map(self._anchor, timestamp) if self._anchor is not None else None

    def shift(self, by_s: float) -> None:
        """Everything from now on belongs so much later."""
        if self._anchor is not None:
            self._anchor = (self._anchor[0], self._anchor[1] + by_s)

    def _map(self, anchor: tuple[int, float], timestamp: int) -> float:
        return anchor[1] + timestamp_delta(timestamp, anchor[0]) / self._rate


class Timeline:
    """The clocks of a party's two streams; sound leads, the picture is moved to it."""

    def __init__(self) -> None:
        self._clocks = {kind: SourceClock(kind) for kind in Kind}
        self._reports: dict[Kind, tuple[float, int]] = {}

    def restart(self, kind: Kind) -> None:
        """A new source has begun; its clock has nothing to do with the old one's."""
        self._clocks[kind] = SourceClock(kind)
        self._reports.clear()

    def seconds(self, kind: Kind, timestamp: int, arrival_s: float) -> float:
        """Where the packet belongs."""
        return self._clocks[kind].seconds(timestamp, arrival_s)

    def report(self, kind: Kind, ntp: int, rtp: int) -> None:
        """The source said that its timestamp ``rtp`` is the NTP time ``ntp`` (32.32 bits)."""
        self._reports[kind] = (ntp / 2**32, rtp)
        if len(self._reports) < len(Kind):
            return
        (sound_ntp, sound_rtp), (picture_ntp, picture_rtp) = (self._reports[kind] for kind in Kind)
        sound_s = self._clocks[Kind.AUDIO].locate(sound_rtp)
        picture_s = self._clocks[Kind.VIDEO].locate(picture_rtp)
        if sound_s is None or picture_s is None:
            return
        shift_s = sound_s + (picture_ntp - sound_ntp) - picture_s
        if MIN_SHIFT_S < abs(shift_s) < MAX_DRIFT_S:
            self._clocks[Kind.VIDEO].shift(shift_s)
