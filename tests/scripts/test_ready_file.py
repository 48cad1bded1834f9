"""The ready file: its shape, its mode, and that it never stands half written."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from operate.facility.ready_file import (
    Ready,
    ReadyPids,
    ReadyStaff,
    ReadyVisit,
    absent_outside,
    write,
)

READY = Ready(
    base_url="http://localhost:8080",
    data_dir="/srv/data",
    visits=(
        ReadyVisit(
            id="v-01",
            reference="V-7K2M",
            type="FAMILY",
            inmate="i-01",
            terminal="T-01",
            starts=datetime(2025, 11, 22, 8, tzinfo=UTC),
            ends=datetime(2025, 11, 22, 8, 15, tzinfo=UTC),
            visitor_link="http://localhost:8080/visit#token",
        ),
    ),
    staff=(ReadyStaff(role="guard", user="g", password="p", url="http://localhost:8080/guard"),),
    pids=ReadyPids(relay=1, kiosk=(2, 3)),
)


def test_the_file_has_exactly_the_promised_shape(tmp_path: Path) -> None:
    write(tmp_path / "ready.json", READY)
    found = json.loads((tmp_path / "ready.json").read_text())
    assert list(found) == ["version", "base_url", "data_dir", "visits", "staff", "pids"]
    assert found["version"] == 1
    visit = ["id", "reference", "type", "inmate", "terminal", "starts", "ends", "visitor_link"]
    assert list(found["visits"][0]) == visit
    assert list(found["staff"][0]) == ["role", "user", "password", "url"]
    assert found["pids"] == {"relay": 1, "kiosk": [2, 3]}
    assert found["visits"][0]["starts"] == "2025-11-22T08:00:00Z"


def test_only_its_owner_can_read_it_and_no_draft_is_left(tmp_path: Path) -> None:
    (tmp_path / "ready.json").write_text("older")
    (tmp_path / "ready.json").chmod(0o644)
    write(tmp_path / "ready.json", READY)
    assert stat.S_IMODE((tmp_path / "ready.json").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["ready.json"]


def test_it_stands_neither_before_nor_after_the_facility_lives(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text("of a run that was killed")

    def live() -> None:
        assert not path.exists()
        write(path, READY)
        raise InterruptedError

    with pytest.raises(InterruptedError), absent_outside(path):
        live()
    assert not path.exists()
