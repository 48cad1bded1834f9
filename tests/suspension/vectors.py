"""The test vectors of docs/orders.md: ``python -m tests.suspension.vectors`` writes them anew.

Guarantees: the same bytes each time: keys are made from names, signatures are Ed25519, times are
fixed. Leaves to others: checking them (`test_vectors`).
"""

import base64
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from evidence.canonical import canonical
from suspension import (
    Cut,
    CutMode,
    Preview,
    PublicText,
    ReasonCode,
    Scope,
    SuspensionOrder,
    lift,
)
from suspension.envelope import ORDER_TYPE, RECEIPT_TYPE, add_signature, seal
from suspension.instant import instant_text
from suspension.receipt import CutVisit, OrderName, Receipt, ReceiptTime, Stage, Via
from suspension.trust import WIDE as WIDE_ROLE
from tests.suspension.people import (
    ADMINISTRATOR,
    APPROVER,
    OVERSEER,
    ROLES,
    ROOT_HOLDERS,
    holder,
    make_delegations,
    make_root,
    private_key,
    receipt_signer,
    signed,
    signer,
)
from visit_protocol.vocabulary import VisitType

FOLDER: Final = Path(__file__).resolve().parents[1] / "vectors" / "orders"
NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
SECOND_KEY: Final = "a.smirnova's second"


def order(**changes: Any) -> SuspensionOrder:
    fields: dict[str, Any] = {
        "id": "ord-1",
        "scope": Scope.parse({"facility": ["f-1"], "inmate": ["i-1"]}),
        "reason_code": ReasonCode.INVESTIGATION,
        "legal_basis": "Приказ № 17 от 02.03.2026",
        "public_text": PublicText(ru="Свидания приостановлены.", en="Visits are suspended."),
        "not_before": NOON,
        "expires": NOON + 2 * HOUR,
        "issued": NOON,
        "issuer": ADMINISTRATOR,
        "review_at": NOON + HOUR,
        "preview": Preview(1, 1, 1, 1, 1, NOON),
    }
    return SuspensionOrder(**(fields | changes))


UNIT: Final = Scope.parse({"facility": ["f-1"], "housing_unit": ["u-1"]})
NARROW: Final = order()
WIDE: Final = order(id="ord-2", scope=UNIT, cut=Cut(CutMode.GRACE, 60))
PROTECTED: Final = order(id="ord-3", protected=frozenset({VisitType.LEGAL}))
EMERGENCY: Final = order(
    id="ord-4",
    scope=Scope.parse({"facility": ["f-1"]}),
    expires=NOON + HOUR,
    emergency=True,
)
VARIANT: Final = replace(NARROW, comment="another version of the same revision")
LIFTED: Final = lift(NARROW, by=APPROVER, now=NOON, comment="Проверка окончена")


def _raw(**changes: Any) -> bytes:
    """An envelope around an order's fields that our own code would not write."""
    return seal(
        canonical(json.loads(NARROW.to_bytes()) | changes), ORDER_TYPE, signer(ADMINISTRATOR)
    )


def _edited(envelope: bytes, **changes: Any) -> bytes:
    return canonical(json.loads(envelope) | changes)


def _tampered() -> bytes:
    """``expires`` moved by an hour after it was signed."""
    payload = NARROW.to_bytes().replace(b"2026-03-02T14", b"2026-03-02T15")
    return _edited(signed(NARROW, ADMINISTRATOR), payload=base64.b64encode(payload).decode())


