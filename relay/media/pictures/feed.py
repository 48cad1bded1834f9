"""The recorder's end of the way to the pictures process: keyframes, the latest of each party.

Guarantees: nothing here waits, whether anybody reads or not; of each party at most one keyframe
waits, and a newer one takes its place; at most one each `EVERY_NS` is handed on. Leaves to
others: putting keyframes together (`relay.media.recorder.frames`).
"""

import socket
from typing import Final

from relay.media.pictures.keyframe import MAX_BYTES, Keyframe, write_keyframe
from visit_protocol.vocabulary import Party

EVERY_NS: Final = 900_000_000
"""About once a second; keyframes that a loss brought in between are left out."""


class KeyframeFeed:
    """Takes keyframes; `flush` sends what waits."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._waiting: dict[tuple[str, Party], bytes] = {}
        self._taken_ns: dict[tuple[str, Party], int] = {}

    def offer(self, keyframe: Keyframe) -> None:
        """Send this one with the next flush, unless it comes too soon after the last."""
        key = keyframe.call, keyframe.party
        if keyframe.taken_ns - self._taken_ns.get(key, -EVERY_NS) < EVERY_NS:
            return
        datagram = write_keyframe(keyframe)
        if datagram is not None:
            self._taken_ns[key] = keyframe.taken_ns
            self._waiting[key] = datagram

    def forget(self, call: str, party: Party) -> None:
        """Nothing more will come of that party."""
        self._taken_ns.pop((call, party), None)
        self._waiting.pop((call, party), None)

    def flush(self) -> None:
        """Send as much as the other side has room for; the rest waits or is overtaken."""
        for key, datagram in list(self._waiting.items()):
            try:
                self._sock.send(datagram, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            except BlockingIOError:
                return
            except OSError:
                pass  # nobody reads any more: the worker and its pictures are gone
            del self._waiting[key]


def keyframe_sockets() -> tuple[socket.socket, socket.socket]:
    """The recorder's end and the pictures process's.

    Raises:
        OSError: the system gives none.
    """
    sending, receiving = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sending.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MAX_BYTES)
    return sending, receiving
