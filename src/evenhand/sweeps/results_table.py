"""Read and write the table of a sweep, a Parquet file with a row for each trial.

The columns are, in this order, the keys of the configurations (``epsilon``, ``dual.cap``), the keys of the results
(``cv``), and FIXED. Keys of nested tables are joined with dots. A configuration's key that is also in FIXED gets the
prefix ``config.``; a result's key that is also in FIXED or in the configurations gets the prefix ``result.``.
"""

from __future__ import annotations

import json
import numbers
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenhand.errors import InputError, MissingExtraError
from evenhand.frames import Tabular
from evenhand.sweeps.nested import flat
from evenhand.sweeps.trial import Outcome
from evenhand.sweeps.trial_files import SPENT, encodable
from evenhand.tables.binary import read_parquet_file
from evenhand.tables.cost_table import shown
from evenhand.tables.documents import SETTINGS, parse_json
from evenhand.tables.files import no_file
from evenhand.tables.shapes import Whole, check_shape
from evenhand.tables.write import atomic_writer

NAME = "results.parquet"
SCHEMA = 1
FIXED = ("task", "status", "trace", "seconds", "processor_seconds", "digest", "version", "machine")
"""Columns that every table of results has."""
_ABOUT = b"evenhand sweep"
_INFINITIES = {"inf": float("inf"), "-inf": float("-inf")}


@dataclass(frozen=True)
class Results(Tabular):
    """The table of a sweep.

    Attributes
    ----------
    config, result
        Names of the columns of configurations and of results.
    table
        A :class:`pyarrow.Table` of these columns and those in FIXED, with a row for each trial.
    """

    config: tuple[str, ...]
    result: tuple[str, ...]
    table: Any

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each trial."""
        rows: list[dict[str, Any]] = self.table.to_pylist()
        return rows


def write_results(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Write the table of outcomes, in their order.

    Raises
    ------
    InputError
        If it cannot be written.
    MissingExtraError
        If pyarrow is not installed.
    """
    pyarrow = _pyarrow()
    configs = [flat(outcome.trial.config) for outcome in outcomes]
    results = [flat(outcome.result) for outcome in outcomes]
    config = {key: f"config.{key}" if key in FIXED else key for key in _keys(configs)}
    taken = {*FIXED, *config.values()}
    result = {key: f"result.{key}" if key in taken else key for key in _keys(results)}
    columns = {name: _column([row.get(key) for row in configs]) for key, name in config.items()}
    columns |= {name: _column([row.get(key) for row in results]) for key, name in result.items()}
    columns |= {name: [_fixed(outcome, name) for outcome in outcomes] for name in FIXED}
    columns = {encodable(name): list(map(_storable, values)) for name, values in columns.items()}
    about = {"schema": SCHEMA} | {
        kind: list(map(encodable, names.values())) for kind, names in (("config", config), ("result", result))
    }
    table = pyarrow.table(columns).replace_schema_metadata({_ABOUT: json.dumps(about)})
    with atomic_writer(path) as stream:
        pyarrow.parquet.write_table(table, stream)


def read_results(path: str | Path) -> Results:
    """Read a sweep's table.

    Parameters
    ----------
    path
        The file, or the folder of the sweep.

    Raises
    ------
    InputError
        If there is no such file, if it is not the table of a sweep, or if it is of another version.
    MissingExtraError
        If pyarrow is not installed.
    """
    file = Path(path) / NAME if Path(path).is_dir() else Path(path)
    if not file.is_file():
        raise no_file(file, "; `evenhand sweep` writes it")
    table = read_parquet_file(file, str(file))
    about = (table.schema.metadata or {}).get(_ABOUT)
    if about is None:
        raise InputError(f"{file}: not the results of a sweep; `evenhand sweep` writes them")
    config, result = _about(about, file)
    if not {*config, *result, *FIXED} <= set(table.column_names):
        raise _damaged(file)
    _check_fixed(table, file)
    return Results(config, result, table)


