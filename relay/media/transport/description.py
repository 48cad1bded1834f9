"""Session descriptions (RFC 8866, RFC 8829): what we use of a party's offer.

Guarantees: an offer is bounded before it is read, and read in a time that grows with its length
only; whatever the text, the only error is `OfferRefusedError`; what we need is picked out and
the rest never reaches another parser. One audio and one video section are taken, Opus and the
first of the wanted video codecs that is offered; every further section, data channels
(``m=application``) among them, is refused with port 0. Candidates in the offer are not read: a
lite agent waits for checks, and names like ``….local`` need no resolving. Leaves to others:
deciding who may offer and which video codec the call has; our own half (`answer`).
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from relay.media.packets.rtp import Codec, Kind
from relay.media.transport.errors import OfferFault, OfferRefusedError
from relay.media.transport.ice import IceCredentials

MAX_CHARACTERS: Final = 65_536
"""Several times the longest offer of a browser."""
MAX_LINES: Final = 2000
MAX_LINE_CHARACTERS: Final = 2048
MAX_SECTIONS: Final = 16

_SECTION: Final = re.compile(
    r"m=(?P<kind>[a-z]{1,16}) (?P<port>\d{1,5}) (?P<proto>[A-Za-z/]{1,32}) "
    r"(?P<formats>[A-Za-z0-9-]{1,32}(?: [A-Za-z0-9-]{1,32}){0,127})",
    re.ASCII,
)
_ORIGIN: Final = re.compile(r"o=(\S{1,256} \d{1,20}) \d{1,20} IN IP[46] \S{1,256}", re.ASCII)
_MID: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")
_ICE: Final = re.compile(r"[A-Za-z0-9+/]{4,256}")
_FINGERPRINT: Final = re.compile(r"(sha-256|sha-384|sha-512) ((?:[0-9A-F]{2}:){31,63}[0-9A-F]{2})")
_PAYLOAD_TYPE: Final = re.compile(r"\d{1,3}", re.ASCII)
_EXTENSION_MAP: Final = re.compile(r"(\d{1,4})(/[a-z]{1,8})? (\S{1,256})(?: .*)?", re.ASCII)
_CONSTRAINED: Final = re.compile(r"42[4-7c-f][0-9a-f]{3}")
_BASELINE: Final = re.compile(r"42[0-9a-f]{4}")
_REVERSED: Final = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly"}
_TRANSPORT_CC: Final = "transport-cc"
_FEEDBACK: Final = {
    Kind.AUDIO: (_TRANSPORT_CC,),
    Kind.VIDEO: ("goog-remb", _TRANSPORT_CC, "ccm fir", "nack", "nack pli"),
}


class Extension(StrEnum):
    """The RTP header extensions that we take, by URI."""

    ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
    TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


_EXTENSIONS: Final = {extension.value: extension for extension in Extension}


@dataclass(frozen=True, slots=True)
class OfferedStream:
    """One of the two sections that we take, as it will be both ways."""

    codec: Codec
    others: tuple[Codec, ...]
    """The other wanted codecs that the section has, as we would speak them."""
    payload_type: int
    parameters: str
    """The ``a=fmtp`` of the payload type in our answer; empty when it has none."""
    rtx_payload_type: int | None
    """Of retransmissions (RFC 4588) of `payload_type`; None when not offered."""
    direction: str
    """Ours, in the answer."""
    feedback: tuple[str, ...]
    """The RTCP feedback messages that we both know (RFC 4585 §4.2)."""
    extensions: Mapping[Extension, int]
    """Header extensions and their ids, 1…14: the one-byte form (RFC 8285 §4.2)."""

    @property
    def kind(self) -> Kind:
        """Audio or video."""
        return self.codec.kind

    @property
    def transport_cc(self) -> bool:
        """Whether the stream takes part in transport-wide congestion control."""
        return _TRANSPORT_CC in self.feedback


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

    origin: str
    """The session that it describes: user name and session id of ``o=``; empty when it has none."""
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

    def is_restarted_by(self, later: "Offer") -> bool:
        """Whether ``later`` only restarts ICE for the very connection of this offer.

        New name and new password (RFC 8839 §4.4.1.1.1) for the same session, certificates and
        streams. Anything else begins another connection.
        """
        return (
            self.origin != ""
            and later.origin == self.origin
            and later.ice.username != self.ice.username
            and later.ice.password != self.ice.password
            and frozenset(later.fingerprints) == frozenset(self.fingerprints)
            and all(later.stream(kind) == self.stream(kind) for kind in Kind)
        )


def parse_offer(sdp: str, codecs: Sequence[Codec] = (Codec.VP8,)) -> Offer:
    """What we use of the offer ``sdp``; video is the first of ``codecs`` that it has.

    Raises:
        OfferRefusedError: ``BAD_SDP`` when it is malformed, oversize or asks for what we do not
            do, ``NO_CODEC`` when it has no Opus or none of ``codecs``.
    """
    head, bodies = _split(sdp)
    session = _attributes(head)
    mids = _bundle(session)
    taken: dict[Kind, OfferedSection] = {}
    read: list[OfferedSection] = []
    lead: Attributes = {}
    for lines in bodies:
        attributes = _attributes(lines[1:])
        section = _read_section(lines[0], attributes, taken, mids, codecs)
        if section.stream is not None:
            if any(section.mid == other.mid for other in taken.values()):
                raise _bad("two sections of one mid")
            taken[section.stream.kind] = section
            # With BUNDLE the first bundled section speaks for the transport (RFC 9143 §7.1).
            lead = lead or attributes
        read.append(section)
    if len(taken) != len(Kind):
        raise _bad("not one audio and one video section")
    if "ice-lite" in session:
        raise _bad("both sides are ICE-lite")
    transport = {**session, **lead}
    if _first(transport, "setup") not in ("actpass", "active"):
        raise _bad("the offerer must take the DTLS client's role")
    return Offer(_origin(head), tuple(read), _credentials(transport), _fingerprints(transport))


# ── the text ───────────────────────────────────────────────────────────────────────────────
Attributes = Mapping[str, list[str]]
"""The values of each attribute of a section, in order; a flag's value is empty."""


