"""Terminals as the relay describes them to an administrator, and what it answers to commands."""

import base64
from typing import Any

from tests.web.fake_orders import instant

Json = dict[str, Any]
CODE = "K7QM-2X9D"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
RESULTS = {"engine": "OK", "camera": "OK", "microphone": "OK", "speaker": "OK", "disk": "OK",
           "clock": "OK", "bridge": "NOT_FITTED"}  # fmt: skip


def terminal(number: int, **more: Any) -> Json:
    """A TerminalDetails of the contract."""
    state = more.pop("state", {})
    return {
        "terminal": {
            "id": f"T-0{number}", "label": f"Кабина {number}", "housing_unit": "unit-1",
            "in_service": True, "connected": True, "engine": True, "camera": "OK",
            "microphone": "OK", "findings": [], **state,
        },
        "key": {
            "fingerprint": "9f86d081884c7d65" * 4,
            "enrolled_at": instant(-9000),
            "enrolled_by": "staff:administrator",
        },
        "last_seen": None,
        "occupied": False,
        "about": {
            "software": "parloir-kiosk 0.1.0",
            "configuration": {"camera.device": "/dev/video0", "relay.ca_file": ""},
            "configuration_hash": "ab" * 32,
            "clock_offset_s": 0.04, "disk_free_mib": 5120, "speaker": "OK", "up_s": 190_000,
            "faults": [],
        },
        "self_test": {"at": instant(-300), "cause": "NIGHTLY", "passed": True, "results": RESULTS},
        "network": None,
        **more,
    }  # fmt: skip


class FakeTerminals:
    """The administrator's terminals; ``None`` until a test wants them."""

    def __init__(self) -> None:
        self.waiting = 1
        self.all: list[Json] = [
            terminal(1),
            terminal(
                2,
                occupied=True,
                network={
                    "loss": 0.012, "rtt_ms": 3.5, "sent_bps": 680_000, "received_bps": 640_000,
                },
            ),
            terminal(
                3,
                state={"camera": "FAILED", "findings": ["NO_SPEECH"]},
                self_test={
                    "at": instant(-300), "cause": "NIGHTLY", "passed": False,
                    "results": {**RESULTS, "camera": "FAILED", "clock": "FAILED"},
                },
            ),
            terminal(4, state={"connected": False, "engine": False, "camera": "ABSENT"},
                     last_seen=instant(-50), about=None, self_test=None),
            terminal(5, state={"connected": False, "engine": False, "camera": "ABSENT"},
                     key=None, about=None, self_test=None),
        ]  # fmt: skip
        broken = terminal(6)
        broken["about"]["faults"] = ["CACHE"]
        self.all.append(broken)

    def answer(self, method: str, parts: list[str], body: Json) -> tuple[int, Any] | None:
        """Status and answer; None for what is not about terminals."""
        if parts[0] != "terminals" or len(parts) < 2:
            return None
        if parts[1] == "details":
            return 200, {"now": instant(), "waiting": self.waiting, "terminals": self.all}
        one = next(each for each in self.all if each["terminal"]["id"] == parts[1])
        match parts[2]:
            case "enrol" if body["code"] != CODE:
                return 409, {"code": "CODE_WRONG", "message": ""}
            case "enrol":
                one["key"] = self.all[0]["key"]
                return 200, one["key"]
            case "screenshot" if one["occupied"]:
                return 409, {"code": "NOT_IDLE", "message": ""}
            case "screenshot":
                return 200, PICTURE
            case "maintenance":
                one["terminal"]["in_service"] = not body["on"]
            case "repair":
                one["about"]["faults"] = []
        return 204, None
