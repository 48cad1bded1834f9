"""`python -m operate.facility` before anything is started: foreseeable failures are one line."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from operate.example.people import FACILITY
from relay.store.database import Store
from relay.store.facilities import Facilities


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "operate.facility", "--headless", "--for", "0.1", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def the_line(found: subprocess.CompletedProcess[str]) -> str:
    assert found.returncode == 2
    [line] = found.stderr.splitlines()
    assert line.startswith("scripts/run: ")
    return line


def test_a_port_in_use_is_one_line_and_nothing_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        line = the_line(run("--data", str(tmp_path), "--port", str(port)))
    assert f"port {port} of 127.0.0.1 cannot be had (Address already in use)" in line
    assert line.endswith("choose another with --port")
    assert not (tmp_path / "relay.sqlite3").exists()


def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = the_line(run("--data", str(tmp_path / "file" / "data")))
    assert "cannot make the data folder" in line
    line = the_line(run("--data", str(tmp_path / "file")))
    assert "cannot make the data folder" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "cannot be written" in the_line(run("--data", str(tmp_path)))


def test_a_ready_file_nowhere_is_one_line_at_once(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    line = the_line(run("--data", str(tmp_path / "d"), "--ready-file", str(nowhere / "r.json")))
    assert line == f"scripts/run: the folder {nowhere} is not there"
    assert not (tmp_path / "d").exists()


def test_a_mistake_in_the_configuration_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text("[http]\nprot = 1\n")
    assert "http.prot: no such key" in the_line(run("--data", str(tmp_path)))


def test_a_facility_of_somebody_s_own_is_left_alone_and_said_so(tmp_path: Path) -> None:
    with Store.open(tmp_path / "relay.sqlite3") as store:
        store.write_now(lambda db: Facilities(db).put_facility(FACILITY))
    line = the_line(run("--data", str(tmp_path), "--port", str(free_port())))
    assert "holds a facility that is not the example" in line


def test_a_mistake_in_a_kiosk_s_configuration_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "kiosk" / "T-01").mkdir(parents=True)
    (tmp_path / "kiosk" / "T-01" / "kiosk.toml").write_text("bogus = 1\n")
    line = the_line(run("--data", str(tmp_path), "--port", str(free_port())))
    assert "kiosk.toml: bogus: no such key" in line


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one mebibyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", folder], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip("making a disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_one_line_and_with_room_again_all_is_well(small_disk: Path) -> None:
    where = ("--data", str(small_disk / "d"), "--port", str(free_port()), "--kiosks", "0")
    assert re.search("no room left|No space left", the_line(run(*where)))
    subprocess.run(["mount", "-o", "remount,size=64M", small_disk], check=True)
    found = run(*where)
    assert (found.returncode, found.stderr) == (0, "")
