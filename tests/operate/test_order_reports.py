"""``parloir orders report`` and ``replay`` over the example facility."""

import csv
import json
import re
from html.parser import HTMLParser

import pytest

WORDS = [
    "--reason", "INVESTIGATION", "--basis", "Приказ № 17",
    "--text-ru", "Свидания приостановлены.", "--text-en", "Visits are suspended.", "--yes",
]  # fmt: skip
PERIOD = ["--from", "2020-01-01T00:00", "--to", "2020-02-01T00:00"]
NOW = ["--from", "+0m", "--to", "+2h"]
FILES = {"report.json", "report.signed.json", "report.csv", "report.ru.html", "report.en.html"}


class Page(HTMLParser):
    """What a page loads, its languages and its tables."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.loads, self.scopes = [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        found = dict(attrs)
        self.loads += [found[name] for name in ("src", "href") if name in found]
        self.scopes += "scope" in found


def test_a_report_is_written_signed_and_checks(parloir, data, tmp_path):
    for inmate in ("i-04", "i-05", "i-06", "i-11", "i-12"):
        given = parloir("orders", "suspend", "--inmate", inmate, *WORDS, "--expires", "+2h")
        assert given.status == 0, given.err
    out = tmp_path / "report"
    told = parloir("orders", "report", "--from", "+0m", "--to", "+2h", "--out", out, "--json")
    assert told.status == 0, told.err
    assert {path.name for path in out.iterdir()} == FILES
    assert parloir("orders", "report", "--check", out).status == 0
    report = json.loads((out / "report.json").read_text())
    assert report["tables"]["orders_by_scope"]["total"] in (0, 5)


def test_orders_of_the_period_are_counted(parloir, data, tmp_path):
    for inmate in ("i-04", "i-05", "i-06", "i-11", "i-12"):
        parloir(
            "orders", "suspend", "--inmate", inmate, *WORDS,
            "--expires", "+2h", "--not-before", "+1h",
        )  # fmt: skip
    out = tmp_path / "report"
    told = parloir("orders", "report", *NOW, "--out", out, "--json").json
    assert told["tables"]["orders_by_scope"]["rows"]["inmate"] == 5
    assert told["tables"]["orders_by_reason"]["total"] == 5
    lines = list(csv.reader((out / "report.csv").read_text().splitlines()))
    assert ["orders_by_scope", "inmate", "5"] in lines


def test_a_few_orders_tell_nothing(parloir, data, tmp_path):
    parloir(
        "orders", "suspend", "--inmate", "i-04", *WORDS, "--expires", "+2h", "--not-before", "+1h"
    )
    told = parloir("orders", "report", *NOW, "--out", tmp_path, "--json").json
    assert told["tables"]["orders_by_scope"]["total"] is None
    page = (tmp_path / "report.en.html").read_text()
    assert "not told" in page
    assert "—" in page


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_changed_or_missing_file_is_found(name, parloir, data, tmp_path):
    assert parloir("orders", "report", *PERIOD, "--out", tmp_path).status == 0
    path = tmp_path / name
    path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))
    assert parloir("orders", "report", "--check", tmp_path).status == 1
    path.unlink()
    assert parloir("orders", "report", "--check", tmp_path).status == 1


def test_a_page_needs_nothing_but_itself_and_is_read_table_by_table(parloir, data, tmp_path):
    parloir("orders", "report", *PERIOD, "--out", tmp_path)
    for language, word in (("ru", "Всего"), ("en", "In all")):
        text = (tmp_path / f"report.{language}.html").read_text()
        page = Page(text)
        assert f'<html lang="{language}">' in text
        assert word in text
        assert page.loads == []
        assert "script" not in page.tags
        assert "link" not in page.tags
        assert page.tags.count("caption") == page.tags.count("table") == 13
        assert page.scopes == page.tags.count("th")
        assert not re.search(r"https?://|url\(", text)


def test_a_report_says_what_it_needs(parloir, data, tmp_path):
    assert "--from" in parloir("orders", "report").err
    wrong = parloir("orders", "report", "--from", "+2h", "--to", "+1h", "--out", tmp_path)
    assert wrong.status == 14


def test_the_replay_shows_everything_lost_beside_narrower_orders(parloir, data):
    found = parloir("orders", "replay", "--json").json
    columns = {one["name"]: one for one in found["columns"]}
    was = columns["AS_IT_WAS"]
    assert (was["kept"], was["ends"]) == (0, None)
    assert was["protected_lost"] > 0
    assert columns["FACILITY"]["protected_lost"] == 0
    assert 0 < columns["INMATE"]["lost"] < columns["FACILITY"]["lost"] <= was["lost"]
    assert "further notice" in parloir("orders", "replay").out
    assert parloir("orders", "replay", "--visit", "visit-none").status == 52
