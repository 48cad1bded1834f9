"""The gate of a call: every packet of the call leaves through it, until it is shut for good.

Guarantees: once `CallGate.shut` has returned, no packet of the call leaves, from whichever thread
it is called and however busy the event loop is. Leaves to others: taking the call down, and how
sending and shutting exclude each other (each packet loop has a gate of its own).
"""

from typing import NamedTuple, Protocol


class Shut(NamedTuple):
    """When the gate was shut and when the last packet had left (CLOCK_MONOTONIC, ns)."""

    cut_ns: int
    last_packet_ns: int | None


class CallGate(Protocol):
    """The one flag that cuts a call, and the time of the call's last packet."""

    @property
    def is_shut(self) -> bool:
        """Whether the call was cut."""

    def shut(self) -> Shut:
        """Let nothing more through. Shutting again changes nothing and says the same."""
