"""Orders for the example facility, signed by as many of its people as they need."""

from datetime import timedelta
from typing import Any

from relay.core.model import PersonId
from relay.service.signing import Signing, StandingSecrets, unsigned
from relay.service.staff import Actor
from suspension import PublicText, ReasonCode, Scope, SuspensionOrder
from tests.relay.facility import NOW, Running


def order_on(inmate: str, **changes: Any) -> SuspensionOrder:
    fields: dict[str, Any] = {
        "id": "ord-test",
        "scope": Scope.parse({"inmate": [inmate]}),
        "reason_code": ReasonCode.SECURITY_INCIDENT,
        "legal_basis": "Federal Law 103-FZ, art. 18",
        "public_text": PublicText("Проверка.", "A check."),
        "not_before": NOW,
        "expires": NOW + timedelta(hours=2),
        "issued": NOW,
        "issuer": "staff:administrator",
    }
    return SuspensionOrder(**(fields | changes))


async def signed_by_all(relay: Running, order: SuspensionOrder) -> bytes:
    """The envelope of ``order`` with as many signatures as it needs."""
    desks = relay.desks
    signing = Signing(desks.keyring, StandingSecrets(desks.data_dir), desks.enforcement)
    envelope = unsigned(order)
    for person in ("administrator", "approver", "oversight"):
        if signing.lacking(envelope) is None:
            break
        signer = Actor("staff", person, person=PersonId(person))
        envelope = await signing.sign(envelope, signer, None)
    return envelope
