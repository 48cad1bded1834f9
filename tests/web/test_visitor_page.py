"""Claims about the visitor's page in Chromium, from the link to the end."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Page, expect

from tests.web.fake_relay import FakeRelay, FakeVisit
from visit_protocol.signalling import (
    AnswerNotice,
    CallStaff,
    FileAppeal,
    IceServer,
    Join,
    Leave,
    NoticesShown,
    Offer,
    OrderNotice,
    Refusal,
    Warned,
)
from visit_protocol.vocabulary import (
    CallState,
    Outcome,
    RejectionCode,
    VisitType,
    WarningReason,
)


async def expect_state(page: Page, state: str) -> None:
    await expect(page.get_by_test_id("status")).to_have_attribute(
        "data-state", state, timeout=10_000
    )


async def enter(relay: FakeRelay, page: Page, visit: FakeVisit, language: str = "ru") -> None:
    """Open the link and join, up to the offer."""
    await page.goto(relay.link(visit, language))
    await page.get_by_test_id("join").click()
    await expect(page.get_by_test_id("countdown")).to_be_visible()


def said(visit: FakeVisit) -> list[str]:
    """What the page told the relay, in order."""
    return [message.type for message in visit.received]


def suspension() -> Refusal:
    return Refusal(
        code=RejectionCode.SUSPENDED_BY_ORDER,
        until=datetime.now(UTC) + timedelta(days=2),
        order="order-1",
        reason_code="QUARANTINE",
        public_text={"ru": "В отряде карантин.", "en": "The unit is in quarantine."},
        decided_by="Иванова О. П.",
    )


async def test_the_peer_asks_the_turn_server_that_the_relay_names_and_no_other(
    relay: FakeRelay, phone: Page
) -> None:
    relay.ice_servers = (
        IceServer(urls=("turn:127.0.0.1:9",), username="1:v", credential="c" * 28),
    )
    await phone.add_init_script(
        """window.asked = [];
        window.RTCPeerConnection = class extends RTCPeerConnection {
          constructor(configuration) {
            super(configuration);
            window.asked.push(configuration.iceServers);
          }
        };"""
    )
    await enter(relay, phone, relay.add_visit("turn"))
    await phone.wait_for_function("asked.length > 0")
    assert await phone.evaluate("asked[0]") == [
        {"urls": ["turn:127.0.0.1:9"], "username": "1:v", "credential": "c" * 28}
    ]


async def test_check_shows_oneself_and_hears_the_microphone(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("check")
    await phone.goto(relay.link(visit))
    await phone.get_by_test_id("check").click()
    picture = phone.get_by_test_id("self-video")
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("paused", False)
    await expect(phone.locator(".works")).to_have_count(2)
    loudest = await phone.locator("meter").evaluate(
        """async (meter) => {
          let loudest = 0;
          for (let round = 0; round < 40; round += 1) {
            await new Promise((resolve) => setTimeout(resolve, 50));
            loudest = Math.max(loudest, meter.value);
          }
          return loudest;
        }"""
    )
    assert loudest > 0.1
    assert said(visit) == ["visitor_hello"], "testing uses nothing up"


async def test_joining_accepts_the_notice_then_joins_then_offers(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("join")
    await phone.goto(relay.link(visit))
    await phone.get_by_test_id("check").click()
    await expect(phone.get_by_test_id("self-video")).to_be_visible()
    await phone.get_by_test_id("join").click()
    await expect_state(phone, "WAITING_INMATE")
    await expect(phone.get_by_test_id("self-video")).to_be_visible()
    await relay.offered(visit)
    assert said(visit) == ["visitor_hello", "answer_notice", "join", "offer"]
    notice = next(m for m in visit.received if isinstance(m, AnswerNotice))
    assert (notice.version, notice.language, notice.accepted) == ("2026-11", "ru", True)


async def test_offer_has_one_audio_and_one_video_section_with_vp8_and_opus(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("offer")
    await enter(relay, phone, visit)
    offer = await relay.offered(visit)
    sections = offer.sdp.split("\r\nm=")[1:]
    assert [section.split()[0] for section in sections] == ["audio", "video"]
    assert all("a=sendrecv" in section for section in sections)
    assert "opus/48000/2" in sections[0]
    first = sections[1].split()[3]
    assert f"a=rtpmap:{first} VP8/90000" in sections[1]


async def test_joining_without_a_check_asks_for_the_devices_itself(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("straight")
    await enter(relay, phone, visit)
    await expect_state(phone, "WAITING_INMATE")
    await expect(phone.get_by_test_id("self-video")).to_be_visible()


async def test_live_call_plays_the_other_side_with_sound(relay: FakeRelay, phone: Page) -> None:
    relay.media.on = True
    visit = relay.add_visit("live")
    await enter(relay, phone, visit)
    await relay.set(visit, state=CallState.LIVE)
    await expect_state(phone, "LIVE")
    remote = phone.get_by_test_id("remote-video")
    await expect(remote).to_have_js_property("videoWidth", 320, timeout=15_000)
    await expect(remote).to_have_js_property("muted", False)
    await expect(remote).to_have_js_property("paused", False)
    assert "VP8" in relay.media.offers[0]


async def test_language_changes_without_leaving_the_call(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("language")
    await enter(relay, phone, visit)
    await phone.get_by_test_id("language-en").click()
    await expect(phone.get_by_test_id("leave")).to_contain_text("Leave")
    await expect(phone.locator("html")).to_have_attribute("lang", "en")
    assert said(visit).count("visitor_hello") == 1


async def test_protected_visit_says_that_nobody_records_or_watches(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("legal", visit_type=VisitType.LEGAL)
    await phone.goto(relay.link(visit, "en"))
    badge = phone.get_by_test_id("badge")
    await expect(badge).to_have_text("Not recorded. Not watched.")
    await expect(badge).to_have_attribute("data-kind", "protected")


async def test_refusing_the_notice_ends_kindly_and_can_be_taken_back(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("refuse")
    await phone.goto(relay.link(visit))
    await phone.get_by_test_id("refuse").click()
    await expect_state(phone, "NOTICE_NOT_ACCEPTED")
    await expect(phone.locator("main")).to_contain_text("не вычитается")
    answer = next(m for m in visit.received if isinstance(m, AnswerNotice))
    assert answer.accepted is False
    assert not any(isinstance(message, Join) for message in visit.received)
    await phone.get_by_test_id("reconsider").click()
    await expect(phone.get_by_test_id("join")).to_be_visible()


async def test_early_visitor_is_told_when_and_not_let_in(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("early", state=CallState.SCHEDULED, starts_in=timedelta(minutes=20))
    visit.refuse_join = (Refusal(code=RejectionCode.SLOT_NOT_OPEN),)
    await phone.goto(relay.link(visit))
    await expect_state(phone, "SCHEDULED")
    await phone.get_by_test_id("join").click()
    await expect_state(phone, "SLOT_NOT_OPEN")
    assert not any(isinstance(message, Offer) for message in visit.received)
    visit.refuse_join = ()
    await relay.set(visit, state=CallState.OPEN, refusals=())
    await expect_state(phone, "OPEN")
    await phone.get_by_test_id("join").click()
    await expect_state(phone, "WAITING_INMATE")


async def test_another_days_visit_says_on_which_day_one_can_join(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("later", state=CallState.SCHEDULED, starts_in=timedelta(hours=50))
    await phone.goto(relay.link(visit))
    await expect(phone.locator(".notice-box")).to_have_text(
        re.compile(r"^Войти можно будет \d+ [а-я]+ в \d\d:\d\d\.")
    )


async def test_own_camera_that_is_off_is_shown_to_be_off(relay: FakeRelay, phone: Page) -> None:
    await enter(relay, phone, relay.add_visit("off"))
    off = phone.get_by_test_id("self-off")
    await expect(off).to_have_count(0)
    await phone.get_by_test_id("camera-off").click()
    await expect(off).to_have_text("Ваша камера выключена")
    await phone.get_by_test_id("camera-off").click()
    await expect(off).to_have_count(0)


async def test_reminder_is_said_politely(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("reminder")
    await enter(relay, phone, visit)
    await relay.set(visit, state=CallState.LIVE)
    await relay.remind(visit, 1)
    reminder = phone.get_by_test_id("reminder")
    await expect(reminder).to_have_text("Осталась 1 минута.")
    await expect(reminder).to_have_attribute("role", "status")


async def test_order_stops_the_call_with_its_words_and_lifting_lets_in_again(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("order")
    await enter(relay, phone, visit)
    await relay.set(visit, state=CallState.LIVE, stopping=suspension())
    stopping = phone.get_by_test_id("stopping")
    await expect(stopping).to_contain_text("По приказу свидание закончится в")
    await expect(stopping).to_contain_text("Карантин. В отряде карантин.")
    await expect(stopping).to_have_attribute("role", "alert")
    await relay.set(visit, state=CallState.LIVE, stopping=None)
    await expect(stopping).to_have_count(0)
    await relay.set(
        visit,
        state=CallState.ENDED,
        outcome=Outcome.SUSPENDED_BY_ORDER,
        refusals=(suspension(),),
        minutes_given_back=9.0,
    )
    await expect_state(phone, "SUSPENDED_BY_ORDER")
    main = phone.locator("main")
    for words in ("В отряде карантин.", "Карантин", "Иванова О. П.", "9 минут", "обжаловать"):
        await expect(main).to_contain_text(words)
    await expect(phone.get_by_test_id("remote-video")).to_have_count(0)
    await expect(phone.locator("h2")).to_be_focused()
    await relay.set(visit, state=CallState.OPEN, outcome=None, refusals=())
    await phone.get_by_test_id("join").click()
    await expect_state(phone, "WAITING_INMATE")


async def test_leaving_takes_one_press_and_five_seconds(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("leave")
    await enter(relay, phone, visit)
    await phone.get_by_test_id("leave").click()
    await phone.get_by_test_id("leave-stay").click()
    await expect(phone.get_by_test_id("leave-confirm")).to_have_count(0)
    assert not any(isinstance(message, Leave) for message in visit.received)
    await phone.get_by_test_id("leave").click()
    await expect_state(phone, "VISITOR_COMPLETED_EARLY")


async def test_leaving_can_be_confirmed_at_once(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("leave-now")
    await enter(relay, phone, visit)
    await phone.get_by_test_id("leave").click()
    await phone.get_by_test_id("leave-confirm").click()
    await expect(phone.get_by_test_id("status")).to_have_attribute(
        "data-state", "VISITOR_COMPLETED_EARLY", timeout=2000
    )


async def test_a_warning_is_said_at_once_over_the_call(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("warned")
    await enter(relay, phone, visit)
    await relay.tell(visit, Warned(reason=WarningReason.THIRD_PERSON))
    warning = phone.get_by_test_id("warning")
    await expect(warning).to_contain_text("в кадре посторонний человек")
    await expect(warning).to_have_attribute("role", "alert")


async def test_staff_can_be_called(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("help")
    await enter(relay, phone, visit)
    await phone.get_by_test_id("call-staff").click()
    await expect(phone.locator("main")).to_contain_text("Сотрудник видит ваш вызов.")
    assert any(isinstance(message, CallStaff) for message in visit.received)


async def test_mute_and_camera_switch_the_tracks_off(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("mute")
    await enter(relay, phone, visit)
    enabled = "video => video.srcObject.getTracks().map(track => [track.kind, track.enabled])"
    await phone.get_by_test_id("mute").click()
    await phone.get_by_test_id("camera-off").click()
    tracks = await phone.get_by_test_id("self-video").evaluate(enabled)
    assert sorted(tracks) == [["audio", False], ["video", False]]
    await phone.get_by_test_id("mute").click()
    tracks = await phone.get_by_test_id("self-video").evaluate(enabled)
    assert sorted(tracks) == [["audio", True], ["video", False]]


async def test_call_is_reached_and_left_by_keyboard_alone(relay: FakeRelay, phone: Page) -> None:
    visit = relay.add_visit("keys")
    await phone.goto(relay.link(visit))
    await phone.get_by_test_id("join").wait_for()
    for _ in range(12):
        await phone.keyboard.press("Tab")
        if await phone.get_by_test_id("join").evaluate("e => e === document.activeElement"):
            break
    await phone.keyboard.press("Enter")
    await expect_state(phone, "WAITING_INMATE")
    await phone.get_by_test_id("leave").focus()
    await phone.keyboard.press("Space")
    await phone.keyboard.press("Escape")
    await expect(phone.get_by_test_id("leave")).to_be_focused()
    await phone.keyboard.press("Enter")
    await phone.keyboard.press("Tab")
    await phone.keyboard.press("Tab")
    await expect(phone.get_by_test_id("leave-confirm")).to_be_focused()
    await phone.keyboard.press("Enter")
    await expect_state(phone, "VISITOR_COMPLETED_EARLY")


async def test_a_displaced_visit_is_told_and_an_appeal_takes_one_press(
    relay: FakeRelay, phone: Page
) -> None:
    visit = relay.add_visit("displaced")
    now = datetime.now(UTC)
    visit.notices = (
        OrderNotice(
            id="n-1",
            order="order-1",
            reference="V-3XQ9",
            starts=now + timedelta(days=1),
            until=now + timedelta(days=2),
            reason_code="QUARANTINE",
            public_text={"ru": "В отряде карантин.", "en": "The unit is in quarantine."},
        ),
    )
    await phone.goto(relay.link(visit))
    told = phone.get_by_test_id("displaced")
    for words in ("V-3XQ9", "В отряде карантин.", "раньше других"):
        await expect(told).to_contain_text(words)
    await relay.set(visit, refusals=(suspension(),))
    await phone.get_by_test_id("appeal").click()
    await expect(phone.locator("main")).to_contain_text("Жалоба принята")
    shown = next(m for m in visit.received if isinstance(m, NoticesShown))
    assert shown.ids == ("n-1",)
    filed = next(m for m in visit.received if isinstance(m, FileAppeal))
    assert (filed.visit, filed.order) == (visit.view.id, "order-1")
