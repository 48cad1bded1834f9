"""``parloir visits``: the list of visits, and a new link when a family has lost theirs."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from operate import options
from operate.client import Relay, open_relay, segment
from operate.instants import facility_zone, parse_instant, wall
from operate.printing import say, show_json, show_table

visits = typer.Typer(help="List visits, and make new links.")

From = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="Begin; today if left out.")
]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help="End; today if left out.")]

_BOOKED_AHEAD: Final = "+62d"
"""How far ahead a visit is looked up by its reference."""


@visits.command("list")
def list_visits(
    begins: From = None,
    ends: To = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """List the visits of today, or of the time between --from and --to."""

    async def run() -> None:
        async with open_relay(data) as relay:
            answer = await _listed(relay, begins, ends)
            if as_json:
                show_json(answer)
                return
            zone = facility_zone(await relay.get("me"))
            show_table(
                ("Visit", "Starts", "Ends", "Type", "Inmate", "Terminal", "State", "Reason"),
                [
                    (
                        one["reference"],
                        wall(one["starts"], zone),
                        wall(one["ends"], zone),
                        one["visit_type"],
                        one["inmate"]["name"],
                        one["terminal"]["label"],
                        one["state"],
                        _reason(one),
                    )
                    for one in answer["visits"]
                ],
                empty="No visits.",
            )

    asyncio.run(run())


@visits.command()
def link(
    visit: Annotated[str, typer.Argument(metavar="VISIT", help="Its reference or id.")],
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Make a new link for the visitor; the old one stops working."""

    async def run() -> None:
        async with open_relay(data) as relay:
            known = (await _listed(relay, "+0m", _BOOKED_AHEAD))["visits"]
            ids = {one["reference"]: one["id"] for one in known}
            answer = await relay.post(f"visits/{segment(ids.get(visit, visit))}/link", {})
            if as_json:
                show_json(answer)
            else:
                say(answer["link"])

    asyncio.run(run())


async def _listed(relay: Relay, begins: str | None, ends: str | None) -> Any:
    me = await relay.get("me")
    now, zone = datetime.fromisoformat(me["now"]), facility_zone(me)
    window = {
        name: parse_instant(f"--{name}", text, now, zone).isoformat()
        for name, text in (("from", begins), ("to", ends))
        if text is not None
    }
    return await relay.get("visits", window)


def _reason(visit: Mapping[str, Any]) -> str:
    return visit["outcome"] or ", ".join(one["code"] for one in visit["refusals"])
