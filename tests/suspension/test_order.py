import json
from dataclasses import FrozenInstanceError
from datetime import datetime, timedelta, timezone

import pytest

from suspension import (
    Cut,
    CutMode,
    InvalidOrderError,
    OrderClass,
    OrderKind,
    Preview,
    PublicText,
    Scope,
    UnknownCriticalError,
    UnknownVersionError,
    lift,
    parse_order,
)
from visit_protocol.vocabulary import VisitType

INMATE = Scope.parse({"inmate": ["i-1"]})
UNIT = Scope.parse({"facility": ["f-1"], "housing_unit": ["u-1"]})
TERMINAL = Scope.parse({"facility": ["f-1"], "terminal": ["T-01"]})
LEGAL = frozenset({VisitType.LEGAL})


@pytest.mark.parametrize(
    ("scope", "protected", "order_class", "longest"),
    [
        (INMATE, frozenset(), OrderClass.NARROW, timedelta(days=30)),
        (TERMINAL, frozenset(), OrderClass.NARROW, timedelta(days=30)),
        (UNIT, frozenset(), OrderClass.WIDE, timedelta(days=7)),
        (INMATE, LEGAL, OrderClass.PROTECTED, timedelta(hours=72)),
    ],
)
def test_an_order_may_last_as_long_as_its_class_and_no_second_longer(
    scope, protected, order_class, longest, make_order, noon
):
    order = make_order(scope=scope, protected=protected, expires=noon + longest)
    assert order.order_class is order_class
    with pytest.raises(InvalidOrderError) as refused:
        make_order(scope=scope, protected=protected, expires=noon + longest + timedelta(seconds=1))
    assert refused.value.field == "expires"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "../x"}, "id"),
        ({"rev": 0}, "rev"),
        ({"rev": 2}, "prev_rev_sha256"),
        ({"prev_rev_sha256": "0" * 64}, "prev_rev_sha256"),
        ({"rev": 2, "prev_rev_sha256": "A" * 64}, "prev_rev_sha256"),
        ({"reason_code": "BECAUSE"}, "reason_code"),
        ({"kind": "pardon"}, "kind"),
        ({"legal_basis": " "}, "legal_basis"),
        ({"legal_basis": "x" * 501}, "legal_basis"),
        ({"issuer": "a\x1b[2J"}, "issuer"),
        ({"comment": "\ud800"}, "comment"),
        ({"protected": frozenset({VisitType.FAMILY})}, "protected"),
        ({"not_before": datetime(2026, 3, 2, 12)}, "not_before"),  # noqa: DTZ001  the point
        ({"expires": datetime(2026, 3, 3, 12)}, "expires"),  # noqa: DTZ001  the point
    ],
)
def test_a_broken_field_is_refused_by_name(changes, field, make_order):
    with pytest.raises(InvalidOrderError) as refused:
        make_order(**changes)
    assert refused.value.field == field
    assert refused.value.code == "INVALID_ORDER"


@pytest.mark.parametrize("version", [0, 2, True, 1.0])
def test_another_major_version_has_a_code_of_its_own(version, make_order):
    with pytest.raises(UnknownVersionError) as refused:
        make_order(v=version)
    assert refused.value.code == "ORDER_VERSION_UNKNOWN"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issuer_seq": 0}, "issuer_seq"),
        ({"root_version": True}, "root_version"),
        ({"review_at": datetime(2026, 3, 3, 12)}, "review_at"),  # noqa: DTZ001  the point
        ({"emergency": 1}, "emergency"),
        ({"crit": ("scope", "cut")}, "crit"),
        ({"crit": ("scope", "scope")}, "crit"),
        ({"more": b'{"v":1}'}, "order"),
        ({"more": b'{"x": 1}'}, "order"),
        ({"more": b'{"x":1.5}'}, "order"),
        ({"more": b"[]"}, "order"),
    ],
)
def test_a_later_field_that_is_broken_is_refused_by_name(changes, field, make_order):
    with pytest.raises(InvalidOrderError) as refused:
        make_order(**changes)
    assert refused.value.field == field


