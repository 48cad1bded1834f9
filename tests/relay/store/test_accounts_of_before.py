"""Accounts from before people were told apart from accounts."""

from relay.store.migrations import migrations
from relay.store.sqlite import Database
from relay.store.staff_accounts import StaffAccounts


def test_each_account_of_before_is_a_person_and_logs_in_again() -> None:
    with Database(memory=True) as db:
        db.execute("PRAGMA foreign_keys = ON")
        migrations.apply(db, stop_before="0011_order_desk")
        db.execute(
            "INSERT INTO staff_account (id, user, role, enabled, password_hash) "
            "VALUES ('s-1', 'ivanova', 'administrator', 1, 'hash')"
        )
        db.execute(
            "INSERT INTO staff_session (token_hash, staff, csrf, created, last_seen, expires) "
            "VALUES (?, 's-1', 'csrf', 'x', 'x', 'x')",
            ["0" * 64],
        )
        db.conn.commit()
        migrations.apply(db)
        (account,) = StaffAccounts(db).all()
        assert (account.id, account.user, account.person) == ("s-1", "ivanova", "ivanova")
        assert StaffAccounts(db).password_hash(account.id) == "hash"
        assert db.table("staff_session").count == 0
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
