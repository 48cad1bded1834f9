"""``parloir orders report|replay``: what suspension cost and spared, for everybody.

Guarantees: `report` writes the very bytes that the facility signed and renderings of them, each
file whole or not at all; `--check` needs no relay's word: it verifies the signature against the
root of trust and makes every rendering again. Leaves to others: the counts (`suspension.report`)
and the words (``locales/``).
"""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from evidence.canonical import parse as read_canonical
from evidence.errors import MalformedError
from operate import options, report_pages
from operate.client import open_relay
from operate.errors import InputError
from operate.instants import facility_zone, parse_instant, wall
from operate.order_files import TrustFile, believed
from operate.printing import say, show_json, show_table
from suspension import InvalidEnvelopeError
from suspension.envelope import parse_envelope
from suspension.trust import Trust

REPORT_TYPE: Final = "application/vnd.visit.report.v1+json"
JSON_FILE: Final = "report.json"
ENVELOPE_FILE: Final = "report.signed.json"
CSV_FILE: Final = "report.csv"
LANGUAGES: Final = ("ru", "en")


def add_to(orders: typer.Typer) -> None:
    """Put these commands beside the others of ``parloir orders``."""
    orders.command("report")(report)
    orders.command("replay")(replay)


def report(
    begins: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="2026-03-01T00:00, local.")
    ] = None,
    ends: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Up to, and not with, this time.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the files are put.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="DIR", help="Check a report in this folder.")
    ] = None,
    trust: TrustFile = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Write the signed transparency report of a period, or check one."""
    if check is not None:
        _check(check, asyncio.run(believed(trust, data)))
        say(f"{check}: signed by the facility, and every rendering is of what was signed.")
        return
    if begins is None or ends is None or out is None:
        raise InputError("say what of: --from TIME --to TIME --out DIR; or --check DIR")

    async def run() -> None:
        async with open_relay(data) as relay:
            me = await relay.get("me")
            now, zone = datetime.fromisoformat(me["now"]), facility_zone(me)
            period = {
                "from": parse_instant("--from", begins, now, zone).isoformat(),
                "to": parse_instant("--to", ends, now, zone).isoformat(),
            }
            made = await relay.get("reports/transparency", period)
        files = _files(made["envelope"].encode(), me["facility"]["name"], zone.key)
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            _write(out / name, content)
        if as_json:
            show_json({key: value for key, value in made.items() if key != "envelope"})
        else:
            say(f"{out}: {', '.join(files)}")

    asyncio.run(run())


def _files(envelope: bytes, facility: str, zone: str) -> dict[str, bytes]:
    """Every file of a report, by name, made from what was signed."""
    payload = parse_envelope(envelope, REPORT_TYPE).payload
    told = read_canonical(payload)
    pages = {
        f"report.{language}.html": report_pages.to_html(
            told, payload, facility=facility, zone=zone, language=language
        ).encode()
        for language in LANGUAGES
    }
    return {
        JSON_FILE: payload,
        ENVELOPE_FILE: envelope,
        CSV_FILE: report_pages.to_csv(told).encode(),
        **pages,
    }


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(content)
    draft.replace(path)


def _check(folder: Path, trust: Trust) -> None:
    """Nothing, when the report is what a facility signed.

    Raises:
        InputError: a file is missing, changed, or signed by nobody whom the root names.
    """
    try:
        envelope = (folder / ENVELOPE_FILE).read_bytes()
        signed = parse_envelope(envelope, REPORT_TYPE)
        told = read_canonical(signed.payload)
        keys = set(trust.receipt_keys(told["facility"]))
        if not trust.signers(signed).keyids & keys:
            raise InputError(f"{folder / ENVELOPE_FILE}: not signed by this facility's key")
        name, zone = report_pages.heading_of((folder / f"report.{LANGUAGES[0]}.html").read_text())
        for file, content in _files(envelope, name, zone).items():
            if (folder / file).read_bytes() != content:
                raise InputError(f"{folder / file}: is not what was signed")
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}") from error
    except (InvalidEnvelopeError, MalformedError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{folder}: not a report: {error}") from error


def replay(
    visit: Annotated[
        str | None,
        typer.Option("--visit", metavar="VISIT", help="What the incident was about; else any."),
    ] = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """January 2024 as it was (everybody, until further notice) beside orders of ours."""

    async def run() -> None:
        async with open_relay(data) as relay:
            found = await relay.get("reports/replay", {} if visit is None else {"visit": visit})
            if as_json:
                show_json(found)
                return
            zone = facility_zone(await relay.get("me"))
        say(f"An incident on {wall(found['begins'], zone)}, about visit {found['incident']}.")
        show_table(
            (
                *("Answer", "Reaches", "Until", "Visits lost", "Go on", "Counsel lost"),
                *("Inmates", "Visitors", "Children"),
            ),
            [
                (
                    "as in January 2024" if one["name"] == "AS_IT_WAS" else one["name"],
                    _named(one),
                    wall(one["ends"], zone) or "further notice",
                    *(one[name] for name in ("lost", "kept", "protected_lost")),
                    *(one[name] for name in ("inmates", "visitors", "children")),
                )
                for one in found["columns"]
            ],
            empty="",
        )
        say("The first line cannot be written as an order here: it has no scope and no end.")

    asyncio.run(run())


def _named(column: dict[str, Any]) -> str:
    named = column["scope_labels"]
    if not named:
        return "everybody, every type"
    return "; ".join(f"{name.replace('_', ' ')} {', '.join(ids)}" for name, ids in named.items())
