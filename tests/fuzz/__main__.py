"""``python -m tests.fuzz TARGET [libFuzzer arguments]``: one target under atheris.

``scripts/fuzz`` installs atheris and calls this.
"""

import sys

import atheris

with atheris.instrument_imports(include=["relay", "firmware_bridge", "visit_protocol", "aioice"]):
    from tests.fuzz.targets import TARGETS

atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
atheris.Fuzz()
