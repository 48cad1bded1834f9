"""Links bind once, guessing locks, log-ins end."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from relay.core.model import (
    PersonId,
    StaffAccount,
    StaffId,
)
from relay.store.database import DATABASE_FILE, Store
from relay.store.links import Links
from relay.store.locks import FIRST_LOCK, LONGEST_LOCK, MAX_FAILURES, LockKind, Locks
from relay.store.secret import fingerprint
from relay.store.staff_accounts import StaffAccounts, StaffSession, StaffSessions
from tests.relay.store.samples import (
    CHILD,
    MINUTE,
    NOW,
    VISIT,
    booked,
)
from visit_protocol.vocabulary import (
    StaffRole,
)


def test_link_binds_to_the_first_device_only(store: Store) -> None:
    booked(store, VISIT)
    token, phone, tablet = (fingerprint(text) for text in ("token", "phone", "tablet"))
    store.write_now(lambda db: Links(db).issue(token, VISIT.id, CHILD.id, NOW, VISIT.ends))
    found = store.read_now(lambda db: Links(db).find(token))
    assert found is not None
    assert found.device_hash is None
    assert store.write_now(lambda db: Links(db).bind(token, phone, NOW))
    assert not store.write_now(lambda db: Links(db).bind(token, tablet, NOW))
    assert store.write_now(lambda db: Links(db).bind(token, phone, NOW + MINUTE))
    bound = store.read_now(lambda db: Links(db).find(token))
    assert bound is not None
    assert (bound.device_hash, bound.bound_at) == (phone, NOW)
    assert not store.write_now(lambda db: Links(db).bind(fingerprint("foreign"), phone, NOW))


def test_new_link_replaces_the_old_one(store: Store) -> None:
    booked(store, VISIT)
    old, new, phone = (fingerprint(text) for text in ("old", "new", "phone"))
    store.write_now(lambda db: Links(db).issue(old, VISIT.id, CHILD.id, NOW, VISIT.ends))
    store.write_now(lambda db: Links(db).issue(new, VISIT.id, CHILD.id, NOW, VISIT.ends))
    assert not store.write_now(lambda db: Links(db).bind(old, phone, NOW))
    newest, replaced = store.read_now(lambda db: Links(db).of_visit(VISIT.id))
    assert (newest.token_hash, newest.replaced_at) == (new, None)
    assert (replaced.token_hash, replaced.replaced_at) == (old, NOW)
    store.write_now(lambda db: Links(db).extend(VISIT.id, NOW + timedelta(hours=1)))
    newest, replaced = store.read_now(lambda db: Links(db).of_visit(VISIT.id))
    assert newest.expires == NOW + timedelta(hours=1)
    assert replaced.expires == VISIT.ends


def test_fifth_failure_locks_and_later_ones_lock_longer(store: Store) -> None:
    def fail(now: datetime) -> tuple[int, datetime | None]:
        state = store.write_now(lambda db: Locks(db).fail(LockKind.INMATE, "i-1", now))
        return state.failures, state.locked_until

    for number in range(1, MAX_FAILURES):
        assert fail(NOW) == (number, None)
    assert fail(NOW) == (MAX_FAILURES, NOW + FIRST_LOCK)
    after = NOW + FIRST_LOCK
    assert fail(after) == (MAX_FAILURES + 1, after + 2 * FIRST_LOCK)
    for _ in range(10):
        fail(after)
    assert fail(after)[1] == after + LONGEST_LOCK


def test_lock_is_there_after_a_restart_and_a_clock_jump(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_FILE
    with Store.open(path) as store:
        for _ in range(MAX_FAILURES):
            store.write_now(lambda db: Locks(db).fail(LockKind.TERMINAL, "T-01", NOW))
    with Store.open(path) as store:
        state = store.read_now(lambda db: Locks(db).state(LockKind.TERMINAL, "T-01"))
        assert state.locked(NOW + FIRST_LOCK - MINUTE)
        assert state.locked(NOW - timedelta(days=1))
        assert state.attempts_left == 0
        # Whoever sets the clock ahead has one attempt, not five.
        ahead = NOW + timedelta(days=1)
        assert not state.locked(ahead)
        again = store.write_now(lambda db: Locks(db).fail(LockKind.TERMINAL, "T-01", ahead))
        assert again.locked(ahead)


def test_success_clears_one_counter_only(store: Store) -> None:
    for kind in (LockKind.INMATE, LockKind.TERMINAL):
        store.write_now(lambda db, kind=kind: Locks(db).fail(kind, "x", NOW))
    store.write_now(lambda db: Locks(db).clear(LockKind.INMATE, "x"))
    assert store.read_now(lambda db: Locks(db).state(LockKind.INMATE, "x")).failures == 0
    assert store.read_now(lambda db: Locks(db).state(LockKind.TERMINAL, "x")).failures == 1
    assert store.write_now(lambda db: Locks(db).forget(NOW)) == 0
    assert store.write_now(lambda db: Locks(db).forget(NOW + MINUTE)) == 1


def test_staff_account_is_found_whatever_the_case(store: Store) -> None:
    account = StaffAccount(StaffId("s-1"), "guard", StaffRole.GUARD, PersonId("guard"))
    store.write_now(lambda db: StaffAccounts(db).put(account, "hash"))
    assert store.read_now(lambda db: StaffAccounts(db).by_user("Guard")) == account
    assert store.read_now(lambda db: StaffAccounts(db).by_user("gu%")) is None
    assert store.read_now(lambda db: StaffAccounts(db).password_hash(account.id)) == "hash"
    assert store.read_now(lambda db: StaffAccounts(db).all()) == (account,)


def test_staff_session_lives_until_removed_or_expired(store: Store) -> None:
    account = StaffAccount(StaffId("s-1"), "guard", StaffRole.GUARD, PersonId("guard"))
    token = fingerprint("token")
    session = StaffSession(token, account.id, "csrf", NOW, NOW, NOW + MINUTE)
    store.write_now(lambda db: StaffAccounts(db).put(account, "hash"))
    store.write_now(lambda db: StaffSessions(db).add(session))
    store.write_now(lambda db: StaffSessions(db).touch(token, NOW + MINUTE))
    found = store.read_now(lambda db: StaffSessions(db).find(token))
    assert found == replace(session, last_seen=NOW + MINUTE)
    assert store.write_now(lambda db: StaffSessions(db).remove_expired(NOW)) == 0
    assert store.write_now(lambda db: StaffSessions(db).remove_expired(NOW + MINUTE)) == 1
    assert store.read_now(lambda db: StaffSessions(db).find(token)) is None
