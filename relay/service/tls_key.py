"""`tls_key_of`: what kiosks pin of the relay's own certificate."""

import hashlib
from pathlib import Path

from settings import ConfigError
from visit_protocol.enrolment import NO_KEY


def tls_key_of(certificate: Path | None) -> str:
    """SHA-256 of the certificate's SubjectPublicKeyInfo; `NO_KEY` without a certificate.

    A new certificate over the same key has the same one (RFC 7469 §2.4).

    Raises:
        ConfigError: the file holds no certificate.
    """
    if certificate is None:
        return NO_KEY
    # Only a relay that speaks TLS itself needs the parser of certificates.
    from cryptography import x509  # noqa: PLC0415  see above
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  see above
        Encoding,
        PublicFormat,
    )

    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
    except OSError as error:
        raise ConfigError(f"{certificate}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigError(f"{certificate}: is no PEM certificate") from error
    key = found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(key).hexdigest()
