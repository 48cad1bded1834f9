"""An order whose reason is not told to those it concerns, with the ground for that.

Guarantees: the signed order still holds the reason, the legal basis and the ground, so staff,
auditors and courts read them; inmate and visitor read `NEUTRAL_TEXT`. Leaves to others: showing
it. The ground is a further, non-critical field of the order (`SuspensionOrder.more`): a reader
that does not know it enforces the same order.
"""

import json
from enum import StrEnum
from typing import Final

from evidence.canonical import canonical
from suspension.order import PublicText, SuspensionOrder

_FIELD: Final = "reason_withheld"


class WithheldGround(StrEnum):
    """Why the reason is not told."""

    RISK_TO_PERSON = "RISK_TO_PERSON"
    """Somebody could be harmed if it were known."""
    RISK_TO_INVESTIGATION = "RISK_TO_INVESTIGATION"
    RISK_TO_SECURITY = "RISK_TO_SECURITY"


NEUTRAL_TEXT: Final = PublicText(
    ru="Свидание временно приостановлено. Причина не сообщается по соображениям безопасности. "
    "Решение можно обжаловать.",
    en="The visit is suspended for a time. The reason is not told for security. "
    "You can appeal against the decision.",
)


def withheld_field(ground: WithheldGround | None) -> bytes:
    """What goes into `SuspensionOrder.more`."""
    return canonical({} if ground is None else {_FIELD: ground.value})


def withheld_ground(order: SuspensionOrder) -> WithheldGround | None:
    """The ground on which the reason is not told, or None when it is."""
    value = json.loads(order.more).get(_FIELD)
    return WithheldGround(value) if value in set(WithheldGround) else None