def envelopes() -> Mapping[str, bytes]:
    """Every order's envelope by name."""
    good = signed(NARROW, ADMINISTRATOR)
    return {
        "narrow": good,
        "narrow-variant": signed(VARIANT, APPROVER),
        "narrow-lifted": signed(LIFTED, APPROVER),
        "wide": signed(WIDE, ADMINISTRATOR, APPROVER),
        "protected": signed(PROTECTED, ADMINISTRATOR, OVERSEER),
        "emergency": signed(EMERGENCY, APPROVER),
        "unknown-field": _raw(id="ord-5", later={"is": ["ignored"]}),
        "no-envelope": b'{"payload":"e30="}',
        "other-type": seal(NARROW.to_bytes(), RECEIPT_TYPE, signer(ADMINISTRATOR)),
        "newer-version": _raw(v=2),
        "unknown-critical": _raw(crit=["later"], later=1),
        "no-expiry": _raw(expires=None),
        "everybody": _raw(scope={"inmate": ["*"]}),
        "too-long": _raw(expires=instant_text(NOON + 31 * 24 * HOUR)),
        "not-canonical": seal(NARROW.to_bytes() + b"\n", ORDER_TYPE, signer(ADMINISTRATOR)),
        "newer-root": signed(replace(NARROW, root_version=2), ADMINISTRATOR),
        "tampered": _tampered(),
        "stranger": signed(NARROW, "a.stranger"),
        "wide-by-one": signed(WIDE, ADMINISTRATOR),
        "wide-by-one-twice": add_signature(
            signed(WIDE, ADMINISTRATOR), signer(ADMINISTRATOR, SECOND_KEY)
        ),
        "protected-without-oversight": signed(PROTECTED, ADMINISTRATOR, APPROVER),
        "other-facility": signed(
            replace(NARROW, scope=Scope.parse({"facility": ["f-2"], "inmate": ["i-1"]})),
            ADMINISTRATOR,
        ),
        "expired": signed(
            replace(
                NARROW, issued=NOON - 3 * HOUR, not_before=NOON - 3 * HOUR, expires=NOON - HOUR
            ),
            ADMINISTRATOR,
        ),
        "wide-lifted-narrowly": signed(
            lift(
                replace(NARROW, id=WIDE.id, rev=2, prev_rev_sha256=WIDE.sha256),
                by=ADMINISTRATOR,
                now=NOON,
                comment="",
            ),
            ADMINISTRATOR,
        ),
    }


def _case(
    name: str, arrive: list[str], expect: list[str], denies: list[str], **more: Any
) -> dict[str, Any]:
    """Orders arriving one after another; ``denies`` is who denies the sample visit then."""
    return {
        "name": name,
        "trust": "trust.json",
        "facility": "f-1",
        "clock": {"lo": instant_text(NOON), "hi": instant_text(NOON)},
        "arrive": arrive,
        "expect": expect,
        "denies": denies,
        **more,
    }


def cases() -> list[dict[str, Any]]:
    """What a facility must say to which envelopes, in which order."""
    refused = {
        "no-envelope": "ENVELOPE_INVALID",
        "other-type": "PAYLOAD_TYPE_UNKNOWN",
        "newer-version": "ORDER_VERSION_UNKNOWN",
        "unknown-critical": "ORDER_CRITICAL_UNKNOWN",
        "no-expiry": "INVALID_ORDER",
        "everybody": "INVALID_ORDER",
        "too-long": "INVALID_ORDER",
        "not-canonical": "INVALID_ORDER",
        "newer-root": "ROOT_UNKNOWN",
        "tampered": "SIGNATURE_INVALID",
        "stranger": "UNDER_SIGNED",
        "wide-by-one": "UNDER_SIGNED",
        "wide-by-one-twice": "UNDER_SIGNED",
        "protected-without-oversight": "OVERSIGHT_MISSING",
        "other-facility": "WRONG_FACILITY",
        "expired": "EXPIRED",
    }
    new, known = "ACCEPTED", "KNOWN"
    late = {"lo": instant_text(NOON + 2 * HOUR), "hi": instant_text(NOON + 2 * HOUR)}
    doubt = {"lo": instant_text(NOON + HOUR), "hi": instant_text(NOON + 99 * HOUR)}
    early = {"lo": instant_text(NOON - HOUR), "hi": instant_text(NOON - HOUR)}
    both = sorted([NARROW.sha256, VARIANT.sha256])
    return [
        _case("nothing suspends nothing", [], [], []),
        _case("a narrow order", ["narrow"], [new], [NARROW.sha256]),
        _case("a wide order", ["wide"], [new], [WIDE.sha256]),
        _case("a protected order", ["protected"], [new], [PROTECTED.sha256]),
        _case("an emergency", ["emergency"], [new], [EMERGENCY.sha256]),
        _case("replayed", ["narrow", "narrow"], [new, known], [NARROW.sha256]),
        _case("lifted", ["narrow", "narrow-lifted"], [new, new], []),
        _case("rolled back", ["narrow-lifted", "narrow"], [new, "ROLLED_BACK"], []),
        _case("equivocating", ["narrow", "narrow-variant"], [new, new], both),
        _case("the other way round", ["narrow-variant", "narrow"], [new, new], both),
        _case("a lift settles it", ["narrow", "narrow-variant", "narrow-lifted"], [new] * 3, []),
        _case(
            "a narrow signature lifts no wide order",
            ["wide", "wide-lifted-narrowly"],
            [new, new],
            [WIDE.sha256],
        ),
        _case(
            "whichever comes first",
            ["wide-lifted-narrowly", "wide"],
            [new, new],
            [WIDE.sha256],
        ),
        _case("not yet", ["narrow"], [new], [], clock=early),
        _case("ended", ["narrow-variant"], ["EXPIRED"], [], clock=late),
        _case("in doubt", ["narrow"], [new], [NARROW.sha256], clock=doubt),
        _case("expired root", ["narrow"], ["ROOT_EXPIRED"], [], trust="trust-expired.json"),
        _case("another facility's", ["narrow"], ["WRONG_FACILITY"], [], facility="f-2"),
        *(_case(name, [name], [code], []) for name, code in refused.items()),
        _case("unknown field", ["unknown-field"], [new], [_digest("unknown-field")]),
    ]


