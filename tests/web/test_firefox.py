"""Claims that the pages work in Firefox ESR, without ICE preferences."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.web.conftest import PHONE, watched
from tests.web.fake_relay import FakeRelay
from tests.web.fake_staff import PASSWORD
from visit_protocol.vocabulary import CallState


@pytest_asyncio.fixture(loop_scope="session")
async def fox(firefox: Browser) -> AsyncIterator[Page]:
    context = await firefox.new_context(
        viewport=PHONE,
        color_scheme="null",
        reduced_motion="null",
        forced_colors="null",
        contrast="null",
    )
    async with watched(context) as page:
        yield page
    await context.close()


async def test_visit_in_firefox_goes_from_check_to_leave(relay: FakeRelay, fox: Page) -> None:
    visit = relay.add_visit("fox")
    await fox.goto(relay.link(visit))
    await fox.get_by_test_id("check").click()
    await expect(fox.get_by_test_id("self-video")).to_be_visible()
    await fox.get_by_test_id("join").click()
    status = fox.get_by_test_id("status")
    await expect(status).to_have_attribute("data-state", "WAITING_INMATE")
    offer = await relay.offered(visit)
    audio, video = offer.sdp.split("\r\nm=")[1:]
    assert "opus/48000/2" in audio
    assert f"a=rtpmap:{video.split()[3]} VP8/90000" in video
    await relay.set(visit, state=CallState.LIVE)
    await expect(status).to_have_attribute("data-state", "LIVE")
    await fox.get_by_test_id("leave").click()
    await fox.get_by_test_id("leave-confirm").click()
    await expect(status).to_have_attribute("data-state", "VISITOR_COMPLETED_EARLY")


async def test_guard_page_works_in_firefox(relay: FakeRelay, fox: Page) -> None:
    await fox.goto(f"{relay.base_url}/login?lang=en")
    await fox.get_by_test_id("login-user").fill("guard")
    await fox.get_by_test_id("login-password").fill(PASSWORD)
    await fox.get_by_test_id("login-submit").click()
    await expect(fox.get_by_test_id("visit-row")).to_have_count(5)
    await fox.locator("[data-visit=visit-1041]").get_by_test_id("terminate").click()
    await expect(fox.get_by_role("dialog")).to_be_visible()
