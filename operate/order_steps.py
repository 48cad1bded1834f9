"""``parloir orders draft|impact|approve|decline|sign|withdraw|renew|review|explain``, step by step.

Guarantees: each step is one request, so what the relay refuses has not happened; exit statuses are
those of `operate.errors.EXIT`. Leaves to others: what a step means (the relay).
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from operate import options, order_files
from operate.client import Relay, open_relay, segment
from operate.errors import VISIT_IMPOSSIBLE, AnsweredNoError, InputError
from operate.instants import facility_zone, parse_instant, wall
from operate.order_options import Reach, Words, spread
from operate.order_words import Asker, reaches, show_impact
from operate.printing import say, show_fields, show_json, show_table
from operate.secrets_asked import SecretsFile

OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")]
Digest = Annotated[
    str | None,
    typer.Option("--digest", help="What was shown, from impact; else what is shown now."),
]


def add_to(orders: typer.Typer) -> None:
    """Put these commands beside the others of ``parloir orders``."""
    for name, command in (
        ("draft", draft),
        ("drafts", drafts),
        ("impact", impact),
        ("approve", approve),
        ("decline", decline),
        ("sign", sign),
        ("withdraw", withdraw),
        ("renew", renew),
        ("review", review),
        ("explain", explain),
    ):
        orders.command(name)(command)


@spread
def draft(
    words: Words,
    expires: options.Expires,
    reach: Reach,
    person: options.AsPerson = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Begin an order and count its impact; nothing is suspended yet."""

    async def run() -> None:
        async with open_relay(data, person=person) as relay:
            me = await relay.get("me")
            made = await relay.post("orders/drafts", reach.terms(me, expires) | words.body())
            await _show_counted(relay, made["id"], facility_zone(me), as_json=as_json)

    asyncio.run(run())


