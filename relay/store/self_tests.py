"""The self-tests of the terminals: the latest ones of each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from relay.core.model import TerminalId
from relay.store.columns import read_instant, write_instant
from relay.store.sqlite import Database
from visit_protocol.vocabulary import CheckState, SelfTestCause

KEPT: Final = 40
"""A month of nights and some that were asked for."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """One self-test of one terminal."""

    terminal: TerminalId
    at: datetime
    cause: SelfTestCause
    passed: bool
    results: Mapping[str, CheckState]


class SelfTests:
    """At most `KEPT` a terminal; the older ones go."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, test: SelfTest) -> None:
        """Keep it, and let go what is too old."""
        self._db.table("terminal_self_test").insert(
            {
                "terminal": test.terminal,
                "at": write_instant(test.at),
                "cause": test.cause,
                "passed": test.passed,
                "results": json.dumps(dict(test.results)),
            }
        )
        self._db.execute(
            "DELETE FROM terminal_self_test WHERE terminal = ? AND id NOT IN ("
            "SELECT id FROM terminal_self_test WHERE terminal = ? ORDER BY id DESC LIMIT ?)",
            [test.terminal, test.terminal, KEPT],
        )

    def latest(self) -> dict[TerminalId, SelfTest]:
        """The last one of each terminal."""
        rows = self._db.query(
            "SELECT * FROM terminal_self_test WHERE id IN ("
            "SELECT max(id) FROM terminal_self_test GROUP BY terminal)"
        )
        return {TerminalId(row["terminal"]): _test(row) for row in rows}

    def of(self, terminal: TerminalId) -> tuple[SelfTest, ...]:
        """Those of one terminal, the latest first."""
        rows = self._db.query(
            "SELECT * FROM terminal_self_test WHERE terminal = ? ORDER BY id DESC", [terminal]
        )
        return tuple(map(_test, rows))


def _test(row: dict[str, Any]) -> SelfTest:
    return SelfTest(
        TerminalId(row["terminal"]),
        read_instant(row["at"]),
        SelfTestCause(row["cause"]),
        bool(row["passed"]),
        {name: CheckState(state) for name, state in json.loads(row["results"]).items()},
    )
