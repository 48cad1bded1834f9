"""`parloir-relay` as systemd starts it: what keeps it from starting is one line and status 2."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from operate import example
from relay.store.database import Store
from tests.operate.test_example import CREATED


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that nobody uses now."""
    with socket.socket(socket.AF_INET, kind) as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the example facility."""
    folder = tmp_path_factory.mktemp("relay")
    example.create(folder, CREATED)
    return folder


def configured(folder: Path, text: str = "", port: int | None = None) -> Path:
    """The relay's file in ``folder``; loopback only."""
    file = folder / "relay.toml"
    http = f"[http]\nport = {port or free_port()}\n"
    file.write_text(http + (text or '[media]\nbind = ["127.0.0.1"]\n'))
    return file


def the_line(file: Path) -> str:
    """What a relay that cannot start says."""
    command = [sys.executable, "-m", "relay", "--config", str(file)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 2, found.stderr
    said = [line for line in found.stderr.splitlines() if "WARNING" not in line]
    [line] = said
    assert line.startswith("parloir-relay: ")
    return line


def test_an_unknown_key_is_one_line(tmp_path: Path) -> None:
    assert "http.prot: no such key" in the_line(configured(tmp_path, "prot = 1\n"))


def test_a_folder_without_a_facility_is_one_line(tmp_path: Path) -> None:
    with Store.open(tmp_path / "relay.sqlite3"):
        pass
    assert "no facility yet; make one with `parloir init`" in the_line(configured(tmp_path))


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    file = configured(tmp_path)
    file.write_text(f'data_dir = "{tmp_path / "nowhere"}"\n')
    assert "nowhere/relay.lock: No such file or directory" in the_line(file)


def test_a_port_in_use_is_one_line(made: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = the_line(configured(made, port=port))
    assert f"port {port} on 127.0.0.1 cannot be used (Address already in use)" in line


def test_a_media_port_in_use_is_one_line(made: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        line = the_line(configured(made, f'[media]\nbind = ["127.0.0.1"]\nport = {port}\n'))
    assert f"media port {port} on 127.0.0.1 cannot be used (Address already in use)" in line


def test_an_address_of_another_machine_is_one_line(made: Path) -> None:
    line = the_line(configured(made, '[media]\nbind = ["192.0.2.77"]\n'))
    assert "on 192.0.2.77 cannot be used (Cannot assign requested address)" in line


def test_a_certificate_that_is_missing_or_none_is_one_line(made: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.pem"
    tls = f'tls_certificate = "{nowhere}"\ntls_key = "{nowhere}"\n'
    assert f"{nowhere}: cannot be read (No such file" in the_line(configured(made, tls))
    nowhere.write_text("no certificate")
    assert "cannot be used together" in the_line(configured(made, tls))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(made: Path, number: signal.Signals) -> None:
    port = free_port()
    command = [sys.executable, "-m", "relay", "--config", str(configured(made, port=port))]
    relay = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        wait_ready(port)
    finally:
        relay.send_signal(number)
        _, errors = relay.communicate(timeout=30)
    assert relay.returncode == 0
    assert "Traceback" not in errors
    assert not (made / "run" / "relay.sock").exists()


def wait_ready(port: int) -> None:
    """Returns when the relay there carries visits."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail("the relay is not ready")
