"""The systemd units, as `systemd-analyze` sees them in a root of their own."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from relay.media.transport.endpoint import BUFFER_BYTES

PROJECT = Path(__file__).parents[2]
UNITS = ("parloir-relay.service", "parloir-kiosk.service", "parloir-bridge.service")
EXECUTABLES = (
    "opt/parloir/.venv/bin/parloir-relay",
    "opt/parloir/.venv/bin/parloir-kiosk",
    "opt/parloir/.venv/bin/parloir-bridge",
    "usr/bin/cage",
)
NEEDED_TARGETS = ("sysinit", "basic", "shutdown", "multi-user", "graphical", "network-online")


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with our units, stand-ins for the programs, and Debian's targets by name."""
    root = tmp_path_factory.mktemp("root")
    units = root / "etc" / "systemd" / "system"
    targets = root / "lib" / "systemd" / "system"
    for folder in (units, targets):
        folder.mkdir(parents=True)
    for unit in UNITS:
        shutil.copy(PROJECT / "systemd" / unit, units)
    for target in NEEDED_TARGETS:
        (targets / f"{target}.target").write_text(f"[Unit]\nDescription={target}\n")
    for name in EXECUTABLES:
        program = root / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return root


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("unit", UNITS)
def test_verify_has_nothing_to_say(staged: Path, unit: str) -> None:
    found = analyze(f"--root={staged}", "verify", unit)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


@pytest.mark.parametrize(("unit", "most"), [(UNITS[0], 1.5), (UNITS[1], 3.0), (UNITS[2], 1.5)])
def test_exposure_is_at_most(staged: Path, unit: str, most: float) -> None:
    found = analyze("security", "--offline=true", f"--root={staged}", "--no-pager", unit)
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", found.stdout)
    assert level is not None, found.stderr
    assert float(level[1]) <= most


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    "line",
    ["LimitCORE=0", "MemorySwapMax=0", "Restart=always", "Type=notify", "StartLimitIntervalSec=0"],
)
def test_a_unit_comes_back_and_leaves_no_memory_behind(unit: str, line: str) -> None:
    assert line in (PROJECT / "systemd" / unit).read_text().splitlines()


@pytest.mark.parametrize("unit", UNITS)
def test_a_hanging_unit_is_noticed(unit: str) -> None:
    assert re.search(
        r"^WatchdogSec=\d+(ms)?$", (PROJECT / "systemd" / unit).read_text(), re.MULTILINE
    )


def test_users_and_folders_are_made_for_all() -> None:
    users = (PROJECT / "systemd" / "sysusers.d" / "parloir.conf").read_text()
    for unit in UNITS:
        text = (PROJECT / "systemd" / unit).read_text()
        user = re.search(r"^User=(.+)$", text, re.MULTILINE)
        assert user is not None
        assert re.search(rf"^u\s+{user[1]}\s", users, re.MULTILINE)
    folders = (PROJECT / "systemd" / "tmpfiles.d" / "parloir.conf").read_text()
    assert "/etc/parloir/credentials  0700" in folders


def test_a_terminal_has_no_magic_keys_consoles_or_power_key() -> None:
    etc = PROJECT / "systemd" / "terminal"
    assert settings_of(etc / "sysctl.d" / "90-parloir.conf") == ["kernel.sysrq = 0"]
    programs = {"logind.conf.d": "systemd-logind", "system.conf.d": "systemd"}
    for folder, program in programs.items():
        section, *lines = settings_of(etc / "systemd" / folder / "90-parloir.conf")
        assert section in ("[Login]", "[Manager]")
        known = (Path("/lib/systemd") / program).read_bytes()
        for line in lines:
            name, _, value = line.partition("=")
            assert name.encode() in known, f"Debian's {program} has no {name}"
            assert value in ("0", "ignore", "none")


def settings_of(file: Path) -> list[str]:
    return [line for line in file.read_text().splitlines() if line and not line.startswith("#")]


def test_an_unprivileged_relay_may_have_the_buffers_that_it_asks_for() -> None:
    allowed = settings_of(PROJECT / "systemd" / "sysctl.d" / "parloir.conf")
    assert allowed == [f"net.core.{name}_max = {BUFFER_BYTES}" for name in ("rmem", "wmem")]
