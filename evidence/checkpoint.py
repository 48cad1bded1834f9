"""`Checkpoint`: what a log was at one moment, in a note that its keeper signs.

The note's text (C2SP tlog-checkpoint) has four lines::

    <origin>            which log
    <size>              how many entries, decimal
    <root>              the tree's root, base64
    at <instant>        when it was signed, UTC

Guarantees: a checkpoint has one text. `parse_checkpoint` takes further lines (the specification
lets a log add them) and keeps them. Leaves to others: signatures (`evidence.note`), and whether the
root is true (`evidence.verification`).
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from evidence.entry import parse_instant, write_instant
from evidence.errors import MalformedError
from evidence.note import Note, Signer, VerifierKey, parse_note
from evidence.tree import HASH_BYTES

_AT: Final = "at "
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first ``size`` entries of the log ``origin`` have the root ``root``."""

    origin: str
    size: int
    root: bytes
    at: datetime | None
    """When it was signed, as the signer says; a log of another make may not say."""
    more: tuple[str, ...] = ()
    """Further lines, of which this version knows nothing."""

    def text(self) -> str:
        """The text that is signed."""
        at = () if self.at is None else (_AT + write_instant(self.at),)
        root = base64.b64encode(self.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, *at, *self.more))


def origin_of(facility: str) -> str:
    """The name of a facility's audit log, and of the key that signs it."""
    return f"parloir/{facility}/audit"


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """The checkpoint as a signed note."""
    return signer.sign(checkpoint.text())


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that a note's text says.

    Raises:
        MalformedError: it says none.
    """
    origin, size, root, *more = [*text.removesuffix("\n").split("\n"), "", ""]
    more = more[:-2]
    if not origin or _SIZE.fullmatch(size) is None or "" in more:
        raise MalformedError("not the text of a checkpoint")
    try:
        value = base64.b64decode(root.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        value = b""
    if len(value) != HASH_BYTES or base64.b64encode(value).decode() != root:
        raise MalformedError("the checkpoint's root is not 32 bytes in base64")
    at = None
    if more and more[0].startswith(_AT):
        at = parse_instant(more.pop(0).removeprefix(_AT))
    return Checkpoint(origin, int(size), value, at, tuple(more))


def verify_checkpoint(note: str, origin: str, keys: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint of the log ``origin`` that one of ``keys`` signed.

    Raises:
        MalformedError: the note is none, or of another log.
        WrongSignatureError: none of the keys signed it.
    """
    parsed: Note = parse_note(note)
    checkpoint = parse_checkpoint(parsed.text)
    if checkpoint.origin != origin:
        raise MalformedError("a checkpoint of another log")
    parsed.signer(keys)
    return checkpoint
