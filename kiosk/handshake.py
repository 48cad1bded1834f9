"""`Handshake`: what is said on a new line before the relay welcomes this terminal.

Guarantees: an enrolled kiosk signs the relay's challenge with its own key; any other commits itself
to a nonce, computes the code from what both ends said and saw, and waits; a kiosk that the relay no
longer knows is nobody's terminal again. Without I/O but for the identity's own files.
Leaves to others: the line (`kiosk.client`), showing the code (`kiosk.ui`).
"""

import secrets
from dataclasses import dataclass

from kiosk.identity import Identity
from kiosk.pinning import is_pinned
from visit_protocol.enrolment import code_of, commitment
from visit_protocol.message import PROTOCOL_VERSION, Message
from visit_protocol.signalling import (
    Challenge,
    ChallengeAnswer,
    Enrolled,
    EnrolmentHello,
    EnrolmentNonce,
    EnrolmentOpening,
    FromRelay,
    Refused,
    TerminalHello,
    Welcome,
)
from visit_protocol.vocabulary import RejectionCode


@dataclass(frozen=True, slots=True)
class CodeShown:
    """A code that may be confirmed for so many seconds."""

    code: str
    expires_in_s: int


class Handshake:
    """One line's beginning."""

    def __init__(self, identity: Identity, software: str, relay_key: str) -> None:
        """``relay_key`` is what was seen in TLS (`kiosk.pinning.key_of`)."""
        self._identity = identity
        self._software = software
        self._relay_key = relay_key
        self._nonce = secrets.token_hex(32)

    def hello(self) -> Message:
        """The first message."""
        identity = self._identity
        if identity.terminal is not None:
            return TerminalHello(
                versions=(PROTOCOL_VERSION,),
                terminal=identity.terminal,
                relay_key=self._relay_key,
                software=self._software,
            )
        return EnrolmentHello(
            versions=(PROTOCOL_VERSION,),
            public_key=identity.public_key,
            commitment=commitment(identity.public_key, self._nonce),
            relay_key=self._relay_key,
            software=self._software,
        )

    def answer(self, message: FromRelay) -> Message | CodeShown | None:
        """What to send, or to show and open; None when the message asks for neither.

        Raises:
            OSError: what was learnt cannot be kept.
        """
        identity = self._identity
        match message:
            case Challenge(nonce=nonce) if identity.terminal is not None:
                return ChallengeAnswer(signature=identity.sign(nonce, self._relay_key))
            case EnrolmentNonce(nonce=nonce, expires_in_s=seconds):
                code = code_of(self._relay_key, identity.public_key, self._nonce, nonce)
                return CodeShown(code, seconds)
            case Enrolled(terminal=terminal):
                identity.enrol(terminal, self._relay_key)
            case Welcome() if not is_pinned(identity.relay_key):
                identity.pin(self._relay_key)
            case Refused(refusals=refusals) if any(
                one.code is RejectionCode.TERMINAL_NOT_ENROLLED for one in refusals
            ):
                identity.revoke()
        return None

    def opening(self) -> Message:
        """The nonce that this kiosk committed itself to."""
        return EnrolmentOpening(nonce=self._nonce)
