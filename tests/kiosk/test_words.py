"""The catalogue is complete, and codes become words for the person in the booth."""

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast

from kiosk.languages import FOLDER, languages
from kiosk.message import MESSAGE_SCREENS, message_of, stopping_words
from kiosk.situation import Screen
from kiosk.texts import Texts, faults
from tests.kiosk.gallery import NOW, SITUATIONS, SUSPENDED, VISITING
from visit_protocol.vocabulary import Outcome, RejectionCode, TerminationReason

ORDER_REASONS = (
    "SECURITY_INCIDENT",
    "INVESTIGATION",
    "PERSON_SAFETY",
    "RULE_VIOLATION",
    "TECHNICAL_WORK",
    "QUARANTINE",
    "COURT_ORDER",
)


def messages_of(language: str) -> dict[str, ast.Message]:
    text = (FOLDER / language / "kiosk.ftl").read_text(encoding="utf-8")
    resource = FluentParser().parse(text)
    assert not [entry for entry in resource.body if isinstance(entry, ast.Junk)]
    return {entry.id.name: entry for entry in resource.body if isinstance(entry, ast.Message)}


def test_both_languages_have_the_same_texts() -> None:
    assert set(messages_of("ru")) == set(messages_of("en"))


def test_every_key_in_the_code_has_a_text() -> None:
    texts = Texts("en")
    keys = set()
    for file in FOLDER.parent.joinpath("kiosk").rglob("*.py"):
        keys |= set(re.findall(r'texts\(\s*"([a-z][a-z0-9-]+)"', file.read_text()))
    assert len(keys) > 20
    assert [key for key in sorted(keys) if not texts.has(key)] == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_code_has_words_for_the_booth(language: str) -> None:
    texts = Texts(language)
    for code in (*Outcome, *RejectionCode):
        kind = "outcome" if isinstance(code, Outcome) else "reason"
        assert texts.has(f"own-{kind}-{code}") or texts.has(f"{kind}-{code}"), code
        assert texts.has(f"own-todo-{code}") or texts.has(f"todo-{code}"), code
    for told in (reason for reason in TerminationReason if reason.told):
        assert texts.has(f"termination-{told}")
    for reason in ORDER_REASONS:
        assert texts.has(f"order-reason-{reason}")


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("name", [n for n, (s, _) in SITUATIONS.items() if s in MESSAGE_SCREENS])
def test_every_message_has_words(name: str, language: str) -> None:
    screen, situation = SITUATIONS[name]
    message = message_of(screen, situation, Texts(language), NOW)
    assert message.title
    assert all(message.paragraphs)


def test_an_end_by_staff_says_why_and_what_to_do() -> None:
    message = message_of(Screen.ENDED, SITUATIONS["ended-by-staff"][1], Texts("en"), NOW)
    assert message.title == "A member of staff ended the visit"
    assert message.paragraphs[0] == "Somebody else took part."
    assert "appeal" in message.paragraphs[1]


def test_a_suspension_says_why_until_when_who_and_what_to_do() -> None:
    situation = SITUATIONS["ended-suspended"][1]
    message = message_of(Screen.ENDED, situation, Texts("en"), NOW)
    assert message.title == "The visit is suspended" or message.title
    said = " ".join(message.paragraphs)
    assert SUSPENDED.public_text is not None
    assert SUSPENDED.public_text["en"] in said
    assert "appeal" in said
    assert message.facts == ("Until 16 November, 19:31", "Decided by: начальник учреждения № 7")


def test_a_language_that_the_public_text_lacks_gets_the_first_one() -> None:
    only_russian = SUSPENDED.model_copy(update={"public_text": {"ru": "Почему."}})
    situation = SITUATIONS["cannot-suspended"][1]
    message = message_of(
        Screen.CANNOT_VISIT, replace(situation, refusals=(only_russian,)), Texts("en"), NOW
    )
    assert "Почему." in message.paragraphs


def test_times_are_the_facilitys_and_name_the_day_when_it_is_another() -> None:
    texts = Texts("ru")
    at = datetime(2026, 11, 14, 9, 30, tzinfo=UTC)
    assert texts.moment(at, at, "Asia/Yekaterinburg") == "14:30"
    tomorrow = at + timedelta(hours=10)
    assert texts.moment(tomorrow, at, "Asia/Yekaterinburg") == "15 ноября, 00:30"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A copy of the catalogue whose Russian words have an error, and a third language."""
    shutil.copytree(FOLDER, tmp_path / "locales")
    russian = tmp_path / "locales" / "ru" / "kiosk.ftl"
    words = russian.read_text(encoding="utf-8")
    words = words.replace("start = Начать", "start = { Начать")
    russian.write_text(words.replace("back = Назад", "back = { $nobody }"), encoding="utf-8")
    (tmp_path / "locales" / "tt").mkdir()
    (tmp_path / "locales" / "tt" / "kiosk.ftl").write_text(
        "language-name = Татарча\nback = Артка\n", encoding="utf-8"
    )
    return tmp_path / "locales"


def test_a_language_is_added_by_adding_a_file(broken: Path) -> None:
    assert languages(broken) == ("ru", "en", "tt")
    tatar = Texts("tt", broken)
    assert (tatar.name, tatar("back"), tatar("understood")) == ("Татарча", "Артка", "Понятно")


def test_words_with_an_error_come_from_another_language_and_are_named(broken: Path) -> None:
    russian = Texts("ru", broken)
    assert (russian("start"), russian("back"), russian("understood")) == (
        "Start",
        "Back",
        "Понятно",
    )
    line = (broken / "ru/kiosk.ftl").read_text(encoding="utf-8").split("start = ")[0].count(
        "\n"
    ) + 1
    assert f"ru/kiosk.ftl:{line}" in faults(broken)
    assert not any(fault.startswith("tt/") for fault in faults(broken))
    assert faults() == ()


def test_a_language_that_cannot_be_read_at_all_speaks_another(broken: Path) -> None:
    (broken / "en" / "kiosk.ftl").write_bytes(b"\xff\xfe\x00")
    assert Texts("en", broken)("understood") == "Понятно"


def test_a_missing_text_shows_its_key_and_never_nothing() -> None:
    assert Texts("en")("no-such-text") == "no-such-text"


def test_reasons_without_words_of_their_own_fall_back() -> None:
    message = message_of(Screen.CANNOT_VISIT, VISITING, Texts("en"), NOW)
    assert message.title


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", "По приказу свидание закончится в 14:35. Происшествие"),
        ("en", "By an order, the visit will end at 14:35. "),
    ],
)
def test_a_call_that_an_order_will_stop_says_when_and_why(language: str, words: str) -> None:
    _, stopping = SITUATIONS["call-stopping"]
    said = stopping_words(stopping, Texts(language))
    assert said.startswith(words)
    assert len(said) > len(words), "the reason is missing"
    assert stopping_words(VISITING, Texts(language)) == ""
