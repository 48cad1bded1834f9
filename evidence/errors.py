"""Errors of the audit log.

::

    EvidenceError
    ├── NotCanonicalError      caller misuse: a value that has no canonical JSON
    ├── MalformedError         bytes that are no entry, note, key or checkpoint
    ├── WrongSignatureError    a note that none of the trusted keys signed
    └── WrongProofError        a proof that does not prove what it is said to

What is wrong with a whole log is no error but a `Finding` (`evidence.verification`).
"""

from typing import ClassVar


class EvidenceError(Exception):
    """Any refusal of this package; ``code`` is stable."""

    code: ClassVar[str] = "EVIDENCE_ERROR"


class NotCanonicalError(EvidenceError):
    """Caller misuse: the value has no canonical JSON; the text names the place, not the value."""

    code = "NOT_CANONICAL"


class MalformedError(EvidenceError):
    """Peer misbehaved: these bytes do not follow the format."""

    code = "MALFORMED"


class WrongSignatureError(EvidenceError):
    """Peer misbehaved: no trusted key signed this."""

    code = "WRONG_SIGNATURE"


class WrongProofError(EvidenceError):
    """Peer misbehaved: the hashes do not lead to the root."""

    code = "WRONG_PROOF"
