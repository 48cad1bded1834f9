"""``parloir keys``: the root of trust, and the keys with which people sign orders.

Guarantees: each key is sealed with its person's own secret, typed where nobody sees it; what is
believed changes only by what the root's holders sign. Leaves to others: making and sealing
(`operate.key_making`), believing (the relay).
"""

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from operate import key_making, options, secrets_asked
from operate.client import Relay, open_relay
from operate.errors import InputError
from operate.key_making import Metadata, Signatory, key_folders
from operate.printing import say, show_json, show_table
from relay.store.key_files import KeyFolder, SealedKey
from suspension import InvalidTrustError
from suspension.metadata import Holder
from suspension.trust import LEAST, Trust

keys = typer.Typer(help="The root of trust, and the keys with which people sign orders.")

Person = Annotated[str, typer.Argument(metavar="PERSON", help="A person's id, e.g. a.smirnova.")]
Roles = Annotated[list[str], typer.Option("--role", metavar="ROLE", help=f"Of {', '.join(LEAST)}.")]
Accounts = Annotated[
    list[str] | None, typer.Option("--account", metavar="USER", help="Their staff account.")
]
RootDir = Annotated[
    Path | None,
    typer.Option("--root-dir", metavar="DIR", help="Where the root's keys are, e.g. a stick."),
]
RootSigners = Annotated[
    list[str], typer.Option("--root-signer", metavar="PERSON", help="A holder of the root.")
]


@keys.command()
def init(
    signs: Annotated[
        list[str],
        typer.Option("--signs", metavar="PERSON=ROLE,…", help="Who signs which orders."),
    ],
    root: Annotated[
        list[str], typer.Option("--root", metavar="PERSON", help="Who holds a key of the root.")
    ],
    threshold: Annotated[
        int, typer.Option("--threshold", min=1, help="How many of them must agree.")
    ] = 2,
    root_dir: RootDir = None,
    secrets: secrets_asked.SecretsFile = None,
    data: options.Data = None,
) -> None:
    """Make the root of trust and everybody's first key."""
    signatories = [_signatory(text) for text in signs]
    names = [*(one.person for one in signatories), *root]

    async def run() -> None:
        async with open_relay(data) as relay:
            facility = (await relay.get("me"))["facility"]["id"]
            folder, root_folder = key_folders(_folder(data), root_dir)
            told = secrets_asked.ask(names, secrets, new=True)
            made = key_making.found(
                folder, root_folder, facility, signatories, root, threshold, told, _now()
            )
            _say_state(await _hand_over(relay, made))
            say(f"The root's keys are in {root_folder.path / 'root'}; carry them away from here.")

    asyncio.run(run())


@keys.command()
def add(
    person: Person,
    role: Roles,
    root_signer: RootSigners,
    account: Accounts = None,
    root_dir: RootDir = None,
    secrets: secrets_asked.SecretsFile = None,
    data: options.Data = None,
) -> None:
    """Give a person a key; the root's holders agree with their secrets."""
    signatory = Signatory(person, _known_roles(role), tuple(account or ()))
    _delegate(data, root_dir, secrets, root_signer, new=signatory)


@keys.command()
def rotate(
    person: Annotated[
        str | None, typer.Argument(metavar="[PERSON]", help="Whose key is replaced.")
    ] = None,
    root_signer: RootSigners = [],  # noqa: B006  typer reads it, nobody changes it
    root: Annotated[
        list[str] | None,
        typer.Option("--root", metavar="PERSON", help="New holders of the root, in place of all."),
    ] = None,
    threshold: Annotated[int, typer.Option("--threshold", min=1)] = 2,
    root_dir: RootDir = None,
    secrets: secrets_asked.SecretsFile = None,
    data: options.Data = None,
) -> None:
    """Replace a person's key, or with --root the keys of the root itself."""
    if (person is None) == (root is None):
        raise InputError("name the person whose key is replaced, or the root's holders with --root")
    if person is not None:
        _delegate(data, root_dir, secrets, root_signer, again=person)
        return

    async def run() -> None:
        async with open_relay(data) as relay:
            trust = _trust(await relay.get("trust"))
            _, folder = key_folders(_folder(data), root_dir)
            old = key_making.open_root(folder, secrets_asked.ask(root_signer, secrets))
            told = secrets_asked.ask(root or (), secrets, new=True)
            try:
                made = key_making.new_root(trust, folder, root or (), threshold, told, old, _now())
            except InvalidTrustError as error:
                raise InputError(f"the new root {error}") from error
            _say_state(await _hand_over(relay, made))

    asyncio.run(run())


