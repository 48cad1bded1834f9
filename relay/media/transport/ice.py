"""ICE-lite (RFC 8445 §2.5): answer a party's checks and learn which addresses are its own.

Guarantees: an address belongs to a party only after a request with the party's own credentials
came from it, and nothing is sent to it before such a request has nominated it (a browser sends
media on a new path a moment before it nominates that path, so we listen first). A party's first
nominated address gets no media before DTLS has come up through it, which proves that the party
reads there. Every other, and one that belongs to another party, must prove it: media goes there,
and it changes hands, only when a check of ours, sent to that address, came back signed with the
claimant's password; until then everything stays as it was. So a participant who spoofs source
addresses neither takes another's nor has media sent to somebody who never asked for it.
Unauthenticated requests get no answer at all. When a party's address changes under
way, because its NAT forgot it, its next check moves the media there although a browser checks
consent (RFC 7675) without nominating again. After an ICE restart (RFC 8445 §9) a party has two
agents for a while, one for each pair of credentials, and both lead to the same lane. Leaves to
others: noticing that a party has gone silent, and when the earlier agent goes.
"""

import logging
import secrets
import string
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from aioice.stun import Class, Message

from relay.media.forwarding.path import Lane
from relay.media.transport.endpoint import Path
from relay.media.transport.stun import binding_request, binding_response, role_conflict_response

log = logging.getLogger(__name__)

MAX_PATHS: Final = 32
"""A party keeps at most that many addresses; the oldest unused one goes first."""
MOVED_S: Final = 3.0
"""Checks from another address alone, for so long: the party lives there now. Chromium checks
its selected path each 2.5 s, others each 4 to 6 s."""
MAX_RETURN_CHECKS: Final = 8
"""Checks of ours that may be unanswered at a time, for one party."""
_ALPHABET: Final = string.ascii_letters + string.digits
_PRFLX_PRIORITY: Final = 110 << 24 | 65535 << 8 | 255


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """A user name fragment and a password (RFC 8445 §5.3)."""

    username: str
    password: str

    @classmethod
    def random(cls) -> "IceCredentials":
        """Fresh credentials; 16 characters of name, so that no two parties of a port collide."""
        return cls(_random_string(16), _random_string(32))


class Paths(Protocol):
    """The port's book of who owns which path."""

    def owner(self, path: Path) -> "IceLite | None":
        """Whose path it is."""

    def assign(self, path: Path, agent: "IceLite") -> None:
        """It is ``agent``'s from now on."""

    def withdraw(self, path: Path, agent: "IceLite") -> None:
        """It is nobody's, if it was ``agent``'s."""

    def expect(self, transaction_id: bytes, agent: "IceLite") -> None:
        """A response to that transaction goes to ``agent``."""

    def forget(self, transaction_id: bytes) -> None:
        """No response to that transaction is expected any more."""


