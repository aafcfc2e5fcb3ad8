"""Convert arrays and data frames (of any library that narwhals supports) to tables, without importing it."""

from __future__ import annotations

import decimal
import fractions
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.tables.candidate_table import as_candidates
from evenhand.tables.cost_table import CostTable, check_names, shown
from evenhand.tables.csv_text import NAME_HEADERS, counts_up
from evenhand.tables.default_names import DefaultNames
from evenhand.tables.numbers import is_number
from evenhand.tables.totals import check_totals

if TYPE_CHECKING:
    import narwhals

_NUMBERS = (int, float, np.integer, np.floating, decimal.Decimal, fractions.Fraction)
_NO_NUMBERS = (bool, np.timedelta64)  # subclasses of integers in Python and NumPy


def as_table(data: object, *, source: str = "costs", copy: bool = True) -> CostTable:
    """Return `data` as a table.

    Parameters
    ----------
    data
        A CostTable, a data frame (pandas, polars, pyarrow or another library that narwhals supports), a small table of
        candidates (see :func:`~evenhand.tables.candidate_table.as_candidates`), or anything that NumPy converts to a
        two-dimensional array of numbers, agents x tasks.
    source
        Name of the data, for messages.
    copy
        Whether the table gets numbers of its own. Otherwise an array of floats, single or double, a view or a memory
        map, is the table's own.

    Raises
    ------
    InputError
        If `data` is none of these, or if one of its rows or columns is a total of the others.
    """
    if isinstance(data, CostTable):
        return data
    listed = as_candidates(data, source=source)
    if listed is not None:
        return listed.full()
    if isinstance(data, (np.ndarray, list, tuple)):
        return from_array(data, source, copy)
    frame = _opened(data, source)
    if frame is None:
        return from_array(data, source, copy)
    table = _of_columns(frame, False, source)
    check_totals(table)
    return table


def from_frame(frame: object, *, transpose: bool = False, source: str = "data frame") -> CostTable:
    """Convert a data frame with one row per agent and one column of numbers per task.

    The names of the agents are taken from the first text column or, without one, from a pandas index of text;
    otherwise they are ``agent-1 ... agent-n``. A missing cell marks a forbidden pair, however the library represents
    it: null, None, ``pandas.NA``, or NaN, which pandas uses in columns of plain numbers.

    Parameters
    ----------
    frame
        A data frame of pandas, polars, pyarrow or another library that narwhals supports.
    transpose
        Whether the rows are tasks and the columns agents.
    source
        Name of the data, for messages.

    Raises
    ------
    InputError
        If the frame has no numbers, a second text column, a text column of numbers, or a column that is neither text
        nor numbers.
    """
    opened = _opened(frame, source)
    if opened is None:
        raise InputError(
            f"{source}: {type(frame).__name__} is not a data frame of pandas, polars, pyarrow or a similar library"
        )
    return _of_columns(opened, transpose, source)


def from_array(data: Any, source: str, copy: bool = True) -> CostTable:
    """Convert a two-dimensional array of numbers, agents x tasks, to a table with default names.

    Raises
    ------
    InputError
        If `data` is not a rectangular array of real numbers.
    """
    if np.ma.isMaskedArray(data):
        data = np.ma.filled(data.astype(np.float64), np.inf)
    try:
        array = np.asarray(data)
    except (ValueError, TypeError, RuntimeError, OverflowError):
        raise InputError(
            f"{source}: not a rectangular array of numbers; every row needs the same number of them"
        ) from None
    if array.dtype.kind not in "iuf" or array.ndim != 2:
        raise InputError(
            f"{source}: shape {array.shape} of {array.dtype}; it must be a two-dimensional array of numbers, agents x "
            "tasks"
        )
    values = as_doubles(array) if copy else as_floats(array)
    agents, tasks = DefaultNames("agent", values.shape[0]), DefaultNames("task", values.shape[1])
    return CostTable(values, agents, tasks, source=source, named=(False, False))


def as_floats(array: NDArray[Any]) -> NDArray[np.float64]:
    """Return numbers as they are if they are plain floats of single or double precision, otherwise a copy in double."""
    plain = array.dtype in (np.float32, np.float64) and array.dtype.isnative and array.flags.aligned
    return np.asarray(array) if plain else as_doubles(array)


def as_doubles(array: NDArray[Any]) -> NDArray[np.float64]:
    """Return a copy in double precision, one row per agent."""
    with np.errstate(over="ignore"):
        return np.array(array, dtype=np.float64, order="C", copy=True)


