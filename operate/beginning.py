"""``parloir init``: a data folder to begin with."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from operate import founding, options
from operate.errors import InputError
from operate.example import ExampleExistsError, create
from operate.printing import say, show_json
from relay.service.staff import Actor


def init(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="The folder to make; or say --data.")
    ] = None,
    data: options.Data = None,
    facility: Annotated[
        Path | None,
        typer.Option("--facility", metavar="FILE.toml", help="A description of your facility."),
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="With an example facility to try things on.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Make a data folder."""
    folder = folder or data
    if folder is None:
        raise InputError("name the folder to make: parloir init DIR")
    if (facility is None) != example:
        raise InputError("say either --facility FILE.toml (see config/) or --example")
    if facility is None:
        try:
            create(folder)
        except ExampleExistsError as error:
            raise InputError(str(error)) from error
        told = folder / "secrets" / "example.json"
    else:
        told = founding.found(folder, founding.read(facility), Actor.local(getpass.getuser()))
    if as_json:
        show_json({"data_dir": str(folder), "secrets": str(told)})
    else:
        say(f"The facility is in {folder}; the first passwords in {told}.")
