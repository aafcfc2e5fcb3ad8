"""Reading and writing what users bring and take: CSV, Parquet, arrays, data frames, coordinate files."""

from __future__ import annotations

from evenhand.tables.csv_text import Reading
from evenhand.tables.frames import as_table, from_frame
from evenhand.tables.read import FORMATS, read_table
from evenhand.tables.table import CostTable
from evenhand.tables.write import (
    atomic_writer,
    check_writable,
    write_assignment,
    write_json,
    write_table,
    write_text,
)

__all__ = [
    "FORMATS",
    "CostTable",
    "Reading",
    "as_table",
    "atomic_writer",
    "check_writable",
    "from_frame",
    "read_table",
    "write_assignment",
    "write_json",
    "write_table",
    "write_text",
]
