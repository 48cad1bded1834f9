"""The transparency report as CSV and as a page that needs nothing but itself.

Guarantees: the same report gives the same bytes; the page has no script, fetches nothing, prints,
and is read by a screen reader table by table; a count that is not told is said so in words.
Leaves to others: the counts, and the words (``locales/*/report.ftl``).
"""

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from fluent.runtime import FluentBundle, FluentResource

_FOLDER: Final = Path(__file__).parents[1] / "locales"
_FILES: Final = ("report.ftl", "reasons.ftl")
_HEADING: Final = re.compile(r'<header data-facility="([^"]*)" data-zone="([^"]*)">')

_STYLE: Final = """
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;
background:Canvas;color:CanvasText}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.5rem}
table{border-collapse:collapse;width:100%}
caption{text-align:start;font-weight:600;padding:.4rem 0}
th,td{border-bottom:1px solid GrayText;padding:.35rem .5rem;text-align:start;font-weight:400}
td,thead th:last-child{text-align:end;font-variant-numeric:tabular-nums}
tfoot th,tfoot td{font-weight:600}
code{overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none}section{break-inside:avoid}}
"""


@cache
def _bundle(language: str) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    for name in _FILES:
        bundle.add_resource(FluentResource((_FOLDER / language / name).read_text("utf-8")))
    return bundle


def _text(language: str, key: str, **values: str | int) -> str:
    """The text of ``key``.

    Raises:
        KeyError: the catalogue has none.
    """
    bundle = _bundle(language)
    message = bundle.get_message(key) if bundle.has_message(key) else None
    if message is None or message.value is None:
        raise KeyError(key)
    text, errors = bundle.format_pattern(message.value, values)
    if errors:
        raise KeyError(f"{key}: {errors[0]}")
    return str(text)


def to_csv(told: Mapping[str, Any]) -> str:
    """One line a count: table, row, count; empty is a count that is not told."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(("table", "row", "count"))
    for name, table in told["tables"].items():
        for row, count in table["rows"].items():
            lines.writerow((name, row, "" if count is None else count))
        lines.writerow((name, "TOTAL", "" if table["total"] is None else table["total"]))
    return out.getvalue()


def to_html(
    told: Mapping[str, Any], payload: bytes, *, facility: str, zone: str, language: str
) -> str:
    """The report as a page in ``language``; ``payload`` is what was signed.

    Raises:
        KeyError: a text is missing.
    """

    def say(key: str, **values: str | int) -> str:
        return escape(_text(language, key, **values))

    def day(text: str) -> str:
        return datetime.fromisoformat(text).astimezone(ZoneInfo(zone)).strftime("%d.%m.%Y %H:%M")

    title = say("report-title", facility=facility)
    period = say("report-period", begins=day(told["from"]), ends=day(told["to"]))
    made = say("report-made", when=day(told["made"]))
    tables = "".join(_table(name, table, language) for name, table in told["tables"].items())
    digest = hashlib.sha256(payload).hexdigest()
    attributes = f'data-facility="{escape(facility)}" data-zone="{escape(zone)}"'
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n"
        f"<header {attributes}><h1>{title}</h1><p>{period}<br>{made}</p></header>\n"
        f"<main>\n<p>{say('report-withheld', largest=told['smallest_told'] - 1)}</p>\n"
        f"{tables}</main>\n"
        f"<footer><p>{say('report-signed')}<br><code>SHA-256 {digest}</code></p></footer>\n"
        "</body>\n</html>\n"
    )


def _table(name: str, table: Mapping[str, Any], language: str) -> str:
    def count(number: int | None) -> str:
        if number is not None:
            return str(number)
        return f'<span aria-label="{escape(_text(language, "report-not-told"))}">—</span>'

    rows = "".join(
        f'<tr><th scope="row">{escape(_row(name, row, language))}</th><td>{count(number)}</td></tr>'
        for row, number in table["rows"].items()
    )
    caption = escape(_text(language, f"report-table-{name}"))
    return (
        f"<section><table><caption>{caption}</caption>\n"
        f'<thead><tr><th scope="col">{escape(_text(language, "report-row"))}</th>'
        f'<th scope="col">{escape(_text(language, "report-count"))}</th></tr></thead>\n'
        f"<tbody>{rows}</tbody>\n"
        f'<tfoot><tr><th scope="row">{escape(_text(language, "report-total"))}</th>'
        f"<td>{count(table['total'])}</td></tr></tfoot></table></section>\n"
    )


def _row(table: str, row: str, language: str) -> str:
    if table == "orders_by_reason":
        return _text(language, f"order-reason-{row}")
    return _text(language, f"report-row-{row}")


def heading_of(page: str) -> tuple[str, str]:
    """The facility's name and time zone, out of a page that `to_html` made.

    Raises:
        ValueError: it is none.
    """
    found = _HEADING.search(page)
    if found is None:
        raise ValueError("no heading of a report")
    return unescape(found[1]), unescape(found[2])
