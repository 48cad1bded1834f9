"""Claims about the vendored libraries."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def check(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [root / "scripts" / "vendor", "--check"], capture_output=True, text=True, check=False
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    shutil.copy2(ROOT / "scripts" / "vendor", tmp_path / "scripts" / "vendor")
    shutil.copytree(ROOT / "web" / "vendor", tmp_path / "web" / "vendor")
    return tmp_path


def test_every_vendored_file_is_the_one_of_the_manifest() -> None:
    assert check(ROOT).stderr == ""


def test_each_library_names_its_version_and_licence() -> None:
    manifest = json.loads((ROOT / "web" / "vendor" / "manifest.json").read_text(encoding="utf-8"))
    for library in manifest["libraries"]:
        assert library["version"]
        assert library["licence"]
        assert any(name.endswith(".LICENSE") for name in library["sha256"])


def test_a_changed_file_is_named(clone: Path) -> None:
    with (clone / "web" / "vendor" / "lit.js").open("a", encoding="utf-8") as library:
        library.write("\n")
    result = check(clone)
    assert result.returncode == 1
    assert result.stderr == "web/vendor/lit.js is not the file of the manifest\n"


def test_a_stranger_and_a_gap_are_named(clone: Path) -> None:
    (clone / "web" / "vendor" / "stranger.js").touch()
    (clone / "web" / "vendor" / "lit.d.ts").unlink()
    assert check(clone).stderr.splitlines() == [
        "web/vendor/lit.d.ts is missing",
        "web/vendor/stranger.js is in no manifest",
    ]
