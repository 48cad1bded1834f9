"""Claims about the keyboard: everything is reached, done and left by it, and the focus is seen."""

from playwright.async_api import Locator, Page, expect

from tests.web.fake_orders import SECRET
from tests.web.fake_relay import FakeRelay
from tests.web.fake_staff import PASSWORD
from tests.web.test_orders_page import expect_step
from tests.web.test_staff_pages import at_work, sent

FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    name: element.dataset.testid ?? element.dataset.place ?? element.textContent.trim(),
    outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    onScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


async def tab_to(page: Page, wanted: Locator, *, at_most: int = 40) -> list[str]:
    """Press Tab until `wanted` has the focus; every stop on the way is seen. The stops' names."""
    stops = []
    for _ in range(at_most):
        await page.keyboard.press("Tab")
        focus = await page.evaluate(FOCUS)
        if focus is not None:
            assert focus["outline"], f"{focus['name']}: no outline"
            assert focus["onScreen"], f"{focus['name']}: out of sight"
            stops.append(focus["name"])
        if await wanted.evaluate("element => element === document.activeElement"):
            return stops
    raise AssertionError(f"not reached: {stops}")


async def go_on(page: Page, step: int) -> None:
    """On to that step of a new order."""
    await tab_to(page, page.get_by_test_id("flow-next"))
    await page.keyboard.press("Enter")
    await expect_step(page, step)


async def log_in_by_keys(relay: FakeRelay, page: Page, user: str) -> None:
    await page.goto(f"{relay.base_url}/login?lang=en")
    await page.get_by_test_id("login-user").wait_for()
    assert await tab_to(page, page.get_by_test_id("login-password")) == [
        "login-user",
        "login-password",
    ]
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.type(user)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_test_id("logout").wait_for()


async def test_a_guard_logs_in_watches_and_ends_a_call_by_keys_alone(
    relay: FakeRelay, desk: Page
) -> None:
    await log_in_by_keys(relay, desk, "guard")
    tile = desk.locator("[data-tile=visit-1041]")
    await tile.wait_for()
    stops = await tab_to(desk, tile)
    assert stops.index("logout") < stops.index("alert-acknowledge") < len(stops) - 1
    await desk.keyboard.press("Enter")
    watch = desk.get_by_test_id("watch")
    await expect(watch).to_have_attribute("data-state", "LIVE", timeout=15_000)
    await tab_to(desk, desk.get_by_test_id("watch-close"))
    await desk.keyboard.press("Escape")
    await expect(watch).to_have_count(0)
    await expect(tile).to_be_focused()

    await desk.keyboard.press("Shift+T")
    dialog = desk.get_by_role("dialog")
    await expect(desk.get_by_test_id("terminate-reason")).to_be_focused()
    await desk.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(tile).to_be_focused()

    await desk.keyboard.press("Shift+T")
    await desk.keyboard.press("ArrowDown")
    await tab_to(desk, desk.get_by_test_id("terminate-confirm"))
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_test_id("terminate-cancel")).to_be_focused()
    await expect(desk.locator("[data-visit=visit-1041]")).to_have_attribute(
        "data-state", "ENDED", timeout=8000
    )
    assert len(sent(relay, "visits/visit-1041/terminate")) == 1
    await expect(dialog).to_have_count(0)
    assert await desk.evaluate(FOCUS) is not None, "the tile is gone, the focus is not"


async def test_help_gives_the_focus_back(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "guard")
    row = desk.get_by_test_id("visit-row").first
    await row.focus()
    await desk.keyboard.press("?")
    await expect(desk.get_by_role("dialog")).to_be_visible()
    await desk.keyboard.press("Escape")
    await expect(row).to_be_focused()


async def test_acknowledging_leads_to_the_next_alert_and_then_to_their_heading(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "guard")
    alerts = desk.get_by_test_id("alert")
    await expect(alerts).to_have_count(2)
    await desk.keyboard.press("n")
    await expect(alerts.first.get_by_test_id("alert-acknowledge")).to_be_focused()
    await desk.keyboard.press("Enter")
    await expect(alerts).to_have_count(1)
    await expect(alerts.get_by_test_id("alert-acknowledge")).to_be_focused()
    await desk.keyboard.press("Enter")
    await expect(alerts).to_have_count(0)
    await expect(desk.locator("#alerts-title")).to_be_focused()


async def test_an_administrator_suspends_and_lifts_by_keys_alone(
    relay: FakeRelay, desk: Page
) -> None:
    await log_in_by_keys(relay, desk, "administrator")
    await tab_to(desk, desk.get_by_test_id("order-new"))
    await desk.keyboard.press("Enter")
    await expect_step(desk, 1)
    await tab_to(desk, desk.get_by_test_id("scope-value"))
    await desk.keyboard.press("ArrowDown")
    await tab_to(desk, desk.get_by_test_id("order-expires-8h"))
    await desk.keyboard.press("Space")
    await go_on(desk, 2)
    await tab_to(desk, desk.get_by_test_id("order-confirm-count"))
    await desk.keyboard.type("3")
    await go_on(desk, 3)
    await tab_to(desk, desk.get_by_test_id("order-reason"))
    await desk.keyboard.press("ArrowDown")
    for field, words in (("basis", "No. 3"), ("text-ru", "Чинят."), ("text-en", "Repairs.")):
        await tab_to(desk, desk.get_by_test_id(f"order-{field}"))
        await desk.keyboard.type(words)
    await go_on(desk, 4)
    await tab_to(desk, desk.get_by_test_id("secret"))
    await desk.keyboard.type(SECRET)
    await tab_to(desk, desk.get_by_test_id("order-sign"))
    await desk.keyboard.press("Enter")
    await expect_step(desk, 5)
    await tab_to(desk, desk.get_by_test_id("flow-finish"))
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#orders-title")).to_be_focused()

    row = desk.get_by_test_id("order-row").first
    await expect(row).to_have_attribute("data-state", "ACTIVE")
    lift = row.get_by_test_id("order-lift")
    await tab_to(desk, lift)
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_test_id("order-lift-comment")).to_be_focused()
    await desk.keyboard.press("Escape")
    await expect(desk.get_by_test_id("order-lift-comment")).to_have_count(0)
    await expect(lift).to_be_focused()
    await desk.keyboard.press("Enter")
    await desk.keyboard.type("Repaired")
    await tab_to(desk, desk.get_by_test_id("lift-secret"))
    await desk.keyboard.type(SECRET)
    await tab_to(desk, desk.get_by_test_id("order-lift-confirm"))
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".said")).to_contain_text("lifted")
    await expect(desk.locator(".said")).to_be_focused()


async def test_an_order_that_is_not_made_gives_the_focus_back(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    await desk.get_by_test_id("order-new").focus()
    await desk.keyboard.press("Enter")
    await expect_step(desk, 1)
    await desk.get_by_test_id("order-abandon").press("Enter")
    await expect(desk.locator("#orders-title")).to_be_focused()
