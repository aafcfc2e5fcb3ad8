"""Read and write tables: CSV, workbooks, Parquet, arrays, data frames and coordinate files.

A text file is read in passes, each with a module: bytes to text (``files``), text to rows of cells (``split_rows``),
cells to numbers (``numbers``), and rows to a table (``csv_text`` for a matrix, ``pairs`` for a list of pairs). A last
pass looks for totals (``totals``). Workbooks (``workbook``) join at the rows.
"""

from __future__ import annotations

from evenhand.tables.candidate_table import CandidateTable
from evenhand.tables.cost_table import CostTable
from evenhand.tables.csv_text import Reading
from evenhand.tables.data_frames import as_table, from_frame
from evenhand.tables.read import FORMATS, read_table
from evenhand.tables.visit_file import read_times
from evenhand.tables.visit_times import Visit
from evenhand.tables.write import (
    atomic_writer,
    check_writable,
    write_assignment,
    write_json,
    write_rows,
    write_table,
    write_text,
)

__all__ = [
    "FORMATS",
    "CandidateTable",
    "CostTable",
    "Reading",
    "Visit",
    "as_table",
    "atomic_writer",
    "check_writable",
    "from_frame",
    "read_table",
    "read_times",
    "write_assignment",
    "write_json",
    "write_rows",
    "write_table",
    "write_text",
]
