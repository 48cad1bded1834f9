"""How `intake.c` becomes ``relay.media.recorder._intake``; the package's build reads this."""

from pathlib import Path
from typing import Final

from cffi import FFI  # type: ignore[import-untyped]

_HERE: Final = Path(__file__).parent

builder: Final = FFI()
builder.cdef((_HERE / "intake.h").read_text())
builder.set_source(
    "relay.media.recorder._intake",
    '#include <stdint.h>\n#include "intake.h"\n',
    sources=["relay/media/recorder/intake.c"],
    include_dirs=["relay/media/recorder"],
    depends=["relay/media/recorder/intake.h"],
    extra_compile_args=[
        *("-O3", "-std=gnu11", "-Wall", "-Wextra"),
        *("-fstack-protector-strong", "-D_FORTIFY_SOURCE=2"),
    ],
)
