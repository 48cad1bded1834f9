"""The shared port over real sockets: whose a datagram is, and whose an address becomes."""

import asyncio
import contextlib
import hmac
import socket
import struct
import time
from collections.abc import AsyncIterator

import pytest
from aioice.stun import Class, Message, Method, parse_message
from hypothesis import given
from hypothesis import strategies as st

from relay.media.forwarding.choice import make_loop
from relay.media.forwarding.path import Lane, LaneTerms, StreamTerms
from relay.media.gate import CallGate
from relay.media.packets.rtp import Codec, Kind
from relay.media.transport import release
from relay.media.transport.endpoint import Path, bind_all
from relay.media.transport.errors import UnknownReleaseError
from relay.media.transport.ice import MAX_PATHS, MOVED_S, IceCredentials, IceLite
from relay.media.transport.port import SharedPort
from relay.media.transport.stun import parse_stun


class Party:
    """A party's agent at the port, and what reached it."""

    def __init__(
        self, port: SharedPort, name: str, lane: Lane | None = None, *, restarted: bool = False
    ) -> None:
        self.remote = IceCredentials(name, name * 30)
        self.records: list[bytes] = []
        self.selected: list[Path] = []
        self.is_silent = False
        self.now_s = 0.0
        self.lane = lane or port._loop.open_lane(self._terms(port._loop.open_gate()))
        self.agent = IceLite(
            port,
            self.remote,
            self.lane,
            self.selected.append,
            silent=lambda: self.is_silent,
            restarted=restarted,
            clock=lambda: self.now_s,
        )
        port.register(self.agent)

    def _terms(self, gate: CallGate) -> LaneTerms:
        return LaneTerms(
            gate=gate,
            streams={
                Kind.AUDIO: StreamTerms(Codec.OPUS, 111, 1),
                Kind.VIDEO: StreamTerms(Codec.VP8, 96, 2),
            },
            preface=b"",
            silent_after_ns=1,
            on_rtcp=lambda _: None,
            on_dtls=self.records.append,
            on_due=lambda _: None,
        )

    def check(
        self, *, nominate: bool = True, password: str = "", username: str = "", role: str = "ING"
    ) -> Message:
        """A check as the party's client would send it."""
        message = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
        own = f"{self.agent.local.username}:{self.remote.username}"
        message.attributes["USERNAME"] = username or own
        message.attributes["PRIORITY"] = 1
        message.attributes[f"ICE-CONTROLL{role}"] = 1
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity((password or self.agent.local.password).encode())
        return message


class Client:
    """A socket of somebody outside."""

    def __init__(self, port: int) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.setblocking(False)
        self._to = ("127.0.0.1", port)

    async def send(self, data: bytes | Message) -> None:
        self.sock.sendto(bytes(data) if isinstance(data, Message) else data, self._to)
        await asyncio.sleep(0.02)

    async def answer(self, party: Party) -> list[Message]:
        """Answer the return checks that have come as the party's client would; those checks."""
        came = [message for data in self.received() if (message := parse_stun(data))]
        requests = [message for message in came if message.message_class is Class.REQUEST]
        for request in requests:
            answer = Message(Method.BINDING, Class.RESPONSE, request.transaction_id)
            answer.add_message_integrity(party.remote.password.encode())
            await self.send(answer)
        return requests

    def received(self) -> list[bytes]:
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(self.sock.recv(2048))
        return found


@pytest.fixture(params=["c", "python"])
async def port(request: pytest.FixtureRequest) -> AsyncIterator[SharedPort]:
    shared = SharedPort(make_loop(request.param, bind_all(["127.0.0.1"], 0), None), [])
    shared.open()
    yield shared
    shared.close()


@pytest.fixture
def client(port: SharedPort):
    made: list[Client] = []

    def make() -> Client:
        made.append(Client(port.candidates[0][1]))
        return made[-1]

    yield make
    for each in made:
        each.sock.close()


RECORD = bytes([22]) + b"record"
MEDIA = bytes([0x80]) + b"media packet"


async def test_a_nominated_address_carries_records_and_media(port: SharedPort, client) -> None:
    party, outside = Party(port, "abcd"), client()
    await outside.send(party.check())
    (response,) = outside.received()
    message = parse_message(response)
    assert message.message_class is Class.RESPONSE
    assert message.check_message_integrity(party.agent.local.password.encode())
    assert message.attributes["XOR-MAPPED-ADDRESS"] == outside.sock.getsockname()
    await outside.send(RECORD)
    await outside.send(MEDIA)
    assert party.records == [RECORD]
    assert port._loop.counters.packets_in == 1


