"""Real browsers with a recognisable camera, and the visitor's page as a visitor uses it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, Playwright, expect

MEDIA = Path(__file__).with_name("media.js").read_text("utf-8")
Kind = Literal["chromium", "firefox"]

_CHROMIUM = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_FIREFOX = {"media.autoplay.default": 0}
"""No ICE preferences: a family's browser has none either."""


@contextmanager
def launched(playwright: Playwright, kind: Kind, env: dict[str, str]) -> Iterator[Browser]:
    """Debian's own browser, without a window."""
    if kind == "chromium":
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=_CHROMIUM, env=env
        )
    else:
        browser = playwright.firefox.launch(
            channel="moz-firefox",
            executable_path="/usr/bin/firefox-esr",
            firefox_user_prefs=_FIREFOX,
            env=env,
        )
    try:
        yield browser
    finally:
        browser.close()


def new_page(browser: Browser, **options: Any) -> Page:
    """A page in a context of its own, as another person's browser would be."""
    for preference in ("color_scheme", "reduced_motion", "forced_colors", "contrast"):
        options.setdefault(preference, "null")
    context = browser.new_context(**options)
    context.add_init_script(MEDIA)
    return context.new_page()


class Visitor:
    """Somebody with a link."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, link: str) -> None:
        """Follow the link."""
        self.page.goto(link)
        self.page.wait_for_selector("[data-testid=status]", state="attached")

    def check(self) -> None:
        """Test camera and sound."""
        self.page.get_by_test_id("check").click()

    def leave(self) -> None:
        """Hang up."""
        self.page.get_by_test_id("leave").click()
        self.page.get_by_test_id("leave-confirm").click()
        self.expect_state("VISITOR_COMPLETED_EARLY")

    def state(self) -> str | None:
        """What the page says of the call."""
        return self.page.get_by_test_id("status").get_attribute("data-state")

    def expect_state(self, state: str, within_s: float = 30) -> None:
        """Wait until the page says so."""
        expect(self.page.get_by_test_id("status")).to_have_attribute(
            "data-state", state, timeout=within_s * 1000
        )

    def counter(self) -> int | None:
        """The counter in the picture of the other party, or None without a legible one."""
        cells = self.page.evaluate("() => window.remoteLuma()")
        return None if cells is None else read_cells(cells)

    def tone(self) -> float:
        """The strongest frequency of what the other party says, in Hz."""
        return float(self.page.evaluate("() => window.remoteTone()"))


def read_cells(cells: list[int]) -> int | None:
    """The counter that 24 lumas spell, or None."""
    bits = [int(cell > 127) for cell in cells]
    counter = int("".join(map(str, bits[4:20])), 2)
    check = int("".join(map(str, bits[20:])), 2)
    nibbles = [(counter >> shift) & 15 for shift in (12, 8, 4, 0)]
    right = bits[:4] == [1, 0, 1, 0] and nibbles[0] ^ nibbles[1] ^ nibbles[2] ^ nibbles[3] == check
    return counter if right else None
