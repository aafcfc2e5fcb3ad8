"""Read binary files: NumPy arrays and Parquet."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.errors import InputError, MissingExtraError
from evenhand.tables.cost_table import CostTable
from evenhand.tables.data_frames import from_array, from_frame

_NPY_MAGIC = b"\x93NUMPY"
_PARQUET_MAGIC = b"PAR1"


def read_npy(file: Path, source: str) -> CostTable:
    """Return the table in a ``.npy`` file, a two-dimensional array of numbers, agents x tasks.

    Pickled objects are never loaded, because loading them can execute code.

    Raises
    ------
    InputError
        If the file is not such an array.
    """
    _check_magic(file, _NPY_MAGIC, "a NumPy array file (.npy)", source)
    try:
        with warnings.catch_warnings():
            # NumPy warns about headers written by Python 2, whose numbers are all right.
            warnings.simplefilter("ignore")
            # Memory-mapped, so that a header that claims more than the file contains fails before memory is allocated.
            array = np.load(file, mmap_mode="r", allow_pickle=False)
            return from_array(array, source)
    except InputError:
        raise
    except Exception as error:  # NumPy's header parser lets errors of its tokenizer and evaluator through
        raise InputError(f"{source}: not a usable .npy file ({_first_line(error)})") from None


def read_parquet(file: Path, source: str) -> CostTable:
    """Return the table in a Parquet file: columns of numbers, agents' names in the first column of text.

    Raises
    ------
    InputError
        If the file is not such a table.
    MissingExtraError
        If pyarrow is not installed.
    """
    return from_frame(read_parquet_file(file, source), source=source)


MOST_CELLS = 1 << 30
"""Upper limit on rows times columns of a Parquet file; 8 GiB as floats."""


def read_parquet_file(file: Path, source: str) -> Any:
    """Return the :class:`pyarrow.Table` in a Parquet file.

    Parquet stores runs of equal values compactly, so a file of a few bytes can have any number of rows. The cells are
    therefore counted before they are read.

    Raises
    ------
    InputError
        If the file is not a Parquet file, or has more than MOST_CELLS cells.
    MissingExtraError
        If pyarrow is not installed.
    """
    _check_magic(file, _PARQUET_MAGIC, "a Parquet file", source)
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "tables") from None
    try:
        with file.open("rb") as stream:
            opened = pyarrow.parquet.ParquetFile(stream)
            cells = opened.metadata.num_rows * opened.metadata.num_columns
            if cells > MOST_CELLS:
                raise InputError(f"{source}: holds {cells:,} cells; at most {MOST_CELLS:,} are read")
            table = opened.read()
            table.validate(full=True)  # Arrow checks text and lists only when it is asked to
            return table
    except InputError:
        raise
    except Exception as error:  # a broken file raises Arrow's own errors, OSError, UnicodeDecodeError, ...
        raise InputError(f"{source}: not a usable Parquet file ({_first_line(error)})") from None


def _check_magic(file: Path, magic: bytes, what: str, source: str) -> None:
    with file.open("rb") as stream:
        beginning = stream.read(len(magic))
    if not beginning:
        raise InputError(f"{source}: the file is empty; it must be {what}")
    if beginning != magic:
        raise InputError(f"{source}: not {what}; it begins with {beginning!r} instead of {magic!r}")


def _first_line(error: BaseException) -> str:
    """Return the first line of an error's message, shortened, to be quoted in another message."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:120]
