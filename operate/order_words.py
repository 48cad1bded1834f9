"""An order on the command line: whose secret signs it, and how it and its cost are shown.

Guarantees: a secret is asked for only when the relay wants one, and only of a person at a
terminal. Leaves to others: the commands (`orders`, `order_steps`), and every decision.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer

from operate import secrets_asked
from operate.client import Relay
from operate.errors import InputError, RelayRefusedError
from operate.instants import wall
from operate.printing import show_fields, show_table


class Asker:
    """Sends what needs a signature, with the secret that opens the key of ``person``."""

    def __init__(
        self, relay: Relay, person: str | None, secrets: Path | None, *, may_ask: bool
    ) -> None:
        self._relay = relay
        self._person = person
        self._secrets = secrets
        self._may_ask = may_ask

    async def signed(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to ``body``, with a secret where one is needed.

        Raises:
            InputError: a secret is needed, and nobody has said whose.
            RelayRefusedError: the relay said no.
        """
        if self._secrets is not None:
            return await self._relay.post(path, {**body, "secret": self._secret()})
        try:
            return await self._relay.post(path, body)
        except RelayRefusedError as refused:
            if refused.code != "SECRET_REQUIRED" or not self._may_ask or self._person is None:
                raise
        return await self._relay.post(path, {**body, "secret": self._secret()})

    def _secret(self) -> str:
        if self._person is None:
            raise InputError("say whose key signs: --as PERSON")
        return secrets_asked.ask([self._person], self._secrets)[self._person]


def confirm(visits: int) -> None:
    """Have the number of visits typed back.

    Raises:
        InputError: another number was typed.
    """
    typed = typer.prompt("Type the number of visits to suspend them", prompt_suffix=": ")
    if typed.strip() != str(visits):
        raise InputError(f"the order reaches {visits} visits, not that; nothing was suspended")


def cost(impact: Mapping[str, Any]) -> str:
    """The numbers in half a line."""
    kept = impact["protected_kept"]
    spared = f", {kept} protected kept" if kept else ""
    return f"visits {impact['visits']}, of them live {impact['live']}{spared}"


def show_impact(impact: Mapping[str, Any], zone: ZoneInfo) -> None:
    """The numbers, the visits, and narrower orders with theirs."""
    show_fields(
        [
            ("Visits", impact["visits"]),
            ("… in 24 hours", impact["visits_24h"]),
            ("… in 7 days", impact["visits_7d"]),
            ("Live now", impact["live"]),
            ("Inmates", impact["inmates"]),
            ("Visitors", impact["visitors"]),
            ("Children", impact["children"]),
            ("Terminals", impact["terminals"]),
            ("Left without a visit in 14 days", ", ".join(impact["under_minimum_inmates"])),
            ("Visits that go on", impact["kept"]),
            ("Protected visits that go on", impact["protected_kept"]),
            ("People who must agree", impact["people_needed"]),
            ("As of", wall(impact["as_of"], zone)),
        ]
    )
    show_table(
        ("Visit", "Starts", "State", "Type", "Inmate", "Terminal"),
        [
            (
                one["reference"],
                wall(one["starts"], zone),
                one["state"],
                one["visit_type"],
                one["inmate"],
                one["terminal"],
            )
            for one in impact["listed"]
        ],
        empty="No visit would be stopped now; visits booked later would be refused.",
    )
    if impact["alternatives"]:
        show_table(
            ("Narrower order", "Visits", "Inmates", "People who agree", "Until", "Reaches"),
            [
                (
                    one["narrowing"],
                    one["visits"],
                    one["inmates"],
                    one["people_needed"],
                    wall(one["expires"], zone),
                    reaches(one),
                )
                for one in impact["alternatives"]
            ],
            empty="",
        )


def show_order(order: Mapping[str, Any], zone: ZoneInfo) -> None:
    """One order with everything that was said in it."""
    show_fields(
        [
            ("Order", f"{order['id']}, revision {order['rev']}"),
            ("State", order["state"]),
            ("Class", "emergency" if order["emergency"] else order["order_class"]),
            ("Reaches", reaches(order)),
            ("Protected types", ", ".join(order["protected"])),
            ("From", wall(order["not_before"], zone)),
            ("Until", wall(order["expires"], zone)),
            ("Calls that run have", order["grace_s"] and f"{order['grace_s']} s"),
            ("Reason", order["reason_code"]),
            ("Withheld from those concerned", order["withheld"]),
            ("Legal basis", order["legal_basis"]),
            ("Why nothing narrower", order["why_not_narrower"]),
            ("Text, ru", order["public_text"]["ru"]),
            ("Text, en", order["public_text"]["en"]),
            ("Issued", f"{wall(order['issued'], zone)} by {order['issuer']}"),
            ("Approved by", ", ".join(order["approvals"])),
            ("Review due", wall(order["review_due"], zone)),
            ("Review overdue", "yes" if order["review_overdue"] else None),
            ("Renews", order["renews"]),
            ("Renewed by", order["renewed_by"]),
            ("Lifting asked by", ", ".join(order["lift_asked_by"])),
            ("Lifted", wall(order.get("lifted_at"), zone)),
            ("Lifted by", order.get("lifted_by")),
            ("Visits cut", ", ".join(one["reference"] for one in order["visits_cut"])),
            ("Told", f"{order['notices_delivered']} of {order['notices']}"),
        ]
    )


def show_refused(refused: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> None:
    """The orders that were refused lately, if any."""
    if refused:
        show_table(
            ("Refused", "Code", "When", "Via", "Receipt"),
            [
                (
                    one["order"] or one["sha256"][:12],
                    one["code"],
                    wall(one["at"], zone),
                    one["via"],
                    one["receipt"],
                )
                for one in refused
            ],
            empty="",
        )


def reaches(order: Mapping[str, Any]) -> str:
    """Whom an order names, in the names that people use."""
    named = order.get("scope_labels") or order["scope"]
    return "; ".join(f"{name.replace('_', ' ')} {', '.join(ids)}" for name, ids in named.items())
