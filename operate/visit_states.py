"""The visit's states as a page: a diagram and a table, both from `relay.core.visit.TRANSITIONS`.

Guarantees: every row of the table of the code is a row of the page. Leaves to others: writing the
file (`operate.generate`).
"""

from collections.abc import Iterable
from typing import Final

from relay.core.visit import TRANSITIONS, Row
from visit_protocol.vocabulary import CallState

_HEADING: Final = """# The states of a visit

Generated from `relay/core/visit.py` by `python -m operate.generate`; change the table there.

The diagram leaves out the moves that stay in a state. In the table, of several rows for one
state and event the first whose condition holds is taken; an event without a row is refused and
changes nothing.
"""


def to_markdown(rows: Iterable[Row] = TRANSITIONS) -> str:
    """The whole page."""
    rows = tuple(rows)
    diagram = "\n".join(_diagram(rows))
    table = "\n".join(_table(rows))
    return f"{_HEADING}\n```mermaid\n{diagram}\n```\n\n{table}\n"


def _diagram(rows: tuple[Row, ...]) -> Iterable[str]:
    yield "stateDiagram-v2"
    yield f"    [*] --> {CallState.SCHEDULED}"
    moves: dict[tuple[CallState, CallState], dict[str, None]] = {}
    for row in rows:
        if row.state is not row.next:
            moves.setdefault((row.state, row.next), {})[row.event.__name__] = None
    for (start, end), events in moves.items():
        yield f"    {start} --> {end}: {', '.join(events)}"
    yield f"    {CallState.ENDED} --> [*]"


def _table(rows: tuple[Row, ...]) -> Iterable[str]:
    yield "| state | event | when | next state |"
    yield "|---|---|---|---|"
    for row in rows:
        when = row.when.name if row.when else ""
        yield f"| `{row.state}` | `{row.event.__name__}` | {when} | `{row.next}` |"
