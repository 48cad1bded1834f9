"""``parloir audit``: is the log sound, what is in it, a copy of it, and the key that signs it.

Guarantees: ``verify`` reads the data folder or an export itself and asks no relay, for a relay is
what it checks; it writes nothing. Exit status: 0 sound, 3 not sound, 1 could not be checked.
Leaves to others: the verdict (`evidence.verification`) and an export's files (`audit_export`).
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import Progress

from evidence.checkpoint import origin_of, parse_checkpoint
from evidence.errors import EvidenceError
from evidence.finding import Finding, FindingCode, Report
from evidence.note import VerifierKey, parse_key, parse_note
from evidence.verification import Verification
from operate import audit_export, options
from operate.client import open_relay
from operate.errors import InputError
from operate.instants import facility_zone, parse_instant, wall
from operate.printing import fail, say, show_fields, show_json, show_table
from relay.store.audit import counter_of
from relay.store.audit_pass import AuditPass, stored_keys
from relay.store.database import DATABASE_FILE, opened_to_read
from relay.store.facilities import Facilities

audit = typer.Typer(help="Verify, list and export the audit log.")

NOT_SOUND: Final = 3
_PAGE: Final = 1000
_SHOW_AFTER: Final = 2000
"""Entries that are looked at well within a second: no progress bar for fewer."""

Against = Annotated[
    list[Path] | None,
    typer.Option("--against", metavar="FILE", help="A checkpoint that was kept elsewhere."),
]
Key = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="KEY", help="Trust this key alone (parloir audit key)."),
]


@audit.command()
def verify(
    export: Annotated[
        Path | None, typer.Option("--export", metavar="DIR", help="Verify this export instead.")
    ] = None,
    against: Against = None,
    key: Key = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> int:
    """Find what was edited, deleted, reordered, cut off or forked, and say where."""
    keys = tuple(_key(text) for text in key or ())
    trusted = {str(file): _checkpoint_in(file) for file in against or ()}
    if export is not None:
        files = audit_export.altered_files(export)
        report = _verify_export(export, keys, trusted)
    else:
        files = []
        report = _verify_folder(data, keys, trusted)
    if as_json:
        show_json(_as_json(report, files))
    else:
        _show(report, files)
    if report.sound and not files:
        return 0
    found = len(report.findings) + len(files)
    fail(f"the audit log is not sound: {found} finding{'s' if found > 1 else ''}")
    return NOT_SOUND


@audit.command()
def export(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A folder to be made.")],
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Copy the log out, with what is needed to verify it anywhere; the log says so."""
    if out.exists():
        raise InputError(f"{out}: exists already; nothing was replaced")

    async def run() -> None:
        async with open_relay(data) as relay:
            answer = await relay.post("audit/exports", {})
            origin = (await relay.get("audit/checkpoint"))["origin"]
            with (
                opened_to_read(_database(data)) as db,
                _progress("Exporting", answer["size"]) as tell,
            ):
                done = audit_export.write_export(db, out, origin, answer["size"], tell)
        if as_json:
            show_json(
                {
                    "exported": str(done.folder),
                    "entries": done.entries,
                    "checkpoints": done.checkpoints,
                }
            )
        else:
            say(f"{done.folder}: {done.entries} entries, {done.checkpoints} checkpoints")

    asyncio.run(run())


