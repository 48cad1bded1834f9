"""`Lease`: until when camera and microphone may have power, by the oldest word that it rests on.

Guarantees: a renewal counts from the older of the relay's lease and the engine's pulse, however
late either was heard, and there is none once that is `LEASE_S` old; a new relay, or a new engine,
starts from nothing. Pure: times are CLOCK_MONOTONIC nanoseconds, the relay's own where said.
Leaves to others: whether power is wanted (`kiosk.call`), the board's own count (`firmware_bridge`).
"""

from collections import deque
from typing import Final

from visit_protocol.bridge import LEASE_S

LEASE_NS: Final = round(LEASE_S * 1e9)
WINDOW_NS: Final = 30_000_000_000
"""For so long, and at most twice as long, the quickest lease is what the others are timed by.

Two clocks drift apart by at most 3 ms meanwhile (50 ppm), which counts as age and costs nothing.
"""


class Lease:
    """What the relay allows and the engine can use."""

    def __init__(self) -> None:
        self._relay_ns: int | None = None
        self._pulse_ns: int | None = None
        self._quickest: deque[tuple[int, int]] = deque(maxlen=2)
        """Of the latest two windows: when it began, and the least of heard minus sent."""

    def forget_relay(self) -> None:
        """The conversation is over: its leases are void and its clock is unknown."""
        self._relay_ns = None
        self._quickest.clear()

    def forget_engine(self) -> None:
        """The engine has gone."""
        self._pulse_ns = None

    def pulse(self, at_ns: int) -> None:
        """The engine said at ``at_ns`` that its loop turns."""
        self._pulse_ns = at_ns

    def hear(self, sent_ns: int, heard_ns: int) -> None:
        """The relay sent a lease at its own ``sent_ns``, and we heard it at our ``heard_ns``."""
        way = heard_ns - sent_ns
        if not self._quickest or heard_ns - self._quickest[-1][0] >= WINDOW_NS:
            self._quickest.append((heard_ns, way))
        began, least = self._quickest[-1]
        self._quickest[-1] = (began, min(least, way))
        lay_ns = way - min(least for _, least in self._quickest)
        self._relay_ns = heard_ns - lay_ns

    def renewal(self, now_ns: int) -> int | None:
        """From when a renewal counts, or None when there must be none."""
        if self._relay_ns is None or self._pulse_ns is None:
            return None
        since = min(self._relay_ns, self._pulse_ns, now_ns)
        return since if now_ns - since < LEASE_NS else None
