"""Browsers and the fake relay for the pages' tests; one event loop for the whole folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright

from tests.web.fake_relay import FakeRelay

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
FIREFOX_PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
}
PHONE = {"width": 412, "height": 860}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the async tests of this folder in one loop, which the browsers live in."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("asyncio"):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    browser = await playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS
    )
    yield browser
    await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def firefox(playwright: Playwright) -> AsyncIterator[Browser]:
    browser = await playwright.firefox.launch(
        channel="moz-firefox",
        executable_path="/usr/bin/firefox-esr",
        firefox_user_prefs=FIREFOX_PREFERENCES,
    )
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def relay() -> AsyncIterator[FakeRelay]:
    async with FakeRelay().serving() as serving:
        yield serving
    assert serving.violations == [], "the page left the protocol"


@pytest_asyncio.fixture(loop_scope="session")
async def phone(chromium: Browser) -> AsyncIterator[Page]:
    """A phone-sized page in Chromium that reports its own errors."""
    context = await chromium.new_context(
        viewport=PHONE, locale="ru-RU", timezone_id="Europe/Berlin"
    )
    async for page in watched(context):
        yield page


@pytest_asyncio.fixture(loop_scope="session")
async def desk(chromium: Browser) -> AsyncIterator[Page]:
    """A desktop-sized page in Chromium that reports its own errors."""
    context = await chromium.new_context(
        viewport={"width": 1280, "height": 800}, locale="ru-RU", timezone_id="Asia/Yekaterinburg"
    )
    async for page in watched(context):
        yield page


async def watched(context: BrowserContext) -> AsyncIterator[Page]:
    """A page of the context; an uncaught error or a CSP violation in it fails the test."""
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: (
            faults.append(message.text)
            if "Content Security Policy" in message.text or "Trusted" in message.text
            else None
        ),
    )
    yield page
    await context.close()
    assert faults == []
