"""Claims that the browser's half of the protocol and vocabulary is the relay's."""

import re
from pathlib import Path

import pytest

from visit_protocol import signalling
from visit_protocol.errors import CloseCode
from visit_protocol.message import PROTOCOL_VERSION, Message
from visit_protocol.vocabulary import CallState, TerminationReason, VisitType, WarningReason

WEB = Path(__file__).resolve().parents[2] / "web"
PROTOCOL = (WEB / "protocol.js").read_text(encoding="utf-8")
VOCABULARY = (WEB / "vocabulary.js").read_text(encoding="utf-8")

MIRRORED = (
    signalling.Refusal,
    signalling.OrderNotice,
    signalling.VisitView,
    signalling.Welcome,
    signalling.Refused,
    signalling.VisitUpdate,
    signalling.Reminder,
    signalling.Warned,
    signalling.Answer,
    signalling.OfferRefused,
    signalling.AppealFiled,
    signalling.StaffCalled,
    signalling.RelayHeartbeat,
    signalling.VisitorHello,
    signalling.AnswerNotice,
    signalling.Join,
    signalling.Offer,
    signalling.Leave,
    signalling.NoticesShown,
    signalling.FileAppeal,
    signalling.CallStaff,
    signalling.ClientHeartbeat,
)


def typedef(name: str) -> str:
    """The object type of that name in protocol.js, without the comment's stars."""
    plain = re.sub(r"\n \* ?", " ", PROTOCOL)
    found = re.search(rf"@typedef \{{\{{([^}}]*)\}}\}} {name}\b", plain)
    assert found is not None, f"no typedef {name}"
    return found[1]


@pytest.mark.parametrize("model", MIRRORED, ids=lambda model: model.__name__)
def test_a_message_has_the_same_fields_on_both_sides(model: type[Message]) -> None:
    body = typedef(model.__name__)
    assert set(re.findall(r"(\w+)\??: ", body)) == set(model.model_fields)
    if "type" in model.model_fields:
        assert f"type: '{model.model_fields['type'].default}'" in body


def test_the_numbers_of_the_protocol_are_the_same() -> None:
    def constant(name: str) -> int:
        found = re.search(rf"export const {name} = (\d+);", PROTOCOL)
        assert found is not None
        return int(found[1])

    assert constant("PROTOCOL_VERSION") == PROTOCOL_VERSION
    assert constant("HEARTBEAT_MS") == signalling.HEARTBEAT_S * 1000
    assert constant("SILENCE_MS") == signalling.SILENCE_S * 1000
    codes = dict(re.findall(r"  ([A-Z_]+): (4\d\d\d),", PROTOCOL))
    assert codes == {code.name: str(code.value) for code in CloseCode}


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("PROTECTED_TYPES", {kind.value for kind in VisitType if kind.protected}),
        ("TERMINATION_REASONS", {reason.value for reason in TerminationReason}),
        ("WARNING_REASONS", {reason.value for reason in WarningReason}),
        (
            "RUNNING_STATES",
            {CallState.LIVE.value, CallState.PAUSED.value, CallState.RECONNECTING.value},
        ),
    ],
)
def test_a_list_of_codes_is_the_same(name: str, codes: set[str]) -> None:
    found = re.search(rf"export const {name} = Object\.freeze\(\[(.*?)\]\)", VOCABULARY, re.DOTALL)
    assert found is not None
    assert set(re.findall(r"'([A-Z_]+)'", found[1])) == codes
