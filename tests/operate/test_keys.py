"""``parloir keys`` and signed orders as files, against the example facility; no relay running."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from operate.order_files import EXIT
from suspension import PublicText, ReasonCode, RefusalCode, Scope, SuspensionOrder
from tests.suspension.vectors import FOLDER as VECTORS

HOLDERS = ["--root-signer", "administrator", "--root-signer", "approver"]


@pytest.fixture
def told(data, tmp_path):
    """A file with everybody's secret, and those of people who are still to come."""
    signing = json.loads((data / "secrets" / "example.json").read_text())["signing"]
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps(signing | {"n.ivanov": "n" * 15, "short": "s" * 14}))
    return ["--secrets", file]


@pytest.fixture
def trust(parloir, data, tmp_path):
    file = tmp_path / "trust.json"
    assert parloir("keys", "show", "--export", file).status == 0
    return file


def people(parloir):
    shown = parloir("keys", "show", "--json").json
    return {one["person"]: one["roles"] for one in shown["people"]}, shown


@pytest.fixture
def draft(tmp_path):
    """An order as somebody would type it, for an inmate of the example."""
    now = datetime.now(UTC)
    order = SuspensionOrder(
        id="ord-usb",
        scope=Scope.parse({"facility": ["ik-66"], "inmate": ["i-04"]}),
        reason_code=ReasonCode.COURT_ORDER,
        legal_basis="Постановление № 4",
        public_text=PublicText("Решение суда.", "A court's decision."),
        not_before=now,
        expires=now + timedelta(hours=2),
        issued=now,
        issuer="court",
    )
    file = tmp_path / "stick" / "one.order.json"
    file.parent.mkdir()
    file.write_text(json.dumps(json.loads(order.to_bytes()), indent=1, ensure_ascii=False))
    return file


def test_the_example_shows_who_signs_what(parloir, data):
    found, shown = people(parloir)
    assert found == {
        "administrator": ["narrow", "protected", "wide"],
        "approver": ["narrow", "protected", "wide"],
        "oversight": ["oversight", "protected"],
    }
    assert (shown["root_version"], shown["version"]) == (1, 1)
    assert "oversight" in parloir("keys", "show").out


def test_people_are_added_given_new_keys_and_removed(parloir, data, told):
    added = parloir("keys", "add", "n.ivanov", "--role", "narrow", *HOLDERS, *told)
    assert added.status == 0, added.err
    before = (data / "keys" / "people" / "n.ivanov.key.json").read_text()
    assert parloir("keys", "rotate", "n.ivanov", *HOLDERS, *told).status == 0
    assert (data / "keys" / "people" / "n.ivanov.key.json").read_text() != before
    found, shown = people(parloir)
    assert (found["n.ivanov"], shown["version"]) == (["narrow"], 3)
    assert parloir("keys", "remove", "n.ivanov", *HOLDERS, *told).status == 0
    assert "n.ivanov" not in people(parloir)[0]


def test_the_root_changes_hands_when_old_and_new_holders_agree(parloir, data, told):
    new = ["--root", "approver", "--root", "oversight"]
    assert parloir("keys", "rotate", *new, *HOLDERS, *told).status == 0
    assert people(parloir)[1]["root_version"] == 2
    # The administrator holds it no more, and their old key signs nothing.
    late = parloir("keys", "remove", "oversight", *HOLDERS, *told)
    assert "too few people" in late.err
    holders = ["--root-signer", "approver", "--root-signer", "oversight"]
    again = parloir("keys", "add", "n.ivanov", "--role", "narrow", *holders, *told)
    assert again.status == 0, again.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "short", "--role", "narrow", *HOLDERS], "15 to 256"),
        (["add", "n.ivanov", "--role", "king", *HOLDERS], "no role"),
        (["add", "approver", "--role", "narrow", *HOLDERS], "a key already"),
        (["add", "n.ivanov", "--role", "narrow", *HOLDERS[:2]], "too few people"),
        (["add", "N Ivanov", "--role", "narrow", *HOLDERS], "no secret of"),
        (["rotate", "nobody", *HOLDERS], "signs nothing here"),
        (["rotate"], "name the person"),
        (["remove", "approver", "--root-signer", "n.ivanov"], "no key of the root"),
        (["rotate", "--root", "approver", "--threshold", "2", *HOLDERS], "1 holders of the root"),
        (["remove", "approver", *HOLDERS], "the role wide asks for 2 people and 1 hold"),
        (["remove", "oversight", *HOLDERS], "asks for"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_changes_nothing(
    parloir, data, told, words, said
):
    before = people(parloir)
    refused = parloir("keys", *words, *told)
    assert refused.status == 1
    assert said in refused.err
    assert people(parloir) == before


def test_a_wrong_secret_opens_nothing(parloir, data, tmp_path):
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(dict.fromkeys(["administrator", "approver"], "x" * 20)))
    refused = parloir("keys", "remove", "oversight", *HOLDERS, "--secrets", file)
    assert "not the secret" in refused.err


