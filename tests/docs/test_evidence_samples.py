"""The samples of docs/evidence.md are what the code writes."""

import re
from pathlib import Path

from evidence.finding import FindingCode
from tests.evidence.samples import entries, entry, note

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "evidence.md").read_text("utf-8")
SAMPLES = re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)


def test_the_entry_is_the_bytes_of_an_entry() -> None:
    assert SAMPLES[0] == entry(7).encoded().decode() + "\n"


def test_the_checkpoint_is_signed_over_such_entries() -> None:
    assert SAMPLES[1] == note(entries(10))


def test_every_code_is_described() -> None:
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE, re.MULTILINE))
    assert described == {*FindingCode, "FILE_ALTERED"}
