"""``parloir import``, ``visits`` and ``recordings``."""

import stat

import pytest
from starlette.responses import JSONResponse, PlainTextResponse


def test_a_file_with_a_wrong_row_changes_nothing_and_names_line_field_and_reason(
    parloir, data, tmp_path
):
    file = tmp_path / "people.csv"
    file.write_text(
        "kind,id,name,birth_date,housing_unit,language,regime\n"
        "inmate,i-77,Имя,не дата,unit-1,ru,общий\n"
    )
    before = parloir("visits", "list", "--json").json
    rejected = parloir("import", "people", file)
    assert rejected.status == 1
    assert "nothing was imported" in rejected.err
    assert "birth_date" in rejected.out
    assert "2" in rejected.out
    as_json = parloir("import", "people", file, "--json")
    assert as_json.status == 1
    assert {"line", "field", "code", "message"} <= as_json.json["rejected"][0].keys()
    assert parloir("visits", "list", "--json").json["visits"] == before["visits"]


@pytest.mark.parametrize("kind", ["people", "contacts", "visits"])
def test_a_file_that_is_not_there_is_one_line(kind, parloir, data, tmp_path):
    assert "missing.csv" in parloir("import", kind, tmp_path / "missing.csv").err
    assert str(tmp_path) in parloir("import", kind, tmp_path).err


def test_the_number_of_rows_imported_is_said(parloir, fake_relay, tmp_path):
    file = tmp_path / "contacts.csv"
    file.write_bytes(b"\xff\xfe anything")
    fake_relay.answers["import/contacts"] = JSONResponse({"imported": 3})
    assert parloir("import", "contacts", file).out == "Imported: 3 contacts.\n"
    assert parloir("import", "contacts", file, "--json").json == {"imported": 3}


def test_another_refusal_of_an_import_is_an_ordinary_one(parloir, fake_relay, tmp_path):
    file = tmp_path / "visits.csv"
    file.write_text("x")
    refusal = JSONResponse({"code": "TOO_LARGE", "message": "Split it."}, 413)
    fake_relay.answers["import/visits"] = refusal
    assert "[TOO_LARGE]" in parloir("import", "visits", file).err


def test_visits_are_listed_and_a_link_is_made_by_reference(parloir, data):
    visits = parloir("visits", "list", "--to", "+7d", "--json").json["visits"]
    reference = visits[0]["reference"]
    assert reference in parloir("visits", "list", "--to", "+7d").out
    first = parloir("visits", "link", reference).out.strip()
    second = parloir("visits", "link", visits[0]["id"], "--json").json["link"]
    assert first.startswith("http")
    assert "#" in first
    assert first != second
    assert "NO_SUCH_VISIT" in parloir("visits", "link", "V-XXXX").err
    assert "no id" in parloir("visits", "link", "../orders").err


def test_no_recordings_is_no_failure_but_nothing_to_export_is(parloir, data, tmp_path):
    assert "No recordings" in parloir("recordings", "list").out
    failed = parloir("recordings", "export", "V-7K2M", "--out", tmp_path / "out")
    assert "has no recordings" in failed.err
    assert not (tmp_path / "out").exists()


def recording(party, state="COMPLETE", reference="V-7K2M", segment=1, container="webm"):
    return {
        "visit": "visit-1",
        "reference": reference,
        "party": party,
        "segment": segment,
        "container": container,
        "state": state,
        "size": 5,
        "duration_s": 61.4,
        "started": "2026-03-02T07:00:00Z",
    }


@pytest.fixture
def recorded(fake_relay):
    def offer(*recordings):
        fake_relay.answers["recordings"] = JSONResponse({"recordings": list(recordings)})
        for one in recordings:
            path = f"recordings/{one['visit']}/{one['party']}/{one['segment']}"
            fake_relay.answers[path] = PlainTextResponse("media")
        return fake_relay

    return offer


def test_recordings_are_listed_with_their_state_and_length(parloir, recorded):
    recorded(recording("INMATE"), recording("VISITOR", "SALVAGED"))
    shown = parloir("recordings", "list").out
    assert "1:01" in shown
    assert "SALVAGED" in shown


def test_an_export_copies_what_is_finished_for_its_owner_alone(parloir, recorded, tmp_path):
    recorded(
        recording("INMATE"), recording("VISITOR", "SALVAGED"), recording("VISITOR", "RECORDING")
    )
    out = tmp_path / "new" / "out"
    exported = parloir("recordings", "export", "V-7K2M", "--out", out, "--json").json["exported"]
    assert [one["size"] for one in exported] == [5, 5]
    assert sorted(path.name for path in out.iterdir()) == [
        "V-7K2M-inmate-1.webm",
        "V-7K2M-visitor-1.webm",
    ]
    for path in out.iterdir():
        assert path.read_text() == "media"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_export_by_id_says_which_files_it_wrote(parloir, recorded, tmp_path):
    recorded(recording("INMATE"))
    exported = parloir("recordings", "export", "visit-1", "--out", tmp_path)
    assert exported.out.split() == [str(tmp_path / "V-7K2M-inmate-1.webm")]


def test_an_export_with_h264_pictures_is_called_what_it_is(parloir, recorded, tmp_path):
    recorded(recording("INMATE", container="mkv"), recording("VISITOR", container="../x"))
    parloir("recordings", "export", "visit-1", "--out", tmp_path)
    names = sorted(path.name for path in tmp_path.glob("V-*"))
    assert names == ["V-7K2M-inmate-1.mkv", "V-7K2M-visitor-1.webm"]


def test_an_export_replaces_nothing_and_leaves_no_half_file(parloir, recorded, tmp_path):
    relay = recorded(recording("INMATE"))
    parloir("recordings", "export", "V-7K2M", "--out", tmp_path)
    assert "exists already" in parloir("recordings", "export", "V-7K2M", "--out", tmp_path).err

    (tmp_path / "V-7K2M-inmate-1.webm").unlink()
    refusal = JSONResponse({"code": "NO_SUCH_RECORDING", "message": "Gone."}, 404)
    relay.answers["recordings/visit-1/INMATE/1"] = refusal
    assert "Gone." in parloir("recordings", "export", "V-7K2M", "--out", tmp_path).err
    assert [path.name for path in tmp_path.iterdir()] == ["running"]


def test_a_recording_still_running_is_not_exported(parloir, recorded, tmp_path):
    recorded(recording("INMATE", "RECORDING"))
    failed = parloir("recordings", "export", "V-7K2M", "--out", tmp_path)
    assert "no finished recording" in failed.err


def test_a_name_from_the_relay_stays_inside_the_folder(parloir, recorded, tmp_path):
    recorded(recording("INMATE", reference="../../etc/x"))
    parloir("recordings", "export", "visit-1", "--out", tmp_path / "out")
    (path,) = (tmp_path / "out").iterdir()
    assert path.parent == tmp_path / "out"
    assert "/" not in path.name
