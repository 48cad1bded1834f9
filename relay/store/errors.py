"""Errors of the store. Each has a stable ``code``; its text is one line fit for an operator.

StoreError
├── StoreUnwritableError     the folder or the file cannot be written
├── NotADatabaseError        the file is something else
├── NewerSchemaError         a newer relay wrote the file
├── DataFolderLockedError    another process works in this data folder
├── StoreFullError           no room; nothing was half-written
├── RowRefusedError          caller misuse: a constraint or a trigger said no
├── TamperedStoreError       what is kept is not what was accepted
├── KeyFileError             a key file that cannot be used
├── StoreClosedError         caller misuse: used after `close`
└── StoreFailedError         any other failure of the disk or of SQLite
"""

from typing import ClassVar


class StoreError(Exception):
    """The store could not do what was asked of it."""

    code: ClassVar[str] = "STORE_ERROR"


class StoreUnwritableError(StoreError):
    """The environment failed: the folder or the file cannot be written."""

    code = "STORE_UNWRITABLE"


class NotADatabaseError(StoreError):
    """The environment failed: the file exists and is not a SQLite database."""

    code = "STORE_NOT_A_DATABASE"


class NewerSchemaError(StoreError):
    """The environment failed: the file holds migrations that this version does not know."""

    code = "STORE_NEWER_SCHEMA"


class DataFolderLockedError(StoreError):
    """The environment failed: another process holds the data folder's lock."""

    code = "DATA_FOLDER_LOCKED"


class StoreFullError(StoreError):
    """The environment failed: no room on the disk; the transaction left no trace."""

    code = "STORE_FULL"


class RowRefusedError(StoreError):
    """Caller misuse: a constraint or a trigger of the schema refused the row."""

    code = "STORE_ROW_REFUSED"


class TamperedStoreError(StoreError):
    """The environment failed: signed bytes in the file are not what was accepted."""

    code = "STORE_TAMPERED"


class KeyFileError(StoreError):
    """The environment failed: a key file cannot be read, or is none."""

    code = "KEY_FILE_UNUSABLE"


class StoreClosedError(StoreError):
    """Caller misuse: the store is closed."""

    code = "STORE_CLOSED"


class StoreFailedError(StoreError):
    """The environment failed in another way, e.g. an input/output error."""

    code = "STORE_FAILED"
