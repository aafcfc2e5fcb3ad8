"""The folder of a run, as a careless hand may leave it."""

from __future__ import annotations

import json

import pytest

from evenhand.errors import InputError
from evenhand.learning import logs
from evenhand.learning.config import Config
from evenhand.learning.run_folder import prepare, read_config, seeds_in
from evenhand.learning.training_progress import Progress


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "not JSON"),
        (b"[]", "is a list; it must be an object"),
        (b"\xff\xfe", "save it as UTF-8"),
        (b"{}", "config is missing"),
        (b"[" * 3000, "nested too deeply"),
        (b'{"config": {}, "config": {}}', "appears twice"),
        (b'{"config": {"steps": 1e999}}', "too large"),
        (b'{"config": null}', "None is no configuration"),
        (b'{"config": []}', r"\[\] is no configuration"),
        (b'{"config": {"steps": 0}}', "steps is 0"),
        (b'{"config": {"nope": 1}}', "nope is not a key"),
    ],
)
def test_a_configuration_that_is_none_is_named(tmp_path, text, message):
    """One line, with the file."""
    (tmp_path / "config.json").write_bytes(text)
    with pytest.raises(InputError, match=rf"config\.json(:|,) .*{message}"):
        read_config(tmp_path)


def test_where_there_is_no_run(tmp_path):
    """A folder without one, a file, a folder in the file's place; with several seeds inside, one of them is named."""
    (tmp_path / "file").write_text("")
    for place in ("absent", "file"):
        with pytest.raises(InputError, match=rf"{place}: no run here \(config.json is missing\)"):
            read_config(tmp_path / place)
    (tmp_path / "odd" / "config.json").mkdir(parents=True)
    with pytest.raises(InputError, match="is a folder"):
        read_config(tmp_path / "odd")
    (tmp_path / "several" / "seed-7").mkdir(parents=True)
    (tmp_path / "several" / "seed-7" / "config.json").write_text("{}")
    with pytest.raises(InputError, match=r"name one, .*seed-7 for instance"):
        read_config(tmp_path / "several")


def test_a_run_of_other_versions_does_not_go_on(tmp_path):
    """Library and both versions are named; with those it began with it goes on."""
    folder = prepare(tmp_path / "run", Config(), resume=False)
    assert prepare(folder, Config(), resume=True) == folder
    written = json.loads((folder / "config.json").read_text())
    written["versions"]["jax"] = "0.0.1"
    (folder / "config.json").write_text(json.dumps(written))
    with pytest.raises(InputError, match=r"began with jax 0\.0\.1, and this is .*: install 0\.0\.1, or begin anew"):
        prepare(folder, Config(), resume=True)


def test_seeds_are_in_the_order_of_their_numbers(tmp_path):
    """Ten comes after two; what is no seed is passed over."""
    for name in ("seed-10", "seed-2", "seed-x", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
    (tmp_path / "seed-3").mkdir()
    (tmp_path / "seed-4").write_text("")
    assert [path.name for path in seeds_in(tmp_path)] == ["seed-2", "seed-10"]


@pytest.mark.parametrize("line", [b'{"ste', b"\xff\xfe", b"[1]", b'{"steps": "x"}', b"{}"])
def test_a_line_of_the_log_that_is_none_ends_it(tmp_path, line):
    """A kill may have cut it off; what stands before it is read."""
    (tmp_path / "progress.jsonl").write_bytes(b'{"steps": 64}\n' + line + b"\n")
    assert logs.read(tmp_path) == [{"steps": 64}]


def test_logs_that_cannot_be_written_are_named(tmp_path):
    """TensorBoard's folder is a file; the log has become a folder."""
    (tmp_path / "tensorboard").write_text("")
    with pytest.raises(InputError, match="tensorboard: cannot be written"):
        logs.Logs(tmp_path, 0)
    (tmp_path / "tensorboard").unlink()
    kept = logs.Logs(tmp_path, 0)
    (tmp_path / "progress.jsonl").unlink()
    (tmp_path / "progress.jsonl").mkdir()

    class Report:
        def to_dict(self):
            return {"steps": 64, "loss": 0.5}

    with pytest.raises(InputError, match=r"progress\.jsonl: cannot be written"):
        kept.write(Report())
    kept.close()


def test_what_training_reported_is_read_again(tmp_path):
    """A value that was not measured is null; a report that is none is named by line and key."""
    first = Progress(640, 1280, 1.5, None, None, None, None, None, None, 0.0, 0.25, 1.0)
    second = Progress(1280, 1280, 2.0, 900.0, 0.0, 0.5, 0.75, 20.0, 0.875, 0.125, 0.125, 0.0)
    file = tmp_path / "progress.jsonl"
    file.write_text("".join(json.dumps(report.to_dict()) + "\n" for report in (first, second)))
    assert logs.reports_in(tmp_path) == (first, second)
    for change, said in (
        ({"jain": "fair"}, r"progress.jsonl, line 2: jain is 'fair'; it must be null or a number"),
        ({"multiplier": None}, r"progress.jsonl, line 2: multiplier is null; it must be a number"),
    ):
        file.write_text(json.dumps(first.to_dict()) + "\n" + json.dumps(second.to_dict() | change) + "\n")
        with pytest.raises(InputError, match=said):
            logs.reports_in(tmp_path)
    assert logs.reports_in(tmp_path / "absent") == ()