@keys.command()
def remove(
    person: Person,
    root_signer: RootSigners,
    root_dir: RootDir = None,
    secrets: secrets_asked.SecretsFile = None,
    data: options.Data = None,
) -> None:
    """Let a person sign no more; the orders that they signed stand."""
    _delegate(data, root_dir, secrets, root_signer, gone=person)


@keys.command()
def show(
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write what others need to verify orders."),
    ] = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Show who signs orders, and until when the root is believed."""

    async def run() -> dict[str, Any]:
        async with open_relay(data) as relay:
            found: dict[str, Any] = await relay.get("trust")
            return found

    found = asyncio.run(run())
    if export is not None:
        bundle = {name: found[name] for name in ("roots", "delegations")}
        export.write_text(json.dumps(bundle, indent=2, ensure_ascii=False) + "\n", "utf-8")
    if as_json:
        show_json(found)
    else:
        _say_state(found)


def _delegate(
    data: Path | None,
    root_dir: Path | None,
    secrets: Path | None,
    root_signers: Iterable[str],
    *,
    new: Signatory | None = None,
    again: str | None = None,
    gone: str | None = None,
) -> None:
    """The next delegations, with one person more, anew or fewer."""

    async def run() -> None:
        async with open_relay(data) as relay:
            trust = _trust(await relay.get("trust"))
            folder, root_folder = key_folders(_folder(data), root_dir)
            holders = key_making.holders_of(trust)
            signatory = new or _signatory_again(holders, again, folder)
            if new is not None and new.person in holders:
                raise InputError(f"{new.person} has a key already; see parloir keys rotate")
            signers = key_making.open_root(root_folder, secrets_asked.ask(root_signers, secrets))
            if gone is not None:
                _known_person(holders, gone)
                del holders[gone]
            key = None
            if signatory is not None:
                person, private = signatory.person, Ed25519PrivateKey.generate()
                secret = secrets_asked.ask([person], secrets, new=True)[person]
                key = SealedKey.seal(private, person, secret, signatory.accounts)
                holders[person] = key_making.holder_of(person, private, signatory.roles)
            made = key_making.redelegated(trust, holders.values(), signers, _now())
            try:
                trust.updated(made.roots, made.delegations).require_reachable()
            except InvalidTrustError as error:
                raise InputError(str(error)) from error
            if key is not None:
                folder.put(key)  # before it is believed; the old one stays beside it
            _say_state(await _hand_over(relay, made))

    asyncio.run(run())


def _signatory_again(
    holders: dict[str, Holder], person: str | None, folder: KeyFolder
) -> Signatory | None:
    if person is None:
        return None
    before = folder.find(person)
    accounts = () if before is None else before.accounts
    return Signatory(person, _known_person(holders, person).roles, accounts)


def _known_person(holders: dict[str, Holder], person: str) -> Holder:
    if person not in holders:
        raise InputError(f"{person} signs nothing here; see parloir keys show")
    return holders[person]


async def _hand_over(relay: Relay, made: Metadata) -> dict[str, Any]:
    body = {
        "roots": [root.decode() for root in made.roots],
        "delegations": made.delegations.decode(),
    }
    found: dict[str, Any] = await relay.post("trust", body)
    return found


def _say_state(found: dict[str, Any]) -> None:
    say(
        f"Root version {found['root_version']}, delegations version {found['version']}, "
        f"believed until {found['expires'][:10]}."
    )
    show_table(
        ("Person", "Signs orders of"),
        [(one["person"], ", ".join(one["roles"])) for one in found["people"]],
        empty="Nobody signs orders.",
    )


def _trust(found: dict[str, Any]) -> Trust:
    return Trust.load([root.encode() for root in found["roots"]], found["delegations"].encode())


def _signatory(text: str) -> Signatory:
    person, _, roles = text.partition("=")
    if not roles:
        raise InputError(f"--signs {text}: say it as PERSON=ROLE,ROLE")
    # Whoever is named as their account is needs no word for it.
    return Signatory(person, _known_roles(roles.split(",")), (person,))


def _known_roles(names: Iterable[str]) -> frozenset[str]:
    roles = frozenset(names)
    if unknown := sorted(roles - LEAST.keys()):
        raise InputError(f"{unknown[0]!r} is no role; there are {', '.join(LEAST)}")
    return roles


def _folder(data: Path | None) -> Path:
    """The data folder; that there is one was found out when the relay was opened."""
    return data or Path()


def _now() -> datetime:
    return datetime.now(UTC)