def _opened(data: object, source: str) -> narwhals.DataFrame[Any] | None:
    """Return a data frame wrapped by narwhals; None if `data` is not a data frame."""
    import narwhals
    from narwhals.exceptions import DuplicateError

    library = type(data).__module__.partition(".")[0]
    if library == "pyarrow" and type(data).__name__ == "RecordBatch":
        import pyarrow

        data = pyarrow.Table.from_batches([data])
    labels: Any = getattr(data, "columns", ()) if library == "pandas" else ()
    several = next((label for label in labels if isinstance(label, tuple)), None)
    if several is not None:
        raise InputError(f"{source}: column {shown(several)} has a multi-level name; give each task a single name")
    index: Any = getattr(data, "index", None) if library == "pandas" else None
    if getattr(index, "nlevels", 1) > 1:
        raise InputError(f"{source}: row {shown(index[0])} has a multi-level name; give each row a single name")
    try:
        frame = narwhals.from_native(data, pass_through=True)
    except DuplicateError:
        native: Any = data
        check_names(list(map(str, getattr(native, "column_names", native.columns))), "column", source)
        raise AssertionError("narwhals found two columns of one name, and there are none") from None
    if isinstance(frame, narwhals.LazyFrame):
        raise InputError(f"{source}: a {type(data).__name__} is lazy; collect it into a data frame first")
    return frame if isinstance(frame, narwhals.DataFrame) else None


def _of_columns(frame: narwhals.DataFrame[Any], transpose: bool, source: str) -> CostTable:
    row_kind = "task" if transpose else "agent"
    names: Sequence[Any] | None = None
    titles: list[str] = []
    places: dict[int, int] = {}
    numbers: dict[int, NDArray[np.float64]] = {}
    for place, (label, dtype) in enumerate(frame.schema.items()):
        title = str(label).strip()
        if _is_plain(dtype):
            places[len(titles)] = place
            titles.append(title)
            continue
        cells = frame[:, place].to_list()
        column = _numbers(cells)
        if column is not None:
            numbers[len(titles)] = column
            titles.append(title)
            continue
        text = next((cell for cell in cells if isinstance(cell, str)), None)
        if text is None or names is not None or _are_costs(list(map(str, cells)), title):
            kind = dtype if text is None else f"text such as {shown(text)}"
            raise InputError(f"{source}: column {shown(title)} holds {kind}; costs must be numbers")
        names = cells
    if not titles or not len(frame):
        raise InputError(f"{source}: no numbers; it needs a column for each task and a row for each agent")
    values = np.empty((len(frame), len(titles)))
    for at, column in numbers.items():
        values[:, at] = column
    if places:
        values[:, list(places)] = _block(frame, list(places.values()))
    values[np.isnan(values)] = np.inf
    if names is None:
        names = _index_names(frame)
    rows = DefaultNames(row_kind, len(values)) if names is None else _named(names, row_kind, source)
    table = CostTable(values, rows, tuple(titles), source=source, named=(names is not None, not _numbered(titles)))
    return table.transposed() if transpose else table


def _numbered(titles: list[str]) -> bool:
    """Return whether the columns are named 0, 1, 2, ..., as in a pandas frame without column names."""
    return titles == [str(place) for place in range(len(titles))]


def _are_costs(cells: Sequence[str], title: str) -> bool:
    """Return whether a text column contains costs rather than names: numbers, under a header that is not for names."""
    return title.lower() not in NAME_HEADERS and all(map(is_number, cells)) and not counts_up(cells)


def _is_plain(dtype: Any) -> bool:
    """Return whether a column of this type converts to a plain NumPy array of numbers."""
    import narwhals

    return (dtype.is_float() or dtype.is_integer()) and dtype not in (narwhals.Int128, narwhals.UInt128)


def _block(frame: narwhals.DataFrame[Any], places: list[int]) -> NDArray[np.float64]:
    """Return columns of plain numbers, shape (rows, len(places)); missing cells are NaN."""
    import narwhals

    block = frame[:, places].to_numpy()
    if block.dtype.kind in "iuf":
        return block.astype(np.float64)
    columns = [frame[:, place].cast(narwhals.Float64).to_numpy() for place in places]
    return np.column_stack(columns)


def _numbers(cells: list[Any]) -> NDArray[np.float64] | None:
    """Return a column of Python numbers (Decimal included) and missing cells; None if it has any other cell."""
    present = [cell for cell in cells if not _missing(cell)]
    if not all(isinstance(cell, _NUMBERS) and not isinstance(cell, _NO_NUMBERS) for cell in present):
        return None
    try:
        return np.array([np.inf if _missing(cell) else float(cell) for cell in cells], dtype=np.float64)
    except (ValueError, OverflowError):
        return None


def _missing(cell: object) -> bool:
    return cell is None or type(cell).__name__ in ("NAType", "NaTType") or cell != cell


def _index_names(frame: narwhals.DataFrame[Any]) -> list[Any] | None:
    """Return the labels of a pandas index, if all of them are text."""
    import narwhals

    index = narwhals.maybe_get_index(frame)
    labels = [] if index is None else list(index)
    return labels if labels and all(isinstance(label, str) for label in labels) else None


def _named(names: Sequence[Any], kind: str, source: str) -> tuple[str, ...]:
    for position, name in enumerate(names, start=1):
        if not isinstance(name, str):
            raise InputError(f"{source}: row {position} has {shown(name)} as name; every {kind} needs a name, as text")
    return tuple(name.strip() for name in names)
