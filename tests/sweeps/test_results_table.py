"""One table from many outcomes: names, types, versions."""

from __future__ import annotations

import json
import math

import pyarrow
import pyarrow.parquet
import pytest

from evenhand.errors import InputError
from evenhand.sweeps import Outcome, Trial, read_results
from evenhand.sweeps.results_table import FIXED, write_results

MACHINE = {"cores": 2, "processor": "a good one"}


def outcome(config, result, status="done", trace=""):
    return Outcome(Trial("task", config), status, result, trace, 2.0, 1.5, MACHINE, "0.1.0")


def test_names_types_and_order(tmp_path):
    file = tmp_path / "results.parquet"
    write_results(
        file,
        [
            outcome(
                {"p": 2, "cv": 0.1, "dual": {"cap": 3}, "status": "new"}, {"cv": 0.05, "loads": [1, 2.5], "ok": True}
            ),
            outcome(
                {"p": "inf", "cv": 0.2, "dual": {"cap": 4}},
                {"cv": 0.15, "loads": [3], "ok": False, "odd": {"a": [None]}},
            ),
            outcome({"p": 3, "cv": 0.3, "dual": {"cap": 5}}, {}, "failed", "Traceback\nError: why"),
        ],
    )  # fmt: skip
    results = read_results(file)
    assert results.config == ("p", "cv", "dual.cap", "config.status")
    assert results.result == ("result.cv", "loads", "ok", "odd.a")
    assert tuple(results.table.column_names) == (*results.config, *results.result, *FIXED)
    columns = results.table.to_pydict()
    assert columns["p"] == [2.0, math.inf, 3.0]
    assert columns["dual.cap"] == [3, 4, 5]
    assert columns["config.status"] == ["new", None, None]
    assert columns["status"] == ["done", "done", "failed"]
    assert columns["result.cv"] == [0.05, 0.15, None]
    assert columns["loads"] == [[1.0, 2.5], [3.0], None]
    assert columns["ok"] == [True, False, None]
    assert columns["odd.a"] == [None, "[null]", None]
    assert columns["trace"] == ["", "", "Traceback\nError: why"]
    assert columns["digest"][2] == Trial("task", {"p": 3, "cv": 0.3, "dual": {"cap": 5}}).digest
    assert json.loads(columns["machine"][0]) == MACHINE
    assert results.to_rows()[1]["result.cv"] == 0.15
    assert results.to_frame()["result.cv"].tolist()[:2] == [0.05, 0.15]
    types = {field.name: str(field.type) for field in results.table.schema}
    assert (types["p"], types["dual.cap"], types["loads"], types["ok"]) == (
        "double",
        "int64",
        "list<element: double>",
        "bool",
    )


def test_texts_and_numbers_together_become_text(tmp_path):
    file = tmp_path / "results.parquet"
    write_results(file, [outcome({"x": x}, {}) for x in ("auto", 3, 0.5, "inf", [1])])
    assert read_results(file).table.to_pydict()["x"] == ["auto", "3", "0.5", "inf", "[1]"]


@pytest.mark.parametrize("other", ["polars", "pandas"])
def test_data_frame_libraries_read_it(tmp_path, other):
    frames = pytest.importorskip(other)
    write_results(tmp_path / "results.parquet", [outcome({"p": 2}, {"cv": 0.5})])
    assert frames.read_parquet(tmp_path / "results.parquet")["cv"].to_list() == [0.5]


def test_a_folder_without_a_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"results\.parquet: there is no such file; `evenhand sweep` writes it"):
        read_results(tmp_path)


@pytest.mark.parametrize(
    ("schema", "hint"), [(0, "run the sweep again in a new folder"), (2, "a newer evenhand reads it")]
)
def test_a_table_of_another_version_is_named(tmp_path, schema, hint):
    file = tmp_path / "results.parquet"
    write_results(file, [outcome({"p": 2}, {"cv": 0.5})])
    table = pyarrow.parquet.read_table(file)
    about = json.dumps({"schema": schema, "config": [], "result": []})
    pyarrow.parquet.write_table(table.replace_schema_metadata({b"evenhand sweep": about}), file)
    with pytest.raises(InputError) as refused:
        read_results(tmp_path)
    assert str(refused.value) == f"{file}: written as version {schema}, this evenhand reads version 1; {hint}"


@pytest.mark.parametrize(
    "about",
    [
        b"garbage",
        b"{}",
        b"\xff",
        b"[1]",
        b'{"schema": "x"}',
        b'{"schema": 1}',
        b'{"schema": 1, "config": ["absent"], "result": []}',
    ],
)
def test_damaged_metadata_are_named(tmp_path, about):
    file = tmp_path / "results.parquet"
    write_results(file, [outcome({"p": 2}, {"cv": 0.5})])
    table = pyarrow.parquet.read_table(file)
    pyarrow.parquet.write_table(table.replace_schema_metadata({b"evenhand sweep": about}), file)
    with pytest.raises(InputError) as refused:
        read_results(tmp_path)
    assert str(refused.value).startswith(f"{file}: is damaged, its metadata do not match its columns; delete it")


def test_files_of_other_kinds_are_named(tmp_path):
    foreign, broken = tmp_path / "foreign.parquet", tmp_path / "broken.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), foreign)
    broken.write_text("no table")
    with pytest.raises(InputError, match="not the results of a sweep"):
        read_results(foreign)
    with pytest.raises(InputError, match="not a Parquet file"):
        read_results(broken)


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        ("seconds", ["fast"], "the column 'seconds' holds string; it must hold numbers in each row"),
        ("seconds", pyarrow.array([None], pyarrow.float64()), "holds double with 1 empty cells"),
        ("status", [1], "the column 'status' holds int64; it must hold text in each row"),
        ("machine", ["[" * 3000], "the column 'machine' holds "),
        ("machine", ["3"], "the column 'machine' holds '3'; it must hold JSON objects"),
    ],
)
def test_columns_of_another_kind_are_named(tmp_path, column, cells, message):
    file = tmp_path / "results.parquet"
    write_results(file, [outcome({"p": 2}, {"cv": 0.5})])
    table = pyarrow.parquet.read_table(file)
    table = table.set_column(table.schema.get_field_index(column), column, pyarrow.array(cells))
    pyarrow.parquet.write_table(table, file)
    with pytest.raises(InputError) as refused:
        read_results(tmp_path)
    assert message in str(refused.value)


def test_a_small_file_that_claims_many_rows_is_refused_before_they_are_made(tmp_path):
    file = tmp_path / "results.parquet"
    column = pyarrow.nulls(1_000_000, pyarrow.int8())
    pyarrow.parquet.write_table(pyarrow.table({"x": pyarrow.chunked_array([column] * 1200)}), file)
    assert file.stat().st_size < 5_000_000
    with pytest.raises(InputError, match=r"holds 1,200,000,000 cells; at most 1,073,741,824 are read"):
        read_results(file)
