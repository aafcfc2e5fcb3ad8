"""``evenhand report``: the page of a sweep, and one clear line for everything else; of a run: beside training."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("altair")
pytest.importorskip("pyarrow")
import pyarrow
import pyarrow.parquet
from tests.report.sweep_samples import CONFIG, RESULT, make_rows

from evenhand.sweeps.results_table import SCHEMA


@pytest.fixture
def sweep(tmp_path):
    """Write a sweep's folder, as `evenhand sweep` leaves it."""
    folder = tmp_path / "results"
    folder.mkdir()
    about = {"schema": SCHEMA, "config": CONFIG, "result": RESULT}
    table = pyarrow.Table.from_pylist(make_rows()).replace_schema_metadata({b"evenhand sweep": json.dumps(about)})
    pyarrow.parquet.write_table(table, folder / "results.parquet")
    (folder / "sweep.json").write_text("{}")
    return folder


@pytest.mark.parametrize("name", ["", "results.parquet"])
def test_a_sweep_becomes_a_page_from_its_folder_or_its_table(evenhand, sweep, name):
    ran = evenhand("report", sweep / name)
    assert (ran.code, ran.err) == (0, "")
    assert "46 of 48 trials are done" in (sweep / "results.html").read_text(encoding="utf-8")


def test_options_choose_what_is_drawn(evenhand, sweep):
    ran = evenhand("report", sweep, "-o", "s.html", "--x", "agents", "--y", "gap", "--y", "seconds", "--by", "p")
    assert ran.code == 0
    page = (sweep.parent / "s.html").read_text(encoding="utf-8")
    assert "gap against agents" in page
    assert "seconds against agents" in page
    assert "cost against" not in page
    assert "--out s.html --x agents --y gap --y seconds --by p" in page


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("x.json", "{}", "x.json: not a Parquet file"),
        ("x.parquet", "PAR1", "x.parquet: not a usable Parquet file"),
    ],
)
def test_what_is_no_result_is_refused_in_one_line(evenhand, tmp_path, name, content, complaint):
    (tmp_path / name).write_bytes(content.encode("latin-1"))
    ran = evenhand("report", tmp_path / name)
    assert ran.code == 2
    assert complaint in ran.err
    assert ran.err.count("\n") == 1
    assert not list(tmp_path.glob("*.html"))


def test_a_foreign_table_is_refused(evenhand, tmp_path):
    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), tmp_path / "t.parquet")
    ran = evenhand("report", tmp_path / "t.parquet")
    assert ran.code == 2
    assert "not the results of a sweep" in ran.err


def test_folders_without_results_are_refused(evenhand, tmp_path):
    ran = evenhand("report", tmp_path / "nowhere")
    assert (ran.code, "there is no such file or folder" in ran.err) == (2, True)
    (tmp_path / "empty").mkdir()
    ran = evenhand("report", tmp_path / "empty")
    assert (ran.code, "holds no results" in ran.err) == (2, True)


def test_results_are_never_replaced_by_their_page(evenhand, sweep):
    table = sweep / "results.parquet"
    before = table.read_bytes()
    ran = evenhand("report", sweep, "--out", table)
    assert (ran.code, "would replace the results" in ran.err) == (2, True)
    assert table.read_bytes() == before


def test_an_unknown_setting_is_named(evenhand, sweep):
    ran = evenhand("report", sweep, "--by", "tau")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "--by 'tau' is not a setting of this sweep; it has epsilon, p, agents, seed" in ran.err


@pytest.mark.parametrize("words", [("--tau", 0.5), ("--episodes", 3)])
def test_a_sweep_takes_no_options_of_a_run(evenhand, sweep, words):
    ran = evenhand("report", sweep, *words)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"{words[0]} is for a run; {sweep} holds a sweep" in ran.err
    assert not (sweep / "results.html").exists()
