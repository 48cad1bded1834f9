"""How `loop.c` becomes ``relay.media.forwarding._loop``; the package's build reads this."""

from pathlib import Path
from typing import Final

from cffi import FFI  # type: ignore[import-untyped]

_HERE: Final = Path(__file__).parent

builder: Final = FFI()
builder.cdef((_HERE / "loop.h").read_text())
builder.set_source(
    "relay.media.forwarding._loop",
    '#include <stdint.h>\n#include "loop.h"\n',
    sources=["relay/media/forwarding/loop.c"],
    include_dirs=["relay/media/forwarding"],
    depends=["relay/media/forwarding/loop.h"],
    extra_compile_args=[
        *("-O3", "-std=gnu11", "-Wall", "-Wextra"),
        *("-fstack-protector-strong", "-D_FORTIFY_SOURCE=2"),
    ],
    libraries=["pthread"],
)
