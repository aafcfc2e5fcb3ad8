"""Whatever bytes a file holds: a table or an InputError of one line, nothing else."""

from __future__ import annotations

import io
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from evenhand.errors import InputError
from evenhand.tables import CostTable, read_table, write_table
from evenhand.tables.totals import announced

FORMATS = ["auto", "csv", "npy", "fairta", "parquet"]
TABLE = CostTable(
    np.array([[1.5, np.inf, 3.0], [0.25, 2.0, 1e3]]),
    ("Ann", "Bo"),
    ("t1", "t2", "t3"),
    np.array([[0.0, 1.0], [2.0, 3.0]]),
    np.array([[4.0, 5.0], [6.0, 7.0], [8.5, 9.0]]),
)


def valid(ending: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write_table(Path(folder) / f"costs.{ending}", TABLE).read_bytes()


VALID = {"csv": valid("csv"), "npy": valid("npy"), "fairta": valid("txt")}
SEPARATED = st.text(alphabet=",;\t\n\r\"'.- 0123456789einfa\ufeff_Ä", max_size=80).map(str.encode)


def check(data: bytes, format: str, transpose: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        file = Path(folder) / "costs"
        file.write_bytes(data)
        try:
            table = read_table(file, format, transpose=transpose)
        except InputError as error:
            message = str(error)
        else:
            assert table.values.shape == (len(table.agents), len(table.tasks))
            assert table.values.dtype == np.float64
            return
    assert len(message.splitlines()) == 1


@given(st.binary(max_size=200), st.sampled_from(FORMATS[:4]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_random_bytes(data, format, transpose):
    check(data, format, transpose)


@given(SEPARATED, st.booleans())
@settings(max_examples=400, deadline=None)
def test_random_cells(data, transpose):
    check(data, "csv", transpose)


@given(st.data(), st.sampled_from(sorted(VALID)), st.booleans())
@settings(max_examples=400, deadline=None)
def test_mutated_files(data, format, transpose):
    check(_mutated(data, VALID[format]), format, transpose)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_mutated_parquet(data):
    pytest.importorskip("pyarrow")
    check(_mutated(data, valid("parquet")), "parquet", False)


names = st.lists(
    st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=8)
    .map(str.strip)
    .filter(bool),
    min_size=1,
    max_size=5,
    unique=True,
)
costs = st.floats(min_value=0, allow_nan=False, allow_infinity=True, width=64)


@given(names, names, st.data(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_table_survives_csv(agents, tasks, data, transpose):
    cells = st.lists(costs, min_size=len(agents) * len(tasks), max_size=len(agents) * len(tasks))
    values = np.array(data.draw(cells)).reshape(len(agents), len(tasks))
    assume(not any(map(announced, [*agents, *tasks])))  # those are refused where the numbers fit
    table = CostTable(values, tuple(agents), tuple(tasks))
    with tempfile.TemporaryDirectory() as folder:
        file = write_table(Path(folder) / "costs.csv", table.transposed() if transpose else table)
        again = read_table(file, transpose=transpose)
    assert again.values.tolist() == table.values.tolist()
    assert (again.agents, again.tasks) == (table.agents, table.tasks)


def _mutated(data: st.DataObject, original: bytes) -> bytes:
    """Overwrite, insert or delete a few bytes."""
    stream = io.BytesIO()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(original)), min_size=2, max_size=6)))
    for start, end in zip([0, *cuts], [*cuts, len(original)], strict=True):
        stream.write(original[start:end])
        stream.write(data.draw(st.binary(max_size=3) | st.just(original[start : start + 4])))
    kept = stream.getvalue()
    return kept[: data.draw(st.integers(0, len(kept)) | st.just(len(kept)))]
