"""The signed envelope (DSSE) around an order's or a receipt's canonical bytes.

Guarantees: `parse_envelope` is total, bounded and strict, so that one envelope has few enough
readings to be safe; `sign` and `add_signature` never change what is signed. Leaves to others:
whose signatures count (`trust`), and what the payload says (`order_format`, `receipt`).

DSSE: https://github.com/secure-systems-lab/dsse. Signatures are Ed25519 (RFC 8032).
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from securesystemslib.dsse import Envelope
from securesystemslib.signer import Signature, Signer

from evidence.canonical import canonical, read
from evidence.errors import MalformedError
from suspension.errors import InvalidEnvelopeError
from suspension.order import MAX_ORDER_BYTES, SuspensionOrder

ORDER_TYPE: Final = "application/vnd.visit.order.v1+json"
RECEIPT_TYPE: Final = "application/vnd.visit.receipt.v1+json"

MAX_SIGNATURES: Final = 16
MAX_ENVELOPE_BYTES: Final = 2 * MAX_ORDER_BYTES
_SIGNATURE_BYTES: Final = 64
_KEYID_DIGITS: Final = 64


@dataclass(frozen=True, slots=True)
class SignedBytes:
    """An envelope that was read and not yet believed."""

    payload: bytes
    payload_type: str
    signatures: Mapping[str, bytes]
    """Key id → signature, each key at most once."""

    @property
    def sha256(self) -> str:
        """Digest of the payload, in lower-case hex; of an order, what names it."""
        return hashlib.sha256(self.payload).hexdigest()

    def pae(self) -> bytes:
        """What is signed: DSSE's pre-authentication encoding."""
        return Envelope(self.payload, self.payload_type, {}).pae()

    def dsse(self) -> Envelope:
        """As `securesystemslib` has it, for signing."""
        signatures = {key: Signature(key, one.hex()) for key, one in self.signatures.items()}
        return Envelope(self.payload, self.payload_type, signatures)

    def to_bytes(self) -> bytes:
        """The envelope as it is written: canonical JSON, signatures by key id."""
        return canonical(
            {
                "payload": base64.b64encode(self.payload).decode(),
                "payloadType": self.payload_type,
                "signatures": [
                    {"keyid": key, "sig": base64.b64encode(self.signatures[key]).decode()}
                    for key in sorted(self.signatures)
                ],
            }
        )


def parse_envelope(data: bytes, payload_type: str = ORDER_TYPE) -> SignedBytes:
    """The envelope that ``data`` is.

    Raises:
        InvalidEnvelopeError: ``ENVELOPE_INVALID``: too large, not JSON, a field missing, unknown or
            broken, a key that signed twice; ``PAYLOAD_TYPE_UNKNOWN``: of another type.
    """
    if len(data) > MAX_ENVELOPE_BYTES:
        raise InvalidEnvelopeError(f"is larger than {MAX_ENVELOPE_BYTES} bytes")
    try:
        value = read(data)
    except MalformedError as error:
        raise InvalidEnvelopeError(str(error)) from error
    if not isinstance(value, dict) or value.keys() != {"payload", "payloadType", "signatures"}:
        raise InvalidEnvelopeError("is not a DSSE envelope")
    if value["payloadType"] != payload_type:
        raise InvalidEnvelopeError("holds another type of payload", "PAYLOAD_TYPE_UNKNOWN")
    return SignedBytes(_decoded(value["payload"]), payload_type, _signatures(value["signatures"]))


def sign(order: SuspensionOrder, signer: Signer) -> bytes:
    """The envelope of ``order`` with its first signature."""
    return seal(order.to_bytes(), ORDER_TYPE, signer)


def seal(payload: bytes, payload_type: str, signer: Signer) -> bytes:
    """An envelope around ``payload`` with one signature."""
    return _signed(SignedBytes(payload, payload_type, {}), signer)


def add_signature(envelope: bytes, signer: Signer) -> bytes:
    """The envelope with one more signature; the same key again changes nothing.

    Raises:
        InvalidEnvelopeError: ``envelope`` is none of an order, or holds all it may.
    """
    read = parse_envelope(envelope)
    if len(read.signatures) >= MAX_SIGNATURES:
        raise InvalidEnvelopeError(f"has {MAX_SIGNATURES} signatures already")
    return _signed(read, signer)


def _signed(read: SignedBytes, signer: Signer) -> bytes:
    made = read.dsse().sign(signer)
    signatures = {**read.signatures, made.keyid: bytes.fromhex(made.signature)}
    return SignedBytes(read.payload, read.payload_type, signatures).to_bytes()


def _signatures(value: Any) -> dict[str, bytes]:
    if not isinstance(value, list) or len(value) > MAX_SIGNATURES:
        raise InvalidEnvelopeError(f"needs a list of at most {MAX_SIGNATURES} signatures")
    found: dict[str, bytes] = {}
    for one in value:
        if not isinstance(one, dict) or one.keys() != {"keyid", "sig"}:
            raise InvalidEnvelopeError("has a signature that is none")
        keyid, signature = one["keyid"], _decoded(one["sig"])
        if not isinstance(keyid, str) or len(keyid) != _KEYID_DIGITS or keyid in found:
            raise InvalidEnvelopeError("has a key id that is none, or one twice")
        if len(signature) != _SIGNATURE_BYTES:
            raise InvalidEnvelopeError("has a signature of a wrong length")
        found[keyid] = signature
    return found


def _decoded(text: Any) -> bytes:
    """Standard base64 with padding and nothing else, so that one payload has one text."""
    if not isinstance(text, str):
        raise InvalidEnvelopeError("has a field of the wrong kind")
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise InvalidEnvelopeError("has a field that is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise InvalidEnvelopeError("has a field that is not canonical base64")
    return data
