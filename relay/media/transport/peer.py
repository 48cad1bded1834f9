"""One party's connection to the port: offer in, answer out, SRTP sessions when it is up.

Guarantees: a peer that does not connect within `CONNECT_S` gives up; an ICE restart costs no
packet that either network would have carried; `on_down` is called exactly
once, however the connection ends, unless `close` was called first. Leaves to others: the media
itself, and noticing that it has stopped.
"""

import asyncio
import logging
import random
import secrets
from dataclasses import dataclass
from typing import Final, Protocol

from relay.media.forwarding.path import Lane
from relay.media.packets.rtp import Kind
from relay.media.transport.answer import AnswerTerms, write_answer
from relay.media.transport.description import Offer
from relay.media.transport.dtls import DtlsLink, HandshakeFailedError
from relay.media.transport.endpoint import Path
from relay.media.transport.ice import IceLite
from relay.media.transport.port import SharedPort
from relay.media.transport.srtp import SrtpSessions

log = logging.getLogger(__name__)

CONNECT_S: Final = 30.0
"""From the answer to encrypted media; a browser gives up checking after about as long."""


class PeerObserver(Protocol):
    """Who lives behind a peer."""

    def silent(self) -> bool:
        """Whether media came and then ceased, just now or long ago."""

    def selected(self, path: Path) -> None:
        """Send there from now on."""

    def up(self, sessions: SrtpSessions) -> None:
        """The party can be heard and spoken to."""

    def down(self) -> None:
        """The connection has ended or never came up."""


@dataclass(frozen=True, slots=True)
class OurSources:
    """Under which names we send to a party, whatever is published on the other side."""

    cname: str
    ssrcs: dict[Kind, int]
    rtx_ssrc: int | None
    """Of video that is sent again; None: the party knows no such stream (RFC 4588)."""

    @classmethod
    def random(cls, *, rtx: bool) -> "OurSources":
        """Fresh ones, all different."""
        audio, video, again = random.SystemRandom().sample(range(1, 1 << 31), 3)
        ssrcs = {Kind.AUDIO: audio, Kind.VIDEO: video}
        return cls(secrets.token_hex(8), ssrcs, again if rtx else None)


class TransportPeer:
    """ICE and DTLS of one party, from its offer to its end."""

    def __init__(
        self, port: SharedPort, offer: Offer, ours: OurSources, lane: Lane, observer: PeerObserver
    ) -> None:
        self._port = port
        self._ours = ours
        self._lane = lane
        self._offer = offer
        self._observer = observer
        self._nominated = asyncio.Event()
        self._down = False
        self._dtls = DtlsLink(self._send, self._went_down)
        self._session = secrets.randbits(62)
        self._answers = 0
        self._agent = self._open_agent(offer)
        self._successor: IceLite | None = None
        """Of the latest ICE restart, until the party nominates one of its paths."""
        self.answer: Final = self._answer(offer, self._agent)
        self._connecting = asyncio.create_task(self._connect())

    @property
    def heard_s(self) -> float | None:
        """When the party last showed by a check that it lives (`time.monotonic`)."""
        return self._agent.heard_s

    def restart(self, offer: Offer) -> str | None:
        """The answer to an ICE restart; None when ``offer`` is not one of this connection.

        DTLS, SRTP and our SSRCs stay; the earlier credentials and paths are good until the party
        nominates a path under the new ones.
        """
        if self._down or not self._offer.is_restarted_by(offer):
            return None
        if self._successor is not None:
            self._port.unregister(self._successor)
        self._offer = offer
        self._successor = self._open_agent(offer, restarted=True)
        return self._answer(offer, self._successor)

    def dtls(self, data: bytes) -> None:
        """A DTLS record arrived from one of the party's own addresses."""
        self._dtls.datagram(data)

    async def close(self) -> None:
        """Say goodbye, free the addresses. ``down`` is not called any more."""
        self._down = True
        self._connecting.cancel()
        await asyncio.wait([self._connecting])
        await self._dtls.close()
        self._port.unregister(self._agent)
        if self._successor is not None:
            self._port.unregister(self._successor)

    def _open_agent(self, offer: Offer, *, restarted: bool = False) -> IceLite:
        agent = IceLite(
            self._port,
            offer.ice,
            self._lane,
            lambda path: self._selected(agent, path),
            silent=self._observer.silent,
            restarted=restarted,
        )
        self._port.register(agent)
        return agent

    def _answer(self, offer: Offer, agent: IceLite) -> str:
        self._answers += 1
        return write_answer(
            offer,
            AnswerTerms(
                session=self._session,
                version=self._answers,
                ice=agent.local,
                fingerprint=self._dtls.fingerprint,
                candidates=self._port.candidates,
                ssrcs=self._ours.ssrcs,
                rtx_ssrc=self._ours.rtx_ssrc,
                cname=self._ours.cname,
            ),
        )

    def _send(self, data: bytes) -> None:
        path = self._agent.selected
        if path is not None:
            path.send(data)

    def _selected(self, agent: IceLite, path: Path) -> None:
        if agent is self._successor:
            agent.succeed(self._agent)
            self._port.unregister(self._agent)
            self._agent, self._successor = agent, None
        self._observer.selected(path)
        self._nominated.set()

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._nominated.wait()
                sessions = await self._dtls.handshake(self._offer.fingerprints)
        except (TimeoutError, HandshakeFailedError) as error:
            log.info("a peer did not connect: %s", type(error).__name__)
            self._went_down()
        else:
            self._observer.up(sessions)

    def _went_down(self) -> None:
        if not self._down:
            self._down = True
            self._observer.down()
