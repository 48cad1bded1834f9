"""A visit from end to end: real relay, real kiosk processes, real browsers."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from operate.example.people import INMATES, VISITORS
from tests.e2e.browser import Visitor, new_page
from tests.e2e.calls import Calls
from tests.e2e.facility import Facility, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
ACROSS = 880.0
BACK = 440.0


def advancing(read: object, *, by: int = 5, within_s: float = 20) -> None:
    """The counter that ``read`` gives goes on."""
    first = eventually(lambda: read(), within_s=within_s)  # type: ignore[operator]
    eventually(
        lambda: (now := read()) is not None and (now - first) % 65536 >= by, within_s=within_s
    )  # type: ignore[operator]


def test_a_second_browser_is_refused_and_staff_are_told(
    living: Facility, calls: Calls, chromium: Browser
) -> None:
    call = calls.live(chromium, "FAMILY")
    family, visit = call.visitor, call.visit
    other = Visitor(new_page(chromium))
    other.open(visit["visitor_link"])
    other.expect_state("LINK_USED")
    assert family.state() == "LIVE"
    kinds = [one["kind"] for one in living.ask("alerts")["alerts"]]
    assert "LINK_SECOND_DEVICE" in kinds
    family.page.reload()
    family.page.get_by_test_id("status").wait_for()
    family.expect_state("LIVE")
    other.page.context.close()


def test_a_relay_killed_in_mid_visit_comes_back_and_the_visit_goes_on(
    living: Facility, calls: Calls, chromium: Browser
) -> None:
    call = calls.live(chromium, "FAMILY")
    family, visit = call.visitor, call.visit
    advancing(family.counter, by=20)
    killed = living.ready["pids"]["relay"]
    subprocess.run(["kill", "-9", str(killed)], check=True)
    family.expect_state("RECONNECTING", within_s=10)
    eventually(lambda: living.ready_file.exists() and living.ready["pids"]["relay"] != killed)
    family.expect_state("LIVE", within_s=30)
    advancing(family.counter)
    advancing(lambda: living.kiosk_counter(visit["terminal"]))
    mine = [one for one in living.ask("recordings")["recordings"] if one["visit"] == visit["id"]]
    salvaged = [one for one in mine if one["state"] == "SALVAGED"]
    assert {one["party"] for one in salvaged} == {"INMATE", "VISITOR"}
    for one in salvaged:
        name = f"{one['party'].lower()}-{one['segment']}.webm"
        assert duration_of(living.data / "recordings" / visit["id"] / name) > 0


def test_an_order_stops_its_call_at_once_and_the_other_goes_on(
    living: Facility, calls: Calls, chromium: Browser, firefox: Browser
) -> None:
    ours, other = calls.live(chromium, "FAMILY"), calls.live(firefox, "LEGAL")
    (family, visit), (counsel, legal) = ((one.visitor, one.visit) for one in (ours, other))
    order = living.parloir(
        *("orders", "suspend", "--inmate", living.visit_now(visit["id"])["inmate"]["id"]),
        *("--reason", "SECURITY_INCIDENT", "--basis", "103-FZ art. 18", "--expires", "+2h"),
        *("--text-ru", "Проверка безопасности.", "--text-en", "A security check.", "--yes"),
    )
    family.expect_state("SUSPENDED_BY_ORDER", within_s=5)
    text = family.page.inner_text("body")
    assert "Проверка безопасности." in text or "A security check." in text
    cut = eventually(lambda: living.ask(f"orders/{order['id']}")["visits_cut"])
    assert [one["visit"] for one in cut] == [visit["id"]]
    eventually(lambda: living.kiosk_screen("T-01") in ("ended", "cannot_visit"))
    assert living.kiosk_screen("T-02") == "call"
    assert (
        cut[0]["committed_ms_to_last_packet"] is None or cut[0]["committed_ms_to_last_packet"] < 250
    )
    assert counsel.state() == "LIVE"
    advancing(counsel.counter)
    advancing(lambda: living.kiosk_counter(legal["terminal"]))
    living.parloir("orders", "lift", order["id"], "--comment", "mistaken identity")
    # Open again; the inmate's kiosk may be back before the page has shown it.
    eventually(lambda: family.state() in ("OPEN", "WAITING_VISITOR"))
    eventually(lambda: living.visit_now(visit["id"])["inmate_present"], within_s=40)
    family.page.get_by_test_id("join").click()
    family.expect_state("LIVE")
    advancing(family.counter)


def test_family_and_counsel_see_and_hear_each_other_and_only_the_family_is_recorded(
    living: Facility, calls: Calls, chromium: Browser, firefox: Browser, screens: Path
) -> None:
    ours, other = calls.fresh(chromium, "FAMILY"), calls.live(firefox, "LEGAL")
    (family, visit), (counsel, legal) = ((one.visitor, one.visit) for one in (ours, other))
    began = time.monotonic()
    for visitor, one in ((family, visit), (counsel, legal)):
        advancing(visitor.counter)
        advancing(lambda one=one: living.kiosk_counter(one["terminal"]))
        assert abs(visitor.tone() - BACK) < 40
        eventually(lambda one=one: abs(living.kiosk_tone(one["terminal"]) - ACROSS) < 40)
    assert family.page.get_by_test_id("badge").is_visible()
    assert counsel.page.get_by_test_id("countdown").is_visible()
    family.page.screenshot(path=screens / "visitor.png")
    no_trace_of(legal["id"], living)
    lasted = time.monotonic() - began
    family.leave()
    whole_recordings(visit["id"], living, at_least_s=lasted)


def no_trace_of(visit: str, facility: Facility) -> None:
    """Nothing of a protected visit is on the disk, and nobody can ask for it."""
    assert not list((facility.data / "recordings").glob(f"{visit}*"))
    assert visit not in [one["visit"] for one in facility.ask("recordings")["recordings"]]
    relay = facility.ready["pids"]["relay"]
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent != relay or b"relay.media.protected" not in command:
            continue
        found += 1
        for fd in (process / "fd").iterdir():
            target = Path(fd.readlink())
            flags = int((process / "fdinfo" / fd.name).read_text().split("flags:")[1].split()[0], 8)
            writable = flags & 3 != 0
            inside = target.is_relative_to(facility.data) and target.parent.name != "logs"
            assert not (writable and inside), f"a protected worker writes {target}"
    assert found == 1


def whole_recordings(visit: str, facility: Facility, *, at_least_s: float) -> None:
    """Both parties' files decode without a word and last as long as the call."""

    def complete() -> list[dict[str, object]]:
        listed = facility.ask("recordings")["recordings"]
        mine = [one for one in listed if one["visit"] == visit]
        return mine if len(mine) == 2 and all(one["state"] == "COMPLETE" for one in mine) else []

    eventually(complete)
    out = facility.data.parent / "exported"
    facility.parloir("recordings", "export", visit, "--out", str(out))
    files = sorted(out.rglob("*.webm"))
    assert len(files) == 2
    for file in files:
        assert duration_of(file) >= at_least_s - 3


