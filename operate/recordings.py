"""``parloir recordings``: what was recorded, and copies of it for whoever may have them.

Guarantees: a copy appears under its name only when it is whole, is readable by its owner alone,
and never replaces a file. Leaves to others: who may export (the relay lets only its local
operator), and the journal's entry about it.
"""

import asyncio
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import typer
from rich.console import Console
from rich.progress import track

from operate import options
from operate.client import open_relay, segment
from operate.errors import InputError
from operate.instants import facility_zone, wall
from operate.printing import say, show_json, show_table

recordings = typer.Typer(help="List recordings, and export them.")

_FINISHED: Final = ("COMPLETE", "SALVAGED")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.-]")


@recordings.command("list")
def list_recordings(data: options.Data = None, as_json: options.AsJson = False) -> None:
    """List every recording."""

    async def run() -> None:
        async with open_relay(data) as relay:
            answer = await relay.get("recordings")
            if as_json:
                show_json(answer)
                return
            zone = facility_zone(await relay.get("me"))
            show_table(
                ("Visit", "Party", "Segment", "State", "Started", "Length", "Size"),
                [
                    (
                        one["reference"],
                        one["party"],
                        one["segment"],
                        one["state"],
                        wall(one["started"], zone),
                        _length(one["duration_s"]),
                        f"{(one['size'] or 0) / 2**20:.1f} MiB",
                    )
                    for one in answer["recordings"]
                ],
                empty="No recordings.",
            )

    asyncio.run(run())


@recordings.command()
def export(
    visit: Annotated[str, typer.Argument(metavar="VISIT", help="Its reference or id.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")],
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Copy a visit's recordings out, as WebM files or, with H.264 pictures, as Matroska."""

    async def run() -> None:
        async with open_relay(data) as relay:
            known = (await relay.get("recordings"))["recordings"]
            wanted = [one for one in known if visit in (one["visit"], one["reference"])]
            ready = [one for one in wanted if one["state"] in _FINISHED]
            if not ready:
                raise InputError(_why_nothing(visit, wanted))
            written = []
            for one in _with_progress(ready):
                source = f"recordings/{segment(one['visit'])}/{one['party']}/{one['segment']}"
                target = out / _file_name(one)
                with _whole_file(target) as file:
                    size = await relay.download(source, file)
                written.append({"file": str(target), "size": size, "state": one["state"]})
            if as_json:
                show_json({"exported": written})
            else:
                for entry in written:
                    say(str(entry["file"]))

    asyncio.run(run())


def _with_progress(ready: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """The same recordings, with a bar for whoever watches, and nothing for a script."""
    console = Console(stderr=True)
    bar = track(ready, "Exporting", console=console, transient=True)
    return bar if console.is_terminal else ready


@contextmanager
def _whole_file(target: Path) -> Iterator[BinaryIO]:
    """A file that appears at ``target`` when the block ends well, and not at all otherwise.

    Raises:
        InputError: something is there already.
        OSError: it cannot be written.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if target.exists():
        raise InputError(f"{target}: exists already; nothing was replaced")
    part = target.with_name(f".{target.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _why_nothing(visit: str, wanted: list[dict[str, Any]]) -> str:
    if not wanted:
        return f"visit {visit!r} has no recordings"
    return f"visit {visit!r} has no finished recording yet ({wanted[0]['state']})"


def _file_name(recording: Mapping[str, Any]) -> str:
    """A name that stays inside its folder whatever the relay says."""
    parts = (recording["reference"], recording["party"].lower(), recording["segment"])
    name = "-".join(_UNSAFE.sub("_", str(part)).lstrip(".") for part in parts)
    return f"{name}.{'mkv' if recording['container'] == 'mkv' else 'webm'}"


def _length(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