def _bad(detail: str) -> OfferRefusedError:
    return OfferRefusedError(OfferFault.BAD_SDP, detail)


def _split(sdp: str) -> tuple[list[str], list[list[str]]]:
    if len(sdp) > MAX_CHARACTERS:
        raise _bad("too long")
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


def _attributes(lines: Sequence[str]) -> Attributes:
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("a="):
            name, _, value = line[2:].partition(":")
            found.setdefault(name, []).append(value.strip())
    return found


def _first(attributes: Attributes, name: str) -> str:
    return next(iter(attributes.get(name, ())), "")


def _by_payload_type(attributes: Attributes, name: str) -> dict[str, list[str]]:
    """The values of ``a=name:<payload type> <value>``, by payload type as it is written."""
    found: dict[str, list[str]] = {}
    for line in attributes.get(name, ()):
        number, _, value = line.partition(" ")
        found.setdefault(number, []).append(value)
    return found


def _origin(head: list[str]) -> str:
    match = next(filter(None, map(_ORIGIN.fullmatch, head)), None)
    return match[1] if match else ""


# ── the transport ──────────────────────────────────────────────────────────────────────────
def _bundle(session: Attributes) -> frozenset[str]:
    for group in session.get("group", ()):
        semantics, *mids = group.split(" ")
        if semantics == "BUNDLE":
            return frozenset(mids)
    return frozenset()


def _credentials(transport: Attributes) -> IceCredentials:
    username, password = _first(transport, "ice-ufrag"), _first(transport, "ice-pwd")
    if not _ICE.fullmatch(username) or not _ICE.fullmatch(password) or len(password) < 22:
        raise _bad("malformed ICE credentials")
    return IceCredentials(username, password)


def _fingerprints(transport: Attributes) -> tuple[tuple[str, str], ...]:
    matches = [
        _FINGERPRINT.fullmatch(algorithm.lower() + space + value.upper())
        for algorithm, space, value in (
            line.partition(" ") for line in transport.get("fingerprint", ())
        )
    ]
    found = tuple((match[1], match[2]) for match in matches if match)
    if not found:
        raise _bad("no certificate fingerprint")
    return found


# ── the streams ────────────────────────────────────────────────────────────────────────────
def _read_section(
    line: str,
    attributes: Attributes,
    taken: Collection[Kind],
    bundled: frozenset[str],
    codecs: Sequence[Codec],
) -> OfferedSection:
    match = _SECTION.fullmatch(line)
    mid = _first(attributes, "mid")
    if match is None or (mid and not _MID.fullmatch(mid)):
        raise _bad("malformed section")
    kind = next((known for known in Kind if known == match["kind"]), None)
    stream = None
    # Port 0 means refused, unless the section only waits for its bundle (RFC 9143 §6): that is
    # how Firefox writes every section but the first under "max-bundle".
    offered = match["port"] != "0" or "bundle-only" in attributes
    if kind is not None and kind not in taken and offered:
        if mid not in bundled or "rtcp-mux" not in attributes:
            raise _bad("not bundled, or without rtcp-mux")
        wanted = codecs if kind is Kind.VIDEO else (Codec.OPUS,)
        stream = _read_stream(wanted, match["formats"].split(" "), attributes)
    return OfferedSection(match["kind"], match["proto"], match["formats"], mid, stream)


