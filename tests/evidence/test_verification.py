"""Every way to change a log, and where it is found."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.entry import ABSENT_LEAF, parse_entry
from evidence.note import parse_key
from evidence.tree import root_of
from evidence.verification import Recorded, Verification, verify
from tests.evidence.samples import (
    ORIGIN,
    STRANGER,
    check,
    entries,
    entry,
    found,
    note,
    notes,
    recorded,
)

FIELDS = ("code", "first", "last", "checkpoint", "other")
VECTORS = json.loads((Path(__file__).parents[1] / "vectors/evidence/log.json").read_text())
LOG = entries(10)
NOTES = notes(LOG, 3, 6, 10)


def without(log, *seqs):
    return [one for one in log if one.seq not in seqs]


def edited(log, seq, subject="visit-99"):
    """The log with another subject in one entry."""
    return [replace(one, subject=subject) if one.seq == seq else one for one in log]


def test_a_log_that_nobody_touched_is_sound():
    report = check(recorded(LOG), NOTES, last_seq=10, last_number=3, root=root_of(
        one.leaf() for one in LOG
    ))  # fmt: skip
    assert report.sound
    assert (report.size, report.covered, report.checkpoints) == (10, 10, 3)


def test_entries_after_the_latest_checkpoint_are_counted_as_not_covered():
    report = check(recorded(entries(12)), NOTES)
    assert report.sound
    assert (report.size, report.covered) == (12, 10)


def test_an_empty_log_is_sound():
    assert check([], []).sound
    assert check([], [(1, note([]))]).covered == 0


# ── an entry changed, its recorded leaf left alone: found to the entry ───────────────────────
def test_an_edited_entry_is_named():
    held = [replace(one, entry=entry(5, "visit-99")) if one.seq == 5 else one
            for one in recorded(LOG)]  # fmt: skip
    report = check(held, NOTES)
    assert found(report) == [("ENTRY_EDITED", 5, 5, None, None)]
    assert report.covered == 10


def test_two_entries_that_changed_places_are_named():
    swapped = {4: replace(LOG[7], seq=4), 8: replace(LOG[3], seq=8)}
    held = [replace(one, entry=swapped.get(one.seq, one.entry)) for one in recorded(LOG)]
    assert found(check(held, NOTES)) == [
        ("ENTRY_MOVED", 4, 4, None, None),
        ("ENTRY_MOVED", 8, 8, None, None),
    ]


def test_a_deleted_entry_whose_leaf_was_left_is_named():
    held = [Recorded(one.seq, None, one.leaf, absent=True) if one.seq in (5, 6) else one
            for one in recorded(LOG)]  # fmt: skip
    assert found(check(held, NOTES)) == [("ENTRY_MISSING", 5, 6, None, None)]


def test_deleted_entries_at_the_end_are_a_truncation():
    held = [Recorded(one.seq, None, one.leaf, absent=True) if one.seq > 8 else one
            for one in recorded(LOG)]  # fmt: skip
    assert found(check(held, NOTES)) == [("LOG_TRUNCATED", 9, 10, None, None)]


def test_an_entry_without_a_leaf_was_put_in():
    held = [*recorded(LOG), Recorded(11, entry(11))]
    assert found(check(held, NOTES)) == [("ENTRY_INSERTED", 11, 11, None, None)]


def test_an_altered_leaf_beside_a_true_entry_is_told_apart():
    held = [replace(one, leaf=ABSENT_LEAF) if one.seq == 5 else one for one in recorded(LOG)]
    assert found(check(held, NOTES)) == [("LEAF_ALTERED", 5, 5, None, None)]
    held = [replace(one, leaf=None) if one.seq == 5 else one for one in recorded(LOG)]
    assert found(check(held, NOTES)) == [("LEAF_ALTERED", 5, 5, None, None)]


def test_several_faults_are_all_named():
    held = recorded(edited(edited(LOG, 2), 9), leaves=False)
    held = [replace(one, leaf=true.leaf()) for one, true in zip(held, LOG, strict=True)]
    held[6] = Recorded(7, None, held[6].leaf)
    assert found(check(held, NOTES)) == [
        ("ENTRY_EDITED", 2, 2, None, None),
        ("ENTRY_UNREADABLE", 7, 7, None, None),
        ("ENTRY_EDITED", 9, 9, None, None),
    ]


def test_neighbours_are_one_finding():
    held = [replace(one, entry=entry(one.seq, "x")) for one in recorded(LOG)]
    assert found(check(held, NOTES)) == [("ENTRY_EDITED", 1, 10, None, None)]


def test_an_entry_that_has_no_canonical_form_is_named():
    odd = replace(LOG[4], detail={"n": 2**60})
    held = [replace(one, entry=odd) if one.seq == 5 else one for one in recorded(LOG)]
    assert found(check(held, NOTES)) == [("ENTRY_UNREADABLE", 5, 5, None, None)]


# ── changed together with the leaves, or no leaves at all: found between two checkpoints ─────
@pytest.mark.parametrize("leaves", [True, False])
@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (edited(LOG, 5), [("LOG_REWRITTEN", 4, 6, "2", "1")]),
        (edited(LOG, 1), [("LOG_REWRITTEN", 1, 3, "1", None)]),
        (edited(LOG, 10), [("LOG_REWRITTEN", 7, 10, "3", "2")]),
        (without(LOG, 5), [("LOG_REWRITTEN", 4, 6, "2", "1"), ("ENTRY_MISSING", 5, 5, None, None)]),
        (LOG[:8], [("LOG_TRUNCATED", 9, 10, "3", None)]),
        (LOG[:4] + [entry(5, "new")] + [replace(one, seq=one.seq + 1) for one in LOG[4:]],
         [("LOG_REWRITTEN", 4, 6, "2", "1")]),
    ],
    ids=["edit", "edit-first", "edit-last", "delete", "truncate", "insert"],
)  # fmt: skip
def test_a_change_is_found_between_two_checkpoints(held, expected, leaves):
    report = check(recorded(held, leaves), NOTES, leaves_recorded=leaves)
    assert found(report) == expected


def test_lines_of_an_export_that_were_repeated_or_reordered_are_named():
    again = [*LOG[:5], LOG[4], *LOG[5:]]
    assert found(check(recorded(again, False), NOTES, leaves_recorded=False)) == [
        ("ENTRY_INSERTED", 5, 5, None, None)
    ]
    moved = [*LOG[:4], LOG[5], LOG[4], *LOG[6:]]
    codes = [one[:3] for one in found(check(recorded(moved, False), NOTES, leaves_recorded=False))]
    assert ("ENTRY_OUT_OF_ORDER", 5, 5) in codes


# ── checkpoints ──────────────────────────────────────────────────────────────────────────────
def test_a_fork_is_named_with_both_checkpoints():
    fork = (4, note(edited(LOG, 5)))
    assert found(check(recorded(LOG), [*NOTES, fork])) == [("LOG_FORKED", None, 10, "4", "3")]


def test_a_missing_checkpoint_is_named():
    assert found(check(recorded(LOG), [NOTES[0], NOTES[2]])) == [
        ("CHECKPOINT_MISSING", None, None, "2", None)
    ]
    assert found(check(recorded(LOG), NOTES[:1], last_number=3)) == [
        ("CHECKPOINT_MISSING", None, None, "2–3", None)
    ]


def test_an_older_state_put_back_is_named():
    back = (4, note(LOG[:4]))
    assert found(check(recorded(LOG), [*NOTES, back])) == [
        ("CHECKPOINT_OUT_OF_ORDER", None, None, "4", None)
    ]


def test_checkpoints_of_strangers_and_of_other_logs_are_named():
    broken = [(4, note(LOG, STRANGER)), (5, "nothing"), (6, note(LOG, origin="parloir/f-2/audit"))]
    assert found(check(recorded(LOG), [*NOTES, *broken])) == [
        ("CHECKPOINT_UNREADABLE", None, None, "5", None),
        ("CHECKPOINT_UNREADABLE", None, None, "6", None),
        ("CHECKPOINT_UNSIGNED", None, None, "4", None),
    ]


def test_the_tail_cut_off_with_its_checkpoint_is_found_by_one_kept_outside():
    kept = {"kept": note(LOG)}
    assert check(recorded(LOG[:6]), NOTES[:2]).sound
    assert found(check(recorded(LOG[:6]), NOTES[:2], kept)) == [
        ("LOG_TRUNCATED", 7, 10, "kept", None)
    ]


def test_a_log_rewritten_with_its_key_is_found_by_a_checkpoint_kept_outside():
    other = edited(LOG, 5)
    assert check(recorded(other), notes(other, 3, 6, 10)).sound
    report = check(recorded(other), notes(other, 3, 6, 10), {"a": note(LOG[:4]), "b": note(LOG)})
    assert found(report) == [
        ("LOG_REWRITTEN", 5, 10, "b", "a"),
        ("LOG_FORKED", None, 10, "3", "b"),
    ]


def test_the_logs_own_counter_betrays_a_cut_that_no_checkpoint_covers():
    assert found(check(recorded(LOG[:6]), NOTES[:2], last_seq=8)) == [
        ("LOG_TRUNCATED", 7, 8, None, None)
    ]


def test_a_stored_tree_that_does_not_follow_from_its_leaves_is_named():
    assert found(check(recorded(LOG), NOTES, root=bytes(32))) == [
        ("TREE_ALTERED", None, None, None, None)
    ]


def test_after_a_rewritten_stretch_the_log_is_checked_again():
    """Whoever rewrote entries once does not get a licence for what comes later."""
    other = edited(LOG, 2)
    later = [(1, note(LOG[:3])), (2, note(other[:6])), (3, note(LOG))]
    assert found(check(recorded(other), later)) == [
        ("LOG_REWRITTEN", 1, 3, "1", None),
        ("LOG_REWRITTEN", 7, 10, "3", "2"),
    ]


def test_a_number_far_away_does_not_make_it_count_for_ever():
    held = [*recorded(LOG), Recorded(10**15, replace(entry(11), seq=10**15))]
    report = check(held, NOTES, leaves_recorded=False)
    assert found(report) == [("ENTRY_MISSING", 11, 10**15 - 1, None, None)]


# ── whatever the log, whatever the change ────────────────────────────────────────────────────
@given(st.integers(1, 40), st.sets(st.integers(1, 40)))
def test_every_sound_log_is_called_sound(size, cuts):
    log = entries(size)
    marks = sorted(cut for cut in cuts if cut <= size)
    report = check(recorded(log), notes(log, *marks))
    assert report.sound
    assert report.covered == max(marks, default=0)


@given(st.integers(2, 30), st.data())
def test_every_change_of_a_covered_entry_is_found_at_its_place(size, data):
    log = entries(size)
    mark = data.draw(st.integers(1, size - 1))
    checkpoints = notes(log, mark, size)
    seq = data.draw(st.integers(1, size))
    held = {
        "edit": edited(log, seq),
        "delete": without(log, seq),
        "insert": [
            *log[: seq - 1],
            entry(seq, "new"),
            *(replace(one, seq=one.seq + 1) for one in log[seq - 1 :]),
        ],
    }[data.draw(st.sampled_from(["edit", "delete", "insert"]))]
    report = check(recorded(held, leaves=False), checkpoints, leaves_recorded=False)
    assert not report.sound
    places = [one for one in report.findings if one.code.value in (
        "LOG_REWRITTEN", "LOG_TRUNCATED", "ENTRY_MISSING")]  # fmt: skip
    assert any(one.first <= seq + 1 and one.last >= seq for one in places)


@pytest.mark.parametrize("one", VECTORS["cases"], ids=lambda one: one["name"])
def test_the_vectors_have_the_findings_that_they_say(one):
    verification = Verification(
        VECTORS["origin"], [parse_key(VECTORS["key"])], one.get("kept"), leaves_recorded=False
    )
    held = [parse_entry(line.encode()) for line in one["entries"]]
    numbered = list(enumerate(one["checkpoints"], start=1))
    report = verify(verification, numbered, recorded(held, leaves=False))
    assert [
        {name: value for name, value in zip(FIELDS, finding, strict=True) if value is not None}
        for finding in found(report)
    ] == one["findings"]


def test_the_origin_says_whose_log_it_is():
    assert ORIGIN == "parloir/f-66-01/audit"
