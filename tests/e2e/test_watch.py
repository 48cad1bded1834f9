"""A guard watches real calls: the wall, one call in large, with and without sound, and its end."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import read_cells
from tests.e2e.calls import Calls
from tests.e2e.facility import Facility, eventually
from tests.e2e.test_staff import logged_in
from visit_protocol.vocabulary import Party

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
DESK = {"width": 1440, "height": 900}
TONES = {Party.INMATE: 440.0, Party.VISITOR: 880.0}


def shown(page: Page, party: Party) -> int | None:
    """The counter in the picture of the watched party."""
    cells = page.evaluate("testid => window.remoteLuma(testid)", f"watch-{party}")
    return None if cells is None else read_cells(cells)


def advancing(page: Page, party: Party, *, by: int = 5) -> None:
    first = eventually(lambda: shown(page, party))
    eventually(lambda: (now := shown(page, party)) is not None and now - first >= by)


def watching(page: Page, visit: str) -> None:
    """The call is watched in large, both parties."""
    page.locator(f"[data-tile='{visit}']").click()
    watch = page.get_by_test_id("watch")
    expect(watch).to_have_attribute("data-state", "LIVE", timeout=15_000)
    expect(watch).to_have_attribute("data-watched", visit)


def rows(facility: Facility, action: str, after: int = 0) -> list[dict[str, object]]:
    """What the journal says of ``action`` after that number."""
    listed = facility.ask(f"journal?after={after}&limit=1000")["rows"]
    return [row for row in listed if row["action"] == action]


def latest(facility: Facility) -> int:
    """The number of the journal's last row."""
    return int(facility.ask("journal?limit=1")["rows"][-1]["seq"])


def gone(facility: Facility, guard: Page, after: int) -> None:
    """The guard's page is closed, and the relay knows."""
    guard.context.close()
    eventually(lambda: rows(facility, "wall.closed", after), within_s=30)


def test_a_guards_page_that_is_closed_watches_no_longer(
    living: Facility, calls: Calls, chromium: Browser
) -> None:
    visit = calls.live(chromium, "FAMILY").visit["id"]
    before = latest(living)
    guard = logged_in(living, chromium, "guard", DESK)
    watching(guard, visit)
    guard.close(run_before_unload=False)
    eventually(lambda: len(rows(living, "monitor.closed", before)) == 2, within_s=30)
    eventually(lambda: len(rows(living, "wall.closed", before)) == 1)


def test_firefox_watches_and_listens_too(
    living: Facility, calls: Calls, chromium: Browser, firefox: Browser
) -> None:
    visit = calls.live(chromium, "FAMILY").visit["id"]
    before = latest(living)
    guard = logged_in(living, firefox, "guard", DESK)
    watching(guard, visit)
    for party in Party:
        advancing(guard, party)
    guard.get_by_test_id("watch-listen").click()
    expect(guard.get_by_test_id("watch")).to_have_attribute("data-listening", "true")
    for party in Party:
        eventually(
            lambda party=party: (
                abs(guard.evaluate("id => window.remoteTone(id)", f"watch-{party}") - TONES[party])
                < 40
            )
        )
        advancing(guard, party)
    gone(living, guard, before)


def test_watching_begins_within_a_second_and_ends_with_the_call(
    living: Facility, calls: Calls, chromium: Browser
) -> None:
    visit = calls.live(chromium, "FAMILY").visit["id"]
    before = latest(living)
    guard = logged_in(living, chromium, "guard", DESK)
    guard.locator(f"[data-tile='{visit}']").wait_for()
    began = time.monotonic()
    watching(guard, visit)
    assert time.monotonic() - began < 5.0, "the figure itself is claimed on the worker"
    advancing(guard, Party.VISITOR)
    order = living.parloir(
        *("orders", "suspend", "--terminal", "T-01", "--reason", "QUARANTINE"),
        *("--basis", "Sanitary rule 3.1", "--expires", "+3h", "--yes"),
        *("--text-ru", "Карантин.", "--text-en", "Quarantine."),
    )
    watch = guard.get_by_test_id("watch")
    expect(watch).to_contain_text("The call has ended.", timeout=10_000)
    expect(guard.locator(f"[data-tile='{visit}']")).to_have_count(0)
    eventually(lambda: len(rows(living, "monitor.closed", before)) == 2)
    gone(living, guard, before)
    living.parloir("orders", "lift", order["id"], "--comment", "disinfected")


def test_a_guard_sees_the_wall_watches_listens_and_turns_away(
    living: Facility, calls: Calls, chromium: Browser, screens: Path
) -> None:
    visit, legal = (calls.live(chromium, one).visit["id"] for one in ("FAMILY", "LEGAL"))
    before = latest(living)
    guard = logged_in(living, chromium, "guard", DESK)
    tile = guard.locator(f"[data-tile='{visit}']")
    expect(tile.locator("img")).to_have_count(2, timeout=15_000)
    protected = guard.locator(f"[data-tile='{legal}']")
    expect(protected).to_contain_text("Not recorded. Not watched.")
    expect(protected.locator("img")).to_have_count(0)
    picture = tile.locator("img").first.get_attribute("src")
    eventually(lambda: tile.locator("img").first.get_attribute("src") != picture)
    guard.screenshot(path=screens / "guard.png")

    watching(guard, visit)
    for party in Party:
        advancing(guard, party)
    assert guard.evaluate("id => window.remoteTone(id)", "watch-VISITOR") == 0, "not listening"
    guard.keyboard.press("l")
    expect(guard.get_by_test_id("watch-listen")).to_have_attribute("aria-pressed", "true")
    for party in Party:
        eventually(
            lambda party=party: (
                abs(guard.evaluate("id => window.remoteTone(id)", f"watch-{party}") - TONES[party])
                < 40
            )
        )
        advancing(guard, party)
    guard.screenshot(path=screens / "watch.png")
    guard.keyboard.press("Escape")
    expect(guard.get_by_test_id("watch")).to_have_count(0)

    eventually(lambda: len(rows(living, "monitor.closed", before)) == 4)
    opened = [row["detail"] for row in rows(living, "monitor.opened", before)]
    assert sorted((one["party"], one["audio"]) for one in opened) == [  # type: ignore[index]
        ("INMATE", False),
        ("INMATE", True),
        ("VISITOR", False),
        ("VISITOR", True),
    ]
    assert {row["subject"] for row in rows(living, "monitor.opened", before)} == {visit}
    gone(living, guard, before)
