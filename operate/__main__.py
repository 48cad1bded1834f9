"""The `parloir` command.

Guarantees: success exits 0; any failure exits non-zero with exactly one line on standard error,
never a traceback. Leaves to others: the commands themselves, a module each.
"""

import os
import sys
from collections.abc import Sequence

import typer

from operate import order_files, order_notices, order_reports, order_steps
from operate.audit import audit
from operate.beginning import init
from operate.bench.command import bench
from operate.errors import OperateError
from operate.importing import importing
from operate.keys import keys
from operate.orders import orders
from operate.printing import fail
from operate.recordings import recordings
from operate.simulate.command import simulate
from operate.terminals import terminals
from operate.visits import visits
from relay.store.errors import StoreError
from settings import ConfigError

app = typer.Typer(
    name="parloir",
    help="Run a facility's video visits from the command line.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(init)
app.add_typer(orders, name="orders")
order_steps.add_to(orders)
order_notices.add_to(orders)
order_reports.add_to(orders)
orders.command("verify")(order_files.verify)
orders.command("import")(order_files.import_files)
app.add_typer(keys, name="keys")
app.add_typer(visits, name="visits")
app.add_typer(terminals, name="terminals")
app.add_typer(recordings, name="recordings")
app.add_typer(importing, name="import")
app.add_typer(audit, name="audit")
app.add_typer(bench, name="bench")
app.add_typer(simulate, name="simulate")


def main() -> None:
    """Run the command line of this process and leave it."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status."""
    try:
        status = app(
            _data_last(arguments) or ["--help"], prog_name="parloir", standalone_mode=False
        )
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
