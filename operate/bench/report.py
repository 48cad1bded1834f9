"""The report of `parloir bench media` for people."""

from collections.abc import Mapping, Sequence
from typing import Final

from operate.bench.figures import Run, ratio, summarise
from operate.bench.names import RIVALS
from operate.printing import say, show_table

_COLUMNS: Final = (
    "System",
    "Visits",
    "CPU ms per visit-s",
    "Ours ÷ it",
    "Lost",
    "of",
    "Added ms p50",
    "p99",
    "Cut ms p50",
    "p99",
    "MB per visit",
)


def show_report(rounds: Sequence[Mapping[str, Run]], ramp: Mapping[str, int] | None) -> None:
    """Print the medians of all rounds, what was odd about them, and how far each system went."""
    rows = []
    for name in rounds[0]:
        runs = [one[name] for one in rounds]
        figures = summarise(runs)
        rows.append(
            (
                name,
                runs[0].visits,
                _number(figures.cpu_ms_per_visit_s),
                _number(ratio(rounds, name) if name in RIVALS else None, 3),
                _number(figures.packets_lost, 0),
                max(run.packets_sent for run in runs),
                _number(figures.added_ms_p50),
                _number(figures.added_ms_p99),
                _number(
                    max(
                        (run.cut_ms_p50 for run in runs if run.cut_ms_p50 is not None), default=None
                    )
                ),
                _number(figures.cut_ms_p99),
                _number(figures.rss_mb_per_visit),
            )
        )
    show_table(_COLUMNS, rows, empty="Nothing was measured.")
    everything = [run for one in rounds for run in one.values()]
    say("")
    say(
        f"Medians of {len(rounds)} rounds. CPU stolen by the host: up to "
        f"{max(run.stolen_share for run in everything):.1%}. Load generator: up to "
        f"{max(run.load_share for run in everything):.0%} of its core, "
        f"{max(run.late_ms for run in everything):.1f} ms late."
    )
    for line in _losses(everything):
        say(line)
    for name, visits in (ramp or {}).items():
        say(f"{name}: {visits} recorded visits on one core without loss, added p99 ≤ 20 ms")


def _losses(runs: Sequence[Run]) -> list[str]:
    """Where packets were lost, a line for each run that lost any."""
    lines = []
    for run in runs:
        if run.figures.packets_lost:
            lost, where = run.figures.packets_lost, run.losses
            outside = where.generator_sending + where.generator_buffers
            inside = lost - outside - where.system_buffers
            lines.append(
                f"{run.system} lost {lost}: {where.generator_sending} not taken from the "
                f"generator, {where.system_buffers} in its receive buffers, {max(0, inside)} "
                f"inside it, {where.generator_buffers} in the generator's receive buffers"
            )
    return lines


def _number(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:.{digits}f}"