def test_an_emergency_order_is_one_facility_for_an_hour_with_a_review(make_order, noon):
    hour = timedelta(hours=1)
    fields = {
        "scope": Scope.parse({"facility": ["f-1"]}),
        "expires": noon + hour,
        "emergency": True,
        "review_at": noon + hour,
    }
    assert make_order(**fields).emergency
    for changes, field in [
        ({"scope": INMATE}, "scope.facility"),
        ({"scope": Scope.parse({"facility": ["f-1", "f-2"]})}, "scope.facility"),
        ({"expires": noon + hour + timedelta(seconds=1)}, "expires"),
        ({"protected": LEGAL}, "protected"),
        ({"review_at": None}, "review_at"),
        ({"review_at": noon + timedelta(hours=25)}, "review_at"),
        ({"rev": 2, "prev_rev_sha256": "0" * 64}, "rev"),
    ]:
        with pytest.raises(InvalidOrderError) as refused:
            make_order(**fields | changes)
        assert refused.value.field == field
    lifted = lift(make_order(**fields), by="d.orlov", now=noon, comment="")
    assert (lifted.rev, lifted.emergency) == (2, True)


@pytest.mark.parametrize(
    "value",
    [{}, {"mode": "slowly"}, {"mode": "grace"}, {"mode": "grace", "grace_s": 601},
     {"mode": "grace", "grace_s": True}, {"mode": "finish", "grace_s": 5}, {"mode": 7},
     {"mode": "immediate", "more": 1}],
)  # fmt: skip
def test_a_cut_that_says_nothing_certain_is_refused(value):
    with pytest.raises(InvalidOrderError, match=r"^cut"):
        Cut.parse(value)


def test_a_call_stops_at_once_after_its_grace_or_never(noon):
    assert Cut().stops_at(noon) == noon
    assert Cut(CutMode.GRACE, 30).stops_at(noon) == noon + timedelta(seconds=30)
    assert Cut(CutMode.FINISH).stops_at(noon) is None


def test_an_order_ends_after_it_begins_and_after_it_was_issued(make_order, noon):
    with pytest.raises(InvalidOrderError, match="later than the beginning"):
        make_order(expires=noon)
    with pytest.raises(InvalidOrderError, match="has passed already"):
        make_order(issued=noon + timedelta(hours=2))


@pytest.mark.parametrize(("ru", "en"), [("", "Text."), ("Текст.", "  "), ("x" * 501, "Text.")])
def test_both_public_texts_are_required(ru, en):
    with pytest.raises(InvalidOrderError, match="public_text"):
        PublicText(ru, en)


def test_a_scope_and_its_protected_types_must_agree(make_order):
    legal_visits = Scope.parse({"facility": ["f-1"], "visit_type": ["LEGAL"]})
    family_visits = Scope.parse({"facility": ["f-1"], "visit_type": ["FAMILY"]})
    with pytest.raises(InvalidOrderError, match="must name the protected"):
        make_order(scope=legal_visits)
    with pytest.raises(InvalidOrderError, match="leaves out"):
        make_order(scope=family_visits, protected=LEGAL)
    assert make_order(scope=legal_visits, protected=LEGAL).terms.protected == LEGAL


def test_an_instant_in_another_offset_is_the_same_order(make_order, noon):
    local = noon.astimezone(timezone(timedelta(hours=5)))
    assert make_order(not_before=local).to_bytes() == make_order().to_bytes()


def test_an_order_cannot_be_changed_after_it_was_made(make_order):
    with pytest.raises(FrozenInstanceError):
        make_order().expires = None


