"""``parloir orders``: suspend, lift, list, show, impact.

Guarantees: nothing is suspended before its cost was shown and its number typed back, unless
``--yes`` says that somebody has read it elsewhere. Leaves to others: every decision (the relay).
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from operate import options
from operate.client import open_relay, segment
from operate.errors import InputError
from operate.instants import facility_zone, parse_instant, wall
from operate.printing import say, show_fields, show_json, show_table
from visit_protocol.vocabulary import VisitType

orders = typer.Typer(help="Suspend visits, and lift suspensions.")

_LISTED = ("inmate", "visitor", "contact", "terminal", "housing_unit")
_LOCAL_NAMES = ("housing_unit", "terminal")
OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")]


@orders.command()
def suspend(
    reason: Annotated[str, typer.Option("--reason", metavar="CODE", help="Reason code.")],
    basis: Annotated[str, typer.Option("--basis", help="The law, rule or decision behind it.")],
    text_ru: Annotated[str, typer.Option("--text-ru", help="What people read, in Russian.")],
    text_en: Annotated[str, typer.Option("--text-en", help="What people read, in English.")],
    expires: options.Expires,
    inmate: options.Inmates = None,
    visitor: options.Visitors = None,
    contact: options.Contacts = None,
    terminal: options.Terminals = None,
    housing_unit: options.HousingUnits = None,
    facility: options.Facilities = None,
    visit_type: options.VisitTypes = None,
    protect_type: options.ProtectTypes = None,
    not_before: options.NotBefore = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Suspend the visits of people, terminals, units or the facility; calls in scope stop."""
    if as_json and not yes:
        raise InputError("--json asks no questions; give --yes with it")
    scope = _scope(inmate, visitor, contact, terminal, housing_unit, facility, visit_type)
    words = {
        "reason_code": reason,
        "legal_basis": basis,
        "public_text": {"ru": text_ru, "en": text_en},
    }

    async def run() -> None:
        async with open_relay(data) as relay:
            me = await relay.get("me")
            _require_known(scope, await relay.get("directory"))
            terms = _terms(me, scope, protect_type, not_before, expires)
            impact = await relay.post("orders/impact", terms)
            if not yes:
                _show_impact(impact, facility_zone(me))
                _confirm(impact["visits"])
            order = await relay.post("orders", terms | words | {"confirm_visits": impact["visits"]})
            if as_json:
                show_json(order)
            else:
                until = wall(order["expires"], facility_zone(me))
                say(f"Order {order['id']} is {order['state']} until {until}; {_cost(impact)}.")

    asyncio.run(run())


