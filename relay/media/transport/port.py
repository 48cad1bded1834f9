"""The worker's one UDP port, and whose a datagram is that arrives there.

Guarantees: STUN finds its party by user name (requests) or transaction (responses); anything
else is accepted only from an address that a party has proved to be its own; what is oversize,
unknown or malformed is dropped without an answer and without an error. Leaves to others: what a
datagram means (`ice`, `dtls`, `relay.media.forwarding`).
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from aioice.stun import Class

from relay.media.transport.endpoint import Endpoint, Path
from relay.media.transport.ice import IceLite
from relay.media.transport.srtp import MAX_DATAGRAM_BYTES, PacketBuffer
from relay.media.transport.stun import parse_stun

_BURST: Final = 64
"""Datagrams read at one go before the event loop gets its turn."""


@dataclass(slots=True)
class PortCounters:
    """Totals since start."""

    datagrams: int = 0
    dropped: int = 0


class SharedPort:
    """All sockets of the worker; implements `relay.media.transport.ice.Paths`."""

    def __init__(self, endpoints: list[Endpoint], public: list[str], buffer: PacketBuffer) -> None:
        self.counters: Final = PortCounters()
        self._endpoints = endpoints
        self._public = public
        self._buffer = buffer
        self._agents: dict[str, IceLite] = {}
        self._owners: dict[tuple[Endpoint, tuple[object, ...]], IceLite] = {}
        self._transactions: dict[bytes, IceLite] = {}

    @property
    def listening(self) -> tuple[str, ...]:
        """``address:port`` of each socket."""
        return tuple(str(endpoint) for endpoint in self._endpoints)

    @property
    def candidates(self) -> list[tuple[str, int]]:
        """What to tell a party: our addresses in order of preference, public ones last."""
        bound = [(endpoint.host, endpoint.port) for endpoint in self._endpoints]
        return bound + [(host, self._endpoints[0].port) for host in self._public]

    def open(self) -> None:
        """Start reading, on the running event loop."""
        loop = asyncio.get_running_loop()
        for endpoint in self._endpoints:
            loop.add_reader(endpoint.sock, self._read, endpoint)

    def close(self) -> None:
        """Stop reading and close the sockets."""
        loop = asyncio.get_running_loop()
        for endpoint in self._endpoints:
            loop.remove_reader(endpoint.sock)
            endpoint.sock.close()

    def register(self, agent: IceLite) -> None:
        """Checks for the agent's user name go to it."""
        self._agents[agent.local.username] = agent

    def unregister(self, agent: IceLite) -> None:
        """The agent is gone; its addresses are nobody's."""
        self._agents.pop(agent.local.username, None)
        agent.close()

    # ── the book of paths ──────────────────────────────────────────────────────────────────
    def owner(self, path: Path) -> IceLite | None:
        """Whose path it is."""
        return self._owners.get((path.endpoint, path.address))

    def assign(self, path: Path, agent: IceLite) -> None:
        """It is ``agent``'s from now on."""
        self._owners[path.endpoint, path.address] = agent

    def withdraw(self, path: Path, agent: IceLite) -> None:
        """It is nobody's, if it was ``agent``'s."""
        if self.owner(path) is agent:
            del self._owners[path.endpoint, path.address]

    def expect(self, transaction_id: bytes, agent: IceLite) -> None:
        """A response to that transaction goes to ``agent``."""
        self._transactions[transaction_id] = agent

    def forget(self, transaction_id: bytes) -> None:
        """No response to that transaction is expected any more."""
        self._transactions.pop(transaction_id, None)

    # ── datagrams ──────────────────────────────────────────────────────────────────────────
    def _read(self, endpoint: Endpoint) -> None:
        buffer, receive = self._buffer.data, endpoint.sock.recvfrom_into
        for _ in range(_BURST):
            try:
                length, address = receive(buffer)
            except BlockingIOError:
                return
            self.counters.datagrams += 1
            if not 0 < length <= MAX_DATAGRAM_BYTES or not self._deliver(endpoint, address, length):
                self.counters.dropped += 1

    def _deliver(self, endpoint: Endpoint, address: tuple[object, ...], length: int) -> bool:
        """Hand the datagram in the buffer to its party; False when it is nobody's (RFC 7983)."""
        first = self._buffer.data[0]
        if first < 4:
            return self._deliver_stun(Path(endpoint, address), length)
        agent = self._owners.get((endpoint, address))
        if agent is None:
            return False
        if 128 <= first < 192:
            agent.sink.media(length)
        elif 20 <= first < 64:
            agent.sink.dtls(bytes(self._buffer.view[:length]))
        else:
            return False
        return True

    def _deliver_stun(self, path: Path, length: int) -> bool:
        message = parse_stun(bytes(self._buffer.view[:length]))
        if message is None:
            return False
        if message.message_class is Class.REQUEST:
            username = str(message.attributes.get("USERNAME", ""))
            agent = self._agents.get(username.partition(":")[0])
            if agent is not None:
                agent.request(message, path)
        else:
            agent = self._transactions.get(message.transaction_id)
            if agent is not None:
                agent.response(message, path)
        return agent is not None
