"""loop.c under AddressSanitizer and UndefinedBehaviorSanitizer: the corpus, and random programs."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fuzz.targets import CORPUS

SOURCE = Path(__file__).parent / "loop_fuzz.c"
PROGRAMS = 2000


@pytest.fixture(scope="module")
def loop_fuzz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The driver of loop.c, built with the sanitizers."""
    if shutil.which("gcc") is None:
        pytest.skip("there is no C compiler, and so no loop in C")
    binary = tmp_path_factory.mktemp("fuzz") / "loop_fuzz"
    flags = ["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"]
    flags += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    subprocess.run(["gcc", *flags, "-o", binary, SOURCE, "-lpthread"], check=True)
    return binary


def run(*command: object) -> None:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]


def test_programs_that_once_found_their_way_deep_into_the_loop_find_no_fault(
    loop_fuzz: Path,
) -> None:
    seeds = sorted((CORPUS / "loop").iterdir())
    assert seeds
    run(loop_fuzz, *seeds)


def test_random_programs_find_no_fault(loop_fuzz: Path) -> None:
    run(loop_fuzz, "--random", 1, PROGRAMS)
