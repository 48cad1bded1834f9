"""The reference firmware in C: its lease state by state, and the whole beside `Board` in Python."""

import asyncio
import contextlib
import random
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_bridge.board import Board, Identity, Wiring
from firmware_bridge.framing import Frame, Keys, encode_frame
from firmware_bridge.payloads import (
    Ask,
    Cause,
    Cut,
    Hello,
    HostAck,
    Lamp,
    LampCode,
    Opening,
    Output,
    Payload,
    Renew,
    Result,
    link_of,
)
from tests.firmware_bridge.booth import BridgeProcess
from tests.firmware_bridge.test_framing import mutated
from visit_protocol.bridge import BadgeShown, BoardFound, BoothSensed, PanicPressed

PROJECT = Path(__file__).parents[2]
REFERENCE = PROJECT / "firmware_bridge" / "reference"
HARNESS = Path(__file__).parent / "harness"
VECTORS = PROJECT / "tests" / "vectors" / "bridge"
FLAGS = (
    *("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wshadow"),
    *("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
)


def build(folder: Path, program: str, *parts: str) -> Path:
    out = folder / program
    sources = [HARNESS / f"{program}.c", *(REFERENCE / f"{part}.c" for part in parts)]
    subprocess.run(["gcc", *FLAGS, f"-I{REFERENCE}", "-o", out, *sources], check=True)
    return out


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("firmware")
    return build(folder, "console", "lease", "sha256", "frame", "board")


class Console:
    """The firmware, obeying lines."""

    def __init__(self, program: Path) -> None:
        self.nonces = 0
        """How many it has drawn: they are never the same again."""
        self._process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def obey(self, line: str) -> list[str]:
        """What it answers, the last being how power and lamp are."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answers: list[str] = []
        while not answers or not answers[-1].startswith("on "):
            answer = self._process.stdout.readline()
            assert answer, "the firmware has ended"
            answers.append(answer.strip())
        return answers

    def close(self) -> None:
        self._process.communicate()
        assert self._process.returncode == 0


@pytest.fixture(scope="module")
def console(program: Path) -> Iterator[Console]:
    console = Console(program)
    yield console
    console.close()


class Twin:
    """`Board` in Python, obeying the same lines."""

    def __init__(self) -> None:
        self._now = 0
        self._nonce = 0
        self._key: bytes | None = None
        self._wiring = Wiring()
        self.board = self._new()

    def _new(self) -> Board:
        identity = Identity(board=b"REFERENC")
        return Board(identity, self._next_nonce, self._key, self._wiring)

    def _next_nonce(self) -> bytes:
        self._nonce += 1
        return bytes((self._nonce % 256, 0, 0, 0, 0, 0, 0, 0))

    def obey(self, line: str) -> list[str]:
        word, _, rest = line.partition(" ")
        board, wiring = self.board, self._wiring
        match word:
            case "key":
                self._key = bytes.fromhex(rest) or None
            case "begin":
                self._now = 0
                board = self.board = self._new()
                board.begin(Cause(int(rest)))
            case "rx":
                board.receive(bytes.fromhex(rest), self._now)
            case "elapse":
                self._now += int(rest)
            case "lifted":
                wiring.lifted = rest == "1"
            case "open":
                wiring.open = Opening(int(rest))
            case "welded":
                wiring.welded = Output(int(rest))
            case "temperature":
                wiring.temperature_dc = int(rest)
            case "badge":
                board.show_badge(bytes.fromhex(rest))
            case "panic":
                board.press_panic()
        if word != "key":
            board.advance(self._now)
        sent = [piece.hex() + "00" for piece in board.take_outgoing().split(b"\0") if piece]
        return [*(f"tx {piece}" for piece in sent), f"on {int(board.driven)} lamp {board.lamp}"]


def test_every_state_of_the_lease_with_every_event(tmp_path: Path) -> None:
    done = subprocess.run(
        [build(tmp_path, "lease_states", "lease")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 40_000_000


KEY = bytes(range(16))
NONCE = b"hostnonc"
commands = st.one_of(
    st.builds(Renew, st.sampled_from([Output(n) for n in range(4)]), st.integers(0, 2000)),
    st.just(Cut()),
    st.just(Ask()),
    st.builds(Lamp, st.sampled_from(LampCode)),
    st.builds(Hello, st.integers(0, 2), st.integers(0, 2), st.sampled_from([NONCE, b"anothern"])),
    st.builds(HostAck, st.sampled_from(Result)),
)
steps = st.one_of(
    st.tuples(st.just("say"), commands, st.integers(0, 12)),
    st.tuples(st.just("raw"), st.binary(max_size=90)),
    st.tuples(st.just("kind"), st.integers(0, 255), st.binary(max_size=12), st.integers(1, 12)),
    st.integers(0, 1600).map(lambda ms: f"elapse {ms}"),
    st.integers(0, 1).map(lambda n: f"lifted {n}"),
    st.integers(0, 3).map(lambda n: f"open {n}"),
    st.integers(0, 3).map(lambda n: f"welded {n}"),
    st.integers(-400, 900).map(lambda n: f"temperature {n}"),
    st.sampled_from(["badge 01020304", "badge 01020304050607", "badge ", "panic", "begin 1"]),
)


@given(st.lists(steps, max_size=30), st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_firmware_and_board_answer_the_same(
    console: Console, program_steps: list[object], keyed: bool
) -> None:
    twin = Twin()
    twin._nonce = console.nonces
    for line in ("open 0", "welded 0", "lifted 0", "temperature 250"):
        console.obey(line)

    def both(line: str) -> None:
        ours = twin.obey(line)
        console.nonces = twin._nonce
        assert console.obey(line) == ours, line

    for end in (twin, console):
        end.obey(f"key {KEY.hex() if keyed else ''}")
    both("begin 0")
    both("rx " + wire(twin, Hello(1, 1, NONCE), 0, keyed).hex())
    for step in program_steps:
        match step:
            case str():
                both(step)
            case ("say", Payload() as payload, int(sequence)):
                both("rx " + wire(twin, payload, sequence, keyed).hex())
            case ("kind", int(kind), bytes(data), int(sequence)):
                frame = Frame(kind, twin.board._link or 1, sequence, data)
                both("rx " + encode_frame(frame, keys(twin, keyed)).hex())
            case ("raw", bytes(data)):
                both("rx " + data.hex())
                both("rx 00")


def keys(twin: Twin, keyed: bool) -> Keys | None:
    board = twin.board
    return Keys.of_link(KEY, board._host_nonce, board._board_nonce) if keyed else None


def wire(twin: Twin, payload: Payload, sequence: int, keyed: bool) -> bytes:
    """The payload on the twin's link, as a host would send it."""
    link = 0 if isinstance(payload, Hello) else twin.board._link or 1
    frame = Frame(payload.kind, link, sequence, payload.pack())
    return encode_frame(frame, keys(twin, keyed))


def test_no_mutated_frame_is_accepted_by_the_firmware(console: Console) -> None:
    source = random.Random(7)
    console.obey("key ")
    console.obey("begin 0")
    for _ in range(3000):
        found, state = console.obey(f"frame {mutated(source).hex()}")
        assert (found, state) == ("none", "on 0 lamp 4")


# ── vectors ────────────────────────────────────────────────────────────────────────────────
def frame_vectors() -> list[list[str]]:
    lines = (VECTORS / "frames.txt").read_text("utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def test_the_frames_of_the_vectors_are_what_python_sends() -> None:
    for key, host, board, kind, link, sequence, payload, sent in frame_vectors():
        keyed = None
        if key != "-":
            keyed = Keys.of_link(bytes.fromhex(key), bytes.fromhex(host), bytes.fromhex(board))
        frame = Frame(
            int(kind, 16),
            int(link, 16),
            int(sequence),
            b"" if payload == "-" else bytes.fromhex(payload),
        )
        assert encode_frame(frame, keyed).hex() == sent
        if link not in ("0", "00000000") and host != "-":
            assert link_of(bytes.fromhex(host), bytes.fromhex(board)) == int(link, 16)


def test_the_frames_without_a_key_are_what_the_firmware_sends(console: Console) -> None:
    console.obey("key ")
    console.obey("begin 0")
    for key, *_, sent in frame_vectors():
        if key == "-":
            assert console.obey(f"frame {sent.removesuffix('00')}")[0] == f"tx {sent}"


def test_the_conversation_of_the_vectors_is_held_by_both(program: Path) -> None:
    lines = (VECTORS / "conversation.txt").read_text("utf-8").splitlines()
    for end in (Console(program), Twin()):
        expected: list[str] = []
        for line in (line for line in lines if line and not line.startswith("#")):
            if line.startswith("> "):
                assert expected == []
                expected = end.obey(line[2:])
            else:
                assert line == f"< {expected.pop(0)}"
        assert expected == []
        if isinstance(end, Console):
            end.close()


# ── beside the bridge ──────────────────────────────────────────────────────────────────────
class Firmware:
    """The firmware as a board on a pseudo-terminal."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    def do(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word.encode() + b"\n")

    async def power(self) -> tuple[float, int]:
        """When the outputs changed, and to what."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 5)
        return asyncio.get_running_loop().time(), int(line.split()[1])


@contextlib.asynccontextmanager
async def firmware(program: Path, bridge: BridgeProcess, key: str) -> AsyncIterator[Firmware]:
    process = await asyncio.create_subprocess_exec(
        *(program, bridge.port, key),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Firmware(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        assert await process.wait() == 0


@pytest.mark.parametrize("key", ["-", KEY.hex()], ids=["open", "keyed"])
async def test_the_bridge_and_the_firmware_hold_a_visit(
    program: Path, tmp_path: Path, key: str
) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(key)
    key_file.chmod(0o600)
    bridge = BridgeProcess(tmp_path, None if key == "-" else key_file)
    await bridge.start()
    try:
        async with firmware(program, bridge, key) as board:
            kiosk = await bridge.kiosk()
            await kiosk.hears(BoardFound(board=b"REFERENC".hex(), firmware="1.0.0"))
            for word in ("lift", "badge", "panic"):
                board.do(word)
            await kiosk.hears(BadgeShown(uid="04a1b2c3"), PanicPressed, BoothSensed, within_s=1)
            kiosk.hold_power()
            assert (await board.power())[1] == 3
            await asyncio.sleep(1)
            began = asyncio.get_running_loop().time()
            await bridge.kill()
            off_at, outputs = await board.power()
            assert outputs == 0
            assert off_at - began <= 0.65
            await kiosk.close()
    finally:
        await bridge.kill()
