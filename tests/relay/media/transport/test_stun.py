"""STUN from anybody: no bytes raise, none take long."""

import hmac
import struct
import time

from hypothesis import given
from hypothesis import strategies as st

from relay.media.transport.stun import parse_stun
from tests.relay.media.transport.outside import Party


@given(st.binary(max_size=100))
def test_no_bytes_make_the_stun_parser_raise(data: bytes) -> None:
    parse_stun(data)
    parse_stun(struct.pack("!HHI12s", 1, len(data), 0x2112A442, bytes(12)) + data)


@given(
    st.sampled_from([1, 6, 8, 9, 0x0D, 0x20, 0x24, 0x25, 0x8028, 0x8029]), st.binary(max_size=30)
)
def test_no_attribute_makes_the_stun_parser_raise(attribute: int, value: bytes) -> None:
    body = struct.pack("!HH", attribute, len(value)) + value + bytes(-len(value) % 4)
    parse_stun(struct.pack("!HHI12s", 1, len(body), 0x2112A442, bytes(12)) + body)


class Nowhere:
    """A port with nobody else at it, and a path that keeps what is sent there."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.address = ("192.0.2.9", 9)

    def send(self, data: bytes) -> None:
        self.sent.append(data)

    def owner(self, _: object) -> None:
        return None

    def assign(self, *_: object) -> None:
        pass

    withdraw = expect = forget = register = assign


ATTRIBUTES = st.lists(
    st.tuples(
        st.sampled_from([1, 6, 9, 0x20, 0x24, 0x25, 0x8028, 0x8029, 0x802A, 0x8022, 0x55]),
        st.binary(max_size=20),
    ),
    max_size=6,
)


@given(ATTRIBUTES, st.booleans(), st.sampled_from([0x001, 0x011, 0x101, 0x111, 0x003]))
def test_nothing_that_a_participant_signs_makes_the_agent_raise(
    attributes: list[tuple[int, bytes]], named: bool, kind: int
) -> None:
    nowhere = Nowhere()
    party = Party(nowhere, "abcd", nowhere)  # type: ignore[arg-type]
    if named:
        name = f"{party.agent.local.username}:{party.remote.username}".encode()
        attributes = [(6, name), *attributes]
    body = b"".join(
        struct.pack("!HH", number, len(value)) + value + bytes(-len(value) % 4)
        for number, value in attributes
    )
    head = struct.pack("!HHI12s", kind, len(body) + 24, 0x2112A442, bytes(12))
    key = party.agent.local.password.encode()
    body += struct.pack("!HH", 8, 20) + hmac.digest(key, head + body, "sha1")
    started = time.perf_counter()
    message = parse_stun(head + body)
    if message is not None:
        party.agent.request(message, nowhere)  # type: ignore[arg-type]
        party.agent.response(message, nowhere)  # type: ignore[arg-type]
    assert time.perf_counter() - started < 0.1
