"""What staff do on their pages, to real calls."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import new_page
from tests.e2e.calls import Calls
from tests.e2e.facility import Facility, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
DESK = {"width": 1280, "height": 800}


def logged_in(
    facility: Facility, browser: Browser, role: str, viewport: dict[str, int] | None = None
) -> Page:
    """A member of staff at their own page, in English."""
    secret = facility.staff(role)
    page = new_page(browser, viewport=viewport or DESK, locale="en")
    page.goto(secret["url"])
    page.get_by_test_id("login-user").fill(secret["user"])
    page.get_by_test_id("login-password").fill(secret["password"])
    page.get_by_test_id("login-submit").click()
    page.wait_for_url(re.compile(re.escape(secret["url"])))
    return page


def choose(page: Page, testid: str, value: str) -> None:
    """Pick a value, whether it is a list or buttons."""
    field = page.get_by_test_id(testid).first
    if field.evaluate("element => element.tagName") == "SELECT":
        field.select_option(value)
    else:
        page.locator(f"[data-testid={testid}][value='{value}']").check()


def to_signature(page: Page, kind: str, value: str, why: str = "") -> None:
    """A new order for an hour, as far as its signature."""
    page.get_by_test_id("order-new").click()
    choose(page, "scope-kind", kind)
    choose(page, "scope-value", value)
    page.get_by_test_id("order-expires-1h").click()
    page.get_by_test_id("flow-next").click()
    impact = page.get_by_test_id("order-impact")
    expect(impact).to_have_attribute("data-visits", re.compile(r"\d+"))
    expect(page.get_by_test_id("order-confirm-count")).to_have_value("")
    if why:
        page.get_by_test_id("order-why").fill(why)
    page.get_by_test_id("order-confirm-count").fill(impact.get_attribute("data-visits") or "")
    page.get_by_test_id("flow-next").click()
    choose(page, "order-reason", "TECHNICAL_WORK")
    page.get_by_test_id("order-basis").fill("Order of the facility's head, no. 12")
    page.get_by_test_id("order-text-ru").fill("Кабина 1 закрыта на ремонт.")
    page.get_by_test_id("order-text-en").fill("Booth 1 is being repaired.")
    page.get_by_test_id("flow-next").click()
    expect(page.get_by_test_id("order-flow")).to_have_attribute("data-step", "4")


def sign(page: Page) -> None:
    """Sign; the example facility opens each person's key by itself."""
    page.get_by_test_id("order-sign").click()
    expect(page.get_by_test_id("stages")).to_have_attribute("data-stage", "enforced")


def test_an_administrator_suspends_a_terminal_and_lifts_the_order_again(
    living: Facility, calls: Calls, chromium: Browser, screens: Path
) -> None:
    family, counsel = calls.live(chromium, "FAMILY"), calls.live(chromium, "LEGAL")
    visitor, visit = family.visitor, family.visit["id"]
    page = logged_in(living, chromium, "administrator", {"width": 1280, "height": 1100})
    to_signature(page, "terminal", "T-01")
    page.get_by_test_id("step-2").click()
    expect(page.get_by_test_id("order-impact")).to_have_attribute("data-visits", re.compile(r"\d+"))
    page.screenshot(path=screens / "suspension.png")
    page.get_by_test_id("flow-next").click()
    sign(page)
    expect(page.get_by_test_id("stage-cut")).to_have_text("1 of 1 live calls cut")
    visitor.expect_state("SUSPENDED_BY_ORDER", within_s=10)
    assert "Booth 1 is being repaired." in visitor.page.inner_text("body")
    visitor.page.screenshot(path=screens / "suspended.png")
    assert counsel.visitor.state() == "LIVE"
    page.get_by_test_id("flow-finish").click()
    row = page.get_by_test_id("order-row").first
    expect(row).to_have_attribute("data-state", "ACTIVE")
    page.locator(f"[data-testid=visit-row][data-visit='{visit}']").get_by_test_id(
        "visit-why"
    ).click()
    expect(page.get_by_test_id("explained-order")).to_contain_text("Terminal")
    page.get_by_test_id("explained-close").click()
    row.get_by_test_id("order-lift").click()
    page.get_by_test_id("order-lift-comment").fill("Repaired.")
    page.get_by_test_id("order-lift-confirm").click()
    expect(page.get_by_test_id("order-row").first).to_have_attribute("data-state", "LIFTED")
    eventually(lambda: visitor.state() in ("OPEN", "WAITING_VISITOR"))
    assert living.visit_now(visit)["outcome"] is None
    page.context.close()
    counsel.visitor.leave()


