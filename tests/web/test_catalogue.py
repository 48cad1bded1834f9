"""Claims about the texts: complete in both languages, and every key the pages use is there."""

import re
from functools import cache
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Junk, Message, VariableReference
from fluent.syntax.visitor import Visitor

from evidence.finding import FindingCode
from relay.core.alerts import AlertKind
from relay.service.importing import Kind
from suspension import ReasonCode
from visit_protocol.vocabulary import (
    CallState,
    Outcome,
    RejectionCode,
    TerminationReason,
    VisitType,
)

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("ru", "en")
FILES = ("visitor", "staff", "orders", "reasons", "notice", "report")
SCRIPTS = sorted(path for path in (ROOT / "web").rglob("*.js") if path.parent.name != "vendor")


class Variables(Visitor):
    """Collects the variables that a message takes."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802  # fluent's
        self.names.add(node.id.name)


def messages(language: str, file: str) -> dict[str, frozenset[str]]:
    """Key → variables of one file; a line that does not parse fails the test."""
    text = (ROOT / "locales" / language / f"{file}.ftl").read_text(encoding="utf-8")
    found = {}
    for entry in FluentParser().parse(text).body:
        assert not isinstance(entry, Junk), f"{language}/{file}: {entry.content[:60]!r}"
        if isinstance(entry, Message):
            assert entry.id.name not in found, f"{language}/{file}: {entry.id.name} twice"
            variables = Variables()
            variables.visit(entry)
            found[entry.id.name] = frozenset(variables.names)
    return found


@cache
def catalogue() -> set[str]:
    return {key for file in FILES for key in messages("ru", file)}


@pytest.mark.parametrize("file", FILES)
def test_both_languages_have_the_same_keys_and_variables(file: str) -> None:
    assert messages("ru", file) == messages("en", file)


@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("state", CallState),
        ("staff-state", CallState),
        ("outcome", Outcome),
        ("todo", Outcome),
        ("reason", RejectionCode),
        ("todo", RejectionCode),
        ("termination", TerminationReason),
        ("visit-type", VisitType),
        ("protected-warning", [kind for kind in VisitType if kind.protected]),
        ("order-reason", ReasonCode),
        ("alert", AlertKind),
        ("finding", [*FindingCode, "KEY_REPLACED", "KEY_UNUSABLE"]),
    ],
)
def test_every_code_has_its_words(prefix: str, codes: list[str]) -> None:
    missing = [code for code in codes if f"{prefix}-{code}" not in catalogue()]
    assert missing == []


def journal_actions() -> set[str]:
    """What the relay enters in its journal, read from the code that does it."""
    sources = [path.read_text("utf-8") for path in (ROOT / "relay").rglob("*.py")]
    journaling = "\n".join(text for text in sources if "import Journal" in text)
    plain = set(re.findall(r'"([a-z]+\.[a-z_]+)"', journaling))
    return plain | {f"import.{kind}" for kind in Kind}


def test_every_action_of_the_journal_has_its_words() -> None:
    actions = journal_actions()
    assert "order.issued" in actions
    missing = {one for one in actions if f"journal-{one.replace('.', '-')}" not in catalogue()}
    assert missing == set()


def literal_keys(script: Path) -> set[str]:
    return set(re.findall(r"\bt\(\s*'([^']+)'", script.read_text(encoding="utf-8")))


def composed_keys(script: Path) -> set[str]:
    """Prefixes of keys that are put together with a code: ``t(`reason-${code}`)``."""
    return set(re.findall(r"(?:\bt|\bfind)\(\s*`([^`$]+)\$\{", script.read_text(encoding="utf-8")))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_every_key_in_a_script_is_in_the_catalogue(script: Path) -> None:
    keys = catalogue()
    assert literal_keys(script) - keys == set()
    orphans = {p for p in composed_keys(script) if not any(key.startswith(p) for key in keys)}
    assert orphans == set()


def test_no_key_of_the_pages_is_left_over() -> None:
    used = set().union(*(literal_keys(script) for script in SCRIPTS))
    prefixes = tuple(set().union(*(composed_keys(script) for script in SCRIPTS)))
    text = "\n".join(script.read_text(encoding="utf-8") for script in SCRIPTS)
    pages = {key for file in ("visitor", "staff", "orders") for key in messages("ru", file)}
    left_over = {
        key for key in pages - used if not key.startswith(prefixes) and f"'{key}'" not in text
    }
    assert left_over == set()


def test_no_screen_text_stands_in_a_script() -> None:
    cyrillic = re.compile("[А-Яа-яЁё]{2,}")
    speaking = {
        script.name: cyrillic.findall(script.read_text(encoding="utf-8")) for script in SCRIPTS
    }
    assert {name: words for name, words in speaking.items() if words} == {
        "language-choice.js": ["Русский"]  # a language is offered by its own name
    }
