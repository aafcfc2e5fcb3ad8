"""NumPy and Parquet files, and files that only pretend to be."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.errors import InputError, MissingExtraError
from evenhand.tables import CostTable, read_table, write_table

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

TABLE = CostTable(np.array([[1.5, np.inf, 0.0], [1e-300, 2.0, 1e300]]), ("Ann", "Bo"), ("t1", "agent", "t3"))


@pytest.mark.parametrize("ending", ["csv", "parquet", "npy"])
def test_a_written_table_reads_back_bit_for_bit(tmp_path, ending):
    file = write_table(tmp_path / f"costs.{ending}", TABLE)
    table = read_table(file)
    assert (table.values == TABLE.values).all()
    if ending != "npy":
        assert (table.agents, table.tasks) == (TABLE.agents, TABLE.tasks)
    assert [path.name for path in tmp_path.iterdir()] == [file.name], "nothing else is left"


@pytest.mark.parametrize("ending", ["parquet", "npy"])
def test_the_format_is_found_without_its_ending(tmp_path, ending):
    file = write_table(tmp_path / f"costs.{ending}", TABLE)
    renamed = file.rename(tmp_path / "costs")
    assert (read_table(renamed).values == TABLE.values).all()
    assert (read_table(renamed, ending).values == TABLE.values).all()


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float16", "float32", ">f8"])
def test_arrays_of_every_kind_of_number(tmp_path, dtype):
    np.save(tmp_path / "costs.npy", np.asfortranarray(np.array([[1, 2, 3], [4, 5, 6]], dtype=dtype)))
    table = read_table(tmp_path / "costs.npy")
    assert table.values.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    assert table.values.dtype == np.float64
    assert table.values.flags.c_contiguous
    assert read_table(tmp_path / "costs.npy", transpose=True).values.shape == (3, 2)


class Malicious:
    """Writes a file when unpickled."""

    def __init__(self, marker):
        self.marker = str(marker)

    def __reduce__(self):
        return (open, (self.marker, "w"))


def test_pickles_are_never_loaded(tmp_path):
    marker = tmp_path / "executed"
    np.save(tmp_path / "costs.npy", np.array([[Malicious(marker)]], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"not a usable \.npy file"):
        read_table(tmp_path / "costs.npy")
    assert not marker.exists()


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(3), r"shape \(3,\) of float64"),
        (np.zeros((2, 2, 2)), r"shape \(2, 2, 2\)"),
        (np.zeros((0, 3)), r"\.npy"),
        (np.array([["a", "b"]]), "of <U1"),
        (np.array([[1j]]), "of complex128"),
        (np.array([[True]]), "of bool"),
    ],
)
def test_other_arrays_are_refused(tmp_path, array, message):
    np.save(tmp_path / "costs.npy", array)
    with pytest.raises(InputError, match=message):
        read_table(tmp_path / "costs.npy")


def test_a_header_that_promises_too_much_is_refused_before_memory_is_taken(tmp_path):
    np.save(tmp_path / "costs.npy", np.zeros((2, 3)))
    data = (tmp_path / "costs.npy").read_bytes()
    (tmp_path / "costs.npy").write_bytes(
        data.replace(b"(2, 3)", b"(99999999, 99999)").replace(b" " * 11 + b"\n", b"\n")
    )
    with pytest.raises(InputError, match=r"not a usable \.npy file"):
        read_table(tmp_path / "costs.npy")


@pytest.mark.parametrize("kind", ["npy", "parquet"])
def test_files_that_only_pretend(tmp_path, kind):
    file = tmp_path / f"costs.{kind}"
    file.write_bytes(b"")
    with pytest.raises(InputError, match="the file is empty"):
        read_table(file)
    file.write_bytes(b",t1\nAnn,1\n")
    with pytest.raises(InputError, match="it begins with b',t1"):
        read_table(file)
    write_table(file, TABLE)
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(InputError, match="not a usable"):
        read_table(file)


def test_a_parquet_file_of_tasks_in_rows(tmp_path):
    parquet.write_table(
        pyarrow.table({"task": ["t1", "t2"], "Ann": [1, None], "Bo": [2.5, 3.0]}), tmp_path / "c.parquet"
    )
    table = read_table(tmp_path / "c.parquet", transpose=True)
    assert (table.agents, table.tasks) == (("Ann", "Bo"), ("t1", "t2"))
    assert table.values.tolist() == [[1.0, np.inf], [2.5, 3.0]]


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    file = write_table(tmp_path / "costs.parquet", TABLE)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtraError, match=r"'\.\[tables\]'"):
        read_table(file)
    with pytest.raises(MissingExtraError, match=r"'\.\[tables\]'"):
        write_table(tmp_path / "other.parquet", TABLE)
    assert not (tmp_path / "other.parquet").exists()


def test_paths_that_are_no_files(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_table(tmp_path / "absent.csv")
    with pytest.raises(InputError, match="is a folder"):
        read_table(tmp_path)
    with pytest.raises(InputError, match="is not a valid path"):
        read_table("costs\0.csv")
    with pytest.raises(InputError, match="format 'xls' is not known; use one of auto, csv"):
        read_table(tmp_path / "absent.csv", "xls")
