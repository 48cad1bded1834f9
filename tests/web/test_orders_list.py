"""Claims about orders that stand, and what people of each role do with them."""

from playwright.async_api import Page, expect

from suspension import RefusalCode
from tests.web.fake_orders import SECRET, instant, notice, order, refused
from tests.web.fake_relay import FakeRelay
from tests.web.test_orders_page import expect_step, sent
from tests.web.test_staff_pages import at_work


async def test_orders_stand_under_their_state_with_their_number(
    relay: FakeRelay, desk: Page
) -> None:
    soon = order("order-8", {"terminal": ["Кабина 3"]}, expires=instant(30))
    ahead = order("order-9", {"inmate": ["Орлов"]}, state="PENDING", not_before=instant(60))
    relay.staff.desk.orders += [soon, ahead]
    await at_work(relay, desk, "administrator")
    for group, ident in (
        ("expiring", "order-8"),
        ("active", "order-7"),
        ("pending", "order-9"),
        ("ended", "order-6"),
    ):
        section = desk.get_by_test_id(f"orders-{group}")
        await expect(section.get_by_test_id("order-row")).to_have_attribute("data-order", ident)
        count = desk.locator(f".order-count[data-group={group}] strong")
        await expect(count).to_have_text("1")
    await expect(desk.get_by_test_id("orders-expiring")).to_contain_text("▲ Скоро закончится")
    await expect(desk.get_by_test_id("orders-drafts")).to_contain_text("кого-то ждут, нет")


async def test_an_overdue_review_stands_out_until_somebody_has_looked(
    relay: FakeRelay, desk: Page
) -> None:
    relay.staff.desk.orders[0].update(review_overdue=True, review_due=instant(-60))
    await at_work(relay, desk, "administrator")
    row = desk.locator("[data-order=order-7]")
    await expect(row.get_by_test_id("review-overdue")).to_contain_text("▲")
    await row.get_by_test_id("order-review").click()
    await desk.get_by_test_id("order-review-confirm").click()
    await expect(desk.get_by_test_id("review-note")).to_have_attribute("aria-invalid", "true")
    await desk.get_by_test_id("review-note").fill("Ещё нужен: болеют двое.")
    await desk.get_by_test_id("order-review-confirm").click()
    await expect(row.get_by_test_id("review-overdue")).to_have_count(0)
    await expect(row).to_contain_text("Ещё нужен: болеют двое.")


async def test_a_narrow_order_is_lifted_with_a_comment_and_ones_own_secret(
    relay: FakeRelay, desk: Page
) -> None:
    relay.staff.desk.orders[0]["order_class"] = "NARROW"
    await at_work(relay, desk, "administrator")
    row = desk.locator("[data-order=order-7]")
    await row.get_by_test_id("order-lift").click()
    await desk.get_by_test_id("order-lift-comment").fill("Карантин снят")
    await desk.get_by_test_id("order-lift-confirm").click()
    await expect(desk.locator("#lift-secret-problem")).to_have_text("Введите секрет своего ключа.")
    await desk.get_by_test_id("lift-secret").fill(SECRET)
    await desk.get_by_test_id("order-lift-confirm").click()
    await expect(row).to_have_attribute("data-state", "LIFTED")
    await expect(desk.get_by_test_id("said")).to_be_focused()
    assert sent(relay, "orders/order-7/lift")[-1] == {"comment": "Карантин снят", "secret": SECRET}


async def test_an_order_of_two_people_stands_until_both_have_lifted_it(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "approver")
    row = desk.locator("[data-order=order-7]")
    await row.get_by_test_id("order-lift").click()
    await desk.get_by_test_id("lift-secret").fill(SECRET)
    await desk.get_by_test_id("order-lift-confirm").click()
    await expect(row).to_contain_text("Снятие подписали: petrova")
    await expect(row).to_have_attribute("data-state", "ACTIVE")


