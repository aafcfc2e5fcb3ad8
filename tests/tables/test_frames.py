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


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_nulls_are_forbidden_pairs_and_nan_is_not(library):
    table = from_frame(frame(library, {"t1": [1, None], "t2": [None, 2.5], "t3": [float("nan"), 1.0]}))
    assert table.values[:, 0].tolist() == [1.0, np.inf]
    assert table.values[:, 1].tolist() == [np.inf, 2.5]
    assert np.isnan(table.values[0, 2])


def test_pandas_na_is_a_forbidden_pair_and_its_index_names_agents():
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame(
        {"t1": pandas.array([1, None], dtype="Int64"), "t2": [Decimal("1.5"), None], 3: [1.0, float("nan")]},
        index=["Ann", "Bo"],
    )
    table = from_frame(data)
    assert (table.agents, table.tasks) == (("Ann", "Bo"), ("t1", "t2", "3"))
    assert table.values[:, :2].tolist() == [[1.0, 1.5], [np.inf, np.inf]]
    assert np.isnan(table.values[1, 2])


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"team": ["Ann", "Bo"], "t1": [1, 2], "note": ["x", "y"]}, "column 'note' holds"),
        ({"t1": [True, False]}, "column 't1' holds"),
        ({"team": ["Ann", "Bo"]}, "no numbers"),
        ({"team": ["Ann", "Ann"], "t1": [1, 2]}, "agents 1 and 2 are both called 'Ann'"),
        ({"team": ["Ann", None], "t1": [1, 2]}, "row 2 names no agent"),
        ({"team": ["Ann", " "], "t1": [1, 2]}, "agent 2 has no name"),
        ({"t1": [1.0, 2.0], " t1 ": [1.0, 2.0]}, "tasks 1 and 2 are both called 't1'"),
        ({"t1": []}, "column 't1' holds|no numbers"),
    ],
)
def test_bad_frames_are_refused_in_one_line(library, data, message):
    with pytest.raises(InputError, match=message) as caught:
        from_frame(frame(library, data))
    assert "\n" not in str(caught.value)


def test_pandas_headers_of_several_levels_are_refused():
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame([[1, 2]], columns=pandas.MultiIndex.from_tuples([("a", "b"), ("a", "c")]))
    with pytest.raises(InputError, match="several levels"):
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
