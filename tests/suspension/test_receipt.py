"""Claims about receipts: one reading, one chain, and where it breaks."""

import json
from dataclasses import replace

import pytest

from suspension.errors import InvalidReceiptError
from suspension.receipt import (
    Break,
    CutVisit,
    OrderName,
    Receipt,
    ReceiptTime,
    Stage,
    Via,
    check_chain,
    parse_receipt,
)
from tests.suspension.people import ADMINISTRATOR, make_trust, receipt_signer, signer


@pytest.fixture
def receipts(noon):
    """Four receipts of one order, and one of another that was refused."""
    time = ReceiptTime(noon, noon, noon, "boot", 2**60)
    stages = [Stage.RECEIVED, Stage.ENFORCED, Stage.EXPIRED, Stage.LIFTED, Stage.REJECTED]
    made, prev = [], None
    for seq, stage in enumerate(stages, 1):
        receipt = Receipt(
            facility="f-1",
            seq=seq,
            prev=prev,
            order=OrderName("so-1", 1, "a" * 64),
            stage=stage,
            why="UNDER_SIGNED" if stage is Stage.REJECTED else None,
            via=Via.USB,
            t=time,
            cut=(CutVisit("v-1", noon, 3),) if stage is Stage.ENFORCED else (),
            live_before=2 if stage is Stage.ENFORCED else None,
            live_after=1 if stage is Stage.ENFORCED else None,
            manifest_version=1,
        )
        made.append(receipt)
        prev = __import__("hashlib").sha256(receipt.to_bytes()).hexdigest()
    return made


def enveloped(receipts, by=None):
    return [one.signed(by or receipt_signer()) for one in receipts]


def test_a_receipt_comes_back_as_it_was(receipts):
    for receipt in receipts:
        assert parse_receipt(receipt.to_bytes()) == receipt


def test_a_whole_chain_holds(receipts):
    chain = check_chain(enveloped(receipts), make_trust(), "f-1")
    assert chain.whole
    assert chain.receipts == tuple(receipts)
    assert check_chain([], make_trust(), "f-1").whole


def test_a_break_is_found_where_it_is(receipts):
    good = enveloped(receipts)
    stranger = enveloped(receipts, signer(ADMINISTRATOR))
    other = enveloped([replace(one, facility="f-2") for one in receipts])
    changed = [*receipts[:2], replace(receipts[2], why="x"), *receipts[3:]]
    twice = [*receipts[:3], replace(receipts[3], stage=Stage.EXPIRED)]
    damaged = json.loads(good[1])
    damaged["payload"] = json.loads(good[0])["payload"]
    cases = {
        (1, Break.SIGNATURE_INVALID): [good[0], stranger[1]],
        (0, Break.WRONG_FACILITY): other,
        (2, Break.SEQ_GAP): [*good[:2], good[3]],
        (1, Break.SEQ_GAP): [good[0], good[0]],
        (3, Break.PREV_MISMATCH): enveloped(changed),
        (3, Break.STAGE_TWICE): enveloped(twice),
        (1, Break.RECEIPT_INVALID): [good[0], b"{}"],
        (0, Break.SEQ_GAP): good[1:],
    }
    for (place, why), chain in cases.items():
        found = check_chain(chain, make_trust(), "f-1")
        assert (found.broken_at, found.why) == (place, why)
        assert len(found.receipts) == place
    flipped = check_chain([good[0], json.dumps(damaged).encode()], make_trust(), "f-1")
    assert (flipped.broken_at, flipped.why) == (1, Break.SIGNATURE_INVALID)


@pytest.mark.parametrize(
    "change",
    [{"v": 2}, {"stage": "done"}, {"seq": 0}, {"seq": "1"}, {"t": {}}, {"cut": [1]}, {"cut": None},
     {"order": None}, {"more": 1}],
)  # fmt: skip
def test_bytes_that_are_no_receipt_are_refused(change, receipts):
    from evidence.canonical import canonical  # noqa: PLC0415

    data = canonical(json.loads(receipts[0].to_bytes()) | change)
    with pytest.raises(InvalidReceiptError):
        parse_receipt(data)
    with pytest.raises(InvalidReceiptError):
        parse_receipt(b"[" + data)
