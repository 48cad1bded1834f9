"""Accepted orders once more, as files beside the database: ``orders/<digest>.order.json``.

A database that is brought back from a backup has forgotten what came after; the shelf has not.

Guarantees: a file is whole or not there. Leaves to others: believing what stands on the shelf
(`relay.service.enforcement` verifies it like anything else that comes in).
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

FOLDER: Final = "orders"
_NAME: Final = re.compile(r"([0-9a-f]{64})\.order\.json")
_MAX_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class OrderShelf:
    """The folder of one facility."""

    path: Path

    @classmethod
    def of(cls, data_dir: Path) -> Self:
        """The shelf of that data folder, whether or not anything stands on it."""
        return cls(data_dir / FOLDER)

    def digests(self) -> frozenset[str]:
        """The digests of the orders that stand there."""
        if not self.path.is_dir():
            return frozenset()
        names = (_NAME.fullmatch(path.name) for path in self.path.iterdir())
        return frozenset(name[1] for name in names if name is not None)

    def read(self, digest: str) -> bytes:
        """What stands there under that digest.

        Raises:
            OSError: it cannot be read.
        """
        with self._file(digest).open("rb") as file:
            return file.read(_MAX_BYTES)

    def put(self, envelopes: Mapping[str, bytes]) -> None:
        """Put these there, by digest; what stands there stays.

        Raises:
            OSError: the folder cannot be written, or is full.
        """
        missing = envelopes.keys() - self.digests()
        if not missing:
            return
        self.path.mkdir(mode=0o700, exist_ok=True)
        for digest in sorted(missing):
            draft = self.path / f".{digest}.{os.getpid()}"
            with draft.open("wb") as file:
                file.write(envelopes[digest])
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._file(digest))

    def _file(self, digest: str) -> Path:
        return self.path / f"{digest}.order.json"
