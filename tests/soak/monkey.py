"""``python -m tests.soak.monkey``: a monkey at the kiosk for a long time. See ``scripts/soak``."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.kiosk.monkey import Monkey, kiosk_in_its_cage


async def soak(minutes: float, seed: int) -> list[str]:
    """Rage so long; what was found."""
    with tempfile.TemporaryDirectory(prefix="parloir-monkey-") as folder:
        async with kiosk_in_its_cage(Path(folder)) as (cage, relay):
            monkey = Monkey(cage, relay, seed)
            await monkey.rage(minutes * 60)
            print(f"{monkey.storms} storms, {len(cage.states)} changes of screen")
            print("screens: " + ", ".join(sorted(set(cage.states))))
            return monkey.findings


def main() -> int:
    """Run from the command line; exit status 1 when something was found."""
    parser = argparse.ArgumentParser(prog="scripts/soak monkey")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    findings = asyncio.run(soak(arguments.minutes, arguments.seed))
    for finding in findings:
        print(finding, file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
