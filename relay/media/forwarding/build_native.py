"""Builds `relay.media.forwarding._loop` from loop.c: part of the package's build.

``python -m relay.media.forwarding.build_native`` builds it in place; setup.py names `ffi`.
"""

from pathlib import Path

from cffi import FFI  # type: ignore[import-untyped]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]

ffi = FFI()
ffi.cdef((HERE / "loop.h").read_text("utf-8"))
ffi.set_source(
    "relay.media.forwarding._loop",
    '#include <stddef.h>\n#include <stdint.h>\n#include "loop.h"\n',
    # Relative to the project's root, as setuptools wants it.
    sources=[str((HERE / "loop.c").relative_to(ROOT))],
    include_dirs=[str(HERE.relative_to(ROOT))],
    depends=[str((HERE / name).relative_to(ROOT)) for name in ("loop.c", "loop.h")],
    extra_compile_args=["-O3", "-std=gnu11", "-Wall", "-Wextra", "-Werror=implicit"],
    libraries=["pthread"],
)

if __name__ == "__main__":
    import os

    os.chdir(ROOT)
    print(ffi.compile(verbose=False))  # noqa: T201