def test_canonical_bytes_are_sorted_compact_readable_json(make_order):
    data = make_order().to_bytes()
    assert (
        data
        == json.dumps(
            json.loads(data), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()
    )
    assert "Свидания".encode() in data
    assert json.loads(data)["expires"] == "2026-03-02T14:00:00.000000Z"


def _edited(order, **changes):
    fields = json.loads(order.to_bytes()) | changes
    fields = {name: value for name, value in fields.items() if value != "—absent—"}
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"v": True},
        {"v": 2},
        {"crit": ["x"]},
        {"crit": ["x"], "x": 1},
        {"crit": [1]},
        {"cut": {"mode": "grace", "grace_s": 60.0}},
        {"cut": "immediate"},
        {"preview": {"visits": 1}},
        {"emergency": 0},
        {"issuer_seq": 2**53},
        {"x": 1.5},
        {"expires": "—absent—"},
        {"expires": None},
        {"expires": "tomorrow"},
        {"expires": "2026-03-02T14:00:00"},
        {"expires": "2026-03-02T14:00:00+00:00"},
        {"expires": "0001-01-01T00:00:00+14:00"},
        {"scope": []},
        {"scope": {"inmate": ["*"]}},
        {"scope": {"inmate": ["i-1", "i-1"]}},
        {"scope": {"inmate": [["i-1"]]}},
        {"protected": [{}]},
        {"protected": ["FAMILY"]},
        {"public_text": {"ru": "Текст."}},
        {"public_text": {"ru": "Текст.", "en": 7}},
        {"public_text": {"ru": "Текст.", "en": "Text.", "de": "Text."}},
        {"rev": 1.0},
        {"rev": False},
    ],
)
def test_bytes_that_are_not_an_order_are_refused(changes, make_order):
    with pytest.raises(InvalidOrderError):
        parse_order(_edited(make_order(), **changes))


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"[]", b"null", b"[" * 100_000, b" " * 300_000, b'{"v":1e999}'],
)
def test_bytes_that_are_not_even_an_object_are_refused(data):
    with pytest.raises(InvalidOrderError):
        parse_order(data)


def test_only_the_canonical_bytes_of_an_order_are_accepted(make_order):
    data = make_order().to_bytes()
    assert parse_order(data) == make_order()
    with pytest.raises(InvalidOrderError, match="canonical"):
        parse_order(data + b"\n")
    with pytest.raises(InvalidOrderError, match="twice"):
        parse_order(data.replace(b'"rev":1', b'"rev":1,"rev":1'))


def test_a_field_of_a_later_version_is_kept_unless_it_is_critical(make_order):
    data = _edited(make_order(), x={"y": [1, None, "ж"]})
    order = parse_order(data)
    assert order.to_bytes() == data
    assert order.sha256 != make_order().sha256
    assert order.terms == make_order().terms
    with pytest.raises(UnknownCriticalError) as refused:
        parse_order(_edited(make_order(), x=1, crit=["x"]))
    assert refused.value.code == "ORDER_CRITICAL_UNKNOWN"
    assert parse_order(_edited(make_order(), crit=["cut", "scope"])).crit == ("cut", "scope")


def test_a_preview_comes_back_as_it_was(make_order, noon):
    order = make_order(preview=Preview(3, 2, 2, 1, 1, noon), cut=Cut(CutMode.GRACE, 60))
    assert parse_order(order.to_bytes()) == order
    with pytest.raises(InvalidOrderError, match=r"preview\.visits"):
        Preview(-1, 0, 0, 0, 0, noon)


def test_a_lift_is_the_next_revision_and_says_who_lifted_it(make_order, noon):
    order = make_order()
    later = noon + timedelta(hours=1)
    lifted = lift(order, by="d.orlov", now=later, comment="Проверка окончена")
    assert (lifted.id, lifted.rev, lifted.kind) == ("so-1", 2, OrderKind.LIFT)
    assert (lifted.issuer, lifted.issued) == ("d.orlov", later)
    assert lifted.prev_rev_sha256 == order.sha256
    assert lifted.terms == order.terms
    assert parse_order(lifted.to_bytes()) == lifted


def test_a_lift_is_not_lifted_again_and_an_expired_order_can_still_be_lifted(make_order, noon):
    lifted = lift(make_order(), by="d.orlov", now=noon + timedelta(days=9), comment="")
    with pytest.raises(InvalidOrderError, match="already"):
        lift(lifted, by="d.orlov", now=noon, comment="")
