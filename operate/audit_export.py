"""A copy of the audit log that can be checked without the facility (``docs/evidence.md``).

Guarantees: the folder appears under its name only when everything in it is on the disk; nothing is
ever replaced; a log that is broken is copied as it is. Leaves to others: the entry about the export
(the relay makes it), and the verdict (`evidence.verification`).
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from evidence.canonical import canonical, parse
from evidence.entry import Entry, parse_entry
from evidence.errors import EvidenceError, MalformedError, NotCanonicalError
from evidence.verification import Recorded
from operate.errors import InputError
from relay.store.audit import AuditKeys, Checkpoints
from relay.store.audit_pass import entry_of
from relay.store.sqlite import Database

ENTRIES: Final = "entries.jsonl"
CHECKPOINTS: Final = "checkpoints.jsonl"
LATEST: Final = "checkpoint.txt"
KEYS: Final = "keys.txt"
README: Final = "README.md"
SUMS: Final = "SHA256SUMS"

_PIECE: Final = 1000
_READ: Final = 1 << 20
_LONGEST_LINE: Final = 1 << 20

_HOW: Final = """\
# Audit log of {origin}

{size} entries, of which the checkpoint in `checkpoint.txt` vouches for {covered}.

| file | what |
|---|---|
| `entries.jsonl` | the entries, one a line, each as the very bytes that are hashed |
| `checkpoints.jsonl` | every signed checkpoint, with its number |
| `checkpoint.txt` | the latest checkpoint by itself: keep it apart from this folder |
| `keys.txt` | the keys that sign, as C2SP verifier keys |
| `SHA256SUMS` | hashes of these files |

## To verify

1. `sha256sum -c SHA256SUMS`: the files are those that were written.
2. Compare the key in `keys.txt` with the one that the facility gave you before
   (`parloir audit key`). A key that came with the log proves nothing by itself.
3. `parloir audit verify --export THIS_FOLDER --key KEY`, on any machine: entries, tree and
   signatures. With `--against FILE` also that the log continues the one that an earlier
   `checkpoint.txt` was signed over.

Without parloir: the leaf of an entry is SHA-256 over a zero byte and the entry's line without its
newline; the tree is that of RFC 6962, section 2.1; a checkpoint is a signed note (C2SP signed-note
and tlog-checkpoint, Ed25519) whose third line is the root over the first so many entries, in
base 64.
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    folder: Path
    entries: int
    checkpoints: int


def write_export(
    db: Database, folder: Path, origin: str, size: int, tell: Callable[[int], None]
) -> Exported:
    """Copy entries 1 to ``size`` and their checkpoints into ``folder``, which must not exist.

    Raises:
        InputError: it exists.
        OSError: it cannot be written.
    """
    if folder.exists():
        raise InputError(f"{folder}: exists already; nothing was replaced")
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    try:
        entries = _write(part / ENTRIES, _entry_lines(db, size, tell))
        notes = [(one.number, one.size, one.note) for one in _checkpoints(db, size)]
        lines = (canonical({"number": number, "note": note}) for number, _, note in notes)
        _write(part / CHECKPOINTS, lines)
        _write(part / KEYS, (key.encode() for key in AuditKeys(db).all()))
        latest, covered = (notes[-1][2], notes[-1][1]) if notes else ("", 0)
        _write(part / LATEST, [latest.removesuffix("\n").encode()] if latest else [])
        how = _HOW.format(origin=origin, size=entries, covered=covered)
        _write(part / README, [how.removesuffix("\n").encode()])
        sums = [f"{_hash(part / name)}  {name}" for name in _FILES]
        _write(part / SUMS, (line.encode() for line in sums))
        _sync(part)
        part.rename(folder)
        _sync(folder.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return Exported(folder, entries, len(notes))


_FILES: Final = (ENTRIES, CHECKPOINTS, LATEST, KEYS, README)


def altered_files(folder: Path) -> list[str]:
    """The files of an export that are not those that were written, or are gone.

    Raises:
        InputError: the folder is no export.
        OSError: a file cannot be read.
    """
    sums = folder / SUMS
    if not sums.is_file():
        raise InputError(f"{folder}: is no export of an audit log (no {SUMS} in it)")
    known = {}
    for line in sums.read_text("utf-8", "replace").splitlines():
        value, _, name = line.partition("  ")
        known[name] = value
    return [
        name
        for name in _FILES
        if not (folder / name).is_file() or _hash(folder / name) != known.get(name)
    ]


def read_keys(folder: Path) -> list[str]:
    """The verifier keys of an export, as text; none when the file is gone."""
    file = folder / KEYS
    return file.read_text("utf-8", "replace").split("\n")[:-1] if file.is_file() else []


def read_checkpoints(folder: Path) -> Iterator[tuple[int, str]]:
    """The checkpoints of an export; a line that is none comes as a note that is none."""
    number = 0
    for line in _lines(folder / CHECKPOINTS):
        number += 1
        note = ""
        try:
            value = parse(line)
            number, note = int(value["number"]), str(value["note"])
        except (EvidenceError, KeyError, TypeError, ValueError):
            note = ""
        yield number, note


def read_entries(folder: Path) -> Iterator[Recorded]:
    """The entries of an export; a line that is none comes as an entry that cannot be read."""
    seq = 0
    for line in _lines(folder / ENTRIES):
        seq += 1
        entry: Entry | None = None
        try:
            entry = parse_entry(line)
            seq = entry.seq
        except MalformedError:
            entry = None
        yield Recorded(seq, entry)


def _entry_lines(db: Database, size: int, tell: Callable[[int], None]) -> Iterator[bytes]:
    seq = 0
    while rows := list(
        db.query(
            "SELECT * FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
            [seq, size, _PIECE],
        )
    ):
        for row in rows:
            yield _line(row)
        seq = rows[-1]["seq"]
        tell(seq)


def _line(row: dict[str, Any]) -> bytes:
    entry = entry_of(row)
    with contextlib.suppress(NotCanonicalError):
        if entry is not None:
            return entry.encoded()
    # No entry of ours; what stands there is evidence all the same.
    return ascii({name: str(value) for name, value in row.items()}).encode()


def _checkpoints(db: Database, size: int) -> Iterator[Any]:
    number = 0
    while found := Checkpoints(db).after(number, _PIECE):
        for one in found:
            if one.size <= size:
                yield one
        number = found[-1].number


def _lines(file: Path) -> Iterator[bytes]:
    if not file.is_file():
        return
    with file.open("rb") as lines:
        while line := lines.readline(_LONGEST_LINE):
            yield line.removesuffix(b"\n")


def _write(file: Path, lines: Iterable[bytes]) -> int:
    count = 0
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as out:
        for line in lines:
            out.write(line + b"\n")
            count += 1
        out.flush()
        os.fsync(out.fileno())
    return count


def _hash(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        _feed(content, digest.update)
    return digest.hexdigest()


def _feed(content: BinaryIO, take: Callable[[bytes], None]) -> None:
    while chunk := content.read(_READ):
        take(chunk)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
