"""SRTP in place: the packet being handled lives in one buffer and is decrypted where it lies.

Guarantees: no copy and no allocation per packet beyond what cffi makes; a packet that does not
authenticate changes nothing but the buffer. Leaves to others: keys (`dtls`), and RTCP, which is
rare enough to go through pylibsrtp's own methods.

WORKAROUND: pylibsrtp copies each packet three times and refuses more than 1500 bytes with an
untyped error, so we call libsrtp through pylibsrtp's binding on its sessions' handles.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pylibsrtp

# The compiled binding comes without types.
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]

MAX_DATAGRAM_BYTES: Final = 1500
"""Larger datagrams are dropped unread: no media packet on an Ethernet is larger."""
_ROOM_BYTES: Final = 2048
_OK: Final = lib.srtp_err_status_ok


class PacketBuffer:
    """The memory of the one packet being handled; the loop reads, rewrites and sends from it."""

    __slots__ = ("_base", "_length", "data", "view")

    def __init__(self) -> None:
        self.data: Final = bytearray(_ROOM_BYTES)
        self.view: Final = memoryview(self.data)
        self._base: Any = ffi.from_buffer(self.data)
        self._length: Any = ffi.new("int *")

    def opening(self, session: pylibsrtp.Session) -> Callable[[int], int]:
        """Decrypts the RTP packet in the first bytes, given their number: its new length, or 0.

        Once per session and not per packet, so that nothing is looked up for each. The session has
        to outlive what is returned.
        """
        return self._calling(lib.srtp_unprotect, session._srtp[0])

    def sealing(self, session: pylibsrtp.Session) -> Callable[[int], int]:
        """The same for encrypting."""
        return self._calling(lib.srtp_protect, session._srtp[0])

    def _calling(self, call: Any, handle: Any) -> Callable[[int], int]:
        base, length = self._base, self._length

        def process(given: int) -> int:
            length[0] = given
            return length[0] if call(handle, base, length) == _OK else 0

        return process


@dataclass(frozen=True, slots=True)
class SrtpSessions:
    """The two directions of one party's SRTP. Whoever holds this keeps libsrtp's state alive."""

    receiving: pylibsrtp.Session
    sending: pylibsrtp.Session

    def unprotect_rtcp(self, data: bytes) -> bytes | None:
        """The decrypted compound, None when it does not authenticate."""
        try:
            return bytes(self.receiving.unprotect_rtcp(data))
        except pylibsrtp.Error:
            return None

    def protect_rtcp(self, data: bytes) -> bytes:
        """The encrypted compound.

        Raises:
            pylibsrtp.Error: libsrtp refused our own packet.
        """
        return bytes(self.sending.protect_rtcp(data))
