"""A program's configuration as text: its models are the one source (ADR 0004).

Guarantees: `to_toml` writes a file that the model reads back as the same values, every key with
its meaning, keys at their default commented out; `to_reference` names every key with type, unit,
bounds, default and meaning; both follow the model's JSON Schema. Leaves to others: which programs
there are (`operate.generate`), and reading a file (each program's own ``config.py``).
"""

import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

WIDTH: Final = 96
_UNITS: Final = {
    "_s": "seconds",
    "_ms": "milliseconds",
    "_mib": "MiB",
    "_px": "pixels",
    "_fps": "pictures a second",
    "_hz": "hertz",
    "_days": "days",
}
_FORMATS: Final = {
    "path": "path",
    "uri": "URL",
    "ipvanyaddress": "IP address",
    "ipv4": "IP address",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a file, as its JSON Schema has it."""

    section: str
    """Name of the table it stands in; "" for the top of the file."""
    name: str
    schema: Mapping[str, Any]
    required: bool

    @property
    def path(self) -> str:
        """How messages and people name it, e.g. ``http.port``."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def meaning(self) -> str:
        """What it is for, in a sentence."""
        return str(self.schema.get("description") or self.schema.get("title") or self.name)


def keys(model: type[BaseModel]) -> list[Key]:
    """Every key of ``model`` in the order of a file: the top first, then table by table."""
    whole = model.model_json_schema()
    tables = {
        name: whole["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
        for name, schema in whole["properties"].items()
        if "$ref" in schema and "properties" in _target(schema, whole)
    }
    top = {name: part for name, part in whole["properties"].items() if name not in tables}
    parts = [("", {"properties": top, "required": whole.get("required", [])}), *tables.items()]
    return [
        Key(section, name, _resolved(schema, whole), name in part.get("required", []))
        for section, part in parts
        for name, schema in part["properties"].items()
    ]


def to_toml(model: type[BaseModel], values: Mapping[str, object], heading: str) -> str:
    """The commented file of ``model``; ``values`` holds what is set, by path (``http.port``).

    Raises:
        KeyError: ``values`` lacks a key without a default, or names one that the model lacks.
    """
    known = keys(model)
    unknown = set(values) - {key.path for key in known}
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    lines = _comment(heading)
    section = ""
    for key in known:
        lines.append("")
        if key.section != section:
            section = key.section
            lines += [f"[{section}]"]
        lines += [*_comment(_explained(key)), _assignment(key, values)]
    return "\n".join(lines) + "\n"


def to_reference(model: type[BaseModel]) -> str:
    """A Markdown table for the top of the file and for each section of ``model``."""
    lines: list[str] = []
    section: str | None = None
    for key in keys(model):
        if key.section != section:
            section = key.section
            lines += ["", f"### `[{section}]`" if section else "### Top of the file", ""]
            lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
        default = "*required*" if key.required else _default_shown(key)
        meaning = key.meaning.replace("|", "\\|")
        lines.append(f"| `{key.name}` | {_kind(key)} | {default} | {meaning} |")
    return "\n".join(lines).strip() + "\n"


def to_schema(model: type[BaseModel]) -> str:
    """The JSON Schema of ``model``, formatted."""
    return json.dumps(model.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def _target(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    target: Mapping[str, Any] = whole["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    return target


def _resolved(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """``schema`` with a reference (to an enumeration) and an optional's "or null" taken away."""
    merged = dict(schema)
    if "$ref" in merged:
        merged = {**_target(merged, whole), **merged}
    choices = [part for part in merged.get("anyOf", []) if part.get("type") != "null"]
    if len(choices) == 1:
        merged = {**_resolved(choices[0], whole), **merged}
    return merged


def _explained(key: Key) -> str:
    return f"{key.meaning} ({_kind(key)}{', required' if key.required else ''})"


def _kind(key: Key) -> str:
    """What a person calls the type, with unit and bounds: "seconds, 1 to 5"."""
    schema = key.schema
    words = _word(schema)
    if words in ("whole number", "number"):
        unit = next((unit for end, unit in _UNITS.items() if key.name.endswith(end)), None)
        words = unit or words
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    match least, most:
        case None, None:
            return words
        case _, None:
            return f"{words}, at least {least}"
        case None, _:
            return f"{words}, at most {most}"
    return f"{words}, {least} to {most}"


def _word(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(_toml(value) for value in schema["enum"])
    match schema.get("type"):
        case "array":
            return f"list (each {_word(schema.get('items', {}))})"
        case "integer":
            return "whole number"
        case "number":
            return "number"
        case "boolean":
            return "true or false"
    return _FORMATS.get(schema.get("format", ""), "text")


def _default_shown(key: Key) -> str:
    default = key.schema.get("default")
    return "—" if default is None else f"`{_toml(default)}`"


def _assignment(key: Key, values: Mapping[str, object]) -> str:
    if key.path in values:
        return f"{key.name} = {_toml(values[key.path])}"
    if key.required:
        raise KeyError(key.path)
    default = key.schema.get("default")
    return f"# {key.name} = {'' if default is None else _toml(default)}".rstrip()


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, WIDTH)]


def _toml(value: object) -> str:
    """``value`` as TOML; JSON's strings are TOML's too."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case list() | tuple():
            return f"[{', '.join(_toml(item) for item in value)}]"
    return json.dumps(str(value), ensure_ascii=False)
