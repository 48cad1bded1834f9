"""The conversation between host and board, on lines good and bad."""

import random

import pytest

from firmware_bridge.board import Identity
from firmware_bridge.framing import Frame, encode_frame
from firmware_bridge.link import (
    Done,
    Failed,
    Fell,
    Greeted,
    Heard,
    Mismatched,
    Reason,
    Unanswered,
)
from firmware_bridge.payloads import (
    Ask,
    Badge,
    Boot,
    Cause,
    Cut,
    Lamp,
    LampCode,
    Opening,
    Output,
    Panic,
    Payload,
    Renew,
    State,
)
from tests.firmware_bridge.wire import Wire, bad_reads, flips

BOTH = Output.CAMERA | Output.MICROPHONE
KEY = b"sixteen bytes of"


@pytest.fixture(params=[None, KEY], ids=["open", "keyed"])
def wire(request: pytest.FixtureRequest) -> Wire:
    """A link that is open."""
    wire = Wire(request.param)
    wire.until(Greeted)
    return wire


def ended(wire: Wire, command: Payload) -> list[object]:
    """Send it, and every end that it comes to."""
    found: list[object] = [*wire.link.send(command, wire.now / 1000), *wire.run(700)]
    return [end for end in found if isinstance(end, Done | Failed) and end.command == command]


def test_a_command_is_done_once(wire: Wire) -> None:
    assert ended(wire, Lamp(LampCode.FREE)) == [Done(Lamp(LampCode.FREE))]
    assert wire.board.lamp is LampCode.FREE


def test_the_board_speaks_twice_a_second_and_at_each_change(wire: Wire) -> None:
    wire.run(600)
    states = [h for h in wire.run(2000) if isinstance(h, Heard)]
    assert 3 <= len(states) <= 5
    wire.board.wiring.lifted = True
    heard = wire.until(Heard, 5)
    assert isinstance(heard, Heard)
    assert isinstance(heard.payload, State)
    assert heard.payload.lifted


def test_power_lasts_as_long_as_its_lease(wire: Wire) -> None:
    wire.link.send(Renew(BOTH), wire.now / 1000)
    began = wire.now
    wire.run(1000)
    (on, outputs), (off, none) = wire.powered[-2:]
    assert (outputs, none) == (BOTH, Output.NONE)
    assert 595 <= off - on <= 600
    assert off - began <= 601  # one for the line


@pytest.mark.parametrize("asked", [1500, 1501, 65535])
def test_no_lease_is_longer_than_the_hard_limit(wire: Wire, asked: int) -> None:
    wire.link.send(Renew(BOTH, asked), wire.now / 1000)
    began = wire.now
    wire.run(2000)
    assert 1495 <= wire.powered[-1][0] - began <= 1501


def test_a_cut_waits_for_nothing_and_nothing_is_lost_by_it(wire: Wire) -> None:
    now = wire.now / 1000
    wire.link.send(Renew(BOTH), now)
    wire.run(20)
    wire.to_board = lambda _: b""
    wire.link.send(Lamp(LampCode.FREE), now)
    wire.run(10)
    wire.to_board = bytes
    failed = wire.link.send(Renew(BOTH), wire.now / 1000)
    failed += wire.link.send(Cut(), wire.now / 1000)
    found = [*failed, *wire.run(5)]
    assert wire.board.sensed is Output.NONE
    found += wire.run(100)
    assert [h for h in found if isinstance(h, Done | Failed)] == [
        Failed(Renew(BOTH), Reason.OVERTAKEN),
        Done(Cut()),
        Done(Lamp(LampCode.FREE)),
    ]


def test_a_renewal_that_gets_through_late_gives_only_what_is_left(wire: Wire) -> None:
    began = wire.now
    wire.to_board = lambda _: b""
    wire.link.send(Renew(BOTH), wire.now / 1000)
    wire.run(100)
    wire.to_board = bytes
    wire.run(1000)
    on, off = wire.powered[-2][0], wire.powered[-1][0]
    assert on - began > 100
    assert off - began <= 601


def test_a_command_without_an_answer_fails_with_that_reason(wire: Wire) -> None:
    wire.to_board = lambda _: b""
    assert ended(wire, Ask()) == [Failed(Ask(), Reason.NO_ANSWER)]


def test_a_board_that_refuses_is_believed(wire: Wire) -> None:
    wire.board.wiring.open = Opening.CASE
    assert ended(wire, Renew(BOTH)) == [Failed(Renew(BOTH), Reason.REFUSED)]
    assert wire.board.sensed is Output.NONE


def test_an_opened_case_takes_the_power_away(wire: Wire) -> None:
    wire.link.send(Renew(BOTH), wire.now / 1000)
    wire.run(10)
    assert wire.board.sensed == BOTH
    wire.board.wiring.open = Opening.CASE
    wire.run(2)
    assert wire.board.sensed is Output.NONE


def test_too_many_commands_fail_at_once(wire: Wire) -> None:
    found = [end for _ in range(12) for end in wire.link.send(Ask(), wire.now / 1000)]
    assert Failed(Ask(), Reason.TOO_MANY) in found


def test_before_a_greeting_a_command_fails() -> None:
    assert Wire().link.send(Ask(), 0) == [Failed(Ask(), Reason.NO_LINK)]


def test_a_silent_board_falls_and_is_found_again(wire: Wire) -> None:
    wire.to_host = lambda _: b""
    assert wire.until(Fell, 1300) == Fell(None)
    wire.to_host = bytes
    wire.until(Greeted, 600)


