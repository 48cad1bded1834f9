"""The calls of one facility, as tests that share it need them."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser

from tests.e2e.browser import Visitor, new_page
from tests.e2e.facility import Facility

RESUMABLE = (None, "SUSPENDED_BY_ORDER")
"""An order that is lifted gives the visit back; any other outcome is its end."""
PHONE = {"width": 412, "height": 860}


@dataclass(frozen=True)
class Call:
    """A visitor in a live call, and the visit: ``id``, ``terminal``, ``visitor_link``."""

    visitor: Visitor
    visit: dict[str, Any]
    browser: Browser


class Calls:
    """One call of each visit type, live whenever a test asks for it, whatever the last one did.

    A starting facility costs as much as a test: so its tests share it, each brings the call to
    where it begins, and none relies on what another left.
    """

    def __init__(self, facility: Facility) -> None:
        self._facility = facility
        self._calls: dict[str, Call] = {}

    def live(self, browser: Browser, visit_type: str) -> Call:
        """The call, with its visitor in ``browser``; a new visit where the last one has ended."""
        call = self._calls.get(visit_type)
        if call is not None and self._over(call.visit):
            call.visitor.page.context.close()
            call = None
        if call is None:
            call = self._calls[visit_type] = self._opened(browser, visit_type)
        assert call.browser is browser, "a link opens in one browser only"
        if call.visitor.state() != "LIVE":
            call.visitor.page.get_by_test_id("join").click()
            call.visitor.expect_state("LIVE")
        return call

    def fresh(self, browser: Browser, visit_type: str) -> Call:
        """The call of a visit that nothing has happened to yet."""
        known = self._calls.get(visit_type)
        if known is not None and not self._over(known.visit):
            self.live(browser, visit_type).visitor.leave()
        return self.live(browser, visit_type)

    def _opened(self, browser: Browser, visit_type: str) -> Call:
        visit = self._facility.visit(visit_type)
        if self._over(visit):
            visit = self._facility.booked_again(visit)
        visitor = Visitor(new_page(browser, viewport=PHONE))
        visitor.open(visit["visitor_link"])
        visitor.check()
        return Call(visitor, visit, browser)

    def _over(self, visit: dict[str, Any]) -> bool:
        return self._facility.visit_now(visit["id"])["outcome"] not in RESUMABLE
