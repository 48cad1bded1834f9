"""Our C under AddressSanitizer and UndefinedBehaviorSanitizer: the corpus, and random programs."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz.targets import CORPUS

HERE = Path(__file__).parent
PROGRAMS = 2000
PARTS = pytest.mark.parametrize("part", ["loop", "intake"])


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Builds the driver of a part with the sanitizers, once."""
    if shutil.which("gcc") is None:
        pytest.skip("there is no C compiler, and so no C part")
    folder = tmp_path_factory.mktemp("fuzz")

    def build(part: str) -> Path:
        binary = folder / f"{part}_fuzz"
        if not binary.exists():
            flags = ["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"]
            flags += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
            source = HERE / f"{part}_fuzz.c"
            subprocess.run(["gcc", *flags, "-o", binary, source, "-lpthread"], check=True)
        return binary

    return build


def run(*command: object) -> None:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]


@PARTS
def test_programs_that_once_found_their_way_deep_into_it_find_no_fault(
    build: Callable[[str], Path], part: str
) -> None:
    seeds = sorted((CORPUS / part).iterdir())
    assert seeds
    run(build(part), *seeds)


@PARTS
def test_random_programs_find_no_fault(build: Callable[[str], Path], part: str) -> None:
    run(build(part), "--random", 1, PROGRAMS)
