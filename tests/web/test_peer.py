"""Claims about the visitor's peer in Chromium, against another peer connection in the page."""

from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Page

from tests.web.fake_relay import FakeRelay

SCRIPT = Path(__file__).with_name("peers.js").read_text("utf-8")


@pytest_asyncio.fixture(loop_scope="session")
async def call(relay: FakeRelay, phone: Page) -> Page:
    """A page with a connected `window.call`."""
    await phone.add_init_script(SCRIPT)
    await phone.goto(f"{relay.base_url}/login")
    await phone.evaluate("connect()")
    return phone


async def becomes(page: Page, claim: str, seconds: int = 20) -> None:
    """Wait until the JavaScript expression is true."""
    await page.evaluate(f"until(async () => ({claim}), {seconds})")


async def encoding(page: Page, kind: str = "video") -> Any:
    return await page.evaluate(f"call.sender('{kind}').getParameters().encodings[0]")


async def test_the_picture_goes_down_the_ladder_and_up_again_and_the_sound_never_stops(
    call: Page,
) -> None:
    assert (await encoding(call))["maxBitrate"] == 700_000
    assert (await encoding(call, "audio"))["priority"] == "high"
    await call.evaluate("network = {available: 150_000}")
    await becomes(call, "call.pictures.videoHeight === 180", 15)
    small = await encoding(call)
    assert (small["maxBitrate"], small["scaleResolutionDownBy"]) == (180_000, 2)
    await call.evaluate("network = {available: 50_000}")
    await becomes(call, "call.peer.pictureOff", 6)
    await becomes(call, "!call.sender('video').getParameters().encodings[0].active", 3)
    sent = "[...(await call.near.getStats()).values()].find((s) => s.type === 'outbound-rtp'"
    before = await call.evaluate(f"(async () => {sent} && s.kind === 'audio').packetsSent)()")
    await call.wait_for_timeout(1000)
    after = await call.evaluate(f"(async () => {sent} && s.kind === 'audio').packetsSent)()")
    assert after - before > 30
    assert (await encoding(call, "audio"))["active"]
    await call.evaluate("network = {available: 900_000}")
    await becomes(call, "!call.peer.pictureOff && call.pictures.videoHeight === 180", 15)
    await becomes(call, "call.pictures.videoHeight === 360", 20)


async def test_loss_alone_takes_the_picture_down(call: Page) -> None:
    await call.evaluate("network = {available: 2_000_000, loss: 0.3}")
    await becomes(call, "call.peer.pictureOff", 20)


async def test_no_numbers_leave_the_picture_as_it_is(call: Page) -> None:
    await call.evaluate("RTCPeerConnection.prototype.getStats = async () => new Map()")
    await call.wait_for_timeout(5000)
    assert (await encoding(call))["maxBitrate"] == 700_000
    assert not await call.evaluate("call.peer.pictureOff || call.peer.remotePaused")


async def test_the_others_picture_that_stops_while_the_voice_goes_on_is_paused(call: Page) -> None:
    await becomes(call, "call.peer.remote.getTracks().length === 2")
    await call.wait_for_timeout(2500)
    assert not await call.evaluate("call.peer.remotePaused")
    await call.evaluate(
        """async () => {
          const sender = call.far.getSenders().find(({ track }) => track.kind === 'video');
          const parameters = sender.getParameters();
          parameters.encodings[0].active = false;
          await sender.setParameters(parameters);
        }"""
    )
    await becomes(call, "call.peer.remotePaused", 10)


async def test_a_restart_keeps_the_connection_and_its_media(call: Page) -> None:
    kept = await call.evaluate(
        """async () => {
          const { peer, near, far } = call;
          const ufrag = () => /ice-ufrag:(.*)/.exec(near.currentLocalDescription.sdp)[1];
          const before = ufrag();
          const answer = await answerTo(far, await peer.offer({ restart: true }));
          const taken = await peer.answer(answer);
          return [taken, ufrag() !== before, connections.length, peer.connected];
        }"""
    )
    assert kept == [True, True, 2, True]
    await call.wait_for_timeout(1500)
    await becomes(call, "call.peer.connected && call.peer.worthRestarting")


async def test_an_answer_from_another_relay_is_not_for_this_peer(call: Page) -> None:
    taken = await call.evaluate(
        """async () => {
          const offer = await call.peer.offer({ restart: true });
          const stranger = new RTCPeerConnection();
          const taken = await call.peer.answer(await answerTo(stranger, offer));
          stranger.close();
          return taken;
        }"""
    )
    assert taken is False


async def test_a_broken_connection_asks_for_restarts_for_a_minute_and_then_gives_up(
    call: Page,
) -> None:
    await call.clock.install()
    said = """
      (state) => {
        Object.defineProperty(call.near, 'connectionState', { value: state, configurable: true });
        call.near.dispatchEvent(new Event('connectionstatechange'));
        return call.said;
      }
    """
    assert await call.evaluate(said, "disconnected") == ["restart"]
    await call.clock.run_for(20_000)
    assert await call.evaluate(said, "failed") == ["restart"] * 5
    assert await call.evaluate(said, "connected") == ["restart"] * 5
    await call.clock.run_for(30_000)
    assert await call.evaluate(said, "disconnected") == ["restart"] * 6
    await call.clock.run_for(61_000)
    assert await call.evaluate("call.said") == [*["restart"] * 17, "failed"]


async def test_another_network_asks_for_a_restart_and_nothing_is_taken_down(call: Page) -> None:
    await call.evaluate("window.dispatchEvent(new Event('online'))")
    assert await call.evaluate("[call.said, call.peer.connected]") == [["restart"], True]
    await call.evaluate("call.peer.close()")
    await call.evaluate("window.dispatchEvent(new Event('online'))")
    assert await call.evaluate("call.said") == ["restart"]
