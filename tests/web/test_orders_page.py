"""Claims about a new order in five steps, in Chromium over a fake of our own REST."""

from typing import Any

from playwright.async_api import Page, expect

from suspension.withheld import NEUTRAL_TEXT
from tests.web.fake_orders import SECRET, instant, numbers
from tests.web.fake_relay import FakeRelay
from tests.web.test_staff_pages import at_work, log_out


def sent(relay: FakeRelay, path: str, method: str = "POST") -> list[dict[str, Any]]:
    """The bodies that were sent to a path."""
    return [
        body or {}
        for asked_by, asked, body in relay.staff.requests
        if asked_by == method and asked == path
    ]


def only_draft(relay: FakeRelay) -> str:
    """The id of the one draft."""
    [draft] = relay.staff.desk.drafts
    return draft


async def choose_scope(page: Page, kind: str = "terminal", value: str = "T-01") -> None:
    """Step 1: whom, for eight hours."""
    await page.get_by_test_id("order-new").click()
    await page.get_by_test_id("scope-kind").select_option(kind)
    await page.get_by_test_id("scope-value").select_option(value)
    await page.get_by_test_id("order-expires-8h").click()


async def to_numbers(page: Page, kind: str = "terminal", value: str = "T-01") -> None:
    """As far as step 2."""
    await choose_scope(page, kind, value)
    await page.get_by_test_id("flow-next").click()
    await expect(page.get_by_test_id("order-impact")).to_have_attribute("data-visits", "3")


async def fill_words(page: Page) -> None:
    """Step 3: why, and what people read."""
    await page.get_by_test_id("order-reason").select_option("TECHNICAL_WORK")
    await page.get_by_test_id("order-basis").fill("Акт № 3")
    await page.get_by_test_id("order-text-ru").fill("Чинят камеру.")
    await page.get_by_test_id("order-text-en").fill("The camera is being repaired.")


async def to_words(page: Page, kind: str = "terminal", value: str = "T-01") -> None:
    """As far as step 3, filled in."""
    await to_numbers(page, kind, value)
    if kind in ("housing_unit", "facility"):
        await page.get_by_test_id("order-why").fill("Не знаем, кто участвовал.")
    await page.get_by_test_id("order-confirm-count").fill("3")
    await page.get_by_test_id("flow-next").click()
    await fill_words(page)


async def to_signature(page: Page, kind: str = "terminal", value: str = "T-01") -> None:
    """As far as step 4."""
    await to_words(page, kind, value)
    await page.get_by_test_id("flow-next").click()
    await expect(page.get_by_test_id("order-flow")).to_have_attribute("data-step", "4")


async def expect_step(page: Page, step: int) -> None:
    """The flow is at that step, and its heading has the focus."""
    await expect(page.get_by_test_id("order-flow")).to_have_attribute("data-step", str(step))
    await expect(page.locator("[data-step-title]")).to_be_focused()


