"""One party's connection to the port: offer in, answer out, SRTP sessions when it is up.

Guarantees: a peer that does not connect within `CONNECT_S` gives up; `on_down` is called exactly
once, however the connection ends, unless `close` was called first. Leaves to others: the media
itself, and noticing that it has stopped.
"""

import asyncio
import logging
import secrets
from typing import Final, Protocol

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

    def media(self, length: int) -> None:
        """An encrypted RTP or RTCP packet of that length lies in the port's buffer."""

    def selected(self, path: Path) -> None:
        """Send there from now on."""

    def up(self, sessions: SrtpSessions) -> None:
        """The party can be heard and spoken to."""

    def down(self) -> None:
        """The connection has ended or never came up."""


class TransportPeer:
    """ICE and DTLS of one party, from its offer to its end."""

    def __init__(self, port: SharedPort, offer: Offer, observer: PeerObserver) -> None:
        self.cname: Final = secrets.token_hex(8)
        self.ssrcs: Final = {kind: secrets.randbits(31) + 1 for kind in Kind}
        offers_rtx = offer.stream(Kind.VIDEO).rtx_payload_type is not None
        self.rtx_ssrc: Final = secrets.randbits(31) + 1 if offers_rtx else None
        """Of the video that is sent again; None: the party knows no such stream."""
        self._port = port
        self._offer = offer
        self._observer = observer
        self._nominated = asyncio.Event()
        self._down = False
        self._dtls = DtlsLink(self._send, self._went_down)
        self._agent = IceLite(port, offer.ice, self, self._selected)
        port.register(self._agent)
        self.answer: Final = write_answer(
            offer,
            AnswerTerms(
                ice=self._agent.local,
                fingerprint=self._dtls.fingerprint,
                candidates=port.candidates,
                ssrcs=self.ssrcs,
                rtx_ssrc=self.rtx_ssrc,
                cname=self.cname,
            ),
        )
        self._connecting = asyncio.create_task(self._connect())

    def dtls(self, data: bytes) -> None:
        """A DTLS record arrived from one of the party's own addresses."""
        self._dtls.datagram(data)

    def media(self, length: int) -> None:
        """A media packet arrived from one of the party's own addresses."""
        self._observer.media(length)

    async def close(self) -> None:
        """Say goodbye, free the addresses. ``down`` is not called any more."""
        self._down = True
        self._connecting.cancel()
        await asyncio.wait([self._connecting])
        await self._dtls.close()
        self._port.unregister(self._agent)

    def _send(self, data: bytes) -> None:
        path = self._agent.selected
        if path is not None:
            path.send(data)

    def _selected(self, path: Path) -> None:
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
