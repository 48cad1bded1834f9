"""``parloir orders``: suspend, lift, list, show.

Guarantees: nothing is suspended before its cost was shown and its number typed back, unless
``--yes`` says that somebody has read it elsewhere. Leaves to others: every decision (the relay),
the single steps of an order (`order_steps`), orders as files (`order_files`).
"""

import asyncio
from typing import Annotated, Any

import typer

from operate import options
from operate.client import open_relay, segment
from operate.errors import EXIT, AnsweredNoError, InputError
from operate.instants import facility_zone, wall
from operate.order_options import Reach, Words, spread
from operate.order_words import Asker, confirm, cost, reaches, show_impact, show_order, show_refused
from operate.printing import say, show_json, show_table
from operate.secrets_asked import SecretsFile

orders = typer.Typer(help="Suspend visits, and lift suspensions.")

OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")]


@orders.command()
@spread
def suspend(
    words: Words,
    expires: options.Expires,
    reach: Reach,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    person: options.AsPerson = None,
    secrets: SecretsFile = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Suspend the visits of people, terminals, units or the facility; calls in scope stop.

    An order that takes two people is left as a draft for the second (exit status 40).
    """
    if as_json and not yes:
        raise InputError("--json asks no questions; give --yes with it")

    async def run() -> None:
        async with open_relay(data, person=person) as relay:
            me = await relay.get("me")
            draft = await relay.post("orders/drafts", reach.terms(me, expires) | words.body())
            path = f"orders/drafts/{draft['id']}"
            try:
                shown = await relay.post(f"{path}/impact", {})
                impact = shown["impact"]
                if not yes:
                    show_impact(impact, facility_zone(me))
                    confirm(impact["visits"])
            except (InputError, typer.Abort):
                await relay.post(f"{path}/withdraw", {})
                raise
            body = {"digest": shown["draft"]["digest"], "confirm_visits": impact["visits"]}
            asker = Asker(relay, person, secrets, may_ask=not as_json)
            order = await asker.signed(f"{path}/sign", body)
            if as_json:
                show_json(order)
            else:
                until = wall(order["expires"], facility_zone(me))
                say(f"Order {order['id']} is {order['state']} until {until}; {cost(impact)}.")

    asyncio.run(run())


@orders.command()
def lift(
    order_id: OrderId,
    comment: Annotated[str, typer.Option("--comment", help="Why, for staff.")] = "",
    person: options.AsPerson = None,
    secrets: SecretsFile = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """End an order now; its visits become possible again.

    One that took two people waits until the second lifts it too (exit status 40).
    """

    async def run() -> None:
        async with open_relay(data, person=person) as relay:
            asker = Asker(relay, person, secrets, may_ask=not as_json)
            order = await asker.signed(f"orders/{segment(order_id)}/lift", {"comment": comment})
            waits = order["lift_asked_by"] and order["state"] in ("ACTIVE", "PENDING")
            if as_json:
                show_json(order)
            elif waits:
                by = ", ".join(order["lift_asked_by"])
                say(f"Order {order['id']} is {order['state']}; {by} asked for the lift.")
            else:
                say(f"Order {order['id']} is {order['state']}.")
            if waits:
                raise AnsweredNoError("a second person must lift it too", EXIT["APPROVAL_MISSING"])

    asyncio.run(run())


@orders.command("list")
def list_orders(data: options.Data = None, as_json: options.AsJson = False) -> None:
    """List all orders, those in force first, and the drafts."""

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
                        reaches(one),
                        ", ".join(one["protected"]),
                    )
                    for one in found
                ],
                empty="No orders: nothing is suspended.",
            )
            for gap in answer["missing_numbers"]:
                numbers = "-".join(map(str, sorted({gap["first"], gap["last"]})))
                say(f"Missing of {gap['issuer']}: number {numbers}; nothing follows from it. Ask.")
            show_refused(answer["refused"], zone)

    asyncio.run(run())


@orders.command()
def show(order_id: OrderId, data: options.Data = None, as_json: options.AsJson = False) -> None:
    """Show one order with everything that was said in it."""

    async def run() -> None:
        async with open_relay(data) as relay:
            order: Any = await relay.get(f"orders/{segment(order_id)}")
            if as_json:
                show_json(order)
            else:
                show_order(order, facility_zone(await relay.get("me")))

    asyncio.run(run())
