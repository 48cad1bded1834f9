"""What holds for every command: where it works, how it fails, whom it asks."""

import getpass
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from operate.__main__ import COMMANDS, main, run

EVERY_READING_COMMAND = [
    ["orders", "list"],
    ["orders", "show", "so-1"],
    ["orders", "impact", "--inmate", "i-01", "--expires", "+2h"],
    ["visits", "list"],
    ["visits", "link", "V-7K2M"],
    ["recordings", "list"],
    ["recordings", "export", "V-7K2M", "--out", "nowhere"],
]


def test_help_lists_the_commands_that_work(parloir):
    shown = parloir()
    assert shown.status == 0
    for name in COMMANDS:
        assert name in shown.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["ordres"],
        ["orders"],
        ["orders", "list", "--no-such"],
        ["orders", "suspend"],
        ["orders", "show"],
    ],
)
def test_a_command_that_does_not_exist_is_one_line_and_status_2(arguments, parloir):
    assert parloir(*arguments).status == 2


@pytest.mark.parametrize("arguments", EVERY_READING_COMMAND)
def test_without_a_data_folder_a_command_says_how_to_name_it(arguments, parloir, monkeypatch):
    monkeypatch.delenv("PARLOIR_DATA", raising=False)
    failed = parloir(*arguments)
    assert failed.status == 1
    assert "--data" in failed.err
    assert "PARLOIR_DATA" in failed.err


@pytest.mark.parametrize("arguments", EVERY_READING_COMMAND)
def test_a_folder_that_is_missing_or_something_else_is_named(arguments, parloir, tmp_path):
    missing = parloir(*arguments, "--data", tmp_path / "missing")
    assert "no such folder" in missing.err
    assert str(tmp_path / "missing") in missing.err
    assert "not the data folder" in parloir(*arguments, "--data", tmp_path).err


def test_a_folder_without_a_facility_and_a_broken_configuration_are_one_line(parloir, tmp_path):
    config = tmp_path / "relay.toml"
    config.write_text(f'data_dir = "{tmp_path}"\n')
    assert "no facility" in parloir("orders", "list", "--data", tmp_path).err
    config.write_text("nonsense = 1\n")
    assert "nonsense" in parloir("orders", "list", "--data", tmp_path).err


def test_the_option_wins_over_the_environment(parloir, data, tmp_path):
    assert parloir("orders", "list").status == 0
    assert parloir("orders", "list", "--data", tmp_path / "missing").status == 1


def test_the_running_relay_is_asked_and_told_who_asks(parloir, fake_relay):
    fake_relay.answers["orders"] = JSONResponse({"now": "2026-03-02T07:00:00Z", "orders": []})
    assert parloir("orders", "list", "--json").json["orders"] == []
    assert ("GET", "orders", getpass.getuser()) in fake_relay.asked


def test_a_dead_socket_left_by_a_killed_relay_does_not_stop_a_command(parloir, data):
    path = data / "run" / "relay.sock"
    path.parent.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    assert parloir("orders", "list").status == 0


def test_a_relay_that_hangs_up_without_an_answer_is_one_line(parloir, data):
    path = data / "run" / "relay.sock"
    path.parent.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(10)

        def hang_up():
            listener.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        assert "does not answer" in parloir("orders", "list").err
        thread.join(10)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open any socket")
def test_a_socket_of_somebody_else_is_refused_in_words(parloir, fake_relay):
    (fake_relay.folder / "run" / "relay.sock").chmod(0)
    assert "no permission" in parloir("orders", "list").err


def test_a_refusal_is_one_line_with_its_code_whatever_it_looks_like(parloir, fake_relay):
    refusals = {
        "Not now.\nReally. [BUSY]": JSONResponse(
            {"code": "BUSY", "message": "Not now.\nReally."}, 503
        ),
        "[HTTP_500]": PlainTextResponse("<html>oh dear</html>", 500),
        "[HTTP_502]": JSONResponse(["no", "object"], 502),
    }
    for expected, answer in refusals.items():
        fake_relay.answers["orders"] = answer
        failed = parloir("orders", "list")
        assert failed.status == 1
        assert expected.replace("\n", " ") in failed.err


def test_text_from_outside_cannot_move_the_readers_cursor(parloir, fake_relay):
    order = {
        "id": "so-1",
        "state": "ACTIVE",
        "not_before": "2026-03-02T07:00:00Z",
        "expires": "2026-03-02T09:00:00Z",
        "reason_code": "INVESTIGATION",
        "scope": {"inmate": ["i-1"]},
        "scope_labels": {"inmate": ["\x1b[2J[red]Ivanov[/red]\u202e"]},
        "protected": [],
    }
    fake_relay.answers["orders"] = JSONResponse({"now": "2026-03-02T07:00:00Z", "orders": [order]})
    shown = parloir("orders", "list")
    assert "\x1b" not in shown.out
    assert "\u202e" not in shown.out
    assert "[red]Ivanov[/red]" in shown.out
    assert "2026-03-02 12:00" in shown.out


def test_a_reader_who_leaves_early_gets_no_traceback(data):
    command = [sys.executable, "-m", "operate", "visits", "list", "--to", "+30d"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        errors = process.stderr.read().decode()
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors


def test_what_nobody_foresaw_is_one_line_too(parloir, fake_relay):
    fake_relay.answers["orders"] = JSONResponse({"unexpected": True})
    failed = parloir("orders", "list")
    assert failed.status == 70
    assert "KeyError" in failed.err


def test_init_makes_the_example_once(parloir, tmp_path):
    folder = tmp_path / "new"
    assert "--example" in parloir("init", folder).err
    assert not folder.exists()
    assert parloir("init", folder, "--example").status == 0
    assert parloir("orders", "list", "--data", folder).status == 0
    assert "already" in parloir("init", folder, "--example").err


def test_the_entry_point_leaves_with_the_commands_status(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["parloir", "ordres"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2 == run(["ordres"])
    assert capsys.readouterr().err.count("\n") == 2


@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_the_data_folder_may_be_named_before_or_after_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], first: bool
) -> None:
    data, command = ["--data", str(tmp_path / "nowhere")], ["orders", "list"]
    assert run([*data, *command] if first else [*command, *data]) == 1
    assert "nowhere" in capsys.readouterr().err