def duration_of(file: Path) -> float:
    """How long the file lasts when every packet of it is decoded."""
    decoded = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", file, "-f", "null", "-"], capture_output=True, text=True
    )
    assert (decoded.returncode, decoded.stderr) == (0, "")
    packets = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0", file],
        capture_output=True,
        text=True,
        check=True,
    )
    times = [float(line.strip(",")) for line in packets.stdout.split() if line.strip(",") != "N/A"]
    return max(times) - min(times)


def test_stopping_in_mid_visit_ends_every_process_and_finishes_the_recordings(
    living: Facility, calls: Calls, chromium: Browser
) -> None:
    call = calls.fresh(chromium, "FAMILY")
    family, visit = call.visitor, call.visit
    advancing(family.counter, by=20)
    pids = living.ready["pids"]
    living.process.send_signal(signal.SIGTERM)
    assert living.process.wait(20) == 0
    assert not living.ready_file.exists()
    for pid in (pids["relay"], *pids["kiosk"]):
        assert not Path(f"/proc/{pid}").exists()
    listed = living.parloir("recordings", "list")["recordings"]
    states = [one["state"] for one in listed if one["visit"] == visit["id"]]
    assert states == ["COMPLETE"] * 2
    for file in (living.data / "recordings" / visit["id"]).iterdir():
        assert duration_of(file) >= 1
    logs_tell_nothing(living, visit)


def logs_tell_nothing(facility: Facility, visit: dict[str, str]) -> None:
    """No log holds a traceback, a token, a PIN, a password or somebody's name."""
    secrets = json.loads((facility.data / "secrets" / "example.json").read_text("utf-8"))
    never = {"Traceback", visit["visitor_link"].partition("#")[2], *secrets["pins"].values()}
    never |= {one["password"] for one in secrets["staff"]} | set(secrets["terminals"].values())
    never |= {person.name.split()[0] for person in (*INMATES, *VISITORS)}
    for log in (facility.data / "logs").iterdir():
        text = log.read_text("utf-8")
        assert text
        assert {word for word in never if word in text} == set(), log
