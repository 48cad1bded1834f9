"""``parloir orders`` against the example facility, no relay running."""

import io
import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from operate.errors import InputError
from operate.instants import parse_instant

WORDS = [
    "--reason", "INVESTIGATION",
    "--basis", "Приказ № 17",
    "--text-ru", "Свидания приостановлены.",
    "--text-en", "Visits are suspended.",
]  # fmt: skip
INMATE = ["--inmate", "i-04"]


@pytest.fixture
def type_in(monkeypatch):
    def typed(text):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return typed


def only_order(parloir):
    (order,) = parloir("orders", "list", "--json").json["orders"]
    return order


def test_with_yes_an_order_is_given_kept_listed_shown_and_lifted(parloir, data):
    assert "nothing is suspended" in parloir("orders", "list").out
    given = parloir("orders", "suspend", *INMATE, *WORDS, "--expires", "+2h", "--yes")
    assert given.status == 0
    ident = re.search(r"Order (\S+) is ACTIVE", given.out)[1]

    order = only_order(parloir)
    assert (order["id"], order["scope"]) == (ident, {"inmate": ["i-04"]})
    listed = parloir("orders", "list").out
    assert ident in listed
    assert "Орлов" in listed
    shown = parloir("orders", "show", ident).out
    assert "Приказ № 17" in shown
    assert "Visits are suspended." in shown

    lifted = parloir("orders", "lift", ident, "--comment", "Проверка окончена")
    assert lifted.out.strip() == f"Order {ident} is LIFTED."
    assert only_order(parloir)["state"] == "LIFTED"
    again = parloir("orders", "lift", ident)
    assert again.status == 14


def test_the_number_of_visits_must_be_typed_back(parloir, data, type_in):
    suspend = ["orders", "suspend", *INMATE, *WORDS, "--expires", "+7d"]
    visits = parloir("orders", "impact", *INMATE, "--expires", "+7d", "--json").json["visits"]
    assert visits > 0

    type_in(f"{visits + 1}\n")
    assert "nothing was suspended" in parloir(*suspend).err
    type_in("")
    assert parloir(*suspend).status == 130
    assert parloir("orders", "list", "--json").json["orders"] == []

    type_in(f"{visits}\n")
    agreed = parloir(*suspend)
    assert agreed.status == 0
    assert re.search(rf"Visits +{visits}", agreed.out)
    assert only_order(parloir)["state"] == "ACTIVE"


def test_json_asks_no_questions(parloir, data):
    suspend = ["orders", "suspend", *INMATE, *WORDS, "--expires", "+2h", "--json"]
    assert "--yes" in parloir(*suspend).err
    assert parloir(*suspend, "--yes").json["state"] == "ACTIVE"


def test_a_terminal_or_a_unit_is_named_with_its_facility(parloir, data):
    for option, ident in (("--terminal", "T-01"), ("--housing-unit", "unit-1")):
        made = parloir("orders", "draft", option, ident, *WORDS, "--expires", "+2h", "--json")
        assert made.json["draft"]["scope"]["facility"] == ["ik-66"]


def test_several_dimensions_and_ids_narrow_and_widen(parloir, data):
    given = parloir(
        "orders", "suspend", *INMATE, "--inmate", "i-06", "--visit-type", "FAMILY",
        *WORDS, "--expires", "+2h", "--not-before", "+1h", "--yes", "--json",
    )  # fmt: skip
    assert given.json["scope"] == {"inmate": ["i-04", "i-06"], "visit_type": ["FAMILY"]}
    assert given.json["state"] == "PENDING"


