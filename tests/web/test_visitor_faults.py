"""Claims about the visitor's page when links, lines, devices or tabs go wrong."""

import asyncio
import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.conftest import PHONE
from tests.web.fake_relay import FakeRelay, FakeVisit
from visit_protocol.errors import CloseCode
from visit_protocol.signalling import Join, Leave, Offer, OfferRefused, OfferWanted, Refusal
from visit_protocol.vocabulary import CallState, Outcome, RejectionCode, TerminationReason

FAILING_DEVICES = """
navigator.mediaDevices.getUserMedia = async (wanted) => {
  throw new DOMException('test', wanted.video ? '%s' : '%s');
};
"""


async def expect_state(page: Page, state: str) -> None:
    await expect(page.get_by_test_id("status")).to_have_attribute(
        "data-state", state, timeout=15_000
    )


async def enter(relay: FakeRelay, page: Page, visit: FakeVisit) -> None:
    await page.goto(relay.link(visit))
    await page.get_by_test_id("join").click()
    await expect_state(page, "WAITING_INMATE")


def count(visit: FakeVisit, kind: type[object]) -> int:
    return sum(isinstance(message, kind) for message in visit.received)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (RejectionCode.LINK_USED, "другом устройстве"),
        (RejectionCode.LINK_EXPIRED, "Срок этой ссылки"),
        (RejectionCode.LINK_REPLACED, "выдана новая"),
        (RejectionCode.LINK_UNKNOWN, "не подходит ни к одному"),
    ],
)
async def test_refused_link_says_which_and_what_to_do(
    relay: FakeRelay, phone: Page, code: RejectionCode, words: str
) -> None:
    visit = relay.add_visit("link")
    visit.link_refusal = code
    await phone.goto(relay.link(visit))
    await expect_state(phone, code)
    await expect(phone.locator("h2")).to_contain_text(words)
    await expect(phone.locator("main")).to_contain_text("Что делать")
    await expect(phone.locator("dl.facts")).to_have_count(0)  # nothing to tell, no gap
    await phone.wait_for_timeout(1500)
    await expect_state(phone, code)


async def test_page_without_a_token_says_so_and_asks_nobody(relay: FakeRelay, phone: Page) -> None:
    await phone.goto(f"{relay.base_url}/visit?lang=ru")
    await expect_state(phone, "LINK_UNKNOWN")


async def test_mangled_link_says_that_it_fits_no_visit(relay: FakeRelay, phone: Page) -> None:
    await phone.goto(f"{relay.base_url}/visit?lang=ru#token-of-someone-01%E0%A4%A")
    await expect_state(phone, "LINK_UNKNOWN")
    await expect(phone.locator("main")).to_contain_text("Что делать")


async def test_another_link_in_the_same_tab_opens_its_own_visit(
    relay: FakeRelay, phone: Page
) -> None:
    first, second = relay.add_visit("first"), relay.add_visit("second")
    await phone.goto(relay.link(first))
    await expect_state(phone, "OPEN")
    second.link_refusal = RejectionCode.LINK_EXPIRED
    await phone.goto(relay.link(second))  # only the fragment differs
    await expect_state(phone, "LINK_EXPIRED")


