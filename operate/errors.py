"""Errors of the `parloir` command: each is one line for the person who typed it.

::

    OperateError                 exit status 1
    ├── InputError               what was typed or read cannot be used
    ├── DataFolderError          no data folder, or not one of a relay
    ├── RelayUnreachableError    a relay is there and does not answer
    └── RelayRefusedError        the relay said no, and why
"""

from collections.abc import Mapping
from typing import Any


class OperateError(Exception):
    """A command could not do what was asked; the text is one line and says why."""


class InputError(OperateError):
    """What was typed, or a file that was named, cannot be used."""


class DataFolderError(OperateError):
    """The data folder is missing or belongs to nothing that we know."""


class RelayUnreachableError(OperateError):
    """A relay owns the data folder and does not answer."""


class RelayRefusedError(OperateError):
    """The relay refused; ``code`` is stable, ``details`` is the whole body of its answer."""

    def __init__(self, status: int, details: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(details.get("code", f"HTTP_{status}"))
        self.details = details
        super().__init__(_line(self.code, details))


def _line(code: str, details: Mapping[str, Any]) -> str:
    said = str(details.get("message") or "the relay refused")
    field = details.get("field")
    where = f"{field}: " if field and not said.startswith(f"{field}:") else ""
    reasons = [one["code"] for one in details.get("refusals", ()) if "code" in one]
    why = f" ({', '.join(reasons)})" if reasons else ""
    return f"{where}{said}{why} [{code}]"
