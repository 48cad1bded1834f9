"""The key that signs the facility's audit log, and nothing else.

Guarantees: it is made once, from the system's random numbers, and stands as PKCS #8 in
``secrets/audit-key.pem``, readable by its owner alone, on the disk before it signs anything; a key
that is there is never replaced. Leaves to others: who may open the data folder (systemd), and what
is signed (`relay.service.checkpoints`).
"""

import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from evidence.note import Signer

AUDIT_KEY: Final = Path("secrets") / "audit-key.pem"


class AuditKeyError(Exception):
    """The key cannot be used or made; the text is one line with the file's name."""


def open_audit_key(data_dir: Path, name: str) -> Signer:
    """The log's signer, made now if there is none.

    Raises:
        AuditKeyError: the file is there and cannot be used, or cannot be made.
    """
    path = data_dir / AUDIT_KEY
    try:
        if not path.exists():
            _make(path)
        private = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise AuditKeyError(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise AuditKeyError(f"{path}: not a private key") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise AuditKeyError(f"{path}: not an Ed25519 key")
    return Signer(name, private)


def _make(path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    put_key(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def put_key(path: Path, text: bytes) -> None:
    """Put a new key into ``path``, readable by its owner alone, and on the disk when this returns.

    Raises:
        OSError: it cannot be put there.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Under its name only when it is whole: half a key would stop all signing for good.
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
