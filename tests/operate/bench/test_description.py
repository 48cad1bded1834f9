"""What a leg offers is what the relay takes, and the answer is read back."""

import pytest

from operate.bench.load.description import (
    OFFERED,
    TIME_EXTENSION,
    Local,
    parse_description,
    write_description,
)
from relay.media.packets.rtp import Kind
from relay.media.transport.answer import AnswerTerms, write_answer
from relay.media.transport.description import parse_offer
from relay.media.transport.ice import IceCredentials

PRINT = ":".join(["AB"] * 32)
LOCAL = Local(("127.0.0.1", 5000), IceCredentials.random(), PRINT, (11, 22), "sendrecv")


def test_the_relay_takes_the_offer_and_its_answer_is_understood():
    offer = parse_offer(write_description(LOCAL, OFFERED))
    theirs = IceCredentials.random()
    ssrcs = {kind: number for number, kind in enumerate(Kind, 1)}
    terms = AnswerTerms(
        session=1,
        version=1,
        ice=theirs,
        fingerprint=PRINT,
        candidates=[("127.0.0.1", 6000)],
        ssrcs=ssrcs,
        rtx_ssrc=None,
        cname="relay",
    )
    answer = write_answer(offer, terms)
    remote = parse_description(answer)
    assert remote.address == ("127.0.0.1", 6000)
    assert remote.ice == theirs
    assert remote.fingerprint == ("sha-256", PRINT)
    assert remote.media["video"].payload_type == OFFERED["video"].payload_type
    assert remote.media["audio"].payload_type == OFFERED["audio"].payload_type


def test_the_numbers_of_header_extensions_are_read():
    remote = parse_description(write_description(LOCAL, OFFERED))
    assert remote.media["video"].extensions[TIME_EXTENSION] == 2


def test_load_never_goes_to_another_machine():
    elsewhere = write_description(LOCAL, OFFERED).replace("127.0.0.1 5000", "198.51.100.7 5000")
    with pytest.raises(ValueError, match=r"198\.51\.100\.7 is not an address of this machine"):
        parse_description(elsewhere)


def test_a_description_without_what_we_need_is_refused():
    with pytest.raises(ValueError, match="without"):
        parse_description("v=0\r\n")
