"""Options that every command shares, declared once."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", envvar="PARLOIR_DATA", help="The relay's data folder."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

Ids = list[str] | None
Inmates = Annotated[Ids, typer.Option("--inmate", metavar="ID", help="This inmate.")]
Visitors = Annotated[Ids, typer.Option("--visitor", metavar="ID", help="This visitor.")]
Contacts = Annotated[
    Ids, typer.Option("--contact", metavar="ID", help="This pair of inmate and visitor.")
]
Terminals = Annotated[Ids, typer.Option("--terminal", metavar="ID", help="This terminal.")]
HousingUnits = Annotated[
    Ids, typer.Option("--housing-unit", metavar="ID", help="This housing unit.")
]
Facilities = Annotated[Ids, typer.Option("--facility", metavar="ID", help="This facility.")]
VisitTypes = Annotated[
    Ids, typer.Option("--visit-type", metavar="TYPE", help="Only visits of this type.")
]
ProtectTypes = Annotated[
    Ids,
    typer.Option(
        "--protect-type",
        metavar="TYPE",
        help="Also visits of this protected type (LEGAL, CONSULAR, …); without it they go on.",
    ),
]
Expires = Annotated[
    str,
    typer.Option(
        "--expires", metavar="TIME", help="When it ends: +2h, +7d or 2026-03-02T19:00 (local)."
    ),
]
NotBefore = Annotated[
    str | None,
    typer.Option("--not-before", metavar="TIME", help="When it begins; now, if left out."),
]
