"""Whose a STUN message is, and which addresses belong to whom, over the worker's packet loop.

Guarantees: STUN finds its party by user name (requests) or transaction (responses); anything
else is accepted only from an address that a party has proved to be its own. Leaves to others:
what a message means (`ice`), sockets and everything that is not STUN (`relay.media.forwarding`).
"""

from aioice.stun import Class

from relay.media.forwarding.path import PacketLoop
from relay.media.transport.endpoint import Path
from relay.media.transport.ice import IceLite
from relay.media.transport.stun import parse_stun


class SharedPort:
    """The book of a worker's one port; implements `relay.media.transport.ice.Paths`."""

    def __init__(self, loop: PacketLoop, public: list[str]) -> None:
        self._loop = loop
        self._public = public
        self._agents: dict[str, IceLite] = {}
        self._owners: dict[Path, IceLite] = {}
        self._transactions: dict[bytes, IceLite] = {}

    @property
    def listening(self) -> tuple[str, ...]:
        """``address:port`` of each socket."""
        return tuple(str(endpoint) for endpoint in self._loop.endpoints)

    @property
    def candidates(self) -> list[tuple[str, int]]:
        """What to tell a party: our addresses in order of preference, public ones last."""
        endpoints = self._loop.endpoints
        bound = [(endpoint.host, endpoint.port) for endpoint in endpoints]
        return bound + [(host, endpoints[0].port) for host in self._public]

    def open(self) -> None:
        """Start the packet loop, on the running event loop."""
        self._loop.open(self._deliver_stun)

    def close(self) -> None:
        """Stop it and close the sockets."""
        self._loop.close()

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
        return self._owners.get(path)

    def assign(self, path: Path, agent: IceLite) -> None:
        """It is ``agent``'s from now on."""
        self._owners[path] = agent
        agent.lane.own(path)

    def withdraw(self, path: Path, agent: IceLite) -> None:
        """It is nobody's, if it was ``agent``'s."""
        if self.owner(path) is agent:
            del self._owners[path]
            agent.lane.disown(path)

    def expect(self, transaction_id: bytes, agent: IceLite) -> None:
        """A response to that transaction goes to ``agent``."""
        self._transactions[transaction_id] = agent

    def forget(self, transaction_id: bytes) -> None:
        """No response to that transaction is expected any more."""
        self._transactions.pop(transaction_id, None)

    # ── datagrams ──────────────────────────────────────────────────────────────────────────
    def _deliver_stun(self, path: Path, data: bytes) -> bool:
        message = parse_stun(data)
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