async def test_a_check_without_nomination_lets_in_and_sends_nothing(
    port: SharedPort, client
) -> None:
    party, outside = Party(port, "abcd"), client()
    await outside.send(party.check(nominate=False))
    await outside.send(RECORD)
    assert len(outside.received()) == 1
    assert party.records == [RECORD]
    assert party.selected == []


async def test_datagrams_from_elsewhere_reach_nobody(port: SharedPort, client) -> None:
    party, outside, stranger = Party(port, "abcd"), client(), client()
    await outside.send(party.check())
    for data in (RECORD, MEDIA, b"\xff" * 20, b"", b"\x80" * 1501):
        await stranger.send(data)
    await outside.send(b"\x80" * 1501)
    assert (party.records, port._loop.counters.packets_in) == ([], 0)
    assert stranger.received() == []


@pytest.mark.parametrize("fault", ["password", "username", "stranger"])
async def test_an_unauthenticated_check_gets_no_answer(
    fault: str, port: SharedPort, client
) -> None:
    party, outside = Party(port, "abcd"), client()
    match fault:
        case "password":
            check = party.check(password="wrong")
        case "username":
            check = party.check(username=f"{party.agent.local.username}:other")
        case _:
            check = party.check(username="nobody:abcd")
    await outside.send(check)
    await outside.send(RECORD)
    assert outside.received() == []
    assert party.records == []


async def test_a_peer_that_takes_itself_for_controlled_is_corrected(
    port: SharedPort, client
) -> None:
    party, outside = Party(port, "abcd"), client()
    await outside.send(party.check(role="ED"))
    (response,) = outside.received()
    assert parse_message(response).error_code == 487


async def test_another_partys_address_is_not_taken_without_its_holders_answer(
    port: SharedPort, client
) -> None:
    victim, attacker, holder = Party(port, "abcd"), Party(port, "evil"), client()
    await holder.send(victim.check())
    holder.received()
    for number in range(20):
        await holder.send(attacker.check(nominate=number % 2 == 0))
    checks = [parse_message(data) for data in holder.received()]
    requests = [message for message in checks if message.message_class is Class.REQUEST]
    assert requests, "the holder is asked"
    # The victim's client does not know the attacker's password: whatever it answers is not signed.
    for request in requests:
        answer = Message(Method.BINDING, Class.RESPONSE, request.transaction_id)
        answer.add_message_integrity(victim.remote.password.encode())
        await holder.send(answer)
    await holder.send(RECORD)
    assert victim.records == [RECORD]
    assert attacker.records == []
    assert attacker.selected == []


async def test_an_address_that_is_used_again_changes_hands_when_its_holder_answers(
    port: SharedPort, client
) -> None:
    before, after, holder = Party(port, "abcd"), Party(port, "efgh"), client()
    await holder.send(before.check())
    holder.received()
    await holder.send(after.check())
    requests = [
        message
        for message in map(parse_message, holder.received())
        if message.message_class is Class.REQUEST
    ]
    (request,) = requests
    assert request.attributes["USERNAME"] == f"efgh:{after.agent.local.username}"
    assert request.check_message_integrity(after.remote.password.encode())
    answer = Message(Method.BINDING, Class.RESPONSE, request.transaction_id)
    answer.add_message_integrity(after.remote.password.encode())
    await holder.send(answer)
    await holder.send(RECORD)
    assert (before.records, after.records) == ([], [RECORD])
    assert before.agent.selected is None


async def test_a_return_check_is_answered_from_its_own_address_or_not_at_all(
    port: SharedPort, client
) -> None:
    victim, attacker = Party(port, "abcd"), Party(port, "evil")
    holder, accomplice = client(), client()
    await holder.send(victim.check())
    holder.received()
    await holder.send(attacker.check())
    request = next(
        message
        for message in map(parse_message, holder.received())
        if message.message_class is Class.REQUEST
    )
    answer = Message(Method.BINDING, Class.RESPONSE, request.transaction_id)
    answer.add_message_integrity(attacker.remote.password.encode())
    await accomplice.send(answer)
    await holder.send(RECORD)
    assert (victim.records, attacker.records) == ([RECORD], [])


