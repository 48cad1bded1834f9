"""Claims about accessibility: axe-core finds nothing (WCAG 2.2 A and AA), and nothing overflows.

axe runs in contexts that bypass the CSP, because the CSP rightly blocks an injected script.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.web.conftest import Profile
from tests.web.fake_orders import SECRET, instant, order, refused
from tests.web.fake_relay import FakeRelay, Front
from tests.web.test_orders_page import choose_scope, fill_words, to_numbers
from tests.web.test_staff_pages import at_work
from tests.web.test_visitor_page import enter
from visit_protocol.signalling import Refusal
from visit_protocol.vocabulary import CallState, Outcome, RejectionCode, VisitType

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
FAULTS = """async rules => {
  // Two frames: what a new width or scheme changes has been drawn.
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const {violations} = await axe.run(document, {runOnly: rules, resultTypes: ['violations']});
  return violations.map(({id, nodes}) =>
    `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
}"""

pytestmark = pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: npm ci")


@dataclass(frozen=True)
class Look:
    """A window and a scheme of colours in which a page is looked at."""

    width: int
    height: int
    colours: Literal["light", "dark"] = "light"

    @property
    def rules(self) -> list[str]:
        """What is asked: all of it, and in the dark what colours decide."""
        return RULES if self.colours == "light" else COLOUR_RULES

    async def put_on(self, page: Page) -> None:
        """Show ``page`` like this."""
        await page.set_viewport_size({"width": self.width, "height": self.height})
        await page.emulate_media(color_scheme=self.colours)


PHONE = (Look(360, 740), Look(360, 740, "dark"))
DESK = (Look(1280, 800),)
CONSOLE = (Look(412, 800), Look(1280, 800), Look(1280, 800, "dark"))
"""A telephone in the corridor, which the test works on, and the administrator's screen."""


@dataclass(frozen=True)
class Looked:
    """A page, and how it is looked at."""

    page: Page
    looks: tuple[Look, ...]

    @classmethod
    async def first(cls, page: Page, looks: tuple[Look, ...]) -> "Looked":
        """``page`` in the first of its looks, which a test works in."""
        await looks[0].put_on(page)
        return cls(page, looks)

    async def expect_accessible(self) -> None:
        """Nothing that axe can see is wrong, and the page does not scroll sideways."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.add_script_tag(path=AXE)
        for look in (*self.looks[1:], self.looks[0]):
            await look.put_on(self.page)
            faults = await self.page.evaluate(FAULTS, look.rules)
            assert faults == [], look
            await expect_room(self.page)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def without_policy(chromium: Browser) -> AsyncIterator[Profile]:
    options = {"bypass_csp": True, "reduced_motion": "reduce", "locale": "ru-RU"}
    async with Profile.open(chromium, **options) as profile:
        yield profile


@pytest_asyncio.fixture(loop_scope="session")
async def page_seen(without_policy: Profile, front: Front) -> AsyncIterator[Page]:
    async with without_policy.for_a_test(front) as context:
        yield await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def phone_seen(page_seen: Page) -> Looked:
    return await Looked.first(page_seen, PHONE)


@pytest_asyncio.fixture(loop_scope="session")
async def desk_seen(page_seen: Page) -> Looked:
    return await Looked.first(page_seen, DESK)


@pytest_asyncio.fixture(loop_scope="session")
async def console_seen(page_seen: Page) -> Looked:
    return await Looked.first(page_seen, CONSOLE)


async def test_entry_is_accessible(relay: FakeRelay, phone_seen: Looked) -> None:
    page = phone_seen.page
    visit = relay.add_visit("entry")
    await page.goto(relay.link(visit))
    await page.get_by_test_id("check").click()
    await expect(page.locator(".works")).to_have_count(2)
    await phone_seen.expect_accessible()


async def test_call_and_its_leave_question_are_accessible(
    relay: FakeRelay, phone_seen: Looked
) -> None:
    page = phone_seen.page
    visit = relay.add_visit("call", visit_type=VisitType.LEGAL)
    await enter(relay, page, visit)
    await phone_seen.expect_accessible()
    await relay.set(visit, state=CallState.LIVE)
    await relay.remind(visit, 5)
    await page.get_by_test_id("leave").click()
    await phone_seen.expect_accessible()


async def test_suspended_visit_is_accessible(relay: FakeRelay, phone_seen: Looked) -> None:
    page = phone_seen.page
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
    await page.goto(relay.link(visit))
    await expect(page.locator("blockquote")).to_be_visible()
    await phone_seen.expect_accessible()


async def test_login_is_accessible(relay: FakeRelay, desk_seen: Looked) -> None:
    page = desk_seen.page
    await page.goto(f"{relay.base_url}/login")
    await page.get_by_test_id("login-submit").click()
    await expect(page.get_by_role("alert")).not_to_be_empty()
    await desk_seen.expect_accessible()


async def test_guard_page_and_its_dialogs_are_accessible(
    relay: FakeRelay, desk_seen: Looked
) -> None:
    page = desk_seen.page
    await at_work(relay, page, "guard")
    await expect(page.get_by_test_id("visit-row")).to_have_count(5)
    await desk_seen.expect_accessible()
    await page.get_by_test_id("terminate").first.click()
    await desk_seen.expect_accessible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await desk_seen.expect_accessible()


async def test_the_wall_and_a_watched_call_are_accessible(
    relay: FakeRelay, desk_seen: Looked
) -> None:
    page = desk_seen.page
    await at_work(relay, page, "guard")
    await expect(page.locator("[data-tile=visit-1041] img")).to_have_count(2)
    relay.staff.pictures["visit-1041"] = 9.0
    await expect(page.locator(".tile-stale")).to_have_count(2)
    await desk_seen.expect_accessible()
    await page.locator("[data-tile=visit-1041]").click()
    watch = page.get_by_test_id("watch")
    await expect(watch).to_have_attribute("data-state", "LIVE", timeout=15_000)
    await desk_seen.expect_accessible()


async def test_orders_by_state_and_their_dialogs_are_accessible(
    relay: FakeRelay, console_seen: Looked
) -> None:
    page = console_seen.page
    desk = relay.staff.desk
    desk.orders.append(order("order-8", {"terminal": ["Кабина 3"]}, expires=instant(30)))
    desk.orders[0].update(review_overdue=True, review_due=instant(-9))
    desk.missing_numbers = [{"issuer": "petrova", "first": 3, "last": 4}]
    desk.refused = [refused(4, "UNDER_SIGNED")]
    await at_work(relay, page, "administrator")
    await page.get_by_test_id("refused-orders").locator("summary").click()
    await expect(page.get_by_test_id("order-row")).to_have_count(3)
    await console_seen.expect_accessible()
    row = page.locator("[data-order=order-7]")
    for deed in ("lift", "renew", "review", "notices", "proof"):
        await row.get_by_test_id(f"order-{deed}").click()
        await console_seen.expect_accessible()
        await page.keyboard.press("Escape")
    await page.get_by_test_id("visit-why").first.click()
    await expect(page.get_by_test_id("explained")).to_contain_text("По состоянию на")
    await console_seen.expect_accessible()


async def test_every_step_of_a_new_order_is_accessible(
    relay: FakeRelay, console_seen: Looked
) -> None:
    page = console_seen.page
    await at_work(relay, page, "administrator")
    await choose_scope(page, "housing_unit", "unit-1")
    await page.get_by_test_id("protected-LEGAL").check()
    await console_seen.expect_accessible()
    await page.get_by_test_id("flow-next").click()
    await expect(page.get_by_test_id("narrower")).to_be_visible()
    await page.get_by_test_id("flow-next").click()
    await console_seen.expect_accessible()
    await page.get_by_test_id("step-1").click()
    await page.get_by_test_id("protected-LEGAL").uncheck()
    await page.get_by_test_id("flow-next").click()
    await page.get_by_test_id("order-why").fill("Не знаем, кто участвовал.")
    await page.get_by_test_id("order-confirm-count").fill("3")
    await page.get_by_test_id("flow-next").click()
    await page.get_by_test_id("flow-next").click()
    await expect(page.get_by_test_id("preview-visitor-en")).to_be_visible()
    await console_seen.expect_accessible()
    await fill_words(page)
    await page.get_by_test_id("flow-next").click()
    await expect(page.get_by_test_id("approvals")).to_be_visible()
    await console_seen.expect_accessible()
    [draft] = relay.staff.desk.drafts.values()
    draft["approvals"].append("petrova")
    await page.get_by_test_id("order-sign").click()
    await expect(page.get_by_test_id("secret")).to_have_attribute("aria-invalid", "true")
    await console_seen.expect_accessible()
    await page.get_by_test_id("secret").fill(SECRET)
    await page.get_by_test_id("order-sign").click()
    await expect(page.get_by_test_id("stages")).to_have_attribute("data-stage", "enforced")
    await console_seen.expect_accessible()


async def test_the_approvers_page_is_accessible(relay: FakeRelay, console_seen: Looked) -> None:
    page = console_seen.page
    renewal = {"expires": instant(6000)}
    relay.staff.desk.answer("POST", ["orders", "order-7", "renew"], renewal, "administrator")
    await at_work(relay, page, "approver")
    await page.get_by_test_id("draft-look").click()
    await expect(page.get_by_test_id("draft-approve")).to_be_visible()
    await expect(page.get_by_test_id("preview-visitor-en")).to_be_visible()
    await console_seen.expect_accessible()


async def test_oversight_page_is_accessible(relay: FakeRelay, desk_seen: Looked) -> None:
    page = desk_seen.page
    await at_work(relay, page, "auditor")
    await expect(page.get_by_test_id("journal-table")).to_be_visible()
    await desk_seen.expect_accessible()


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


@pytest.mark.parametrize("visit_type", [VisitType.FAMILY, VisitType.LEGAL])
async def test_buttons_of_a_call_are_in_sight_and_a_reminder_moves_none(
    relay: FakeRelay, chromium: Browser, visit_type: VisitType
) -> None:
    sizes = [(320, 568), (360, 640), (740, 360), (1280, 800)]
    page = await sized(chromium, *sizes[0])
    visit = relay.add_visit("room", visit_type=visit_type)
    await enter(relay, page, visit)
    await relay.set(visit, state=CallState.LIVE)
    leave = page.get_by_test_id("leave")
    await expect(page.get_by_test_id("status")).to_have_attribute("data-state", "LIVE")
    before = {}
    for width, height in sizes:
        await page.set_viewport_size({"width": width, "height": height})
        box, stage = await leave.bounding_box(), await page.locator(".stage").bounding_box()
        assert box is not None
        assert stage is not None
        if height > width:
            assert stage["width"] == width
        assert box["y"] + box["height"] <= height
        before[width] = box
    await relay.remind(visit, 1)
    await expect(page.get_by_test_id("reminder")).to_be_visible()
    for width, height in sizes:
        await page.set_viewport_size({"width": width, "height": height})
        assert await leave.bounding_box() == before[width]
        await expect(page.get_by_test_id("reminder")).to_be_visible()
    for width, height in sizes:
        await page.set_viewport_size({"width": width, "height": height})
        await leave.click()
        for choice in ("leave-stay", "leave-confirm"):
            await expect(page.get_by_test_id(choice)).to_be_in_viewport(ratio=1)
        await expect_room(page)
        await page.get_by_test_id("leave-stay").click()
    await page.context.close()


async def test_wide_data_stays_inside_the_guards_page(relay: FakeRelay, chromium: Browser) -> None:
    for one in (*relay.staff.visits, *relay.staff.terminals):
        if one.get("terminal"):
            one["terminal"]["label"] = LONG
        elif "label" in one:
            one["label"] = LONG
    for visit in relay.staff.visits:
        visit["inmate"]["name"] = NAME
        visit["visitors"] = [{"id": f"v{n}", "name": NAME} for n in range(3)]
    page = await sized(chromium, 320, 640)
    await at_work(relay, page, "guard")
    await expect(page.get_by_test_id("visit-row")).to_have_count(5)
    for width, height in ((320, 640), (640, 400), (1280, 800)):
        await page.set_viewport_size({"width": width, "height": height})
        await expect_room(page)
        await page.get_by_test_id("terminate").first.click()
        confirm = page.get_by_test_id("terminate-confirm")
        await confirm.scroll_into_view_if_needed()
        await expect(confirm).to_be_in_viewport(ratio=0.9)
        await page.keyboard.press("Escape")
        await expect(confirm).to_be_hidden()
    await page.context.close()


@pytest.mark.parametrize(("width", "height"), [(320, 640), (640, 400)])
async def test_administrator_and_auditor_pages_fit_a_narrow_window(
    relay: FakeRelay, chromium: Browser, width: int, height: int
) -> None:
    page = await sized(chromium, width, height)
    await at_work(relay, page, "administrator")
    await expect(page.get_by_test_id("order-row")).to_have_count(2)
    await expect_room(page)
    await to_numbers(page)
    await expect_room(page)
    relay.staff.role = None
    await at_work(relay, page, "auditor")
    await expect(page.get_by_test_id("journal-table")).to_be_visible()
    await expect_room(page)
    await page.context.close()


async def test_level_bar_is_seen_in_forced_colours(relay: FakeRelay, chromium: Browser) -> None:
    page = await sized(chromium, 360, 640, forced_colors="active")
    await page.goto(relay.link(relay.add_visit("forced")))
    await page.get_by_test_id("check").click()
    await expect(page.locator("meter")).to_have_css("border-style", "solid")
    await page.context.close()
