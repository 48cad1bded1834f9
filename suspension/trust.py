"""Whose signatures count: a root of trust, the roles it delegates, the people who hold keys.

The metadata is TUF's (https://theupdateframework.github.io/specification/), read with `tuf` and
never fetched: a *root* with a threshold of keys, and *targets* metadata, signed as the root says,
that delegates roles to keys. There are no targets: an order is not a file.

=========  =====================================  ==========================================
role       signs                                  at least
=========  =====================================  ==========================================
narrow     orders on people, pairs, terminals     1 person
wide       orders on a housing unit or more       2 people; 1 for an emergency
protected  orders that touch protected visits     2 people, 1 of them of the role oversight
oversight  nothing alone                          1 person
receipt    what a facility did                    the facility's own key
=========  =====================================  ==========================================

A key belongs to a person: ``x-parloir-person`` in the key's metadata, which the root's holders
sign. Thresholds count people, so one person with two keys, or two accounts, counts once. The
facility of a receipt's key is its ``x-parloir-facility``.

Guarantees: a `Trust` that exists is verified from its first root on: each root is signed by the
threshold of the one before and by its own (TUF 5.3.4), versions rise one by one (5.3.5) and never
fall, the delegations are signed as the newest root says. Expiry is asked for separately, since
a restart must not forget orders that were accepted in time. Leaves to others: where the first root
comes from, and keeping it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, Self, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from securesystemslib.signer import Key, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Targets

from suspension.clock import ClockInterval
from suspension.envelope import MAX_SIGNATURES, SignedBytes
from suspension.errors import InvalidTrustError

PERSON: Final = "x-parloir-person"
FACILITY: Final = "x-parloir-facility"

NARROW: Final = "narrow"
WIDE: Final = "wide"
PROTECTED: Final = "protected"
OVERSIGHT: Final = "oversight"
RECEIPT: Final = "receipt"

LEAST: Final[Mapping[str, int]] = {NARROW: 1, WIDE: 2, PROTECTED: 2, OVERSIGHT: 1}
"""How many people a role's threshold asks for at least; a root may ask for more, never fewer."""

MAX_METADATA_BYTES: Final = 128 * 1024
MAX_ROOTS: Final = 1024

_PUBLIC: Final = re.compile(r"[0-9a-f]{64}")

S = TypeVar("S", Root, Targets)


@dataclass(frozen=True)
class Trust:
    """Verified metadata; made by `load`."""

    roots: tuple[bytes, ...]
    """Every root from the first, version 1, on."""
    targets: bytes
    root: Root
    delegations: Targets

    @classmethod
    def load(cls, roots: Sequence[bytes], targets: bytes) -> Self:
        """The trust that begins with ``roots[0]``, which the caller vouches for.

        Raises:
            InvalidTrustError: a signature, a version, a threshold or a key is not as it must be.
        """
        if not 1 <= len(roots) <= MAX_ROOTS:
            raise InvalidTrustError("needs a first root")
        previous: Root | None = None
        for data in roots:
            previous = _root_after(previous, data)
        assert previous is not None  # noqa: S101  there was one
        return cls(tuple(roots), targets, previous, _delegations(previous, targets))

    def updated(self, roots: Sequence[bytes], targets: bytes) -> Self:
        """What results from the newer parts of another copy; the same again changes nothing.

        Raises:
            InvalidTrustError: it does not follow from this one, or takes a version back.
        """
        known = len(self.roots)
        if tuple(roots[:known]) != self.roots[: len(roots)]:
            raise InvalidTrustError("has another history of roots")
        found = type(self).load([*self.roots, *roots[known:]], targets)
        if found.version < self.version:
            raise InvalidTrustError("takes the delegations back to an older version")
        if found.version == self.version and targets != self.targets:
            raise InvalidTrustError("has other delegations of the same version")
        return found

    @property
    def root_version(self) -> int:
        """Version of the newest root."""
        return self.root.version

    @property
    def version(self) -> int:
        """Version of the delegations."""
        return self.delegations.version

    @property
    def expires(self) -> datetime:
        """When the root or its delegations run out, whichever is first."""
        return min(self.root.expires, self.delegations.expires)

    def expired(self, clock: ClockInterval) -> bool:
        """Whether it has certainly run out. Doubt about the clock leaves orders possible."""
        return clock.has_reached(self.expires)

    def people(self, role: str) -> frozenset[str]:
        """Who holds a key of ``role``."""
        return frozenset(_person(self._key(keyid)) for keyid in self._keyids(role))

    def roles_of(self, person: str) -> frozenset[str]:
        """The roles for which ``person`` holds a key."""
        return frozenset(role for role in LEAST if person in self.people(role))

    def threshold(self, role: str) -> int:
        """How many people of ``role`` must sign."""
        return self.delegations.get_delegated_role(role).threshold

    def require_reachable(self) -> None:
        """Nothing, when every role has as many people as it asks for.

        Asked when metadata is made or taken over, and never of what is believed already: that some
        orders cannot be signed any more must not take away those that were.

        Raises:
            InvalidTrustError: orders of some role could never be signed; the text says of which.
        """
        for role in LEAST:
            needed, there = self.threshold(role), len(self.people(role))
            if there < needed:
                raise InvalidTrustError(
                    f"the role {role} asks for {needed} people and {there} hold a key of it"
                )
            if needed > MAX_SIGNATURES:
                raise InvalidTrustError(
                    f"the role {role} asks for {needed} people and an order takes {MAX_SIGNATURES}"
                )

    def signers(self, envelope: SignedBytes) -> "Signers":
        """Which keys of ours have signed ``envelope``."""
        signed: set[str] = set()
        broken: set[str] = set()
        pae = envelope.pae()
        for keyid, signature in envelope.signatures.items():
            if (key := self._publics.get(keyid)) is not None:
                try:
                    key.verify(signature, pae)
                except InvalidSignature:
                    broken.add(keyid)
                else:
                    signed.add(keyid)
        return Signers(self, frozenset(signed), frozenset(broken))

    def receipt_keys(self, facility: str) -> Mapping[str, Key]:
        """The keys with which ``facility`` signs its receipts, by id."""
        keys = {keyid: self._key(keyid) for keyid in self._keyids(RECEIPT)}
        return {
            keyid: key
            for keyid, key in keys.items()
            if key.unrecognized_fields.get(FACILITY) == facility
        }

    def _keyids(self, role: str) -> Iterable[str]:
        delegated = self.delegations.delegations
        roles = {} if delegated is None or delegated.roles is None else delegated.roles
        return roles[role].keyids if role in roles else ()

    def _keys(self) -> Mapping[str, Key]:
        delegated = self.delegations.delegations
        return {} if delegated is None else delegated.keys

    def _key(self, keyid: str) -> Key:
        return self._keys()[keyid]

    @cached_property
    def _publics(self) -> Mapping[str, Ed25519PublicKey]:
        """Every delegated key, ready to verify with: making one costs a tenth of using it."""
        return {
            keyid: Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.keyval["public"]))
            for keyid, key in self._keys().items()
        }


