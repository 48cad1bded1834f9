"""``parloir orders notices|told``: whom no screen has told yet, and that somebody phoned them.

Guarantees: a reason that is withheld is not printed for whoever phones either. Leaves to others:
keeping who was told, when and by whom (the relay).
"""

import asyncio
from typing import Annotated, Any

import typer

from operate import options
from operate.client import open_relay, segment
from operate.instants import facility_zone, wall
from operate.printing import say, show_json, show_table


def add_to(orders: typer.Typer) -> None:
    """Put these commands beside the others of ``parloir orders``."""
    orders.command("notices")(notices)
    orders.command("told")(told)


def notices(
    order_id: Annotated[
        str | None,
        typer.Argument(metavar="[ORDER]", help="Everybody of this order, also the told."),
    ] = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """List those whom no screen has told that their visit is off, of all orders: phone them."""

    async def run() -> None:
        async with open_relay(data) as relay:
            found: list[dict[str, Any]] = (
                (await relay.get("orders/notices"))["notices"]
                if order_id is None
                else await relay.get(f"orders/{segment(order_id)}/notices")
            )
            if as_json:
                show_json({"notices": found})
                return
            zone = facility_zone(await relay.get("me"))
            show_table(
                ("Notice", "Visit", "Starts", "Tell", "As", "Order", "Until", "Reason", "Told"),
                [
                    (
                        one["id"],
                        one["reference"],
                        wall(one["starts"], zone),
                        one["name"],
                        one["recipient"],
                        one["order"],
                        wall(one["until"], zone),
                        one["reason_code"],
                        one["via"] and f"{one['via']} {wall(one['delivered'], zone)}",
                    )
                    for one in found
                ],
                empty="Nobody is left to be told.",
            )

    asyncio.run(run())


def told(
    notice: Annotated[
        list[int], typer.Argument(metavar="NOTICE…", help="Of parloir orders notices.")
    ],
    person: options.AsPerson = None,
    data: options.Data = None,
) -> None:
    """Note that you have told these people."""

    async def run() -> None:
        async with open_relay(data, person=person) as relay:
            for one in notice:
                await relay.post(f"orders/notices/{one}/delivered", {})
                say(f"Notice {one} was told.")

    asyncio.run(run())
