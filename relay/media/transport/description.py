"""Session descriptions (RFC 8866, RFC 8829): read a party's offer, write our answer.

Guarantees: an offer is bounded before it is read; whatever the text, the only error is
`OfferRefusedError`; what we need is picked out and the rest never reaches another parser. One
audio and one video section are taken, VP8 and Opus only; every further section, data channels
(``m=application``) among them, is refused with port 0. Candidates in the offer are not read: a
lite agent waits for checks, and names like ``….local`` need no resolving. Leaves to others:
deciding who may offer.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relay.media.packets.rtp import Kind
from relay.media.transport.errors import OfferFault, OfferRefusedError
from relay.media.transport.ice import IceCredentials

MAX_LINES: Final = 2000
MAX_LINE_CHARACTERS: Final = 2048
MAX_SECTIONS: Final = 16

_SECTION: Final = re.compile(
    r"m=(?P<kind>[a-z]{1,16}) (?P<port>\d{1,5}) (?P<proto>[A-Za-z/]{1,32}) "
    r"(?P<formats>[A-Za-z0-9-]{1,32}(?: [A-Za-z0-9-]{1,32}){0,127})",
    re.ASCII,
)
_MID: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")
_ICE: Final = re.compile(r"[A-Za-z0-9+/]{4,256}")
_FINGERPRINT: Final = re.compile(r"(sha-256|sha-384|sha-512) ((?:[0-9A-F]{2}:){31,63}[0-9A-F]{2})")
_CODEC: Final = {
    Kind.AUDIO: re.compile(r"(\d{1,3}) opus/48000/2", re.ASCII | re.IGNORECASE),
    Kind.VIDEO: re.compile(r"(\d{1,3}) VP8/90000", re.ASCII | re.IGNORECASE),
}
_REVERSED: Final = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly"}
_VIDEO_FEEDBACK: Final = ("goog-remb", "ccm fir", "nack", "nack pli")


@dataclass(frozen=True, slots=True)
class OfferedStream:
    """One of the two sections that we take."""

    kind: Kind
    payload_type: int
    direction: str
    """Ours, in the answer."""
    feedback: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfferedSection:
    """An m-line as the answer must repeat it; ``stream`` is None when it is refused."""

    kind: str
    proto: str
    formats: str
    mid: str
    stream: OfferedStream | None


@dataclass(frozen=True, slots=True)
class Offer:
    """All that we use of an offer."""

    sections: tuple[OfferedSection, ...]
    ice: IceCredentials
    fingerprints: tuple[tuple[str, str], ...]

    def stream(self, kind: Kind) -> OfferedStream:
        """The stream of that kind; an offer that was read has both."""
        return next(
            section.stream
            for section in self.sections
            if section.stream is not None and section.stream.kind is kind
        )


@dataclass(frozen=True, slots=True)
class AnswerTerms:
    """Our half: where we listen, our secrets' public side, and the SSRC of each stream we send."""

    ice: IceCredentials
    fingerprint: str
    """SHA-256 of our certificate."""
    candidates: list[tuple[str, int]]
    ssrcs: dict[Kind, int]
    cname: str


def parse_offer(sdp: str) -> Offer:
    """What we use of the offer ``sdp``.

    Raises:
        OfferRefusedError: ``BAD_SDP`` when it is malformed, oversize or asks for what we do not
            do, ``NO_CODEC`` when it has no VP8 or no Opus.
    """
    session, sections = _split(sdp)
    mids = _bundle(session)
    taken: dict[Kind, OfferedStream] = {}
    read: list[OfferedSection] = []
    lead: list[str] = []
    for lines in sections:
        section = _read_section(lines, taken, mids)
        if section.stream is not None:
            taken[section.stream.kind] = section.stream
            # With BUNDLE the first bundled section speaks for the transport (RFC 9143 §7.1).
            lead = lead or lines
        read.append(section)
    if len(taken) != len(Kind):
        raise _bad("not one audio and one video section")
    transport = [*lead, *session]
    if any(line == "a=ice-lite" for line in session):
        raise _bad("both sides are ICE-lite")
    if _first(transport, "setup") not in ("actpass", "active"):
        raise _bad("the offerer must take the DTLS client's role")
    return Offer(tuple(read), _credentials(transport), _fingerprints(transport))


