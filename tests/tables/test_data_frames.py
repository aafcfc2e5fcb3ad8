"""Data frames and arrays as tables."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.tables import CostTable, as_table, from_frame

DATA = {"team": ["Ann", "Bo"], "t1": [1, 2], "t2": [0.5, 4.0]}
VALUES = [[1.0, 0.5], [2.0, 4.0]]
LIBRARIES = ["pandas", "polars", "pyarrow"]


def frame(library, data):
    module = pytest.importorskip(library)
    return module.table(data) if library == "pyarrow" else module.DataFrame(data)


@pytest.mark.parametrize("library", LIBRARIES)
def test_names_come_from_columns_and_the_first_text(library):
    table = as_table(frame(library, DATA))
    assert (table.agents, table.tasks) == (("Ann", "Bo"), ("t1", "t2"))
    assert table.values.tolist() == VALUES
    assert table.values.flags.c_contiguous


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_text_may_stand_anywhere_or_be_missing(library):
    moved = {key: DATA[key] for key in ("t1", "team", "t2")}
    assert from_frame(frame(library, moved)).agents == ("Ann", "Bo")
    without = {key: DATA[key] for key in ("t1", "t2")}
    made = from_frame(frame(library, without))
    assert made.agents == ("agent-1", "agent-2")
    assert (as_table(frame(library, DATA)).named, made.named) == ((True, True), (False, True))


def test_a_table_knows_whether_its_names_are_its_own():
    assert as_table(np.ones((2, 3))).named == (False, False)
    assert CostTable(np.ones((2, 1)), ("agent-1", "agent-2"), ("task-1",)).named == (True, True)
    assert CostTable(np.ones((2, 1)), ("a", "b"), ("c",), named=(True, False)).transposed().named == (False, True)


@pytest.mark.parametrize("library", LIBRARIES)
def test_rows_may_be_tasks(library):
    table = from_frame(frame(library, {"task": ["a", "b", "c"], "Ann": [1, 2, 3], "Bo": [4, 5, 6]}), transpose=True)
    assert (table.agents, table.tasks) == (("Ann", "Bo"), ("a", "b", "c"))
    assert table.values.tolist() == [[1, 2, 3], [4, 5, 6]]


def missing_cells():
    """Return 3, a missing cell, as each library and each of its types writes them, by the name of the type."""
    pandas, polars, pyarrow = map(pytest.importorskip, ("pandas", "polars", "pyarrow"))
    arrow = pandas.ArrowDtype
    columns = {
        "pandas float64": pandas.Series([3, None], dtype="float64"),
        "pandas Int64": pandas.Series([3, None], dtype="Int64"),
        "pandas Float64": pandas.Series([3, None], dtype="Float64"),
        "pandas objects": pandas.Series([3, None], dtype="object"),
        "pandas objects with NA": pandas.Series([3, pandas.NA], dtype="object"),
        "pandas objects with NaN": pandas.Series([3, float("nan")], dtype="object"),
        "pandas Decimal": pandas.Series([Decimal(3), None]),
        "pandas category": pandas.Series([3, None], dtype="category"),
        "pandas sparse": pandas.Series(pandas.arrays.SparseArray([3.0, float("nan")])),
        "pandas int64[pyarrow]": pandas.Series([3, None], dtype="int64[pyarrow]"),
        "pandas double[pyarrow]": pandas.Series([3, None], dtype="double[pyarrow]"),
        "pandas decimal[pyarrow]": pandas.Series([Decimal(3), None], dtype=arrow(pyarrow.decimal128(9, 2))),
        "polars Int64": polars.Series("t", [3, None]),
        "polars Float64": polars.Series("t", [3.0, None]),
        "polars Float32, NaN": polars.Series("t", [3.0, float("nan")], dtype=polars.Float32),
        "polars Int128": polars.Series("t", [3, None], dtype=polars.Int128),
        "polars UInt8": polars.Series("t", [3, None], dtype=polars.UInt8),
        "polars Decimal": polars.Series("t", [Decimal(3), None]),
        "polars Object": polars.Series("t", [3, None], dtype=polars.Object),
        "pyarrow int64": pyarrow.array([3, None]),
        "pyarrow double, NaN": pyarrow.array([3.0, float("nan")]),
        "pyarrow float16": pyarrow.array([3.0, None], pyarrow.float16()),
        "pyarrow decimal": pyarrow.array([Decimal(3), None]),
    }
    frames = {"pandas": pandas.DataFrame, "polars": polars.DataFrame, "pyarrow": pyarrow.table}
    return {name: frames[name.split()[0]]({"t": column, "u": [1, 2]}) for name, column in columns.items()}


def test_a_missing_cell_means_the_same_however_it_is_written():
    read = {name: from_frame(data).values.tolist() for name, data in missing_cells().items()}
    assert read == {name: [[3.0, 1.0], [np.inf, 2.0]] for name in read}


def test_frames_that_arrow_backs_are_read_whole():
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    data = pandas.DataFrame({"team": ["Ann", "Bo"], "t1": [1, None], "t2": [0.5, 4.0]})
    table = as_table(data.convert_dtypes(dtype_backend="pyarrow"))
    assert (table.agents, table.tasks) == (("Ann", "Bo"), ("t1", "t2"))
    assert table.values.tolist() == [[1.0, 0.5], [np.inf, 4.0]]


def test_numbers_that_numpy_does_not_know_are_read_exactly():
    polars = pytest.importorskip("polars")
    columns = [
        polars.Series("t1", [2**70, 5], dtype=polars.Int128),
        polars.Series("t2", [Decimal("0.1"), Decimal("12345678901234567890.123")]),
    ]
    read = from_frame(polars.DataFrame(columns)).values
    assert read.tolist() == [[1180591620717411303424.0, 0.1], [5.0, 12345678901234567890.123]]


def test_a_pandas_index_of_text_names_agents():
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame({"t1": [1, 2], 3: [Decimal("1.5"), None]}, index=["Ann", "Bo"])
    table = from_frame(data)
    assert (table.agents, table.tasks) == (("Ann", "Bo"), ("t1", "3"))
    assert table.values.tolist() == [[1.0, 1.5], [2.0, np.inf]]


def test_costs_that_came_as_text_are_not_taken_for_names():
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame({"t1": ["1,5", "2,25"], "t2": [1.0, 2.0]}, index=["Ann", "Bo"])
    with pytest.raises(InputError, match="column 't1' holds text such as '1,5'; costs must be numbers"):
        from_frame(data)
    numbered = pandas.DataFrame({"agent": ["101", "105"], "t2": [1.0, 2.0]})
    assert from_frame(numbered).agents == ("101", "105")


def test_frames_that_are_not_computed_yet_are_refused_with_the_remedy():
    polars = pytest.importorskip("polars")
    with pytest.raises(InputError, match="LazyFrame is lazy; collect it"):
        as_table(polars.LazyFrame({"t1": [1, 2]}))


def test_batches_of_arrow_are_frames():
    pyarrow = pytest.importorskip("pyarrow")
    assert as_table(pyarrow.record_batch(DATA)).values.tolist() == VALUES


@pytest.mark.parametrize("library", ["pandas", "pyarrow"])
def test_two_columns_of_one_name_are_refused(library):
    module = pytest.importorskip(library)
    if library == "pandas":
        data = module.DataFrame([[1, 2], [3, 4]], columns=["a", "a"])
    else:
        data = module.Table.from_arrays([module.array([1, 2]), module.array([3, 4])], names=["a", "a"])
    with pytest.raises(InputError, match="columns 1 and 2 are both called 'a'"):
        as_table(data)


@pytest.mark.parametrize("cell", [True, np.True_, 1j, np.complex64(1), np.timedelta64(5, "s")])
def test_objects_that_are_no_real_numbers_are_refused(cell):
    pandas = pytest.importorskip("pandas")
    with pytest.raises(InputError, match="column 't1' holds"):
        from_frame(pandas.DataFrame({"t1": pandas.Series([cell, 2], dtype="object")}))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"team": ["Ann", "Bo"], "t1": [1, 2], "note": ["x", "y"]}, "column 'note' holds text such as 'x'"),
        ({"t1": [True, False]}, "column 't1' holds"),
        ({"team": ["Ann", "Bo"]}, "no numbers"),
        ({"team": ["Ann", "Ann"], "t1": [1, 2]}, "agents 1 and 2 are both called 'Ann'"),
        ({"team": ["Ann", None], "t1": [1, 2]}, "row 2 has .* as name; every agent needs a name"),
        ({"team": ["Ann", " "], "t1": [1, 2]}, "agent 2 has no name"),
        ({"t1": [1.0, 2.0], " t1 ": [1.0, 2.0]}, "tasks 1 and 2 are both called 't1'"),
        ({"t1": []}, "column 't1' holds|no numbers"),
    ],
)
def test_bad_frames_are_refused_in_one_line(library, data, message):
    with pytest.raises(InputError, match=message) as caught:
        from_frame(frame(library, data))
    assert "\n" not in str(caught.value)


def test_pandas_rows_of_several_levels_are_refused():
    """Their names were dropped in silence: the agents became agent-1 and agent-2."""
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame({"P": [1, 2]}, index=pandas.MultiIndex.from_tuples([("a", "b"), ("a", "c")]))
    with pytest.raises(InputError, match=r"row .*'a', 'b'.* has a multi-level name; give each row a single name"):
        from_frame(data)


def test_pandas_headers_of_several_levels_are_refused():
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame([[1, 2]], columns=pandas.MultiIndex.from_tuples([("a", "b"), ("a", "c")]))
    with pytest.raises(InputError, match="multi-level name"):
        from_frame(data)


def test_arrays_and_nested_sequences():
    jax = pytest.importorskip("jax")
    given = [[1, 2], [3, 4], [5, 6]]
    for data in (given, np.array(given), tuple(map(tuple, given)), jax.numpy.asarray(given)):
        table = as_table(data)
        assert table.values.tolist() == given
        assert table.agents == ("agent-1", "agent-2", "agent-3")
        assert table.tasks == ("task-1", "task-2")
    masked = np.ma.masked_array([[1, 2]], mask=[[False, True]])
    assert as_table(masked).values.tolist() == [[1.0, np.inf]], "what is masked is forbidden"
    table = as_table(given)
    assert as_table(table) is table


def test_a_table_does_not_share_its_numbers_with_the_caller():
    costs = np.ones((2, 2))
    table = as_table(costs)
    costs[0, 0] = 7
    assert table.values[0, 0] == 1


@pytest.mark.parametrize(
    "data", [[[1, 2], [3]], [["a"]], None, 3, "abc", object(), [[None]], [], [[]], np.zeros((2, 0))]
)
def test_what_is_no_table_of_numbers_is_refused(data):
    with pytest.raises(InputError) as caught:
        as_table(data)
    assert "\n" not in str(caught.value)


def test_tables_check_their_names():
    values = np.ones((2, 1))
    with pytest.raises(InputError, match=r"shape \(2, 1\) does not fit 1 x 1 names"):
        CostTable(values, ("a",), ("t",))
    with pytest.raises(InputError, match="agents 1 and 2 are both called 'a'"):
        CostTable(values, ("a", "a"), ("t",))
    with pytest.raises(InputError, match="control characters"):
        CostTable(values, ("a", "\x1b[31mred"), ("t",))
    with pytest.raises(InputError, match=r"task_xy has shape \(2, 2\), it must be \(1, 2\)"):
        CostTable(values, ("a", "b"), ("t",), None, np.ones((2, 2)))
