"""`docs/bridge-protocol.md` is true: kinds, codes, times and samples are those of the code."""

import re
from enum import IntEnum, IntFlag
from pathlib import Path

from firmware_bridge import board, device, framing, link, payloads
from firmware_bridge.framing import Frame, parse_frame
from firmware_bridge.payloads import FROM_BOARD, FROM_HOST, parse_payload

PROJECT = Path(__file__).parents[2]
DOCUMENT = (PROJECT / "docs" / "bridge-protocol.md").read_text("utf-8")
VECTORS = (PROJECT / "tests" / "vectors" / "bridge" / "frames.txt").read_text("utf-8")


def test_every_kind_is_listed_with_its_number_and_name() -> None:
    rows = re.findall(r"^\| (0x\w\w) \| (\w+) \|", DOCUMENT, re.MULTILINE)
    named = {
        part.kind: re.sub(r"(?<=[a-z])(?=[A-Z])", "_", part.__name__).upper()
        for part in (*FROM_HOST.values(), *FROM_BOARD.values())
    }
    assert {int(kind, 16): name for kind, name in rows} == named


def test_the_fields_of_a_payload_have_the_lengths_of_the_code() -> None:
    """Each fixed payload's row adds up to what the code takes, and to nothing else."""
    rows = re.findall(r"^\| (0x\w\w) \| \w+ \| ([^|]+) \|", DOCUMENT, re.MULTILINE)
    for kind, fields in rows:
        number = int(kind, 16)
        if fields == "none":
            length = 0
        elif fields.startswith("UID"):
            continue
        else:
            stated = fields.partition(";")[0]
            length = sum(int(part.split()[-1]) for part in stated.split(","))
        vocabulary = FROM_HOST if number < 0x80 else FROM_BOARD
        parse_payload(vocabulary, number, bytes(length))
        for wrong in (length - 1, length + 1):
            if wrong >= 0:
                assert not _parses(number, bytes(wrong))


def _parses(kind: int, data: bytes) -> bool:
    try:
        parse_payload(FROM_HOST if kind < 0x80 else FROM_BOARD, kind, data)
    except payloads.PayloadError:
        return False
    return True


def test_every_code_is_listed() -> None:
    kinds: dict[str, type[IntEnum] | type[IntFlag]] = {
        "outputs, driven, sensed": payloads.Output,
        "open": payloads.Opening,
        "lamp": payloads.LampCode,
        "result": payloads.Result,
        "cause": payloads.Cause,
    }
    for field, codes in kinds.items():
        row = re.search(rf"^\| {field} \| ([^|]+) \|", DOCUMENT, re.MULTILINE)
        assert row is not None
        stated = dict(re.findall(r"(\d+) ([a-z-]+)", row[1]))
        assert stated == {
            str(int(code)): str(code.name).lower().replace("_", "-")
            for code in codes
            if isinstance(code, IntEnum) or code
        }


def test_the_times_and_bounds_are_those_of_the_code() -> None:
    for text in (
        f"longer than {payloads.HARD_LIMIT_MS} ms",
        f"for {payloads.LEASE_MS} ms",
        f"again every {link.GREETING_S * 1000:.0f} ms",
        f"none for {link.SILENCE_S * 1000:.0f} ms",
        f"link for {board.SILENCE_MS} ms",
        f"repeats it every {link.RETRY_S * 1000:.0f} ms",
        f"after {link.TRIES} tries",
        f"number, every {board.REPEAT_MS} ms",
        f"every\n{board.STATE_MS} ms",
        f"at most {framing.MAX_PAYLOAD}",
        f"longer than {framing.MAX_STUFFED} are",
        f"within {device.CONFIRM_S:.0f} s",
        f"within {device.RISE_S * 1000:.0f} ms",
    ):
        assert text in DOCUMENT, text


def test_every_sample_is_a_frame_and_a_vector() -> None:
    samples = re.findall(r"^\| (\d+) \| [^|]+ \| `([0-9a-f]+)` \|", DOCUMENT, re.MULTILINE)
    assert len(samples) >= 12
    kinds = set()
    for sequence, wire in samples:
        assert wire in VECTORS
        frame = parse_frame(bytes.fromhex(wire)[:-1])
        assert isinstance(frame, Frame)
        assert frame.sequence == int(sequence)
        kinds.add(frame.kind)
    assert kinds == {*FROM_HOST, *FROM_BOARD}