def test_a_board_that_began_anew_is_greeted_at_once_and_has_no_power(wire: Wire) -> None:
    wire.link.send(Renew(BOTH), wire.now / 1000)
    wire.run(20)
    wire.restart(Cause.BROWN_OUT)
    assert wire.until(Fell, 5) == Fell(Boot(Cause.BROWN_OUT))
    wire.until(Greeted, 5)
    assert wire.board.sensed is Output.NONE


def test_a_host_that_began_anew_ends_the_power_of_the_older_one(wire: Wire) -> None:
    wire.link.send(Renew(BOTH), wire.now / 1000)
    wire.run(20)
    wire.link.open(wire.now / 1000)
    wire.run(3)
    assert wire.board.sensed is Output.NONE


def test_a_board_without_a_host_ends_its_link(wire: Wire) -> None:
    wire.board.lamp = LampCode.FREE
    wire.to_board = lambda _: b""
    wire.run(1505)
    assert wire.board.lamp is LampCode.FAULT
    assert wire.board.take_outgoing() == b""


def test_another_version_is_named() -> None:
    wire = Wire(identity=Identity(lowest=2, highest=4))
    found = wire.until(Mismatched)
    assert isinstance(found, Mismatched)
    assert (found.welcome.lowest, found.welcome.highest) == (2, 4)
    assert not wire.link.is_open


def test_nobody_and_somebody_else_are_told_apart() -> None:
    silent, other = Wire(to_host=lambda _: b""), Wire(to_host=lambda _: b"")
    assert silent.until(Unanswered, 2000) == Unanswered(0)
    for _ in range(1600):
        other.link.receive(b"$GPGGA,1\r\n", other.now / 1000)
        other.step()
    assert any(isinstance(h, Unanswered) and h.bytes_heard for h in other.happened)


def test_a_board_with_another_key_is_not_one_of_ours() -> None:
    wire = Wire(KEY)
    wire.board.shared_key = b"another sixteen "
    wire.board.begin(Cause.POWER)
    found = wire.until(Unanswered, 2000)
    assert isinstance(found, Unanswered)
    assert not wire.link.is_open


def test_a_panic_is_told_even_to_the_next_host(wire: Wire) -> None:
    wire.to_host = lambda _: b""
    wire.board.press_panic()
    wire.until(Fell)
    wire.to_host = bytes
    heard = [h.payload for h in wire.run(400) if isinstance(h, Heard)]
    assert [p for p in heard if isinstance(p, Panic)] == [Panic(1)]


def test_a_badge_is_told_when_it_comes_and_goes(wire: Wire) -> None:
    for uid in (b"\x04\xaa\xbb\xcc", b""):
        wire.board.show_badge(uid)
        heard = wire.until(Heard, 10)
        assert heard == Heard(Badge(uid))


def test_replayed_and_reordered_frames_do_nothing(wire: Wire) -> None:
    recorded: list[bytes] = []
    wire.to_board = lambda data: recorded.append(data) or data  # type: ignore[func-returns-value]
    wire.link.send(Renew(BOTH), wire.now / 1000)
    wire.run(30)
    wire.link.send(Lamp(LampCode.FREE), wire.now / 1000)
    wire.run(30)
    wire.link.send(Cut(), wire.now / 1000)
    wire.run(30)
    wire.to_board = bytes
    frames = [data for data in recorded if data]
    random.Random(3).shuffle(frames)
    for data in frames:
        wire.board.receive(data, wire.now)
        wire.run(2)
        assert wire.board.sensed is Output.NONE
    wire.link.open(wire.now / 1000)
    wire.until(Greeted)
    for data in frames:
        wire.board.receive(data, wire.now)
        assert wire.board.sensed is Output.NONE


def test_a_frame_of_the_future_needs_the_key() -> None:
    wire = Wire(KEY)
    wire.until(Greeted)
    forged = Frame(Renew.kind, wire.board._link, 99, Renew(BOTH).pack())
    wire.board.receive(encode_frame(forged), wire.now)
    assert wire.board.sensed is Output.NONE


@pytest.mark.parametrize("seed", range(3))
def test_with_bad_reads_every_command_comes_to_an_end_and_most_get_through(seed: int) -> None:
    source = random.Random(seed)
    wire = Wire(to_board=bad_reads(0.15, source), to_host=bad_reads(0.15, source))
    done, sent = 0, 0
    for _ in range(60):
        if not wire.link.is_open:
            wire.until(Greeted)
        sent += 1
        ends = ended(wire, Lamp(LampCode(sent % 5)))
        assert len(ends) == 1
        done += isinstance(ends[0], Done)
    assert done >= sent * 0.9


@pytest.mark.parametrize("seed", range(3))
def test_with_every_seventh_byte_wrong_no_lease_is_false(seed: int) -> None:
    source = random.Random(seed)
    wire = Wire()
    wire.until(Greeted)
    wire.to_board, wire.to_host = flips(0.15, source), flips(0.15, source)
    allowed_until, ends, sent, false = 0, 0, 0, []
    for _ in range(60):
        if source.random() < 0.5 and wire.link.is_open:
            command: Payload = source.choice((Renew(BOTH), Cut(), Ask()))
            sent += 1
            ends += len(wire.link.send(command, wire.now / 1000))
            if isinstance(command, Renew):
                allowed_until = wire.now + 600
        for _ in range(100):
            ends += sum(isinstance(h, Done | Failed) for h in wire.step())
            if wire.board.sensed and wire.now > allowed_until:
                false.append(wire.now)
    ends += len(wire.link.close())
    assert ends == sent
    assert false == []
