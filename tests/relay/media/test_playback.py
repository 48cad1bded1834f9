"""Our recordings in real browsers' ``<video>``: finished, unfinished, cut and mended."""

import functools
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Playwright, async_playwright

from relay.media.recorder.mend import mend
from tests.relay.media.test_webm import FRAMES, Sample

pytestmark = pytest.mark.e2e

PLAY = """async ([name, from_s]) => {
  const video = document.createElement("video");
  video.muted = true;
  document.body.append(video);
  const end = new Promise(done => {
    video.onended = () => done("ended");
    video.onerror = () => done("error: " + video.error.code + " " + video.error.message);
    setTimeout(() => done("stuck at " + video.currentTime), 12000);
  });
  video.src = name;
  video.playbackRate = 4;
  if (from_s) {
    await new Promise(done => video.addEventListener("loadedmetadata", done, {once: true}));
    video.currentTime = from_s;
    await new Promise(done => video.addEventListener("seeked", done, {once: true}));
  }
  await video.play();
  const how = await end;
  const found = {how, duration: video.duration, at: video.currentTime, width: video.videoWidth,
                 frames: video.getVideoPlaybackQuality().totalVideoFrames};
  video.remove();
  return found;
}"""


class Ranges(http.server.SimpleHTTPRequestHandler):
    """Serves files as the relay does, with ranges: browsers seek by them."""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        begin, end = 0, len(data)
        if asked:
            begin, end = int(asked[1]), int(asked[2]) + 1 if asked[2] else len(data)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(data)}")
        else:
            self.send_response(200)
        kind = {".html": "text/html", ".mkv": "video/matroska"}.get(path.suffix, "video/webm")
        self.send_header("Content-Type", kind)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(end - begin))
        self.end_headers()
        self.wfile.write(data[begin:end])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder and its address."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "index.html").write_text("<!doctype html><title>play</title>")
    handler = functools.partial(Ranges, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


async def launch(playwright: Playwright, browser: str) -> Any:
    if browser == "chromium":
        return await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
    return await playwright.firefox.launch(
        channel="moz-firefox", executable_path="/usr/bin/firefox-esr"
    )


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
async def test_a_browser_plays_what_was_recorded_whatever_became_of_the_recorder(
    browser: str, served: tuple[Path, str]
) -> None:
    folder, url = served
    sample = Sample()
    (folder / "finished.webm").write_bytes(sample.finished)
    (folder / "unfinished.webm").write_bytes(sample.unfinished)
    (folder / "cut.webm").write_bytes(sample.unfinished[: sample.flushes[-1] + 1000])
    (folder / "mended.webm").write_bytes(sample.unfinished[: sample.flushes[-1] + 1000])
    mend(folder / "mended.webm")
    null = dict.fromkeys(("color_scheme", "reduced_motion", "forced_colors"), "null")
    async with async_playwright() as playwright:
        opened = await launch(playwright, browser)
        page = await opened.new_page(**null, contrast="null")
        await page.goto(url)
        found = {
            name: await page.evaluate(PLAY, [f"{name}.webm", 0])
            for name in ("finished", "unfinished", "cut", "mended")
        }
        sought = await page.evaluate(PLAY, ["finished.webm", 3.5])
        await opened.close()
    for name, played in found.items():
        assert played["how"] == "ended", (name, played)
        assert played["width"] == 160
        assert played["at"] > 5.3, name
    assert found["finished"]["duration"] == pytest.approx(5.98, abs=0.15)
    assert found["finished"]["frames"] >= FRAMES * 0.8
    assert sought["how"] == "ended"
    assert sought["frames"] < FRAMES * 0.8
