"""A relay that is killed at a named point while it takes in an order.

Run as ``python killed.py EXAMPLE DATA POINT``: it serves a copy of the example facility, lets a
visit go live, and takes in an order on its inmate; at the point it kills itself as a power cut
would. It says first which visit and which inmate. Nothing in the relay knows of this.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from relay.service.effect import Effect
from relay.service.enforcement import Enforcement
from relay.service.receipts import Event, ReceiptBook
from relay.store.order_shelf import OrderShelf
from suspension import lift
from suspension.receipt import Stage
from tests.relay.facility import NOW, running
from tests.relay.signing import order_on, signed_by_all


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def before_receipt(stage: Stage) -> None:
    """Die inside the transaction, before that stage's receipt is in it."""
    write = ReceiptBook.write

    def dying(self: ReceiptBook, db: Any, event: Event, mark: Any) -> bool:
        return die() if event.stage is stage else write(self, db, event, mark)

    ReceiptBook.write = dying  # type: ignore[method-assign]


def after(kind: type, name: str) -> None:
    """Die when that method has returned."""
    method = getattr(kind, name)

    async def dying(*args: Any, **more: Any) -> None:
        await method(*args, **more)
        die()

    setattr(kind, name, dying)


POINTS = {
    "before commit": lambda: before_receipt(Stage.RECEIVED),
    "commit, then nothing": lambda: setattr(Effect, "take", die),
    "cut, then nothing": lambda: setattr(Effect, "_attest", die),
    "half a receipt": lambda: before_receipt(Stage.ENFORCED),
    "receipt, then nothing": lambda: after(Effect, "take"),
    "before the shelf": lambda: setattr(OrderShelf, "put", die),
    "all done": lambda: after(Enforcement, "accept"),
    "lift committed, then nothing": lambda: setattr(Effect, "take", die),
    "half a receipt of the lift": lambda: before_receipt(Stage.LIFTED),
}
LIFTING = [point for point in POINTS if "lift" in point]
"""Points that are reached with the lift of an order that stands."""


async def main(example: Path, data: Path, point: str) -> None:
    async with running(example, data) as relay:
        await relay.meet(relay.family)
        envelope = await signed_by_all(relay, order_on(relay.family.inmate))
        sys.stdout.write(f"{relay.family.id} {relay.family.inmate}\n")
        sys.stdout.flush()
        if point in LIFTING:
            accepted = await relay.desks.enforcement.accept(envelope, via="usb")
            ended = lift(accepted.order, "staff:administrator", NOW, "done")
            envelope = await signed_by_all(relay, ended)
        POINTS[point]()
        await relay.desks.enforcement.accept(envelope, via="usb")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
