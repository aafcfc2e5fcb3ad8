"""Data frames of pandas, polars and pyarrow, and arrays, as tables; none of these libraries is imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.errors import InputError
from evenhand.tables.table import CostTable, default_names, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of any library: its name, its text (names) or its numbers, with missing cells as inf."""

    name: str
    text: list[Any] | None
    numbers: NDArray[np.float64] | None
    kind: str


def as_table(data: object, *, source: str = "costs") -> CostTable:
    """Return `data` as a table.

    Parameters
    ----------
    data
        A CostTable, a data frame of pandas, polars or pyarrow, or anything NumPy reads as a two-dimensional
        array of numbers, agents x tasks.
    source
        What to call the data in messages.

    Raises
    ------
    InputError
        If `data` is none of these.
    """
    if isinstance(data, CostTable):
        return data
    if _library(data) is not None:
        return from_frame(data, source=source)
    return from_array(data, source)


def from_frame(frame: object, *, transpose: bool = False, source: str = "data frame") -> CostTable:
    """Return a data frame as a table: one row per agent, one column of numbers per task.

    The first column of text holds the names of the agents; without one, a pandas index of text does; without
    either they are ``agent-1 ... agent-n``. A missing cell (null, None, pandas.NA) is a forbidden pair; NaN
    stays NaN, which no problem accepts, since it more often is an accident.

    Parameters
    ----------
    frame
        A pandas or polars DataFrame, a pyarrow Table or RecordBatch.
    transpose
        The rows are tasks and the columns agents.
    source
        What to call the frame in messages.

    Raises
    ------
    InputError
        If the frame has no numbers, a second column of text, or columns that are neither text nor numbers.
    """
    library = _library(frame)
    if library is None:
        raise InputError(f"{source}: {type(frame).__name__} is no data frame of pandas, polars or pyarrow")
    names: list[Any] | None = None
    columns: list[_Column] = []
    for column in _READERS[library](frame, source):
        if column.numbers is not None:
            columns.append(column)
        elif column.text is not None and names is None:
            names = column.text
        else:
            raise InputError(f"{source}: column {shown(column.name)} holds {column.kind}; costs must be numbers")
    if not columns or columns[0].numbers is None or not len(columns[0].numbers):
        raise InputError(f"{source}: no numbers; it needs a column for each task and a row for each agent")
    if names is None and library == "pandas":
        names = _index_names(frame)
    values = np.column_stack([column.numbers for column in columns if column.numbers is not None])
    row_kind = "task" if transpose else "agent"
    rows = default_names(row_kind, len(values)) if names is None else _named(names, row_kind, source)
    titles = tuple(column.name for column in columns)
    table = CostTable(np.ascontiguousarray(values), rows, titles, source=source, named=(names is not None, True))
    return table.transposed() if transpose else table


def from_array(data: Any, source: str) -> CostTable:
    """Return a two-dimensional array of numbers as a table with default names.

    Raises
    ------
    InputError
        If `data` is no rectangular array of real numbers.
    """
    if np.ma.isMaskedArray(data):
        data = np.ma.filled(data.astype(np.float64), np.inf)
    try:
        array = np.asarray(data)
    except (ValueError, TypeError, RuntimeError, OverflowError):
        raise InputError(f"{source}: not a rectangular array of numbers; every row needs as many") from None
    if array.dtype.kind not in "iuf" or array.ndim != 2:
        raise InputError(
            f"{source}: shape {array.shape} of {array.dtype}; it must be an array of numbers of two "
            "dimensions, agents x tasks"
        )
    with np.errstate(over="ignore"):
        values = np.array(array, dtype=np.float64, order="C", copy=True)
    agents, tasks = default_names("agent", values.shape[0]), default_names("task", values.shape[1])
    return CostTable(values, agents, tasks, source=source, named=(False, False))


def _library(data: object) -> str | None:
    """Return the library whose data frame `data` is (subclasses included), without importing any."""
    for base in type(data).__mro__:
        library = base.__module__.partition(".")[0]
        if (library, base.__name__) in {
            ("pandas", "DataFrame"),
            ("polars", "DataFrame"),
            ("pyarrow", "Table"),
            ("pyarrow", "RecordBatch"),
        }:
            return library
    return None


