"""`Signing`: puts one person's signature on an order, opened by that person's own secret.

Guarantees: a signature is put on only by somebody who may sign orders of that class here, so that
nobody's approval is taken that enforcement would not count; nothing that was opened is kept.
Leaves to others: whose signatures are enough (`suspension.trusted`), and wrong secrets (`keys`).

An example facility's secrets stand in ``secrets/example.json`` for everybody who tries it, so
there nobody has to type one. A real facility has no such file.
"""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from relay.core.model import PersonId
from relay.service.enforcement import Enforcement
from relay.service.keys import Keyring
from relay.service.staff import Actor
from suspension import DeskError, OrderClass, Refused, SuspensionOrder, Terms, order_in
from suspension.envelope import ORDER_TYPE, SignedBytes, add_signature, parse_envelope
from suspension.trust import NARROW, OVERSIGHT, PROTECTED, WIDE
from suspension.trusted import unsigned as missing

_FILE: Final = Path("secrets") / "example.json"
_ROLES: Final = {
    OrderClass.NARROW: NARROW,
    OrderClass.WIDE: WIDE,
    OrderClass.PROTECTED: PROTECTED,
}


class NobodySignsError(Exception):
    """Each person signs with their own secret, and none was given."""

    code: Final = "SECRET_REQUIRED"

    def __init__(self) -> None:
        super().__init__("signing needs the secret of your own key")


class StandingSecrets:
    """Secrets that were told when an example facility was made; elsewhere there are none."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / _FILE

    async def all(self) -> dict[str, str]:
        """Secret by person."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> dict[str, str]:
        if not self._file.exists():
            return {}
        told = json.loads(self._file.read_text("utf-8")).get("signing", {})
        return {str(person): str(secret) for person, secret in told.items()}


class Signing:
    """Signatures of people on orders."""

    def __init__(
        self, keyring: Keyring, standing: StandingSecrets, enforcement: Enforcement
    ) -> None:
        self._keyring = keyring
        self._standing = standing
        self._enforcement = enforcement

    async def sign(self, envelope: bytes, by: Actor, secret: str | None) -> bytes:
        """The envelope with the signature of the person behind ``by``.

        Raises:
            NoTrustError: there is nobody whose signature would count.
            NobodySignsError: a secret is needed.
            KeyringError: the secret does not open the person's key.
            DeskError: the person may not sign orders of this class.
        """
        order = order_in(envelope)
        able = self._able(order)
        person = str(person_of(by))
        if secret is None:
            standing = await self._standing.all()
            if by.kind == "local" and person not in able:
                # The operator of an example facility, who has not said as whom.
                signed = await self.people(envelope)
                person = _first(able & standing.keys() - signed, person)
            secret = standing.get(person)
            if secret is None:
                raise NobodySignsError
        if person not in able:
            raise DeskError(
                "NOT_A_SIGNER", f"of class {order.order_class} is not for this person to sign"
            )
        return add_signature(envelope, await self._keyring.signer(person, secret))

    async def people(self, envelope: bytes) -> frozenset[str]:
        """Who has signed the envelope so far."""
        signers = self._enforcement.trust.signers(parse_envelope(envelope))
        return signers.people(self._role(order_in(envelope)))

    def people_needed(self, terms: Terms) -> int:
        """How many people must sign: as many as the class asks for, or more if the root does.

        Raises:
            NoTrustError: there is nobody whose signature would count.
        """
        if terms.emergency:
            return terms.consent.people
        asked = self._enforcement.trust.threshold(_ROLES[terms.order_class])
        return max(terms.consent.people, asked)

    def lacking(self, envelope: bytes) -> Refused | None:
        """What enforcement would still miss of the signatures, or None."""
        order = order_in(envelope)
        return missing(order, self._enforcement.trust.signers(parse_envelope(envelope)))

    def _role(self, order: SuspensionOrder) -> str:
        return WIDE if order.emergency else _ROLES[order.order_class]

    def _able(self, order: SuspensionOrder) -> frozenset[str]:
        trust = self._enforcement.trust
        role = self._role(order)
        return trust.people(role) | (trust.people(OVERSIGHT) if role == PROTECTED else frozenset())


def _first(people: Iterable[str], otherwise: str) -> str:
    return min(people, default=otherwise)


def unsigned(order: SuspensionOrder) -> bytes:
    """The order's envelope before anybody has signed it."""
    return SignedBytes(order.to_bytes(), ORDER_TYPE, {}).to_bytes()


def person_of(actor: Actor) -> PersonId:
    """The human being behind an actor; the account's or operator's name where nobody said."""
    return actor.person or PersonId(actor.name)
