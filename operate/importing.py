"""``parloir import``: people, contacts and visits from CSV files, whole or not at all."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from operate import options
from operate.client import open_relay
from operate.errors import InputError, RelayRefusedError
from operate.printing import say, show_json, show_table

importing = typer.Typer(help="Take in CSV files; a file with a wrong row changes nothing.")

CsvFile = Annotated[Path, typer.Argument(metavar="FILE.csv", help="UTF-8, comma or semicolon.")]


@importing.command()
def people(file: CsvFile, data: options.Data = None, as_json: options.AsJson = False) -> None:
    """Take in inmates and visitors."""
    _import("people", file, data, as_json=as_json)


@importing.command()
def contacts(file: CsvFile, data: options.Data = None, as_json: options.AsJson = False) -> None:
    """Take in approved contacts between inmates and visitors."""
    _import("contacts", file, data, as_json=as_json)


@importing.command()
def visits(file: CsvFile, data: options.Data = None, as_json: options.AsJson = False) -> None:
    """Take in bookings."""
    _import("visits", file, data, as_json=as_json)


def _import(kind: str, file: Path, data: Path | None, *, as_json: bool) -> None:
    content = file.read_bytes()

    async def run() -> Any:
        async with open_relay(data) as relay:
            return await relay.post_csv(f"import/{kind}", content)

    try:
        answer = asyncio.run(run())
    except RelayRefusedError as refusal:
        if refusal.code != "ROWS_REJECTED":
            raise
        rejected = refusal.details["rejected"]
        _show_rejected(rejected, as_json=as_json)
        faults = f"{len(rejected)} {'fault' if len(rejected) == 1 else 'faults'}"
        raise InputError(f"{file}: {faults} found; nothing was imported") from refusal
    if as_json:
        show_json(answer)
    else:
        say(f"Imported: {answer['imported']} {kind}.")


def _show_rejected(rejected: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        show_json({"rejected": rejected})
        return
    show_table(
        ("Line", "Field", "Reason", "Code"),
        [(one["line"], one["field"], one["message"], one["code"]) for one in rejected],
        empty="",
    )
