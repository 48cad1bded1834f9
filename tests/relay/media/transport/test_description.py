"""Offers and answers: anything may come in, only the two typed refusals come out."""

import contextlib
import time
from pathlib import Path

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.media.packets.rtp import Kind
from relay.media.transport.answer import AnswerTerms, write_answer
from relay.media.transport.description import Codec, Extension, Offer, parse_offer
from relay.media.transport.errors import OfferFault, OfferRefusedError
from relay.media.transport.ice import IceCredentials

SAMPLES = Path(__file__).parents[3] / "vectors" / "sdp"
BROWSERS = {path.stem: path.read_bytes().decode() for path in sorted(SAMPLES.glob("*.sdp"))}
SLOWEST_S = 0.1
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
            session=7,
            version=1,
            ice=IceCredentials("localname1234567", "p" * 32),
            fingerprint=":".join(["CD"] * 32),
            candidates=[("127.0.0.1", 4000), ("fd00::2", 4000)],
            ssrcs={Kind.AUDIO: 1, Kind.VIDEO: 2},
            rtx_ssrc=3,
            cname="c",
        ),
    )


def refusal(sdp: str) -> OfferFault:
    with pytest.raises(OfferRefusedError) as caught:
        parse_offer(sdp)
    return caught.value.code


def h264(level: str, *, mode: int = 1) -> str:
    """`OFFER` with H.264 of that profile-level-id."""
    parameters = f"a=fmtp:98 packetization-mode={mode};profile-level-id={level}"
    return OFFER.replace("a=rtpmap:98 H264/90000", f"a=rtpmap:98 H264/90000\r\n{parameters}")


def extended(*lines: str) -> str:
    """`OFFER` with these lines in its video section."""
    return OFFER + "".join(f"{line}\r\n" for line in lines)


def section(sdp: str, kind: Kind) -> list[str]:
    """The lines of the answer's section of that kind."""
    return next(part for part in sdp.split("m=") if part.startswith(kind)).split("\r\n")


def test_an_offer_is_read_down_to_what_we_use() -> None:
    offer = parse_offer(OFFER)
    assert offer.ice == IceCredentials("abcd", "0123456789abcdef01234567")
    assert offer.stream(Kind.AUDIO).payload_type == 111
    assert offer.stream(Kind.VIDEO).payload_type == 96
    assert offer.stream(Kind.VIDEO).codec is Codec.VP8
    assert offer.stream(Kind.VIDEO).rtx_payload_type == 97
    assert offer.stream(Kind.VIDEO).feedback == ("nack pli",)


def test_the_answer_is_lite_passive_vp8_and_opus_only() -> None:
    lines = answer(parse_offer(OFFER)).split("\r\n")
    assert "a=ice-lite" in lines
    assert lines.count("a=setup:passive") == 2
    assert "m=audio 4000 UDP/TLS/RTP/SAVPF 111" in lines
    assert "m=video 4000 UDP/TLS/RTP/SAVPF 96 97" in lines
    assert "a=fmtp:111 minptime=10;useinbandfec=1" in lines
    assert "a=candidate:2 1 udp 2130706175 fd00::2 4000 typ host" in lines
    assert not [line for line in lines if "H264" in line or "transport-cc" in line]


# ── retransmission ─────────────────────────────────────────────────────────────────────────
def test_retransmissions_are_answered_with_their_own_payload_type_and_ssrc() -> None:
    lines = section(answer(parse_offer(OFFER)), Kind.VIDEO)
    assert "a=rtpmap:97 rtx/90000" in lines
    assert "a=fmtp:97 apt=96" in lines
    assert "a=ssrc-group:FID 2 3" in lines
    assert "a=ssrc:3 cname:c" in lines


@pytest.mark.parametrize(
    "sdp",
    [
        OFFER.replace("apt=96", "apt=98"),
        OFFER.replace("a=fmtp:97 apt=96\r\n", ""),
        OFFER.replace("SAVPF 96 97 98", "SAVPF 96 98"),
    ],
)
def test_retransmissions_of_something_else_are_not_answered(sdp: str) -> None:
    offer = parse_offer(sdp)
    assert offer.stream(Kind.VIDEO).rtx_payload_type is None
    assert "rtx" not in answer(offer)
    assert "FID" not in answer(offer)


# ── header extensions ──────────────────────────────────────────────────────────────────────
def test_the_header_extensions_that_we_know_are_answered_under_their_ids() -> None:
    offer = parse_offer(
        extended(
            "a=extmap:2 " + Extension.ABS_SEND_TIME,
            "a=extmap:14/sendrecv " + Extension.TRANSPORT_CC,
            "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
        )
    )
    video = offer.stream(Kind.VIDEO)
    assert video.extensions == {Extension.ABS_SEND_TIME: 2, Extension.TRANSPORT_CC: 14}
    assert video.transport_cc
    lines = section(answer(offer), Kind.VIDEO)
    assert f"a=extmap:2 {Extension.ABS_SEND_TIME}" in lines
    assert f"a=extmap:14 {Extension.TRANSPORT_CC}" in lines
    assert "a=rtcp-fb:96 transport-cc" in lines
    assert not [line for line in lines if "sdes" in line]
    assert offer.stream(Kind.AUDIO).extensions == {}


