"""Keys of a facility as files, and the metadata that says whose they are.

Guarantees: everybody's key is sealed with their own secret before it is written; the root's keys
stand apart, in a folder that can be carried away; nothing is believed until the relay has verified
it. Leaves to others: asking people for secrets (`operate.keys`), and the relay's store.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import Signer

from operate.errors import InputError
from relay.store.key_files import PEOPLE, ROOT, KeyFolder, SealedKey, WrongSecretError
from suspension.metadata import Holder, delegation_bytes, person_signer, root_bytes
from suspension.trust import FACILITY, LEAST, PERSON, RECEIPT, Trust

LIFETIME: Final = timedelta(days=2 * 365)
"""How long a root and its delegations are believed; the console warns 60 days before."""


@dataclass(frozen=True, slots=True)
class Signatory:
    """A person who signs orders: for which roles, under which staff accounts."""

    person: str
    roles: frozenset[str]
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the relay is told: every root, and the delegations."""

    roots: tuple[bytes, ...]
    delegations: bytes


def found(
    folder: KeyFolder,
    root_folder: KeyFolder,
    facility: str,
    signatories: Iterable[Signatory],
    holders: Iterable[str],
    threshold: int,
    secrets: Mapping[str, str],
    now: datetime,
) -> Metadata:
    """Make every key and the first root.

    Raises:
        InputError: a role would have fewer people than must sign, or a key is there already.
        SecretTooShortError, KeyFileError: a secret or a person's id cannot be.
        OSError: a folder cannot be written.
    """
    people = list(signatories)
    root_people = list(dict.fromkeys(holders))
    _require_enough(people, len(root_people), threshold)
    for signatory in people:
        if folder.find(signatory.person) is not None:
            raise InputError(f"{signatory.person} has a key already; see parloir keys show")
    root_keys = {person: Ed25519PrivateKey.generate() for person in root_people}
    for person, private in root_keys.items():
        root_folder.put(SealedKey.seal(private, person, secrets[person]), ROOT)
    held = []
    for one in people:
        private = Ed25519PrivateKey.generate()
        held.append(holder_of(one.person, private, one.roles))
        folder.put(SealedKey.seal(private, one.person, secrets[one.person], one.accounts))
    signers = [person_signer(private, person) for person, private in root_keys.items()]
    root = root_bytes(
        version=1,
        expires=now + LIFETIME,
        threshold=threshold,
        holders=_root_holders(root_keys),
        signers=signers,
    )
    receipt = Ed25519PrivateKey.generate()
    folder.put_receipt_key(receipt, facility)
    return Metadata(
        (root,),
        delegation_bytes(
            version=1,
            expires=now + LIFETIME,
            holders=held,
            receipts={facility: receipt.public_key().public_bytes_raw()},
            signers=signers,
        ),
    )


def open_root(folder: KeyFolder, secrets: Mapping[str, str]) -> list[Signer]:
    """What signs for the root's holders of ``secrets``.

    Raises:
        InputError: somebody holds no key of the root in the folder, or the secret is another.
    """
    return [_opened(folder, ROOT, person, secret) for person, secret in secrets.items()]


def redelegated(
    trust: Trust, holders: Iterable[Holder], signers: Iterable[Signer], now: datetime
) -> Metadata:
    """The next delegations, to ``holders``, signed by the root's ``signers``."""
    delegated = trust.delegations.get_delegated_role(RECEIPT)
    receipts = {}
    for keyid in delegated.keyids:
        key = trust.delegations.get_key(keyid)
        place = str(key.unrecognized_fields[FACILITY])
        receipts[place] = bytes.fromhex(key.keyval["public"])
    data = delegation_bytes(
        version=trust.version + 1,
        expires=now + LIFETIME,
        holders=holders,
        receipts=receipts,
        signers=signers,
        thresholds={role: trust.threshold(role) for role in LEAST},
    )
    return Metadata(trust.roots, data)


def holders_of(trust: Trust) -> dict[str, Holder]:
    """Everybody who signs orders now, by person."""
    found: dict[str, Holder] = {}
    for role in LEAST:
        for keyid in trust.delegations.get_delegated_role(role).keyids:
            key = trust.delegations.get_key(keyid)
            person = str(key.unrecognized_fields[PERSON])
            public = bytes.fromhex(key.keyval["public"])
            before = found.get(person, Holder(person, public, frozenset()))
            found[person] = Holder(person, public, before.roles | {role})
    return found


def open_person(folder: KeyFolder, person: str, secret: str) -> Signer:
    """What signs orders for ``person``.

    Raises:
        InputError: they have no key in the folder, or the secret is another.
    """
    return _opened(folder, PEOPLE, person, secret)


def new_root(
    trust: Trust,
    folder: KeyFolder,
    holders: Iterable[str],
    threshold: int,
    secrets: Mapping[str, str],
    old_signers: Iterable[Signer],
    now: datetime,
) -> Metadata:
    """The next root, with new keys for ``holders``, and the delegations signed by them.

    The old keys are replaced in the folder; what they signed stays believed.

    Raises:
        InputError: there would be too few new holders.
        InvalidTrustError: too few of the old holders have signed.
        SecretTooShortError, KeyFileError, OSError: as for `found`.
    """
    fresh = {person: Ed25519PrivateKey.generate() for person in dict.fromkeys(holders)}
    _require_holders(len(fresh), threshold)
    signers = [person_signer(private, person) for person, private in fresh.items()]
    root = root_bytes(
        version=trust.root_version + 1,
        expires=now + LIFETIME,
        threshold=threshold,
        holders=_root_holders(fresh),
        signers=[*old_signers, *signers],
    )
    following = redelegated(trust, holders_of(trust).values(), signers, now)
    made = Metadata((*trust.roots, root), following.delegations)
    # Whatever the relay would refuse must not take the place of a key that is believed.
    trust.updated(made.roots, made.delegations)
    for person, private in fresh.items():
        folder.put(SealedKey.seal(private, person, secrets[person]), ROOT)
    return made


def holder_of(person: str, private: Ed25519PrivateKey, roles: frozenset[str]) -> Holder:
    """What the delegations say of a key."""
    return Holder(person, private.public_key().public_bytes_raw(), roles)


def _root_holders(keys: Mapping[str, Ed25519PrivateKey]) -> list[Holder]:
    return [holder_of(person, private, frozenset()) for person, private in keys.items()]


def _opened(folder: KeyFolder, kind: str, person: str, secret: str) -> Signer:
    key = folder.find(person, kind)
    if key is None:
        raise InputError(f"{person} has no key of the root in {folder.path / kind}")
    try:
        return person_signer(key.open(secret), person)
    except WrongSecretError as error:
        raise InputError(f"that is not the secret of {person}") from error


def _require_enough(people: list[Signatory], holders: int, threshold: int) -> None:
    _require_holders(holders, threshold)
    for role, least in LEAST.items():
        there = len({one.person for one in people if role in one.roles})
        if there < least:
            raise InputError(f"the role {role} needs {least} or more people; {there} would sign")


def _require_holders(holders: int, threshold: int) -> None:
    if not 1 <= threshold <= holders:
        raise InputError(f"{holders} holders of the root cannot make a threshold of {threshold}")


def key_folders(data_dir: Path, root_dir: Path | None) -> tuple[KeyFolder, KeyFolder]:
    """The facility's keys, and those of the root, which may lie on a stick."""
    return KeyFolder.of(data_dir), KeyFolder.of(data_dir) if root_dir is None else KeyFolder(
        root_dir
    )
