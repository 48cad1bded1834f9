"""``scripts/soak frames``: random and mutated frames at both ends of the booth's serial line."""

import argparse
import random
import sys
import time
import tracemalloc

from firmware_bridge.framing import Frame, parse_frame
from firmware_bridge.link import Fell, Greeted, Heard
from tests.firmware_bridge.test_framing import mutated
from tests.firmware_bridge.wire import Wire

MAX_GROWTH_BYTES = 64 * 1024
BATCH = 10_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/soak frames", description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000, help="how many (1,000,000)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    asked = parser.parse_args()
    source = random.Random(asked.seed)
    wire = Wire()
    wire.until(Greeted)
    accepted = acted = 0
    started = time.monotonic()
    tracemalloc.start()
    settled = 0
    for number in range(asked.frames):
        data = mutated(source) if number % 2 else source.randbytes(source.randrange(90))
        accepted += any(isinstance(parse_frame(piece), Frame) for piece in data.split(b"\0"))
        wire.board.receive(data + b"\0", wire.now)
        found = wire.link.receive(data + b"\0", wire.now / 1000)
        acted += sum(isinstance(happening, Heard | Fell) for happening in found)
        acted += bool(wire.board.driven)
        if number % BATCH == BATCH - 1:
            wire.board.take_outgoing()
            wire.link.take_outgoing()
            settled = settled or tracemalloc.get_traced_memory()[0]
            print(f"{number + 1} frames, {accepted} accepted, {acted} acted on", flush=True)
    grown = tracemalloc.get_traced_memory()[0] - settled
    rate = asked.frames / (time.monotonic() - started)
    print(f"{rate:.0f} frames a second; memory grew by {grown} bytes")
    return 1 if accepted or acted or grown > MAX_GROWTH_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