async def test_a_party_keeps_a_bounded_number_of_addresses(port: SharedPort, client) -> None:
    party = Party(port, "abcd")
    outsides = [client() for _ in range(MAX_PATHS + 3)]
    for outside in outsides:
        await outside.send(party.check())
    for outside in outsides:
        await outside.send(RECORD)
    assert len(party.records) == MAX_PATHS


async def test_a_party_that_is_gone_owns_nothing(port: SharedPort, client) -> None:
    party, outside = Party(port, "abcd"), client()
    await outside.send(party.check())
    port.unregister(party.agent)
    outside.received()
    await outside.send(RECORD)
    await outside.send(party.check())
    assert party.records == []
    assert outside.received() == []


# ── an address that nobody has proved ──────────────────────────────────────────────────────
async def test_a_second_address_gets_no_media_before_it_has_answered(
    port: SharedPort, client
) -> None:
    party, first, second = Party(port, "abcd"), client(), client()
    await first.send(party.check())
    assert not await first.answer(party), "DTLS will prove the first one"
    await second.send(party.check())
    # What comes from there is heard already: a browser's media may overtake its answer.
    await second.send(RECORD)
    assert party.records == [RECORD]
    assert [path.address for path in party.selected] == [first.sock.getsockname()]
    assert await second.answer(party)
    assert [path.address for path in party.selected[1:]] == [second.sock.getsockname()]
    await second.send(party.check())
    assert not await second.answer(party), "it is not asked twice"


async def test_an_address_that_does_not_know_the_secret_never_gets_media(
    port: SharedPort, client
) -> None:
    """A participant nominates from an address that it spoofs; whoever lives there says nothing."""
    party, own, victim = Party(port, "evil"), client(), client()
    await own.send(party.check())
    own.received()
    for _ in range(5):
        await victim.send(party.check())
    (request, *again) = [
        message
        for message in map(parse_message, victim.received())
        if message.message_class is Class.REQUEST
    ]
    assert {message.transaction_id for message in again} == {request.transaction_id}
    # The participant itself cannot answer for it from elsewhere, nor somebody without the secret.
    for sender, secret in ((own, party.remote.password), (victim, "x" * 32)):
        answer = Message(Method.BINDING, Class.RESPONSE, request.transaction_id)
        answer.add_message_integrity(secret.encode())
        await sender.send(answer)
    party.is_silent = True
    await victim.send(party.check(nominate=False))
    assert [path.address for path in party.selected] == [own.sock.getsockname()]


async def test_a_party_whose_address_was_taken_has_no_first_one_again(
    port: SharedPort, client
) -> None:
    party, other, shared, victim = Party(port, "evil"), Party(port, "abcd"), client(), client()
    await shared.send(party.check())
    await shared.send(other.check())
    await shared.answer(other)
    assert party.agent.selected is None
    await victim.send(party.check())
    assert len(party.selected) == 1


async def test_the_latest_nomination_counts_however_late_an_earlier_one_is_proved(
    port: SharedPort, client
) -> None:
    party, first, second, third = Party(port, "abcd"), client(), client(), client()
    await first.send(party.check())
    await second.send(party.check())
    await third.send(party.check())
    assert await third.answer(party)
    assert await second.answer(party)
    assert party.selected[-1].address == third.sock.getsockname()
    assert len(party.selected) == 2


# ── NAT rebinding ──────────────────────────────────────────────────────────────────────────
async def test_a_check_from_elsewhere_moves_a_party_that_has_gone_silent(
    port: SharedPort, client
) -> None:
    party, before, after = Party(port, "abcd"), client(), client()
    await before.send(party.check())
    party.is_silent = True
    await after.send(party.check(nominate=False))
    assert await after.answer(party)
    assert [path.address for path in party.selected] == [
        before.sock.getsockname(),
        after.sock.getsockname(),
    ]


async def test_checks_from_elsewhere_alone_move_a_party_in_time(port: SharedPort, client) -> None:
    party, before, after = Party(port, "abcd"), client(), client()
    await before.send(party.check())
    await after.send(party.check(nominate=False))
    party.now_s = MOVED_S - 0.1
    await after.send(party.check(nominate=False))
    assert not await after.answer(party)
    party.now_s = MOVED_S
    await after.send(party.check(nominate=False))
    assert len(party.selected) == 1
    assert await after.answer(party)
    assert party.selected[-1].address == after.sock.getsockname()


