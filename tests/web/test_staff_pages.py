"""Claims about the staff's pages in Chromium: log in, watch over, suspend, lift, read."""

import pytest
from playwright.async_api import Page, expect

from tests.web.fake_relay import FakeRelay
from tests.web.fake_staff import PASSWORD, PEOPLE, board, staff_visit


async def log_in(relay: FakeRelay, page: Page, user: str, language: str = "ru") -> None:
    await page.goto(f"{relay.base_url}/login?lang={language}")
    await page.get_by_test_id("login-user").fill(user)
    await page.get_by_test_id("login-password").fill(PASSWORD)
    await page.get_by_test_id("login-submit").click()
    await expect(page.get_by_test_id("logout")).to_be_visible()


async def at_work(relay: FakeRelay, page: Page, user: str, language: str = "ru") -> None:
    """At the page of somebody's role, where they logged in before."""
    relay.staff.role = PEOPLE[user]
    home = user if user in ("guard", "administrator") else "oversight"
    await page.goto(f"{relay.base_url}/{home}?lang={language}")
    await expect(page.get_by_test_id("logout")).to_be_visible()


async def log_out(page: Page) -> None:
    """End the session, and wait for the page that follows."""
    await page.get_by_test_id("logout").click()
    await expect(page.get_by_test_id("login-submit")).to_be_visible()


def sent(relay: FakeRelay, path: str) -> list[dict[str, object] | None]:
    """The bodies that were posted to a path."""
    return [
        body for method, asked, body in relay.staff.requests if method == "POST" and asked == path
    ]


# ── log in ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("user", "page_name"),
    [
        ("guard", "guard"),
        ("administrator", "administrator"),
        ("approver", "oversight"),
        ("oversight", "oversight"),
        ("auditor", "oversight"),
    ],
)
async def test_each_role_lands_on_its_own_page(
    relay: FakeRelay, desk: Page, user: str, page_name: str
) -> None:
    await log_in(relay, desk, user)
    assert desk.url == f"{relay.base_url}/{page_name}"


async def test_wrong_password_is_told_and_the_form_stays(relay: FakeRelay, desk: Page) -> None:
    await desk.goto(f"{relay.base_url}/login?lang=ru")
    await desk.get_by_test_id("login-user").fill("guard")
    await desk.get_by_test_id("login-password").fill("wrong")
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("alert")).to_have_text("Имя пользователя или пароль не подошли.")
    await expect(desk.get_by_test_id("login-user")).to_be_focused()


async def test_locked_login_says_until_when(relay: FakeRelay, desk: Page) -> None:
    relay.staff.fail["session"] = (
        429,
        {"code": "LOGIN_LOCKED", "message": "", "until": "2026-11-22T09:05:00Z"},
    )
    await desk.goto(f"{relay.base_url}/login?lang=ru")
    await desk.get_by_test_id("login-user").fill("guard")
    await desk.get_by_test_id("login-password").fill("x")
    await desk.get_by_test_id("login-submit").click()
    await expect(desk.get_by_role("alert")).to_contain_text("14:05")


async def test_page_without_a_session_leads_to_the_log_in(relay: FakeRelay, desk: Page) -> None:
    await desk.goto(f"{relay.base_url}/guard")
    await expect(desk.get_by_test_id("login-submit")).to_be_visible()


async def test_page_of_another_role_leads_home(relay: FakeRelay, desk: Page) -> None:
    await log_in(relay, desk, "guard")
    await desk.goto(f"{relay.base_url}/administrator")
    await expect(desk.get_by_test_id("visits-table")).to_be_visible()
    assert desk.url == f"{relay.base_url}/guard"


async def test_logging_out_ends_the_session(relay: FakeRelay, desk: Page) -> None:
    await log_in(relay, desk, "guard")
    await desk.get_by_test_id("logout").click()
    await expect(desk.get_by_test_id("login-submit")).to_be_visible()
    assert relay.staff.role is None


