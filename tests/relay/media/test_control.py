"""The control channel over a real socket pair: cuts at once, faults that end, bounded queues."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from queue import Queue

import pytest

from relay.media.control import MAX_UNSENT, ChannelFaultError, ControlChannel
from relay.media.forwarding.python_gate import PythonGate
from visit_protocol.worker import (
    CutCall,
    OpenCall,
    OpenRecordedCall,
    WorkerReady,
    to_ordinary_worker,
    to_protected_worker,
)


class Ends:
    """A channel, the relay's end of it, and what the channel told."""

    def __init__(self, vocabulary=to_ordinary_worker) -> None:
        self.relay, worker = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.relay.settimeout(5)
        self.messages: Queue = Queue()
        self.ends: Queue = Queue()
        self.channel = ControlChannel(
            worker,
            vocabulary,
            open_gate=PythonGate,
            on_message=lambda message, gate: self.messages.put((message, gate)),
            on_end=self.ends.put,
        )
        self.worker = worker
        self.channel.start()

    def say(self, message) -> None:
        self.relay.sendall(message.to_json().encode() + b"\n")

    def hear(self) -> dict:
        with self.relay.makefile("rb") as lines:
            return dict(json.loads(lines.readline()))


@pytest.fixture
def ends() -> Iterator[Ends]:
    made = Ends()
    yield made
    made.relay.close()
    made.channel.finish(1)
    made.worker.close()


def test_a_cut_is_confirmed_by_the_reading_thread_itself(ends: Ends) -> None:
    ends.say(OpenCall(call="a"))
    opened, gate = ends.messages.get(timeout=5)
    assert opened == OpenCall(call="a")
    assert not gate.is_shut
    # Nobody reads `ends.messages` from here on: the event loop is busy.
    ends.say(CutCall(call="a"))
    assert ends.hear()["type"] == "call_cut"
    assert gate.is_shut


def test_a_call_opened_again_has_a_new_gate(ends: Ends) -> None:
    ends.say(OpenCall(call="a"))
    ends.say(CutCall(call="a"))
    ends.say(OpenCall(call="a"))
    gates = [ends.messages.get(timeout=5)[1] for _ in range(3)]
    assert gates[0].is_shut
    assert not gates[2].is_shut


def test_a_call_opened_twice_keeps_its_gate(ends: Ends) -> None:
    ends.say(OpenCall(call="a"))
    ends.say(OpenCall(call="a"))
    first, second = (ends.messages.get(timeout=5)[1] for _ in range(2))
    assert first is second


def test_the_channels_end_shuts_every_gate(ends: Ends) -> None:
    ends.say(OpenCall(call="a"))
    _, gate = ends.messages.get(timeout=5)
    ends.relay.close()
    assert ends.ends.get(timeout=5) is None
    assert gate.is_shut


@pytest.mark.parametrize(
    "line", [b"\n", b"{}\n", b"\xff\n", b"[" * 60000 + b"\n", b'{"type":"open_call"}\n']
)
def test_a_line_that_is_no_message_is_a_fault_that_repeats_nothing_of_it(line: bytes) -> None:
    made = Ends()
    made.relay.sendall(line)
    fault = made.ends.get(timeout=5)
    assert isinstance(fault, ChannelFaultError)
    assert "[[" not in str(fault)
    made.relay.close()
    made.worker.close()


def test_a_recorded_call_is_no_word_of_a_protected_worker() -> None:
    made = Ends(to_protected_worker)
    made.say(OpenRecordedCall(call="a", folder="/x", segment=1))
    assert isinstance(made.ends.get(timeout=5), ChannelFaultError)
    made.relay.close()
    made.worker.close()


def test_sending_never_waits_for_a_relay_that_does_not_read(ends: Ends) -> None:
    message = WorkerReady(pid=1, candidates=("x" * 1000,))

    def flood() -> None:
        for _ in range(4 * MAX_UNSENT):
            ends.channel.send(message)

    started = time.monotonic()
    with pytest.raises(ChannelFaultError):
        flood()
    assert time.monotonic() - started < 5


def test_a_shut_waits_for_the_send_that_is_under_way_and_no_longer() -> None:
    gate, sent = PythonGate(), []
    inside, go = threading.Event(), threading.Event()

    class Slow:
        def sendto(self, data: bytes, address: tuple[str, int]) -> None:
            inside.set()
            go.wait(5)
            sent.append(data)

    sender = threading.Thread(target=gate.send, args=(Slow(), b"x", ("", 0)))
    sender.start()
    inside.wait(5)
    shutter: Queue = Queue()
    threading.Thread(target=lambda: shutter.put(gate.shut())).start()
    time.sleep(0.05)
    assert shutter.empty()
    go.set()
    shut = shutter.get(timeout=5)
    sender.join()
    assert sent == [b"x"]
    assert shut.last_packet_ns <= shut.cut_ns
    assert not gate.send(Slow(), b"y", ("", 0))