def test_an_order_is_signed_verified_taken_in_and_attested(parloir, data, told, trust, draft):
    assert (
        parloir("orders", "sign", draft, "--person", "approver", "--data", data, *told).status == 0
    )
    verified = parloir("orders", "verify", draft, "--trust", trust, "--json").json
    assert (verified["verdict"], verified["signed_by"]) == ("ACCEPTED", ["approver"])
    taken = parloir("orders", "import", draft.parent, "--json").json
    assert [(one["file"], one["verdict"]) for one in taken["orders"]] == [
        ("one.order.json", "ACCEPTED")
    ]
    stages = [json.loads(one.read_text()) for one in sorted((draft.parent / "receipts").iterdir())]
    assert len(stages) == taken["receipts_written"] == 2
    assert parloir("orders", "list", "--json").json["orders"][0]["state"] == "ACTIVE"
    again = parloir("orders", "import", draft, "--json").json
    assert (again["orders"][0]["verdict"], again["receipts_written"]) == ("KNOWN", 0)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("narrow", None),
        ("unknown-critical", RefusalCode.ORDER_CRITICAL_UNKNOWN),
        ("tampered", RefusalCode.SIGNATURE_INVALID),
        ("wide-by-one-twice", RefusalCode.UNDER_SIGNED),
        ("protected-without-oversight", RefusalCode.OVERSIGHT_MISSING),
        ("no-envelope", RefusalCode.ENVELOPE_INVALID),
    ],
)
def test_a_file_is_verified_offline_and_the_exit_status_says_why(parloir, name, code):
    file, trust = VECTORS / f"{name}.order.json", VECTORS / "trust.json"
    found = parloir("orders", "verify", file, "--trust", trust, "--at", "2026-03-02T12:00:00+0000")
    assert found.status == (0 if code is None else EXIT[code])
    if code is not None:
        assert code.value in found.err
    late = parloir("orders", "verify", VECTORS / "narrow.order.json", "--trust", trust)
    assert late.status == EXIT[RefusalCode.EXPIRED]
    elsewhere = parloir(
        *("orders", "verify", VECTORS / "narrow.order.json", "--trust", trust),
        *("--facility", "f-2", "--at", "2026-03-02T12:00:00+0000"),
    )
    assert elsewhere.status == EXIT[RefusalCode.WRONG_FACILITY]


def test_every_refusal_has_an_exit_status_of_its_own():
    assert EXIT.keys() == set(RefusalCode)
    assert len(set(EXIT.values())) == len(EXIT)


def test_what_a_stick_brings_that_is_wrong_is_refused_with_a_receipt(parloir, data, tmp_path):
    stick = tmp_path / "bad"
    stick.mkdir()
    for name in ("no-envelope", "unknown-critical"):
        (stick / f"{name}.order.json").write_bytes((VECTORS / f"{name}.order.json").read_bytes())
    taken = parloir("orders", "import", stick)
    assert taken.status == EXIT[RefusalCode.ENVELOPE_INVALID]
    assert "2 of 2 orders were refused" in taken.err
    assert len(list((stick / "receipts").iterdir())) == 2
    listed = parloir("orders", "list").out
    assert "ENVELOPE_INVALID" in listed
    assert "ORDER_CRITICAL_UNKNOWN" in listed
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no *.order.json" in parloir("orders", "import", empty).err


def test_a_facility_makes_its_own_keys(parloir, tmp_path, monkeypatch):
    data, stick = tmp_path / "own", tmp_path / "stick"
    description = VECTORS.parents[2] / "config" / "facility.example.toml"
    assert parloir("init", data, "--facility", description).status == 0
    monkeypatch.setenv("PARLOIR_DATA", str(data))
    assert "[NO_TRUST]" in parloir("keys", "show").err
    secrets = tmp_path / "s.json"
    secrets.write_text(json.dumps({one: one * 15 for one in "abc"}))
    words = [
        *("--signs", "a=narrow,wide,protected", "--signs", "b=narrow,wide,protected"),
        *("--signs", "c=oversight,protected", "--root", "a", "--root", "b"),
        *("--root-dir", stick, "--secrets", secrets),
    ]
    assert parloir("keys", "init", *words).status == 0
    assert sorted(one.name for one in (stick / "root").iterdir()) == ["a.key.json", "b.key.json"]
    assert not (data / "keys" / "root").exists()
    assert people(parloir)[0]["c"] == ["oversight", "protected"]
    assert "a key already" in parloir("keys", "init", *words).err
    few = parloir("keys", "init", "--signs", "d=narrow", "--root", "d", "--secrets", secrets)
    assert few.status == 1
