"""The worker's side of its pictures process: starts it, tells it who is looked at, starts another.

Guarantees: nothing here waits; a process that ends, or says what is not in its vocabulary, is
replaced, with a growing pause when it keeps dying; the call and its recording never notice. Leaves
to others: decoding (`program`, in that process; nothing of it is imported here).
"""

import contextlib
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from visit_protocol.errors import ProtocolError
from visit_protocol.message import Message, parse_message
from visit_protocol.pictures import from_pictures
from visit_protocol.worker import ShowPictures

log = logging.getLogger(__name__)

_RESTART_PAUSES_S: Final = (0.0, 0.5, 1.0, 2.0, 5.0)
_STABLE_S: Final = 30.0
_QUIET: Final = {"OPENBLAS_NUM_THREADS": "1", "OPENCV_LOG_LEVEL": "SILENT"}
"""One thread is enough for it, and what participants send is not for the log."""


class PicturesProcess:
    """``send`` is called from a thread of its own."""

    def __init__(self, send: Callable[[Message], None], feed: socket.socket) -> None:
        """Start the first process; ``feed`` brings it keyframes and is closed with this.

        Raises:
            OSError: it cannot be started.
        """
        self._send = send
        self._feed = feed
        self._lock = threading.Lock()
        self._finishing = False
        self._channel: socket.socket
        self._process: subprocess.Popen[bytes]
        self._start()
        self._thread = threading.Thread(target=self._supervise, name="pictures", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The process that looks now."""
        return self._process.pid

    def show(self, order: ShowPictures) -> None:
        """Make pictures of the call for a while. One that is not heard is renewed by its asker."""
        line = order.to_json().encode() + b"\n"
        with self._lock:
            try:
                sent = self._channel.send(line, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            except OSError:
                return  # it does not listen or has just died; the thread sees the latter
            if sent != len(line):
                self._process.kill()

    def finish(self, timeout_s: float) -> None:
        """Let the process end, at most so long."""
        with self._lock:
            self._finishing = True
            with contextlib.suppress(OSError):
                self._channel.shutdown(socket.SHUT_WR)
        self._thread.join(timeout_s)

    # ── the thread ─────────────────────────────────────────────────────────────────────────
    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        fds = (self._feed.fileno(), theirs.fileno())
        # The wall may wait; calls, recordings and a facility that starts may not.
        command = ["nice", "-n", "10", sys.executable, "-m", "relay.media.pictures"]
        command += ["--feed-fd", str(fds[0]), "--control-fd", str(fds[1])]
        with theirs:
            self._process = subprocess.Popen(
                command,
                pass_fds=fds,
                stdin=subprocess.DEVNULL,
                process_group=0,
                env={**os.environ, **_QUIET},
            )
        self._channel = ours

    def _supervise(self) -> None:
        deaths = 0
        while True:
            started_s = time.monotonic()
            self._listen()
            status = self._process.wait()
            with self._lock:
                finished = self._finishing
                self._channel.close()
            if finished:
                self._feed.close()
                return
            log.error("pictures ended with status %d", status)
            deaths = 1 if time.monotonic() - started_s > _STABLE_S else deaths + 1
            time.sleep(_RESTART_PAUSES_S[min(deaths, len(_RESTART_PAUSES_S)) - 1])
            with self._lock:
                if self._finishing:
                    return
                self._start()

    def _listen(self) -> None:
        with self._channel.makefile("rb") as lines:
            try:
                for line in lines:
                    self._send(parse_message(from_pictures, line))
            except (ProtocolError, OSError) as error:
                log.error("pictures: %s", error)
                self._process.kill()
