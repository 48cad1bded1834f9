"""``parloir init``: a data folder to begin with."""

from pathlib import Path
from typing import Annotated

import typer

from operate.errors import InputError
from operate.example import ExampleExistsError, create
from operate.printing import say


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    example: Annotated[
        bool, typer.Option("--example", help="With an example facility to try things on.")
    ] = False,
) -> None:
    """Make a data folder."""
    if not example:
        raise InputError("init makes the example facility only; say --example")
    try:
        create(folder)
    except ExampleExistsError as error:
        raise InputError(str(error)) from error
    say(f"The example facility is in {folder}; its passwords and PINs in secrets/example.json.")
