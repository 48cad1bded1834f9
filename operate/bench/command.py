"""``parloir bench``: what the media plane and suspension orders cost, beside what others cost.

Guarantees: results on standard output, progress on standard error; Ctrl-C leaves no process and
no file; a figure that the generator may have limited is not printed. Leaves to others: measuring
(`operate.bench.rounds`, `operate.bench.joining`).
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from operate import options, printing
from operate.bench.names import NAIVE, OURS, RIVALS
from operate.errors import InputError
from operate.printing import show_fields, show_json, show_table

bench = typer.Typer(help="Measure the media plane and suspension orders, on loopback.")


@bench.command()
def media(
    visits: Annotated[int, typer.Option(min=1, max=512, help="Recorded visits at once.")] = 20,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="Measured time of a run.")] = 10,
    against: Annotated[
        str, typer.Option(metavar="NAMES", help="Of janus,naive,python; with commas.")
    ] = "",
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often each is run.")] = 2,
    up: Annotated[
        bool, typer.Option("--ramp", help="Also find the most visits that one core carries.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Measure CPU, loss, delay, cut and memory per recorded visit."""
    # Codecs and WebRTC libraries take a while to load; other commands shall not wait for them.
    from operate.bench import rounds as running  # noqa: PLC0415
    from operate.bench.figures import to_json  # noqa: PLC0415
    from operate.bench.load.clip import make_clip  # noqa: PLC0415
    from operate.bench.load.pump import load_pump  # noqa: PLC0415
    from operate.bench.processes import choose_cores  # noqa: PLC0415
    from operate.bench.report import show_report  # noqa: PLC0415

    names = [OURS, *_rivals(against)]
    load_pump()
    cores = choose_cores()
    running.check_installed(names)

    async def run() -> None:
        with tempfile.TemporaryDirectory(prefix="parloir-bench-clip-") as folder:
            clip = Path(folder) / "clip"
            tell("encoding the clip")
            await asyncio.to_thread(lambda: make_clip().save(clip))
            measured = await running.run_rounds(
                names,
                rounds=rounds,
                visits=visits,
                seconds=seconds,
                clip=clip,
                cores=cores,
                tell=tell,
            )
            highest = None
            if up:
                highest = {
                    name: await running.ramp(name, start=visits, clip=clip, cores=cores, tell=tell)
                    for name in names
                    if name != NAIVE
                }
        if as_json:
            show_json(to_json(measured, highest))
        else:
            show_report(measured, highest)

    asyncio.run(run())


@bench.command()
def join(
    joins: Annotated[int, typer.Option(min=1, max=200, help="How often the visitor joins.")] = 10,
    as_json: options.AsJson = False,
) -> None:
    """Measure how long a visitor in a real browser waits for the first picture."""
    from operate.bench.figures import percentile  # noqa: PLC0415
    from operate.bench.joining import measure_joins  # noqa: PLC0415

    waited = asyncio.run(measure_joins(joins, tell))
    found = {
        "joins": joins,
        "first_frame_ms_p50": percentile(waited, 0.50),
        "first_frame_ms_p95": percentile(waited, 0.95),
    }
    if as_json:
        show_json(found)
    else:
        names = ("Joins", "First picture after, ms p50", "p95")
        show_table(names, [tuple(f"{value:.0f}" for value in found.values() if value)], empty="")


@bench.command()
def kiosk(
    seconds: Annotated[
        int, typer.Option(min=2, max=600, help="How long each situation is measured.")
    ] = 20,
    as_json: options.AsJson = False,
) -> None:
    """Measure what a terminal costs its machine: while it waits and in a call."""
    from operate.bench.terminal import measure_terminal  # noqa: PLC0415

    found = asyncio.run(measure_terminal(seconds, tell))
    if as_json:
        show_json([one.to_json() for one in found])
    else:
        names = ("Situation", "Screens, % of a core", "Engine, % of a core", "Together", "MiB")
        show_table(names, [one.row() for one in found], empty="")


@bench.command()
def orders(
    live: Annotated[int, typer.Option(min=1, max=200, help="Live calls that are cut.")] = 60,
    as_json: options.AsJson = False,
) -> None:
    """Measure what suspension orders cost: verifying, deciding, counting, cutting."""
    from operate.bench import order_costs  # noqa: PLC0415

    tell("verify, decide, impact")
    found = {
        "verify_ms": order_costs.verify_ms(),
        "decide_ms_100_orders": order_costs.decide_ms(),
        "impact_ms_20000_visits": order_costs.impact_ms(),
    }
    stopped = _cuts(live, 1)
    if as_json:
        show_json({**found, "cut_ms": stopped})
    else:
        show_fields([*found.items(), *((f"cut_ms, {name}", stopped[name]) for name in stopped)])


@bench.command()
def cut(
    live: Annotated[
        str, typer.Option(metavar="NUMBERS", help="Live calls that are cut; with commas.")
    ] = "1,20,60",
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often each is run.")] = 3,
    as_json: options.AsJson = False,
) -> None:
    """Measure how long media flows after an order that cuts every call was committed."""
    found = [_cuts(number, rounds) for number in _numbers(live)]
    if as_json:
        show_json(found)
    else:
        names = ("Live calls", "Commit to last packet, ms p50", "p99")
        show_table(names, [tuple(one.values()) for one in found], empty="")


@bench.command()
def power(
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often each is run.")] = 3,
    as_json: options.AsJson = False,
) -> None:
    """Measure how long camera and microphone keep their power after a failure."""
    from operate.bench.figures import percentile  # noqa: PLC0415
    from operate.bench.powering import measure_power  # noqa: PLC0415

    took = asyncio.run(measure_power(rounds, tell))
    found = {
        what: {"p50": round(percentile(all_ms, 0.5) or 0), "max": round(max(all_ms))}
        for what, all_ms in took.items()
    }
    if as_json:
        show_json(found)
    else:
        rows = [(what, *figures.values()) for what, figures in found.items()]
        show_table(("What failed", "Power off after, ms p50", "max"), rows, empty="")


def _cuts(live: int, rounds: int) -> dict[str, Any]:
    from operate.bench.cutting import measure_cuts  # noqa: PLC0415
    from operate.bench.figures import percentile  # noqa: PLC0415
    from operate.bench.load.pump import load_pump  # noqa: PLC0415
    from operate.bench.processes import choose_cores  # noqa: PLC0415

    load_pump()
    took = asyncio.run(measure_cuts(live, rounds, choose_cores(), tell))
    shares = {"p50": percentile(took, 0.50), "p99": percentile(took, 0.99)}
    return {"live": live} | {name: round(value or 0.0, 3) for name, value in shares.items()}


def _numbers(text: str) -> list[int]:
    try:
        found = [int(number) for number in text.split(",")]
    except ValueError as error:
        raise InputError(f"--live: {text!r} is no list of numbers") from error
    if not all(1 <= number <= 200 for number in found):
        raise InputError("--live: from 1 to 200")
    return found


def tell(line: str) -> None:
    """Say what is being done to whoever waits."""
    printing.tell("bench", line)


def _rivals(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in RIVALS:
            raise InputError(f"--against: {name!r} is none of {', '.join(RIVALS)}")
    return [name for name in RIVALS if name in names]
