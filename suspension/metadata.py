"""Making a root of trust and its delegations; reading and believing them is `trust`.

Guarantees: the same people, keys and times give the same bytes. Leaves to others: making keys,
who may hold which, and keeping the root's keys away from the machine.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.signer import CryptoSigner, Key, Signer, SSlibKey
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, Role, Root, Targets
from tuf.api.serialization.json import JSONSerializer

from suspension.trust import FACILITY, LEAST, PERSON, RECEIPT

_ORDER_PATHS: Final = ["orders/*"]
"""TUF delegates paths; no order is looked for at any."""

S = TypeVar("S", Root, Targets)


@dataclass(frozen=True, slots=True)
class Holder:
    """A person's public key and the roles that it signs for."""

    person: str
    public: bytes
    """32 bytes (RFC 8032)."""
    roles: frozenset[str]


def signer_of(private: Ed25519PrivateKey, whose: Mapping[str, str]) -> Signer:
    """What signs with ``private``; ``whose`` is said in the key's metadata."""
    public = SSlibKey.from_crypto(private.public_key())
    public.unrecognized_fields.update(whose)
    return CryptoSigner(private, public)


def person_signer(private: Ed25519PrivateKey, person: str) -> Signer:
    """What signs for ``person``."""
    return signer_of(private, {PERSON: person})


def root_bytes(
    *,
    version: int,
    expires: datetime,
    threshold: int,
    holders: Iterable[Holder],
    signers: Iterable[Signer],
) -> bytes:
    """A root held by ``holders``, signed by ``signers``.

    From version 2 on the signers of the version before must be among them (`trust`).
    """
    keys: dict[str, Key] = {key.keyid: key for key in map(_person_key, holders)}
    ours = Role(sorted(keys), threshold)
    # No repository serves us: nobody signs a timestamp or a snapshot.
    roles = {
        Root.type: ours,
        Targets.type: Role(sorted(keys), threshold),
        "timestamp": Role([], 1),
        "snapshot": Role([], 1),
    }
    root = Root(version=version, expires=expires, keys=keys, roles=roles, consistent_snapshot=False)
    return _signed(Metadata(root), signers)


def delegation_bytes(
    *,
    version: int,
    expires: datetime,
    holders: Iterable[Holder],
    receipts: Mapping[str, bytes],
    signers: Iterable[Signer],
    thresholds: Mapping[str, int] = LEAST,
) -> bytes:
    """Which holders sign which orders, and with which key each facility signs its receipts."""
    keys: dict[str, Key] = {}
    roles: dict[str, DelegatedRole] = {}
    held: dict[str, list[str]] = {name: [] for name in LEAST}
    for holder in holders:
        key = _person_key(holder)
        keys[key.keyid] = key
        for role in holder.roles:
            held[role].append(key.keyid)
    for name, keyids in held.items():
        roles[name] = DelegatedRole(
            name, sorted(keyids), thresholds[name], terminating=True, paths=_ORDER_PATHS
        )
    receipt_keys = [_key(public, {FACILITY: place}) for place, public in receipts.items()]
    keys |= {key.keyid: key for key in receipt_keys}
    roles[RECEIPT] = DelegatedRole(
        RECEIPT,
        sorted(key.keyid for key in receipt_keys),
        1,
        terminating=True,
        paths=["receipts/*"],
    )
    targets = Targets(version=version, expires=expires, delegations=Delegations(keys, roles))
    return _signed(Metadata(targets), signers)


def _signed(metadata: Metadata[S], signers: Iterable[Signer]) -> bytes:
    for signer in sorted(signers, key=lambda one: one.public_key.keyid):
        metadata.sign(signer, append=True)
    return metadata.to_bytes(JSONSerializer(compact=True))


def _person_key(holder: Holder) -> SSlibKey:
    return _key(holder.public, {PERSON: holder.person})


def _key(public: bytes, whose: Mapping[str, str]) -> SSlibKey:
    key = SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(public))
    key.unrecognized_fields.update(whose)
    return key
