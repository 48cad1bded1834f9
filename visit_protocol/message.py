"""What every message has in common: frozen, closed, bounded, parsed in one place."""

import json
from typing import Annotated, Final, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, TypeAdapter
from pydantic import ValidationError as PydanticError

from visit_protocol.errors import CloseCode, ProtocolError

PROTOCOL_VERSION: Final = 1
MAX_MESSAGE_BYTES: Final = 64 * 1024

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
"""An id or a code on the wire: 1–64 characters, safe in a path, a log and a page."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
"""ISO 639 code of a screen language."""
Secret = Annotated[str, StringConstraints(min_length=16, max_length=256)]
"""A token or credential; never written to a log."""
Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""32 bytes in hexadecimal: a nonce, a hash, a raw Ed25519 public key."""
Hex64 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
"""64 bytes in hexadecimal: an Ed25519 signature."""
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=48 * 1024)]
"""A session description (RFC 8866)."""
Instant = AwareDatetime
"""A point in time with its offset; the relay always sends UTC."""


class Message(BaseModel):
    """A frozen wire model that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_json(self) -> str:
        """The message as one line of JSON, defaults included, empty optionals left out."""
        return self.model_dump_json(exclude_none=True)


M = TypeVar("M")


def parse_message(adapter: TypeAdapter[M], data: str | bytes) -> M:
    """The message that ``data`` holds.

    Raises:
        ProtocolError: larger than `MAX_MESSAGE_BYTES`, not JSON, nested too deeply, or not a
            message of ``adapter``; the detail names the field and never repeats its value.
    """
    size = len(data) if isinstance(data, bytes) else len(data.encode("utf-8", "surrogatepass"))
    if size > MAX_MESSAGE_BYTES:
        raise ProtocolError(CloseCode.TOO_LARGE, f"message of {size} bytes")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(CloseCode.MALFORMED, "not JSON") from error
    try:
        return adapter.validate_python(value)
    except (PydanticError, RecursionError) as error:
        raise ProtocolError(CloseCode.MALFORMED, _where(error)) from error


def _where(error: PydanticError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "message"
    return f"{place}: {first['type']}"
