"""Orders, cuts, alerts, recordings, the journal, and how values stand in columns."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from relay.store.alerts import AlertRow, Alerts
from relay.store.columns import read_instant, write_instant
from relay.store.database import Store
from relay.store.errors import RowRefusedError
from relay.store.journal import Journal
from relay.store.orders import OrderCut, OrderRow, Orders
from relay.store.recordings import RecordingRow, Recordings, RecordingState
from suspension.receipt import Via
from tests.relay.store.samples import (
    MINUTE,
    NOW,
    TERMINAL,
    VISIT,
    another,
    booked,
)
from visit_protocol.vocabulary import (
    PROTECTED_TYPES,
    Party,
    VisitType,
)


def test_every_variant_of_a_revision_is_kept_once(store: Store) -> None:
    rows = [
        OrderRow("o-1", 1, digit * 64, content, Via.USB, 1, 2, NOW)
        for digit, content in (("a", b"one"), ("a", b"one, signed again"), ("b", b"another"))
    ]
    added = [store.write_now(lambda db, one=one: Orders(db).add(one)) for one in rows]
    assert added == [True, False, True]
    kept = store.read_now(lambda db: Orders(db).revisions("o-1"))
    assert list(kept) == [rows[0], rows[2]]
    assert store.read_now(lambda db: Orders(db).all()) == kept
    with pytest.raises(RowRefusedError, match="append-only"):
        store.write_now(lambda db: db.execute("DELETE FROM order_envelope"))


def test_last_packet_of_a_cut_is_filled_in_later(store: Store) -> None:
    booked(store, VISIT)
    cut = OrderCut("o-1", 1, VISIT.id, 1_000)
    store.write_now(lambda db: Orders(db).put_cut(cut))
    store.write_now(lambda db: Orders(db).put_cut(replace(cut, last_packet_ns=2_000)))
    store.write_now(lambda db: Orders(db).put_cut(cut))
    assert store.read_now(lambda db: Orders(db).cuts("o-1")) == (
        replace(cut, last_packet_ns=2_000),
    )
    assert store.read_now(lambda db: Orders(db).cuts("o-2")) == ()
    assert len(store.read_now(lambda db: Orders(db).cuts())) == 1


def test_alert_is_acknowledged_once(store: Store) -> None:
    alert = AlertRow("a-1", "TERMINAL_LOST", 2, NOW, None, TERMINAL.id, {"n": 1})
    store.write_now(lambda db: Alerts(db).add(alert))
    assert store.read_now(lambda db: Alerts(db).open()) == (alert,)
    assert store.write_now(lambda db: Alerts(db).acknowledge("a-1", "staff:g", NOW))
    assert not store.write_now(lambda db: Alerts(db).acknowledge("a-1", "staff:h", NOW))
    assert store.read_now(lambda db: Alerts(db).open()) == ()
    seen = replace(alert, acknowledged_by="staff:g", acknowledged_at=NOW)
    assert store.read_now(lambda db: Alerts(db).recent()) == (seen,)
    assert store.read_now(lambda db: Alerts(db).get("a-1")) == seen


def _recording(party: Party, segment: int = 1) -> RecordingRow:
    return RecordingRow(
        visit=VISIT.id,
        party=party,
        segment=segment,
        path=f"recordings/{VISIT.id}/{party.lower()}-{segment}.webm",
        state=RecordingState.RECORDING,
        started=NOW,
    )


def test_recording_is_kept_from_beginning_to_end(store: Store) -> None:
    booked(store, VISIT)
    assert store.read_now(lambda db: Recordings(db).next_segment(VISIT.id)) == 1
    for party in Party:
        store.write_now(lambda db, p=party: Recordings(db).begin(_recording(p)))
    assert store.read_now(lambda db: Recordings(db).next_segment(VISIT.id)) == 2
    store.write_now(
        lambda db: Recordings(db).finish(
            VISIT.id,
            Party.INMATE,
            1,
            state=RecordingState.COMPLETE,
            size=1234,
            duration_s=5.5,
            closed=NOW + MINUTE,
        )
    )
    assert store.read_now(lambda db: Recordings(db).get(VISIT.id, Party.INMATE, 1)) == replace(
        _recording(Party.INMATE),
        state=RecordingState.COMPLETE,
        size=1234,
        duration_s=5.5,
        closed=NOW + MINUTE,
    )
    assert store.read_now(lambda db: Recordings(db).unfinished()) == (_recording(Party.VISITOR),)
    assert len(store.read_now(lambda db: Recordings(db).all())) == 2


@pytest.mark.parametrize("visit_type", sorted(PROTECTED_TYPES))
def test_protected_visit_can_have_no_recording(store: Store, visit_type: VisitType) -> None:
    family = another(2)
    booked(store, replace(VISIT, visit_type=visit_type), family)
    with pytest.raises(RowRefusedError, match="never recorded"):
        store.write_now(lambda db: Recordings(db).begin(_recording(Party.INMATE)))
    row = replace(_recording(Party.INMATE), visit=family.id)
    store.write_now(lambda db: Recordings(db).begin(row))
    with pytest.raises(RowRefusedError, match="stays with its visit"):
        store.write_now(lambda db: db.execute("UPDATE recording SET visit = 'visit-1'"))


@pytest.mark.parametrize("path", ["/etc/passwd", "recordings/../../x.webm"])
def test_recording_stays_inside_the_data_folder(store: Store, path: str) -> None:
    booked(store, VISIT)
    row = replace(_recording(Party.INMATE), path=path)
    with pytest.raises(RowRefusedError):
        store.write_now(lambda db: Recordings(db).begin(row))


def test_journal_only_grows(store: Store) -> None:
    for number in range(3):
        seq = store.write_now(
            lambda db, n=number: Journal(db).append(NOW, "system:test", "DID", f"s-{n}", {"n": n})
        )
        assert seq == number + 1
    rows = store.read_now(lambda db: Journal(db).after(1, limit=1))
    assert [(row.seq, row.subject, row.detail) for row in rows] == [(2, "s-1", {"n": 1})]
    assert store.read_now(lambda db: Journal(db).last_seq()) == 3
    for forbidden in ("UPDATE journal SET actor = 'x'", "DELETE FROM journal"):
        with pytest.raises(RowRefusedError, match="append-only"):
            store.write_now(lambda db, sql=forbidden: db.execute(sql))


def test_instants_sort_as_text_whatever_zone_they_came_in() -> None:
    ural = timezone(timedelta(hours=5))
    instants = [
        datetime(999, 1, 1, tzinfo=UTC),
        datetime(2025, 3, 4, 10, 0, tzinfo=UTC),
        datetime(2025, 3, 4, 15, 0, 0, 1, tzinfo=ural),
        datetime(2025, 3, 4, 10, 0, 0, 10, tzinfo=UTC),
    ]
    texts = [write_instant(instant) for instant in instants]
    assert texts == sorted(texts)
    assert [read_instant(text) for text in texts] == instants
    with pytest.raises(ValueError, match="naive"):
        write_instant(NOW.replace(tzinfo=None))


def test_no_table_is_without_types(store: Store) -> None:
    tables = store.read_now(
        lambda db: list(
            db.query("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
        )
    )
    loose = {
        row["name"]
        for row in tables
        if not row["strict"] and not row["name"].startswith(("sqlite_", "_sqlite"))
    }
    assert loose == {"standing_visit"}  # a view
