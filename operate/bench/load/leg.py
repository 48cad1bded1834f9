"""One leg of the load: a UDP socket, ICE's controlling side, DTLS as the client, SRTP sessions.

Guarantees: checks and consent are answered before and after the handshake; what is left when
`connect` has returned is a connected socket and two libsrtp sessions for the pump. Leaves to
others: media, which never passes here.
"""

import asyncio
import contextlib
import secrets
import socket
from typing import Final, cast

from aioice.stun import Class, Message, Method
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from aiortc.rtcicetransport import RTCIceTransport

from operate.bench.load.description import (
    OFFERED,
    Local,
    Remote,
    parse_description,
    write_description,
)
from relay.media.transport.ice import IceCredentials
from relay.media.transport.srtp import SrtpSessions
from relay.media.transport.stun import binding_response, parse_stun

CONNECT_S: Final = 20.0
_CHECK_EVERY_S: Final = 0.2
_PRIORITY: Final = 110 << 24 | 65535 << 8 | 255
_MAX_DATAGRAM: Final = 2048
_MAX_RECORDS: Final = 64


class LegFailedError(Exception):
    """A leg did not connect."""


class Leg:
    """One leg; on the event loop until it is connected, then `datagram` is all that is called."""

    def __init__(self, direction: str, host: str) -> None:
        self.sock: Final = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.bind((host, 0))
        self.ssrcs: Final = (secrets.randbits(31) + 1, secrets.randbits(31) + 1)
        self.direction: Final = direction
        self._remote: Remote | None = None
        self._sessions: SrtpSessions | None = None
        self._ice = IceCredentials.random()
        self._tie_breaker = secrets.randbits(64)
        self._nominated = asyncio.Event()
        self._certificate = RTCCertificate.generateCertificate()
        self._records: asyncio.Queue[bytes | None] = asyncio.Queue(_MAX_RECORDS)
        self._dtls = RTCDtlsTransport(
            cast("RTCIceTransport", _IceEnd(self._records, self.sock)), [self._certificate]
        )
        self._dtls._set_role("client")

    @property
    def remote(self) -> Remote:
        """What the other side told; raises `LegFailedError` as long as it has not."""
        if self._remote is None:
            raise LegFailedError("a leg without the other side's description")
        return self._remote

    @property
    def sessions(self) -> SrtpSessions:
        """Its keys; raises `LegFailedError` as long as it has none."""
        if self._sessions is None:
            raise LegFailedError("a leg that is not connected")
        return self._sessions

    def offer(self) -> str:
        """Our description for the other side to answer."""
        return write_description(self._local(), OFFERED)

    def answer(self, offer: str) -> str:
        """Take the other side's offer; our answer."""
        self._remote = parse_description(offer)
        return write_description(self._local(), self._remote.media)

    def take(self, answer: str) -> None:
        """Take the other side's answer; raises `ValueError` when we cannot use it."""
        self._remote = parse_description(answer)

    async def connect(self) -> None:
        """Check, nominate, shake hands.

        Raises:
            LegFailedError: the other side did not play along in time.
        """
        loop = asyncio.get_running_loop()
        self.sock.connect(self.remote.address)
        loop.add_reader(self.sock, self._read)
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._nominate()
                algorithm, value = self.remote.fingerprint
                expected = RTCDtlsFingerprint(algorithm=algorithm, value=value)
                await self._dtls.start(RTCDtlsParameters(fingerprints=[expected]))
        except TimeoutError as error:
            raise LegFailedError("a leg did not connect in time") from error
        if self._dtls.state != "connected":
            raise LegFailedError(f"DTLS is {self._dtls.state}")
        self._sessions = SrtpSessions(self._dtls._rx_srtp, self._dtls._tx_srtp)

    def release(self) -> None:
        """Stop reading on the event loop: the pump reads from now on."""
        asyncio.get_running_loop().remove_reader(self.sock)

    async def close(self) -> None:
        """Leave without a word, as a party whose network has gone."""
        asyncio.get_running_loop().remove_reader(self.sock)
        self._dtls.remove_all_listeners()
        if self._dtls._task is not None:
            self._dtls._task.cancel()
            await asyncio.gather(self._dtls._task, return_exceptions=True)
        self.sock.close()

    def datagram(self, data: bytes) -> None:
        """A datagram that is no media; thread-safe once the leg is connected."""
        if data[0] < 4:
            self._stun(data)
        elif 20 <= data[0] < 64 and not self._records.full() and self._sessions is None:
            self._records.put_nowait(data)

    def _read(self) -> None:
        for _ in range(64):
            try:
                data = self.sock.recv(_MAX_DATAGRAM)
            except (BlockingIOError, ConnectionError):
                return
            if data:
                self.datagram(data)

    def _stun(self, data: bytes) -> None:
        message = parse_stun(data)
        if message is None or self._remote is None:
            return
        if message.message_class is Class.REQUEST:
            self._send(binding_response(message, self.remote.address, self._ice.password))
        elif message.message_class is Class.RESPONSE:
            self._nominated.set()

    async def _nominate(self) -> None:
        """Ask with USE-CANDIDATE (RFC 8445 §8.1.1) until there is an answer."""
        while not self._nominated.is_set():
            check = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
            check.attributes["USERNAME"] = f"{self.remote.ice.username}:{self._ice.username}"
            check.attributes["PRIORITY"] = _PRIORITY
            check.attributes["ICE-CONTROLLING"] = self._tie_breaker
            check.attributes["USE-CANDIDATE"] = None
            check.add_message_integrity(self.remote.ice.password.encode())
            check.add_fingerprint()
            self._send(bytes(check))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._nominated.wait(), _CHECK_EVERY_S)

    def _send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self.sock.send(data)

    def _local(self) -> Local:
        fingerprint = next(
            one.value for one in self._certificate.getFingerprints() if one.algorithm == "sha-256"
        )
        return Local(
            address=self.sock.getsockname(),
            ice=self._ice,
            fingerprint=fingerprint,
            ssrcs=self.ssrcs,
            direction=self.direction,
        )


class _IceEnd:
    """What `RTCDtlsTransport` needs of an ICE transport."""

    role: Final = "controlling"

    def __init__(self, records: asyncio.Queue[bytes | None], sock: socket.socket) -> None:
        self._records = records
        self._sock = sock

    async def _recv(self) -> bytes:
        data = await self._records.get()
        if data is None:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self._sock.send(data)
