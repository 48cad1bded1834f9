"""Session descriptions of the load generator: what a leg offers or answers, what it was told.

Guarantees: `write_description` gives what the relay, Janus and aiortc accept: sound and picture
bundled, ICE with one address of loopback, the DTLS client's role, the two header extensions that
congestion control uses. `parse_description` takes what we use from their side. Leaves to others:
hostile descriptions; these come from programs that this command has
started itself, and only their address is checked.
"""

import re
import socket
from dataclasses import dataclass, field
from typing import Final

from relay.media.transport.ice import IceCredentials

TIME_EXTENSION: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
ORDER_EXTENSION: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
KINDS: Final = ("audio", "video")
_CODECS: Final = {"audio": "opus/48000/2", "video": "VP8/90000"}


@dataclass(frozen=True, slots=True)
class MediaTerms:
    """One section: payload type, SSRC of what is sent, numbers of header extensions by name."""

    mid: str
    payload_type: int
    extensions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remote:
    """What the other side told us."""

    address: tuple[str, int]
    ice: IceCredentials
    fingerprint: tuple[str, str]
    media: dict[str, MediaTerms]


OFFERED: Final = {
    "audio": MediaTerms("0", 111, {TIME_EXTENSION: 2, ORDER_EXTENSION: 3}),
    "video": MediaTerms("1", 96, {TIME_EXTENSION: 2, ORDER_EXTENSION: 3}),
}


@dataclass(frozen=True, slots=True)
class Local:
    """Our half of a description."""

    address: tuple[str, int]
    ice: IceCredentials
    fingerprint: str
    ssrcs: tuple[int, int]
    direction: str
    """``sendrecv``, ``sendonly`` or ``recvonly``."""


def write_description(local: Local, media: dict[str, MediaTerms]) -> str:
    """An offer, or an answer with the other side's ``media``."""
    lines = ["v=0", f"o=- {local.ssrcs[0]} 1 IN IP4 {local.address[0]}", "s=-", "t=0 0"]
    lines += ["a=group:BUNDLE " + " ".join(terms.mid for terms in media.values())]
    lines += ["a=msid-semantic: WMS bench"]
    for kind, ssrc in zip(KINDS, local.ssrcs, strict=True):
        if kind in media:
            lines += _section(kind, ssrc, local, media[kind])
    return "\r\n".join(lines) + "\r\n"


def _section(kind: str, ssrc: int, local: Local, terms: MediaTerms) -> list[str]:
    number = terms.payload_type
    host, port = local.address
    lines = [
        f"m={kind} {port} UDP/TLS/RTP/SAVPF {number}",
        f"c=IN IP4 {host}",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        f"a=mid:{terms.mid}",
        f"a={local.direction}",
        f"a=ice-ufrag:{local.ice.username}",
        f"a=ice-pwd:{local.ice.password}",
        f"a=fingerprint:sha-256 {local.fingerprint}",
        "a=setup:active",
        f"a=candidate:1 1 udp 2130706431 {host} {port} typ host",
        "a=end-of-candidates",
        f"a=rtpmap:{number} {_CODECS[kind]}",
    ]
    lines += [f"a=extmap:{at} {name}" for name, at in terms.extensions.items()]
    if kind == "audio":
        lines += [f"a=fmtp:{number} minptime=10;useinbandfec=1"]
    else:
        feedback = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")
        lines += [f"a=rtcp-fb:{number} {name}" for name in feedback]
    if local.direction != "recvonly":
        lines += [f"a=msid:bench {kind}", f"a=ssrc:{ssrc} cname:bench"]
    return lines


def parse_description(sdp: str) -> Remote:
    """What we use of it.

    Raises:
        ValueError: something that we need is missing.
    """
    candidate = re.search(r"^a=candidate:\S+ 1 udp \d+ ([0-9.]+) (\d+) typ host", sdp, re.M | re.I)
    username, password = (
        re.search(rf"^a=ice-{name}:(\S+)", sdp, re.M) for name in ("ufrag", "pwd")
    )
    fingerprint = re.search(r"^a=fingerprint:(sha-\d+) (\S+)", sdp, re.M | re.I)
    if not (candidate and username and password and fingerprint):
        raise ValueError("a description without an IPv4 candidate, ICE or a fingerprint")
    _check_own(candidate[1])
    return Remote(
        address=(candidate[1], int(candidate[2])),
        ice=IceCredentials(username[1], password[1]),
        fingerprint=(fingerprint[1].lower(), fingerprint[2]),
        media=dict(_parse_section(section) for section in re.split(r"^m=", sdp, flags=re.M)[1:]),
    )


def _check_own(address: str) -> None:
    """Load goes nowhere but to this machine, whatever a description says."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((address, 0))
        except OSError as error:
            raise ValueError(f"{address} is not an address of this machine") from error


def _parse_section(section: str) -> tuple[str, MediaTerms]:
    kind = section.partition(" ")[0]
    mid = re.search(r"^a=mid:(\S+)", section, re.M)
    codec = re.escape(_CODECS.get(kind, ""))
    payload_type = re.search(rf"^a=rtpmap:(\d+) {codec}", section, re.M | re.I)
    if mid is None or payload_type is None:
        raise ValueError(f"a section of {kind} without mid or a codec of ours")
    extensions = {
        name: int(number)
        for number, name in re.findall(r"^a=extmap:(\d+)(?:/\w+)? (\S+)", section, re.M)
        if name in (TIME_EXTENSION, ORDER_EXTENSION)
    }
    return kind, MediaTerms(mid[1], int(payload_type[1]), extensions)
