"""Errors of `parloir bench`, each one line for the person who typed it.

::

    OperateError
    └── BenchError               a measurement could not be made
        ├── NoPumpError          the load generator was not built
        ├── RivalMissingError    a program to compare with is not installed
        └── SystemFailedError    a system under test, or the generator, failed
"""

from operate.errors import OperateError


class BenchError(OperateError):
    """A measurement could not be made."""


class NoPumpError(BenchError):
    """The load generator's C part was not built."""

    def __init__(self) -> None:
        super().__init__(
            "the load generator is written in C and was not built: "
            "apt-get install gcc libc6-dev python3-dev, then pip install --editable ."
        )


class RivalMissingError(BenchError):
    """A program that was asked for with --against is not installed."""


class SystemFailedError(BenchError):
    """A system under test or the load generator ended, refused or did not answer."""
