"""The shared port over real sockets: whose a datagram is, and whose an address becomes."""

import pytest
from aioice.stun import Class, Message, Method, parse_message

from relay.media.transport.ice import MAX_PATHS
from relay.media.transport.port import SharedPort
from tests.relay.media.transport.outside import MEDIA, RECORD, Party


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
