"""Who is looking at a visit: the parties' signalling connections.

Guarantees: nobody who looks can slow the relay.
Leaves to others: whether they may look (`links`, `booths`) or take part (`attendance`).
"""

from datetime import datetime

from relay.core.model import VisitId
from relay.core.policy import Ground
from relay.service.client import Client
from relay.service.views import party_view
from relay.service.visit_run import VisitRun
from visit_protocol.message import Message
from visit_protocol.signalling import VisitUpdate
from visit_protocol.vocabulary import Party


class Audience:
    """The clients that are shown visits; several may look, only one per party takes part."""

    def __init__(self) -> None:
        self._clients: dict[tuple[VisitId, Party], set[Client]] = {}

    def enter(self, visit: VisitId, party: Party, client: Client) -> None:
        """Show the visit to this client from now on."""
        self._clients.setdefault((visit, party), set()).add(client)

    def leave(self, client: Client) -> None:
        """Show this client nothing any more."""
        for key, clients in list(self._clients.items()):
            clients.discard(client)
            if not clients:
                del self._clients[key]

    def tell(self, visit: VisitId, message: Message) -> None:
        """The same message to everybody who looks."""
        for party in Party:
            for client in self._clients.get((visit, party), ()):
                client.send(message)

    def show(
        self,
        run: VisitRun,
        now: datetime,
        grounds: tuple[Ground, ...],
        stopping: Ground | None = None,
    ) -> None:
        """The visit as it stands, to each party in its own view."""
        for party in Party:
            if clients := self._clients.get((run.visit.id, party)):
                update = VisitUpdate(visit=party_view(run, party, now, grounds, stopping))
                for client in clients:
                    client.send(update)
