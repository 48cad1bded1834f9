"""How long media flows after an order is committed: one order cuts every live visit at once.

The order goes the whole way: two signatures verified, committed to SQLite with its receipt, cut.
What is timed begins when the commit is on the disk (`Enforcement`'s own clock) and ends when the
kernel of the generator's socket has received the visit's last media packet; 0 when none came
after the commit. Leaves to others: figures.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from operate.bench.errors import SystemFailedError
from operate.bench.generator import open_generator
from operate.bench.live_facility import FACILITY, PEOPLE, LiveFacility, live_facility
from operate.bench.load.clip import make_clip
from operate.bench.processes import Cores
from relay.store.orders import Orders
from suspension import PublicText, ReasonCode, Scope, SuspensionOrder
from suspension.envelope import add_signature, sign

SETTLE_S: Final = 2.5
"""Longer than the clip's keyframe interval: by then every stream flows."""
DRAIN_S: Final = 0.5


async def measure_cuts(
    live: int, rounds: int, cores: Cores, tell: Callable[[str], None]
) -> list[float]:
    """From commit to last packet, in ms, of each visit of each round.

    Raises:
        BenchError: the relay or the generator failed.
    """
    found: list[float] = []
    with tempfile.TemporaryDirectory(prefix="parloir-bench-clip-") as clips:
        clip = Path(clips) / "clip"
        await asyncio.to_thread(lambda: make_clip().save(clip))
        for number in range(rounds):
            tell(f"cut: {live} live, round {number + 1} of {rounds}")
            with tempfile.TemporaryDirectory(prefix="parloir-bench-") as folder:
                async with (
                    open_generator(clip, core=cores.load) as generator,
                    live_facility(Path(folder), generator, live, cores.tested) as facility,
                ):
                    await asyncio.sleep(SETTLE_S)
                    flowing_ns = time.time_ns()
                    committed_ns = await _order(facility)
                    await asyncio.sleep(DRAIN_S)
                    last_ns = await generator.last_received_ns()
            for legs in facility.legs.values():
                last = max(last_ns[leg] for leg in legs)
                if last < flowing_ns - int(SETTLE_S * 1e9):
                    raise SystemFailedError("a visit's media did not flow before the cut")
                found.append(max(0, last - committed_ns) / 1e6)
    return found


async def _order(facility: LiveFacility) -> int:
    """When the order was committed, in CLOCK_REALTIME nanoseconds."""
    desks = facility.desks
    now = desks.clock.now()
    order = SuspensionOrder(
        id="ord-bench",
        scope=Scope.parse({"facility": [FACILITY.id]}),
        reason_code=ReasonCode.TECHNICAL_WORK,
        legal_basis="bench",
        public_text=PublicText("Замер.", "A measurement."),
        not_before=now,
        expires=now + timedelta(minutes=30),
        issued=now,
        issuer="bench",
    )
    signers = [await desks.keyring.signer(one, facility.secrets[one]) for one in PEOPLE]
    envelope = add_signature(sign(order, signers[0]), signers[1])
    await desks.enforcement.accept(envelope)
    cuts = await desks.store.read(lambda db: Orders(db).cuts(order.id))
    if len(cuts) != len(facility.legs):
        raise SystemFailedError(f"{len(cuts)} of {len(facility.legs)} visits were cut")
    return cuts[0].committed_ns + time.time_ns() - time.monotonic_ns()
