"""The orders' REST for the pages: drafts, impact, approval, signature, receipts, appeals.

It keeps to the contract of `relay.web.orders` where a page could notice: a digest names what was
shown, a change voids approvals, nobody approves their own draft, a number that is not the impact's
is refused with the impact as it is now.
"""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
Answer = tuple[int, Json | list[Json] | None]

SECRET = "four words of my own"
PERSON = {
    "administrator": "ivanova",
    "approver": "petrova",
    "oversight": "sidorov",
    "auditor": "belova",
}
_WIDE = ("housing_unit", "facility")
_NARROW = ("inmate", "visitor", "contact", "terminal")


def instant(minutes: float = 0) -> str:
    """An ISO 8601 instant so many minutes from now."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def numbers(visits: int, **more: int) -> Json:
    """What an order costs, as the contract counts it."""
    return {
        "visits": visits,
        "visits_24h": visits,
        "visits_7d": visits,
        "live": 1,
        "inmates": 2,
        "visitors": 3,
        "children": 1,
        "terminals": 2,
        "facilities": 1,
        "kept": 5,
        "protected_kept": 1,
        "under_minimum": 0,
        **more,
    }


def order(ident: str, labels: Json, **more: Any) -> Json:
    """An OrderView of the contract: active, narrow, without anything special."""
    return {
        "id": ident,
        "rev": 1,
        "state": "ACTIVE",
        "desk_state": "ENFORCED",
        "order_class": "NARROW",
        "scope": labels,
        "scope_labels": labels,
        "protected": [],
        "reason_code": "QUARANTINE",
        "legal_basis": "Приказ № 114 от 20.11.2026",
        "public_text": {"ru": "В отряде карантин.", "en": "Quarantine in the unit."},
        "withheld": None,
        "grace_s": None,
        "emergency": False,
        "not_before": instant(-600),
        "expires": instant(3000),
        "issued": instant(-600),
        "issuer": "ivanova",
        "drafter": "ivanova",
        "approvals": [],
        "why_not_narrower": "",
        "narrower_declined": False,
        "renews": None,
        "renewed_by": None,
        "review_due": instant(900),
        "review_overdue": False,
        "reviews": [],
        "lifted_at": None,
        "lifted_by": None,
        "comment": "",
        "lift_asked_by": [],
        "visits_cut": [],
        "power": [],
        "notices": 0,
        "notices_delivered": 0,
        **more,
    }


def power_off(number: int, state: str, after_ms: int | None = None) -> Json:
    """A PowerOffView of the contract."""
    return {
        "terminal": f"T-0{number}",
        "label": f"Кабина {number}",
        "visit": f"visit-104{number}",
        "state": state,
        "after_ms": after_ms,
    }


def notice(ident: int, recipient: str, name: str, **more: Any) -> Json:
    """A NoticeView of the contract: somebody who has not been told yet."""
    return {
        "id": ident,
        "order": "order-7",
        "visit": "visit-1043",
        "reference": "1043",
        "starts": instant(120),
        "recipient": recipient,
        "person": f"{recipient.lower()}-{ident}",
        "name": name,
        "until": instant(3000),
        "reason_code": "QUARANTINE",
        "public_text": {"ru": "В отряде карантин.", "en": "Quarantine in the unit."},
        "delivered": None,
        "via": None,
        **more,
    }


def refused(receipt: int, code: str) -> Json:
    """A RefusedView of the contract: an order that nobody could read."""
    return {
        "receipt": receipt,
        "at": instant(-receipt),
        "code": code,
        "via": "usb",
        "order": None,
        "sha256": "0" * 64,
    }


def order_class(body: Json) -> str:
    """The class that the contract gives such terms."""
    if body.get("protected"):
        return "PROTECTED"
    return "NARROW" if any(kind in body["scope"] for kind in _NARROW) else "WIDE"


class FakeOrders:
    """Orders on their way and as they stand."""

    def __init__(self, listed: list[Json]) -> None:
        self.impact: Json = {**numbers(3), "listed": listed, "under_minimum_inmates": []}
        self.alternatives: list[Json] = []
        self.orders: list[Json] = []
        self.drafts: dict[str, Json] = {}
        self.appeals: list[Json] = []
        self.notices: dict[str, list[Json]] = {}
        self.receipts: list[Json] = []
        self.refused: list[Json] = []
        self.missing_numbers: list[Json] = []
        self.silent = False
        """Whether the facility gives no receipts."""
        self.secret_asked = True

    # ── impact ─────────────────────────────────────────────────────────────────────────────
    def count(self, body: Json) -> Json:
        """The impact of such terms."""
        people = self._people(body)
        return {
            **self.impact,
            "as_of": instant(),
            "order_class": order_class(body),
            "people_needed": people,
            "oversight_needed": bool(body.get("protected")),
            "asks_why_not_narrower": order_class(body) == "WIDE",
            "alternatives": self.alternatives,
        }

    def _people(self, body: Json) -> int:
        return 1 if body.get("emergency") or order_class(body) == "NARROW" else 2

    # ── drafts ─────────────────────────────────────────────────────────────────────────────
    def draft(self, body: Json, role: str, renews: str | None = None) -> Json:
        """Keep a new draft."""
        ident = f"ord-{len(self.drafts) + 1:012x}"
        self.drafts[ident] = {
            "id": ident,
            "body": body,
            "drafter": PERSON[role],
            "drafted": instant(),
            "digest": None,
            "approvals": [],
            "renews": renews,
        }
        return self.view(ident, role)

    def view(self, ident: str, role: str) -> Json:
        """The draft as that role sees it."""
        kept = self.drafts[ident]
        body, people = kept["body"], self._people(kept["body"])
        missing = max(0, people - 1 - len(kept["approvals"]))
        if body.get("protected") and "sidorov" not in kept["approvals"]:
            missing = max(missing, 1)
        counted = kept["digest"] is not None
        mine = PERSON[role] == kept["drafter"]
        return {
            **{name: kept[name] for name in ("id", "drafter", "drafted", "digest", "approvals")},
            "state": "APPROVED" if counted and not missing else "COUNTED" if counted else "DRAFT",
            **{
                name: body[name]
                for name in (
                    *("scope", "protected", "reason_code", "legal_basis", "public_text"),
                    *("not_before", "expires", "emergency", "why_not_narrower", "withheld"),
                    "incident",
                )
            },
            "grace_s": body.get("grace_s"),
            "scope_labels": body["scope"],
            "renews": kept["renews"],
            "order_class": order_class(body),
            "people_needed": people,
            "oversight_needed": bool(body["protected"]),
            "asks_why_not_narrower": order_class(body) == "WIDE",
            "confirmed": kept.get("confirmed", {}),
            "approvals_missing": missing,
            "declined": kept.get("declined"),
            "may_approve": counted and not mine and PERSON[role] not in kept["approvals"],
            "may_sign": counted and mine and not missing,
        }

    def show(self, ident: str, role: str) -> Json:
        """Count the draft; another digest voids its approvals."""
        kept = self.drafts[ident]
        text = json.dumps([kept["body"], self.impact["visits"]], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if digest != kept["digest"]:
            confirmed = {name: self.impact[name] for name in ("visits", "inmates")}
            kept.update(digest=digest, approvals=[], confirmed=confirmed, declined=None)
        return {"draft": self.view(ident, role), "impact": self.count(kept["body"])}

    def approve(self, ident: str, body: Json, role: str) -> Answer:
        """Agree to a digest."""
        if refused := self._refused(ident, body, role):
            return refused
        self.drafts[ident]["approvals"].append(PERSON[role])
        return 200, self.view(ident, role)

    def sign(self, ident: str, body: Json, role: str) -> Answer:
        """Sign and enforce."""
        kept = self.drafts[ident]
        if body["confirm_visits"] != self.impact["visits"]:
            return self._changed(kept["body"])
        if refused := self._refused(ident, body, role):
            return refused
        if self.view(ident, role)["approvals_missing"]:
            return 409, {"code": "APPROVAL_MISSING", "message": "second person"}
        fields = ("scope", "protected", "reason_code", "legal_basis", "public_text", "withheld")
        fields += ("expires", "emergency", "why_not_narrower")
        signed = order(
            ident,
            kept["body"]["scope"],
            **{name: kept["body"][name] for name in fields},
            order_class=order_class(kept["body"]),
            issued=instant(),
            not_before=kept["body"]["not_before"] or instant(),
            approvals=kept["approvals"],
            visits_cut=[
                {"visit": "visit-1041", "reference": "V-1041", "committed_ms_to_last_packet": 12.4}
            ],
            power=[
                power_off(1, "CONFIRMED", 640),
                power_off(2, "NOT_CONFIRMED"),
                power_off(3, "NOT_FITTED"),
            ],
        )
        self.orders.insert(0, signed)
        del self.drafts[ident]
        self._attest(signed, "received", [])
        cut = [{"visit": "visit-1041", "media_stopped": instant(), "last_packet_ms": 13}]
        self._attest(signed, "enforced", cut)
        return 200, signed

    def _refused(self, ident: str, body: Json, role: str) -> Answer | None:
        """Why that person's signature is not put on it, or None."""
        if body["digest"] != self.show(ident, role)["draft"]["digest"]:
            return self._changed(self.drafts[ident]["body"])
        return self._secret(body.get("secret"))

    def _secret(self, secret: str | None) -> Answer | None:
        if not self.secret_asked:
            return None
        if secret is None:
            return 409, {"code": "SECRET_REQUIRED", "message": "own secret"}
        if secret != SECRET:
            return 403, {"code": "KEY_SECRET_WRONG", "message": "not the key's"}
        return None

    def _changed(self, body: Json) -> Answer:
        impact = self.count(body)
        return 409, {"code": "IMPACT_CHANGED", "message": "changed", "impact": impact}

    def _attest(self, signed: Json, stage: str, cut: list[Json]) -> None:
        if self.silent:
            return
        receipt = {
            "facility": "facility-7",
            "seq": len(self.receipts) + 1,
            "stage": stage,
            "why": None,
            "via": "local",
            "order": {"id": signed["id"], "rev": signed["rev"], "sha256": "0" * 64},
            "t": {"wall": instant()},
            "cut": cut,
            "live_before": 1,
            "live_after": 0,
        }
        payload = base64.b64encode(json.dumps(receipt).encode()).decode()
        envelope = json.dumps({"payload": payload, "payloadType": "x", "signatures": []})
        self.receipts.append({"seq": receipt["seq"], "envelope": envelope})

    # ── routes ─────────────────────────────────────────────────────────────────────────────
    def answer(self, method: str, path: list[str], body: Json, role: str) -> Answer | None:
        """What the contract answers below /api/v1/, or None for another's path."""
        match (method, *path):
            case ("GET", "orders"):
                return 200, {
                    "now": instant(),
                    "orders": self.orders,
                    "refused": self.refused,
                    "missing_numbers": self.missing_numbers,
                }
            case ("GET", "orders", "drafts"):
                views = [self.view(ident, role) for ident in self.drafts]
                return 200, {"drafts": views[::-1]}
            case ("GET", "orders", "drafts", draft):
                return 200, self.view(draft, role)
            case ("POST", "orders", "impact"):
                return 200, self.count(body)
            case ("POST", "orders", "drafts"):
                return 201, self.draft(body, role)
            case ("PUT", "orders", "drafts", draft):
                self.drafts[draft].update(body=body, digest=None, approvals=[])
                return 200, self.view(draft, role)
            case ("POST", "orders", "drafts", draft, "impact"):
                return 200, self.show(draft, role)
            case ("POST", "orders", "drafts", draft, "approve"):
                return self.approve(draft, body, role)
            case ("POST", "orders", "drafts", draft, "decline"):
                declined = {"at": instant(), "person": PERSON[role], "reason": body["reason"]}
                self.drafts[draft].update(digest=None, approvals=[], declined=declined)
                return 200, self.view(draft, role)
            case ("POST", "orders", "drafts", draft, "sign"):
                return self.sign(draft, body, role)
            case ("POST", "orders", "drafts", draft, "withdraw"):
                del self.drafts[draft]
                return 200, {}
            case ("GET", "receipts"):
                return 200, {"facility": "facility-7", "receipts": self.receipts}
            case ("GET", "appeals"):
                return 200, {"now": instant(), "appeals": self.appeals}
            case ("POST", "appeals", appeal, "decide"):
                [found] = [one for one in self.appeals if one["id"] == appeal]
                found.update(outcome=body["outcome"], grounds=body["grounds"], may_decide=False)
                found.update(decided=instant(), decided_by=PERSON[role])
                return 200, found
            case ("GET", "orders", "notices"):
                rows = [row for rows in self.notices.values() for row in rows]
                return 200, {"notices": [row for row in rows if not row["delivered"]]}
            case ("POST", "orders", "notices", notice, "delivered"):
                for row in (row for rows in self.notices.values() for row in rows):
                    if row["id"] == int(notice):
                        row.update(delivered=instant(), via="STAFF")
                return 204, None
        return self._one(method, path, body, role)

    def _one(self, method: str, path: list[str], body: Json, role: str) -> Answer | None:
        """Something about one signed order."""
        found = next((one for one in self.orders if path[1:2] == [one["id"]]), None)
        if path[0] != "orders" or found is None:
            return None
        match (method, *path[2:]):
            case ("GET",):
                return 200, found
            case ("GET", "notices"):
                return 200, self.notices.get(found["id"], [])
            case ("POST", "lift"):
                if refused := self._secret(body.get("secret")):
                    return refused
                if found["order_class"] != "NARROW" and not found["lift_asked_by"]:
                    found["lift_asked_by"] = [PERSON[role]]
                else:
                    found.update(state="LIFTED", rev=2, comment=body["comment"])
                    found.update(lifted_at=instant(), lifted_by=PERSON[role])
                return 200, found
            case ("POST", "review"):
                seen = {"at": instant(), "person": PERSON[role], "note": body["note"]}
                found["reviews"].append(seen)
                found.update(review_overdue=False, review_due=instant(600))
                return 200, found
            case ("POST", "renew"):
                names = ("scope", "protected", "reason_code", "legal_basis", "public_text")
                names += ("emergency", "why_not_narrower", "withheld")
                kept = {name: found[name] for name in names}
                kept |= {"not_before": found["expires"], "expires": body["expires"], "incident": []}
                return 201, self.draft(kept, role, renews=found["id"])
        return None
