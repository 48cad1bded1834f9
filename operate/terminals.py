"""``parloir terminals``: which kiosk is which terminal, and how they are."""

import asyncio
from typing import Annotated

import typer

from operate import options
from operate.client import open_relay, segment
from operate.printing import say, show_json

terminals = typer.Typer(help="Enrol terminals, look at them and look after them.")

TERMINAL = typer.Argument(metavar="TERMINAL", help="Its id, e.g. T-01.")
Terminal = Annotated[str, TERMINAL]


@terminals.command()
def enrol(
    code: Annotated[str, typer.Argument(metavar="CODE", help="What the kiosk's screen shows.")],
    terminal: Annotated[
        str, typer.Option("--terminal", metavar="TERMINAL", help="Which one it is, e.g. T-01.")
    ],
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Make the kiosk that shows CODE this terminal."""

    async def run() -> None:
        async with open_relay(data) as relay:
            answer = await relay.post(f"terminals/{segment(terminal)}/enrol", {"code": code})
            if as_json:
                show_json(answer)
            else:
                say(f"{terminal} is enrolled; its key is {answer['fingerprint']}.")

    asyncio.run(run())


@terminals.command()
def revoke(
    terminal: Terminal,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")],
    data: options.Data = None,
) -> None:
    """Let the terminal's kiosk in no more; it shows a new code."""

    async def run() -> None:
        async with open_relay(data) as relay:
            await relay.post(f"terminals/{segment(terminal)}/revoke", {"reason": reason})
            say(f"The kiosk of {terminal} is let in no more.")

    asyncio.run(run())
