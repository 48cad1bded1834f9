"""The bridge's file: one line for each mistake."""

from pathlib import Path

import pytest

from firmware_bridge.config import read_config, read_key
from settings import ConfigError


def test_an_empty_file_is_a_configuration(tmp_path: Path) -> None:
    file = tmp_path / "bridge.toml"
    file.write_text("")
    config = read_config(file)
    assert config.socket_dir == Path("/run/parloir-bridge")
    assert config.port.key_file is None


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("[port", "not TOML"),
        ("prot = 1", "prot: no such key"),
        ("[port]\nbaud = 1", "port.baud: input should be greater"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, mend: str) -> None:
    file = tmp_path / "bridge.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=mend):
        read_config(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "mode", "mend"),
    [
        ("00" * 16, 0o644, "others may read"),
        ("00" * 15, 0o600, "too short"),
        ("secret", 0o600, "not hexadecimal"),
    ],
)
def test_a_key_that_cannot_be_used_is_named(
    tmp_path: Path, text: str, mode: int, mend: str
) -> None:
    file = tmp_path / "key"
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(ConfigError, match=mend):
        read_key(file)


def test_a_key_is_read(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("0f" * 16 + "\n")
    file.chmod(0o600)
    assert read_key(file) == b"\x0f" * 16
    assert read_key(None) is None
