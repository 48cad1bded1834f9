"""What pyproject.toml cannot say: which C parts to build, and that none of them is a condition.

Guarantees: without a C compiler or Python's headers the installation succeeds, without the C
parts, and says so in one line. Leaves to others: doing without them.
"""

import shutil
import sys
import sysconfig
from pathlib import Path

from setuptools import setup

C_PARTS = [
    "relay/media/forwarding/build_loop.py:builder",
    "relay/media/recorder/build_intake.py:builder",
    "operate/bench/load/build_pump.py:builder",
]


def can_compile() -> bool:
    """Whether a C compiler and Python's headers are here."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    headers = Path(sysconfig.get_path("include"), "Python.h")
    return shutil.which(compiler) is not None and headers.exists()


if not can_compile():
    sys.stderr.write("parloir: no C compiler or no Python headers; going on without C parts\n")
    C_PARTS = []
setup(cffi_modules=C_PARTS)