def test_a_wide_order_takes_two_people_to_begin_and_to_end(
    living: Facility, calls: Calls, chromium: Browser
) -> None:
    visitor = calls.live(chromium, "FAMILY").visitor
    author = logged_in(living, chromium, "administrator")
    facility = living.ask("directory")["facility"]["id"]
    to_signature(author, "facility", facility, why="Nobody knows yet who took part.")
    expect(author.get_by_test_id("approvals")).to_have_attribute("data-missing", "1")
    assert author.get_by_test_id("order-sign").count() == 0

    approver = logged_in(living, chromium, "approver")
    approver.get_by_test_id("draft-look").click()
    expect(approver.get_by_test_id("order-impact")).to_contain_text("visits cancelled")
    approver.get_by_test_id("draft-approve").click()
    expect(approver.get_by_test_id("said")).to_contain_text("Approved")
    assert visitor.state() == "LIVE"

    sign(author)
    visitor.expect_state("SUSPENDED_BY_ORDER", within_s=10)
    author.get_by_test_id("flow-finish").click()
    author.get_by_test_id("order-lift").first.click()
    author.get_by_test_id("order-lift-confirm").click()
    row = author.get_by_test_id("order-row").first
    expect(row).to_contain_text("until a second person signs it too")
    expect(row).to_have_attribute("data-state", "ACTIVE")
    approver.get_by_test_id("order-lift").first.click()
    approver.get_by_test_id("order-lift-confirm").click()
    expect(row).to_have_attribute("data-state", "LIFTED")
    eventually(lambda: visitor.state() in ("OPEN", "WAITING_VISITOR"))
    for page in (author, approver):
        page.context.close()


def test_a_guard_sees_live_calls_and_ends_one_with_a_reason(
    living: Facility, calls: Calls, chromium: Browser
) -> None:
    family = calls.live(chromium, "FAMILY")
    visitor, visit = family.visitor, family.visit["id"]
    guard = logged_in(living, chromium, "guard")
    row = guard.locator(f"[data-testid=visit-row][data-visit='{visit}']")
    expect(row).to_have_attribute("data-state", "LIVE")
    row.get_by_test_id("terminate").click()
    guard.get_by_test_id("terminate-reason").first.wait_for()
    choose(guard, "terminate-reason", "RULES_BROKEN")
    guard.get_by_test_id("terminate-confirm").click()
    visitor.expect_state("TERMINATED_BY_STAFF", within_s=15)
    assert "The rules of the visit were broken" in visitor.page.inner_text("body")
    expect(row).to_have_attribute("data-state", "ENDED")
    eventually(lambda: living.visit_now(visit)["outcome"] == "TERMINATED_BY_STAFF")
    guard.context.close()


def test_an_auditor_reads_orders_and_journal_and_can_change_nothing(
    living: Facility, chromium: Browser
) -> None:
    living.parloir(
        *("orders", "suspend", "--terminal", "T-04", "--reason", "QUARANTINE"),
        *("--basis", "Sanitary rule 3.1", "--expires", "+3h", "--yes"),
        *("--text-ru", "Карантин.", "--text-en", "Quarantine."),
    )
    page = logged_in(living, chromium, "auditor")
    expect(page.get_by_test_id("order-row").first).to_have_attribute("data-state", "ACTIVE")
    expect(page.get_by_test_id("journal-table")).to_contain_text("Order issued")
    assert page.get_by_test_id("order-lift").count() == 0
    assert page.get_by_test_id("order-new").count() == 0
