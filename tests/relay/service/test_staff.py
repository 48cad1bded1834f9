"""Logging in, staying in, being locked out, and what the journal says of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from relay.core.model import StaffAccount
from relay.service.staff import (
    ABSOLUTE,
    IDLE,
    MAX_PASSWORD,
    SYSTEM,
    AccountError,
    Actor,
    LoggedIn,
    LoginFailed,
    LoginLocked,
    StaffDesk,
    add_account_now,
    csrf_matches,
)
from relay.store.database import DATABASE_FILE, Store
from relay.store.journal import Journal
from relay.store.locks import FIRST_LOCK, MAX_FAILURES
from relay.store.staff_accounts import StaffAccounts
from visit_protocol.vocabulary import StaffRole

NOW = datetime(2025, 3, 4, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PASSWORD = "correct horse battery"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / DATABASE_FILE) as store:
        yield store


@pytest.fixture
def guard(store: Store) -> StaffAccount:
    return store.write_now(
        lambda db: add_account_now(db, "guard", StaffRole.GUARD, PASSWORD, NOW, SYSTEM)
    )


async def _logged_in(desk: StaffDesk, now: datetime = NOW) -> LoggedIn:
    answer = await desk.log_in("guard", PASSWORD, now)
    assert isinstance(answer, LoggedIn)
    return answer


async def test_right_password_opens_a_log_in(store: Store, guard: StaffAccount) -> None:
    desk = StaffDesk(store)
    opened = await _logged_in(desk)
    assert opened.actor == Actor("staff", "guard", StaffRole.GUARD, guard.id, guard.person)
    assert opened.expires == NOW + ABSOLUTE
    recognised = await desk.recognise(opened.token, NOW + SECOND)
    assert recognised is not None
    assert recognised.actor == opened.actor
    assert csrf_matches(recognised.csrf, opened.csrf)
    assert not csrf_matches(recognised.csrf, None)
    assert not csrf_matches(recognised.csrf, "")


async def test_wrong_password_and_unknown_user_get_the_same_answer(
    store: Store, guard: StaffAccount
) -> None:
    desk = StaffDesk(store)
    wrong = await desk.log_in("guard", "x" * 20, NOW)
    unknown = await desk.log_in("nobody", "x" * 20, NOW)
    assert wrong == unknown == LoginFailed()


@pytest.mark.parametrize("user", ["guard", "nobody"])
async def test_failures_lock_whether_or_not_the_user_exists(
    store: Store, guard: StaffAccount, user: str
) -> None:
    desk = StaffDesk(store)
    answers = [await desk.log_in(user, "x" * 20, NOW) for _ in range(MAX_FAILURES + 1)]
    locked = LoginLocked(NOW + FIRST_LOCK)
    assert answers == [LoginFailed()] * (MAX_FAILURES - 1) + [locked, locked]
    assert await desk.log_in(user, PASSWORD, NOW + FIRST_LOCK - SECOND) == locked


async def test_lock_grows_and_success_ends_it(store: Store, guard: StaffAccount) -> None:
    desk = StaffDesk(store)
    for _ in range(MAX_FAILURES):
        await desk.log_in("guard", "x" * 20, NOW)
    after = NOW + FIRST_LOCK
    assert await desk.log_in("GUARD", "x" * 20, after) == LoginLocked(after + 2 * FIRST_LOCK)
    later = after + 2 * FIRST_LOCK
    assert isinstance(await desk.log_in("guard", PASSWORD, later), LoggedIn)
    assert await desk.log_in("guard", "x" * 20, later) == LoginFailed()


async def test_attempts_at_once_are_counted_one_by_one(store: Store, guard: StaffAccount) -> None:
    desk = StaffDesk(store)
    answers = await asyncio.gather(*(desk.log_in("guard", "x" * 20, NOW) for _ in range(12)))
    assert sum(isinstance(answer, LoginFailed) for answer in answers) < MAX_FAILURES
    assert isinstance(await desk.log_in("guard", PASSWORD, NOW), LoginLocked)


async def test_lock_survives_a_restart(tmp_path: Path) -> None:
    for _ in range(MAX_FAILURES):
        with Store.open(tmp_path / DATABASE_FILE) as store:
            await StaffDesk(store).log_in("guard", "x" * 20, NOW)
    with Store.open(tmp_path / DATABASE_FILE) as store:
        assert isinstance(await StaffDesk(store).log_in("guard", PASSWORD, NOW), LoginLocked)


async def test_disabled_account_cannot_log_in_and_is_logged_out(
    store: Store, guard: StaffAccount
) -> None:
    desk = StaffDesk(store)
    opened = await _logged_in(desk)

    def disable() -> None:
        kept = store.read_now(lambda db: StaffAccounts(db).password_hash(guard.id))
        assert kept is not None
        store.write_now(lambda db: StaffAccounts(db).put(replace(guard, enabled=False), kept))

    disable()
    assert await desk.recognise(opened.token, NOW) is None
    assert await desk.log_in("guard", PASSWORD, NOW) == LoginFailed()


async def test_unused_log_in_ends(store: Store, guard: StaffAccount) -> None:
    desk = StaffDesk(store)
    opened = await _logged_in(desk)
    assert await desk.recognise(opened.token, NOW + IDLE - SECOND) is not None
    # That use counts: half an hour starts anew.
    assert await desk.recognise(opened.token, NOW + 2 * IDLE - 2 * SECOND) is not None
    assert await desk.recognise(opened.token, NOW + 4 * IDLE) is None
    assert await desk.recognise(opened.token, NOW) is None


async def test_busy_log_in_ends_too(store: Store, guard: StaffAccount) -> None:
    desk = StaffDesk(store)
    opened = await _logged_in(desk)
    now = NOW
    while now < NOW + ABSOLUTE:
        assert await desk.recognise(opened.token, now) is not None
        now += IDLE / 2
    assert await desk.recognise(opened.token, now) is None


async def test_log_out_ends_one_log_in(store: Store, guard: StaffAccount) -> None:
    desk = StaffDesk(store)
    here, there = await _logged_in(desk), await _logged_in(desk)
    await desk.log_out(here.token, NOW)
    await desk.log_out("never issued", NOW)
    assert await desk.recognise(here.token, NOW) is None
    assert await desk.recognise(there.token, NOW) is not None


async def test_journal_knows_who_and_never_a_secret(store: Store, guard: StaffAccount) -> None:
    desk = StaffDesk(store)
    await desk.log_in(PASSWORD, "x" * 20, NOW)  # the password in the user's field: it happens
    await desk.log_in("guard", "x" * 20, NOW)
    opened = await _logged_in(desk)
    await desk.log_out(opened.token, NOW)
    rows = store.read_now(lambda db: Journal(db).after())
    assert [(row.actor, row.action) for row in rows] == [
        ("system:relay", "staff.added"),
        ("system:relay", "staff.login_failed"),
        ("system:relay", "staff.login_failed"),
        ("staff:guard", "staff.logged_in"),
        ("staff:guard", "staff.logged_out"),
    ]
    store.close()
    raw = store.path.read_bytes()
    for secret in (PASSWORD, opened.token):
        assert secret.encode() not in raw


@pytest.mark.parametrize(
    ("user", "password", "code"),
    [
        ("new", "x" * 14, "PASSWORD_TOO_SHORT"),
        ("new", "x" * (MAX_PASSWORD + 1), "PASSWORD_TOO_LONG"),
        ("GUARD", PASSWORD, "USER_TAKEN"),
    ],
)
async def test_account_needs_a_new_name_and_a_long_password(
    store: Store, guard: StaffAccount, user: str, password: str, code: str
) -> None:
    with pytest.raises(AccountError) as caught:
        await StaffDesk(store).add_account(user, StaffRole.AUDITOR, password, NOW, SYSTEM)
    assert caught.value.code == code


async def test_added_account_can_log_in(store: Store) -> None:
    desk = StaffDesk(store)
    operator = Actor.local("root")
    assert operator.label == "local:root"
    await desk.add_account("auditor", StaffRole.AUDITOR, "п" * 15, NOW, operator)
    assert isinstance(await desk.log_in("auditor", "п" * 15, NOW), LoggedIn)


@pytest.mark.parametrize("text", ["", "\udc80", "x" * 100_000, "\x00"])
async def test_any_text_is_only_a_wrong_password(
    store: Store, guard: StaffAccount, text: str
) -> None:
    desk = StaffDesk(store)
    assert await desk.log_in("guard", text, NOW) == LoginFailed()
    assert await desk.recognise(text, NOW) is None
