"""A call that guards can watch; only an ordinary worker can make one.

Guarantees: each monitor gets the media of the one party that it was opened for, through every
reconnection of that party; at most `MAX_MONITORS` watch a party; all of them end with the call.
A protected worker cannot import this module. Leaves to others: who may watch.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from relay.media.call import Call, CallReports, CallRoom, CallTaps
from relay.media.forwarding.path import MAX_SUBSCRIBERS, Lane, LanesExhaustedError
from relay.media.gate import CallGate
from relay.media.monitor import MonitorPeer, MonitorTerms
from relay.media.pictures.process import PicturesProcess
from relay.media.transport.description import parse_offer
from relay.media.transport.errors import OfferRefusedError
from visit_protocol.message import Message
from visit_protocol.vocabulary import Party
from visit_protocol.worker import (
    CloseMonitor,
    MonitorAnswer,
    MonitorEnded,
    MonitorRefused,
    ShowPictures,
    WatchParty,
)

log = logging.getLogger(__name__)

MAX_MONITORS: Final = MAX_SUBSCRIBERS - 1
"""Of one party: what the packet loop has room for but for the other party."""


class WatchedCall(Call):
    """A call with monitors."""

    def __init__(
        self, gate: CallGate, room: CallRoom, reports: CallReports, taps: CallTaps | None
    ) -> None:
        super().__init__(gate, room, reports, taps)
        self._monitors: dict[str, tuple[Party, MonitorPeer]] = {}

    def watch(
        self, monitor: str, party: Party, sdp: str, *, audio: bool, on_over: Callable[[], None]
    ) -> str:
        """The answer to a guard's offer; ``on_over`` hears if the monitor ends by itself.

        Raises:
            OfferRefusedError: the offer cannot be used.
            LanesExhaustedError: too many watch already.
        """
        watching = sum(watched is party for watched, _ in self._monitors.values())
        if monitor in self._monitors or watching >= MAX_MONITORS:
            raise LanesExhaustedError

        def over() -> None:
            self.stop_watching(monitor)
            on_over()

        peer = MonitorPeer(
            MonitorTerms(
                port=self._room.port,
                loop=self._room.loop,
                gate=self.gate,
                audio=audio,
                on_keyframe_wanted=lambda: self._keyframe_wanted(party),
                on_over=over,
            ),
            parse_offer(sdp, self.preferred),
        )
        self._monitors[monitor] = party, peer
        self._connect()
        return peer.answer

    def stop_watching(self, monitor: str) -> None:
        """Take that monitor down; one that is not there changes nothing."""
        found = self._monitors.pop(monitor, None)
        if found is not None:
            self._connect()
            self._room.background(found[1].close())

    def close(self) -> None:
        """Take the call down with everybody who watches."""
        super().close()
        for _, peer in self._monitors.values():
            self._room.background(peer.close())
        self._monitors.clear()

    def _more(self, party: Party) -> Sequence[Lane]:
        """Those who watch it, but for a monitor with another codec than the party's now."""
        media = self._parties.get(party)
        return [
            peer.lane
            for watched, peer in self._monitors.values()
            if watched is party and media is not None and peer.codec is media.codec
        ]

    def _keyframe_wanted(self, party: Party) -> None:
        if (media := self._parties.get(party)) is not None:
            media.want_keyframe()


class Watching:
    """What an ordinary worker adds to its calls; implements `relay.media.call.Watching`."""

    def __init__(self, send: Callable[[Message], None], pictures: PicturesProcess) -> None:
        self._send = send
        self._pictures = pictures

    def make_call(
        self, gate: CallGate, room: CallRoom, reports: CallReports, taps: CallTaps | None
    ) -> Call:
        """A call that can be watched."""
        return WatchedCall(gate, room, reports, taps)

    def finish(self, timeout_s: float) -> None:
        """Blocks until the pictures process has ended, at most so long."""
        self._pictures.finish(timeout_s)

    def obey(self, message: WatchParty | CloseMonitor | ShowPictures, call: Call | None) -> None:
        """Begin or end watching; what comes of it is told."""
        if isinstance(message, ShowPictures):
            self._pictures.show(message)
        elif isinstance(message, WatchParty):
            self._watch(message, call)
        elif isinstance(call, WatchedCall):
            call.stop_watching(message.monitor)

    def _watch(self, message: WatchParty, call: Call | None) -> None:
        code = "NO_CALL"
        about = {"call": message.call, "monitor": message.monitor}
        if isinstance(call, WatchedCall) and not call.gate.is_shut:
            try:
                sdp = call.watch(
                    message.monitor,
                    message.party,
                    message.sdp,
                    audio=message.audio,
                    on_over=lambda: self._send(MonitorEnded(**about)),
                )
            except OfferRefusedError as error:
                log.info("offer refused: %s (%s)", error.code, error)
                code = error.code.value
            except LanesExhaustedError:
                code = "TOO_MANY"
            else:
                self._send(MonitorAnswer(id=message.id, sdp=sdp, **about))
                return
        self._send(MonitorRefused(id=message.id, code=code, **about))
