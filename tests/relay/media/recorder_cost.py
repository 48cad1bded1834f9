"""What recording costs: ``python -m tests.relay.media.recorder_cost [--visits 60] [--seconds 15]``.

A real recorder process, fed through its ring by a synthetic producer at the load of the design's
tables (each party VP8 640×480@30 with 552 kbit/s and Opus 20 ms with 49 kbit/s: 247 packets a
second and visit). Prints the process's own CPU time per visit-second, after its start.
"""

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from relay.media.ring import RecordFlag, RecordKind, RingWriter
from visit_protocol.message import Message
from visit_protocol.recorder import CloseTap, OpenTap
from visit_protocol.vocabulary import Party, VideoCodec

KEYFRAME = bytes.fromhex("1000009d012a8002e001")
NOISE = random.Random(1).randbytes(4000)
MTU, SOUND_BYTES = 1180, 122


class Producer:
    """One tap's packets."""

    def __init__(self, ring: RingWriter, tap: int, taps: int) -> None:
        self._ring, self._tap = ring, tap
        self._offset_s = tap / taps / 30
        self._pictures = self._sounds = self._sequence = 0
        self.packets = 0

    def advance(self, elapsed_s: float) -> None:
        """Write what is due."""
        while self._pictures / 30 + self._offset_s < elapsed_s:
            self._picture()
        while self._sounds / 50 + self._offset_s < elapsed_s:
            self._write(RecordKind.AUDIO, 0, self._sounds * 960, self._sounds, NOISE[:SOUND_BYTES])
            self._sounds += 1

    def _picture(self) -> None:
        keyframe = self._pictures % 60 == 0
        noise = NOISE[: 2600 if self._pictures % 20 < 9 else 2050]
        data = (KEYFRAME if keyframe else b"\x11") + noise
        for begin in range(0, len(data), MTU):
            flags = 0 if begin else RecordFlag.BEGINS_FRAME
            flags |= RecordFlag.BEGINS_KEYFRAME if keyframe and not begin else 0
            flags |= RecordFlag.MARKER if begin + MTU >= len(data) else 0
            part = data[begin : begin + MTU]
            self._write(RecordKind.VIDEO, flags, self._pictures * 3000, self._sequence, part)
            self._sequence += 1
        self._pictures += 1

    def _write(self, kind: int, flags: int, timestamp: int, sequence: int, data: bytes) -> None:
        self._ring.write(
            self._tap, kind, flags, ssrc=10 * self._tap + kind, arrival_ns=time.monotonic_ns(),
            timestamp=timestamp, sequence=sequence & 0xFFFF, payload=data,
        )  # fmt: skip
        self.packets += 1


def cpu_ms(pid: int) -> tuple[float, float]:
    """User and system time of the process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    tick_ms = 1000 / os.sysconf("SC_CLK_TCK")
    return int(fields[11]) * tick_ms, int(fields[12]) * tick_ms


def measure(visits: int, seconds: float, folder: str) -> str:
    """One line with the figures."""
    ring = RingWriter()
    ours, theirs = socket.socketpair()
    fds = (ring.fd, theirs.fileno())
    command = [sys.executable, "-m", "relay.media.recorder"]
    command += ["--ring-fd", str(fds[0]), "--control-fd", str(fds[1])]
    with theirs:
        recorder = subprocess.Popen(command, pass_fds=fds)
    listener = threading.Thread(target=lambda: [*ours.makefile("rb")])
    listener.start()

    def say(message: Message) -> None:
        ours.sendall(message.to_json().encode() + b"\n")

    taps = 2 * visits
    for tap in range(taps):
        say(OpenTap(tap=tap, call=f"c{tap // 2}", party=list(Party)[tap % 2], segment=1,
                    folder=f"{folder}/{tap // 2}", codec=VideoCodec.VP8))  # fmt: skip
    time.sleep(1.5)
    producers = [Producer(ring, tap, taps) for tap in range(taps)]
    began_s, before = time.monotonic(), cpu_ms(recorder.pid)
    while (elapsed_s := time.monotonic() - began_s) < seconds:
        for producer in producers:
            producer.advance(elapsed_s)
        time.sleep(0.01)
    user, system = (
        (b - a) / elapsed_s / visits for a, b in zip(before, cpu_ms(recorder.pid), strict=True)
    )
    packets = sum(producer.packets for producer in producers) / elapsed_s / visits
    for tap in range(taps):
        say(CloseTap(tap=tap, head=ring.head))
    ours.shutdown(socket.SHUT_WR)
    recorder.wait(30)
    listener.join()
    dropped = ring.dropped
    ring.close()
    return (
        f"{visits} visits, {packets:.0f} packets/s each: {user + system:.2f} ms of CPU per "
        f"visit-second ({user:.2f} user, {system:.2f} system), {dropped} records dropped"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--folder", help="where to record; deleted afterwards")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        print(measure(given.visits, given.seconds, place))  # noqa: T201
