"""Generated files: up to date, and true to the models they are made from."""

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from firmware_bridge.config import BridgeConfig
from kiosk.config import KioskConfig
from operate import generate
from operate.configuration import keys, to_reference, to_toml
from relay.config import RelayConfig
from relay.core.visit import TRANSITIONS

PROJECT = Path(__file__).parents[2]


def test_every_generated_file_is_what_the_code_says() -> None:
    assert generate.stale(PROJECT) == []


def test_the_check_names_a_stale_file_and_writing_mends_it(tmp_path: Path) -> None:
    generate.write(tmp_path)
    (tmp_path / "config" / "README.md").write_text("older")
    assert generate.stale(tmp_path) == ["config/README.md"]
    assert generate.write(tmp_path) == ["config/README.md"]
    assert generate.stale(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "model"), [("relay", RelayConfig), ("kiosk", KioskConfig), ("bridge", BridgeConfig)]
)
def test_the_examples_are_configurations(name: str, model: type[BaseModel]) -> None:
    text = (PROJECT / "config" / f"{name}.example.toml").read_text("utf-8")
    model.model_validate(tomllib.loads(text))


@pytest.mark.parametrize("model", [RelayConfig, KioskConfig, BridgeConfig])
def test_the_reference_names_every_key_with_a_meaning(model: type[BaseModel]) -> None:
    reference = to_reference(model)
    for key in keys(model):
        assert f"| `{key.name}` |" in reference
        assert key.schema.get("description"), f"{key.path} lacks a description"


def test_every_transition_of_a_visit_is_in_the_page() -> None:
    page = (PROJECT / "docs" / "visit-states.md").read_text("utf-8")
    for row in TRANSITIONS:
        assert f"| `{row.state}` | `{row.event.__name__}` |" in page


class Table(BaseModel):
    pause_s: float = Field(1.5, ge=0, le=9, description='How long "a while" is.')


class Sample(BaseModel):
    name: str = Field(description="Who.")
    names: tuple[str, ...] = Field((), description="Who else.")
    nobody: str | None = Field(None, description="Nobody.")
    table: Table = Table()


def test_a_written_file_reads_back_as_the_same_values() -> None:
    values = {"name": 'А "б" \\ в\n', "names": ["x", "y"], "table.pause_s": 2.0}
    found = Sample.model_validate(tomllib.loads(to_toml(Sample, values, "A sample.")))
    assert found == Sample(name=values["name"], names=("x", "y"), table=Table(pause_s=2.0))


def test_units_and_bounds_are_told() -> None:
    assert "| `pause_s` | seconds, 0 to 9 | `1.5` |" in to_reference(Sample)


@pytest.mark.parametrize("values", [{}, {"name": "x", "nmae": "y"}, {"name": "x", "table.x": 1}])
def test_a_missing_or_unknown_key_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(KeyError):
        to_toml(Sample, values, "A sample.")
