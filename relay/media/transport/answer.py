"""Our half of a session description (RFC 8829 §5.3): the answer to a party's offer.

Guarantees: the answer repeats what was offered and we both speak, and nothing else: one payload
type a stream and its retransmissions, the header extensions and feedback that we know; ICE-lite
with every candidate inside, DTLS passive. Leaves to others: reading the offer (`description`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from relay.media.packets.rtp import Kind
from relay.media.transport.description import Offer, OfferedStream
from relay.media.transport.ice import IceCredentials


@dataclass(frozen=True, slots=True)
class AnswerTerms:
    """Our half: where we listen, our secrets' public side, and the SSRC of each stream we send."""

    session: int
    version: int
    """Of the answers within the session; from 1, each one more than the last (RFC 8866 §5.2)."""
    ice: IceCredentials
    fingerprint: str
    """SHA-256 of our certificate."""
    candidates: list[tuple[str, int]]
    ssrcs: dict[Kind, int]
    rtx_ssrc: int | None
    """Of the video that we send again (RFC 4588 §8.8); None: never as a stream of its own."""
    cname: str


def write_answer(offer: Offer, terms: AnswerTerms) -> str:
    """The answer to ``offer``: ICE-lite, all candidates inside, DTLS passive."""
    host, port = terms.candidates[0]
    taken = [section for section in offer.sections if section.stream is not None]
    lines = [
        "v=0",
        f"o=- {terms.session} {terms.version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE " + " ".join(section.mid for section in taken),
        "a=msid-semantic: WMS parloir",
    ]
    for section in offer.sections:
        if section.stream is None:
            lines += [f"m={section.kind} 0 {section.proto} {section.formats}", "c=IN IP4 0.0.0.0"]
            lines += ["a=inactive", *([f"a=mid:{section.mid}"] if section.mid else [])]
            continue
        formats = [section.stream.payload_type]
        rtx = _rtx(section.stream, terms)
        if rtx is not None:
            formats.append(rtx[0])
        lines += [
            f"m={section.kind} {port} {section.proto} {' '.join(map(str, formats))}",
            f"c=IN {'IP6' if ':' in host else 'IP4'} {host}",
            f"a=mid:{section.mid}",
            *_stream_lines(section.stream, terms),
            *_transport_lines(terms),
        ]
    return "\r\n".join(lines) + "\r\n"


def _rtx(stream: OfferedStream, terms: AnswerTerms) -> tuple[int, int] | None:
    """Payload type and SSRC of the stream's retransmissions, None when there are none."""
    if stream.kind is Kind.AUDIO or stream.rtx_payload_type is None or terms.rtx_ssrc is None:
        return None
    return stream.rtx_payload_type, terms.rtx_ssrc


def _stream_lines(stream: OfferedStream, terms: AnswerTerms) -> Iterator[str]:
    number = stream.payload_type
    yield "a=rtcp:9 IN IP4 0.0.0.0"
    yield "a=rtcp-mux"
    yield f"a={stream.direction}"
    for extension, identifier in stream.extensions.items():
        yield f"a=extmap:{identifier} {extension}"
    yield f"a=rtpmap:{number} {stream.codec.rtpmap}"
    if stream.parameters:
        yield f"a=fmtp:{number} {stream.parameters}"
    for feedback in stream.feedback:
        yield f"a=rtcp-fb:{number} {feedback}"
    rtx = _rtx(stream, terms)
    if rtx is not None:
        yield f"a=rtpmap:{rtx[0]} rtx/90000"
        yield f"a=fmtp:{rtx[0]} apt={number}"
    if stream.direction in ("sendrecv", "sendonly"):
        ssrcs = [terms.ssrcs[stream.kind]]
        yield f"a=msid:parloir {stream.kind}"
        if rtx is not None:
            ssrcs.append(rtx[1])
            yield f"a=ssrc-group:FID {ssrcs[0]} {ssrcs[1]}"
        for ssrc in ssrcs:
            yield f"a=ssrc:{ssrc} cname:{terms.cname}"
            yield f"a=ssrc:{ssrc} msid:parloir {stream.kind}"


def _transport_lines(terms: AnswerTerms) -> Iterator[str]:
    for number, (host, port) in enumerate(terms.candidates):
        priority = 126 << 24 | (65535 - number) << 8 | 255
        yield f"a=candidate:{number + 1} 1 udp {priority} {host} {port} typ host"
    yield "a=end-of-candidates"
    yield f"a=ice-ufrag:{terms.ice.username}"
    yield f"a=ice-pwd:{terms.ice.password}"
    yield f"a=fingerprint:sha-256 {terms.fingerprint}"
    yield "a=setup:passive"