@pytest.mark.parametrize("identifier", ["0", "15", "16", "255", "4096", "x", "-1", "3/recvonly"])
def test_an_extension_that_is_not_one_byte_and_both_ways_is_not_answered(identifier: str) -> None:
    offer = parse_offer(extended(f"a=extmap:{identifier} {Extension.ABS_SEND_TIME}"))
    assert offer.stream(Kind.VIDEO).extensions == {}


@pytest.mark.parametrize(
    "second", [f"a=extmap:2 {Extension.TRANSPORT_CC}", f"a=extmap:3 {Extension.ABS_SEND_TIME}"]
)
def test_an_id_or_an_extension_that_is_mapped_twice_is_bad_sdp(second: str) -> None:
    assert refusal(extended(f"a=extmap:2 {Extension.ABS_SEND_TIME}", second)) is OfferFault.BAD_SDP


def test_transport_wide_feedback_needs_both_the_extension_and_the_message() -> None:
    without_message = OFFER.replace("a=rtcp-fb:96 transport-cc\r\n", "")
    video = parse_offer(without_message + f"a=extmap:3 {Extension.TRANSPORT_CC}\r\n").stream(
        Kind.VIDEO
    )
    assert not video.transport_cc
    assert video.extensions == {}


# ── the video codec ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("codecs", "chosen"),
    [
        ((Codec.VP8,), Codec.VP8),
        ((Codec.VP8, Codec.H264), Codec.VP8),
        ((Codec.H264, Codec.VP8), Codec.H264),
        ((Codec.H264,), Codec.H264),
    ],
)
def test_video_is_the_first_wanted_codec_that_is_offered(
    codecs: tuple[Codec, ...], chosen: Codec
) -> None:
    assert parse_offer(h264("42e01f"), codecs).stream(Kind.VIDEO).codec is chosen


def test_the_other_wanted_codecs_that_an_offer_has_are_known() -> None:
    both = parse_offer(h264("42e01f"), (Codec.H264, Codec.VP8)).stream(Kind.VIDEO)
    assert both.others == (Codec.VP8,)
    alone = parse_offer(h264("64001f"), (Codec.H264, Codec.VP8)).stream(Kind.VIDEO)
    assert (alone.codec, alone.others) == (Codec.VP8, ())


def test_h264_is_answered_with_the_profile_that_was_offered() -> None:
    lines = section(answer(parse_offer(h264("42E01F"), (Codec.H264,))), Kind.VIDEO)
    assert "a=rtpmap:98 H264/90000" in lines
    assert (
        "a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f" in lines
    )


def test_constrained_baseline_is_taken_before_a_plain_baseline() -> None:
    more = "a=rtpmap:100 H264/90000\r\na=fmtp:100 packetization-mode=1;profile-level-id=42001f\r\n"
    sdp = h264("42e01f").replace("SAVPF 96 97 98", "SAVPF 100 96 97 98") + more
    assert parse_offer(sdp, (Codec.H264,)).stream(Kind.VIDEO).payload_type == 98
    sdp = sdp.replace("profile-level-id=42e01f", "profile-level-id=64001f")
    assert parse_offer(sdp, (Codec.H264,)).stream(Kind.VIDEO).payload_type == 100


@pytest.mark.parametrize("sdp", [h264("64001f"), h264("42e01f", mode=0), h264("junk"), OFFER])
def test_h264_that_not_everybody_decodes_is_no_codec(sdp: str) -> None:
    with pytest.raises(OfferRefusedError) as caught:
        parse_offer(sdp, (Codec.H264,))
    assert caught.value.code is OfferFault.NO_CODEC


# ── browsers ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", BROWSERS)
def test_a_browsers_offer_is_answered_with_all_that_we_speak(name: str) -> None:
    offer = parse_offer(BROWSERS[name])
    audio, video = offer.stream(Kind.AUDIO), offer.stream(Kind.VIDEO)
    assert (audio.codec, video.codec) == (Codec.OPUS, Codec.VP8)
    assert audio.transport_cc
    assert video.transport_cc
    assert video.feedback == ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")
    assert set(video.extensions) == set(Extension)
    assert video.rtx_payload_type is not None
    lines = section(answer(offer), Kind.VIDEO)
    assert f"a=fmtp:{video.rtx_payload_type} apt={video.payload_type}" in lines


@pytest.mark.parametrize("name", [name for name in BROWSERS if name.startswith("chromium")])
def test_chromium_can_be_answered_with_constrained_baseline_h264(name: str) -> None:
    video = parse_offer(BROWSERS[name], (Codec.H264,)).stream(Kind.VIDEO)
    assert video.codec is Codec.H264
    assert "profile-level-id=42e01f" in video.parameters
    assert video.rtx_payload_type is not None


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