def _named(names: Sequence[Any], kind: str, source: str) -> tuple[str, ...]:
    for position, name in enumerate(names, start=1):
        if not isinstance(name, str):
            raise InputError(f"{source}: row {position} names no {kind} but {shown(name)}; every {kind} needs a name")
    return tuple(name.strip() for name in names)


def _pandas_columns(frame: Any, source: str) -> Iterator[_Column]:
    for position, label in enumerate(frame.columns):
        series = frame.iloc[:, position]
        if isinstance(label, tuple):
            raise InputError(
                f"{source}: column {shown(label)} has a name of several levels; give one name for each task"
            )
        name, kind = str(label).strip(), getattr(series.dtype, "kind", "O")
        if kind in "iuf":
            # Extension types know missing cells as NA; a plain NaN is left as it is.
            plain = isinstance(series.dtype, np.dtype)
            cells = series.to_numpy() if plain else series.to_numpy(dtype=np.float64, na_value=np.inf)
            yield _Column(name, None, cells.astype(np.float64), "numbers")
        else:
            yield _object_column(name, series.tolist(), str(series.dtype))


def _object_column(name: str, cells: list[Any], kind: str) -> _Column:
    """Read a column of Python objects: text, or numbers with missing cells (Decimal among them)."""
    if kind in ("object", "category", "str") or kind.startswith("string"):
        present = [cell for cell in cells if not _missing(cell)]
        if any(isinstance(cell, str) for cell in present):
            return _Column(name, cells, None, "text")
        try:
            if not any(isinstance(cell, (bool, complex)) for cell in present):
                numbers = [np.inf if _missing(cell) else float(cell) for cell in cells]
                return _Column(name, None, np.array(numbers, dtype=np.float64), "numbers")
        except (TypeError, ValueError, OverflowError):
            pass
    return _Column(name, None, None, kind)


def _missing(cell: object) -> bool:
    return cell is None or type(cell).__name__ in ("NAType", "NaTType")


def _index_names(frame: Any) -> list[Any] | None:
    labels = list(frame.index)
    return labels if all(isinstance(label, str) for label in labels) else None


def _polars_columns(frame: Any, source: str) -> Iterator[_Column]:
    del source
    for series in frame.get_columns():
        kind = str(series.dtype)
        if series.dtype.is_numeric():
            yield _Column(series.name.strip(), None, _filled(series.to_numpy(), series.is_null().to_numpy()), "numbers")
        elif kind in ("String", "Utf8") or kind.startswith(("Categorical", "Enum")):
            yield _Column(series.name.strip(), series.to_list(), None, "text")
        else:
            yield _Column(series.name.strip(), None, None, kind)


def _pyarrow_columns(frame: Any, source: str) -> Iterator[_Column]:
    del source
    for position, field in enumerate(frame.schema):
        cells, kind = frame.column(position), str(field.type)
        if kind.startswith(("int", "uint", "float", "double", "halffloat", "decimal")):
            numbers = _filled(cells.to_numpy(zero_copy_only=False), cells.is_null().to_numpy(zero_copy_only=False))
            yield _Column(field.name.strip(), None, numbers, "numbers")
        elif "string" in kind and not kind.startswith(("list", "struct", "map")):
            yield _Column(field.name.strip(), cells.to_pylist(), None, "text")
        else:
            yield _Column(field.name.strip(), None, None, kind)


def _filled(cells: NDArray[Any], missing: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return `cells` as floats, with inf where they are `missing`."""
    if cells.dtype == object:
        return np.array([np.inf if cell is None else float(cell) for cell in cells], dtype=np.float64)
    numbers = np.array(cells, dtype=np.float64)
    numbers[missing] = np.inf
    return numbers


_READERS: dict[str, Callable[[Any, str], Iterator[_Column]]] = {
    "pandas": _pandas_columns,
    "polars": _polars_columns,
    "pyarrow": _pyarrow_columns,
}
