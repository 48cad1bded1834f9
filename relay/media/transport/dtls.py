"""aiortc's DTLS transport over one party's ICE paths, from handshake to SRTP sessions.

Guarantees: we are the DTLS server, so that OpenSSL picks our first SRTP profile that the party
has (AES-GCM where there is one: several times cheaper than AES-CM with SHA-1, which Chromium as
a server would choose); only datagrams that the port has attributed to the party get in; the
queue is bounded. Leaves to others: SRTP packets, which never come this way.
"""

import asyncio
from collections.abc import Callable
from typing import Final, cast

from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from aiortc.rtcicetransport import RTCIceTransport

from relay.media.transport.srtp import SrtpSessions

MAX_WAITING: Final = 64
"""DTLS records that may wait; a flight of a handshake is fewer than ten."""


class HandshakeFailedError(Exception):
    """The party's DTLS did not come up: wrong fingerprint, no common profile, or it went away."""


class DtlsLink:
    """One party's DTLS. ``send`` takes a datagram; ``on_closed`` hears of its end, once."""

    def __init__(self, send: Callable[[bytes], None], on_closed: Callable[[], None]) -> None:
        certificate = RTCCertificate.generateCertificate()
        self.fingerprint: Final = next(
            print_.value
            for print_ in certificate.getFingerprints()
            if print_.algorithm == "sha-256"
        )
        self._records = _Records(send)
        # The transport asks three things of its ICE transport, and `_Records` does them.
        self._transport = RTCDtlsTransport(cast("RTCIceTransport", self._records), [certificate])
        self._transport._set_role("server")
        self._transport.on("statechange", self._changed)
        self._on_closed = on_closed

    def datagram(self, data: bytes) -> None:
        """A record arrived."""
        self._records.put(data)

    async def handshake(self, fingerprints: tuple[tuple[str, str], ...]) -> SrtpSessions:
        """Complete the handshake with the holder of ``fingerprints`` (algorithm, value).

        Raises:
            HandshakeFailedError: it did not come up; the link is of no more use.
        """
        expected = [RTCDtlsFingerprint(algorithm=name, value=value) for name, value in fingerprints]
        await self._transport.start(RTCDtlsParameters(fingerprints=expected))
        if self._transport.state != "connected":
            raise HandshakeFailedError
        return SrtpSessions(self._transport._rx_srtp, self._transport._tx_srtp)

    async def close(self) -> None:
        """Say goodbye to the party and stop."""
        self._transport.remove_all_listeners()
        await self._transport.stop()
        self._records.end()

    def _changed(self) -> None:
        if self._transport.state in ("closed", "failed"):
            self._transport.remove_all_listeners()
            self._on_closed()


class _Records:
    """What `RTCDtlsTransport` needs of an ICE transport: datagrams in, datagrams out, a role."""

    role: Final = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_WAITING)
        self._send_now = send
        self._ended = False

    def put(self, data: bytes) -> None:
        if not self._queue.full():
            self._queue.put_nowait(data)

    def end(self) -> None:
        self._ended = True
        if not self._queue.full():
            self._queue.put_nowait(None)

    async def _recv(self) -> bytes:
        data = None if self._ended else await self._queue.get()
        if data is None:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        self._send_now(data)
