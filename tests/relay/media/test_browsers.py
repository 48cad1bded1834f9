"""Real browsers against a real worker: the page offers, the worker answers, pictures move."""

import asyncio
import contextlib
import functools
import http.server
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright

from relay.clock import SystemClock
from relay.core.model import VisitId
from relay.service.turn import TurnDesk
from tests.relay.media.coturn import SECRET, coturn
from tests.relay.media.party import AiortcParty
from tests.relay.media.worker_process import WorkerProcess
from visit_protocol.vocabulary import Party
from visit_protocol.worker import Forward, PeerAnswer, PeerMedia, RecordingClosed

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

PAGE = """<!doctype html><title>call</title><video id="remote" autoplay playsinline muted></video>
<script>
async function drawnMedia(rate) {
  const canvas = Object.assign(document.createElement("canvas"), {width: 320, height: 180});
  const pen = canvas.getContext("2d");
  let n = 0;
  setInterval(() => { pen.fillStyle = `hsl(${n++ * 7 % 360} 80% 50%)`;
                      pen.fillRect(0, 0, 320, 180);
                      pen.fillStyle = "white"; pen.fillRect(n * 5 % 300, 80, 20, 20); },
              1000 / rate);
  const audio = new AudioContext(), tone = audio.createOscillator();
  const out = audio.createMediaStreamDestination();
  tone.frequency.value = 880; tone.connect(out); tone.start();
  audio.resume(); window.audio = audio;
  const stream = canvas.captureStream(rate);
  stream.addTrack(out.stream.getAudioTracks()[0]);
  return stream;
}
async function offer(drawn, configuration = {}, rate = 10) {
  const stream = drawn ? await drawnMedia(rate)
    : await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 320, height: 180}});
  window.peer = new RTCPeerConnection({iceServers: [], ...configuration});
  window.remote = new MediaStream();
  peer.ontrack = event => { remote.addTrack(event.track);
                            document.getElementById("remote").srcObject = remote; };
  for (const track of stream.getTracks()) peer.addTrack(track, stream);
  await peer.setLocalDescription(await peer.createOffer());
  if (peer.iceGatheringState !== "complete")
    await new Promise(done => peer.addEventListener("icegatheringstatechange",
      () => peer.iceGatheringState === "complete" && done()));
  return peer.localDescription.sdp;
}
async function restart() {
  peer.restartIce();
  await peer.setLocalDescription(await peer.createOffer());
  return peer.localDescription.sdp;
}
async function selected() {
  const reports = await peer.getStats();
  const listed = [...reports.values()];
  const transport = listed.find(r => r.type === "transport" && r.selectedCandidatePairId);
  const pair = transport ? reports.get(transport.selectedCandidatePairId)
    : listed.find(r => r.type === "candidate-pair" && r.selected);
  const local = pair && reports.get(pair.localCandidateId);
  return pair ? {id: pair.id, local: local.candidateType, port: local.port} : {};
}
async function played() {
  const found = {frames: 0, audio: 0, frozen_s: 0};
  for (const report of (await peer.getStats()).values())
    if (report.type === "inbound-rtp") {
      if (report.kind === "video") {
        found.frames = report.framesDecoded || 0;
        found.frozen_s = report.totalFreezesDuration || 0;
      } else found.audio = report.packetsReceived || 0;
    }
  return found;
}
const pause = ms => new Promise(done => setTimeout(done, ms));
async function until(frames) {
  while ((await played()).frames < frames) await pause(30);
}
async function longestFreeze(ms) {
  let {frames} = await played(), changed = performance.now(), longest = 0;
  for (const end = changed + ms; performance.now() < end; await pause(20)) {
    const now = (await played()).frames;
    longest = Math.max(longest, performance.now() - changed);
    if (now !== frames) { frames = now; changed = performance.now(); }
  }
  return longest;
}
async function cipher() {
  for (const report of (await peer.getStats()).values())
    if (report.type === "transport") return report.srtpCipher || null;
  return null;
}
</script>"""


