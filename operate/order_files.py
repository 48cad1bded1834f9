"""``parloir orders sign|verify|import``: signed orders as files, e.g. on a USB stick.

Guarantees: `verify` needs no relay and says with which code an order would be refused; `import`
hands every order over and brings the facility's receipts back beside it. Leaves to others: every
verdict (`suspension`), keys (`operate.keys`).
"""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from evidence.canonical import canonical, read
from evidence.errors import MalformedError
from operate import options, secrets_asked
from operate.client import Relay, open_relay
from operate.errors import InputError, OrdersRefusedError, RelayRefusedError
from operate.key_making import open_person
from operate.printing import say, show_fields, show_json, show_table
from relay.store.key_files import FOLDER, KeyFolder
from suspension import (
    Accepted,
    ClockInterval,
    Home,
    InvalidEnvelopeError,
    InvalidOrderError,
    InvalidTrustError,
    RefusalCode,
    Refused,
    SuspensionOrder,
    TrustedOrders,
    parse_order,
)
from suspension.envelope import MAX_ENVELOPE_BYTES, add_signature, parse_envelope, sign
from suspension.scope import Dimension
from suspension.trust import LEAST, Trust

EXIT: Final = {
    RefusalCode.ENVELOPE_INVALID: 10,
    RefusalCode.PAYLOAD_TYPE_UNKNOWN: 11,
    RefusalCode.ORDER_VERSION_UNKNOWN: 12,
    RefusalCode.ORDER_CRITICAL_UNKNOWN: 13,
    RefusalCode.INVALID_ORDER: 14,
    RefusalCode.ROOT_EXPIRED: 20,
    RefusalCode.ROOT_UNKNOWN: 21,
    RefusalCode.SIGNATURE_INVALID: 22,
    RefusalCode.UNDER_SIGNED: 23,
    RefusalCode.OVERSIGHT_MISSING: 24,
    RefusalCode.WRONG_FACILITY: 30,
    RefusalCode.ROLLED_BACK: 31,
    RefusalCode.EXPIRED: 32,
}
"""Exit status of a refusal, for scripts (docs/orders.md)."""

_ORDERS: Final = "*.order.json"
_RECEIPTS: Final = "receipts"
_PAGE: Final = 500
File = Annotated[Path, typer.Argument(metavar="FILE", help="A signed order, *.order.json.")]
TrustFile = Annotated[
    Path | None,
    typer.Option("--trust", metavar="FILE", help="From parloir keys show --export; else --data."),
]


def sign_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An order, signed or not yet.")],
    person: Annotated[str, typer.Option("--person", metavar="ID", help="Who signs.")],
    keys: Annotated[
        Path | None, typer.Option("--keys", metavar="DIR", help="The folder of keys; else --data.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; else the same file.")
    ] = None,
    secrets: secrets_asked.SecretsFile = None,
    data: options.Data = None,
) -> None:
    """Sign an order with one's own key; where no relay is needed."""
    if keys is None and data is None:
        raise InputError("name the folder of keys: --keys DIR, or the data folder: --data DIR")
    folder = KeyFolder((data or Path()) / FOLDER if keys is None else keys)
    content = _read(file)
    signer = open_person(folder, person, secrets_asked.ask([person], secrets)[person])
    try:
        envelope = add_signature(content, signer)
    except InvalidEnvelopeError:
        envelope = sign(_unsigned(file, content), signer)
    target = out or file
    target.write_bytes(envelope)
    count = len(parse_envelope(envelope).signatures)
    say(f"{target}: signed by {person}; {count} signature{'s' if count > 1 else ''} in all.")


