"""Browsers and the fake relay for the pages' tests; one event loop for the whole folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Page,
    Playwright,
    async_playwright,
)

from tests.web.fake_relay import FakeRelay, Front

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
DESK = {"width": 1280, "height": 800}


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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def front() -> AsyncIterator[Front]:
    async with Front().serving() as serving:
        yield serving


@pytest_asyncio.fixture(loop_scope="session")
async def relay(front: Front) -> AsyncIterator[FakeRelay]:
    async with front.holding(FakeRelay()) as relay:
        yield relay
    assert relay.violations == [], "the page left the protocol"


class Profile:
    """One person's browser, from test to test: it keeps the pages' files, and nothing else."""

    def __init__(self, context: BrowserContext, blank: Page, protocol: CDPSession) -> None:
        self.context = context
        self._blank = blank
        self._protocol = protocol

    @classmethod
    @asynccontextmanager
    async def open(cls, browser: Browser, **options: Any) -> AsyncIterator["Profile"]:
        """A profile of its own; ``options`` as for `Browser.new_context`."""
        context = await browser.new_context(**options)
        blank = await context.new_page()
        yield cls(context, blank, await context.new_cdp_session(blank))
        await context.close()

    @asynccontextmanager
    async def for_a_test(self, front: Front) -> AsyncIterator[BrowserContext]:
        """The context; afterwards no page is left in it, and nothing that one stored."""
        yield self.context
        await self.context.set_offline(False)
        for page in self.context.pages:
            if page is not self._blank:
                await page.close()
        stored = {"origin": front.base_url, "storageTypes": "cookies,local_storage,indexeddb"}
        await self._protocol.send("Storage.clearDataForOrigin", stored)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def phones(chromium: Browser) -> AsyncIterator[Profile]:
    options = {"viewport": PHONE, "locale": "ru-RU", "timezone_id": "Europe/Berlin"}
    async with Profile.open(chromium, **options) as profile:
        yield profile


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def desks(chromium: Browser) -> AsyncIterator[Profile]:
    options = {"viewport": DESK, "locale": "ru-RU", "timezone_id": "Asia/Yekaterinburg"}
    async with Profile.open(chromium, **options) as profile:
        yield profile


@pytest_asyncio.fixture(loop_scope="session")
async def phone(phones: Profile, front: Front) -> AsyncIterator[Page]:
    """A phone-sized page in Chromium that reports its own errors."""
    async with phones.for_a_test(front) as context, watched(context) as page:
        yield page


@pytest_asyncio.fixture(loop_scope="session")
async def desk(desks: Profile, front: Front) -> AsyncIterator[Page]:
    """A desktop-sized page in Chromium that reports its own errors."""
    async with desks.for_a_test(front) as context, watched(context) as page:
        yield page


@asynccontextmanager
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
    await page.close()
    assert faults == []
