"""Long lists of pairs in Parquet and CSV, read into compressed rows: order, names, precision, mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest

from evenhand.errors import InputError
from evenhand.tables import CandidateTable, candidate_table, pair_files, read, read_table
from evenhand.tables.candidate_table import ArrayNames, LargeCandidatesError
from evenhand.tables.write import write_plan

ROWS: dict[str, Any] = {
    "task": ["t1", "t1", "t2", "t3", "t3"],
    "agent": ["Ann", "Bo", "Bo", "Ann", "Cy"],
    "cost": [1.0, 2.0, 3.0, 4.0, 5.0],
}
TABLE = [[1.0, np.inf, 4.0], [2.0, 3.0, np.inf], [np.inf, np.inf, 5.0]]


@pytest.fixture(autouse=True)
def short_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read two rows at once, so that tasks reach over batches."""
    monkeypatch.setattr(pair_files, "BATCH", 2)


@pytest.fixture
def nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every list of pairs be too large for a full table."""
    monkeypatch.setattr(candidate_table, "MOST_CELLS", 0)
    monkeypatch.setattr(candidate_table, "DENSE", 2.0)


def written(folder: Path, **changes: Any) -> Path:
    """Write the rows, with some columns changed, as Parquet."""
    file = folder / "pairs.parquet"
    pyarrow.parquet.write_table(pyarrow.table({**ROWS, **changes}), file)
    return file


def large(file: Path) -> CandidateTable:
    """Return the table of candidates that stands in the way of the full one."""
    with pytest.raises(LargeCandidatesError) as caught:
        read_table(file)
    return caught.value.table


def test_a_small_list_is_a_full_table(tmp_path: Path) -> None:
    """Pairs that are not listed are forbidden; agents and tasks are numbered as they appear."""
    table = read_table(written(tmp_path))
    assert table.values.tolist() == TABLE
    assert (table.agents, tuple(table.tasks)) == (("Ann", "Bo", "Cy"), ("t1", "t2", "t3"))
    assert table.notes == ("5 candidates of 3 tasks among 3 agents; all other pairs are forbidden",)


@pytest.mark.usefixtures("nothing_is_small")
def test_rows_in_any_order_are_put_together(tmp_path: Path) -> None:
    """The tasks' rows are sorted, the note says so, and places are still those of the file."""
    order = [3, 0, 2, 4, 1]
    table = large(written(tmp_path, **{kind: [values[k] for k in order] for kind, values in ROWS.items()}))
    assert tuple(table.tasks) == ("t3", "t1", "t2")
    assert table.starts.tolist() == [0, 2, 4, 5]
    assert table.costs.tolist() == [4.0, 5.0, 1.0, 2.0, 3.0]
    assert [table.place(k).rpartition(", ")[2] for k in range(5)] == ["row 1", "row 4", "row 2", "row 5", "row 3"]
    assert "put together in memory" in table.notes[1]


@pytest.mark.usefixtures("nothing_is_small")
def test_whole_numbers_are_names_and_single_precision_stays(tmp_path: Path) -> None:
    """Integer columns name tasks and agents; float32 costs take 4 bytes; a column of burdens is read."""
    file = written(
        tmp_path,
        task=[7, 7, 8, 9, 9],
        agent=pyarrow.array([30, 40, 40, 30, 50], pyarrow.int16()),
        cost=pyarrow.array(ROWS["cost"], pyarrow.float32()),
        burden=[1, 1, 1, 1, 2],
    )
    table = large(file)
    assert table.agents == ("30", "40", "50")
    assert table.tasks[1:] == ("8", "9")
    assert table.costs.dtype == np.float32
    assert table.burdens is not None
    assert table.burdens.tolist() == [1, 1, 1, 1, 2]


@pytest.mark.usefixtures("nothing_is_small")
def test_categories_of_pandas_are_names(tmp_path: Path) -> None:
    """Dictionary-encoded columns, as data frames write them, are read as the text that they stand for."""
    agent = pyarrow.array(ROWS["agent"]).dictionary_encode()
    table = large(written(tmp_path, agent=agent))
    assert table.agents == ("Ann", "Bo", "Cy")
    assert table.agent_of.tolist() == [0, 1, 1, 0, 2]


