"""What the person who typed `scripts/run` reads: one line an event, one page when all is ready.

Guarantees: links and commands stand on lines of their own, whole, so that they can be copied.
Leaves to others: when to say what (`supervisor`, `__main__`).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from operate.example import OpenVisit
from operate.example.people import FACILITY
from operate.facility.ready_file import Ready
from operate.facility.settings import CONTROL_SOCKET

_COMMAND: Final = Path(__file__).resolve().parents[2] / ".venv" / "bin" / "parloir"
_BRIDGE: Final = _COMMAND.with_name("parloir-bridge")


def say(line: str) -> None:
    """Print ``line`` at once, whatever stands at the other end."""
    print(line, flush=True)


def page(
    ready: Ready,
    visits: Sequence[OpenVisit],
    *,
    auto: bool,
    after_s: float,
    signing: Mapping[str, str] | None = None,
) -> str:
    """Who can log in where, at what time of the facility; ``visits`` are those of ``ready``,
    which it was ``after_s`` seconds after its start.

    ``signing`` is with which secret each person signs orders.
    """
    return "\n".join(_lines(ready, visits, signing or {}, auto=auto, after_s=after_s))


def _lines(
    ready: Ready,
    visits: Sequence[OpenVisit],
    signing: Mapping[str, str],
    *,
    auto: bool,
    after_s: float,
) -> Iterator[str]:
    zone = ZoneInfo(FACILITY.timezone)
    yield ""
    yield f"{FACILITY.name} lives at {ready.base_url} (ready after {after_s:.1f} s)"
    yield ""
    yield f"Visits open now (times of {FACILITY.timezone})"
    for shown, visit in zip(ready.visits, visits, strict=True):
        times = f"{visit.starts.astimezone(zone):%H:%M}–{visit.ends.astimezone(zone):%H:%M}"
        yield "  " + "  ".join(
            (shown.reference, shown.type, shown.terminal, times, visit.inmate_name)
        )
        who = "the kiosk acts the inmate" if auto else f"the inmate's PIN is {visit.pin}"
        yield f"    {who}; the visitor opens"
        yield f"    {shown.visitor_link}"
        if not auto:
            yield "    lift the handset, show a badge, press panic:"
            control = _short(Path(ready.data_dir) / "kiosk" / shown.terminal / CONTROL_SOCKET)
            yield f"    {_short(_BRIDGE)} panel {control}"
    if not visits:
        yield "  none: no kiosk was asked for, or a suspension covers them all"
    yield ""
    yield "Staff"
    user = max(len(member.user) for member in ready.staff)
    password = max(len(member.password) for member in ready.staff)
    for member in ready.staff:
        yield f"  {member.user:<{user}}  {member.password:<{password}}  {member.url}"
    if signing:
        yield ""
        yield "Secrets with which they sign orders (not their passwords)"
        for person, secret in signing.items():
            yield f"  {person:<{user}}  {secret}"
    data = _short(Path(ready.data_dir))
    yield ""
    yield f"Logs are in {data / 'logs'}. The command line, for example:"
    yield f"  {_short(_COMMAND)} orders list --data {data}"
    yield "Ctrl-C stops everything."
    yield ""


def _short(path: Path) -> Path:
    """Relative to where we stand, when it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