def write_answer(offer: Offer, terms: AnswerTerms) -> str:
    """The answer to ``offer``: ICE-lite, all candidates inside, DTLS passive."""
    host, port = terms.candidates[0]
    taken = [section for section in offer.sections if section.stream is not None]
    lines = [
        "v=0",
        f"o=- {secrets.randbits(62)} 1 IN IP4 127.0.0.1",
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
        lines += [
            f"m={section.kind} {port} {section.proto} {section.stream.payload_type}",
            f"c=IN {'IP6' if ':' in host else 'IP4'} {host}",
            f"a=mid:{section.mid}",
            *_stream_lines(section.stream, terms),
            *_transport_lines(terms),
        ]
    return "\r\n".join(lines) + "\r\n"


# ── reading ────────────────────────────────────────────────────────────────────────────────
def _bad(detail: str) -> OfferRefusedError:
    return OfferRefusedError(OfferFault.BAD_SDP, detail)


def _split(sdp: str) -> tuple[list[str], list[list[str]]]:
    if any(character < " " and character not in "\r\n" for character in sdp):
        raise _bad("control characters")
    lines = [line.removesuffix("\r") for line in sdp.split("\n")]
    if len(lines) > MAX_LINES or any(len(line) > MAX_LINE_CHARACTERS for line in lines):
        raise _bad("too long")
    if lines[0] != "v=0":
        raise _bad("does not begin with v=0")
    starts = [index for index, line in enumerate(lines) if line.startswith("m=")]
    if not 0 < len(starts) <= MAX_SECTIONS:
        raise _bad("no section, or too many")
    bounds = zip(starts, [*starts[1:], len(lines)], strict=True)
    return lines[: starts[0]], [lines[start:end] for start, end in bounds]


def _values(lines: list[str], name: str) -> Iterator[str]:
    prefix = f"a={name}:"
    return (line[len(prefix) :].strip() for line in lines if line.startswith(prefix))


def _first(lines: list[str], name: str) -> str:
    return next(_values(lines, name), "")


def _bundle(session: list[str]) -> frozenset[str]:
    for group in _values(session, "group"):
        semantics, *mids = group.split(" ")
        if semantics == "BUNDLE":
            return frozenset(mids)
    return frozenset()


def _read_section(
    lines: list[str], taken: dict[Kind, OfferedStream], bundled: frozenset[str]
) -> OfferedSection:
    match = _SECTION.fullmatch(lines[0])
    mid = _first(lines, "mid")
    if match is None or (mid and not _MID.fullmatch(mid)):
        raise _bad("malformed section")
    kind = next((known for known in Kind if known == match["kind"]), None)
    stream = None
    # Port 0 means refused, unless the section only waits for its bundle (RFC 9143 §6): that is
    # how Firefox writes every section but the first under "max-bundle".
    offered = match["port"] != "0" or "a=bundle-only" in lines
    if kind is not None and kind not in taken and offered:
        if mid not in bundled or "a=rtcp-mux" not in lines:
            raise _bad("not bundled, or without rtcp-mux")
        stream = _read_stream(kind, match["formats"].split(" "), lines)
    return OfferedSection(match["kind"], match["proto"], match["formats"], mid, stream)


def _read_stream(kind: Kind, formats: list[str], lines: list[str]) -> OfferedStream:
    direction = next(
        (line[2:] for line in lines if line[2:] in (*_REVERSED, "inactive")), "sendrecv"
    )
    if direction not in _REVERSED:
        raise _bad("inactive section")
    for value in _values(lines, "rtpmap"):
        match = _CODEC[kind].fullmatch(value)
        # RFC 5761 §4: with rtcp-mux the payload types 64–95 would look like RTCP.
        if match and match[1] in formats and int(match[1]) < 128 and not 64 <= int(match[1]) < 96:
            offered = {
                feedback.partition(" ")[2]
                for feedback in _values(lines, "rtcp-fb")
                if feedback.partition(" ")[0] in (match[1], "*")
            }
            wanted = _VIDEO_FEEDBACK if kind is Kind.VIDEO else ()
            feedback = tuple(name for name in wanted if name in offered)
            return OfferedStream(kind, int(match[1]), _REVERSED[direction], feedback)
    raise OfferRefusedError(OfferFault.NO_CODEC, f"{kind} without a codec of ours")


def _credentials(lines: list[str]) -> IceCredentials:
    username, password = _first(lines, "ice-ufrag"), _first(lines, "ice-pwd")
    if not _ICE.fullmatch(username) or not _ICE.fullmatch(password) or len(password) < 22:
        raise _bad("malformed ICE credentials")
    return IceCredentials(username, password)


def _fingerprints(lines: list[str]) -> tuple[tuple[str, str], ...]:
    matches = [
        _FINGERPRINT.fullmatch(algorithm.lower() + space + value.upper())
        for algorithm, space, value in (v.partition(" ") for v in _values(lines, "fingerprint"))
    ]
    found = tuple((match[1], match[2]) for match in matches if match)
    if not found:
        raise _bad("no certificate fingerprint")
    return found


# ── writing ────────────────────────────────────────────────────────────────────────────────
def _stream_lines(stream: OfferedStream, terms: AnswerTerms) -> Iterator[str]:
    number, ssrc = stream.payload_type, terms.ssrcs[stream.kind]
    yield "a=rtcp:9 IN IP4 0.0.0.0"
    yield "a=rtcp-mux"
    yield f"a={stream.direction}"
    if stream.kind is Kind.AUDIO:
        yield f"a=rtpmap:{number} opus/48000/2"
        yield f"a=fmtp:{number} minptime=10;useinbandfec=1"
    else:
        yield f"a=rtpmap:{number} VP8/90000"
        for feedback in stream.feedback:
            yield f"a=rtcp-fb:{number} {feedback}"
    if stream.direction in ("sendrecv", "sendonly"):
        yield f"a=msid:parloir {stream.kind}"
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
