"""ICE restart: both agents lead to one party until the new nomination."""

from aioice.stun import Class, parse_message

from relay.media.transport.ice import MAX_PATHS
from relay.media.transport.port import SharedPort
from tests.relay.media.transport.outside import RECORD, Party


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