def verify(
    file: File,
    trust: TrustFile = None,
    facility: Annotated[
        str | None, typer.Option("--facility", metavar="ID", help="Where it should be accepted.")
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option("--at", formats=["%Y-%m-%dT%H:%M:%S%z"], help="At what time; else now."),
    ] = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Say whether an order is right, and if not, why; the exit status says it too."""
    content = _read(file)
    root = asyncio.run(believed(trust, data))
    clock = ClockInterval.exact(at or datetime.now(UTC))
    state = TrustedOrders(root, Home(facility or _any_facility(content)))
    _, verdict = state.accept(content, clock)
    found = _described(verdict, root, content)
    if as_json:
        show_json(found)
    else:
        show_fields(
            (name, ", ".join(value) if isinstance(value, list) else value)
            for name, value in found.items()
        )
    if isinstance(verdict, Refused):
        line = f"{file}: {verdict.code}: the order {verdict.detail}"
        raise OrdersRefusedError(line, EXIT[verdict.code])


def import_files(
    path: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="An order, or a folder.")],
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Take signed orders in from a stick, and put the facility's receipts on it."""
    files = sorted(path.glob(_ORDERS)) if path.is_dir() else [path]
    if not files:
        raise InputError(f"{path}: no {_ORDERS} in it")
    folder = (path if path.is_dir() else path.parent) / _RECEIPTS
    folder.mkdir(exist_ok=True)

    async def run() -> None:
        async with open_relay(data) as relay:
            results = [await _handed_over(relay, file) for file in files]
            written = await _bring_receipts(relay, folder)
        if as_json:
            show_json({"orders": results, "receipts_written": written})
        else:
            show_table(
                ("File", "Order", "Verdict"),
                [(one["file"], one.get("id") or "", one["verdict"]) for one in results],
                empty="",
            )
            say(f"{written} new receipts in {folder}.")
        codes = [one["verdict"] for one in results if one["verdict"] in set(RefusalCode)]
        if codes:
            line = f"{len(codes)} of {len(results)} orders were refused ({', '.join(codes)})"
            raise OrdersRefusedError(line, EXIT[RefusalCode(codes[0])])

    asyncio.run(run())


async def _handed_over(relay: Relay, file: Path) -> dict[str, Any]:
    content = _read(file)
    try:
        body = {"envelope": content.decode(errors="replace"), "via": "usb"}
        accepted = await relay.post("orders/envelopes", body)
    except RelayRefusedError as error:
        if error.code not in set(RefusalCode):
            raise
        return {"file": file.name, "verdict": error.code}
    verdict = "ACCEPTED" if accepted["new"] else "KNOWN"
    return {"file": file.name, "verdict": verdict, **accepted}


async def _bring_receipts(relay: Relay, folder: Path) -> int:
    """How many receipts were not there yet."""
    written, after = 0, 0
    while True:
        page = await relay.get("receipts", {"after": str(after), "limit": str(_PAGE)})
        for one in page["receipts"]:
            after = one["seq"]
            path = folder / f"{page['facility']}-{after:08}.receipt.json"
            if not path.exists():
                path.write_text(one["envelope"], "utf-8")
                written += 1
        if len(page["receipts"]) < _PAGE:
            return written


async def believed(file: Path | None, data: Path | None) -> Trust:
    """The root of trust in ``file``, or else what the relay of ``data`` believes.

    Raises:
        InputError: the file is none.
    """
    if file is None:
        async with open_relay(data) as relay:
            bundle = await relay.get("trust")
    else:
        try:
            bundle = json.loads(_read(file))
        except ValueError as error:
            raise InputError(f"{file}: not JSON") from error
    try:
        roots = [root.encode() for root in bundle["roots"]]
        return Trust.load(roots, bundle["delegations"].encode())
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{file}: not a root of trust from parloir keys show --export") from error
    except InvalidTrustError as error:
        raise InputError(f"{file or data}: the root of trust {error}") from error


def _any_facility(content: bytes) -> str:
    """The first facility that the order names, for whoever does not ask about one."""
    try:
        order = parse_order(parse_envelope(content).payload)
    except (InvalidEnvelopeError, InvalidOrderError):
        return ""
    return dict(order.scope.ids).get(Dimension.FACILITY, ("",))[0]


def _described(verdict: Accepted | Refused, trust: Trust, content: bytes) -> dict[str, Any]:
    order = verdict.order
    found: dict[str, Any] = {
        "verdict": verdict.code.value if isinstance(verdict, Refused) else "ACCEPTED"
    }
    if isinstance(verdict, Refused):
        found["detail"] = verdict.detail
    if order is not None:
        signers = trust.signers(parse_envelope(content))
        found |= {
            "id": order.id,
            "rev": order.rev,
            "kind": order.kind.value,
            "class": order.order_class.value,
            "sha256": order.sha256,
            "expires": order.expires.isoformat(),
            "signed_by": sorted({one for role in LEAST for one in signers.people(role)}),
        }
    return found


def _unsigned(file: Path, content: bytes) -> SuspensionOrder:
    """The order of a file that nobody has signed, however it is laid out."""
    try:
        return parse_order(canonical(read(content)))
    except MalformedError as error:
        raise InputError(f"{file}: {error}") from error
    except InvalidOrderError as error:
        raise InputError(f"{file}: {error}") from error


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise InputError(f"{file}: no such file")  # nor a pipe, which would be waited for
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_ENVELOPE_BYTES + 1)
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error
