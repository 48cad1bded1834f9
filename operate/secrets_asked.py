"""People's secrets, typed or read from a file; never an argument, which others could see.

Guarantees: what is typed is not shown; a new one is typed twice. Leaves to others: whether it is
right, and how long it must be (`relay.store.key_files`).
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from operate.errors import InputError

SecretsFile = Annotated[
    Path | None,
    typer.Option(
        "--secrets", metavar="FILE.json", help="Secrets by person, in place of typing them."
    ),
]


def ask(people: Iterable[str], file: Path | None, *, new: bool = False) -> dict[str, str]:
    """The secret of each of ``people``.

    Raises:
        InputError: the file cannot be read, or leaves somebody out.
    """
    wanted = list(dict.fromkeys(people))
    if file is None:
        return {
            person: typer.prompt(
                f"Secret of {person}", hide_input=True, confirmation_prompt=new, err=True
            )
            for person in wanted
        }
    told = _read(file)
    missing = [person for person in wanted if person not in told]
    if missing:
        raise InputError(f"{file} has no secret of {', '.join(missing)}")
    return {person: told[person] for person in wanted}


def _read(file: Path) -> Mapping[str, str]:
    try:
        told = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{file}: not JSON") from error
    if isinstance(told, dict) and isinstance(told.get("signing"), dict):
        told = told["signing"]  # an example facility's secrets/example.json
    if not isinstance(told, dict) or not all(isinstance(one, str) for one in told.values()):
        raise InputError(f"{file}: not an object of secrets by person")
    return told
