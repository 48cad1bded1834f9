"""`EngineProcess`: starts, holds and ends one engine. No Qt, so that it can start before Qt loads.

Guarantees: the engine has the control socket and the shared memory and nothing else of ours; `stop`
returns within a second with the process gone.
Leaves to others: what is said on the line and starting another (`kiosk.ui.engine_link`).
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

from kiosk.engine.frames import FrameReader, make_shared_memory
from kiosk.engine.settings import Settings

STOP_S = 0.7


class EngineProcess:
    """A running engine: its ``line`` (non-blocking seqpacket) and its ``frames``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        frames_fd = make_shared_memory()
        try:
            self.frames = FrameReader(frames_fd)
            environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "kiosk.engine",
                    f"--control-fd={theirs.fileno()}",
                    f"--frames-fd={frames_fd}",
                    *settings.arguments(),
                ],
                pass_fds=(theirs.fileno(), frames_fd),
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),
                env=environment,
            )
        finally:
            theirs.close()
            os.close(frames_fd)
        ours.setblocking(False)
        self.line = ours

    @property
    def pid(self) -> int:
        """The engine's process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Hang up, wait a moment, then kill; returns when the process is gone."""
        self.line.close()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.frames.close()