RESTART = OFFER.replace("ufrag:abcd", "ufrag:efgh").replace("0123456789abcdef01234567", "f" * 24)


def test_new_credentials_for_the_same_session_restart_ice() -> None:
    later = RESTART.replace("o=- 1 2 ", "o=- 1 3 ")
    assert parse_offer(OFFER).is_restarted_by(parse_offer(later))


@pytest.mark.parametrize(
    "later",
    [
        OFFER,
        OFFER.replace("ufrag:abcd", "ufrag:efgh"),
        RESTART.replace("o=- 1 ", "o=- 2 "),
        RESTART.replace("o=- 1 ", "o=x 1 "),
        RESTART.replace("o=- 1 2 IN IP4 127.0.0.1\r\n", ""),
        RESTART.replace("AB:AB", "AB:AC"),
        RESTART.replace(" 96", " 100").replace(":96", ":100"),
    ],
)
def test_any_other_offer_begins_another_connection(later: str) -> None:
    assert not parse_offer(OFFER).is_restarted_by(parse_offer(later))


@pytest.mark.parametrize(
    "sdp",
    [
        OFFER.replace("a=mid:1", "a=mid:0"),
        OFFER + "a=extmap:1 " + "x" * 300 + "\r\n",
        "\r\n".join([OFFER[:-2], *(f"a=rtpmap:{n % 256} VP8/90000" for n in range(1900))]),
        "\r\n".join([OFFER[:-2], *(f"a=fmtp:{n % 256} apt={n % 128}" for n in range(1900))]),
        "\r\n".join([OFFER[:-2], *(f"a=extmap:{n} {'u' * 250}" for n in range(1900))]),
        "\r\n".join([OFFER[:-2], *("a=fmtp:98 " + ";" * 2000 for _ in range(30))]),
        "\r\n".join([OFFER[:-2], *("a=fingerprint:sha-256 " + "AB:" * 600 for _ in range(30))]),
        "v=0\r\na=group:BUNDLE" + " 0" * 1000 + "\r\n" + OFFER[5:],
        OFFER + "a=x\r\n" * 1_000_000,
    ],
)
def test_the_longest_offers_are_read_at_once(sdp: str) -> None:
    started = time.perf_counter()
    with contextlib.suppress(OfferRefusedError):
        answer(parse_offer(sdp, (Codec.H264, Codec.VP8)))
    assert time.perf_counter() - started < SLOWEST_S


@given(st.text(max_size=2000))
def test_no_text_makes_the_offer_parser_raise_anything_else(text: str) -> None:
    assert refusal(text) in OfferFault


@st.composite
def mutated_offers(draw: st.DrawFn) -> str:
    """An offer of a browser, or ours, with some lines damaged, doubled, moved or gone."""
    whole = draw(st.sampled_from([OFFER, h264("42e01f"), *BROWSERS.values()])).split("\r\n")
    lines = list(whole)
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, len(lines)))
        match draw(st.integers(0, 4)):
            case 0:
                del lines[place : place + 1]
            case 1:
                lines.insert(place, draw(st.sampled_from(whole)))
            case 2 if place < len(lines):
                lines[place] = lines[place][: draw(st.integers(0, 30))]
            case 3:
                number = draw(st.integers(-1, 300))
                name = draw(st.sampled_from(["rtpmap", "fmtp", "extmap", "rtcp-fb", "mid", "ssrc"]))
                value = draw(st.sampled_from([*Extension, "apt=96", "VP8/90000", "nack", ""]))
                lines.insert(place, f"a={name}:{number} {value}")
            case _ if place < len(lines):
                cut = draw(st.integers(0, len(lines[place])))
                lines[place] = lines[place][:cut] + draw(st.text(max_size=8)) + lines[place][cut:]
    return "\r\n".join(lines)


@settings(max_examples=300)
@given(mutated_offers(), st.permutations([Codec.VP8, Codec.H264]), st.integers(1, 2))
def test_no_mutation_of_an_offer_makes_it_raise_anything_else(
    sdp: str, codecs: list[Codec], wanted: int
) -> None:
    started = time.perf_counter()
    try:
        offer = parse_offer(sdp, codecs[:wanted])
    except OfferRefusedError:
        return
    finally:
        assert time.perf_counter() - started < SLOWEST_S
    stream = offer.stream(Kind.VIDEO)
    numbers = list(stream.extensions.values())
    assert len(set(numbers)) == len(numbers)
    assert all(1 <= number <= 14 for number in numbers)
    assert stream.rtx_payload_type != stream.payload_type
    text = answer(offer)
    assert text.startswith("v=0\r\n")
    assert all(
        line[:2] in ("v=", "o=", "s=", "t=", "a=", "m=", "c=", "") for line in text.split("\r\n")
    )


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
