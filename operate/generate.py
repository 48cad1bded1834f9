"""The files that are made from code: ``python -m operate.generate [--check]``.

Guarantees: without ``--check`` every generated file is as the code says; with it nothing is
written, and exit status 1 with one line a file says what is out of date. Leaves to others: the
texts themselves (`configuration`, `visit_states`).
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from firmware_bridge.config import BridgeConfig
from kiosk.config import KioskConfig
from operate import configuration, visit_states
from relay.config import RelayConfig
from visit_protocol import signalling

ROOT: Final = Path(__file__).resolve().parent.parent

_REFERENCE: Final = """# Configuration

Generated from `relay/config.py`, `kiosk/config.py` and `firmware_bridge/config.py` by
`python -m operate.generate`; change the models there. Each program reads one TOML file, named with
`--config`. A key that is not listed here is refused, and so is a value out of its bounds: the
program says which in one line and does not start. An editor that knows JSON Schema can complete
and check the files with `relay.schema.json`, `kiosk.schema.json` and `bridge.schema.json`.

Secrets (credentials, keys) never stand in these files, only paths to them.

## The relay: `relay.toml`

{relay}
## A kiosk: `kiosk.toml`

{kiosk}
## A bridge: `bridge.toml`

{bridge}"""

_KIOSK_EXAMPLE: Final = {
    "relay.url": "wss://relay.example/api/v1/terminal",
}


def texts() -> Mapping[str, str]:
    """Every generated file, by its path under the project's root."""
    reference = _REFERENCE.format(
        relay=configuration.to_reference(RelayConfig),
        kiosk=configuration.to_reference(KioskConfig),
        bridge=configuration.to_reference(BridgeConfig),
    )
    return {
        "config/README.md": reference,
        "config/relay.schema.json": configuration.to_schema(RelayConfig),
        "config/kiosk.schema.json": configuration.to_schema(KioskConfig),
        "config/bridge.schema.json": configuration.to_schema(BridgeConfig),
        "config/relay.example.toml": configuration.to_toml(
            RelayConfig, {}, "The relay. Every key may stay away; the values shown are defaults."
        ),
        "config/kiosk.example.toml": configuration.to_toml(
            KioskConfig, _KIOSK_EXAMPLE, "A kiosk. The keys without a # must be there."
        ),
        "config/bridge.example.toml": configuration.to_toml(
            BridgeConfig, {}, "A bridge. Every key may stay away; the values shown are defaults."
        ),
        "docs/visit-states.md": visit_states.to_markdown(),
        "docs/signalling.schema.json": _signalling_schema(),
    }


def stale(root: Path) -> list[str]:
    """The paths whose file under ``root`` is missing or differs from what the code says."""
    return [path for path, text in texts().items() if _read(root / path) != text]


def write(root: Path) -> list[str]:
    """Bring every file under ``root`` up to date; the paths that changed.

    Raises:
        OSError: a file cannot be written.
    """
    found = texts()
    changed = stale(root)
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(found[path], "utf-8")
    return changed


def main(words: Sequence[str] | None = None) -> int:
    """Exit status of the command line ``words``."""
    parser = argparse.ArgumentParser(prog="python -m operate.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, say what is stale")
    if not parser.parse_args(words).check:
        for path in write(ROOT):
            print(f"written: {path}")
        return 0
    out_of_date = stale(ROOT)
    for path in out_of_date:
        print(f"{path} is out of date: run python -m operate.generate", file=sys.stderr)
    return 1 if out_of_date else 0


def _signalling_schema() -> str:
    """Both directions of the signalling protocol as one JSON Schema."""
    schemas = {
        "from_client": signalling.from_client.json_schema(),
        "from_relay": signalling.from_relay.json_schema(),
    }
    definitions: dict[str, object] = {}
    for schema in schemas.values():
        definitions |= schema.pop("$defs")
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "parloir signalling",
        "description": "Messages of docs/protocol.md, by direction.",
        "$defs": {**schemas, **dict(sorted(definitions.items()))},
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in schemas],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


if __name__ == "__main__":
    raise SystemExit(main())