@pytest.fixture
def page_url(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").write_text(PAGE)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path / "page"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


async def _chromium(playwright: Playwright, *arguments: str) -> Browser:
    return await playwright.chromium.launch(
        executable_path="/usr/bin/chromium",
        args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required", *arguments],
    )


@contextlib.asynccontextmanager
async def chromium_with_camera(playwright: Playwright) -> AsyncIterator[BrowserContext]:
    """A page that may use the camera sees its addresses, so these candidates are not hidden."""
    browser = await _chromium(
        playwright, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"
    )
    try:
        yield await browser.new_context()
    finally:
        await browser.close()


@contextlib.asynccontextmanager
async def chromium(playwright: Playwright) -> AsyncIterator[BrowserContext]:
    browser = await _chromium(playwright, "--enable-features=WebRtcHideLocalIpsWithMdns")
    try:
        yield await browser.new_context()
    finally:
        await browser.close()


async def _firefox(playwright: Playwright, **preferences: object) -> tuple[Browser, BrowserContext]:
    browser = await playwright.firefox.launch(
        channel="moz-firefox",
        executable_path="/usr/bin/firefox-esr",
        firefox_user_prefs={"media.autoplay.default": 0, **preferences},
    )
    return browser, await browser.new_context(
        color_scheme="null", reduced_motion="null", forced_colors="null", contrast="null"
    )


@contextlib.asynccontextmanager
async def firefox_with_camera(playwright: Playwright) -> AsyncIterator[BrowserContext]:
    preferences = {
        "media.navigator.streams.fake": True,
        "media.navigator.permission.disabled": True,
    }
    browser, context = await _firefox(playwright, **preferences)
    try:
        yield context
    finally:
        await browser.close()


@contextlib.asynccontextmanager
async def firefox_unhidden(playwright: Playwright) -> AsyncIterator[BrowserContext]:
    preferences = {"media.peerconnection.ice.obfuscate_host_addresses": False}
    browser, context = await _firefox(playwright, **preferences)
    try:
        yield context
    finally:
        await browser.close()


@contextlib.asynccontextmanager
async def firefox(playwright: Playwright) -> AsyncIterator[BrowserContext]:
    browser, context = await _firefox(playwright)
    try:
        yield context
    finally:
        await browser.close()


Launch = Callable[[Playwright], AbstractAsyncContextManager[BrowserContext]]
NewPage = Callable[[Launch], Awaitable[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def contexts() -> AsyncIterator[Callable[[Launch], Awaitable[BrowserContext]]]:
    """Each kind of browser is started once, when a test first asks for it."""
    opened: dict[Launch, BrowserContext] = {}
    async with async_playwright() as playwright, contextlib.AsyncExitStack() as stack:

        async def open_once(launch: Launch) -> BrowserContext:
            if launch not in opened:
                opened[launch] = await stack.enter_async_context(launch(playwright))
            return opened[launch]

        yield open_once


@pytest_asyncio.fixture(loop_scope="module")
async def new_page(contexts) -> AsyncIterator[NewPage]:
    """A page in a browser of that kind, for one test."""
    pages: list[Page] = []

    async def open_page(launch: Launch) -> Page:
        pages.append(await (await contexts(launch)).new_page())
        return pages[-1]

    yield open_page
    for page in pages:
        await page.close()


FAMILIES = {4: (socket.AF_INET, "192.0.2.1"), 6: (socket.AF_INET6, "2001:db8::1")}


def outward_address(version: int = 4) -> str:
    """This machine's own address that is not loopback; Firefox does without loopback."""
    family, far = FAMILIES[version]
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((far, 9))  # sends nothing
        except OSError:
            pytest.skip(f"this machine has only loopback in IPv{version}")
        return str(sock.getsockname()[0])


def only(version: int, answer: str) -> str:
    """The answer with this IP version's candidates alone."""
    return "\r\n".join(
        line
        for line in answer.split("\r\n")
        if not line.startswith("a=candidate:") or (":" in line.split(" ")[4]) == (version == 6)
    )


@contextlib.asynccontextmanager
async def call_with(
    page: Page,
    url: str,
    *,
    drawn: bool = True,
    folder: Path | None = None,
    configuration: dict[str, object] | None = None,
    version: int = 4,
) -> AsyncIterator[tuple[WorkerProcess, AiortcParty, str]]:
    """A live call of an aiortc inmate and the page's visitor; and the page's offer."""
    bind = ["127.0.0.1", outward_address()]
    if version == 6:
        bind.append(outward_address(6))
    worker = await WorkerProcess.start(bind=bind)
    inmate = AiortcParty()
    try:
        worker.open("call", folder=folder)
        await page.goto(url)
        # A browser lets a page make sound only after a person has touched it.
        await page.mouse.click(10, 10)
        offer = str(
            await page.evaluate(
                "([drawn, more]) => offer(drawn, more)", [drawn, configuration or {}]
            )
        )
        await answer_page(worker, page, offer, version)
        await worker.until(PeerMedia, lambda m: m.party is Party.VISITOR and m.connected)
        await worker.admit("call", Party.INMATE, inmate)
        worker.send(Forward(call="call", on=True))
        yield worker, inmate, offer
    finally:
        await inmate.close()
        await worker.discard()


async def answer_page(worker: WorkerProcess, page: Page, offer: str, version: int = 4) -> str:
    """Let the worker answer the page's offer; the answer, which the page has taken."""
    answer = await worker.offer("call", Party.VISITOR, offer)
    assert isinstance(answer, PeerAnswer), answer
    await page.evaluate(
        "sdp => peer.setRemoteDescription({type: 'answer', sdp})", only(version, answer.sdp)
    )
    return answer.sdp


async def both_play(page: Page, inmate: AiortcParty, *, tone: bool = True) -> None:
    """Returns when 30 more pictures and 50 more sounds have arrived at either side."""
    pictures = inmate.pictures + 30
    sounds = (inmate.sounds if tone else inmate.audio_frames) + 50
    before = await page.evaluate("played()")
    async with asyncio.timeout(20):
        while (
            inmate.pictures < pictures or (inmate.sounds if tone else inmate.audio_frames) < sounds
        ):
            await asyncio.sleep(0.1)
        while True:
            played = await page.evaluate("played()")
            if (
                played["frames"] >= before["frames"] + 30
                and played["audio"] >= before["audio"] + 50
            ):
                break
            await asyncio.sleep(0.1)


async def meet(page: Page, url: str, *, drawn: bool, tone: bool, version: int, folder: Path) -> str:
    """A call between an aiortc inmate and the page's visitor, both ways; the page's offer."""
    call = call_with(page, url, drawn=drawn, version=version, folder=folder)
    async with call as (worker, inmate, offer):
        await both_play(page, inmate, tone=tone)
        assert "GCM" in str(await page.evaluate("cipher()")), "expected the cheap cipher"
        status = await worker.close()
        assert status == 0
        closed = worker.all(RecordingClosed)
        assert len(closed) == 2
        assert all(message.failure is None for message in closed)
        return offer


async def assert_decodes(path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        "ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert (process.returncode, output) == (0, b"")


# Each kind of candidate over IPv4, and over IPv6 once with each browser and each kind of host name.
@pytest.mark.parametrize(
    ("browser", "drawn", "tone", "hidden", "version"),
    [
        pytest.param(chromium_with_camera, False, True, False, 4, id="chromium-camera-4"),
        pytest.param(chromium_with_camera, False, True, False, 6, id="chromium-camera-6"),
        pytest.param(chromium, True, True, True, 4, id="chromium-hidden-4"),
        pytest.param(firefox_with_camera, False, True, True, 4, id="firefox-camera-4"),
        # Without an audio device Firefox never starts an AudioContext: the track is silent.
        pytest.param(firefox, True, False, True, 6, id="firefox-hidden-6"),
        pytest.param(firefox_unhidden, True, False, False, 4, id="firefox-unhidden-4"),
    ],
)
async def test_a_browser_and_a_kiosk_see_and_hear_each_other(
    browser: Launch,
    drawn: bool,
    tone: bool,
    hidden: bool,
    version: int,
    new_page: NewPage,
    page_url: str,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "visit"
    page = await new_page(browser)
    offer = await meet(page, page_url, drawn=drawn, tone=tone, version=version, folder=folder)
    assert (".local" in offer) == hidden
    await assert_decodes(tmp_path / "visit" / "visitor-1.webm")
    await assert_decodes(tmp_path / "visit" / "inmate-1.webm")


def lasting(sdp: str) -> set[str]:
    """The lines of an answer that outlive an ICE restart: streams and certificate."""
    return {line for line in sdp.split("\r\n") if line.startswith(("a=ssrc", "a=fingerprint"))}


@pytest.mark.parametrize(("browser", "tone"), [(chromium, True), (firefox, False)])
async def test_an_ice_restart_loses_nothing_of_the_call(
    browser: Launch, tone: bool, new_page: NewPage, page_url: str
) -> None:
    page = await new_page(browser)
    async with call_with(page, page_url) as (worker, inmate, first):
        await both_play(page, inmate, tone=tone)
        said, pair = len(worker.heard), await page.evaluate("selected()")
        frozen_s = (await page.evaluate("played()"))["frozen_s"]
        seen, slowest_s = inmate.last_picture_ns, 0.0
        offer = str(await page.evaluate("restart()"))
        answered = next(m.sdp for m in worker.all(PeerAnswer) if m.party is Party.VISITOR)
        again = await answer_page(worker, page, offer)
        assert lasting(again) == lasting(answered)
        async with asyncio.timeout(10):
            while await page.evaluate("selected()") == pair:
                slowest_s = max(slowest_s, (inmate.last_picture_ns - seen) / 1e9)
                seen = inmate.last_picture_ns
                await asyncio.sleep(0.02)
        await both_play(page, inmate, tone=tone)
        # A new address, which had to answer a check of the relay's before it got any media.
        assert (await page.evaluate("selected()"))["port"] != pair["port"]
        # A busy machine may hold a picture up for a moment; the restart never does for long.
        assert (await page.evaluate("played()"))["frozen_s"] - frozen_s < 1
        assert slowest_s < 0.5
        presence = [message for message in worker.heard[said:] if isinstance(message, PeerMedia)]
        assert presence == []
        assert offer != first


@pytest.mark.parametrize(
    ("browser", "tone", "transport"),
    [(chromium, True, "udp"), (chromium, True, "tcp"), (firefox, False, "tcp")],
    ids=["chromium-udp", "chromium-tcp", "firefox-tcp"],
)
async def test_a_visitor_whose_network_allows_nothing_else_comes_through_turn(
    browser: Launch,
    tone: bool,
    transport: str,
    new_page: NewPage,
    page_url: str,
    tmp_path: Path,
) -> None:
    address = outward_address()
    async with coturn(address, tmp_path) as port:
        desk = TurnDesk((f"turn:{address}:{port}?transport={transport}",), SECRET, SystemClock())
        servers = desk.servers(VisitId("v-01"))
        assert servers is not None
        only_relayed = {
            "iceServers": [server.model_dump(mode="json") for server in servers],
            "iceTransportPolicy": "relay",
        }
        page = await new_page(browser)
        async with call_with(page, page_url, configuration=only_relayed) as (_, inmate, _):
            await both_play(page, inmate, tone=tone)
            assert (await page.evaluate("selected()"))["local"] == "relay"
