"""The configuration files of the example facility: made once, then only adjusted."""

import resource
import signal
from pathlib import Path

import pytest

from kiosk.config import read_config, read_secret
from kiosk.identity import Identity
from operate.facility.settings import kiosk_settings, relay_settings
from relay.config import load as load_relay
from settings import ConfigError

SECRETS = {"key": "5a" * 32, "pin": "4821"}


def test_a_new_folder_gets_a_relay_on_the_usual_port(tmp_path: Path) -> None:
    found = relay_settings(tmp_path, None)
    assert load_relay(found.file).http.port == found.port == 8080
    assert found.base_url == "http://localhost:8080"
    assert found.terminal_url == "ws://127.0.0.1:8080/api/v1/terminal"


def test_a_port_that_was_asked_for_stays_until_another_is(tmp_path: Path) -> None:
    assert relay_settings(tmp_path, 9001).port == 9001
    assert relay_settings(tmp_path, None).port == 9001
    assert relay_settings(tmp_path, 9002).base_url == "http://localhost:9002"


def test_what_somebody_wrote_into_the_relay_s_file_stays(tmp_path: Path) -> None:
    text = '[http]\nport = 9001\npublic_url = "https://visits.example"\n[media]\nport = 40000\n'
    (tmp_path / "relay.toml").write_text(text)
    assert relay_settings(tmp_path, None).base_url == "https://visits.example"
    assert (tmp_path / "relay.toml").read_text() == text
    relay_settings(tmp_path, 9002)
    config = load_relay(tmp_path / "relay.toml")
    assert (config.http.port, config.media.port) == (9002, 40000)
    assert str(config.http.public_url) == "https://visits.example/"


def test_a_mistake_in_the_relay_s_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text("[http]\nprot = 1\n")
    with pytest.raises(ConfigError, match=r"http\.prot: no such key") as refused:
        relay_settings(tmp_path, None)
    assert "\n" not in str(refused.value)


def test_a_kiosk_finds_its_relay_and_its_pin(tmp_path: Path) -> None:
    relay = relay_settings(tmp_path, 9001)
    file = kiosk_settings(tmp_path, "T-01", relay, **SECRETS)
    config = read_config(file)
    assert config.relay.url == relay.terminal_url
    identity = Identity(tmp_path / "kiosk" / "T-01" / "state")
    assert (identity.terminal, identity.private_key) == ("T-01", SECRETS["key"])
    assert config.auto_pin_file is not None
    assert read_secret(config.auto_pin_file) == "4821"


def test_a_kiosk_s_own_keys_stay_when_the_port_changes(tmp_path: Path) -> None:
    file = kiosk_settings(tmp_path, "T-01", relay_settings(tmp_path, 9001), **SECRETS)
    file.write_text(file.read_text().replace("# fps = 25", "fps = 10"))
    kiosk_settings(tmp_path, "T-01", relay_settings(tmp_path, 9002), **SECRETS)
    config = read_config(file)
    assert config.camera.fps == 10
    assert config.relay.url.endswith(":9002/api/v1/terminal")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bogus = 1\n", "bogus: no such key"),
        ("[camera]\nfsp = 10\n", "camera.fsp: no such key"),
        ("no TOML", "not TOML"),
    ],
)
def test_a_mistake_in_a_kiosk_s_file_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    relay = relay_settings(tmp_path, 9001)
    file = kiosk_settings(tmp_path, "T-01", relay, **SECRETS)
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        kiosk_settings(tmp_path, "T-01", relay_settings(tmp_path, 9002), **SECRETS)
    assert f"{file}: {said}" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    file = relay_settings(tmp_path, 9001).file
    before = file.read_text()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            relay_settings(tmp_path, 9002)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert file.read_text() == before
    assert [one.name for one in tmp_path.iterdir()] == ["relay.toml"]