@pytest.mark.usefixtures("nothing_is_small")
def test_large_and_small_csv_files_are_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader of large files and that of small ones return the same pairs and name the same lines."""
    file = tmp_path / "pairs.csv"
    pyarrow.csv.write_csv(pyarrow.table(ROWS), file)
    small = large(file)
    monkeypatch.setattr(read, "VAST", 0)
    vast = large(file)
    for table in (small, vast):
        assert table.costs.tolist() == ROWS["cost"]
        assert table.agent_of.tolist() == [0, 1, 1, 0, 2]
        assert table.starts.tolist() == [0, 2, 3, 5]
        assert table.place(2) == f"{file}, line 4"


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"cost": [1.0, None, 3.0, 4.0, 5.0]}, "row 2: no cost; every row needs one"),
    ({"agent": ["Ann", "Bo", "Bo", None, "Cy"]}, "row 4: no agent; every row needs one"),
    ({"cost": ["1", "2", "3", "4", "x"]}, "column 'cost' holds string; it must be numbers"),
    ({"task": [0.5, 0.5, 1.0, 2.0, 2.0]}, "column 'task' holds double; names must be text or whole numbers"),
    ({"colour": ["red"] * 5}, "'colour' is not a column of a table of pairs"),
    ({"agent": ["", "Bo", "Bo", "", "Cy"]}, "agent 1 has no name; every agent needs one"),
]


@pytest.mark.parametrize(("change", "message"), MISTAKES)
def test_a_mistake_is_named_with_its_row(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """One line names the file, the row or column, and what would be right."""
    file = written(tmp_path, **change)
    with pytest.raises(InputError) as caught:
        read_table(file)
    assert str(caught.value).startswith(f"{file}")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pair_twice_is_refused_in_a_small_list(tmp_path: Path) -> None:
    """The second row is named."""
    with pytest.raises(InputError, match=r"row 2: agent 'Ann' and task 't1' are listed already"):
        read_table(written(tmp_path, agent=["Ann", "Ann", "Bo", "Ann", "Cy"]))


def test_text_in_a_large_csv_is_refused_with_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader of large files names the row of a cost that is no number."""
    monkeypatch.setattr(read, "VAST", 0)
    file = tmp_path / "pairs.csv"
    file.write_text("task,agent,cost\nt1,Ann,1\nt1,Bo,dear\n")
    with pytest.raises(InputError, match=r"pairs\.csv: .*Row #3: .*dear"):
        read_table(file)


def test_the_full_table_that_would_be_too_large_is_said_with_its_size(tmp_path: Path, nothing_is_small: None) -> None:
    """Commands that need the full table say what it would take, and which commands do without."""
    with pytest.raises(InputError, match=r"lists 5 pairs of 3 agents and 3 tasks, .* GB; only evenhand assign and ver"):
        read_table(written(tmp_path))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_plan_is_written_piece_by_piece(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five tasks in pieces of two give one file with all of them, whose names are safe in a spreadsheet."""
    monkeypatch.setattr("evenhand.tables.write._PIECE", 2)
    tasks, chosen = ArrayNames(np.arange(5)), np.array([0, 1, 1, 0, 1])
    file = write_plan(tmp_path / f"plan.{ending}", tasks, ("=Ann", "Bo"), chosen)
    if ending == "csv":
        assert file.read_text() == "task,agent\n0,'=Ann\n1,Bo\n2,Bo\n3,'=Ann\n4,Bo\n"
    else:
        rows = pyarrow.parquet.read_table(file).to_pydict()
        assert rows == {"task": ["0", "1", "2", "3", "4"], "agent": ["=Ann", "Bo", "Bo", "=Ann", "Bo"]}


def test_names_in_arrays_behave_like_a_tuple() -> None:
    """Indices, slices, membership and comparison work as for the tuple of the same names."""
    for values in (np.array([3, 5, 7]), pyarrow.array(["3", "5", "7"])):
        names = ArrayNames(values)
        assert (names[0], names[-1], names[1:], list(names)) == ("3", "7", ("5", "7"), ["3", "5", "7"])
        assert "5" in names
        assert names == ("3", "5", "7")
        assert names != ("3", "5")
        with pytest.raises(IndexError):
            names[3]
