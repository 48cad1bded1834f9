"""Claims about roots, delegations and the people whose signatures count."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tuf.api.metadata import Metadata

from suspension.clock import ClockInterval
from suspension.envelope import add_signature, parse_envelope, sign
from suspension.errors import InvalidTrustError
from suspension.trust import LEAST, OVERSIGHT, PROTECTED, WIDE, Trust
from tests.suspension.people import (
    ADMINISTRATOR,
    APPROVER,
    OVERSEER,
    ROOT_HOLDERS,
    holder,
    make_delegations,
    make_root,
    make_trust,
    signed,
    signer,
)


def test_a_root_of_two_people_is_believed_with_what_it_delegates():
    trust = make_trust()
    assert (trust.root_version, trust.version) == (1, 1)
    assert trust.people(WIDE) == {ADMINISTRATOR, APPROVER}
    assert trust.roles_of(OVERSEER) == {PROTECTED, OVERSIGHT}
    assert len(trust.receipt_keys("f-1")) == 1
    assert trust.receipt_keys("f-2") == {}


@pytest.mark.parametrize(
    ("root", "delegations"),
    [
        (make_root(signed_by=("root-1",)), make_delegations()),
        (make_root(), make_delegations(signed_by=("root-1",))),
        (make_root(), make_delegations(signed_by=(ADMINISTRATOR, APPROVER))),
        (make_root(version=2), make_delegations()),
        (make_root(), make_delegations(thresholds={**LEAST, WIDE: 1})),
        (make_root().replace(b"root-1", b"root-9"), make_delegations()),
        (make_root(), make_delegations().replace(b"a.smirnova", b"a.smirnovb")),
        (make_delegations(), make_root()),
        (make_root(), b"[" * 100_000),
        (b"{}", make_delegations()),
        (b"\xff", make_delegations()),
        (b" " * 200_000, make_delegations()),
    ],
)
def test_metadata_that_is_not_signed_as_it_must_be_is_refused(root, delegations):
    with pytest.raises(InvalidTrustError) as refused:
        Trust.load([root], delegations)
    assert refused.value.code == "TRUST_INVALID"


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        ({}, ""),
        ({WIDE: 3}, "the role wide asks for 3 people and 2 hold a key of it"),
        ({OVERSIGHT: 2}, "the role oversight asks for 2 people and 1 hold a key of it"),
    ],
)
def test_whoever_asks_for_more_people_than_can_sign_is_told_so(thresholds, said):
    trust = Trust.load([make_root()], make_delegations(thresholds={**LEAST, **thresholds}))
    if not said:
        trust.require_reachable()
        return
    with pytest.raises(InvalidTrustError, match=said):
        trust.require_reachable()


def test_one_key_of_two_people_is_refused():
    twice = json.loads(make_delegations())
    keys = twice["signed"]["delegations"]["keys"]
    keys["0" * 64] = {**next(iter(keys.values())), "x-parloir-person": "somebody"}
    resigned = Metadata.from_dict(twice)
    resigned.signatures.clear()
    for one in ROOT_HOLDERS:
        resigned.sign(signer(one), append=True)
    with pytest.raises(InvalidTrustError, match="two ids"):
        Trust.load([make_root()], resigned.to_bytes())


def test_a_root_follows_when_the_old_and_the_new_holders_sign_it():
    new_holders = ("root-2", "root-3", "root-4")
    follows = make_root(2, new_holders, ("root-1", "root-2", "root-4"))
    trust = make_trust().updated(
        [make_root(), follows], make_delegations(2, signed_by=("root-2", "root-4"))
    )
    assert (trust.root_version, trust.version) == (2, 2)
    for signed_by in (("root-2", "root-4"), ("root-1", "root-2"), ("root-1", "root-4")):
        bad = make_root(2, new_holders, signed_by)
        with pytest.raises(InvalidTrustError):
            make_trust().updated(
                [make_root(), bad], make_delegations(2, signed_by=("root-2", "root-4"))
            )


def test_versions_rise_one_by_one_and_never_fall():
    two = make_root(2)
    trust = make_trust().updated([make_root(), two], make_delegations(5))
    with pytest.raises(InvalidTrustError):
        make_trust().updated([make_root(), make_root(3)], make_delegations())
    with pytest.raises(InvalidTrustError, match="older"):
        trust.updated([make_root(), two], make_delegations(4))
    with pytest.raises(InvalidTrustError, match="same version"):
        trust.updated([make_root(), two], make_delegations(5, holders=[holder(ADMINISTRATOR)]))
    with pytest.raises(InvalidTrustError, match="history"):
        trust.updated([make_root(threshold=1), two], make_delegations(6))
    assert trust.updated([make_root(), two], make_delegations(5)) == trust
    # An older copy of the roots adds nothing and takes nothing away.
    assert trust.updated([make_root()], make_delegations(5)).root_version == 2


def test_trust_runs_out_when_it_certainly_has():
    ends = datetime(2027, 1, 1, tzinfo=UTC)
    trust = make_trust(expires=ends)
    hour = timedelta(hours=1)
    assert trust.expires == ends
    assert trust.expired(ClockInterval.exact(ends))
    assert not trust.expired(ClockInterval.exact(ends - hour))
    assert not trust.expired(ClockInterval(ends - hour, ends + 1000 * hour))


def test_one_person_with_two_keys_counts_once(make_order):
    trust = Trust.load(
        [make_root()],
        make_delegations(
            holders=[holder(ADMINISTRATOR), holder(ADMINISTRATOR, "second", {WIDE}),
                     holder(APPROVER)]
        ),
    )  # fmt: skip
    envelope = add_signature(signed(make_order(), ADMINISTRATOR), signer(ADMINISTRATOR, "second"))
    signers = trust.signers(parse_envelope(envelope))
    assert len(signers.keyids) == 2
    assert signers.people(WIDE) == {ADMINISTRATOR}


def test_signatures_of_strangers_count_for_nothing_and_broken_ones_are_named(make_order):
    trust = make_trust()
    envelope = signed(make_order(), "somebody", ADMINISTRATOR, *ROOT_HOLDERS)
    signers = trust.signers(parse_envelope(envelope))
    assert (len(signers.keyids), signers.broken) == (1, frozenset())
    read = json.loads(sign(make_order(), signer(ADMINISTRATOR)))
    other = json.loads(sign(make_order(id="so-2"), signer(ADMINISTRATOR)))
    read["payload"] = other["payload"]
    broken = trust.signers(parse_envelope(json.dumps(read).encode()))
    assert (broken.keyids, len(broken.broken)) == (frozenset(), 1)
