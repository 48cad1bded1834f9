"""The C pump between two sockets, with a wire in between that loses what the test wants lost."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pylibsrtp
import pytest

pytest.importorskip("operate.bench.load._pump", reason="no C compiler, so no load generator")

from operate.bench.load.clip import Clip, ClipPacket
from operate.bench.load.description import OFFERED, Remote
from operate.bench.load.pump import Pump, Window
from relay.media.packets.rtcp import is_rtcp
from relay.media.transport.ice import IceCredentials
from relay.media.transport.srtp import SrtpSessions

KEY = bytes(range(44))
CLIP = Clip(
    tuple(
        ClipPacket(
            number * 5_000, number * 450, os.urandom(400), video=number % 2 == 0, marker=True
        )
        for number in range(40)
    ),
    period_us=200_000,
)
"""200 packets a second, sound and picture in turn."""


@dataclass
class WiredLeg:
    """What the pump needs of a leg: `operate.bench.load.leg.Leg` after its handshake."""

    direction: str
    sock: socket.socket
    sessions: SrtpSessions
    ssrcs: tuple[int, int] = (1111, 2222)
    remote: Remote = field(
        default_factory=lambda: Remote(
            ("127.0.0.1", 9), IceCredentials("a", "b"), ("sha-256", ""), dict(OFFERED)
        )
    )

    def __post_init__(self) -> None:
        self.odd: list[bytes] = []

    def datagram(self, data: bytes) -> None:
        self.odd.append(data)


class Wire:
    """Passes datagrams from one leg to the other, except those that ``loses`` names."""

    def __init__(self, loses: Callable[[int], bool], delay_s: float) -> None:
        self._ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        self.legs = [self._leg(number) for number in range(2)]
        self.passed = 0
        self._loses = loses
        self._delay_s = delay_s
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _leg(self, number: int) -> WiredLeg:
        end = self._ends[number]
        end.bind(("127.0.0.1", 0))
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        sock.connect(end.getsockname())
        end.connect(sock.getsockname())
        end.settimeout(0.5)
        profile = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM
        inbound, outbound = pylibsrtp.Policy.SSRC_ANY_INBOUND, pylibsrtp.Policy.SSRC_ANY_OUTBOUND
        sessions = SrtpSessions(
            *(
                pylibsrtp.Session(pylibsrtp.Policy(key=KEY, ssrc_type=kind, srtp_profile=profile))
                for kind in (inbound, outbound)
            )
        )
        return WiredLeg(("sendonly", "recvonly")[number], sock, sessions)

    def _run(self) -> None:
        number = 0
        while True:
            try:
                data = self._ends[0].recv(2048)
            except TimeoutError:
                return  # the pump has stopped
            if is_rtcp(data[1]):
                continue
            number += 1
            if not self._loses(number):
                time.sleep(self._delay_s)
                self._ends[1].send(data)
                self.passed += 1

    def say(self, data: bytes) -> None:
        self._ends[1].send(data)

    def close(self) -> None:
        self._thread.join()
        for sock in (*self._ends, *(leg.sock for leg in self.legs)):
            sock.close()


@pytest.fixture
def wired() -> Iterator[Callable[..., Wire]]:
    made: list[Wire] = []

    def make(loses: Callable[[int], bool] = lambda _: False, delay_s: float = 0.0) -> Wire:
        made.append(Wire(loses, delay_s))
        return made[-1]

    yield make
    for wire in made:
        wire.close()


def played(wire: Wire, seconds: float = 1.0) -> Window:
    """What the pump counted of a window that begins when the legs play already."""
    pump = Pump(CLIP, wire.legs, [None, 0])  # type: ignore[arg-type]
    try:
        begin_ns = time.time_ns() + 200_000_000
        pump.window(begin_ns, begin_ns + int(seconds * 1e9))
        pump.begin()
        wire.say(b"\x00\x01odd")
        time.sleep(seconds + 0.6)
        return pump.read()
    finally:
        pump.stop()


def test_everything_that_was_sent_is_found_again(wired):
    window = played(wired())
    assert 190 <= window.sent <= 210
    assert window.received == window.sent
    assert sum(window.delays.values()) == window.received
    assert window.send_drops == 0


def test_what_was_lost_on_the_way_is_counted(wired):
    window = played(wired(loses=lambda number: number % 10 == 0))
    assert window.sent * 0.08 <= window.sent - window.received <= window.sent * 0.12


def test_the_delay_is_the_wires(wired):
    window = played(wired(delay_s=0.003))
    assert min(window.delays) * 0.005 >= 3.0


def test_what_is_no_media_reaches_its_leg(wired):
    wire = wired()
    played(wire, seconds=0.2)
    assert wire.legs[1].odd == [b"\x00\x01odd"]