# ── guard ──────────────────────────────────────────────────────────────────────────────────
async def test_guard_sees_every_visit_with_its_state_and_time(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "guard")
    rows = desk.get_by_test_id("visit-row")
    await expect(rows).to_have_count(5)
    live = desk.locator("[data-visit=visit-1041]")
    await expect(live).to_have_attribute("data-state", "LIVE")
    before = await live.locator("strong").inner_text()
    await expect(live.locator("strong")).not_to_have_text(before, timeout=3000)


async def test_visit_to_come_shows_a_reason_only_when_something_stands_in_its_way(
    relay: FakeRelay, desk: Page
) -> None:
    ahead = {"code": "SLOT_NOT_OPEN"}
    relay.staff.visits = [
        staff_visit(1, "Орлов", "Орлова", refusals=[ahead]),
        staff_visit(2, "Зайцев", "Зайцева", refusals=[ahead, {"code": "SUSPENDED_BY_ORDER"}]),
    ]
    await at_work(relay, desk, "guard")
    state = desk.locator(".state + .row-reference")
    await expect(state).to_have_count(1)
    await expect(state).to_have_text("Свидание приостановлено")


async def test_protected_row_says_no_picture_no_sound(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "guard", "en")
    row = desk.locator("[data-visit=visit-1042]")
    await expect(row).to_contain_text("No picture, no sound")
    await expect(row).to_contain_text("Meeting with counsel")


async def test_call_ends_after_a_reason_and_five_seconds(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "guard")
    row = desk.locator("[data-visit=visit-1041]")
    await row.get_by_test_id("terminate").click()
    await desk.get_by_test_id("terminate-confirm").click()
    await expect(desk.get_by_role("alert")).to_have_text("Выберите причину.")
    await desk.get_by_test_id("terminate-reason").select_option("THIRD_PERSON")
    await desk.get_by_test_id("terminate-confirm").click()
    await desk.wait_for_timeout(2000)
    assert sent(relay, "visits/visit-1041/terminate") == []
    await expect(row).to_have_attribute("data-state", "ENDED", timeout=8000)
    assert sent(relay, "visits/visit-1041/terminate") == [{"reason": "THIRD_PERSON"}]