@audit.command("list")
def list_entries(
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Only from 2026-03-02T19:00 on.")
    ] = None,
    actor: Annotated[
        str | None, typer.Option("--actor", metavar="WHO", help="Only of staff:NAME, local:NAME …")
    ] = None,
    action: Annotated[
        str | None,
        typer.Option("--action", metavar="WHAT", help="Only order.issued, or all of order."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = 100,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """List the latest entries, the earliest of them first."""

    async def run() -> None:
        async with open_relay(data) as relay:
            zone = facility_zone(await relay.get("me"))
            asked = {"actor": actor, "action": action}
            if since is not None:
                instant = parse_instant("--since", since, datetime.now(UTC), zone)
                asked["since"] = instant.isoformat()
            params = {name: value for name, value in asked.items() if value is not None}
            rows: list[dict[str, Any]] = []
            more = True
            while more and len(rows) < limit:
                params["limit"] = str(min(_PAGE, limit - len(rows)))
                page = await relay.get("audit", params)
                rows += page["rows"]
                more = page["more"]
                if rows:
                    params["before"] = str(rows[-1]["seq"])
        rows.reverse()
        if as_json:
            show_json({"rows": rows})
            return
        show_table(
            ("No.", "When", "Who", "What", "To what", "Details"),
            [
                (
                    row["seq"],
                    wall(row["at"], zone),
                    row["actor"],
                    row["action"],
                    row["subject"],
                    " ".join(f"{name}={value}" for name, value in row["detail"].items()),
                )
                for row in rows
            ],
            empty="No entries.",
        )

    asyncio.run(run())


@audit.command("key")
def show_key(data: options.Data = None, as_json: options.AsJson = False) -> None:
    """Show the key that signs the log: note it where the facility cannot change it."""

    async def run() -> None:
        async with open_relay(data) as relay:
            answer = await relay.get("audit/key")
        if as_json:
            show_json(answer)
        else:
            show_fields((("Id", answer["id"]), ("Key", answer["key"])))

    asyncio.run(run())


# ── reading ────────────────────────────────────────────────────────────────────────────────────
def _verify_folder(
    data: Path | None, keys: tuple[VerifierKey, ...], trusted: Mapping[str, str]
) -> Report:
    path = _database(data)
    with opened_to_read(path) as db:
        if "audit_node" not in db.table_names():
            raise InputError(f"{path}: written by an older version; start the relay once")
        facility = Facilities(db).facility()
        if facility is None:
            raise InputError(f"{path}: no facility yet; make one with `parloir init`")
        walk = AuditPass(origin_of(facility.id), keys or stored_keys(db), trusted)
        with _progress("Verifying", counter_of(db, "journal")) as tell:
            while True:
                # Each piece is one snapshot; a relay that runs goes on writing in between.
                db.execute("BEGIN")
                report = walk.step(db)
                db.execute("COMMIT")
                if report is not None:
                    return report
                tell(walk.seq)


def _verify_export(
    folder: Path, keys: tuple[VerifierKey, ...], trusted: Mapping[str, str]
) -> Report:
    told = keys or tuple(_key(text) for text in audit_export.read_keys(folder))
    if not told:
        raise InputError(f"{folder}: has no key in it; name one with --key")
    verification = Verification(told[0].name, told, trusted)
    for number, note in audit_export.read_checkpoints(folder):
        verification.checkpoint(number, note)
    with _progress("Verifying", None) as tell:
        for count, one in enumerate(audit_export.read_entries(folder), start=1):
            verification.entry(one)
            if count % 1000 == 0:
                tell(count)
    return verification.finish()


def _database(data: Path | None) -> Path:
    if data is None:
        raise InputError("name the relay's data folder: --data DIR, or PARLOIR_DATA=DIR")
    path = data / DATABASE_FILE
    if not path.is_file():
        raise InputError(f"{data}: is not the data folder of a relay (no {DATABASE_FILE} in it)")
    return path


def _key(text: str) -> VerifierKey:
    try:
        return parse_key(text)
    except EvidenceError as error:
        raise InputError(f"--key: {error}") from error


def _checkpoint_in(file: Path) -> str:
    try:
        note = file.read_bytes().decode()
        parse_checkpoint(parse_note(note).text)
    except (EvidenceError, UnicodeDecodeError) as error:
        raise InputError(f"--against: {file}: not a signed checkpoint") from error
    return note


@contextmanager
def _progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Tell a person how far it is; nothing for a script, or when it takes no time."""
    console = Console(stderr=True)
    if not console.is_terminal or (total is not None and total < _SHOW_AFTER):
        yield lambda _done: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


# ── telling ────────────────────────────────────────────────────────────────────────────────────
_WORDS: Final = {
    FindingCode.ENTRY_EDITED: "{entries} changed since recorded",
    FindingCode.ENTRY_MOVED: "{entries} in another's place",
    FindingCode.ENTRY_MISSING: "{entries} deleted",
    FindingCode.ENTRY_INSERTED: "{entries} put in: never recorded",
    FindingCode.ENTRY_OUT_OF_ORDER: "{entries} after a later one",
    FindingCode.ENTRY_UNREADABLE: "{entries} not readable as an entry",
    FindingCode.LEAF_ALTERED: "{entries} as signed, but the recorded hash was altered",
    FindingCode.LOG_TRUNCATED: "{entries} cut off at the end{checkpoint}",
    FindingCode.LOG_REWRITTEN: "{entries} not those that were signed: {between}",
    FindingCode.LOG_FORKED: "checkpoints {checkpoint_name} and {other}, both over {last} entries, "
    "are signed and differ",
    FindingCode.CHECKPOINT_MISSING: "checkpoint {checkpoint_name} deleted",
    FindingCode.CHECKPOINT_OUT_OF_ORDER: "checkpoint {checkpoint_name} covers less than one before "
    "it: an older state was put back",
    FindingCode.CHECKPOINT_UNREADABLE: "checkpoint {checkpoint_name} is none of this log",
    FindingCode.CHECKPOINT_UNSIGNED: "checkpoint {checkpoint_name} is not signed by a trusted key",
    FindingCode.TREE_ALTERED: "the stored tree does not follow from its leaves",
}


def describe(finding: Finding) -> str:
    """One line: the code, and what is wrong where."""
    first, last = finding.first, finding.last
    entries = f"entry {first}" if first == last else f"entries {first}–{last}"
    here, other = finding.checkpoint, finding.other
    between = (
        f"up to checkpoint {here}" if other is None else f"between checkpoints {other} and {here}"
    )
    words = _WORDS[finding.code].format(
        entries=entries,
        last=last,
        between=between,
        checkpoint="" if here is None else f" (checkpoint {here})",
        checkpoint_name=here,
        other=other,
    )
    return f"{finding.code}: {words}"


def _show(report: Report, files: list[str]) -> None:
    for name in files:
        say(f"FILE_ALTERED: {name} is not the file that was exported")
    for finding in report.findings:
        say(describe(finding))
    if report.checkpoint is None:
        say(f"{report.size} entries; no checkpoint that agrees with them")
        return
    signed = report.checkpoint.at
    when = "" if signed is None else f", signed {signed:%Y-%m-%d %H:%M:%S} UTC"
    state = "sound" if report.sound and not files else "NOT SOUND"
    say(f"{state}: {report.size} entries, a checkpoint covers {report.covered}{when}")


def _as_json(report: Report, files: list[str]) -> dict[str, Any]:
    signed = None if report.checkpoint is None else report.checkpoint.at
    fields = ("first", "last", "checkpoint", "other")
    findings: list[dict[str, Any]] = [{"code": "FILE_ALTERED", "file": name} for name in files]
    for one in report.findings:
        places = {name: getattr(one, name) for name in fields}
        findings.append(
            {"code": one.code}
            | {name: value for name, value in places.items() if value is not None}
            | {"message": describe(one)}
        )
    return {
        "sound": report.sound and not files,
        "size": report.size,
        "covered": report.covered,
        "covered_at": None if signed is None else signed.isoformat(),
        "checkpoints": report.checkpoints,
        "findings": findings,
    }
