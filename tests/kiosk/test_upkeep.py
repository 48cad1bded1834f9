"""Claims about what a terminal keeps on its disk, and how it tests itself."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.board import Board, BoardLink
from kiosk.cache import CacheError, KnownSlots, SlotCache
from kiosk.config import KioskConfig, RelaySection
from kiosk.identity import Identity
from kiosk.self_test import SPREAD_MIN, Tried, next_night, results_of
from kiosk.setup import accept_last, set_up
from kiosk.start import find_start
from kiosk.ui.upkeep_desk import flat
from kiosk.upkeep import Fault
from settings import ConfigError
from tests.kiosk.fake_relay import KEY
from visit_protocol.vocabulary import CheckState, DeviceState

NOW = datetime(2026, 11, 14, 9, 0, tzinfo=UTC)
ZONE = "Asia/Yekaterinburg"
KNOWN = KnownSlots(
    NOW,
    ZONE,
    "Кабина 3",
    (
        (NOW - timedelta(minutes=30), NOW - timedelta(minutes=15)),
        (NOW + timedelta(hours=1), NOW + timedelta(hours=2)),
    ),
)
GOOD = '[relay]\nurl = "wss://relay.example/api/v1/terminal"\n'
OK, FAILED = CheckState.OK, CheckState.FAILED


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    Identity.put(tmp_path, KEY, "T-01")
    return Identity(tmp_path)


# ── the cache ──────────────────────────────────────────────────────────────────────────────
def test_the_cache_gives_back_what_was_kept_and_only_what_is_to_come(
    tmp_path: Path, identity: Identity
) -> None:
    cache = SlotCache(tmp_path, identity)
    assert cache.read() is None
    cache.keep(KNOWN)
    assert cache.read() == KNOWN
    assert cache.file.stat().st_mode & 0o777 == 0o600
    assert KNOWN.at_instant(NOW) == KNOWN.slots[1:]
    assert KNOWN.at_instant(NOW + timedelta(days=365)) == ()
    assert KNOWN.at_instant(NOW - timedelta(days=365)) == ()


def test_the_cache_tells_nobody_else_anything(tmp_path: Path, identity: Identity) -> None:
    cache = SlotCache(tmp_path, identity)
    cache.keep(KNOWN)
    raw = cache.file.read_bytes()
    for said in ("2026", "Кабина", ZONE, "T-01"):
        assert said.encode() not in raw
    Identity.put(tmp_path / "other", "55" * 32, "T-01")
    with pytest.raises(CacheError, match="does not open"):
        SlotCache(tmp_path, Identity(tmp_path / "other")).read()
    identity.enrol("T-02", "00" * 32)
    with pytest.raises(CacheError, match="does not open"):
        cache.read()


@given(data=st.data())
def test_any_changed_byte_of_the_cache_is_noticed(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    Identity.put(folder, KEY, "T-01")
    cache = SlotCache(folder, Identity(folder))
    cache.keep(KNOWN)
    raw = bytearray(cache.file.read_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, len(raw)))
    cache.file.write_bytes(bytes(raw[:cut]))
    with pytest.raises(CacheError) as error:
        cache.read()
    assert "\n" not in str(error.value)


def test_a_revoked_kiosk_forgets_its_slots(tmp_path: Path, identity: Identity) -> None:
    SlotCache(tmp_path, identity).keep(KNOWN)
    identity.revoke()
    assert SlotCache(tmp_path, identity).read() is None


# ── the configuration ──────────────────────────────────────────────────────────────────────
def test_a_damaged_file_leads_to_what_worked_last_and_to_its_reason(
    tmp_path: Path, identity: Identity
) -> None:
    file, state = tmp_path / "kiosk.toml", tmp_path / "state"
    state.mkdir()
    file.write_text(GOOD)
    assert set_up(file, state).fault == ""
    file.write_text(GOOD + "[camera\n")
    setup = set_up(file, state)
    assert setup.config.relay.url == "wss://relay.example/api/v1/terminal"
    assert setup.callable
    assert str(file) in setup.fault
    assert "not TOML" in setup.fault
    accept_last(file, state)
    assert set_up(file, state).fault == ""
    # Another damage has to be looked at again, and a file that is right is taken.
    file.write_text(GOOD + "[camera]\nfps = 900\n")
    assert "camera.fps" in set_up(file, state).fault
    file.write_text(GOOD + "[camera]\nfps = 12\n")
    assert set_up(file, state).config.camera.fps == 12


def test_a_damaged_file_and_nothing_before_it_still_starts(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_bytes(b"\xff\xfe")
    start = find_start(file, tmp_path / "state")
    ((fault, line),) = start.faults
    assert fault is Fault.CONFIG
    assert str(file) in line
    assert not start.callable
    assert not start.is_mended
    file.write_text(GOOD)
    assert start.is_mended


def test_a_damaged_state_calls_nobody_until_it_is_mended(tmp_path: Path) -> None:
    file, state = tmp_path / "kiosk.toml", tmp_path / "state"
    file.write_text(GOOD)
    Identity.put(state, KEY, "T-01")
    (state / "enrolment.json").write_text("{")
    start = find_start(file, state)
    ((fault, line),) = start.faults
    assert fault is Fault.STATE
    assert "enrolment.json" in line
    assert not start.callable
    assert start.identity.private_key != KEY
    (state / "enrolment.json").unlink()
    assert start.is_mended


def test_no_file_at_all_is_a_mistake_of_whoever_starts_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        find_start(tmp_path / "none.toml", tmp_path / "state")


def test_the_configuration_is_told_by_key() -> None:
    config = KioskConfig(relay=RelaySection(url="ws://127.0.0.1:1/"))
    told = flat(config.model_dump(mode="json"))
    assert told["camera.fps"] == "25"
    assert told["relay.ca_file"] == ""
    assert told["self_test.at"] == "03:30"


# ── the self-test ──────────────────────────────────────────────────────────────────────────
def checked(
    tried: Tried | None, board: Board | None = None, offset: float | None = 0.1, disk: int = 500
) -> dict[str, CheckState]:
    return results_of(
        tried,
        board or Board(),
        speaker_wanted=True,
        disk_free_mib=disk,
        clock_offset_s=offset,
    )


WELL = Tried(DeviceState.OK, DeviceState.OK, DeviceState.OK)


def test_a_terminal_that_is_well_passes() -> None:
    results = checked(WELL)
    assert results == {
        "engine": OK, "camera": OK, "microphone": OK, "speaker": OK, "disk": OK, "clock": OK,
        "bridge": CheckState.NOT_FITTED,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("part", "results"),
    [
        ("engine", checked(None)),
        ("camera", checked(Tried(DeviceState.FAILED, DeviceState.OK, DeviceState.OK))),
        ("disk", checked(WELL, disk=3)),
        ("clock", checked(WELL, offset=-365 * 86_400.0)),
        ("clock", checked(WELL, offset=None)),
    ],
)
def test_each_part_can_fail(part: str, results: dict[str, CheckState]) -> None:
    assert results[part] is FAILED


def test_what_cannot_be_tested_is_not_called_well() -> None:
    board = Board(BoardLink.UP, required=True)
    results = checked(WELL, board)
    assert results["camera"] is results["microphone"] is CheckState.UNPOWERED
    assert results["bridge"] is OK
    assert checked(WELL, Board(BoardLink.LOST))["bridge"] is CheckState.ABSENT
    no_card = Tried(DeviceState.SYNTHETIC, DeviceState.SYNTHETIC, DeviceState.ABSENT)
    assert checked(no_card)["speaker"] is CheckState.NOT_FITTED
    no_speaker = Tried(DeviceState.OK, DeviceState.OK, DeviceState.ABSENT)
    assert checked(no_speaker)["speaker"] is CheckState.ABSENT


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 -- UTC is added
    st.sampled_from([ZONE, "Europe/Moscow", "America/New_York"]),
    st.text("T-0123456789", min_size=1),
)
def test_the_night_comes_once_a_day_within_half_an_hour(
    naive: datetime, zone: str, terminal: str
) -> None:
    now, at = naive.replace(tzinfo=UTC), time(3, 30)
    due = next_night(now, zone, at, terminal)
    assert timedelta() < due - now <= timedelta(days=1, hours=2)
    local = due.astimezone(ZoneInfo(zone))
    start = local.replace(hour=3, minute=30, second=0, microsecond=0)
    assert timedelta() <= local - start < timedelta(minutes=SPREAD_MIN)
    assert next_night(due, zone, at, terminal) - due >= timedelta(hours=22)
