"""TLS to the one relay that this terminal knows.

Guarantees: a relay with another public key than the pinned one ends the handshake with
`RelayKeyChangedError`, before a byte of HTTP is sent; the certificate itself is verified as always.
Leaves to others: where the pin is kept (`kiosk.identity`).
"""

import hashlib
import ssl
from pathlib import Path

from visit_protocol.enrolment import NO_KEY


class RelayKeyChangedError(ssl.SSLCertVerificationError):
    """The relay's public key is not the one that this terminal was enrolled with."""


def is_pinned(pinned: str | None) -> bool:
    """Whether there is a key to keep to: a line without TLS had none."""
    return pinned not in (None, NO_KEY)


def tls_context(ca_file: Path | None, pinned: str | None) -> ssl.SSLContext:
    """A client's context that keeps to ``pinned``, when it is a key."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    class Pinned(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            if is_pinned(pinned) and key_of(self) != pinned:
                raise RelayKeyChangedError("the relay's public key has changed")

    context.sslobject_class = Pinned
    return context


def key_of(line: ssl.SSLObject | None) -> str:
    """SHA-256 of the peer's SubjectPublicKeyInfo, in hexadecimal; `NO_KEY` without TLS."""
    certificate = None if line is None else line.getpeercert(binary_form=True)
    if certificate is None:
        return NO_KEY
    # Only a terminal that speaks TLS needs the parser of certificates.
    from cryptography import x509  # noqa: PLC0415 -- see above
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 -- see above
        Encoding,
        PublicFormat,
    )

    public = x509.load_der_x509_certificate(certificate).public_key()
    return hashlib.sha256(
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).hexdigest()
