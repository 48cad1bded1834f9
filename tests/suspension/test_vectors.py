"""The vectors of docs/orders.md are what the code says, and the code does what they say."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from suspension import (
    Accepted,
    ClockInterval,
    Home,
    RefusalCode,
    Subject,
    TrustedOrders,
    denying,
)
from suspension.receipt import Break, check_chain
from suspension.trust import Trust
from tests.suspension.vectors import FOLDER, files
from visit_protocol.vocabulary import VisitType

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "orders.md"
CASES = json.loads((FOLDER / "cases.json").read_text())


def read_trust(name: str) -> Trust:
    bundle = json.loads((FOLDER / name).read_text())
    return Trust.load([one.encode() for one in bundle["roots"]], bundle["delegations"].encode())


def test_the_vectors_are_what_their_script_writes():
    wanted = dict(files())
    assert {path.name for path in FOLDER.iterdir()} == wanted.keys()
    stale = [name for name, data in wanted.items() if (FOLDER / name).read_bytes() != data]
    assert stale == [], "run python -m tests.suspension.vectors"


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_every_case_ends_as_it_says(case):
    clock = ClockInterval(*(datetime.fromisoformat(case["clock"][edge]) for edge in ("lo", "hi")))
    state = TrustedOrders(read_trust(case["trust"]), Home(case["facility"]))
    found = []
    for name in case["arrive"]:
        state, verdict = state.accept((FOLDER / f"{name}.order.json").read_bytes(), clock)
        if isinstance(verdict, Accepted):
            found.append("ACCEPTED" if verdict.new else "KNOWN")
        else:
            found.append(verdict.code.value)
    assert found == case["expect"]
    visit = CASES["visit"]
    sets = {name: frozenset(visit[name]) for name in ("housing_units", "visitors", "contacts")}
    subject = Subject(**(visit | sets | {"visit_type": VisitType(visit["visit_type"])}))
    denied_by = sorted(one.sha256 for one in denying(state.book, subject, clock))
    assert denied_by == sorted(case["denies"])


@pytest.mark.parametrize("chain", json.loads((FOLDER / "chains.json").read_text()))
def test_every_chain_breaks_where_it_says(chain):
    envelopes = [(FOLDER / f"{name}.receipt.json").read_bytes() for name in chain["receipts"]]
    found = check_chain(envelopes, read_trust("trust.json"), "f-1")
    assert (found.broken_at, found.why) == (chain["broken_at"], chain["why"])


def test_every_code_has_a_vector_and_stands_in_the_document():
    text = DOCUMENT.read_text()
    seen = {code for case in CASES["cases"] for code in case["expect"]}
    assert {code.value for code in RefusalCode} <= seen
    for code in [*RefusalCode, *Break]:
        assert f"`{code}`" in text, code
    for name in re.findall(r"`([a-z0-9-]+\.(?:order|receipt)\.json)`", text):
        assert (FOLDER / name).exists(), name
