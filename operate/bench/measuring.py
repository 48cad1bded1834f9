"""One run: a system is started, loaded, measured, cut and ended.

Guarantees: the window begins when all visits have flowed for a moment; whatever happens, the
system and the generator are ended and their files removed. Leaves to others: which systems, how
often (`operate.bench.rounds`).
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from operate.bench.errors import SystemFailedError
from operate.bench.figures import Figures, Losses, Run, delay_percentile, percentile
from operate.bench.generator import Generator, open_generator
from operate.bench.processes import Cores, HostTime, cpu_s, memory_mb, udp_drops
from operate.bench.systems.system import System

SETTLE_S: Final = 6.0
"""Longer than the clip's keyframe interval: by then every stream flows, and what a system does once
and not per visit, such as loading a decoder with the first keyframe, is done."""
CUT_PAUSE_S: Final = 0.02
"""Between two cuts, so that the others are still live."""
CUT_DRAIN_S: Final = 0.5

MakeSystem = Callable[[Path, Cores], System]


async def run_once(
    name: str,
    make_system: MakeSystem,
    *,
    visits: int,
    seconds: float,
    clip: Path,
    cores: Cores,
    cut: bool = True,
) -> Run:
    """Measure one system once.

    Raises:
        BenchError: the system or the generator failed.
    """
    with tempfile.TemporaryDirectory(prefix="parloir-bench-") as folder:
        system = make_system(Path(folder), cores)
        try:
            async with open_generator(clip, core=cores.load) as generator:
                await system.start()
                return await _measure(name, system, generator, visits, seconds, cut=cut)
        finally:
            await system.stop()


async def _measure(
    name: str, system: System, generator: Generator, visits: int, seconds: float, *, cut: bool
) -> Run:
    empty_mb = memory_mb(system.pid)
    rooms = await system.connect(generator, visits)
    begin_ns = time.time_ns() + int(SETTLE_S * 1e9)
    end_ns = begin_ns + int(seconds * 1e9)
    measuring = asyncio.create_task(generator.measure(begin_ns, end_ns))
    try:
        await _until(begin_ns)
        host, began_s, used_s = HostTime.now(), time.monotonic(), cpu_s(system.pid)
        drops = (udp_drops(system.pid), generator.udp_drops())
        await _until(end_ns)
        used_s, lasted_s = cpu_s(system.pid) - used_s, time.monotonic() - began_s
        stolen_share = HostTime.now().stolen_since(host)
        full_mb = memory_mb(system.pid)
        measured = await measuring
    finally:
        measuring.cancel()
    window = measured.window
    matched = bool(window.delays)
    if not window.heard:
        raise SystemFailedError(f"{name} forwarded nothing")
    losses = Losses(
        generator_sending=window.send_drops,
        generator_buffers=generator.udp_drops() - drops[1],
        system_buffers=udp_drops(system.pid) - drops[0],
    )
    cuts = await _cut_all(system, generator, rooms) if cut and matched else []
    return Run(
        system=name,
        visits=visits,
        seconds=lasted_s,
        figures=Figures(
            cpu_ms_per_visit_s=used_s * 1000 / (visits * lasted_s),
            packets_lost=window.sent - window.received if matched else None,
            added_ms_p50=delay_percentile(window.delays, 0.50),
            added_ms_p99=delay_percentile(window.delays, 0.99),
            cut_ms_p99=percentile(cuts, 0.99),
            rss_mb_per_visit=(full_mb - empty_mb) / visits,
        ),
        losses=losses,
        packets_sent=window.sent,
        unmatched=window.unmatched,
        late_ms=window.late_ms,
        load_share=measured.cpu_share,
        stolen_share=stolen_share,
        cut_ms_p50=percentile(cuts, 0.50),
    )


async def _cut_all(
    system: System, generator: Generator, rooms: list[tuple[int, ...]]
) -> list[float]:
    """From each order's writing to the last packet that any of the visit's legs heard, in ms."""
    ordered_ns = []
    for visit in range(len(rooms)):
        ordered_ns.append(time.time_ns())
        await system.cut(visit)
        await asyncio.sleep(CUT_PAUSE_S)
    await asyncio.sleep(CUT_DRAIN_S)
    last_ns = await generator.last_received_ns()
    return [
        max(0, max(last_ns[leg] for leg in legs) - at_ns) / 1e6
        for legs, at_ns in zip(rooms, ordered_ns, strict=True)
    ]


async def _until(at_ns: int) -> None:
    await asyncio.sleep(max(0, at_ns - time.time_ns()) / 1e9)