def test_protected_visits_go_on_unless_their_type_is_named(parloir, data):
    everybody = ["orders", "impact", "--facility", "ik-66", "--json"]
    kept = parloir(*everybody, "--expires", "+3d").json["protected_kept"]
    assert kept > 0
    named = parloir(*everybody, "--expires", "+3d", "--protect-type", "LEGAL").json
    assert named["protected_kept"] == 0


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        (["--expires", "+2h"], "say whom", 1),
        ([*INMATE, "--expires", "tomorrow"], "--expires", 1),
        ([*INMATE, "--expires", "+"], "--expires", 1),
        ([*INMATE, "--expires", "+2h", "--not-before", "soon"], "--not-before", 1),
        ([*INMATE, "--expires", "+40d"], "EXPIRES_TOO_LATE", 14),
        ([*INMATE, "--expires", "+0m"], "EXPIRES_PAST", 14),
        (["--inmate", "i-99", "--expires", "+2h"], "inmate i-99", 50),
        (["--inmate", "*", "--expires", "+2h"], "SCOPE_WILDCARD", 14),
        (["--terminal", "T-99", "--expires", "+2h"], "terminal T-99", 50),
        (["--facility", "elsewhere", "--expires", "+2h"], "facility elsewhere", 50),
        ([*INMATE, "--expires", "+2h", "--protect-type", "FAMILY"], "protected", 14),
        ([*INMATE, "--expires", "+2h", "--protect-type", "PARTY"], "protected", 14),
    ],
)
def test_an_order_that_may_not_exist_is_refused_in_one_line(arguments, said, status, parloir, data):
    refused = parloir("orders", "suspend", *arguments, *WORDS, "--yes")
    assert refused.status == status
    assert said in refused.err
    assert parloir("orders", "list", "--json").json["orders"] == []


def test_an_unknown_reason_and_an_unknown_order_are_refused(parloir, data):
    words = ["--reason", "BECAUSE", *WORDS[2:]]
    assert (
        "reason_code"
        in parloir("orders", "suspend", *INMATE, *words, "--expires", "+2h", "--yes").err
    )
    for command in ("show", "lift"):
        assert parloir("orders", command, "so-99").status == 51
        assert "no id" in parloir("orders", command, "../me").err


FACILITY = ["--facility", "ik-66", "--why-not-narrower", "Nobody knows who brought it in."]


def test_an_order_goes_its_way_step_by_step_between_two_people(parloir, data):
    draft = ["orders", "draft", *FACILITY, *WORDS, "--expires", "+2d"]
    made = parloir(*draft, "--as", "administrator", "--json").json
    ident, digest = made["draft"]["id"], made["draft"]["digest"]
    visits = str(made["impact"]["visits"])
    assert made["draft"]["approvals_missing"] == 1
    assert ident in parloir("orders", "drafts").out

    sign = ["orders", "sign", ident, "--visits", visits, "--as", "administrator"]
    assert parloir(*sign).status == 40
    own = parloir("orders", "approve", ident, "--as", "administrator")
    assert own.status in (41, 44)
    assert parloir("orders", "approve", ident, "--as", "auditor").status == 44
    agreed = parloir("orders", "approve", ident, "--digest", digest, "--as", "approver")
    assert agreed.status == 0, agreed.err
    assert "may be signed" in agreed.out
    wrong = ["orders", "sign", ident, "--visits", "999", "--as", "administrator"]
    assert parloir(*wrong).status == 42
    assert parloir(*sign, "--digest", "0" * 64).status == 42
    signed = parloir(*sign)
    assert signed.status == 0, signed.err
    assert "ACTIVE" in signed.out

    lift = ["orders", "lift", ident]
    assert parloir(*lift, "--as", "administrator").status == 40
    assert only_order(parloir)["state"] == "ACTIVE"
    assert parloir(*lift, "--as", "approver").status == 0
    assert only_order(parloir)["state"] == "LIFTED"


def test_a_wide_order_waits_for_the_second_person(parloir, data):
    suspend = ["orders", "suspend", *FACILITY, *WORDS, "--expires", "+2h", "--yes"]
    waits = parloir(*suspend)
    assert waits.status == 40
    (waiting,) = parloir("orders", "drafts", "--json").json["drafts"]
    assert waiting["approvals_missing"] == 1
    assert parloir("orders", "withdraw", waiting["id"]).status == 0
    silent = ["orders", "suspend", *FACILITY[:2], *WORDS, "--expires", "+2h", "--yes"]
    assert parloir(*silent).status == 43


def test_whom_no_screen_has_told_is_listed_until_somebody_has_phoned_them(parloir, data):
    assert "Nobody is left" in parloir("orders", "notices").out
    parloir("orders", "suspend", *INMATE, *WORDS, "--expires", "+7d", "--yes")
    order = only_order(parloir)
    rows = parloir("orders", "notices", "--json").json["notices"]
    assert len(rows) == order["notices"]
    assert rows[0]["name"] in parloir("orders", "notices").out
    numbers = [str(one["id"]) for one in rows]
    assert parloir("orders", "told", *numbers, "--as", "ivanova").status == 0
    assert "Nobody is left" in parloir("orders", "notices").out
    assert "STAFF" in parloir("orders", "notices", order["id"]).out
    again = parloir("orders", "told", numbers[0])
    assert (again.status, "NOTICE_DELIVERED" in again.err) == (45, True)


