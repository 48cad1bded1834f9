"""Claims about TURN credentials, and about the configuration that they come from."""

import base64
import hmac
from pathlib import Path

import pytest

from relay.config import RelayConfig, TurnConfig, load
from relay.core.model import VisitId
from relay.service.turn import LIFETIME, TurnDesk
from settings import ConfigError
from tests.relay.facility import NOW, HandClock

URLS = ("turn:edge.example:3478", "turns:edge.example:443?transport=tcp")
SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    file = tmp_path / "turn-secret"
    file.write_text(SECRET + "\n")
    return file


def test_a_credential_signs_its_own_end_as_coturn_checks_it(secret_file: Path) -> None:
    desk = TurnDesk.open(TurnConfig(urls=URLS, secret_file=secret_file), HandClock())
    servers = desk.servers(VisitId("v-01"))
    assert servers is not None
    (server,) = servers
    assert server.urls == URLS
    assert server.username == f"{int((NOW + LIFETIME).timestamp())}:v-01"
    signed = hmac.digest(SECRET.encode(), server.username.encode(), "sha1")
    assert base64.b64decode(server.credential) == signed


def test_a_later_credential_ends_later(secret_file: Path) -> None:
    clock = HandClock()
    desk = TurnDesk.open(TurnConfig(urls=URLS, secret_file=secret_file), clock)
    first = desk.servers(VisitId("v-01"))
    clock.pass_time(hours=1)
    later = desk.servers(VisitId("v-01"))
    assert first is not None
    assert later is not None
    assert first[0].username < later[0].username
    assert first[0].credential != later[0].credential


def test_without_a_server_nothing_is_told() -> None:
    assert TurnDesk.open(TurnConfig(), HandClock()).servers(VisitId("v-01")) is None


@pytest.mark.parametrize("content", [None, "", "short"])
def test_a_secret_that_is_none_stops_the_start(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "turn-secret"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError, match="turn-secret: "):
        TurnDesk.open(TurnConfig(urls=URLS, secret_file=file), HandClock())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('urls = ["turn:edge.example"]', "go together"),
        ('secret_file = "turn-secret"', "go together"),
        ('urls = ["http://edge.example"]\nsecret_file = "s"', "turn.urls.0"),
        ('urls = ["turn:edge.example?transport=sctp"]\nsecret_file = "s"', "turn.urls.0"),
    ],
)
def test_half_a_turn_server_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text(f"[turn]\n{text}\n")
    with pytest.raises(ConfigError, match=said):
        load(tmp_path / "relay.toml")


def test_the_secret_lies_beside_the_file_that_names_it(tmp_path: Path, secret_file: Path) -> None:
    text = '[turn]\nurls = ["turn:edge.example:3478"]\nsecret_file = "turn-secret"\n'
    (tmp_path / "relay.toml").write_text(text)
    config: RelayConfig = load(tmp_path / "relay.toml")
    assert config.turn.secret_file == secret_file