async def test_checks_of_a_spare_path_move_nobody_while_the_selected_one_is_checked(
    port: SharedPort, client
) -> None:
    party, selected, spare = Party(port, "abcd"), client(), client()
    await selected.send(party.check())
    for _ in range(4):
        await spare.send(party.check(nominate=False))
        await selected.send(party.check(nominate=False))
        party.now_s += MOVED_S
    assert len(party.selected) == 1


async def test_a_silent_partys_address_is_not_moved_to_one_of_another_party(
    port: SharedPort, client
) -> None:
    party, other, own, others = Party(port, "abcd"), Party(port, "efgh"), client(), client()
    await own.send(party.check())
    await others.send(other.check())
    party.is_silent = True
    await others.send(party.check(nominate=False))
    assert len(party.selected) == 1
    assert party.selected[-1].address == own.sock.getsockname()


# ── ICE restart ────────────────────────────────────────────────────────────────────────────
class Restarted(Party):
    """A party after an ICE restart: another agent that leads to where the first one led."""

    def __init__(self, port: SharedPort, before: Party, name: str) -> None:
        super().__init__(port, name, before.lane, restarted=True)


async def test_until_the_new_nomination_old_credentials_and_addresses_are_good(
    port: SharedPort, client
) -> None:
    before, outside = Party(port, "abcd"), client()
    await outside.send(before.check())
    after = Restarted(port, before, "efgh")
    await outside.send(after.check(nominate=False))
    await outside.send(before.check())
    await outside.send(RECORD)
    answers = [parse_message(data) for data in outside.received()]
    assert [answer.message_class for answer in answers] == [Class.RESPONSE] * 3
    assert before.records == [RECORD]
    assert before.agent.selected is not None
    assert after.selected == []


async def test_the_new_nomination_takes_the_address_over_without_a_return_check(
    port: SharedPort, client
) -> None:
    before, outside, elsewhere = Party(port, "abcd"), client(), client()
    await elsewhere.send(before.check())
    await outside.send(before.check())
    await outside.answer(before)
    after = Restarted(port, before, "efgh")
    await outside.send(after.check())
    assert len(outside.received()) == 1
    assert [path.address for path in after.selected] == [outside.sock.getsockname()]
    after.agent.succeed(before.agent)
    port.unregister(before.agent)
    await outside.send(RECORD)
    # A packet that was on its way from another address of before still arrives.
    await elsewhere.send(RECORD)
    assert before.records == [RECORD] * 2
    elsewhere.received()
    await elsewhere.send(before.check())
    assert elsewhere.received() == []


async def test_after_a_restart_a_new_address_must_answer_and_the_old_one_goes_on(
    port: SharedPort, client
) -> None:
    before, outside, elsewhere = Party(port, "abcd"), client(), client()
    await outside.send(before.check())
    after = Restarted(port, before, "efgh")
    await elsewhere.send(after.check())
    assert after.selected == []
    assert before.agent.selected is not None
    assert await elsewhere.answer(after)
    assert [path.address for path in after.selected] == [elsewhere.sock.getsockname()]


async def test_addresses_of_before_and_after_are_bounded_together(port: SharedPort, client) -> None:
    before = Party(port, "abcd")
    after = Restarted(port, before, "efgh")
    for party in (before, after):
        for outside in [client() for _ in range(MAX_PATHS)]:
            await outside.send(party.check())
    after.agent.succeed(before.agent)
    assert len(after.agent._owned) == MAX_PATHS


# ── STUN ───────────────────────────────────────────────────────────────────────────────────
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


# ── releases ───────────────────────────────────────────────────────────────────────────────
def test_the_installed_libraries_are_the_ones_whose_internals_we_know() -> None:
    release.check_releases()


def test_another_release_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(release.KNOWN, "aiortc", "1.15.")
    with pytest.raises(UnknownReleaseError, match="aiortc"):
        release.check_releases()


def test_an_internal_that_is_gone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "INTERNALS", ("aiortc.rtcdtlstransport:RTCDtlsTransport._gone",))
    with pytest.raises(UnknownReleaseError, match="_gone"):
        release.check_releases()
