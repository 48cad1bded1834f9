"""A wrong configuration is one clear line."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from kiosk.config import KioskConfig, read_config, read_secret
from settings import ConfigError, Section

GOOD = '[relay]\nurl = "ws://127.0.0.1:8080/api/v1/terminal"\n'


def written(folder: Path, text: str) -> Path:
    file = folder / "kiosk.toml"
    file.write_text(text)
    return file


def test_files_are_relative_to_the_configuration(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, 'auto_pin_file = "pin"\n' + GOOD))
    assert config.auto_pin_file == tmp_path / "pin"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + "hieght = 3\n", "relay.hieght: no such key; remove it or correct its name"),
        (GOOD.replace("url", "# "), "relay.url: is missing; add it"),
        (GOOD + "[camera]\nfps = 90\n", "camera.fps: input should be less than or equal to 30"),
        (GOOD.replace("ws://", "http://"), "relay.url: "),
        (GOOD + "[camera\n", "not TOML: "),
    ],
)
def test_what_is_wrong_is_named_with_file_key_and_mend(
    tmp_path: Path, text: str, says: str
) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        read_config(file)
    line = str(error.value)
    assert line.startswith(f"{file}: ")
    assert says in line
    assert "\n" not in line


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_config(tmp_path / "none.toml")


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "credential"
    file.write_text("secret")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_secret(file)
    file.chmod(0o600)
    assert read_secret(file) == "secret"


def test_every_field_has_title_and_description() -> None:
    def check(model: type[BaseModel]) -> None:
        for name, field in model.model_fields.items():
            kind = field.annotation
            if isinstance(kind, type) and issubclass(kind, Section):
                check(kind)
            else:
                assert field.title, name
                assert field.description, name

    check(KioskConfig)


def test_targets_are_twenty_millimetres_on_every_glass(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, GOOD))
    assert config.screen.target_px / config.screen.pixels_per_mm >= 20