class IceLite:
    """One party's ICE agent. ``on_selected`` hears of each path that media shall be sent on."""

    def __init__(
        self,
        paths: Paths,
        remote: IceCredentials,
        lane: Lane,
        on_selected: Callable[[Path], None],
        *,
        silent: Callable[[], bool],
        restarted: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """An agent that comes after an ICE restart finds DTLS up already."""
        self.local = IceCredentials.random()
        self.lane: Final = lane
        """Where everything goes that is not STUN and comes from the party's own addresses."""
        self._remote = remote
        self._paths = paths
        self._on_selected = on_selected
        self._selected: Path | None = None
        self._owned: list[Path] = []
        self._silent = silent
        """Whether the party's media came and then ceased, just now or long ago."""
        self._clock = clock
        self.heard_s: float | None = None
        """When the party last sent an authenticated check (RFC 7675); None before the first."""
        self._challenger: Path | None = None
        """Where checks came from since the last one on the selected path, and since when."""
        self._challenged_s = 0.0
        self._awaits_first = not restarted
        """DTLS has yet to come up, through whatever is nominated first."""
        self._return_checks: dict[Path, tuple[Message, bool]] = {}
        """By the path asked about: the question, and whether its claimant nominated it."""
        self._tie_breaker = secrets.randbits(64)

    @property
    def selected(self) -> Path | None:
        """Where to send, None before the first nomination."""
        return self._selected

    def request(self, message: Message, path: Path) -> None:
        """A binding request for our user name arrived on ``path``."""
        attributes: dict[str, Any] = message.attributes
        if attributes.get("USERNAME") != f"{self.local.username}:{self._remote.username}":
            return
        if not message.check_message_integrity(self.local.password.encode()):
            return
        if "ICE-CONTROLLED" in attributes:
            path.send(role_conflict_response(message, self.local.password))
            return
        self.heard_s = self._clock()
        host, port = path.address[:2]
        path.send(binding_response(message, (host, port), self.local.password))
        self._claim(path, nominated="USE-CANDIDATE" in attributes or self._has_moved(path))

    def response(self, message: Message, path: Path) -> None:
        """A response to one of our return checks arrived on ``path``."""
        check, nominated = self._return_checks.get(path, (None, False))
        if check is None or check.transaction_id != message.transaction_id:
            return
        if message.message_class is not Class.RESPONSE:
            return
        if not message.check_message_integrity(self._remote.password.encode()):
            return
        self._forget_check(path)
        self._own(path)
        if nominated:
            self._select(path)

    def lose(self, path: Path) -> None:
        """Another party has proved that ``path`` is its own."""
        if path in self._owned:
            self._owned.remove(path)
        if self._selected == path:
            self._selected = None

    def succeed(self, earlier: "IceLite") -> None:
        """Take over the addresses of the party's earlier agent: packets may be on their way."""
        for path in earlier._owned:
            self._paths.assign(path, self)
        self._owned[:0] = earlier._owned
        earlier._owned.clear()
        earlier._selected = None
        self._evict()

    def close(self) -> None:
        """Own nothing and expect nothing."""
        for path in self._owned:
            self._paths.withdraw(path, self)
        self._owned.clear()
        self._selected = None
        for path in list(self._return_checks):
            self._forget_check(path)

    def _has_moved(self, path: Path) -> bool:
        """Whether this check, which nominates nothing, says that the party's address changed."""
        if self._selected is None or path == self._selected:
            self._challenger = None
            return False
        now_s = self._clock()
        if self._challenger != path:
            self._challenger, self._challenged_s = path, now_s
        return self._silent() or now_s - self._challenged_s >= MOVED_S

    def _claim(self, path: Path, *, nominated: bool) -> None:
        owner = self._paths.owner(path)
        if nominated:
            self._hold_to(path)
        if owner is not None and owner.lane is not self.lane:
            self._check_return(path, nominated=nominated)
            return
        # The same party's of before an ICE restart is heard there already, until it nominates.
        if owner is None or owner is self:
            self._own(path)
        if not nominated:
            return
        if self._awaits_first or (owner is not None and owner.selected == path):
            self._own(path)
            self._select(path)
        else:
            self._check_return(path, nominated=True)

    def _hold_to(self, path: Path) -> None:
        """The latest nomination counts, however late an earlier one is proved."""
        for other, (check, nominated) in self._return_checks.items():
            if nominated and other != path:
                self._return_checks[other] = (check, False)

    def _check_return(self, path: Path, *, nominated: bool) -> None:
        """Ask whoever is at the address whether it knows the claimant's secret.

        An unanswered question is asked again with the claimant's next check.
        """
        check, already = self._return_checks.get(path, (None, False))
        if check is None:
            if len(self._return_checks) >= MAX_RETURN_CHECKS:
                self._forget_check(next(iter(self._return_checks)))
            check = binding_request(
                username=f"{self._remote.username}:{self.local.username}",
                password=self._remote.password,
                priority=_PRFLX_PRIORITY,
                tie_breaker=self._tie_breaker,
            )
            self._paths.expect(check.transaction_id, self)
        self._return_checks[path] = (check, nominated or already)
        path.send(bytes(check))

    def _forget_check(self, path: Path) -> None:
        check, _ = self._return_checks.pop(path)
        self._paths.forget(check.transaction_id)

    def _own(self, path: Path) -> None:
        if path in self._owned:
            return
        previous = self._paths.owner(path)
        if previous is not None and previous is not self:
            if previous.lane is not self.lane:
                log.info("an address changed hands after a return check")
            previous.lose(path)
        self._paths.assign(path, self)
        self._owned.append(path)
        self._evict()

    def _select(self, path: Path) -> None:
        self._awaits_first = False
        if self._selected != path:
            self._selected, self._challenger = path, None
            self._on_selected(path)

    def _evict(self) -> None:
        while len(self._owned) > MAX_PATHS:
            oldest = next(path for path in self._owned if path != self._selected)
            self._owned.remove(oldest)
            self._paths.withdraw(oldest, self)


def _random_string(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
