"""`parloir audit` over a real facility: sound, tampered with, exported, put back."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.finding import Finding, FindingCode
from operate.audit import NOT_SOUND, describe
from operate.audit_export import ENTRIES
from relay.store.database import DATABASE_FILE
from tests.operate.conftest import Printed
from tests.relay.store.test_audit import tamper

Parloir = Callable[..., Printed]


@pytest.fixture
def verify(parloir: Parloir) -> Parloir:
    return lambda *arguments: parloir("audit", "verify", *arguments)


@pytest.fixture
def export(parloir: Parloir, data: Path, tmp_path: Path) -> Path:
    out = tmp_path / "export"
    assert parloir("audit", "export", "--out", out).status == 0
    return out


def test_a_facility_that_works_has_a_sound_log(
    parloir: Parloir, verify: Parloir, data: Path
) -> None:
    parloir("recordings", "list")
    printed = verify()
    assert printed.status == 0
    assert printed.out.startswith("sound: ")
    answer = verify("--json").json
    assert answer["sound"]
    assert answer["covered"] == answer["size"] > 0


def test_verifying_writes_nothing(verify: Parloir, parloir: Parloir, data: Path) -> None:
    parloir("recordings", "list")
    before = hashlib.sha256((data / DATABASE_FILE).read_bytes()).hexdigest()
    verify()
    assert hashlib.sha256((data / DATABASE_FILE).read_bytes()).hexdigest() == before


def test_it_says_what_was_changed_and_where(verify: Parloir, parloir: Parloir, data: Path) -> None:
    parloir("recordings", "list")
    tamper(
        data / DATABASE_FILE,
        "UPDATE journal SET actor = 'staff:nobody' WHERE seq = 3",
        "DELETE FROM journal WHERE seq = 5",
    )
    printed = verify()
    assert printed.status == NOT_SOUND
    assert printed.err == "parloir: the audit log is not sound: 2 findings\n"
    assert printed.out.splitlines()[:2] == [
        "ENTRY_EDITED: entry 3 changed since recorded",
        "ENTRY_MISSING: entry 5 deleted",
    ]
    findings = verify("--json").json["findings"]
    assert [(one["code"], one["first"]) for one in findings] == [
        ("ENTRY_EDITED", 3),
        ("ENTRY_MISSING", 5),
    ]


def test_an_export_verifies_without_the_facility(
    verify: Parloir, export: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(data)
    monkeypatch.delenv("PARLOIR_DATA")
    assert verify("--export", export).status == 0
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=export, capture_output=True)
    assert done.returncode == 0
    last = json.loads((export / ENTRIES).read_text().splitlines()[-1])
    assert last["action"] == "audit.exported"
    assert (export.stat().st_mode & 0o777, (export / ENTRIES).stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )


def test_an_export_that_was_tampered_with_is_found(verify: Parloir, export: Path) -> None:
    lines = (export / ENTRIES).read_text().splitlines(keepends=True)
    (export / ENTRIES).write_text("".join(lines[:4] + lines[5:]))
    answer = verify("--export", export, "--json")
    assert answer.status == NOT_SOUND
    codes = [one["code"] for one in answer.json["findings"]]
    assert codes[0] == "FILE_ALTERED"
    assert {"ENTRY_MISSING", "LOG_REWRITTEN"} <= set(codes)


def test_an_export_under_another_key_is_not_that_facilitys(
    verify: Parloir, parloir: Parloir, export: Path
) -> None:
    key = parloir("audit", "key", "--json").json["key"]
    assert verify("--export", export, "--key", key).status == 0
    other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert verify("--export", export, "--key", other).status == NOT_SOUND


def test_a_log_put_back_to_an_earlier_state_is_found_against_an_export(
    verify: Parloir, parloir: Parloir, data: Path, tmp_path: Path
) -> None:
    parloir("recordings", "list")
    earlier = tmp_path / "earlier"
    shutil.copytree(data, earlier)
    parloir("recordings", "list")
    parloir("audit", "export", "--out", tmp_path / "out")
    kept = tmp_path / "out" / "checkpoint.txt"
    assert verify("--against", kept).status == 0
    printed = verify("--data", earlier, "--against", kept)
    assert printed.status == NOT_SOUND
    assert printed.out.startswith("LOG_TRUNCATED: entries ")
    assert str(kept) in printed.out


def test_entries_are_listed_by_who_and_what(parloir: Parloir, data: Path) -> None:
    parloir("recordings", "list")
    rows = parloir("audit", "list", "--action", "recording.", "--json").json["rows"]
    assert [row["action"] for row in rows] == ["recording.listed"]
    assert rows[0]["actor"].startswith("local:")
    every = parloir("audit", "list", "--limit", "2000", "--json").json["rows"]
    assert [row["seq"] for row in every] == list(range(1, len(every) + 1))
    assert "facility.founded" in parloir("audit", "list", "--limit", "2000").out
    assert parloir("audit", "list", "--since", "+1h", "--json").json["rows"] == []
    assert parloir("audit", "list", "--actor", "nobody").out == "No entries.\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--against", "{data}/relay.toml"), "not a signed checkpoint"),
        (("--against", "{data}/nothing"), "No such file"),
        (("--key", "x"), "--key"),
        (("--export", "{data}"), "no export"),
        (("--data", "/nowhere"), "not the data folder"),
    ],
)
def test_what_cannot_be_checked_is_said_in_one_line(
    verify: Parloir, data: Path, arguments: tuple[str, ...], line: str
) -> None:
    (data / "relay.toml").touch()
    printed = verify(*(one.format(data=data) for one in arguments))
    assert printed.status == 1
    assert line in printed.err


def test_an_export_replaces_nothing(parloir: Parloir, export: Path) -> None:
    printed = parloir("audit", "export", "--out", export)
    assert printed.status == 1
    assert "exists already" in printed.err


def test_every_finding_has_its_words() -> None:
    for code in FindingCode:
        assert describe(Finding(code, 3, 4, "7", "6")).startswith(f"{code}: ")
