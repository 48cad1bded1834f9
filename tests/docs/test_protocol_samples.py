"""`docs/protocol.md` is true: its samples parse, and no message or close code is missing."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from visit_protocol import bridge, pictures, recorder, signalling, worker
from visit_protocol.errors import CloseCode
from visit_protocol.message import parse_message

DOCUMENT: Final = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
PARSERS: Final[dict[str, TypeAdapter[Any]]] = {
    "from_client": signalling.from_client,
    "from_relay": signalling.from_relay,
    "to_ordinary_worker": worker.to_ordinary_worker,
    "to_protected_worker": worker.to_protected_worker,
    "from_worker": worker.from_worker,
    "from_protected_worker": worker.from_protected_worker,
    "to_recorder": recorder.to_recorder,
    "from_recorder": recorder.from_recorder,
    "to_pictures": pictures.to_pictures,
    "from_pictures": pictures.from_pictures,
    "from_kiosk": bridge.from_kiosk,
    "from_bridge": bridge.from_bridge,
}
SAMPLES: Final = re.findall(r"^```json (\w+)\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)


def types_of(*parsers: str) -> set[str]:
    """The ``type`` words that the parsers know."""
    return {
        word
        for parser in parsers
        for word in PARSERS[parser].json_schema()["discriminator"]["mapping"]
    }


def sampled(*parsers: str) -> set[str]:
    return {
        parse_message(PARSERS[parser], text).type for parser, text in SAMPLES if parser in parsers
    }


@pytest.mark.parametrize(("parser", "text"), SAMPLES)
def test_every_sample_parses(parser: str, text: str) -> None:
    parse_message(PARSERS[parser], text)


def test_no_json_sample_goes_unparsed() -> None:
    assert DOCUMENT.count("\n```json") == len(SAMPLES)


@pytest.mark.parametrize(
    "parsers",
    [
        ("from_client",),
        ("from_relay",),
        ("to_ordinary_worker", "to_protected_worker"),
        ("from_worker", "from_protected_worker"),
        ("to_recorder",),
        ("from_recorder",),
        ("from_pictures",),
        ("from_kiosk",),
        ("from_bridge",),
    ],
)
def test_every_message_type_has_a_sample(parsers: tuple[str, ...]) -> None:
    assert sampled(*parsers) == types_of(*parsers)


def test_every_close_code_is_listed() -> None:
    rows = re.findall(r"^\| (\d{4}) \| `(\w+)` \|", DOCUMENT, re.MULTILINE)
    assert {int(code): name for code, name in rows} == {code.value: code.name for code in CloseCode}


def test_the_timings_are_those_of_the_code() -> None:
    assert f"every {signalling.HEARTBEAT_S:.0f} s" in DOCUMENT
    assert f"Silence of {signalling.SILENCE_S:.0f} s" in DOCUMENT
    assert f"lease of {bridge.LEASE_S * 1000:.0f} ms" in DOCUMENT
    assert f"renews every {bridge.RENEWAL_S * 1000:.0f} ms" in DOCUMENT


@pytest.mark.parametrize("codes", [bridge.BoardLoss, bridge.BoardFault])
def test_every_code_of_the_booth_is_listed(codes: type[StrEnum]) -> None:
    for code in codes:
        assert f"`{code}`" in DOCUMENT
