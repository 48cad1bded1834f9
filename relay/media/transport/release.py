"""The releases of aiortc, aioice and pylibsrtp whose internals we use, and which internals.

Guarantees: a worker does not start on a release that nobody has checked. When you raise a pin:
read the changes of the names below, run ``tests/relay/media``, then change `KNOWN`.
"""

import pkgutil
from importlib import metadata
from typing import Final

from relay.media.transport.errors import UnknownReleaseError

KNOWN: Final = {"aiortc": "1.16.", "aioice": "0.13.", "pylibsrtp": "1.0."}
"""Prefix of the accepted version of each distribution."""

INTERNALS: Final = (
    # dtls.py drives the transport through these and reads its sessions.
    "aiortc.rtcdtlstransport:RTCDtlsTransport._set_role",
    "aiortc.rtcdtlstransport:RTCDtlsTransport._recv_next",
    "aiortc.rtcdtlstransport:RTCDtlsTransport._write_ssl",
    "aiortc.rtcdtlstransport:RTCDtlsTransport._setup_srtp",
    "aiortc.rtcdtlstransport:SRTP_PROFILES",
    # stun.py parses and answers with these.
    "aioice.stun:Message.check_message_integrity",
    "aioice.stun:Message.add_message_integrity",
    "aioice.stun:parse_message",
    # srtp.py calls libsrtp through the binding, on the session's own handle.
    "pylibsrtp._binding:ffi.from_buffer",
    "pylibsrtp._binding:lib.srtp_protect",
    "pylibsrtp._binding:lib.srtp_unprotect",
)
"""Names that must exist, as `pkgutil.resolve_name` reads them."""


def check_releases() -> None:
    """Returns when the installed libraries are the ones we know.

    Raises:
        UnknownReleaseError: another release, or one of the internals is gone.
    """
    for distribution, prefix in KNOWN.items():
        version = metadata.version(distribution)
        if not version.startswith(prefix):
            raise UnknownReleaseError(f"{distribution} {version}: known is {prefix}*")
    for name in INTERNALS:
        try:
            pkgutil.resolve_name(name)
        except (ImportError, AttributeError) as error:
            raise UnknownReleaseError(f"{name} is gone") from error