# ── the whole way ──────────────────────────────────────────────────────────────────────────
async def test_an_order_goes_from_scope_to_proof_of_enforcement(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_signature(desk)
    await desk.get_by_test_id("secret").fill(SECRET)
    await desk.get_by_test_id("order-sign").click()
    await expect_step(desk, 5)
    await expect(desk.get_by_test_id("stages")).to_have_attribute("data-stage", "enforced")
    power = desk.get_by_test_id("order-power")
    await expect(power).to_have_attribute("data-confirmed", "1")
    await expect(power.locator("li")).to_have_text(
        ["▲ Кабина 2: не подтверждено", "Кабина 3: платы нет"]
    )
    await expect(desk.get_by_test_id("stage-cut")).to_have_text("прервано 1 из 1 идущих свиданий")
    [draft] = sent(relay, "orders/drafts")
    assert draft["scope"] == {"facility": ["facility-7"], "terminal": ["T-01"]}
    assert draft["protected"] == []
    assert draft["not_before"] is None
    assert draft["public_text"] == {"ru": "Чинят камеру.", "en": "The camera is being repaired."}
    assert str(draft["expires"]).endswith("Z")
    signed = next(body for _, path, body in relay.staff.requests if path.endswith("/sign") and body)
    assert signed["confirm_visits"] == 3
    assert len(signed["digest"]) == 64
    await desk.get_by_test_id("flow-finish").click()
    await expect(desk.get_by_test_id("order-row").first).to_have_attribute("data-state", "ACTIVE")
    await expect(desk.locator("#orders-title")).to_be_focused()


async def test_an_order_is_made_by_keyboard_alone(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    await desk.get_by_test_id("order-new").press("Enter")
    await expect_step(desk, 1)
    await desk.get_by_test_id("scope-value").press("ArrowDown")
    await desk.get_by_test_id("order-expires-1h").press("Enter")
    await desk.get_by_test_id("flow-next").press("Enter")
    await expect_step(desk, 2)
    await desk.get_by_test_id("order-confirm-count").press_sequentially("3")
    await desk.get_by_test_id("flow-next").press("Enter")
    await expect_step(desk, 3)


async def test_step_that_lacks_something_marks_it_and_stays(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    await desk.get_by_test_id("order-new").click()
    await desk.get_by_test_id("flow-next").click()
    await expect(desk.get_by_test_id("scope-value")).to_have_attribute("aria-invalid", "true")
    await expect(desk.get_by_test_id("scope-value")).to_be_focused()
    assert sent(relay, "orders/impact") == []


async def test_exact_expiry_is_read_on_the_facilitys_clock(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    await desk.get_by_test_id("order-new").click()
    await desk.get_by_test_id("scope-value").select_option("inmate-1042")
    wanted = instant(24 * 60)
    await desk.get_by_test_id("order-expires").fill(f"{wanted[:10]}T15:00")
    await desk.get_by_test_id("flow-next").click()
    await expect(desk.get_by_test_id("order-impact")).to_have_attribute("data-visits", "3")
    [impact] = sent(relay, "orders/impact")
    assert impact["expires"] == f"{wanted[:10]}T10:00:00.000Z", "Yekaterinburg is UTC+5"
    assert impact["scope"] == {"inmate": ["inmate-1042"]}


async def test_search_narrows_whom_an_order_reaches(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    await desk.get_by_test_id("order-new").click()
    options = desk.get_by_test_id("scope-value").locator("option")
    await expect(options).to_have_count(3)
    await desk.get_by_test_id("scope-find").fill("орлов")
    await expect(options).to_have_count(1)
    await desk.get_by_test_id("scope-find").fill("нет такого")
    await expect(desk.locator("scope-choice")).to_contain_text("Ничего не найдено.")


async def test_an_emergency_reaches_the_facility_for_an_hour_at_most(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await desk.get_by_test_id("order-new").click()
    await desk.get_by_test_id("order-kind-emergency").check()
    await expect(desk.get_by_test_id("protected-LEGAL")).to_have_count(0)
    await expect(desk.get_by_test_id("order-expires-8h")).to_have_count(0)
    await desk.get_by_test_id("order-expires-0.5h").click()
    await desk.get_by_test_id("flow-next").click()
    await expect_step(desk, 2)
    [impact] = sent(relay, "orders/impact")
    assert impact["emergency"] is True
    assert impact["scope"] == {"facility": ["facility-7"]}
    await expect(desk.locator(".confirm")).to_contain_text("один человек")


# ── numbers ────────────────────────────────────────────────────────────────────────────────
async def test_the_number_is_typed_by_hand_and_must_be_the_one_counted(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_numbers(desk)
    count = desk.get_by_test_id("order-confirm-count")
    await expect(count).to_have_value("")
    await count.fill("4")
    await desk.get_by_test_id("flow-next").click()
    await expect(count).to_have_attribute("aria-invalid", "true")
    await expect(count).to_be_focused()
    await expect(desk.get_by_test_id("order-flow")).to_have_attribute("data-step", "2")


async def test_a_narrower_order_is_taken_by_one_press_and_counted_by_itself(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_numbers(desk)
    rows = desk.get_by_test_id("narrower-row")
    await expect(rows).to_have_count(2)
    await expect(rows.first.locator(".narrower-visits")).to_have_text("1")
    await desk.get_by_test_id("order-confirm-count").fill("3")
    relay.staff.desk.impact.update(numbers(1))
    relay.staff.desk.alternatives = []
    await desk.get_by_test_id("narrower-use-0").click()
    await expect(desk.get_by_test_id("order-impact")).to_have_attribute("data-visits", "1")
    await expect(desk.get_by_test_id("order-confirm-count")).to_have_value("")
    assert sent(relay, "orders/impact")[-1]["scope"] == {"inmate": ["inmate-1041"]}
    await expect(desk.locator(".impact-what")).to_contain_text("Соколов")


async def test_narrower_orders_are_looked_for_among_the_visits_of_the_incident(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_numbers(desk)
    await desk.get_by_test_id("order-confirm-count").fill("3")
    await desk.get_by_test_id("incident").locator("summary").click()
    await desk.get_by_test_id("incident-visit-1043").check()
    await desk.get_by_test_id("incident-count").click()
    await expect(desk.get_by_test_id("incident")).to_contain_text("1 свидание")
    await expect(desk.get_by_test_id("order-confirm-count")).to_have_value("")
    assert sent(relay, "orders/impact")[-1]["incident"] == ["visit-1043"]


async def test_a_change_of_what_an_order_does_empties_the_confirmation(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_numbers(desk)
    await desk.get_by_test_id("order-confirm-count").fill("3")
    await desk.get_by_test_id("step-1").click()
    await desk.get_by_test_id("protected-LEGAL").check()
    await expect(desk.locator(".notice-warn")).to_contain_text("без защитника")
    await expect(desk.get_by_test_id("order-expires-168h")).to_be_disabled()
    await desk.get_by_test_id("flow-next").click()
    await expect(desk.get_by_test_id("order-confirm-count")).to_have_value("")
    assert sent(relay, "orders/impact")[-1]["protected"] == ["LEGAL"]


async def test_a_wide_order_must_say_why_nothing_narrower_does(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_numbers(desk, "housing_unit", "unit-1")
    await desk.get_by_test_id("order-confirm-count").fill("3")
    await desk.get_by_test_id("flow-next").click()
    await expect(desk.get_by_test_id("order-why")).to_be_focused()
    await expect(desk.get_by_test_id("order-flow")).to_have_attribute("data-step", "2")


# ── words ──────────────────────────────────────────────────────────────────────────────────
async def test_both_screens_are_previewed_in_both_languages(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    await to_words(desk)
    for party in ("inmate", "visitor"):
        russian = desk.get_by_test_id(f"preview-{party}-ru")
        await expect(russian).to_contain_text("Чинят камеру.")
        await expect(russian).to_contain_text("Технические работы")
        english = desk.get_by_test_id(f"preview-{party}-en")
        await expect(english).to_contain_text("The camera is being repaired.")
        await expect(english).to_contain_text("Technical work")


async def test_a_withheld_reason_leaves_only_the_neutral_sentence(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_words(desk)
    await desk.get_by_test_id("order-grace").select_option("300")
    await desk.get_by_test_id("order-withheld").select_option("RISK_TO_PERSON")
    await expect(desk.get_by_test_id("order-text-ru")).to_have_count(0)
    shown = desk.get_by_test_id("preview-visitor-ru")
    await expect(shown).to_contain_text(NEUTRAL_TEXT.ru)
    await expect(shown).not_to_contain_text("Технические работы")
    await expect(desk.get_by_test_id("preview-inmate-en")).to_contain_text(NEUTRAL_TEXT.en)
    await desk.get_by_test_id("flow-next").click()
    await expect_step(desk, 4)
    assert sent(relay, "orders/drafts")[0]["withheld"] == "RISK_TO_PERSON"
    assert sent(relay, "orders/drafts")[0]["grace_s"] == 300


async def test_a_refused_field_is_marked_and_keeps_what_was_typed(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_words(desk)
    relay.staff.fail["orders/drafts"] = (
        422,
        {"code": "INVALID_ORDER", "field": "legal_basis", "message": "is empty"},
    )
    await desk.get_by_test_id("flow-next").click()
    await expect(desk.get_by_test_id("order-basis")).to_have_attribute("aria-invalid", "true")
    await expect(desk.locator("#basis-problem")).to_contain_text("Сервер не принял")
    await expect(desk.get_by_test_id("order-text-ru")).to_have_value("Чинят камеру.")


# ── signature ──────────────────────────────────────────────────────────────────────────────
async def test_a_wrong_secret_is_told_at_its_field_which_is_empty_again(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_signature(desk)
    secret = desk.get_by_test_id("secret")
    await desk.get_by_test_id("order-sign").click()
    await expect(desk.locator("#secret-problem")).to_have_text("Введите секрет своего ключа.")
    await secret.fill("not it")
    await desk.get_by_test_id("order-sign").click()
    await expect(desk.locator("#secret-problem")).to_contain_text("не открывает")
    await expect(secret).to_have_value("")
    await expect(secret).to_be_focused()
    assert await desk.evaluate("Object.keys({...localStorage, ...sessionStorage})") == [
        "parloir-language"
    ]


async def test_impact_that_changed_is_confirmed_again_and_nothing_else_is_lost(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_signature(desk)
    relay.staff.desk.impact["visits"] = 4
    await desk.get_by_test_id("secret").fill(SECRET)
    await desk.get_by_test_id("order-sign").click()
    await expect_step(desk, 2)
    await expect(desk.locator(".notice-error")).to_contain_text("число свиданий изменилось")
    await expect(desk.get_by_test_id("order-confirm-count")).to_have_value("")
    await desk.get_by_test_id("order-confirm-count").fill("4")
    await desk.get_by_test_id("flow-next").click()
    await expect_step(desk, 4)
    assert sent(relay, f"orders/drafts/{only_draft(relay)}", "PUT") == [], "it is the same draft"
    await desk.get_by_test_id("secret").fill(SECRET)
    await desk.get_by_test_id("order-sign").click()
    await expect_step(desk, 5)


async def test_a_session_that_ended_is_taken_up_where_it_was(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    await to_words(desk)
    relay.staff.role = None
    await desk.get_by_test_id("flow-next").click()
    again = desk.get_by_test_id("login-again")
    await expect(again).to_be_visible()
    await desk.get_by_test_id("again-password").fill("wrong")
    await desk.get_by_test_id("again-submit").click()
    await expect(again.get_by_role("alert")).to_contain_text("не подошли")
    await desk.get_by_test_id("again-password").fill("correct horse battery staple")
    await desk.get_by_test_id("again-submit").click()
    await expect(again).to_be_hidden()
    await expect(desk.get_by_test_id("order-text-ru")).to_have_value("Чинят камеру.")
    await desk.get_by_test_id("flow-next").click()
    await expect_step(desk, 4)


async def test_without_a_receipt_nothing_is_called_enforced(relay: FakeRelay, desk: Page) -> None:
    relay.staff.desk.silent = True
    await at_work(relay, desk, "administrator")
    await to_signature(desk)
    await desk.get_by_test_id("secret").fill(SECRET)
    await desk.get_by_test_id("order-sign").click()
    stages = desk.get_by_test_id("stages")
    await expect(stages).to_have_attribute("data-stage", "sent")
    await expect(desk.get_by_role("alert")).to_contain_text("не доказано", timeout=15_000)
    await expect(stages).to_have_attribute("data-stage", "sent")


# ── two people ─────────────────────────────────────────────────────────────────────────────
async def test_a_wide_order_waits_for_the_second_person_and_then_for_its_author(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_signature(desk, "housing_unit", "unit-1")
    await expect(desk.get_by_test_id("approvals")).to_have_attribute("data-missing", "1")
    await expect(desk.get_by_test_id("order-sign")).to_have_count(0)
    ident = only_draft(relay)
    relay.staff.desk.drafts[ident]["approvals"].append("petrova")
    await expect(desk.get_by_test_id("order-sign")).to_be_visible()
    await desk.get_by_test_id("secret").fill(SECRET)
    await desk.get_by_test_id("order-sign").click()
    await expect_step(desk, 5)


async def test_a_draft_is_left_found_again_approved_and_signed(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_signature(desk, "housing_unit", "unit-1")
    await desk.get_by_test_id("order-abandon").click()
    row = desk.get_by_test_id("draft-row")
    await expect(row).to_have_attribute("data-waiting", "approval")
    await log_out(desk)

    await at_work(relay, desk, "approver")
    await desk.get_by_test_id("draft-look").click()
    await expect(desk.get_by_test_id("order-impact")).to_have_attribute("data-visits", "3")
    await desk.get_by_test_id("approve-secret").fill(SECRET)
    await desk.get_by_test_id("draft-approve").click()
    await expect(desk.get_by_test_id("said")).to_contain_text("Утверждено")
    await log_out(desk)

    await at_work(relay, desk, "administrator")
    await expect(row).to_have_attribute("data-waiting", "signature")
    await desk.get_by_test_id("draft-continue").click()
    await expect_step(desk, 4)
    await desk.get_by_test_id("order-confirm-count").fill("3")
    await desk.get_by_test_id("secret").fill(SECRET)
    await desk.get_by_test_id("order-sign").click()
    await expect_step(desk, 5)


async def test_a_draft_that_is_declined_goes_back_to_its_author_with_the_reason(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_signature(desk, "housing_unit", "unit-1")
    await log_out(desk)
    await at_work(relay, desk, "approver")
    await desk.get_by_test_id("draft-look").click()
    await desk.get_by_test_id("draft-decline").click()
    reason = desk.get_by_test_id("decline-reason")
    await expect(reason).to_be_focused()
    await desk.get_by_test_id("decline-confirm").click()
    await expect(reason).to_have_attribute("aria-invalid", "true")
    assert sent(relay, f"orders/drafts/{only_draft(relay)}/decline") == []
    await reason.fill("Хватит одного терминала.")
    await desk.get_by_test_id("decline-confirm").click()
    await expect(desk.locator(".said")).to_contain_text("вернулся к автору")
    await log_out(desk)
    await at_work(relay, desk, "administrator")
    await expect(desk.get_by_test_id("draft-declined")).to_contain_text("Хватит одного терминала.")


async def test_numbers_that_change_under_the_approver_are_shown_before_anything(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await to_signature(desk, "housing_unit", "unit-1")
    await log_out(desk)
    await at_work(relay, desk, "approver")
    await desk.get_by_test_id("draft-look").click()
    await expect(desk.get_by_test_id("draft-approve")).to_be_visible()
    await expect(desk.locator("#approval-title")).to_be_focused()  # it has settled
    relay.staff.desk.impact["visits"] = 5
    await desk.get_by_test_id("approve-secret").fill(SECRET)
    await desk.get_by_test_id("draft-approve").click()
    await expect(desk.get_by_test_id("order-impact")).to_have_attribute("data-visits", "5")
    await expect(desk.locator("draft-approval")).to_contain_text("числа изменились")
    assert relay.staff.desk.drafts[only_draft(relay)]["approvals"] == []


async def test_oversight_completes_an_order_on_protected_visits(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "administrator")
    await choose_scope(desk)
    await desk.get_by_test_id("protected-LEGAL").check()
    await desk.get_by_test_id("flow-next").click()
    await desk.get_by_test_id("order-confirm-count").fill("3")
    await desk.get_by_test_id("flow-next").click()
    await fill_words(desk)
    await desk.get_by_test_id("flow-next").click()
    await expect(desk.get_by_test_id("approvals")).to_contain_text("из надзора")
    await desk.get_by_test_id("order-abandon").click()
    await log_out(desk)
    await at_work(relay, desk, "oversight")
    row = desk.get_by_test_id("draft-row")
    await expect(row).to_have_attribute("data-waiting", "oversight")
    await row.get_by_test_id("draft-look").click()
    await desk.get_by_test_id("approve-secret").fill(SECRET)
    await desk.get_by_test_id("draft-approve").click()
    await expect(row).to_have_attribute("data-waiting", "signature")
