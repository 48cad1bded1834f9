"""Errors of the transport: a peer's unusable offer, and a library that is not the one we know."""

from enum import StrEnum


class OfferFault(StrEnum):
    """Why an offer cannot be answered; travels as ``PeerRefused.code``."""

    BAD_SDP = "BAD_SDP"
    NO_CODEC = "NO_CODEC"


class OfferRefusedError(Exception):
    """The peer's offer cannot be used; the text says where and repeats nothing of the offer."""

    def __init__(self, code: OfferFault, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class UnknownReleaseError(Exception):
    """aiortc, aioice or pylibsrtp is not the release whose internals this package knows."""
