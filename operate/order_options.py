"""The options of a new order, declared once for every command that takes them.

Guarantees: `spread` gives a command each field of its dataclass parameters as an option of its
own, so that ``suspend``, ``draft`` and ``impact`` read the same words. Leaves to others: what an
order may be (the relay).
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Final, get_type_hints

from operate import options
from operate.errors import InputError
from operate.instants import facility_zone, parse_instant

_LISTED: Final = (
    *("inmate", "visitor", "contact", "terminal", "housing_unit", "facility", "visit_type"),
)
_LOCAL: Final = ("housing_unit", "terminal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom an order would reach, and from when."""

    inmate: options.Inmates = None
    visitor: options.Visitors = None
    contact: options.Contacts = None
    terminal: options.Terminals = None
    housing_unit: options.HousingUnits = None
    facility: options.Facilities = None
    visit_type: options.VisitTypes = None
    protect_type: options.ProtectTypes = None
    not_before: options.NotBefore = None
    emergency: options.Emergency = False
    incident: options.Incident = None

    @property
    def scope(self) -> dict[str, list[str]]:
        """What was named of each dimension; empty when nobody was."""
        return {name: named for name in _LISTED if (named := getattr(self, name))}

    def terms(self, me: Mapping[str, Any], expires: str) -> dict[str, Any]:
        """What the order would do, as the REST API takes it.

        A terminal's or a unit's id means something only inside a facility; here there is one.

        Raises:
            InputError: nobody was named, or a time is none.
        """
        scope = self.scope
        if not scope:
            raise InputError("say whom: --inmate, --visitor, --contact, --terminal, …")
        now, zone = datetime.fromisoformat(me["now"]), facility_zone(me)
        if "facility" not in scope and any(name in scope for name in _LOCAL):
            scope["facility"] = [me["facility"]["id"]]
        begins = (
            None
            if self.not_before is None
            else parse_instant("--not-before", self.not_before, now, zone)
        )
        return {
            "scope": scope,
            "protected": self.protect_type or [],
            "not_before": None if begins is None else begins.isoformat(),
            "expires": parse_instant("--expires", expires, begins or now, zone).isoformat(),
            "emergency": self.emergency,
            "incident": self.incident or [],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Why an order is given, and what is told of it."""

    reason: options.Reason
    basis: options.Basis
    text_ru: options.TextRu
    text_en: options.TextEn
    why_not_narrower: options.WhyNotNarrower = ""
    withheld: options.Withheld = None
    grace: options.Grace = None

    def body(self) -> dict[str, Any]:
        """As the REST API takes them."""
        return {
            "reason_code": self.reason,
            "legal_basis": self.basis,
            "public_text": {"ru": self.text_ru, "en": self.text_en},
            "why_not_narrower": self.why_not_narrower,
            "withheld": self.withheld,
            "grace_s": self.grace,
        }


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """``command`` with the fields of its dataclass parameters as parameters of its own."""
    taken: dict[str, type] = {}
    options_of: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command, eval_str=True).parameters.items():
        kind = parameter.annotation
        if isinstance(kind, type) and is_dataclass(kind):
            taken[name] = kind
            options_of += _options(kind)
        else:
            options_of.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    @wraps(command)
    def typed(**given: Any) -> None:
        made = {
            name: kind(**{field.name: given.pop(field.name) for field in fields(kind)})
            for name, kind in taken.items()
        }
        command(**made, **given)

    # Whoever asks for the parameters must not be led back to those of ``command``.
    del typed.__wrapped__
    typed.__annotations__ = {one.name: one.annotation for one in options_of}
    setattr(typed, "__signature__", inspect.Signature(options_of))  # noqa: B010  mypy knows none
    return typed


def _options(kind: type) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(kind)
    ]
