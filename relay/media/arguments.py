"""The worker's command line, the same for both kinds of worker."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerArguments:
    """What the control process tells a worker when it starts it."""

    control_fd: int
    bind: list[str]
    port: int
    public: list[str]
    media_timeout_s: float
    loop: str
    """``c``, ``python``, or ``auto``: C where it was built."""


def parse_arguments(program: str, arguments: Sequence[str]) -> WorkerArguments:
    """The arguments of ``program``.

    Raises:
        SystemExit: wrong usage, with one line on standard error.
    """
    parser = argparse.ArgumentParser(prog=program, description="parloir media worker")
    parser.add_argument("--control-fd", type=int, required=True)
    parser.add_argument("--bind", action="append", required=True, metavar="ADDRESS")
    parser.add_argument("--port", type=int, required=True, help="0: the system chooses")
    parser.add_argument("--public", action="append", default=[], metavar="ADDRESS")
    parser.add_argument("--media-timeout-s", type=float, default=5.0)
    parser.add_argument("--loop", choices=["auto", "c", "python"], default="auto")
    found = parser.parse_args(arguments)
    return WorkerArguments(
        control_fd=found.control_fd,
        bind=found.bind,
        port=found.port,
        public=found.public,
        media_timeout_s=found.media_timeout_s,
        loop=found.loop,
    )