def _about(metadata: bytes, file: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the columns of configurations and of results, from the file's metadata."""
    try:
        about = parse_json(metadata.decode("utf-8"), str(file), limits=SETTINGS)
        check_shape(about, {"schema": Whole()}, str(file))
    except ValueError:
        raise _damaged(file) from None
    schema = about["schema"]
    if schema != SCHEMA:
        hint = "run the sweep again in a new folder" if schema < SCHEMA else "a newer evenhand reads it"
        raise InputError(f"{file}: written as version {schema}, this evenhand reads version {SCHEMA}; {hint}")
    try:
        check_shape(about, {"config": [str], "result": [str]}, str(file))
    except InputError:
        raise _damaged(file) from None
    return tuple(about["config"]), tuple(about["result"])


def _check_fixed(table: Any, file: Path) -> None:
    """Raise an InputError unless the columns in FIXED have the right types and no empty cells."""
    wanted = {name: (_is_float, "numbers") if name in SPENT else (_is_text, "text") for name in FIXED}
    for name, (holds, words) in wanted.items():
        if len(table.schema.get_all_field_indices(name)) > 1:
            raise InputError(f"{file}: the column {name!r} appears twice; `evenhand sweep` writes it once")
        column = table.column(name)
        if not holds(str(column.type)) or column.null_count:
            found = f"{column.type} with {column.null_count} empty cells" if column.null_count else f"{column.type}"
            raise InputError(f"{file}: the column {name!r} holds {found}; it must hold {words} in each row")
    for machine in set(table.column("machine").to_pylist()):
        try:
            check_shape(parse_json(machine, str(file), limits=SETTINGS), dict, str(file))
        except InputError:
            found = shown(machine)
            raise InputError(f"{file}: the column 'machine' holds {found}; it must hold JSON objects") from None


def _is_float(kind: str) -> bool:
    return kind in ("double", "float", "halffloat") or kind.startswith(("int", "uint"))


def _is_text(kind: str) -> bool:
    return kind in ("string", "large_string", "string_view")


def _damaged(file: Path) -> InputError:
    return InputError(
        f"{file}: is damaged, its metadata do not match its columns; delete it, and `evenhand sweep` writes it again"
    )


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "sweeps") from None
    return pyarrow


def _keys(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row))


def _fixed(outcome: Outcome, name: str) -> Any:
    if name in ("task", "digest"):
        return getattr(outcome.trial, name)
    value = getattr(outcome, name)
    return json.dumps(value, sort_keys=True) if name == "machine" else value


def _storable(value: Any) -> Any:
    return encodable(value) if isinstance(value, str) else value


def _column(values: list[Any]) -> list[Any]:
    """Return a column's values with one type: numbers, booleans, text, lists of numbers, or else JSON text.

    Infinity may be given as text in a column of numbers.
    """
    there = [value for value in values if value is not None]
    if any(map(_is_number, there)) and all(_is_number(value) or _is_infinity(value) for value in there):
        return _numbers(values)
    if any(all(isinstance(value, kind) for value in there) for kind in (bool, str)):
        return values
    if all(isinstance(value, list) and all(map(_is_number, value)) for value in there):
        return [None if value is None else [float(one) for one in value] for value in values]
    return [value if value is None or isinstance(value, str) else json.dumps(value) for value in values]


def _is_infinity(value: Any) -> bool:
    return isinstance(value, str) and value in _INFINITIES


def _numbers(values: list[Any]) -> list[Any]:
    whole = all(value is None or (isinstance(value, int) and abs(value) < 2**63) for value in values)
    if whole:
        return values
    return [
        None if value is None else _INFINITIES[value] if isinstance(value, str) else float(value) for value in values
    ]


def _is_number(value: Any) -> bool:
    """Return whether a value is a number that fits in a column of floats."""
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) <= sys.float_info.max
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
