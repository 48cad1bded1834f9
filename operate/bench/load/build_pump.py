"""How `pump.c` becomes the module ``operate.bench.load._pump``; the package's build reads this."""

from pathlib import Path
from typing import Final

from cffi import FFI  # type: ignore[import-untyped]

_HERE: Final = Path(__file__).parent

builder: Final = FFI()
builder.cdef((_HERE / "pump.h").read_text())
builder.set_source(
    "operate.bench.load._pump",
    '#include <stdint.h>\n#include "pump.h"\n',
    sources=["operate/bench/load/pump.c"],
    include_dirs=["operate/bench/load"],
    depends=["operate/bench/load/pump.h"],
    extra_compile_args=["-O2", "-std=c11", "-Wall", "-Wextra"],
)