@orders.command()
def impact(
    expires: options.Expires,
    inmate: options.Inmates = None,
    visitor: options.Visitors = None,
    contact: options.Contacts = None,
    terminal: options.Terminals = None,
    housing_unit: options.HousingUnits = None,
    facility: options.Facilities = None,
    visit_type: options.VisitTypes = None,
    protect_type: options.ProtectTypes = None,
    not_before: options.NotBefore = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Count what an order would stop, and give none."""
    scope = _scope(inmate, visitor, contact, terminal, housing_unit, facility, visit_type)

    async def run() -> None:
        async with open_relay(data) as relay:
            me = await relay.get("me")
            _require_known(scope, await relay.get("directory"))
            terms = _terms(me, scope, protect_type, not_before, expires)
            found = await relay.post("orders/impact", terms)
            if as_json:
                show_json(found)
            else:
                _show_impact(found, facility_zone(me))

    asyncio.run(run())


@orders.command()
def lift(
    order_id: OrderId,
    comment: Annotated[str, typer.Option("--comment", help="Why, for staff.")] = "",
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """End an order now; its visits become possible again."""

    async def run() -> None:
        async with open_relay(data) as relay:
            order = await relay.post(f"orders/{segment(order_id)}/lift", {"comment": comment})
            if as_json:
                show_json(order)
            else:
                say(f"Order {order['id']} is {order['state']}.")

    asyncio.run(run())


@orders.command("list")
def list_orders(data: options.Data = None, as_json: options.AsJson = False) -> None:
    """List all orders, those in force first."""

    async def run() -> None:
        async with open_relay(data) as relay:
            answer = await relay.get("orders")
            if as_json:
                show_json(answer)
                return
            zone = facility_zone(await relay.get("me"))
            rank = {"ACTIVE": 0, "PENDING": 1}
            found = sorted(answer["orders"], key=lambda one: rank.get(one["state"], 2))
            show_table(
                ("Order", "State", "From", "Until", "Reason", "Reaches", "Protected types"),
                [
                    (
                        one["id"],
                        one["state"],
                        wall(one["not_before"], zone),
                        wall(one["expires"], zone),
                        one["reason_code"],
                        _reaches(one),
                        ", ".join(one["protected"]),
                    )
                    for one in found
                ],
                empty="No orders: nothing is suspended.",
            )

    asyncio.run(run())


@orders.command()
def show(order_id: OrderId, data: options.Data = None, as_json: options.AsJson = False) -> None:
    """Show one order with everything that was said in it."""

    async def run() -> None:
        async with open_relay(data) as relay:
            order = await relay.get(f"orders/{segment(order_id)}")
            if as_json:
                show_json(order)
            else:
                _show_order(order, facility_zone(await relay.get("me")))

    asyncio.run(run())


def _scope(*ids: list[str] | None) -> dict[str, list[str]]:
    dimensions = (*_LISTED, "facility", "visit_type")
    scope = {name: named for name, named in zip(dimensions, ids, strict=True) if named}
    if not scope:
        raise InputError("say whom: --inmate, --visitor, --contact, --terminal, …")
    return scope


def _require_known(scope: Mapping[str, list[str]], directory: Mapping[str, Any]) -> None:
    """A slip of the finger must not make an order that reaches nobody."""
    known = {
        "facility": {directory["facility"]["id"]},
        "visit_type": set(VisitType),
        **{name: {one["id"] for one in directory[name + "s"]} for name in _LISTED},
    }
    for name, ids in scope.items():
        for one in ids:
            if one not in known[name]:
                raise InputError(f"--{name.replace('_', '-')} {one}: not known here")


def _terms(
    me: Mapping[str, Any],
    scope: dict[str, list[str]],
    protect_type: list[str] | None,
    not_before: str | None,
    expires: str,
) -> dict[str, Any]:
    """What the order would do, as the REST API takes it.

    A terminal's or a unit's id means something only inside a facility; here there is one.
    """
    now, zone = datetime.fromisoformat(me["now"]), facility_zone(me)
    if "facility" not in scope and any(name in scope for name in _LOCAL_NAMES):
        scope = scope | {"facility": [me["facility"]["id"]]}
    begins = None if not_before is None else parse_instant("--not-before", not_before, now, zone)
    return {
        "scope": scope,
        "protected": protect_type or [],
        "not_before": None if begins is None else begins.isoformat(),
        "expires": parse_instant("--expires", expires, begins or now, zone).isoformat(),
    }


def _confirm(visits: int) -> None:
    typed = typer.prompt("Type the number of visits to suspend them", prompt_suffix=": ")
    if typed.strip() != str(visits):
        raise InputError(f"the order reaches {visits} visits, not that; nothing was suspended")


def _cost(impact: Mapping[str, Any]) -> str:
    kept = impact["protected_kept"]
    spared = f", {kept} protected kept" if kept else ""
    return f"visits {impact['visits']}, of them live {impact['live']}{spared}"


def _show_impact(impact: Mapping[str, Any], zone: ZoneInfo) -> None:
    show_fields(
        [
            ("Visits", impact["visits"]),
            ("Live now", impact["live"]),
            ("Inmates", impact["inmates"]),
            ("Visitors", impact["visitors"]),
            ("Terminals", impact["terminals"]),
            ("Protected visits that go on", impact["protected_kept"]),
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


def _show_order(order: Mapping[str, Any], zone: ZoneInfo) -> None:
    show_fields(
        [
            ("Order", f"{order['id']}, revision {order['rev']}"),
            ("State", order["state"]),
            ("Reaches", _reaches(order)),
            ("Protected types", ", ".join(order["protected"])),
            ("From", wall(order["not_before"], zone)),
            ("Until", wall(order["expires"], zone)),
            ("Reason", order["reason_code"]),
            ("Legal basis", order["legal_basis"]),
            ("Text, ru", order["public_text"]["ru"]),
            ("Text, en", order["public_text"]["en"]),
            ("Issued", f"{wall(order['issued'], zone)} by {order['issuer']}"),
            ("Lifted", wall(order.get("lifted_at"), zone)),
            ("Lifted by", order.get("lifted_by")),
            ("Visits cut", ", ".join(one["reference"] for one in order["visits_cut"])),
        ]
    )


def _reaches(order: Mapping[str, Any]) -> str:
    named = order.get("scope_labels") or order["scope"]
    return "; ".join(f"{name.replace('_', ' ')} {', '.join(ids)}" for name, ids in named.items())
