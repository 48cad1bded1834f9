"""Claims about making a real facility from its description."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from operate.__main__ import run
from relay.core.schedule import slots
from relay.service.staff import LoggedIn, StaffDesk
from relay.store.database import DATABASE_FILE, Store
from relay.store.facilities import Facilities
from relay.store.terminal_keys import TerminalKeys
from relay.store.timetable import Timetable
from tests.relay.facility import NOW

EXAMPLE = Path(__file__).parents[2] / "config" / "facility.example.toml"


def made(folder: Path, text: str) -> int:
    description = folder / "facility.toml"
    description.write_text(text, "utf-8")
    return run(["init", str(folder / "data"), "--facility", str(description)])


async def test_the_example_description_makes_a_facility_that_works(tmp_path: Path) -> None:
    assert made(tmp_path, EXAMPLE.read_text("utf-8")) == 0
    data = tmp_path / "data"
    told = data / "secrets" / "initial.json"
    assert told.stat().st_mode & 0o777 == 0o600
    secrets = json.loads(told.read_text("utf-8"))
    with Store.open(data / DATABASE_FILE) as store:
        places = store.read_now(lambda db: Facilities(db).terminals())
        assert [place.id for place in places] == ["T-01", "T-02"]
        assert store.read_now(lambda db: TerminalKeys(db).all()) == ()
        offered = store.read_now(
            lambda db: slots(
                Timetable(db).templates(),
                Timetable(db).exclude_dates(),
                "Asia/Yekaterinburg",
                NOW.replace(day=22, hour=0),
                NOW.replace(day=23, hour=0),
            )
        )
        assert len(offered) == 32
        assert offered[0].starts.astimezone(ZoneInfo("Asia/Yekaterinburg")).hour == 9
        desk = StaffDesk(store)
        for user, password in secrets["staff"].items():
            assert isinstance(await desk.log_in(user, password, NOW), LoggedIn)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (('timezone = "Asia/Yekaterinburg"', 'timezone = "Asia/Atlantis"'), "facility.timezone"),
        (('housing_unit = "unit-1"', 'housing_unit = "unit-9"'), "unit-9"),
        (("FREQ=WEEKLY", "FREQ=SECONDLY"), "rrule"),
        (('role = "guard"', 'role = "king"'), "staff.0.role"),
        (("capacity = 2", "capacity = 2\ncolour = 1"), "colour"),
        (("[facility]", "[facility"), "not TOML"),
    ],
)
def test_a_fault_is_one_line_that_names_it_and_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], named: str
) -> None:
    assert made(tmp_path, EXAMPLE.read_text("utf-8").replace(*change)) != 0
    said = capsys.readouterr().err.strip()
    assert named in said
    assert "\n" not in said
    assert not (tmp_path / "data").exists()


def test_a_facility_is_not_made_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = EXAMPLE.read_text("utf-8")
    assert made(tmp_path, text) == 0
    told = (tmp_path / "data" / "secrets" / "initial.json").read_text("utf-8")
    assert made(tmp_path, text) == 1
    assert "already" in capsys.readouterr().err
    assert (tmp_path / "data" / "secrets" / "initial.json").read_text("utf-8") == told
