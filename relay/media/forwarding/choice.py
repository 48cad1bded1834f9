"""Which packet loop a worker runs: the one in C where it was built, else the one in Python."""

import logging
from collections.abc import Sequence

from relay.media.forwarding.path import PacketLoop
from relay.media.forwarding.python_loop import PythonLoop
from relay.media.ring import RingWriter
from relay.media.transport.endpoint import Endpoint

log = logging.getLogger(__name__)


def make_loop(choice: str, endpoints: Sequence[Endpoint], ring: RingWriter | None) -> PacketLoop:
    """The loop of that name: ``c``, ``python``, or ``auto`` for C where it was built.

    Raises:
        ImportError: ``c`` was asked for and never built.
        ValueError: more endpoints than the loop in C takes.
    """
    if choice != "python":
        try:
            from relay.media.forwarding.native import NativeLoop  # noqa: PLC0415
        except ImportError:
            if choice == "c":
                raise
            log.info("the packet loop in C was not built: the one in Python runs")
        else:
            return NativeLoop(endpoints, ring)
    return PythonLoop(endpoints, ring)
