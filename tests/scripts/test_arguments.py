"""The command line of `scripts/run`: what is accepted, and how the rest is refused."""

from pathlib import Path

import pytest

from operate.facility.arguments import Arguments, parse

HEADLESS = {"HOME": "/nowhere"}
WITH_DISPLAY = {"DISPLAY": ":0"}


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The first line of what the person reads; the second must be the usage."""
    with pytest.raises(SystemExit) as stopped:
        parse(words, HEADLESS)
    assert stopped.value.code == 2
    first, second = capsys.readouterr().err.splitlines()[:2]
    assert second.startswith("usage: scripts/run")
    return first


def test_defaults_are_two_kiosks_in_the_project_s_own_data_folder() -> None:
    root = Path(__file__).resolve().parents[2]
    assert parse([], WITH_DISPLAY) == Arguments(
        headless=False,
        auto=False,
        kiosks=2,
        seconds=None,
        port=None,
        data=root / "data",
        ready_file=None,
    )


def test_every_option_is_taken(tmp_path: Path) -> None:
    words = ["--headless", "--auto", "--kiosks", "3", "--for", "2.5", "--port", "9000"]
    words += ["--data", str(tmp_path / "d"), "--ready-file", str(tmp_path / "r.json")]
    found = parse(words, HEADLESS)
    assert found == Arguments(True, True, 3, 2.5, 9000, tmp_path / "d", tmp_path / "r.json")


def test_relative_paths_are_relative_to_where_the_person_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse(["--headless", "--data", "here"], HEADLESS).data == tmp_path / "here"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--headles"], "scripts/run: unrecognized arguments: --headles"),
        (["--kiosks", "5"], "'5' is not a whole number from 0 to 4"),
        (["--kiosks", "two"], "'two' is not a whole number from 0 to 4"),
        (["--port", "0"], "'0' is not a whole number from 1 to 65535"),
        (["--port", "99999"], "'99999' is not a whole number from 1 to 65535"),
        (["--for", "0"], "'0' is not a number of seconds above 0"),
        (["--for", "nan"], "'nan' is not a number of seconds above 0"),
        (["--for", "soon"], "'soon' is not a number of seconds above 0"),
        (["--data"], "argument --data: expected one argument"),
        (["more"], "unrecognized arguments: more"),
    ],
)
def test_a_bad_line_is_answered_with_one_line_and_the_usage(
    capsys: pytest.CaptureFixture[str], words: list[str], line: str
) -> None:
    assert line in refusal(capsys, "--headless", *words)


def test_windows_without_a_display_are_refused_with_the_mend(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert refusal(capsys) == (
        "scripts/run: there is no display for the kiosks' windows: add --headless"
    )


def test_no_display_is_needed_when_there_are_no_kiosks() -> None:
    assert parse(["--kiosks", "0"], HEADLESS).kiosks == 0


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse(["--help"], HEADLESS)
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    for option in ("--headless", "--auto", "--kiosks", "--for", "--port", "--data", "--ready-file"):
        assert option in text
