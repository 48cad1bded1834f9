"""Offers and answers: anything may come in, only the two typed refusals come out."""

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.media.packets.rtp import Kind
from relay.media.transport.description import (
    AnswerTerms,
    Offer,
    parse_offer,
    write_answer,
)
from relay.media.transport.errors import OfferFault, OfferRefusedError
from relay.media.transport.ice import IceCredentials

OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
        "c=IN IP4 0.0.0.0",
        "a=candidate:1 1 udp 2113937151 3f2a.local 50000 typ host",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:0123456789abcdef01234567",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:0 PCMU/8000",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:0123456789abcdef01234567",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "a=mid:1",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:98 H264/90000",
        "a=rtpmap:96 VP8/90000",
        "a=rtcp-fb:96 nack pli",
        "a=rtcp-fb:96 transport-cc",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
        "",
    ]
)
DATA = [
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "a=mid:2",
    "a=sctp-port:5000",
    "",
]


def answer(offer: Offer) -> str:
    return write_answer(
        offer,
        AnswerTerms(
            ice=IceCredentials("localname1234567", "p" * 32),
            fingerprint=":".join(["CD"] * 32),
            candidates=[("127.0.0.1", 4000), ("fd00::2", 4000)],
            ssrcs={Kind.AUDIO: 1, Kind.VIDEO: 2},
            cname="c",
        ),
    )


def refusal(sdp: str) -> OfferFault:
    with pytest.raises(OfferRefusedError) as caught:
        parse_offer(sdp)
    return caught.value.code


def test_an_offer_is_read_down_to_what_we_use() -> None:
    offer = parse_offer(OFFER)
    assert offer.ice == IceCredentials("abcd", "0123456789abcdef01234567")
    assert offer.stream(Kind.AUDIO).payload_type == 111
    assert offer.stream(Kind.VIDEO).payload_type == 96
    assert offer.stream(Kind.VIDEO).feedback == ("nack pli",)


def test_the_answer_is_lite_passive_vp8_and_opus_only() -> None:
    lines = answer(parse_offer(OFFER)).split("\r\n")
    assert "a=ice-lite" in lines
    assert lines.count("a=setup:passive") == 2
    assert "m=audio 4000 UDP/TLS/RTP/SAVPF 111" in lines
    assert "m=video 4000 UDP/TLS/RTP/SAVPF 96" in lines
    assert "a=candidate:2 1 udp 2130706175 fd00::2 4000 typ host" in lines
    assert not [line for line in lines if "rtx" in line or "H264" in line or "transport-cc" in line]


def test_a_data_channel_is_refused_with_port_zero_and_the_call_goes_on() -> None:
    sdp = answer(parse_offer(OFFER + "\r\n".join(DATA)))
    assert "m=application 0 UDP/DTLS/SCTP webrtc-datachannel" in sdp
    assert "a=group:BUNDLE 0 1\r\n" in sdp
    assert "sctp" not in sdp.lower().replace("udp/dtls/sctp", "")


def test_a_second_camera_is_refused_with_port_zero() -> None:
    more = "\r\n".join(["m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:2", "a=rtpmap:96 VP8/90000", ""])
    assert "m=video 0 UDP/TLS/RTP/SAVPF 96" in answer(parse_offer(OFFER + more))


def test_a_party_that_only_watches_is_answered_by_sending() -> None:
    offer = parse_offer(OFFER.replace("a=sendrecv", "a=recvonly"))
    assert {offer.stream(kind).direction for kind in Kind} == {"sendonly"}


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "v=0",
        "hello",
        OFFER.replace("a=rtcp-mux\r\n", ""),
        OFFER.replace("BUNDLE 0 1", "BUNDLE 0"),
        OFFER.replace("a=setup:actpass", "a=setup:passive"),
        OFFER.replace("a=ice-ufrag:abcd", "a=ice-ufrag:a\x01cd"),
        OFFER.replace("a=ice-pwd:0123456789abcdef01234567", "a=ice-pwd:short"),
        OFFER.replace("sha-256", "sha-1"),
        OFFER.replace("a=sendrecv", "a=inactive"),
        OFFER.replace("s=-", "s=-\r\na=ice-lite"),
        OFFER.replace("m=video 9", "m=video 0"),
        OFFER.replace("m=video", "m=text"),
        OFFER + "a=x:" + "y" * 5000,
        OFFER + "a=x\r\n" * 3000,
        OFFER + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" * 20,
    ],
)
def test_what_we_cannot_use_is_bad_sdp(sdp: str) -> None:
    assert refusal(sdp) is OfferFault.BAD_SDP


@pytest.mark.parametrize("codec", ["VP8/90000", "opus/48000/2"])
def test_an_offer_without_our_codecs_is_no_codec(codec: str) -> None:
    assert refusal(OFFER.replace(codec, "other/90000")) is OfferFault.NO_CODEC


@given(st.text(max_size=2000))
def test_no_text_makes_the_offer_parser_raise_anything_else(text: str) -> None:
    assert refusal(text) in OfferFault


@settings(max_examples=300)
@given(st.data())
def test_no_mutation_of_an_offer_makes_it_raise_anything_else(data: st.DataObject) -> None:
    lines = OFFER.split("\r\n")
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.integers(0, 3)):
            case 0:
                del lines[place]
            case 1:
                lines.insert(place, data.draw(st.sampled_from(OFFER.split("\r\n"))))
            case 2:
                lines[place] = lines[place][: data.draw(st.integers(0, 30))]
            case _:
                cut = data.draw(st.integers(0, max(0, len(lines[place]))))
                junk = data.draw(st.text(max_size=8))
                lines[place] = lines[place][:cut] + junk + lines[place][cut:]
        if not lines:
            return
    try:
        offer = parse_offer("\r\n".join(lines))
    except OfferRefusedError:
        return
    assert answer(offer).startswith("v=0\r\n")


async def test_stock_aiortc_takes_our_answer_to_its_offer() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver("audio")
    connection.addTransceiver("video")
    connection.createDataChannel("unwanted")
    await connection.setLocalDescription(await connection.createOffer())
    sdp = answer(parse_offer(connection.localDescription.sdp))
    assert "m=application 0 " in sdp
    connection2 = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection2.addTransceiver("audio")
    connection2.addTransceiver("video")
    await connection2.setLocalDescription(await connection2.createOffer())
    sdp = answer(parse_offer(connection2.localDescription.sdp))
    await connection2.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
    await connection.close()
    await connection2.close()
