"""What a visitor's browser is told of the facility's TURN server (RFC 8656).

Guarantees: each credential is good for `LIFETIME` and for nobody's other purpose: the server and
the relay share a secret, and the password signs the time of its end (draft-uberti-behave-turn-
rest-00, coturn's ``use-auth-secret``); without a configured server nothing is told. Leaves to
others: running the server; what goes through it is encrypted between browser and relay.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from relay.clock import Clock
from relay.config import TurnConfig
from relay.core.model import VisitId
from settings import ConfigError
from visit_protocol.signalling import IceServer

LIFETIME: Final = timedelta(days=1)
"""A page may be open long before its visit; when its line reconnects it gets a fresh one."""
_SHORTEST_SECRET: Final = 16


@dataclass(frozen=True, slots=True)
class TurnDesk:
    """Makes the credentials; ``urls`` is empty when there is no server."""

    urls: tuple[str, ...]
    secret: bytes
    clock: Clock

    @classmethod
    def open(cls, config: TurnConfig, clock: Clock) -> "TurnDesk":
        """Read the secret.

        Raises:
            ConfigError: its file cannot be read or holds no secret worth the name.
        """
        if not config.urls:
            return cls((), b"", clock)
        file = config.secret_file
        if file is None:
            raise ConfigError("turn.urls and turn.secret_file go together; set both")
        try:
            secret = file.read_bytes().strip()
        except OSError as error:
            raise ConfigError(
                f"{file}: cannot be read ({error.strerror}); correct turn.secret_file"
            ) from error
        if len(secret) < _SHORTEST_SECRET:
            raise ConfigError(
                f"{file}: fewer than {_SHORTEST_SECRET} characters; put coturn's "
                "static-auth-secret there"
            )
        return cls(tuple(map(str, config.urls)), secret, clock)

    def servers(self, visit: VisitId) -> tuple[IceServer, ...] | None:
        """The servers that a party of ``visit`` may use from now on; None when there are none."""
        if not self.urls:
            return None
        username = f"{int((self.clock.now() + LIFETIME).timestamp())}:{visit}"
        # SHA-1 is what the draft and coturn know; as an HMAC it is sound.
        signature = hmac.digest(self.secret, username.encode(), "sha1")
        password = base64.b64encode(signature).decode()
        return (IceServer(urls=self.urls, username=username, credential=password),)