async def test_a_request_from_a_booth_is_answered_in_words(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    row = desk.locator("[data-request=rq-1]")
    await expect(row).to_contain_text("Свидание V-1030: Свидание оборвали раньше")
    await row.get_by_test_id("request-answer").click()
    await desk.get_by_test_id("request-confirm").click()
    await expect(desk.get_by_test_id("request-granted")).to_have_attribute("aria-invalid", "true")
    await desk.get_by_test_id("request-granted").select_option("yes")
    await desk.get_by_test_id("request-words").fill("Время вернут.")
    await desk.get_by_test_id("request-confirm").click()
    await expect(row).to_contain_text("Удовлетворено")
    await expect(row).to_contain_text("Время вернут.")
    assert sent(relay, "requests/rq-1/answer") == [{"granted": True, "answer": "Время вернут."}]


async def test_ending_a_call_can_be_cancelled_by_keys(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "guard")
    await desk.locator("[data-visit=visit-1041]").focus()
    await desk.keyboard.press("Shift+T")
    await desk.get_by_test_id("terminate-reason").select_option("INDECENCY")
    await desk.get_by_test_id("terminate-confirm").click()
    await expect(desk.get_by_test_id("terminate-cancel")).to_be_focused()
    await desk.keyboard.press("Escape")
    await desk.wait_for_timeout(5500)
    assert sent(relay, "visits/visit-1041/terminate") == []


async def test_keys_find_move_and_explain_but_never_inside_a_field(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "guard")
    await desk.get_by_test_id("visit-row").first.focus()
    await desk.keyboard.press("ArrowDown")
    await expect(desk.get_by_test_id("visit-row").nth(1)).to_be_focused()
    await desk.keyboard.press("n")
    await expect(desk.get_by_test_id("alert-acknowledge").first).to_be_focused()
    await desk.keyboard.press("/")
    find = desk.get_by_test_id("visits-find")
    await expect(find).to_be_focused()
    await desk.keyboard.type("n?Орлов")
    await expect(find).to_have_value("n?Орлов")
    await find.fill("орлов")
    await expect(desk.get_by_test_id("visit-row")).to_have_count(1)
    await desk.keyboard.press("Escape")
    await desk.keyboard.press("?")
    await expect(desk.get_by_role("dialog")).to_contain_text("следующая тревога")


async def test_alerts_come_most_urgent_first_and_go_when_acknowledged(
    relay: FakeRelay, desk: Page
) -> None:
    relay.staff.alerts.reverse()
    await at_work(relay, desk, "guard")
    alerts = desk.get_by_test_id("alert")
    await expect(alerts.first).to_have_attribute("data-priority", "1")
    await alerts.first.get_by_test_id("alert-acknowledge").click()
    await expect(alerts).to_have_count(1)
    assert sent(relay, "alerts/alert-1/acknowledge") == [{}]


async def test_list_that_gets_no_news_says_it_is_out_of_date(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "guard")
    fresh = desk.get_by_test_id("freshness")
    await expect(fresh).to_have_attribute("data-freshness", "FRESH")
    relay.staff.pushing = False
    await expect(fresh).to_have_attribute("data-freshness", "STALE", timeout=15_000)
    table = desk.locator(".table-frame")
    await expect(table).to_have_css("outline-style", "dashed")
    await expect(table).to_have_css("opacity", "1")  # fading would take the contrast of the words
    relay.staff.pushing = True
    await expect(fresh).to_have_attribute("data-freshness", "FRESH")


async def test_day_without_visits_or_alerts_says_so(relay: FakeRelay, desk: Page) -> None:
    relay.staff.visits, relay.staff.alerts = [], []
    await at_work(relay, desk, "guard")
    await expect(desk.locator("main")).to_contain_text("Свиданий нет.")
    await expect(desk.locator("main")).to_contain_text("Тревог нет.")


async def test_list_that_nobody_has_sent_yet_claims_nothing(relay: FakeRelay, desk: Page) -> None:
    relay.staff.pushing = False
    await at_work(relay, desk, "guard")
    await expect(desk.get_by_test_id("freshness")).to_have_attribute("data-freshness", "CONNECTING")
    await expect(desk.locator("#alerts-title")).to_have_text("Тревоги: …")
    await expect(desk.locator("main")).not_to_contain_text("нет")
    relay.staff.pushing = True
    await expect(desk.locator("#alerts-title")).to_have_text("Тревоги: 2")


async def test_guard_sees_of_each_terminal_whether_its_camera_has_power(
    relay: FakeRelay, desk: Page
) -> None:
    relay.staff.terminals[1]["board"] = board(off_unconfirmed=True)
    await at_work(relay, desk, "guard")
    await expect(desk.get_by_test_id("terminal")).to_contain_text(
        [
            "готов · камера и микрофон включены",
            "отключение питания не подтверждено",
            "нет связи",
            "не обслуживается · платы нет",
        ]
    )


async def test_the_administrator_sees_what_each_board_is_and_senses(
    relay: FakeRelay, desk: Page
) -> None:
    relay.staff.terminals[1]["board"] = board(loss="UNPLUGGED")
    await log_in(relay, desk, "administrator")
    await expect(desk.get_by_test_id("terminal-board")).to_have_text(
        ["плата, прошивка 1.0.0 · 24 °C · трубка снята", "плата отключена от терминала"]
    )


async def test_facility_without_terminals_says_so(relay: FakeRelay, desk: Page) -> None:
    relay.staff.terminals = []
    await at_work(relay, desk, "guard")
    await expect(desk.locator(".terminals")).to_contain_text("Терминалов нет.")


# ── administrator ──────────────────────────────────────────────────────────────────────────
async def test_new_link_is_asked_for_and_shown_once(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    row = desk.locator("[data-visit=visit-1044]")
    await row.get_by_test_id("visit-new-link").click()
    assert sent(relay, "visits/visit-1044/link") == []
    await desk.get_by_test_id("link-confirm").click()
    await expect(desk.get_by_test_id("link-text")).to_contain_text("/visit#")


async def test_failed_lift_is_told_until_something_else_is_done(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    relay.staff.fail["orders/order-7/lift"] = (409, {"code": "NOT_POSSIBLE", "message": ""})
    await desk.get_by_test_id("order-lift").click()
    await desk.get_by_test_id("order-lift-confirm").click()
    await expect(desk.get_by_role("alert")).to_contain_text("Это уже невозможно")
    await desk.wait_for_timeout(6000)  # the lists were read anew meanwhile
    await expect(desk.get_by_role("alert")).to_contain_text("Это уже невозможно")


async def test_session_that_has_ended_leads_to_a_log_in_that_says_so(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "guard")
    relay.staff.role = None
    await desk.get_by_test_id("alert-acknowledge").first.click()
    await expect(desk.get_by_test_id("login-again")).to_contain_text("Вход истёк", timeout=10_000)


async def test_failing_server_is_told_in_words(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    relay.staff.fail["orders"] = (500, {"code": "INTERNAL", "message": "Traceback"})
    await desk.reload()
    await expect(desk.get_by_role("alert").first).to_contain_text("Ошибка на сервере.")
    await expect(desk.locator(".working")).to_have_count(0)  # an error, and not "loading" beside it
    await expect(desk.locator("body")).not_to_contain_text("Traceback")


async def test_slow_server_shows_that_something_is_going_on(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    relay.staff.delay_s = 1.0
    await desk.reload()
    await expect(desk.locator(".working").first).to_be_visible()
    await expect(desk.get_by_test_id("order-row").first).to_be_visible()


# ── auditor ────────────────────────────────────────────────────────────────────────────────
async def test_an_auditor_is_told_up_to_where_the_log_is_sound(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "auditor")
    state = desk.get_by_test_id("audit-state")
    await expect(state).to_have_attribute("data-state", "SOUND")
    await expect(state).to_contain_text("№ 3")


async def test_an_auditor_is_told_what_is_wrong_with_the_log_and_where(
    relay: FakeRelay, desk: Page
) -> None:
    finding = {"code": "LOG_REWRITTEN", "first": 4, "last": 6, "checkpoint": "2", "other": "1"}
    edited = {"code": "ENTRY_EDITED", "first": 7, "last": 7, "checkpoint": None, "other": None}
    verification = relay.staff.checkpoint["verification"]
    verification.update(sound=False, findings=[finding, edited])
    await at_work(relay, desk, "auditor")
    await expect(desk.get_by_role("alert")).to_contain_text("Журнал нарушен")
    wrong = desk.get_by_test_id("audit-state").get_by_role("listitem")
    await expect(wrong).to_have_text(
        ["Не то, что было подписано: 4–6, между подписями № 1 и № 2.", "Изменено после записи: 7."]
    )


async def test_an_auditor_pages_through_the_log_and_filters_it(
    relay: FakeRelay, desk: Page
) -> None:
    relay.staff.journal = [
        {
            **relay.staff.journal[0],
            "seq": seq,
            "action": "pin.locked" if seq % 3 else "order.lifted",
        }
        for seq in range(1, 121)
    ]
    await at_work(relay, desk, "auditor")
    numbers = desk.get_by_test_id("journal-table").locator("tbody tr td:first-child")
    await expect(numbers.first).to_have_text("120")
    await expect(desk.get_by_test_id("audit-newer")).to_be_disabled()
    await desk.get_by_test_id("audit-older").click()
    await expect(numbers.first).to_have_text("70")
    await desk.get_by_test_id("audit-older").click()
    await expect(numbers.first).to_have_text("20")
    await expect(desk.get_by_test_id("audit-older")).to_be_disabled()
    await desk.get_by_test_id("audit-newer").click()
    await expect(numbers.first).to_have_text("70")
    await desk.get_by_test_id("audit-kind").select_option("order")
    await desk.get_by_test_id("audit-show").click()
    await expect(numbers).to_have_count(40)
    await desk.get_by_test_id("audit-actor").fill("nobody")
    await desk.get_by_test_id("audit-actor").press("Enter")
    await expect(desk.get_by_test_id("journal-table")).to_have_count(0)
