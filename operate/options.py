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
ExpiresOrNone = Annotated[
    str | None,
    typer.Option(
        "--expires", metavar="TIME", help="When it ends: +2h, +7d or 2026-03-02T19:00 (local)."
    ),
]
NotBefore = Annotated[
    str | None,
    typer.Option("--not-before", metavar="TIME", help="When it begins; now, if left out."),
]

Reason = Annotated[str, typer.Option("--reason", metavar="CODE", help="Reason code.")]
Basis = Annotated[str, typer.Option("--basis", help="The law, rule or decision behind it.")]
TextRu = Annotated[str, typer.Option("--text-ru", help="What people read, in Russian.")]
TextEn = Annotated[str, typer.Option("--text-en", help="What people read, in English.")]
Emergency = Annotated[
    bool,
    typer.Option("--emergency", help="One person, one facility, 60 minutes at most; reviewed."),
]
WhyNotNarrower = Annotated[
    str,
    typer.Option("--why-not-narrower", help="Needed for a housing unit or more: why it must be."),
]
Withheld = Annotated[
    str | None,
    typer.Option(
        "--withhold",
        metavar="GROUND",
        help="Do not tell the reason: RISK_TO_PERSON, RISK_TO_INVESTIGATION, RISK_TO_SECURITY.",
    ),
]
Grace = Annotated[
    int | None,
    typer.Option(
        "--grace", metavar="SECONDS", min=1, max=600, help="How long calls that run still have."
    ),
]
Incident = Annotated[
    Ids, typer.Option("--incident", metavar="VISIT", help="A visit that the incident concerned.")
]
AsPerson = Annotated[
    str | None,
    typer.Option(
        "--as", "--person", metavar="PERSON", envvar="PARLOIR_PERSON", help="Who acts and signs."
    ),
]
