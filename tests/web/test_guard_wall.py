"""Claims about the guard's wall and about watching a call in large, in Chromium."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.web.fake_relay import FakeRelay
from tests.web.fake_staff import instant, staff_visit
from tests.web.test_staff_pages import at_work

PARTIES = ("INMATE", "VISITOR")


def live_visit(number: int, booth: int) -> dict[str, object]:
    return staff_visit(
        number,
        "Орлов Пётр",
        "Орлова Анна",
        state="LIVE",
        starts=instant(-5),
        ends=instant(10),
        terminal={"id": f"T-0{booth}", "label": f"Кабина {booth}"},
    )


def asked(relay: FakeRelay, method: str) -> list[tuple[str, dict[str, object] | None]]:
    return [
        (path, body)
        for used, path, body in relay.staff.requests
        if used == method and "/monitors" in path
    ]


async def until_playing(page: Page) -> None:
    """Both pictures of the watched call move on."""
    for party in PARTIES:
        video = page.get_by_test_id(f"watch-{party}")
        await expect(video).to_have_js_property("videoWidth", 320, timeout=15_000)


async def test_each_live_visit_is_a_tile_with_both_parties_pictures(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "guard")
    await expect(desk.get_by_test_id("tile")).to_have_count(2)
    pictures = desk.locator("[data-tile=visit-1041] img")
    await expect(pictures).to_have_count(2)
    await expect(pictures.first).to_have_js_property("naturalWidth", 320)
    assert await pictures.first.get_attribute("alt") == "Осуждённый"


async def test_a_protected_visit_is_a_blank_tile_that_cannot_be_watched(
    relay: FakeRelay, desk: Page
) -> None:
    relay.staff.pictures["visit-1042"] = 0.0  # even if the relay were to send one
    await at_work(relay, desk, "guard", "en")
    legal = desk.locator("[data-tile=visit-1042]")
    await expect(legal).to_contain_text("Not recorded. Not watched.")
    await expect(legal.locator("img")).to_have_count(0)
    await legal.click(force=True)  # Playwright itself would not
    await legal.press("Enter")
    await desk.wait_for_timeout(500)
    await expect(desk.get_by_test_id("watch")).to_have_count(0)
    assert asked(relay, "POST") == []


async def test_a_picture_older_than_three_seconds_is_stamped(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "guard", "en")
    picture = desk.locator("[data-tile=visit-1041] .tile-picture").first
    await expect(picture.locator("img")).to_be_visible()
    await expect(picture.locator(".tile-stale")).to_have_count(0)
    relay.staff.pictures["visit-1041"] = 8.0
    await expect(picture.locator(".tile-stale")).to_contain_text("Out of date: 8 s")


async def test_a_visit_without_a_picture_says_so(relay: FakeRelay, desk: Page) -> None:
    relay.staff.pictures.clear()
    await at_work(relay, desk, "guard", "en")
    await expect(desk.locator("[data-tile=visit-1041] .tile-waiting").first).to_contain_text(
        "No picture yet"
    )


async def test_a_tile_never_moves_when_others_come_and_go(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "guard")
    place = desk.locator("[data-tile=visit-1042]")
    await expect(place).to_have_attribute("data-place", "1")
    relay.staff.visits = [v for v in relay.staff.visits if v["id"] != "visit-1041"]
    await expect(desk.get_by_test_id("tile")).to_have_count(1)
    await expect(place).to_have_attribute("data-place", "1")
    relay.staff.visits.append(live_visit(1050, 9))
    newcomer = desk.locator("[data-tile=visit-1050]")
    await expect(newcomer).to_have_attribute("data-place", "0")
    await expect(place).to_have_attribute("data-place", "1")


async def test_a_tile_shows_its_most_urgent_alert_with_shape_and_words(
    relay: FakeRelay, desk: Page
) -> None:
    relay.staff.alerts.append(
        {
            "id": "alert-3",
            "kind": "PICTURE_COVERED",
            "priority": 3,
            "raised": instant(-1),
            "visit": "visit-1041",
            "detail": {"party": "VISITOR"},
        }
    )
    await at_work(relay, desk, "guard", "en")
    mark = desk.locator("[data-tile=visit-1041] .tile-alert")
    await expect(mark).to_have_text("▲ Staff are being called")
    relay.staff.alerts = [alert for alert in relay.staff.alerts if alert["id"] != "alert-1"]
    await expect(mark).to_have_text("● A camera is covered")
    await expect(desk.locator("[data-alert=alert-3]")).to_contain_text("visitor's side")


async def test_a_guard_watches_by_keys_listens_and_turns_away(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "guard", "en")
    await expect(desk.get_by_test_id("tile")).to_have_count(2)
    await desk.keyboard.press("1")
    await desk.keyboard.press("Enter")
    watch = desk.get_by_test_id("watch")
    await expect(watch).to_have_attribute("data-state", "LIVE", timeout=15_000)
    await until_playing(desk)
    await expect(desk.locator("#watch-title")).to_be_focused()
    opened = asked(relay, "POST")
    assert [path for path, _ in opened] == ["visits/visit-1041/monitors"] * 2
    assert sorted(str(body["party"]) for _, body in opened if body) == list(PARTIES)
    assert not any(body["audio"] for _, body in opened if body)
    assert not any("a=sendrecv" in str(body["sdp"]) for _, body in opened if body)

    await desk.keyboard.press("l")
    await expect(desk.get_by_test_id("watch-listen")).to_have_attribute("aria-pressed", "true")
    await expect(desk.get_by_test_id("watch-VISITOR")).to_have_js_property("muted", False)
    await desk.wait_for_timeout(2500)
    assert [body["audio"] for _, body in asked(relay, "POST")[2:] if body] == [True, True]
    assert len(asked(relay, "DELETE")) == 2, "those without sound were taken down"
    await until_playing(desk)

    await desk.keyboard.press("Escape")
    await expect(watch).to_have_count(0)
    await expect(desk.locator("[data-tile=visit-1041]")).to_be_focused()
    await desk.wait_for_timeout(300)
    assert len(asked(relay, "DELETE")) == 4


async def test_a_refusal_is_told_in_words_and_can_be_tried_again(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "guard", "en")
    path = "visits/visit-1041/monitors"
    relay.staff.fail[path] = (409, {"code": "TOO_MANY_MONITORS", "message": ""})
    await desk.locator("[data-tile=visit-1041]").click()
    await expect(desk.get_by_test_id("watch")).to_contain_text("Too much is being watched")
    del relay.staff.fail[path]
    await desk.get_by_test_id("watch-again").click()
    await expect(desk.get_by_test_id("watch")).to_have_attribute(
        "data-state", "LIVE", timeout=15_000
    )


async def test_a_watched_call_that_ends_says_so_and_is_let_go(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "guard", "en")
    await desk.locator("[data-tile=visit-1041]").click()
    watch = desk.get_by_test_id("watch")
    await expect(watch).to_have_attribute("data-state", "LIVE", timeout=15_000)
    relay.staff.visits[0].update(state="ENDED", outcome="COMPLETED_NORMALLY")
    await expect(watch).to_contain_text("The call has ended.")
    await expect(watch.locator("video")).to_have_count(0)
    await desk.get_by_test_id("watch-close").click()
    await expect(watch).to_have_count(0)
    assert len(asked(relay, "DELETE")) == 2


async def test_shift_t_ends_the_call_of_the_focused_tile(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "guard", "en")
    await expect(desk.get_by_test_id("tile")).to_have_count(2)
    await desk.keyboard.press("1")
    await desk.keyboard.press("ArrowRight")
    await desk.keyboard.press("Shift+T")
    await expect(desk.get_by_role("dialog")).to_contain_text("V-1042")


async def test_w_warns_both_parties_of_a_live_call_with_one_reason(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "guard", "en")
    await expect(desk.get_by_test_id("tile")).to_have_count(2)
    await desk.keyboard.press("1")
    await desk.keyboard.press("w")
    dialog = desk.get_by_role("dialog")
    await expect(dialog).to_contain_text("V-1041")
    await desk.locator("[data-reason=THIRD_PERSON]").click()
    await expect(dialog).to_have_count(0)
    await expect(desk.get_by_text("Both parties have been warned.")).to_be_attached()
    sent = [body for method, path, body in relay.staff.requests if path.endswith("/warn")]
    assert sent == [{"reason": "THIRD_PERSON"}]


async def test_nobody_looks_at_the_wall_while_the_page_is_hidden(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "guard")
    await expect(desk.locator("[data-tile=visit-1041] img")).to_have_count(2)
    assert relay.staff.wall_open == 1
    hide = """hidden => {
      Object.defineProperty(document, 'visibilityState', {value: hidden, configurable: true});
      document.dispatchEvent(new Event('visibilitychange'));
    }"""
    await desk.evaluate(hide, "hidden")
    await desk.wait_for_timeout(800)
    assert relay.staff.wall_open == 0
    await desk.evaluate(hide, "visible")
    await desk.wait_for_timeout(800)
    assert relay.staff.wall_open == 1


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("width", [1280, 1920])
async def test_pictures_of_the_page(
    relay: FakeRelay, desk: Page, language: str, width: int, tmp_path: Path
) -> None:
    relay.staff.visits += [live_visit(1060 + n, 5 + n) for n in range(4)]
    for visit in ("visit-1060", "visit-1061"):
        relay.staff.pictures[visit] = 0.0
    relay.staff.pictures["visit-1062"] = 9.0
    await desk.set_viewport_size({"width": width, "height": 900})
    await at_work(relay, desk, "guard", language)
    await expect(desk.locator("[data-tile=visit-1062] .tile-stale").first).to_be_visible()
    await desk.screenshot(path=tmp_path / "wall.png")
    await desk.locator("[data-tile=visit-1041]").click()
    await until_playing(desk)
    await desk.screenshot(path=tmp_path / "watch.png")
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await desk.evaluate(overflow) <= 0
