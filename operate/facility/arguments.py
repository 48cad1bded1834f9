"""What can be typed after `scripts/run`.

Guarantees: bad input is answered with one clear line, the usage, and exit status 2; nothing here
needs more than the standard library, so that a bare machine can check the line before it installs
anything (``python3 -m operate.facility.arguments …``). Leaves to others: whether a port is free
and a folder can be written.
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

DEFAULT_PORT: Final = 8080
DEFAULT_DATA: Final = Path(__file__).resolve().parents[2] / "data"
MAX_KIOSKS: Final = 4
"""The example facility has that many terminals."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """A valid command line."""

    headless: bool
    auto: bool
    kiosks: int
    seconds: float | None
    """How long to live, from the start; None means until it is told to stop."""
    port: int | None
    """None: as the data folder's relay.toml says, or `DEFAULT_PORT`."""
    data: Path
    ready_file: Path | None


class _Parser(argparse.ArgumentParser):
    """Says what is wrong first, in one line, and the usage after it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"scripts/run: {message}\n{self.format_usage()}")


def parse(words: Sequence[str], environment: Mapping[str, str]) -> Arguments:
    """The command line that ``words`` hold; ``environment`` tells whether there is a display.

    Raises:
        SystemExit: 2 for bad input, 0 after ``--help``.
    """
    parser = _build()
    found = parser.parse_args(words)
    display = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    if found.kiosks and not found.headless and not display:
        parser.error("there is no display for the kiosks' windows: add --headless")
    return Arguments(
        headless=found.headless,
        auto=found.auto,
        kiosks=found.kiosks,
        seconds=found.seconds,
        port=found.port,
        data=found.data.absolute(),
        ready_file=found.ready_file.absolute() if found.ready_file else None,
    )


def _build() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="scripts/run",
        description="Makes a facility live on this machine: relay, kiosks, open visits.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--headless", action="store_true", help="kiosks without a window (Qt offscreen)"
    )
    parser.add_argument(
        "--auto", action="store_true", help="the kiosks act the inmates' part by themselves"
    )
    parser.add_argument(
        "--kiosks",
        type=_kiosks,
        default=2,
        metavar="N",
        help=f"how many kiosks, one a visit, 0 to {MAX_KIOSKS} (default 2)",
    )
    parser.add_argument(
        "--for",
        dest="seconds",
        type=_seconds,
        metavar="SECONDS",
        help="stop by itself after that long",
    )
    parser.add_argument(
        "--port",
        type=_port,
        metavar="N",
        help=f"the relay's TCP port (default {DEFAULT_PORT}, or what relay.toml says)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=DEFAULT_DATA,
        metavar="DIR",
        help="data folder, made on the first run (default: data in the project's folder)",
    )
    parser.add_argument(
        "--ready-file",
        type=Path,
        metavar="FILE",
        help="written as JSON once the open visits can be joined",
    )
    return parser


def _kiosks(word: str) -> int:
    return _whole(word, 0, MAX_KIOSKS)


def _port(word: str) -> int:
    return _whole(word, 1, 65535)


def _whole(word: str, least: int, most: int) -> int:
    if word.isascii() and word.isdigit() and least <= int(word) <= most:
        return int(word)
    raise argparse.ArgumentTypeError(f"{word!r} is not a whole number from {least} to {most}")


def _seconds(word: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        seconds = 0.0
    if 0 < seconds < float("inf"):
        return seconds
    raise argparse.ArgumentTypeError(f"{word!r} is not a number of seconds above 0")


if __name__ == "__main__":
    import sys

    parse(sys.argv[1:], os.environ)
