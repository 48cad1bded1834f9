"""``parloir terminals``: which kiosk is which terminal, how they are, and what they are told."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from operate import options
from operate.client import Relay, open_relay, segment
from operate.errors import InputError
from operate.instants import facility_zone, wall
from operate.printing import say, show_fields, show_json, show_table

terminals = typer.Typer(help="Enrol terminals, look at them and look after them.")

Terminal = Annotated[str, typer.Argument(metavar="TERMINAL", help="Its id, e.g. T-01.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")]


@terminals.command("list")
def list_terminals(data: options.Data = None, as_json: options.AsJson = False) -> None:
    """List the terminals and how they are."""

    async def run() -> None:
        async with open_relay(data) as relay:
            answer = await relay.get("terminals/details")
            if as_json:
                show_json(answer)
                return
            zone = facility_zone(await relay.get("me"))
            show_table(
                ("Terminal", "Label", "State", "Version", "Self-test", "Wants"),
                [
                    (
                        one["terminal"]["id"],
                        one["terminal"]["label"],
                        _state(one),
                        (one["about"] or {}).get("software", ""),
                        _tested(one, zone),
                        ", ".join(_wants(one)),
                    )
                    for one in answer["terminals"]
                ],
                empty="No terminals.",
            )
            if answer["waiting"]:
                say(f"{answer['waiting']} kiosk(s) show a code and wait: parloir terminals enrol")

    asyncio.run(run())


@terminals.command()
def show(terminal: Terminal, data: options.Data = None, as_json: options.AsJson = False) -> None:
    """Show all that a terminal says of itself."""

    async def run() -> None:
        async with open_relay(data) as relay:
            one = await _found(relay, terminal)
            if as_json:
                show_json(one)
                return
            zone = facility_zone(await relay.get("me"))
            about, key = one["about"] or {}, one["key"] or {}
            show_fields(
                (
                    ("Terminal", f"{one['terminal']['id']}  {one['terminal']['label']}"),
                    ("State", _state(one)),
                    ("Wants", ", ".join(_wants(one))),
                    ("Last seen", one["last_seen"] and wall(one["last_seen"], zone)),
                    ("Key", key.get("fingerprint")),
                    ("Enrolled", key and f"{wall(key['enrolled_at'], zone)} {key['enrolled_by']}"),
                    ("Version", about.get("software")),
                    ("Up", about and f"{about['up_s']} s"),
                    ("Clock", about and f"{about['clock_offset_s']} s apart"),
                    ("Disk", about and f"{about['disk_free_mib']} MiB free"),
                    ("Camera", one["terminal"]["camera"]),
                    ("Microphone", one["terminal"]["microphone"]),
                    ("Speaker", about.get("speaker")),
                    ("Self-test", _tested(one, zone)),
                    ("Configuration", about.get("configuration_hash")),
                    *sorted(about.get("configuration", {}).items()),
                )
            )

    asyncio.run(run())


@terminals.command()
def enrol(
    code: Annotated[str, typer.Argument(metavar="CODE", help="What the kiosk's screen shows.")],
    terminal: Annotated[
        str, typer.Option("--terminal", metavar="TERMINAL", help="Which one it is, e.g. T-01.")
    ],
    data: options.Data = None,
    as_json: options.AsJson = False,
) -> None:
    """Make the kiosk that shows CODE this terminal."""

    async def run() -> None:
        async with open_relay(data) as relay:
            answer = await relay.post(f"terminals/{segment(terminal)}/enrol", {"code": code})
            if as_json:
                show_json(answer)
            else:
                say(f"{terminal} is enrolled; its key is {answer['fingerprint']}.")

    asyncio.run(run())


@terminals.command()
def revoke(terminal: Terminal, reason: Reason, data: options.Data = None) -> None:
    """Let the terminal's kiosk in no more; it shows a new code."""
    body = {"reason": reason}
    _tell(data, terminal, "revoke", body, f"The kiosk of {terminal} is let in no more.")


@terminals.command()
def restart(
    terminal: Terminal,
    force: Annotated[
        str | None,
        typer.Option("--force-reason", metavar="TEXT", help="Even in a visit, and why."),
    ] = None,
    data: options.Data = None,
) -> None:
    """Start the terminal's kiosk again; not in a visit."""
    body = {} if force is None else {"force_reason": force}
    _tell(data, terminal, "restart", body, f"{terminal} restarts.")


@terminals.command()
def selftest(terminal: Terminal, data: options.Data = None) -> None:
    """Let the terminal test itself; `show` tells what it found."""
    _tell(data, terminal, "self-test", {}, f"{terminal} tests itself.")


@terminals.command()
def maintenance(
    terminal: Terminal,
    mode: Annotated[str, typer.Argument(metavar="on|off", help="Out of service, or back.")],
    reason: Reason,
    data: options.Data = None,
) -> None:
    """Take the terminal out of service to look after it, or put it back."""
    if mode not in ("on", "off"):
        raise InputError(f"say on or off, not {mode!r}")
    body = {"on": mode == "on", "reason": reason}
    words = "is out of service" if mode == "on" else "is back in service"
    _tell(data, terminal, "maintenance", body, f"{terminal} {words}.")


@terminals.command()
def repair(
    terminal: Terminal,
    what: Annotated[
        str, typer.Argument(metavar="cache|config", help="What the terminal says is damaged.")
    ],
    data: options.Data = None,
) -> None:
    """Let the terminal forget its damaged cache, or use the settings that worked last."""
    actions = {"cache": "FORGET_CACHE", "config": "USE_LAST_CONFIG"}
    if what not in actions:
        raise InputError(f"say cache or config, not {what!r}")
    _tell(data, terminal, "repair", {"what": actions[what]}, f"{terminal} is repaired.")


def _tell(
    data: options.Data, terminal: str, deed: str, body: Mapping[str, object], done: str
) -> None:
    async def run() -> None:
        async with open_relay(data) as relay:
            await relay.post(f"terminals/{segment(terminal)}/{deed}", body)
            say(done)

    asyncio.run(run())


async def _found(relay: Relay, terminal: str) -> Any:
    for one in (await relay.get("terminals/details"))["terminals"]:
        if one["terminal"]["id"] == terminal:
            return one
    raise InputError(f"there is no terminal {terminal}")


def _state(one: Mapping[str, Any]) -> str:
    if one["key"] is None:
        return "not enrolled"
    if not one["terminal"]["connected"]:
        return "not connected"
    if not one["terminal"]["in_service"]:
        return "maintenance"
    return "in a visit" if one["occupied"] else "ready"


def _tested(one: Mapping[str, Any], zone: Any) -> str:
    test = one["self_test"]
    if test is None:
        return ""
    return f"{'passed' if test['passed'] else 'FAILED'} {wall(test['at'], zone)}"


def _wants(one: Mapping[str, Any]) -> list[str]:
    found = [f"{fault.lower()} damaged" for fault in (one["about"] or {}).get("faults", [])]
    if one["terminal"]["connected"]:
        found += [
            f"{device} {one['terminal'][device].lower()}"
            for device in ("camera", "microphone")
            if one["terminal"][device] in ("FAILED", "ABSENT")
        ]
    results = (one["self_test"] or {}).get("results", {})
    found += [f"{part} failed" for part, state in results.items() if state in ("FAILED", "ABSENT")]
    return [*found, *(finding.lower() for finding in one["terminal"]["findings"])]