def _read_stream(
    wanted: Sequence[Codec], formats: list[str], attributes: Attributes
) -> OfferedStream:
    direction = next(
        (name for name in attributes if name in _REVERSED or name == "inactive"), "sendrecv"
    )
    if direction not in _REVERSED:
        raise _bad("inactive section")
    names = _by_payload_type(attributes, "rtpmap")
    parameters = {
        number: _parameters(values[0])
        for number, values in _by_payload_type(attributes, "fmtp").items()
    }
    # The order of the m-line is the offerer's preference (RFC 3264 §5.1).
    numbers = {
        number: names[number][0].lower()
        for number in formats
        if number in names and _is_payload_type(number)
    }
    choices = {
        codec: choice
        for codec in wanted
        if (choice := next(_choices(codec, numbers, parameters), None)) is not None
    }
    if not choices:
        raise OfferRefusedError(OfferFault.NO_CODEC, "a section without a codec of ours")
    codec, *others = choices
    number, parameter = choices[codec]
    rtx = next(
        (
            int(other)
            for other, name in numbers.items()
            if name == "rtx/90000" and parameters.get(other, {}).get("apt") == number
        ),
        None,
    )
    extensions = _extensions(attributes)
    feedback = _feedback(codec, number, attributes, extensions)
    if _TRANSPORT_CC not in feedback:
        extensions.pop(Extension.TRANSPORT_CC, None)
    return OfferedStream(
        codec,
        tuple(others),
        int(number),
        parameter,
        rtx,
        _REVERSED[direction],
        feedback,
        extensions,
    )


def _is_payload_type(number: str) -> bool:
    # RFC 5761 §4: with rtcp-mux the payload types 64–95 would look like RTCP.
    return (
        _PAYLOAD_TYPE.fullmatch(number) is not None
        and int(number) < 128
        and not 64 <= int(number) < 96
        and str(int(number)) == number
    )


def _parameters(value: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in value.lower().split(";"))
    return {name.strip(): parameter.strip() for name, _, parameter in pairs}


def _choices(
    codec: Codec, numbers: Mapping[str, str], parameters: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    """The payload types that are ``codec`` as we speak it, with our own parameters."""
    matching = [number for number, name in numbers.items() if name == codec.rtpmap.lower()]
    match codec:
        case Codec.OPUS:
            yield from ((number, "minptime=10;useinbandfec=1") for number in matching)
        case Codec.VP8:
            yield from ((number, "") for number in matching)
        case Codec.H264:
            # Constrained Baseline is what every browser decodes; a Baseline that is not marked
            # so is the same thing from browsers, and is taken when nothing better is offered.
            for profile in (_CONSTRAINED, _BASELINE):
                for number in matching:
                    offered = parameters.get(number, {})
                    level = offered.get("profile-level-id", "")
                    if offered.get("packetization-mode") == "1" and profile.fullmatch(level):
                        yield (
                            number,
                            "level-asymmetry-allowed=1;packetization-mode=1;"
                            f"profile-level-id={level}",
                        )


def _feedback(
    codec: Codec, number: str, attributes: Attributes, extensions: Mapping[Extension, int]
) -> tuple[str, ...]:
    by_number = _by_payload_type(attributes, "rtcp-fb")
    offered = {*by_number.get(number, ()), *by_number.get("*", ())}
    if Extension.TRANSPORT_CC not in extensions:
        offered.discard(_TRANSPORT_CC)
    return tuple(name for name in _FEEDBACK[codec.kind] if name in offered)


def _extensions(attributes: Attributes) -> dict[Extension, int]:
    """The extensions that we take, both ways or not at all."""
    found: dict[Extension, int] = {}
    used: set[int] = set()
    for value in attributes.get("extmap", ()):
        match = _EXTENSION_MAP.fullmatch(value)
        if match is None or not 1 <= int(match[1]) <= 14:
            continue
        number = int(match[1])
        if number in used:
            raise _bad("two header extensions of one id")
        used.add(number)
        extension = _EXTENSIONS.get(match[3])
        if extension is not None and match[2] in (None, "/sendrecv"):
            if extension in found:
                raise _bad("a header extension with two ids")
            found[extension] = number
    return found
