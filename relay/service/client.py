"""`Client`: one party's signalling connection, as the service sees it."""

from typing import Protocol

from visit_protocol.errors import CloseCode
from visit_protocol.message import Message


class Client(Protocol):
    """Something that can be told and hung up on.

    Neither call waits: a client that is too slow is closed by its own connection, so nobody's
    delay can hold up the relay.
    """

    def send(self, message: Message) -> None:
        """Queue a message."""
        ...

    def close(self, code: CloseCode) -> None:
        """End the connection after what is queued."""
        ...