async def test_relay_that_never_answers_is_told_and_waited_for(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("dumb")
    relay.silent = True
    await phone.goto(relay.link(visit))
    await expect_state(phone, "CONNECTING")
    await expect(phone.get_by_test_id("unanswered")).to_contain_text("пробует сама", timeout=15_000)
    relay.silent = False
    await expect_state(phone, "OPEN")


async def test_token_is_sent_in_no_address(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("secret")
    addresses: list[str] = []
    phone.on("request", lambda request: addresses.append(request.url))
    phone.on("websocket", lambda socket: addresses.append(socket.url))
    await phone.goto(relay.link(visit))
    await expect_state(phone, "OPEN")
    assert any(address.startswith("ws:") for address in addresses)
    assert [address for address in addresses[1:] if visit.token in address] == []
    stored = await phone.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    assert visit.token not in stored


async def test_device_secret_stays_the_same_over_a_reload_and_differs_by_browser(
    relay: FakeRelay, phone: Page, chromium: Browser
) -> None:
    visit = relay.add_visit("device")
    await enter(relay, phone, visit)
    first = visit.device
    assert first is not None
    assert len(first) >= 43
    await phone.reload()
    await phone.get_by_test_id("countdown").wait_for()
    assert visit.device == first
    other = await chromium.new_context(viewport=PHONE)
    stranger = await other.new_page()
    await stranger.goto(relay.link(visit))
    await expect_state(stranger, "LINK_USED")
    await other.close()


async def test_reload_in_the_call_joins_again_by_itself(
    relay: FakeRelay, chromium: Browser
) -> None:
    context = await chromium.new_context(
        viewport=PHONE, permissions=["camera", "microphone"], locale="ru-RU"
    )
    page = await context.new_page()
    visit = relay.add_visit("reload")
    await enter(relay, page, visit)
    await page.reload()
    await expect(page.get_by_test_id("leave")).to_be_visible(timeout=10_000)
    assert count(visit, Join) == 2
    await context.close()


async def test_lost_line_says_reconnecting_and_the_call_goes_on(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("lost")
    await enter(relay, phone, visit)
    await relay.set(visit, state=CallState.LIVE)
    await expect_state(phone, "LIVE")
    await phone.get_by_test_id("status").evaluate(
        """(status) => {
          window.seen = [];
          const look = () => window.seen.push(status.dataset.state);
          new MutationObserver(look).observe(status, {attributes: true});
        }"""
    )
    await relay.offered(visit)
    before = count(visit, Offer)
    await relay.drop(visit)
    await phone.wait_for_timeout(2500)
    await expect_state(phone, "LIVE")
    assert "RECONNECTING" in await phone.evaluate("window.seen")
    assert count(visit, Offer) == before + 1


async def test_live_media_is_offered_again_after_a_lost_line_and_anew_to_another_relay(
    relay: FakeRelay, phone: Page
) -> None:
    relay.media.on = True
    visit = relay.add_visit("again")
    await enter(relay, phone, visit)
    await relay.set(visit, state=CallState.LIVE)
    video = phone.get_by_test_id("remote-video")
    playing = "(video) => video.videoWidth > 0"
    await expect(phone.locator(".stage-overlay")).to_have_count(0, timeout=15_000)
    await relay.drop(visit)
    await phone.wait_for_timeout(4000)
    await expect(phone.locator(".stage-overlay")).to_have_count(0, timeout=15_000)
    assert await video.evaluate(playing)
    offers = [parts_of(m.sdp) for m in visit.received if isinstance(m, Offer)]
    (certificate, first), (again, second), (another, third) = offers
    assert certificate == again  # a relay that lives would have gone on with it
    assert certificate != another  # the fake one always answers with a new peer
    assert len({first, second, third}) == 3


def parts_of(sdp: str) -> tuple[str, str]:
    """Certificate and ICE user name of an offer."""
    lines = dict(line.split(":", 1) for line in sdp.splitlines() if ":" in line)
    return lines["a=fingerprint"], lines["a=ice-ufrag"]


async def test_hanging_up_while_the_line_is_lost_reaches_the_relay(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("lost-leave")
    await enter(relay, phone, visit)
    await relay.set(visit, state=CallState.LIVE)
    await expect_state(phone, "LIVE")
    await phone.context.set_offline(True)
    await relay.drop(visit)
    await expect_state(phone, "RECONNECTING")
    await phone.get_by_test_id("leave").click()
    await phone.get_by_test_id("leave-confirm").click()
    assert count(visit, Leave) == 0
    await phone.context.set_offline(False)
    async with asyncio.timeout(10):
        while not count(visit, Leave):
            await asyncio.sleep(0.05)
    assert count(visit, Leave) == 1


async def test_silent_relay_counts_as_lost(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("silent")
    await enter(relay, phone, visit)
    relay.silent = True
    await expect_state(phone, "RECONNECTING")
    relay.silent = False
    await expect_state(phone, "WAITING_INMATE")


async def test_visit_opened_in_another_tab_says_so(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("tabs")
    await enter(relay, phone, visit)
    await relay.drop(visit, CloseCode.REPLACED)
    await expect_state(phone, "REPLACED")
    await expect(phone.locator("h2")).to_have_text("Свидание открыто в другой вкладке")


async def test_refused_join_shows_the_reason_and_offers_another_try(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("refused")
    visit.refuse_join = (Refusal(code=RejectionCode.TERMINAL_OUT_OF_SERVICE),)
    await phone.goto(relay.link(visit))
    await phone.get_by_test_id("join").click()
    await expect_state(phone, "TERMINAL_OUT_OF_SERVICE")
    visit.refuse_join = ()
    await phone.get_by_test_id("join").click()
    await expect_state(phone, "WAITING_INMATE")


async def test_each_of_several_reasons_has_its_advice_and_no_try_is_offered_in_vain(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("several")
    visit.refuse_join = (
        Refusal(code=RejectionCode.NO_ADULT),
        Refusal(code=RejectionCode.RESTRICTED, until=datetime(2031, 1, 3, 12, tzinfo=UTC)),
    )
    await phone.goto(relay.link(visit))
    await phone.get_by_test_id("join").click()
    await expect_state(phone, "NO_ADULT")
    other = phone.locator(".over-others li")
    for words in ("Есть ограничение", "3 января", "Его можно обжаловать"):
        await expect(other).to_contain_text(words)
    await expect(phone.get_by_test_id("join")).to_have_count(0)


async def test_refused_offer_is_made_again(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("bad-offer")
    await enter(relay, phone, visit)
    await relay.offered(visit)
    await relay.tell(visit, OfferRefused(id="offer-1", code="WORKER_LOST"))
    await relay.offered(visit, 2)
    assert [m.id for m in visit.received if isinstance(m, Offer)] == ["offer-1", "offer-2"]


async def test_an_offer_that_the_relay_wants_is_made_with_another_peer(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("other-codec")
    await enter(relay, phone, visit)
    await relay.offered(visit)
    await relay.tell(visit, OfferWanted())
    await relay.offered(visit, 2)
    offers = [m for m in visit.received if isinstance(m, Offer)]
    assert [m.id for m in offers] == ["offer-1", "offer-2"]
    (before, _), (after, _) = (parts_of(m.sdp) for m in offers)
    assert before != after
    names = re.findall(r"a=rtpmap:\d+ (VP8|H264)/90000", offers[1].sdp)
    assert names[0] == "VP8"
    assert "H264" in names


async def test_parties_without_a_common_codec_are_told_and_nothing_is_offered_again(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("no-codec")
    await enter(relay, phone, visit)
    await relay.offered(visit)
    await relay.set(visit, refusals=(Refusal(code=RejectionCode.NO_CODEC),))
    await relay.tell(visit, OfferRefused(id="offer-1", code="NO_CODEC"))
    await expect_state(phone, "NO_CODEC")
    await phone.wait_for_timeout(1500)
    assert [m.id for m in visit.received if isinstance(m, Offer)] == ["offer-1"]


async def test_every_outcome_has_its_own_words_on_the_page(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("outcome")
    await phone.goto(relay.link(visit, "en"))
    await expect_state(phone, "OPEN")
    headings = set()
    for outcome in Outcome:
        await relay.set(visit, state=CallState.ENDED, outcome=outcome)
        await expect_state(phone, outcome)
        await expect(phone.locator("main")).to_contain_text("What to do now")
        headings.add(await phone.locator("h2").inner_text())
    assert len(headings) == len(Outcome)
    ended = {"state": CallState.ENDED, "outcome": Outcome.TERMINATED_BY_STAFF}
    await relay.set(visit, **ended, termination=TerminationReason.THIRD_PERSON)
    await expect(phone.locator("dl")).to_contain_text("Somebody else took part")


@pytest.mark.parametrize(
    ("camera", "microphone", "words"),
    [
        ("NotAllowedError", "NotAllowedError", ["Камера и микрофон не разрешены"]),
        ("NotFoundError", "NotFoundError", ["Камера и микрофон не найдены"]),
        ("NotReadableError", "AbortError", ["Камера и микрофон заняты"]),
        ("NotAllowedError", "NotFoundError", ["Камера не разрешена", "Микрофон не найден"]),
    ],
)
async def test_each_device_fault_has_its_fix_and_nobody_joins_without_any(
    relay: FakeRelay, phone: Page, camera: str, microphone: str, words: list[str]
) -> None:
    await phone.add_init_script(FAILING_DEVICES % (camera, microphone))
    visit = relay.add_visit("fault")
    await phone.goto(relay.link(visit))
    await phone.get_by_test_id("join").click()
    for word in words:
        await expect(phone.get_by_role("alert")).to_contain_text(word)
    assert count(visit, Join) == 0
    await expect(phone.get_by_test_id("check")).to_be_enabled()


async def test_visitor_without_a_camera_joins_by_voice(relay: FakeRelay, phone: Page) -> None:
    await phone.add_init_script(
        """
        const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => {
          if (wanted.video) throw new DOMException('test', 'NotFoundError');
          return real(wanted);
        };
        """
    )
    visit = relay.add_visit("voice")
    await phone.goto(relay.link(visit))
    await phone.get_by_test_id("check").click()
    await expect(phone.locator("main")).to_contain_text("хватит одного из двух")
    await phone.get_by_test_id("join").click()
    await expect_state(phone, "WAITING_INMATE")
    offer = await relay.offered(visit)
    audio, video = offer.sdp.split("\r\nm=")[1:]
    assert "a=sendrecv" in audio
    assert "a=recvonly" in video


async def test_camera_that_stops_is_taken_again(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("camera")
    await enter(relay, phone, visit)
    picture = phone.get_by_test_id("self-video")
    await picture.evaluate(
        """(video) => {
          const [track] = video.srcObject.getVideoTracks();
          track.stop();
          track.dispatchEvent(new Event('ended'));
        }"""
    )
    await phone.wait_for_timeout(1500)
    states = await picture.evaluate(
        "video => video.srcObject.getVideoTracks().map(track => track.readyState)"
    )
    assert states == ["live"]
