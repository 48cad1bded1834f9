"""What is computed from runs, and the object that is printed."""

import asyncio
import json

import pytest

from operate.bench.figures import (
    Figures,
    Losses,
    Run,
    delay_percentile,
    percentile,
    ratio,
    summarise,
    to_json,
)
from operate.bench.rounds import find_highest


def a_run(system: str, cpu_ms: float, *, lost: int | None = 0, load_share: float = 0.1) -> Run:
    return Run(
        system=system,
        visits=2,
        seconds=3.0,
        figures=Figures(cpu_ms_per_visit_s=cpu_ms, packets_lost=lost, added_ms_p50=cpu_ms / 10),
        losses=Losses(),
        packets_sent=1000,
        unmatched=0,
        late_ms=0.5,
        load_share=load_share,
        stolen_share=0.0,
    )


def test_a_percentile_is_a_value_that_was_measured():
    values = [float(number) for number in range(1, 101)]
    assert percentile(values, 0.50) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([7.0], 0.99) == 7
    assert percentile([], 0.5) is None


def test_a_delay_percentile_reads_the_histogram_upwards():
    delays = {10: 98, 40: 1, 4000: 1}
    assert delay_percentile(delays, 0.50) == 0.055
    assert delay_percentile(delays, 0.99) == 0.205
    assert delay_percentile(delays, 1.00) == 20.005
    assert delay_percentile({}, 0.5) is None


def test_a_summary_is_the_median_but_tells_the_worst_loss():
    runs = [a_run("ours", 4.0), a_run("ours", 6.0, lost=3), a_run("ours", 5.0)]
    summary = summarise(runs)
    assert summary.cpu_ms_per_visit_s == 5.0
    assert summary.packets_lost == 3
    assert summary.cut_ms_p99 is None


def test_a_ratio_compares_within_rounds_and_is_none_without_the_rival():
    # The machine was twice as slow in the second round; the ratio does not see it.
    rounds = [
        {"ours": a_run("ours", 4.0), "janus": a_run("janus", 16.0)},
        {"ours": a_run("ours", 8.0), "janus": a_run("janus", 32.0)},
    ]
    assert ratio(rounds, "janus") == 0.25
    assert ratio(rounds, "naive") is None


def test_the_printed_object_has_exactly_the_promised_keys():
    rounds = [{"ours": a_run("ours", 4.0), "naive": a_run("naive", 400.0, lost=None)}]
    printed = json.loads(json.dumps(to_json(rounds)))
    assert list(printed) == ["ours", "janus", "naive", "python", "ratio"]
    assert list(printed["ours"]) == [
        "cpu_ms_per_visit_s",
        "packets_lost",
        "added_ms_p50",
        "added_ms_p99",
        "cut_ms_p99",
        "rss_mb_per_visit",
    ]
    assert printed["janus"] is None
    assert printed["python"] is None
    assert printed["naive"]["packets_lost"] is None
    assert printed["ratio"] == {"janus": None, "naive": 0.01, "python": None}


def test_a_ramp_is_printed_only_where_one_was_asked_for():
    rounds = [{"ours": a_run("ours", 4.0)}]
    assert "ramp" not in to_json(rounds)
    assert to_json(rounds, {"ours": 120})["ramp"] == {"ours": 120}


def test_a_run_whose_generator_was_busy_is_not_valid():
    assert a_run("ours", 4.0, load_share=0.86).saturated
    assert not a_run("ours", 4.0, load_share=0.85).saturated


@pytest.mark.parametrize(("true", "found"), [(120, 118), (7, 7), (0, 0), (512, 512), (40, 40)])
def test_the_ramp_ends_just_below_what_is_too_much(true, found):
    asked: list[int] = []

    async def carries(visits: int) -> bool:
        asked.append(visits)
        return visits <= true

    highest = asyncio.run(find_highest(carries, start=20, limit=512, runs=9))
    assert len(asked) <= 9
    assert highest <= true
    assert highest >= found - max(1, found // 20)
