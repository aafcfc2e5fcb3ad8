"""Names that a spreadsheet would run: written with an apostrophe, read without, numbers left alone."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from evenhand.tables import CostTable, read_table, write_assignment, write_table
from evenhand.tables.formula_protection import protected, unprotected
from evenhand.tables.small_rows import small_rows

# What OWASP lists under CSV injection, and the wide forms.
DANGEROUS = ["=1+1", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=", "-", "\uff1d1+1", "'=1", "''@x"]
HARMLESS = ["Ann", "'Ann'", "a=b", "-3", "+3.5", "-1e-5", "3", "-.5", "-12%", "", "'", "O'Neill", "1-2"]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_formulas_become_text_and_come_back(cell):
    assert protected(cell) == f"'{cell}"
    assert unprotected(protected(cell)) == cell


@pytest.mark.parametrize("cell", HARMLESS)
def test_numbers_and_names_are_left_alone(cell):
    assert protected(cell) == cell
    assert unprotected(cell) == cell


NAMES = ("=1+1", "-2+3", "'=1", "+x", "@x", "-3", "Ann", "'Bo'")
TABLE = CostTable(np.arange(64.0).reshape(8, 8), NAMES, tuple(f"{name} t" for name in NAMES))


def test_a_table_is_protected_and_reads_back_as_it_was(tmp_path):
    file = write_table(tmp_path / "costs.csv", TABLE)
    with file.open(newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@") and cell != "-3"] == []
    again = read_table(file)
    assert (again.agents, again.tasks) == (TABLE.agents, TABLE.tasks)
    assert again.values.tolist() == TABLE.values.tolist()


def test_pairs_are_protected_unless_that_is_turned_off(tmp_path):
    pairs = [("=task", "-2+3"), ("-3", "Ann")]
    file = write_assignment(tmp_path / "out.csv", pairs)
    assert file.read_text() == "task,agent\n'=task,'-2+3\n-3,Ann\n"
    assert [tuple(cells) for _, cells in small_rows(file).rows[1:]] == pairs
    plain = write_assignment(tmp_path / "plain.csv", pairs, protect=False)
    assert plain.read_text() == "task,agent\n=task,-2+3\n-3,Ann\n"