@spread
def impact(
    reach: Reach,
    order_id: Annotated[
        str | None, typer.Argument(metavar="[ORDER]", help="A draft; else say whom and until when.")
    ] = None,
    expires: options.ExpiresOrNone = None,
    person: options.AsPerson = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Count what an order would stop, and what narrower ones would; give none.

    Of a draft it is what is approved and signed: the same again keeps its approvals, anything else
    voids them. Without one, nothing is kept.
    """
    if (order_id is None) == (expires is None) or (order_id and reach != Reach()):
        raise InputError("name a draft alone; or say whom, and until when: --expires TIME")

    async def run() -> None:
        async with open_relay(data, person=person) as relay:
            me = await relay.get("me")
            if order_id is not None:
                zone = facility_zone(me)
                await _show_counted(relay, segment(order_id), zone, as_json=as_json)
                return
            found = await relay.post("orders/impact", reach.terms(me, str(expires)))
            if as_json:
                show_json(found)
            else:
                show_impact(found, facility_zone(me))

    asyncio.run(run())


async def _show_counted(relay: Relay, ident: str, zone: ZoneInfo, *, as_json: bool) -> None:
    shown = await relay.post(f"orders/drafts/{ident}/impact", {})
    if as_json:
        show_json(shown)
        return
    show_impact(shown["impact"], zone)
    _say_draft(shown["draft"])


def _say_draft(draft: Mapping[str, Any]) -> None:
    missing = draft["approvals_missing"]
    waits = f"waits for {missing} more to approve it" if missing else "may be signed"
    say(f"Draft {draft['id']} is {draft['state']} and {waits}; digest {draft['digest']}.")


def drafts(data: options.Data = None, as_json: options.AsJson = False) -> None:
    """List what is neither signed nor withdrawn."""

    async def run() -> None:
        async with open_relay(data) as relay:
            answer = await relay.get("orders/drafts")
            if as_json:
                show_json(answer)
                return
            zone = facility_zone(await relay.get("me"))
            show_table(
                ("Draft", "State", "By", "Approved by", "Missing", "Until", "Reaches"),
                [
                    (
                        one["id"],
                        one["state"],
                        one["drafter"],
                        ", ".join(one["approvals"]),
                        one["approvals_missing"],
                        wall(one["expires"], zone),
                        reaches(one),
                    )
                    for one in answer["drafts"]
                ],
                empty="No drafts.",
            )

    asyncio.run(run())


def approve(
    order_id: OrderId,
    digest: Digest = None,
    person: options.AsPerson = None,
    secrets: SecretsFile = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Agree to a draft as it was counted; never by the person who drafted it."""

    async def run() -> None:
        async with open_relay(data, person=person) as relay:
            path = f"orders/drafts/{segment(order_id)}"
            body = {"digest": digest or await _digest(relay, path)}
            asker = Asker(relay, person, secrets, may_ask=not as_json)
            approved = await asker.signed(f"{path}/approve", body)
            if as_json:
                show_json(approved)
            else:
                _say_draft(approved)

    asyncio.run(run())


async def _digest(relay: Relay, path: str) -> str:
    found = (await relay.get(path))["digest"]
    if found is None:
        raise InputError("its impact was not counted yet: parloir orders impact ORDER")
    return str(found)


def sign(
    target: Annotated[
        str, typer.Argument(metavar="ORDER|FILE", help="A draft's id, or an order's file.")
    ],
    visits: Annotated[
        int | None, typer.Option("--visits", help="The number of visits that it cancels.")
    ] = None,
    digest: Digest = None,
    person: options.AsPerson = None,
    keys: Annotated[
        Path | None, typer.Option("--keys", metavar="DIR", help="Of a file: the folder of keys.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Of a file: where to.")
    ] = None,
    secrets: SecretsFile = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Sign a draft, which enforces it; or add one's signature to an order in a file."""
    if Path(target).is_file() or target.endswith(".json"):
        if person is None:
            raise InputError("say whose key signs: --as PERSON")
        order_files.sign_file(Path(target), person, keys, out, secrets, data)
        return
    if visits is None:
        raise InputError("say how many visits it cancels, as counted: --visits N")

    async def run() -> None:
        async with open_relay(data, person=person) as relay:
            path = f"orders/drafts/{segment(target)}"
            body = {"digest": digest or await _digest(relay, path), "confirm_visits": visits}
            asker = Asker(relay, person, secrets, may_ask=not as_json)
            order = await asker.signed(f"{path}/sign", body)
            if as_json:
                show_json(order)
            else:
                until = wall(order["expires"], facility_zone(await relay.get("me")))
                say(f"Order {order['id']} is {order['state']} until {until}.")

    asyncio.run(run())


def decline(
    order_id: OrderId,
    reason: Annotated[str, typer.Option(help="Why you do not agree; the drafter reads it.")],
    person: options.AsPerson = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Not approve a draft, and say why."""

    async def run() -> None:
        async with open_relay(data, person=person) as relay:
            path = f"orders/drafts/{segment(order_id)}/decline"
            back = await relay.post(path, {"reason": reason})
            if as_json:
                show_json(back)
            else:
                say(f"Draft {back['id']} goes back to {back['drafter']}.")

    asyncio.run(run())


def withdraw(
    order_id: OrderId,
    person: options.AsPerson = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Give a draft up."""

    async def run() -> None:
        async with open_relay(data, person=person) as relay:
            gone = await relay.post(f"orders/drafts/{segment(order_id)}/withdraw", {})
            if as_json:
                show_json(gone)
            else:
                say(f"Draft {gone['id']} is {gone['state']}.")

    asyncio.run(run())


def renew(
    order_id: OrderId,
    expires: options.Expires,
    person: options.AsPerson = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Draft another order that goes on where this one ends; it goes the whole way again."""

    async def run() -> None:
        async with open_relay(data, person=person) as relay:
            me = await relay.get("me")
            path = f"orders/{segment(order_id)}"
            old = await relay.get(path)
            zone = facility_zone(me)
            begins = max(map(datetime.fromisoformat, (old["expires"], me["now"])))
            until = parse_instant("--expires", expires, begins, zone).isoformat()
            made = await relay.post(f"{path}/renew", {"expires": until})
            await _show_counted(relay, made["id"], zone, as_json=as_json)

    asyncio.run(run())


def review(
    order_id: OrderId,
    note: Annotated[str, typer.Option("--note", help="What was found.")],
    person: options.AsPerson = None,
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Say that somebody has looked at the order again."""

    async def run() -> None:
        async with open_relay(data, person=person) as relay:
            order = await relay.post(f"orders/{segment(order_id)}/review", {"note": note})
            if as_json:
                show_json(order)
            else:
                due = wall(order["review_due"], facility_zone(await relay.get("me")))
                say(f"Order {order['id']} is {order['state']}; next review {due or 'none'}.")

    asyncio.run(run())


def explain(
    visit: Annotated[str, typer.Argument(metavar="VISIT", help="The visit's id.")],
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Say why a visit can or cannot happen, naming every order; exit status 60 if it cannot."""

    async def run() -> None:
        async with open_relay(data) as relay:
            found = await relay.get(f"orders/explain/{segment(visit)}")
            if as_json:
                show_json(found)
            else:
                _show_explanation(found, facility_zone(await relay.get("me")))
            if not found["possible"]:
                raise AnsweredNoError("the visit cannot happen", VISIT_IMPOSSIBLE)

    asyncio.run(run())


def _show_explanation(found: Mapping[str, Any], zone: ZoneInfo) -> None:
    seen = found["visit"]
    state = "over" if found["over"] else "possible" if found["possible"] else "not possible"
    say(f"Visit {seen['reference']} of {wall(seen['starts'], zone)} is {state}.")
    if found["rebooked_as"]:
        say(f"Another visit takes its place: {found['rebooked_as']}.")
    for refusal in found["refusals"]:
        until = wall(refusal["until"], zone)
        say(f"  {refusal['code']}{f' until {until}' if until else ''}")
    for order in found["orders"]:
        show_fields(
            [
                ("Order", order["id"]),
                ("Reason", order["reason_code"]),
                ("Withheld from those concerned", order["withheld"]),
                ("Legal basis", order["legal_basis"]),
                ("Reaches", reaches(order | {"scope": {}})),
                ("Until", wall(order["expires"], zone)),
                ("Issued by", order["issuer"]),
                ("Approved by", ", ".join(order["approvals"])),
                ("Why nothing narrower", order["why_not_narrower"]),
                ("Review due", wall(order["review_due"], zone)),
            ]
        )
