"""The `parloir` command.

Guarantees: success exits 0; any failure exits non-zero with exactly one line on standard error,
never a traceback. Leaves to others: the commands themselves, a module each.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import typer

from operate.errors import OperateError
from operate.printing import fail
from relay.store.errors import StoreError
from settings import ConfigError

COMMANDS: Final = {
    "init": ("operate.beginning", "init"),
    "orders": ("operate.order_commands", "orders"),
    "keys": ("operate.keys", "keys"),
    "visits": ("operate.visits", "visits"),
    "terminals": ("operate.terminals", "terminals"),
    "recordings": ("operate.recordings", "recordings"),
    "import": ("operate.importing", "importing"),
    "audit": ("operate.audit", "audit"),
    "bench": ("operate.bench.command", "bench"),
    "simulate": ("operate.simulate.command", "simulate"),
}
"""Name → the module of the command or group, and what it is called there."""


def main() -> None:
    """Run the command line of this process and leave it."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status."""
    try:
        words = _data_last(arguments) or ["--help"]
        status = _app(words[0])(words, prog_name="parloir", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        fail(f"{error.format_message()} (parloir --help says more)")
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt, EOFError):
        fail("stopped")
        return 130
    except BrokenPipeError:
        _close_broken_pipe()
        return 1
    except OperateError as error:
        fail(str(error))
        return error.exit_status
    except (ConfigError, StoreError) as error:
        fail(str(error))
        return 1
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return 1
    except Exception as error:
        # Whatever it is, the person at the prompt gets a line they can report, not a traceback.
        fail(f"failed in a way that nobody foresaw: {type(error).__name__}: {error}")
        return 70  # EX_SOFTWARE (sysexits.h)
    return status if isinstance(status, int) else 0


def _app(first: str) -> typer.Typer:
    """The command ``first`` alone, which loads in half the time of all; or all, when there is none
    of that name.
    """
    app = typer.Typer(
        name="parloir",
        help="Run a facility's video visits from the command line.",
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(lambda: None)  # however few, they are commands of a group
    for name in [first] if first in COMMANDS else COMMANDS:
        module, attribute = COMMANDS[name]
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def _data_last(arguments: Sequence[str]) -> list[str]:
    """``--data DIR`` before the command means the same as after it."""
    if arguments and arguments[0] == "--data":
        return [*arguments[2:], *arguments[:2]]
    if arguments and arguments[0].startswith("--data="):
        return [*arguments[1:], arguments[0]]
    return list(arguments)


def _close_broken_pipe() -> None:
    """Whoever read the output has left (``parloir … | head``); what is buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
