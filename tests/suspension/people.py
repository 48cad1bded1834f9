"""People with keys, and the root that vouches for them; every key is made from a name."""

import hashlib
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import Signer

from suspension.envelope import add_signature, sign
from suspension.metadata import Holder, delegation_bytes, person_signer, root_bytes, signer_of
from suspension.order import SuspensionOrder
from suspension.trust import FACILITY, NARROW, OVERSIGHT, PROTECTED, WIDE, Trust

FOR_EVER = datetime(2036, 1, 1, tzinfo=UTC)
ADMINISTRATOR, APPROVER, OVERSEER = "a.smirnova", "d.orlov", "o.petrova"
ROLES = {
    ADMINISTRATOR: {NARROW, WIDE, PROTECTED},
    APPROVER: {NARROW, WIDE, PROTECTED},
    OVERSEER: {PROTECTED, OVERSIGHT},
}
ROOT_HOLDERS = ("root-1", "root-2", "root-3")


def private_key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def signer(person: str, key: str | None = None) -> Signer:
    return person_signer(private_key(key or person), person)


def receipt_signer(facility: str = "f-1") -> Signer:
    return signer_of(private_key(f"receipt {facility}"), {FACILITY: facility})


def holder(person: str, key: str | None = None, roles: set[str] | None = None) -> Holder:
    public = private_key(key or person).public_key().public_bytes_raw()
    return Holder(person, public, frozenset(roles if roles is not None else ROLES.get(person, ())))


def make_root(
    version: int = 1,
    holders: tuple[str, ...] = ROOT_HOLDERS,
    signed_by: tuple[str, ...] = ROOT_HOLDERS[:2],
    threshold: int = 2,
    expires: datetime = FOR_EVER,
) -> bytes:
    return root_bytes(
        version=version,
        expires=expires,
        threshold=threshold,
        holders=[holder(one) for one in holders],
        signers=[signer(one) for one in signed_by],
    )


def make_delegations(
    version: int = 1,
    holders: list[Holder] | None = None,
    signed_by: tuple[str, ...] = ROOT_HOLDERS[:2],
    expires: datetime = FOR_EVER,
    **more: dict[str, int],
) -> bytes:
    return delegation_bytes(
        version=version,
        expires=expires,
        holders=[holder(one) for one in ROLES] if holders is None else holders,
        receipts={"f-1": private_key("receipt f-1").public_key().public_bytes_raw()},
        signers=[signer(one) for one in signed_by],
        **more,
    )


def make_trust(**changes: datetime) -> Trust:
    return Trust.load([make_root(**changes)], make_delegations())


def signed(order: SuspensionOrder, *people: str) -> bytes:
    first, *others = people
    envelope = sign(order, signer(first))
    for one in others:
        envelope = add_signature(envelope, signer(one))
    return envelope
