"""A party whose address changes: no media to an address that nobody has proved."""

from aioice.stun import Class, Message, Method, parse_message

from relay.media.transport.ice import MOVED_S
from relay.media.transport.port import SharedPort
from tests.relay.media.transport.outside import RECORD, Party


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
