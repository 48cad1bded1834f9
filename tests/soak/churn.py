"""Calls that come and go: join, talk, ICE restart, reconnect, cut; the legs are the bench's.

Guarantees: each call plays the clip both ways while it lasts, records, and ends with a cut that
the worker confirms. Leaves to others: the worker, what is measured meanwhile.
"""

import asyncio
import contextlib
import random
import shutil
import struct
import time
from pathlib import Path

from operate.bench.load.clip import Clip
from operate.bench.load.leg import Leg
from relay.media.transport.ice import IceCredentials
from tests.relay.media.worker_process import WorkerProcess
from visit_protocol.vocabulary import Party
from visit_protocol.worker import CallCut, CutCall, Forward, PeerAnswer, PeerMedia

HOST = "127.0.0.1"
KEPT_S = 5.0
"""How long a recording lies after its call, so that the recorder can finish it."""


class Player:
    """Plays the clip from a leg until it is closed."""

    def __init__(self, clip: Clip, leg: Leg) -> None:
        self.leg = leg
        self._clip = clip
        self._playing = asyncio.create_task(self._play())

    async def restart(self, worker: WorkerProcess, call: str, party: Party) -> None:
        """New ICE credentials for the same connection."""
        leg = self.leg
        leg._ice = IceCredentials.random()
        answer = await worker.offer(call, party, leg.offer())
        assert isinstance(answer, PeerAnswer), answer
        leg.take(answer.sdp)
        leg._nominated.clear()
        await leg._nominate()

    async def close(self) -> None:
        self._playing.cancel()
        await asyncio.gather(self._playing, return_exceptions=True)
        await self.leg.close()

    async def _play(self) -> None:
        leg, sequences, began_s, rounds = self.leg, [0, 0], time.monotonic(), 0
        media = leg.remote.media
        types = (media["audio"].payload_type, media["video"].payload_type)
        while True:
            for packet in self._clip.packets:
                due_s = began_s + (rounds * self._clip.period_us + packet.at_us) / 1e6
                if (wait_s := due_s - time.monotonic()) > 0.001:
                    await asyncio.sleep(wait_s)
                kind, rate = (1, 90) if packet.video else (0, 48)
                timestamp = packet.timestamp + rounds * self._clip.period_us // 1000 * rate
                second = types[kind] | (0x80 if packet.marker else 0)
                sequences[kind] = (sequences[kind] + 1) & 0xFFFF
                ssrc, timestamp = leg.ssrcs[kind], timestamp & 0xFFFFFFFF
                head = struct.pack("!BBHII", 0x80, second, sequences[kind], timestamp, ssrc)
                leg._send(bytes(leg.sessions.sending.protect(head + packet.payload)))
            rounds += 1


class Churn:
    """So many calls at a time, for ever; ``joined``, ``restarted`` and ``cut`` count."""

    def __init__(
        self, worker: WorkerProcess, clip: Clip, folder: Path, dice: random.Random
    ) -> None:
        self.joined = self.restarted = self.reconnected = self.cut = 0
        self._worker = worker
        self._clip = clip
        self._folder = folder
        self._dice = dice
        self._calls = 0

    async def keep(self, *, until_s: float) -> None:
        """One call after another."""
        while time.monotonic() < until_s:
            self._calls += 1
            await self._call(f"soak-{self._calls}")

    async def _call(self, name: str) -> None:
        worker, folder = self._worker, self._folder / name
        folder.mkdir()
        worker.open(name, folder=folder)
        players: dict[Party, Player] = {}
        try:
            for party in (Party.INMATE, Party.VISITOR):
                players[party] = await self._join(name, party)
            worker.send(Forward(call=name, on=True))
            for _ in range(self._dice.randint(1, 3)):
                await asyncio.sleep(self._dice.uniform(1, 6))
                await self._disturb(name, players)
        finally:
            for player in players.values():
                await player.close()
        worker.send(CutCall(call=name))
        await worker.until(CallCut, lambda message: message.call == name)
        self.cut += 1
        # What was said of calls that are over is of no use, and this process shall stay small too.
        del worker.heard[1:-200]
        asyncio.get_running_loop().call_later(KEPT_S, shutil.rmtree, folder, True)

    async def _join(self, name: str, party: Party) -> Player:
        leg = Leg("sendrecv", HOST)
        answer = await self._worker.offer(name, party, leg.offer())
        assert isinstance(answer, PeerAnswer), answer
        leg.take(answer.sdp)
        await leg.connect()
        player = Player(self._clip, leg)
        with contextlib.suppress(TimeoutError):
            await self._worker.until(
                PeerMedia,
                lambda message: message.call == name and message.party is party,
                timeout_s=5.0,
            )
        self.joined += 1
        return player

    async def _disturb(self, name: str, players: dict[Party, Player]) -> None:
        party = self._dice.choice((Party.INMATE, Party.VISITOR))
        match self._dice.randrange(4):
            case 0:
                await players[party].restart(self._worker, name, party)
                self.restarted += 1
            case 1:  # its network went, and it offers again
                await players.pop(party).close()
                players[party] = await self._join(name, party)
                self.reconnected += 1
            case 2:  # held for a while
                self._worker.send(Forward(call=name, on=False))
                await asyncio.sleep(self._dice.uniform(0.2, 1))
                self._worker.send(Forward(call=name, on=True))
            case _:
                pass
