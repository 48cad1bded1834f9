"""Figures of a measurement: of one run, of several, and against one another. Pure.

Guarantees: medians over runs; a ratio is the median of the ratios within each round, since both
systems had the same machine only there; what was not measured is None. Leaves to others:
measuring, printing.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

from operate.bench.load.pump import DELAY_STEP_MS
from operate.bench.names import OURS, RIVALS

MAX_LOAD_SHARE: Final = 0.85
"""A generator that used more of its core may have been the bottleneck."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the command promises to print of a system."""

    cpu_ms_per_visit_s: float | None = None
    packets_lost: int | None = None
    added_ms_p50: float | None = None
    added_ms_p99: float | None = None
    cut_ms_p99: float | None = None
    rss_mb_per_visit: float | None = None


@dataclass(frozen=True, slots=True)
class Losses:
    """Where packets were lost, as far as each place tells."""

    generator_sending: int = 0
    generator_buffers: int = 0
    system_buffers: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One system in one round."""

    system: str
    visits: int
    seconds: float
    figures: Figures
    losses: Losses
    packets_sent: int
    unmatched: int
    late_ms: float
    load_share: float
    stolen_share: float
    cut_ms_p50: float | None = None

    @property
    def saturated(self) -> bool:
        """Whether the generator itself may have been the bottleneck."""
        return self.load_share > MAX_LOAD_SHARE


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least that share does not exceed; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def delay_percentile(delays: Mapping[int, int], share: float) -> float | None:
    """The same, in ms, of a histogram with steps of `DELAY_STEP_MS`; a step counts as its end."""
    rest = share * sum(delays.values())
    for step in sorted(delays):
        rest -= delays[step]
        if rest <= 0:
            return round((step + 1) * DELAY_STEP_MS, 3)
    return None


def summarise(runs: Iterable[Run]) -> Figures:
    """The median of each figure over the runs of one system."""
    figures = [asdict(run.figures) for run in runs]
    medians: dict[str, Any] = {}
    for name in Figures.__dataclass_fields__:
        values = [one[name] for one in figures if one[name] is not None]
        medians[name] = round(median(values), 3) if values else None
    # Half a packet is nobody's; a loss in any round is told in full.
    lost = [one["packets_lost"] for one in figures if one["packets_lost"] is not None]
    medians["packets_lost"] = max(lost) if lost else None
    return Figures(**medians)


def ratio(rounds: Sequence[Mapping[str, Run]], rival: str) -> float | None:
    """Our CPU per visit-second over the rival's: the median of the rounds that have both."""
    ratios = []
    for runs in rounds:
        if OURS in runs and rival in runs:
            ours = runs[OURS].figures.cpu_ms_per_visit_s
            theirs = runs[rival].figures.cpu_ms_per_visit_s
            if ours is not None and theirs:
                ratios.append(ours / theirs)
    return round(median(ratios), 4) if ratios else None


def to_json(
    rounds: Sequence[Mapping[str, Run]], ramp: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """The object that ``parloir bench media --json`` prints; ``ramp`` only where one was asked."""
    found: dict[str, Any] = {}
    for system in (OURS, *RIVALS):
        runs = [one[system] for one in rounds if system in one]
        found[system] = asdict(summarise(runs)) if runs else None
    found["ratio"] = {rival: ratio(rounds, rival) for rival in RIVALS}
    if ramp is not None:
        found["ramp"] = dict(ramp)
    return found
