"""Errors of the store. Each has a stable ``code``; its text is one line fit for an operator.

StoreError
├── StoreUnwritable    the folder or the file cannot be written
├── NotADatabase       the file is something else
├── NewerSchema        a newer relay wrote the file
├── DataFolderLocked   another process works in this data folder
├── StoreFull          no room; nothing was half-written
├── RowRefused         caller misuse: a constraint or a trigger said no
├── StoreClosed        caller misuse: used after `close`
└── StoreFailed        any other failure of the disk or of SQLite
"""

# ruff: noqa: N818 — a name here says what happened ("the store is full"); the tree above says
# that it is an error.

from typing import ClassVar


class StoreError(Exception):
    """The store could not do what was asked of it."""

    code: ClassVar[str] = "STORE_ERROR"


class StoreUnwritable(StoreError):
    """The environment failed: the folder or the file cannot be written."""

    code = "STORE_UNWRITABLE"


class NotADatabase(StoreError):
    """The environment failed: the file exists and is not a SQLite database."""

    code = "STORE_NOT_A_DATABASE"


class NewerSchema(StoreError):
    """The environment failed: the file holds migrations that this version does not know."""

    code = "STORE_NEWER_SCHEMA"


class DataFolderLocked(StoreError):
    """The environment failed: another process holds the data folder's lock."""

    code = "DATA_FOLDER_LOCKED"


class StoreFull(StoreError):
    """The environment failed: no room on the disk; the transaction left no trace."""

    code = "STORE_FULL"


class RowRefused(StoreError):
    """Caller misuse: a constraint or a trigger of the schema refused the row."""

    code = "STORE_ROW_REFUSED"


class StoreClosed(StoreError):
    """Caller misuse: the store is closed."""

    code = "STORE_CLOSED"


class StoreFailed(StoreError):
    """The environment failed in another way, e.g. an input/output error."""

    code = "STORE_FAILED"