def receipts() -> Mapping[str, bytes]:
    """Receipts of one facility, good and bad."""
    found: dict[str, bytes] = {}
    prev: str | None = None
    stages = (
        *((NARROW, stage) for stage in (Stage.RECEIVED, Stage.ENFORCED)),
        *((LIFTED, stage) for stage in (Stage.RECEIVED, Stage.LIFTED)),
    )
    for seq, (about, stage) in enumerate(stages, 1):
        enforced = stage is Stage.ENFORCED
        receipt = Receipt(
            facility="f-1",
            seq=seq,
            prev=prev,
            order=OrderName(about.id, about.rev, about.sha256),
            stage=stage,
            via=Via.USB,
            t=ReceiptTime(NOON, NOON, NOON, "85b84e95-73cd-488a-9bac-97cf7fe0a324", 2**54 + 1),
            cut=(CutVisit("v-1", NOON, 3),) if enforced else (),
            live_before=2 if enforced else None,
            live_after=1 if enforced else None,
            manifest_version=1,
        )
        found[str(seq)] = receipt.signed(receipt_signer())
        prev = hashlib.sha256(receipt.to_bytes()).hexdigest()
        if seq == 2:
            found["2-changed"] = replace(receipt, live_after=0).signed(receipt_signer())
            found["2-stranger"] = receipt.signed(signer(ADMINISTRATOR))
    return found


def chains() -> list[dict[str, Any]]:
    """Which chains hold, and where the others break."""
    return [
        {"receipts": ["1", "2", "3", "4"], "broken_at": None, "why": None},
        {"receipts": ["1", "2"], "broken_at": None, "why": None},
        {"receipts": ["1", "3", "4"], "broken_at": 1, "why": "SEQ_GAP"},
        {"receipts": ["2", "3", "4"], "broken_at": 0, "why": "SEQ_GAP"},
        {"receipts": ["1", "2-changed", "3"], "broken_at": 2, "why": "PREV_MISMATCH"},
        {"receipts": ["1", "2-stranger"], "broken_at": 1, "why": "SIGNATURE_INVALID"},
    ]


def _digest(name: str) -> str:
    payload = base64.b64decode(json.loads(envelopes()[name])["payload"])
    return hashlib.sha256(payload).hexdigest()


def _trust(**changes: Any) -> bytes:
    second = holder(ADMINISTRATOR, SECOND_KEY, {WIDE_ROLE})
    delegations = make_delegations(holders=[*map(holder, ROLES), second])
    roots = [make_root(**changes).decode()]
    return _shown({"roots": roots, "delegations": delegations.decode()})


def _shown(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _keys() -> bytes:
    people = [
        *ROOT_HOLDERS,
        ADMINISTRATOR,
        APPROVER,
        OVERSEER,
        SECOND_KEY,
        "a.stranger",
        "receipt f-1",
    ]
    return _shown(
        {
            name: {
                "private": private_key(name).private_bytes_raw().hex(),
                "public": private_key(name).public_key().public_bytes_raw().hex(),
            }
            for name in people
        }
    )


SAMPLE_VISIT: Final = {
    "facility": "f-1",
    "housing_units": ["u-1"],
    "terminal": "T-01",
    "inmate": "i-1",
    "visitors": ["v-1"],
    "contacts": ["c-1"],
    "visit_type": "FAMILY",
}


def files() -> Iterator[tuple[str, bytes]]:
    """Every file's name under `FOLDER` and its bytes."""
    yield "trust.json", _trust()
    yield "trust-expired.json", _trust(expires=NOON)
    yield "keys.json", _keys()
    yield "cases.json", _shown({"visit": SAMPLE_VISIT, "cases": cases()})
    yield "chains.json", _shown(chains())
    for name, envelope in envelopes().items():
        yield f"{name}.order.json", envelope
    for name, envelope in receipts().items():
        yield f"{name}.receipt.json", envelope


def main() -> None:
    """Write every vector, and take away what is none any more."""
    FOLDER.mkdir(exist_ok=True)
    wanted = dict(files())
    for path in FOLDER.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, data in wanted.items():
        (FOLDER / name).write_bytes(data)
    sys.stdout.write(f"{len(wanted)} files in {FOLDER}\n")


if __name__ == "__main__":
    main()