@dataclass(frozen=True)
class Signers:
    """The keys whose signatures on one envelope are right."""

    trust: Trust
    keyids: frozenset[str]
    broken: frozenset[str]
    """Keys of ours whose signatures are not of these bytes: somebody changed them."""

    def people(self, role: str) -> frozenset[str]:
        """The distinct people of ``role`` who have signed."""
        allowed = set(self.trust._keyids(role))
        return frozenset(_person(self.trust._key(keyid)) for keyid in self.keyids & allowed)


def _root_after(previous: Root | None, data: bytes) -> Root:
    metadata = _read(data, Root)
    root = metadata.signed
    _check_keys(root.keys, needs_person=True)
    for role in (Root.type, Targets.type):
        if not root.roles[role].keyids:
            raise InvalidTrustError(f"a root without keys for {role}")
    if previous is None and root.version != 1:
        raise InvalidTrustError("does not begin with the first root")
    try:
        result = root.get_root_verification_result(
            previous, metadata.signed_bytes, metadata.signatures
        )
    except ValueError as error:
        raise InvalidTrustError("a root does not follow the one before it") from error
    for one in (result.first, result.second):
        if not one or len(set(map(_person, one.signed.values()))) < one.threshold:
            raise InvalidTrustError("a root is signed by too few people")
    return root


def _delegations(root: Root, data: bytes) -> Targets:
    metadata = _read(data, Targets)
    targets = metadata.signed
    result = root.get_verification_result(Targets.type, metadata.signed_bytes, metadata.signatures)
    if not result or len(set(map(_person, result.signed.values()))) < result.threshold:
        raise InvalidTrustError("the delegations are signed by too few people")
    delegated = targets.delegations
    if targets.targets or delegated is None or delegated.roles is None:
        raise InvalidTrustError("delegates nothing, or names files")
    for name, least in LEAST.items():
        if name not in delegated.roles or delegated.roles[name].threshold < least:
            raise InvalidTrustError(f"the role {name} needs a threshold of {least} or more")
    _check_keys(delegated.keys, needs_person=False)
    for name, role in delegated.roles.items():
        for keyid in role.keyids:
            if keyid not in delegated.keys:
                raise InvalidTrustError(f"the role {name} names a key that is not there")
            whose = FACILITY if name == RECEIPT else PERSON
            if not isinstance(delegated.keys[keyid].unrecognized_fields.get(whose), str):
                raise InvalidTrustError(f"a key of the role {name} belongs to nobody")
    return targets


def _read(data: bytes, kind: type[S]) -> Metadata[S]:
    if len(data) > MAX_METADATA_BYTES:
        raise InvalidTrustError(f"is larger than {MAX_METADATA_BYTES} bytes")
    try:
        metadata: Metadata[S] = Metadata.from_bytes(data)
    except (RepositoryError, RecursionError) as error:
        raise InvalidTrustError("is not metadata of a root of trust") from error
    if not isinstance(metadata.signed, kind):
        raise InvalidTrustError("is metadata of another kind")
    return metadata


def _check_keys(keys: Mapping[str, Key], *, needs_person: bool) -> None:
    publics = set()
    for key in keys.values():
        if not isinstance(key, SSlibKey) or (key.keytype, key.scheme) != ("ed25519", "ed25519"):
            raise InvalidTrustError("has a key that is not Ed25519")
        if needs_person and not isinstance(key.unrecognized_fields.get(PERSON), str):
            raise InvalidTrustError("has a root key that belongs to nobody")
        public = key.keyval.get("public")
        if not isinstance(public, str) or _PUBLIC.fullmatch(public) is None:
            raise InvalidTrustError("has a key that is not Ed25519")
        publics.add(public)
    if len(publics) < len(keys):
        raise InvalidTrustError("names one key under two ids")


def _person(key: Key) -> str:
    return str(key.unrecognized_fields[PERSON])
