"""``parloir terminals`` over a real facility that no relay serves."""

from collections.abc import Callable
from pathlib import Path

from tests.operate.conftest import Printed

Parloir = Callable[..., Printed]


def test_terminals_are_listed_looked_after_and_revoked(parloir: Parloir, data: Path) -> None:
    listed = parloir("terminals", "list").out
    assert "T-01" in listed
    assert listed.count("not connected") == 4
    shown = parloir("terminals", "show", "T-02", "--json").json
    assert len(shown["key"]["fingerprint"]) == 64
    reason = ("--reason", "новая камера")
    assert "out of service" in parloir("terminals", "maintenance", "T-02", "on", *reason).out
    one = parloir("terminals", "show", "T-02", "--json").json
    assert one["terminal"]["in_service"] is False
    assert parloir("terminals", "revoke", "T-02", *reason).status == 0
    assert "not enrolled" in parloir("terminals", "show", "T-02").out
    entries = parloir("audit", "list", "--json").json
    rows = entries["rows"] if isinstance(entries, dict) else entries
    assert {"terminal.revoked", "terminal.maintenance"} <= {row["action"] for row in rows}


def test_what_cannot_be_is_one_line(parloir: Parloir, data: Path) -> None:
    for words, says in (
        (("restart", "T-01"), "not connected"),
        (("selftest", "T-99"), "no such terminal"),
        (("show", "T-99"), "there is no terminal T-99"),
        (("enrol", "AAAA-BBBB", "--terminal", "T-01"), "No kiosk shows this code"),
        (("maintenance", "T-01", "perhaps", "--reason", "why not"), "say on or off"),
        (("repair", "T-01", "everything"), "say cache or config"),
    ):
        failed = parloir("terminals", *words)
        assert failed.status != 0
        assert says in failed.err