async def test_escape_leaves_an_order_as_it_was(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    lift = desk.locator("[data-order=order-7]").get_by_test_id("order-lift")
    await lift.click()
    await desk.get_by_test_id("lift-secret").fill(SECRET)
    await desk.keyboard.press("Escape")
    await expect(desk.get_by_test_id("order-lift-comment")).to_have_count(0)
    await expect(lift).to_be_focused()
    assert sent(relay, "orders/order-7/lift") == []


async def test_a_renewal_is_a_draft_that_goes_the_whole_way(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    row = desk.locator("[data-order=order-7]")
    await row.get_by_test_id("order-renew").click()
    await desk.get_by_test_id("order-expires-24h").click()
    await desk.get_by_test_id("order-renew-confirm").click()
    await expect_step(desk, 2)
    await expect(desk.get_by_test_id("order-confirm-count")).to_have_value("")


async def test_a_draft_is_withdrawn(relay: FakeRelay, desk: Page) -> None:
    relay.staff.desk.answer(
        "POST", ["orders", "order-7", "renew"], {"expires": instant(6000)}, "administrator"
    )
    await at_work(relay, desk, "administrator")
    await desk.get_by_test_id("draft-withdraw").click()
    await expect(desk.get_by_test_id("draft-row")).to_have_count(0)
    await expect(desk.get_by_test_id("said")).to_contain_text("Проект отозван")


async def test_a_notice_is_marked_as_told(relay: FakeRelay, desk: Page) -> None:
    await at_work(relay, desk, "administrator")
    await desk.locator("[data-order=order-7]").get_by_test_id("order-notices").click()
    dialog = desk.locator("order-act")
    rows = dialog.get_by_test_id("notice-row")
    await expect(rows).to_have_count(2)
    await dialog.get_by_test_id("notice-told").click()
    await expect(dialog.get_by_test_id("notice-told")).to_have_count(0)
    await expect(rows.last).to_contain_text("сообщил сотрудник")


async def test_whom_no_screen_has_told_stands_in_one_list_with_the_words_to_say(
    relay: FakeRelay, desk: Page
) -> None:
    notices = relay.staff.desk.notices
    notices["order-8"] = [notice(9, "COUNSEL", "Адвокат Громов", order="order-8", reason_code=None)]
    await at_work(relay, desk, "administrator")
    untold = desk.get_by_test_id("untold")
    await expect(untold.get_by_test_id("notice-row")).to_have_count(2)
    visitor = untold.locator("[data-notice='2']")
    await expect(visitor).to_contain_text("Карантин. В отряде карантин.")
    await expect(untold.locator("[data-notice='9']")).not_to_contain_text("Карантин.")
    await visitor.get_by_test_id("notice-told").click()
    await expect(untold.get_by_test_id("notice-row")).to_have_count(1)
    await expect(desk.get_by_test_id("said")).to_contain_text("Орлова Анна Петровна")
    await expect(untold.get_by_test_id("notice-told")).to_be_focused()
    await desk.keyboard.press("Enter")
    await expect(untold).to_contain_text("об этом знают")
    await expect(desk.get_by_test_id("said")).to_be_focused()


async def test_an_auditor_reads_whom_nobody_has_told_and_marks_nobody(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "auditor")
    untold = desk.get_by_test_id("untold")
    await expect(untold.get_by_test_id("notice-row")).to_contain_text("ещё не сообщили")
    await expect(untold.get_by_test_id("notice-told")).to_have_count(0)


async def test_why_a_visit_cannot_happen_names_the_order(relay: FakeRelay, desk: Page) -> None:
    relay.staff.visits[3]["refusals"] = [{"code": "SUSPENDED_BY_ORDER"}]
    await at_work(relay, desk, "administrator", "en")
    await desk.locator("[data-visit=visit-1044]").get_by_test_id("visit-why").click()
    told = desk.get_by_test_id("explained")
    await expect(told).to_contain_text("It cannot happen now.")
    await expect(told).to_contain_text("Suspension order order-7")
    await expect(told).to_contain_text("Housing unit: Отряд 2")
    await expect(told).to_contain_text("ivanova, petrova")
    await desk.keyboard.press("Escape")
    await desk.locator("[data-visit=visit-1041]").get_by_test_id("visit-why").click()
    await expect(told).to_contain_text("It can happen.")
    await expect(desk.get_by_test_id("explained-order")).to_have_count(0)


async def test_an_appeal_is_decided_by_who_may_with_grounds(relay: FakeRelay, desk: Page) -> None:
    relay.staff.desk.appeals = [
        {
            "id": "appeal-1",
            "order": "order-7",
            "visit": "visit-1043",
            "party": "VISITOR",
            "text": "Мы здоровы.",
            "filed": instant(-90),
            "due": instant(-5),
            "overdue": True,
            "outcome": None,
            "decided": None,
            "decided_by": None,
            "grounds": "",
            "may_decide": True,
        }
    ]
    await at_work(relay, desk, "oversight")
    row = desk.get_by_test_id("appeal-row")
    await expect(row).to_contain_text("▲ Просрочена")
    await row.get_by_test_id("appeal-decide").click()
    await desk.get_by_test_id("appeal-confirm").click()
    await expect(desk.get_by_test_id("appeal-outcome")).to_have_attribute("aria-invalid", "true")
    await desk.get_by_test_id("appeal-outcome").select_option("UPHELD")
    await desk.get_by_test_id("appeal-grounds").fill("Карантин ещё действует.")
    await desk.get_by_test_id("appeal-confirm").click()
    await expect(row).to_contain_text("Приказ остаётся")


async def test_an_auditor_reads_everything_and_changes_nothing(
    relay: FakeRelay, desk: Page
) -> None:
    await at_work(relay, desk, "auditor")
    await expect(desk.get_by_test_id("order-row")).to_have_count(2)
    await expect(desk.get_by_test_id("journal-table").locator("tbody tr")).to_have_count(3)
    await expect(desk.locator("main")).to_contain_text("только читать")
    for deed in ("order-lift", "order-renew", "order-review", "order-new", "draft-look"):
        await expect(desk.get_by_test_id(deed)).to_have_count(0)
    await desk.get_by_test_id("order-notices").click()
    await expect(desk.get_by_test_id("notice-told")).to_have_count(0)


async def test_approver_who_may_not_read_the_journal_still_sees_the_orders(
    relay: FakeRelay, desk: Page
) -> None:
    relay.staff.fail["journal"] = (403, {"code": "FORBIDDEN", "message": ""})
    await at_work(relay, desk, "approver")
    await expect(desk.get_by_test_id("order-row")).to_have_count(2)
    await expect(desk.get_by_role("alert")).to_have_count(0)


async def test_what_was_refused_and_what_is_missing_stands_above_the_orders(
    relay: FakeRelay, desk: Page
) -> None:
    relay.staff.desk.refused = [refused(one, code) for one, code in enumerate(RefusalCode, 1)]
    relay.staff.desk.missing_numbers = [{"issuer": "petrova", "first": 3, "last": 4}]
    await at_work(relay, desk, "administrator")
    await expect(desk.get_by_test_id("numbers-missing")).to_contain_text("petrova: номера с 3 по 4")
    await desk.get_by_test_id("refused-orders").locator("summary").click()
    rows = desk.get_by_test_id("refused-order")
    await expect(rows).to_have_count(len(RefusalCode))
    for code in RefusalCode:
        row = rows.and_(desk.locator(f"[data-code={code}]"))
        await expect(row).to_contain_text(code)
        await expect(row).not_to_contain_text("refused-")
