"""A call: two parties' media, held or flowing, recorded or not, until it is cut.

Guarantees: media flows only between the two parties of one call and only while forwarding is on;
a call that was opened without recording has no tap. Leaves to others: when to open, forward and
cut (the control process).
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from relay.media.forwarding.path import Lane, PacketLoop
from relay.media.gate import CallGate
from relay.media.party import PartyMedia, PartyTerms
from relay.media.tap import OpenTap, Tap
from relay.media.transport.description import Offer
from relay.media.transport.port import SharedPort
from visit_protocol.vocabulary import Party
from visit_protocol.worker import CloseMonitor, WatchParty


@dataclass(frozen=True, slots=True)
class CallRoom:
    """What all calls of a worker share."""

    port: SharedPort
    loop: PacketLoop
    media_timeout_ns: int
    background: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
    """Runs and owns a task that takes something down."""


OnPresence = Callable[[str, Party, bool], None]
"""Hears of each call and party whether its media is there."""


class Call:
    """One call. Opening, cutting and everything between happens on the event loop."""

    def __init__(
        self,
        identifier: str,
        gate: CallGate,
        room: CallRoom,
        on_presence: OnPresence,
        open_tap: OpenTap | None,
    ) -> None:
        self.gate = gate
        self._identifier = identifier
        self._room = room
        self._on_presence = on_presence
        self._open_tap = open_tap
        self._taps: dict[Party, Tap] = {}
        self._parties: dict[Party, PartyMedia] = {}
        self._forwarding = False

    def offer(self, party: Party, offer: Offer) -> str:
        """The answer to a party's offer.

        An ICE restart leaves everything as it is; any other offer takes the earlier peer down.
        """
        present = self._parties.get(party)
        answer = present.restart(offer) if present is not None else None
        if answer is not None:
            return answer
        self.drop(party)
        room = self._room
        media = PartyMedia(
            PartyTerms(
                port=room.port,
                loop=room.loop,
                gate=self.gate,
                timeout_ns=room.media_timeout_ns,
                on_presence=lambda present: self._on_presence(self._identifier, party, present),
                on_over=lambda: self._drop_if(party, media),
                estimates=party is not Party.INMATE,
            ),
            offer,
        )
        self._parties[party] = media
        self._connect()
        self._flow(party)
        return media.answer

    def forward(self, on: bool) -> None:
        """Start or hold forwarding and recording."""
        self._forwarding = on
        for party in self._parties:
            self._flow(party)

    def drop(self, party: Party) -> None:
        """Take one party's peer down; the call stays."""
        media = self._parties.pop(party, None)
        if media is None:
            return
        if media.present:
            self._on_presence(self._identifier, party, False)
        self._room.background(media.close())
        self._connect()

    def close(self) -> None:
        """Take the call down in the background; its gate is shut first, if nobody has yet."""
        self.gate.shut()
        for tap in self._taps.values():
            tap.close()
        self._taps.clear()
        for media in self._parties.values():
            self._room.background(media.close())
        self._parties.clear()

    def _drop_if(self, party: Party, media: PartyMedia) -> None:
        if self._parties.get(party) is media:
            self.drop(party)

    def _connect(self) -> None:
        """Who gets what: each party the other's media."""
        for party, media in self._parties.items():
            media.publish_to(self._parties.get(party.other), self._more(party))

    def _more(self, _party: Party) -> Sequence[Lane]:
        """Who else gets what that party publishes: nobody."""
        return ()

    def _flow(self, party: Party) -> None:
        if self._forwarding and self._open_tap is not None and party not in self._taps:
            self._taps[party] = self._open_tap(party)
        self._parties[party].forward(self._forwarding, self._taps.get(party))


MakeCall = Callable[[str, CallGate, CallRoom, OnPresence, OpenTap | None], Call]
"""Makes the calls of a worker: `Call` itself, or one that can do more."""


class Watching(Protocol):
    """What only an ordinary worker has: its calls can be watched."""

    @property
    def make_call(self) -> MakeCall:
        """Makes a call that can be watched."""

    def obey(self, message: WatchParty | CloseMonitor, call: Call | None) -> None:
        """Begin or end watching; what comes of it is told."""