def test_calls_that_run_may_be_granted_up_to_ten_minutes(parloir, data):
    order = ["orders", "suspend", *INMATE, *WORDS, "--expires", "+7d", "--yes"]
    assert parloir(*order, "--grace", "601").status == 2
    assert parloir(*order, "--grace", "300").status == 0
    shown = only_order(parloir)
    assert shown["grace_s"] == 300
    assert "300 s" in parloir("orders", "show", shown["id"]).out


def test_impact_is_of_a_draft_alone_or_of_a_scope_with_its_end(parloir, data):
    for wrong in ([], INMATE, ["ord-1", "--expires", "+2h"], ["ord-1", *INMATE]):
        refused = parloir("orders", "impact", *wrong)
        assert (refused.status, "name a draft alone" in refused.err) == (1, True)


def test_an_emergency_needs_one_person_and_a_review_by_another(parloir, data):
    suspend = ["orders", "suspend", *FACILITY, *WORDS, "--expires", "+50m", "--emergency"]
    order = parloir(*suspend, "--yes", "--json").json
    assert (order["state"], order["emergency"]) == ("ACTIVE", True)
    review = ["orders", "review", order["id"], "--note", "It was right."]
    assert parloir(*review).status == 41
    assert parloir(*review, "--as", "approver").status == 0


def test_a_renewal_is_a_draft_that_follows(parloir, data):
    order = parloir(
        "orders", "suspend", *INMATE, *WORDS, "--expires", "+2h", "--yes", "--json"
    ).json
    made = parloir("orders", "renew", order["id"], "--expires", "+1d", "--json").json
    assert made["draft"]["renews"] == order["id"]
    assert made["draft"]["not_before"] == order["expires"]
    assert parloir("orders", "impact", made["draft"]["id"]).status == 0


def test_explain_names_the_order_and_says_so_in_its_exit_status(parloir, data):
    impact = parloir("orders", "impact", *INMATE, "--expires", "+7d", "--json").json
    visit = impact["listed"][0]["id"]
    assert parloir("orders", "explain", visit).status == 0
    order = parloir(
        "orders", "suspend", *INMATE, *WORDS, "--expires", "+8d", "--yes", "--json"
    ).json
    why = parloir("orders", "explain", visit)
    assert why.status == 60
    assert order["id"] in why.out
    assert parloir("orders", "explain", "visit-none").status == 52


def test_a_secret_is_needed_where_none_was_left_lying_about(parloir, data, tmp_path):
    told = data / "secrets" / "example.json"
    secrets = json.loads(told.read_text())["signing"]
    kept = tmp_path / "mine.json"
    kept.write_text(json.dumps(secrets))
    told.rename(tmp_path / "away.json")
    suspend = ["orders", "suspend", *INMATE, *WORDS, "--expires", "+2h", "--yes"]
    suspend += ["--as", "administrator", "--json"]
    assert parloir(*suspend).status == 46
    assert parloir(*suspend, "--secrets", kept).json["state"] == "ACTIVE"
    kept.write_text(json.dumps({"administrator": "a wrong secret of enough letters"}))
    assert parloir(*suspend, "--secrets", kept).status == 46


NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
URAL = ZoneInfo("Asia/Yekaterinburg")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("+30m", NOW + timedelta(minutes=30)),
        ("+2h", NOW + timedelta(hours=2)),
        ("+1d12h", NOW + timedelta(hours=36)),
        ("2026-03-02T19:00", datetime(2026, 3, 2, 14, tzinfo=UTC)),
        ("2026-03-02T19:00+03:00", datetime(2026, 3, 2, 16, tzinfo=UTC)),
        ("2026-03-02T19:00Z", datetime(2026, 3, 2, 19, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_from_now_or_from_the_facilitys_wall(text, instant):
    assert parse_instant("--expires", text, NOW, URAL) == instant


@pytest.mark.parametrize("text", ["", "+", "2h", "+2x", "+99999d", "never", "2026-13-01"])
def test_what_is_no_time_is_refused_by_its_option(text):
    with pytest.raises(InputError, match="--expires"):
        parse_instant("--expires", text, NOW, URAL)
