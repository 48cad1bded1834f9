"""The pictures process: keyframes in, small pictures and judgements out.

Guarantees: of each party only the latest keyframe is looked at; a JPEG is made at most as often as
keyframes come, and only of calls that somebody looks at; of judgements only a change is told.
Leaves to others: starting it again (`process`). It takes no signal but SIGKILL: it ends when its
worker ends.
"""

import base64
import logging
import select
import signal
import socket
import time
from dataclasses import dataclass, field
from typing import Final

from relay.media.pictures.decode import decode, luma_of, thumbnail
from relay.media.pictures.health import HealthWatch
from relay.media.pictures.keyframe import MAX_BYTES, Keyframe, parse_keyframe
from visit_protocol.errors import CloseCode, ProtocolError
from visit_protocol.message import MAX_MESSAGE_BYTES, Message, parse_message
from visit_protocol.pictures import to_pictures
from visit_protocol.vocabulary import Party
from visit_protocol.worker import PictureJudged, PictureTaken, ShowPictures

log = logging.getLogger(__name__)

EXIT_FAULT: Final = 70
"""The channel holds what no worker of ours writes (EX_SOFTWARE)."""
FORGET_S: Final = 60.0
"""A party of which nothing came for so long is forgotten."""
RECENT_S: Final = 3.0
"""When somebody begins to look, a keyframe that is not older is shown at once."""
_AT_ONCE: Final = 256
_RECEIVE_BYTES: Final = 64 * 1024


@dataclass(slots=True)
class _Seen:
    """What is known of one party's picture."""

    latest: Keyframe
    arrived_s: float
    shown_ns: int = 0
    watch: HealthWatch = field(default_factory=HealthWatch)


class PicturesProgram:
    """One process; `run` once."""

    def __init__(self, feed: socket.socket, channel: socket.socket) -> None:
        self._feed = feed
        self._channel = channel
        self._seen: dict[tuple[str, Party], _Seen] = {}
        self._shown_until_s: dict[str, float] = {}
        """Until when somebody looks at each call."""
        self._unread = b""
        self._ended = False

    def run(self) -> int:
        """Look until the worker ends; the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        poller = select.poll()
        for sock in (self._feed, self._channel):
            poller.register(sock, select.POLLIN)
        try:
            while not self._ended:
                ready = {number for number, _ in poller.poll(1000)}
                if self._channel.fileno() in ready:
                    self._hear()
                if self._feed.fileno() in ready:
                    self._look(self._receive(poller))
                self._forget()
        except ProtocolError as error:
            log.error("pictures stopped: %s", error)
            return EXIT_FAULT
        except BrokenPipeError:
            pass  # the worker has just ended
        return 0

    def _receive(self, poller: select.poll) -> list[Keyframe]:
        """Everything that waits, the latest of each party."""
        found: dict[tuple[str, Party], Keyframe] = {}
        for _ in range(_AT_ONCE):
            try:
                datagram = self._feed.recv(MAX_BYTES, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            if not datagram:  # no recorder will ever send again
                poller.unregister(self._feed)
                break
            keyframe = parse_keyframe(datagram)
            if keyframe is not None:
                found[keyframe.call, keyframe.party] = keyframe
        return list(found.values())

    def _look(self, keyframes: list[Keyframe]) -> None:
        now_s = time.monotonic()
        for keyframe in keyframes:
            key = keyframe.call, keyframe.party
            seen = self._seen.setdefault(key, _Seen(keyframe, now_s))
            seen.latest, seen.arrived_s = keyframe, now_s
            due = now_s >= seen.watch.due_s
            if due or self._is_shown(keyframe.call, now_s):
                self._use(seen, now_s, judged=due)

    def _use(self, seen: _Seen, now_s: float, *, judged: bool) -> None:
        keyframe = seen.latest
        picture = decode(keyframe.data, keyframe.codec)
        if picture is None:
            return
        if judged:
            health = seen.watch.judge(luma_of(picture), now_s)
            if health is not None:
                self._send(PictureJudged(call=keyframe.call, party=keyframe.party, health=health))
        if self._is_shown(keyframe.call, now_s) and keyframe.taken_ns != seen.shown_ns:
            seen.shown_ns = keyframe.taken_ns
            jpeg = thumbnail(picture)
            if jpeg is not None:
                self._send(
                    PictureTaken(
                        call=keyframe.call,
                        party=keyframe.party,
                        taken_ns=keyframe.taken_ns,
                        jpeg=base64.b64encode(jpeg).decode(),
                    )
                )

    def _is_shown(self, call: str, now_s: float) -> bool:
        return self._shown_until_s.get(call, 0.0) > now_s

    def _forget(self) -> None:
        now_s = time.monotonic()
        for key in [key for key, one in self._seen.items() if now_s - one.arrived_s > FORGET_S]:
            del self._seen[key]
        for call in [call for call, until in self._shown_until_s.items() if until <= now_s]:
            del self._shown_until_s[call]

    # ── the channel ────────────────────────────────────────────────────────────────────────
    def _hear(self) -> None:
        try:
            received = self._channel.recv(_RECEIVE_BYTES)
        except OSError:
            received = b""
        self._ended = not received
        *lines, self._unread = (self._unread + received).split(b"\n")
        for line in lines:
            self._show(parse_message(to_pictures, line))
        if len(self._unread) > MAX_MESSAGE_BYTES:
            raise ProtocolError(CloseCode.TOO_LARGE, "a line without an end")

    def _show(self, order: ShowPictures) -> None:
        now_s = time.monotonic()
        begins = not self._is_shown(order.call, now_s)
        self._shown_until_s[order.call] = now_s + order.seconds
        if begins:
            for party in Party:
                seen = self._seen.get((order.call, party))
                if seen is not None and now_s - seen.arrived_s < RECENT_S:
                    self._use(seen, now_s, judged=False)

    def _send(self, message: Message) -> None:
        self._channel.sendall(message.to_json().encode() + b"\n")
