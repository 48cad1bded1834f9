"""`scripts/run` after the installing: from the command line to the exit status.

Guarantees: every foreseeable failure is one line on standard error, with exit status 2 (bad input
or surroundings) or 1 (a program could not be kept alive, or did not end by itself); Ctrl-C,
SIGTERM and the end of ``--for`` end everything. Leaves to others: the parts, each in a module of
its own.
"""

import asyncio
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from operate import example
from operate.example import secret_file
from operate.example.secret_file import ExampleSecretsError
from operate.facility import console, ready_file
from operate.facility.arguments import Arguments, parse
from operate.facility.program import (
    GaveUpError,
    ProgramPlan,
    adopt_orphans,
    end_orphans,
    seconds_alive,
)
from operate.facility.readiness import LocalRelay
from operate.facility.settings import (
    BOARD_PORT,
    BRIDGE_FILE,
    CONTROL_SOCKET,
    RelaySettings,
    bridge_settings,
    kiosk_settings,
    relay_settings,
)
from operate.facility.supervisor import KioskPlan, Pids, Supervisor
from relay.store.errors import StoreError
from settings import ConfigError

LOCAL_SOCKET: Final = Path("run") / "relay.sock"


class SurroundingsError(Exception):
    """The facility cannot live here; the text is one line for the person at the terminal."""


def main(words: Sequence[str] | None = None) -> int:
    """The exit status of one run of the command line ``words``."""
    arguments = parse(sys.argv[1:] if words is None else words, os.environ)
    try:
        with ExitStack() as stack:
            if arguments.ready_file is not None:
                _require_writable(arguments.ready_file.parent)
            stack.enter_context(_data_folder(arguments.data))
            stack.enter_context(ready_file.absent_outside(arguments.ready_file))
            return _live(arguments)
    except GaveUpError as error:
        return _fail(1, str(error))
    except (
        SurroundingsError,
        ConfigError,
        StoreError,
        ExampleSecretsError,
    ) as error:
        return _fail(2, str(error))
    except OSError as error:
        return _fail(2, f"{error.filename or arguments.data}: {error.strerror}")


def _live(arguments: Arguments) -> int:
    data = arguments.data
    relay = relay_settings(data, arguments.port)
    with _listening(relay) as listener:
        if not example.exists(data):
            console.say(f"Making the example facility in {data}")
            _make_example(data)
        example.give_terminals_keys(data)
        visits = example.ensure_open_visits(data, arguments.kiosks)
        for visit in visits:
            key = example.terminal_key(data, visit.terminal)
            kiosk_settings(data, visit.terminal, relay, key=key, pin=visit.pin)
            bridge_settings(data, visit.terminal)
        adopt_orphans()
        try:
            clean = asyncio.run(_supervise(arguments, relay, visits, listener.fileno()))
        finally:
            killed = end_orphans()
    console.say(f"Stopped; {killed} left-over processes were killed." if killed else "Stopped.")
    return 0 if clean and not killed else 1


def _make_example(data: Path) -> None:
    try:
        example.create(data)
    except example.ExampleExistsError as error:
        raise SurroundingsError(
            f"{data} holds a facility that is not the example: serve it with parloir-relay, "
            "or choose another folder with --data"
        ) from error


async def _supervise(
    arguments: Arguments,
    relay: RelaySettings,
    visits: Sequence[example.OpenVisit],
    listener: int,
) -> bool:
    data = arguments.data
    staff = example.staff_accounts(data)
    signing = secret_file.load(data).signing
    page_shown = False

    def on_ready(pids: Pids) -> None:
        nonlocal page_shown
        ready = ready_file.describe(relay.base_url, data, visits, staff, pids)
        if arguments.ready_file is not None:
            ready_file.write(arguments.ready_file, ready)
        if not page_shown:
            console.say(
                console.page(
                    ready, visits, auto=arguments.auto, after_s=seconds_alive(), signing=signing
                )
            )
            page_shown = True

    until = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(each, until.set)
    if arguments.seconds is not None:
        loop.call_later(arguments.seconds, until.set)
    (data / "logs").mkdir(mode=0o700, exist_ok=True)
    supervisor = Supervisor(
        _relay_plan(data, relay, listener),
        [_kiosk_plan(arguments, visit.terminal) for visit in visits],
        LocalRelay(data / LOCAL_SOCKET),
        on_ready=on_ready,
        say=console.say,
    )
    return await supervisor.run(until)


def _relay_plan(data: Path, relay: RelaySettings, listener: int) -> ProgramPlan:
    command = [sys.executable, "-P", "-m", "relay", "--config", str(relay.file)]
    command += ["--listen-fd", str(listener)]
    return ProgramPlan("relay", tuple(command), data / "logs" / "relay.log", (listener,))


def _kiosk_plan(arguments: Arguments, terminal: str) -> KioskPlan:
    data = arguments.data
    folder = data / "kiosk" / terminal
    command = [sys.executable, "-P", "-m", "kiosk", "--config", str(folder / "kiosk.toml")]
    command += ["--headless"] if arguments.headless else []
    command += ["--auto"] if arguments.auto else []
    log = data / "logs" / f"kiosk-{terminal}.log"
    kiosk = ProgramPlan(f"kiosk {terminal}", tuple(command), log)
    return KioskPlan(terminal, kiosk, _board_plans(arguments, terminal, folder))


def _board_plans(
    arguments: Arguments, terminal: str, folder: Path
) -> tuple[ProgramPlan, ProgramPlan]:
    """A simulated board, its handset lifted where nobody is there to do it, and the bridge."""
    module = (sys.executable, "-P", "-m", "firmware_bridge")
    board = [*module, "simulate", "--port", str(folder / BOARD_PORT)]
    board += ["--control", str(folder / CONTROL_SOCKET)]
    board += ["--lifted"] if arguments.auto else []
    bridge = (*module, "run", "--config", str(folder / BRIDGE_FILE))
    logs = arguments.data / "logs"
    return (
        ProgramPlan(f"board {terminal}", tuple(board), logs / f"board-{terminal}.log"),
        ProgramPlan(f"bridge {terminal}", bridge, logs / f"bridge-{terminal}.log"),
    )


@contextmanager
def _data_folder(data: Path) -> Iterator[None]:
    """Hold ``data`` for this run alone; it is made when it is not there.

    Raises:
        SurroundingsError: it cannot be made or written, or another run holds it.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SurroundingsError(f"cannot make the data folder {data}: {error.strerror}") from error
    _require_writable(data)
    folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(folder, data)
        yield
    finally:
        os.close(folder)


def _require_writable(folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        what = "cannot be written" if folder.is_dir() else "is not there"
        raise SurroundingsError(f"the folder {folder} {what}")


def _lock(folder: int, data: Path) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SurroundingsError(
            f"another scripts/run lives in {data}: stop it, or choose another folder with --data"
        ) from error


@contextmanager
def _listening(relay: RelaySettings) -> Iterator[socket.socket]:
    """The relay's TCP socket. It stays open between two relays, so that clients wait, not fail.

    Raises:
        SurroundingsError: somebody else has the port.
    """
    family = socket.AF_INET6 if ":" in relay.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((relay.host, relay.port))
        except OSError as error:
            raise SurroundingsError(
                f"port {relay.port} of {relay.host} cannot be had ({error.strerror}): "
                "choose another with --port"
            ) from error
        listener.listen()
        yield listener


def _fail(status: int, line: str) -> int:
    print(f"scripts/run: {line}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
