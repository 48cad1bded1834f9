"""Claims about the terminals' page, in Chromium, by mouse and by keys."""

import json

from playwright.async_api import Browser, Page, expect

from tests.web.fake_relay import FakeRelay
from tests.web.fake_terminals import CODE
from tests.web.test_accessibility import AXE, RULES
from tests.web.test_staff_pages import log_in, sent


async def open_terminals(relay: FakeRelay, page: Page, language: str = "ru") -> None:
    await log_in(relay, page, "administrator", language)
    await page.get_by_test_id("to-terminals").click()
    await expect(page.get_by_test_id("terminal").first).to_be_visible()


async def test_each_terminal_says_how_it_stands_in_a_mark_and_words(
    relay: FakeRelay, desk: Page
) -> None:
    await open_terminals(relay, desk)
    for terminal, mark, words in (
        ("T-01", "well", "готов"),
        ("T-02", "busy", "идёт свидание"),
        ("T-03", "wanting", "камера не работает"),
        ("T-04", "wanting", "нет связи"),
        ("T-05", "wanting", "не подключён"),
        ("T-06", "wanting", "повреждена память"),
    ):
        one = desk.locator(f"[data-terminal={terminal}]")
        await expect(one).to_have_attribute("data-mark", mark)
        await expect(one.get_by_test_id("terminal-mark")).to_contain_text(words)
    third = desk.locator("[data-terminal=T-03]")
    await expect(third).to_contain_text("не пройдена")
    await expect(third).to_contain_text("камера, часы")
    await expect(desk.locator("[data-terminal=T-02]")).to_contain_text("потери 1,2 %")
    await expect(desk.get_by_test_id("terminals-waiting")).to_contain_text("1 киоск показывает")


async def test_terminals_are_enrolled_tested_looked_at_and_mended(
    relay: FakeRelay, desk: Page
) -> None:
    await open_terminals(relay, desk)
    new = desk.locator("[data-terminal=T-05]")
    await new.get_by_test_id("terminal-enrol").click()
    typed, confirm = desk.get_by_test_id("terminal-typed"), desk.get_by_test_id("terminal-confirm")
    await expect(typed).to_be_focused()
    await confirm.click()
    await expect(desk.locator("#terminal-act-problem")).to_have_text("Введите код.")
    await typed.fill("AAAA-BBBB")
    await typed.press("Enter")
    await expect(desk.get_by_role("dialog").get_by_role("alert").last).to_contain_text(
        "Такого кода сейчас нет"
    )
    await typed.fill(CODE)
    await typed.press("Enter")
    await expect(desk.get_by_test_id("said")).to_contain_text("киоск подключён")
    await expect(desk.get_by_test_id("said")).to_be_focused()
    assert sent(relay, "terminals/T-05/enrol") == [{"code": "AAAA-BBBB"}, {"code": CODE}]

    first = desk.locator("[data-terminal=T-01]")
    await first.get_by_test_id("terminal-self-test").click()
    await expect(desk.get_by_test_id("said")).to_contain_text("самопроверка началась")
    await first.get_by_test_id("terminal-screenshot").click()
    picture = desk.get_by_test_id("terminal-picture")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.naturalWidth") == 1
    await desk.keyboard.press("Escape")

    busy = desk.locator("[data-terminal=T-02]")
    await busy.get_by_test_id("terminal-screenshot").click()
    await expect(desk.get_by_role("alert").first).to_contain_text("Сейчас нельзя")
    await busy.get_by_test_id("terminal-restart").click()
    await expect(desk.get_by_role("dialog")).to_contain_text("оно прервётся")
    await confirm.click()
    assert sent(relay, "terminals/T-02/restart") == []
    await typed.fill("экран завис")
    await confirm.click()
    await expect(desk.get_by_test_id("said")).to_contain_text("перезапускается")
    assert sent(relay, "terminals/T-02/restart") == [{"force_reason": "экран завис"}]

    await first.get_by_test_id("terminal-maintenance-on").click()
    await typed.fill("новая камера")
    await confirm.click()
    await expect(first.get_by_test_id("terminal-mark")).to_contain_text("на обслуживании")
    await expect(first.get_by_test_id("terminal-maintenance-off")).to_be_visible()
    broken = desk.locator("[data-terminal=T-06]")
    await broken.get_by_test_id("terminal-forget-cache").click()
    await expect(broken).to_have_attribute("data-mark", "well")
    assert sent(relay, "terminals/T-06/repair") == [{"what": "FORGET_CACHE"}]


async def test_nothing_to_show_and_a_server_that_fails_are_said(
    relay: FakeRelay, desk: Page
) -> None:
    relay.staff.fleet.all = []
    await log_in(relay, desk, "administrator", "en")
    await desk.get_by_test_id("to-terminals").click()
    await expect(desk.locator(".empty")).to_have_text("No terminals.")
    relay.staff.fail["terminals/details"] = (503, {"code": "STORE_FAILED", "message": ""})
    await expect(desk.get_by_role("alert")).to_be_visible()
    # A guard is led to the guards' own page.
    relay.staff.role = "guard"
    await desk.goto(f"{relay.base_url}/terminals")
    await desk.wait_for_url("**/guard")


async def test_axe_finds_nothing_and_nothing_overflows(relay: FakeRelay, chromium: Browser) -> None:
    for width, scheme in ((1280, "light"), (360, "dark")):
        context = await chromium.new_context(
            viewport={"width": width, "height": 800}, bypass_csp=True, color_scheme=scheme
        )
        page = await context.new_page()
        relay.staff.role = None
        await open_terminals(relay, page, "en")
        await page.locator("[data-terminal=T-01] summary").click()
        await page.locator("[data-terminal=T-05]").get_by_test_id("terminal-enrol").click()
        for _ in range(2):
            await page.add_script_tag(path=AXE)
            found = await page.evaluate(f"axe.run({{runOnly: {json.dumps(RULES)}}})")
            assert [one["id"] for one in found["violations"]] == []
            await page.keyboard.press("Escape")
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        await context.close()
