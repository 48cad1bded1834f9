"""Claims about accessibility: axe-core finds nothing (WCAG 2.2 A and AA), and nothing overflows.

axe runs in contexts that bypass the CSP, because the CSP rightly blocks an injected script.
"""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.web.fake_orders import SECRET, instant, order, refused
from tests.web.fake_relay import FakeRelay
from tests.web.test_orders_page import choose_scope, fill_words, to_numbers
from tests.web.test_staff_pages import log_in
from tests.web.test_visitor_page import enter
from visit_protocol.signalling import Refusal
from visit_protocol.vocabulary import CallState, Outcome, RejectionCode, VisitType

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: npm ci")


@pytest_asyncio.fixture(loop_scope="session", params=["light", "dark"])
async def axe_phone(chromium: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    context = await chromium.new_context(
        viewport={"width": 360, "height": 740},
        bypass_csp=True,
        color_scheme=request.param,
        reduced_motion="reduce",
    )
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def axe_desk(chromium: Browser) -> AsyncIterator[Page]:
    context = await chromium.new_context(
        viewport={"width": 1280, "height": 800}, bypass_csp=True, reduced_motion="reduce"
    )
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(
    loop_scope="session", params=[(1280, "light"), (1280, "dark"), (412, "light")], ids=str
)
async def axe_console(chromium: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """The administrator's screen, and a telephone in the corridor."""
    width, scheme = request.param
    context = await chromium.new_context(
        viewport={"width": width, "height": 800},
        bypass_csp=True,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="ru-RU",
    )
    yield await context.new_page()
    await context.close()


async def expect_accessible(page: Page) -> None:
    """Nothing that axe can see is wrong, and the page does not scroll sideways."""
    await page.add_script_tag(path=AXE)
    result = await page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    faults = [
        f"{fault['id']}: {json.dumps([node['html'][:120] for node in fault['nodes']])}"
        for fault in result["violations"]
    ]
    assert faults == []
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(overflow) <= 0


async def test_entry_is_accessible(relay: FakeRelay, axe_phone: Page) -> None:
    visit = relay.add_visit("entry")
    await axe_phone.goto(relay.link(visit))
    await axe_phone.get_by_test_id("check").click()
    await expect(axe_phone.locator(".works")).to_have_count(2)
    await expect_accessible(axe_phone)


async def test_call_and_its_leave_question_are_accessible(
    relay: FakeRelay, axe_phone: Page
) -> None:
    visit = relay.add_visit("call", visit_type=VisitType.LEGAL)
    await enter(relay, axe_phone, visit)
    await expect_accessible(axe_phone)
    await relay.set(visit, state=CallState.LIVE)
    await relay.remind(visit, 5)
    await axe_phone.get_by_test_id("leave").click()
    await expect_accessible(axe_phone)


async def test_suspended_visit_is_accessible(relay: FakeRelay, axe_phone: Page) -> None:
    refusal = Refusal(
        code=RejectionCode.SUSPENDED_BY_ORDER,
        until=datetime.now(UTC) + timedelta(days=1),
        reason_code="QUARANTINE",
        public_text={"ru": "Карантин.", "en": "Quarantine."},
        decided_by="Иванова О. П.",
    )
    visit = relay.add_visit(
        "over",
        state=CallState.ENDED,
        outcome=Outcome.SUSPENDED_BY_ORDER,
        refusals=(refusal,),
        minutes_given_back=4.0,
    )
    await axe_phone.goto(relay.link(visit))
    await expect(axe_phone.locator("blockquote")).to_be_visible()
    await expect_accessible(axe_phone)


async def test_login_is_accessible(relay: FakeRelay, axe_desk: Page) -> None:
    await axe_desk.goto(f"{relay.base_url}/login")
    await axe_desk.get_by_test_id("login-submit").click()
    await expect(axe_desk.get_by_role("alert")).not_to_be_empty()
    await expect_accessible(axe_desk)


async def test_guard_page_and_its_dialogs_are_accessible(relay: FakeRelay, axe_desk: Page) -> None:
    await log_in(relay, axe_desk, "guard")
    await expect(axe_desk.get_by_test_id("visit-row")).to_have_count(5)
    await expect_accessible(axe_desk)
    await axe_desk.get_by_test_id("terminate").first.click()
    await expect_accessible(axe_desk)
    await axe_desk.keyboard.press("Escape")
    await axe_desk.keyboard.press("?")
    await expect_accessible(axe_desk)


async def test_the_wall_and_a_watched_call_are_accessible(relay: FakeRelay, axe_desk: Page) -> None:
    await log_in(relay, axe_desk, "guard")
    await expect(axe_desk.locator("[data-tile=visit-1041] img")).to_have_count(2)
    relay.staff.pictures["visit-1041"] = 9.0
    await expect(axe_desk.locator(".tile-stale")).to_have_count(2)
    await expect_accessible(axe_desk)
    await axe_desk.locator("[data-tile=visit-1041]").click()
    watch = axe_desk.get_by_test_id("watch")
    await expect(watch).to_have_attribute("data-state", "LIVE", timeout=15_000)
    await expect_accessible(axe_desk)


async def test_orders_by_state_and_their_dialogs_are_accessible(
    relay: FakeRelay, axe_console: Page
) -> None:
    desk = relay.staff.desk
    desk.orders.append(order("order-8", {"terminal": ["Кабина 3"]}, expires=instant(30)))
    desk.orders[0].update(review_overdue=True, review_due=instant(-9))
    desk.missing_numbers = [{"issuer": "petrova", "first": 3, "last": 4}]
    desk.refused = [refused(4, "UNDER_SIGNED")]
    await log_in(relay, axe_console, "administrator")
    await axe_console.get_by_test_id("refused-orders").locator("summary").click()
    await expect(axe_console.get_by_test_id("order-row")).to_have_count(3)
    await expect_accessible(axe_console)
    row = axe_console.locator("[data-order=order-7]")
    for deed in ("lift", "renew", "review", "notices", "proof"):
        await row.get_by_test_id(f"order-{deed}").click()
        await expect_accessible(axe_console)
        await axe_console.keyboard.press("Escape")
    await axe_console.get_by_test_id("visit-why").first.click()
    await expect(axe_console.get_by_test_id("explained")).to_contain_text("По состоянию на")
    await expect_accessible(axe_console)


async def test_every_step_of_a_new_order_is_accessible(relay: FakeRelay, axe_console: Page) -> None:
    page = axe_console
    await log_in(relay, page, "administrator")
    await choose_scope(page, "housing_unit", "unit-1")
    await page.get_by_test_id("protected-LEGAL").check()
    await expect_accessible(page)
    await page.get_by_test_id("flow-next").click()
    await expect(page.get_by_test_id("narrower")).to_be_visible()
    await page.get_by_test_id("flow-next").click()
    await expect_accessible(page)
    await page.get_by_test_id("step-1").click()
    await page.get_by_test_id("protected-LEGAL").uncheck()
    await page.get_by_test_id("flow-next").click()
    await page.get_by_test_id("order-why").fill("Не знаем, кто участвовал.")
    await page.get_by_test_id("order-confirm-count").fill("3")
    await page.get_by_test_id("flow-next").click()
    await page.get_by_test_id("flow-next").click()
    await expect(page.get_by_test_id("preview-visitor-en")).to_be_visible()
    await expect_accessible(page)
    await fill_words(page)
    await page.get_by_test_id("flow-next").click()
    await expect(page.get_by_test_id("approvals")).to_be_visible()
    await expect_accessible(page)
    [draft] = relay.staff.desk.drafts.values()
    draft["approvals"].append("petrova")
    await page.get_by_test_id("order-sign").click()
    await expect(page.get_by_test_id("secret")).to_have_attribute("aria-invalid", "true")
    await expect_accessible(page)
    await page.get_by_test_id("secret").fill(SECRET)
    await page.get_by_test_id("order-sign").click()
    await expect(page.get_by_test_id("stages")).to_have_attribute("data-stage", "enforced")
    await expect_accessible(page)


async def test_the_approvers_page_is_accessible(relay: FakeRelay, axe_console: Page) -> None:
    renewal = {"expires": instant(6000)}
    relay.staff.desk.answer("POST", ["orders", "order-7", "renew"], renewal, "administrator")
    await log_in(relay, axe_console, "approver")
    await axe_console.get_by_test_id("draft-look").click()
    await expect(axe_console.get_by_test_id("draft-approve")).to_be_visible()
    await expect(axe_console.get_by_test_id("preview-visitor-en")).to_be_visible()
    await expect_accessible(axe_console)


async def test_oversight_page_is_accessible(relay: FakeRelay, axe_desk: Page) -> None:
    await log_in(relay, axe_desk, "auditor")
    await expect(axe_desk.get_by_test_id("journal-table")).to_be_visible()
    await expect_accessible(axe_desk)


# ── room: nothing hangs over, nothing that a finger needs is out of sight ──────────────────────
LONG = "Кабина видеосвиданий отряда строгого режима, корпус 3, № 12"
NAME = "Кузнецова-Михайловская Александра Константиновна-Благовещенская"


async def sized(browser: Browser, width: int, height: int, **options: str) -> Page:
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        locale="ru-RU",
        **options,  # type: ignore[arg-type]
    )
    return await context.new_page()


async def expect_room(page: Page) -> None:
    """The page does not scroll sideways (WCAG 1.4.10)."""
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(overflow) <= 0


@pytest.mark.parametrize(("width", "height"), [(360, 640), (320, 568), (740, 360), (1280, 800)])
@pytest.mark.parametrize("visit_type", [VisitType.FAMILY, VisitType.LEGAL])
async def test_buttons_of_a_call_are_in_sight_and_a_reminder_moves_none(
    relay: FakeRelay, chromium: Browser, width: int, height: int, visit_type: VisitType
) -> None:
    page = await sized(chromium, width, height)
    visit = relay.add_visit("room", visit_type=visit_type)
    await enter(relay, page, visit)
    await relay.set(visit, state=CallState.LIVE)
    leave = page.get_by_test_id("leave")
    await expect(page.get_by_test_id("status")).to_have_attribute("data-state", "LIVE")
    before, stage = await leave.bounding_box(), await page.locator(".stage").bounding_box()
    assert before is not None
    assert stage is not None
    if height > width:
        assert stage["width"] == width
    assert before["y"] + before["height"] <= height
    await relay.remind(visit, 1)
    await expect(page.get_by_test_id("reminder")).to_be_visible()
    assert await leave.bounding_box() == before
    await leave.click()
    for choice in ("leave-stay", "leave-confirm"):
        await expect(page.get_by_test_id(choice)).to_be_in_viewport(ratio=1)
    await expect_room(page)
    await page.context.close()


@pytest.mark.parametrize(("width", "height"), [(320, 640), (640, 400), (1280, 800)])
async def test_wide_data_stays_inside_the_guards_page(
    relay: FakeRelay, chromium: Browser, width: int, height: int
) -> None:
    page = await sized(chromium, width, height)
    for one in (*relay.staff.visits, *relay.staff.terminals):
        if one.get("terminal"):
            one["terminal"]["label"] = LONG
        elif "label" in one:
            one["label"] = LONG
    for visit in relay.staff.visits:
        visit["inmate"]["name"] = NAME
        visit["visitors"] = [{"id": f"v{n}", "name": NAME} for n in range(3)]
    await log_in(relay, page, "guard")
    await expect(page.get_by_test_id("visit-row")).to_have_count(5)
    await expect_room(page)
    await page.get_by_test_id("terminate").first.click()
    confirm = page.get_by_test_id("terminate-confirm")
    await confirm.scroll_into_view_if_needed()
    await expect(confirm).to_be_in_viewport(ratio=0.9)
    await page.context.close()


@pytest.mark.parametrize(("width", "height"), [(320, 640), (640, 400)])
async def test_administrator_and_auditor_pages_fit_a_narrow_window(
    relay: FakeRelay, chromium: Browser, width: int, height: int
) -> None:
    page = await sized(chromium, width, height)
    await log_in(relay, page, "administrator")
    await expect(page.get_by_test_id("order-row")).to_have_count(2)
    await expect_room(page)
    await to_numbers(page)
    await expect_room(page)
    relay.staff.role = None
    await log_in(relay, page, "auditor")
    await expect(page.get_by_test_id("journal-table")).to_be_visible()
    await expect_room(page)
    await page.context.close()


async def test_level_bar_is_seen_in_forced_colours(relay: FakeRelay, chromium: Browser) -> None:
    page = await sized(chromium, 360, 640, forced_colors="active")
    await page.goto(relay.link(relay.add_visit("forced")))
    await page.get_by_test_id("check").click()
    await expect(page.locator("meter")).to_have_css("border-style", "solid")
    await page.context.close()
