"""Workbooks: the same tables as in text, with numbers that are numbers already."""

from __future__ import annotations

import datetime
import shlex
import subprocess
import sys
import zipfile

import openpyxl
import pytest

from evenhand.errors import InputError
from evenhand.tables import Reading, read_table

WIDE = [["", "P", "L"], ["a", 1.234, 850], ["b", 980, 1.5]]


def workbook(folder, sheets, prepare=lambda book: None):
    """Write sheets of rows and return the file."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    prepare(book)
    file = folder / "costs.xlsx"
    book.save(file)
    return file


def test_numbers_of_a_workbook_leave_nothing_open(tmp_path) -> None:
    """1.234 is a number there: no mark of thousands could stand in it."""
    table = read_table(workbook(tmp_path, {"Costs": WIDE}))
    assert table.values.tolist() == [[1.234, 850], [980, 1.5]]
    assert (table.agents, table.tasks, table.notes) == (("a", "b"), ("P", "L"), ())


@pytest.mark.parametrize(
    ("cells", "values", "note"),
    [
        ([datetime.time(1, 30), datetime.timedelta(hours=26)], [1.5, 26], "hours"),
        (["8h", "45 min"], [8, 0.75], "hours"),
        ([0.3, 1], [0.3, 1], None),
        (["1.234,5", "2,5"], [1234.5, 2.5], "thousands"),
        ([None, "#N/A"], [float("inf")] * 2, None),
    ],
)
def test_what_cells_hold(tmp_path, cells, values, note) -> None:
    rows = [["", "P"], *([name, cell] for name, cell in zip("ab", cells, strict=True)), ["c", cells[-1]]]
    if note is None and cells[0] is None:
        rows = [["", "P", "L"], ["a", cells[0], 1], ["b", cells[1], 1]]
    table = read_table(workbook(tmp_path, {"Costs": rows}))
    assert table.values[:2, 0].tolist() == values
    assert any(note in said for said in table.notes) if note else not table.notes


def test_titles_totals_and_long_tables_are_read_alike(tmp_path) -> None:
    rows = [["Costs of May"], [], *WIDE, ["Total", 981.234, 851.5]]
    with pytest.raises(InputError, match="--ignore-row Total"):
        read_table(workbook(tmp_path, {"Costs": rows}))
    table = read_table(workbook(tmp_path, {"Costs": rows}), reading=Reading(ignore_rows=("Total",)))
    assert table.values.tolist() == [[1.234, 850], [980, 1.5]]
    assert "line 1 ('Costs of May') is skipped as a title" in table.notes
    pairs = [["agent", "task", "cost"], ["a", 1, 2.5], ["a", 2, 3], ["b", 1, 4]]
    table = read_table(workbook(tmp_path, {"Costs": pairs}))
    assert table.values.tolist() == [[2.5, 3], [4, float("inf")]]
    assert table.tasks == ("1", "2")


def test_a_sheet_is_asked_for_where_there_are_several(tmp_path) -> None:
    file = workbook(tmp_path, {"May": WIDE, "June": [["", "P"], ["a", 7], ["b", 8]], "Notes": []})
    with pytest.raises(InputError, match="2 sheets, 'May', 'June'; choose one with --sheet May"):
        read_table(file)
    assert read_table(file, reading=Reading(sheet="June")).values.tolist() == [[7], [8]]
    with pytest.raises(InputError, match="no sheet is called 'July'"):
        read_table(file, reading=Reading(sheet="July"))


@pytest.mark.parametrize(
    ("rows", "prepare", "message"),
    [
        ([*WIDE, ["c", "=B2+1", 1]], lambda book: None, "cell B4: a formula without a value"),
        (WIDE, lambda book: book["Costs"].merge_cells("B2:C2"), "line 2: cells B2:C2 are merged"),
        ([["", "P"], ["a", datetime.date(2026, 5, 1)], ["b", 1]], lambda book: None, "2026-05-01"),
        ([["", "P"], ["a", "#DIV/0!"], ["b", 1]], lambda book: None, "spreadsheet error"),
        ([["", "P"], ["a", True], ["b", 1]], lambda book: None, "'True' is not a number"),
        ([], lambda book: None, "has no table"),
    ],
)
def test_what_no_table_may_hold_is_refused_by_its_place(tmp_path, rows, prepare, message) -> None:
    with pytest.raises(InputError, match=message):
        read_table(workbook(tmp_path, {"Costs": rows}, prepare))


FORMULA = '<c r="B2" t="str"><f>IF(D2=0,"",D2)</f><v></v></c>'


def rewritten(file, part, old, new) -> None:
    """Replace `old` by `new` in a part of a workbook."""
    with zipfile.ZipFile(file) as package:
        parts = {name: package.read(name).decode() for name in package.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    packed(file, parts)


def test_a_formula_that_shows_nothing_leaves_its_cell_empty(tmp_path) -> None:
    """As Excel, LibreOffice and Google save =IF(D2=0,"",D2): a text, computed, of no characters."""
    file = workbook(tmp_path, {"Costs": [["", "P", "L"], ["a", 7, 850], ["b", 980, 1.5]]})
    rewritten(file, "xl/worksheets/sheet1.xml", '<c r="B2" t="n"><v>7</v></c>', FORMULA)
    assert read_table(file).values.tolist() == [[float("inf"), 850], [980, 1.5]]


def test_a_strict_workbook_is_refused_with_the_remedy(tmp_path) -> None:
    file = workbook(tmp_path, {"Costs": WIDE})
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rewritten(file, "xl/workbook.xml", main, "http://purl.oclc.org/ooxml/spreadsheetml/main")
    with pytest.raises(
        InputError, match=r"'Strict Open XML', which is not read; save it as 'Excel Workbook \(.xlsx\)'"
    ):
        read_table(file)


@pytest.mark.parametrize("text", ["Team,A\nN,1\n", "<html><table><tr><td>a"])
def test_text_that_is_called_a_workbook_is_refused_with_the_remedy(tmp_path, text) -> None:
    (tmp_path / "costs.xlsx").write_text(text)
    with pytest.raises(InputError, match=r"if it is text, let its name end in \.csv, otherwise save the sheet as"):
        read_table(tmp_path / "costs.xlsx")


@pytest.mark.parametrize("name", ["costs.xls", "costs.ods", "costs.xlsx"])
def test_other_workbooks_and_broken_ones_are_refused(tmp_path, name) -> None:
    file = tmp_path / name
    file.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(InputError, match="save the sheet as" if name != "costs.xlsx" else "not a usable workbook"):
        read_table(file)


def test_hidden_rows_are_said(tmp_path) -> None:
    def hide(book) -> None:
        book["Costs"].row_dimensions[3].hidden = True
        book["Costs"].column_dimensions["C"].hidden = True

    notes = read_table(workbook(tmp_path, {"Costs": WIDE}, hide)).notes
    assert notes == ("row 3 is hidden, but read like the others", "column C is hidden, but read like the others")


def test_cells_far_from_the_table_are_not_walked_through(tmp_path) -> None:
    """Excel keeps a cell that was once formatted; up to the last one there are 17 thousand million."""

    def touch(book) -> None:
        book["Costs"]["XFD1048576"].font = openpyxl.styles.Font(bold=True)

    assert read_table(workbook(tmp_path, {"Costs": WIDE}, touch)).values.tolist() == [[1.234, 850], [980, 1.5]]

    def write(book) -> None:
        book["Costs"]["XFD1048576"] = "."

    with pytest.raises(InputError, match="line 1, column 4: the task has no name"):
        read_table(workbook(tmp_path, {"Costs": WIDE}, write))


def test_days_are_names_as_they_are_written(tmp_path) -> None:
    rows = [["", datetime.date(2026, 5, 1), datetime.datetime(2026, 5, 1, 8, 30)], ["a", 1, 2], ["b", 3, 4]]
    assert read_table(workbook(tmp_path, {"Costs": rows})).tasks == ("2026-05-01", "2026-05-01 08:30:00")


def packed(file, parts) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        ([b" " * (1 << 24)] * 16 + [b" "], "268,435,457 uncompressed; the limits are 268,435,456 bytes"),
        (
            [b" " * (1 << 24)] * 2,
            "33,554,432 uncompressed; the limits are 268,435,456 bytes and 200 times the compressed",
        ),
        ([b"<c/>" * 100_000] * 100 + [b"<c/>"], "more than 2,500,000 cells"),
    ],
    ids=["size", "ratio", "tags"],
)
def test_a_small_package_that_unfolds_to_much_is_not_unfolded(tmp_path, monkeypatch, pieces, message) -> None:
    if message.startswith("more"):
        monkeypatch.setattr("evenhand.tables.workbook._MOST_TIMES", 10_000)  # repeated tags are caught by that, too
    file = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for piece in pieces:  # at once they would be the largest thing in the memory of the tests
            part.write(piece)
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *args, **kwargs: pytest.fail("unfolded"))
    with pytest.raises(InputError, match=message):
        read_table(file)


@pytest.mark.slow
def test_a_bomb_is_refused_in_little_memory(tmp_path) -> None:
    """4 GiB of blanks in 4 MB: with 1.5 GB of memory, neither unfolded nor an end by MemoryError."""
    file = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("a.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(64):
            part.write(b" " * (1 << 26))
    program = f"from evenhand.tables import read_table; read_table({str(file)!r})"
    command = f"ulimit -v 1500000; exec {shlex.quote(sys.executable)} -c {shlex.quote(program)}"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=100)
    assert "4,294,967,296 uncompressed" in ran.stderr.splitlines()[-1]


def test_a_package_that_hides_its_size_is_read_no_further(tmp_path) -> None:
    """The directory says 100 bytes of 1 MiB: an error of the zip format, in one line."""
    file = tmp_path / "bomb.xlsx"
    packed(file, {"[Content_Types].xml": b"<" + b" " * (1 << 20)})
    data = file.read_bytes().replace((1 + (1 << 20)).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    file.write_bytes(data)
    with pytest.raises(InputError, match="not a usable workbook"):
        read_table(file)


EURO, DOLLAR = '_-* #,##0.00\\ "€"_-;-* "-"??\\ "€"_-', "[$$-409]#,##0.00"
LOCAL = '"$"#,##0_);("$"#,##0)'  # format 5, which shows whatever currency the system is set to


def formatted(folder, cells):
    """Write a table of agents a, b and tasks P, L whose cells have (value, number format), None for the default."""
    rows = [["", "P", "L"], *([name, *(value for value, _ in line)] for name, line in zip("ab", cells, strict=True))]

    def dress(book):
        for row, line in zip(book["Costs"].iter_rows(2, 3, 2, 3), cells, strict=True):
            for cell, (_, shape) in zip(row, line, strict=True):
                cell.number_format = shape or "General"

    return workbook(folder, {"Costs": rows}, dress)


@pytest.mark.parametrize(
    ("cells", "values", "note"),
    [
        ([[(0.3, "0.00%"), (0.5, "0%")], [(0.2, "0%"), ("10 %", None)]], [[0.3, 0.5], [0.2, 0.1]], "fractions of 1"),
        ([[(30, EURO), (50, None)], [(20, "[$€-407]0.00"), ("10 €", None)]], [[30, 50], [20, 10]], "without their"),
        ([[(30, LOCAL), (50, LOCAL)], [(20, None), (10, None)]], [[30, 50], [20, 10]], "'30 in local currency'"),
        ([[(90, '0" min"'), (1.5, '0.0" h"')], [("2:30", None), ("45 min", None)]], [[1.5, 1.5], [2.5, 0.75]], "hours"),
        ([[(12, '0.0" km"'), (5, None)], [(3, None), (4, None)]], [[12, 5], [3, 4]], "'12 km'"),
        ([[(12000, '0.0,"k"'), (5, "0.00")], [(3, "#,##0"), (4, "0.0E+00")]], [[12000, 5], [3, 4]], None),
    ],
    ids=["percent", "one currency", "the system's currency", "durations", "another unit", "a scale"],
)
def test_what_the_formats_of_cells_show_is_read(tmp_path, cells, values, note) -> None:
    table = read_table(formatted(tmp_path, cells))
    assert table.values.tolist() == values
    assert any(note in said for said in table.notes) if note else not table.notes


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([[(0.3, "0.00%"), (5, None)], [(4, None), (0.5, "0%")]], "line 2, column 3 .*'5' has another unit than '30"),
        ([[(5, None), (4, None)], [(6, None), (0.5, "0%")]], "line 3, column 3 .*'50 %' has another unit than '5'"),
        ([[(30, EURO), (50, DOLLAR)], [(1, None), (2, None)]], "column 3 .*has another currency than '30"),
        ([[(30, EURO), (50, LOCAL)], [(1, None), (2, None)]], "in local currency' has another unit"),
        ([[(90, '0" min"'), (2, None)], [(1, None), (2, None)]], "'2' has another unit than '90"),
        ([[(9, '0" km"'), (2, '0" mi"')], [(1, None), (2, None)]], "mi' has another unit than '9"),
    ],
    ids=["percent first", "percent last", "two currencies", "an unknown currency", "minutes", "lengths"],
)
def test_formats_of_cells_do_not_mix(tmp_path, cells, message) -> None:
    """Thirty per cent beside a bare 5, euros beside dollars: as texts they are refused, and as formats too."""
    with pytest.raises(InputError, match=message):
        read_table(formatted(tmp_path, cells))


def test_a_column_of_another_unit_that_is_left_out_does_not_count(tmp_path) -> None:
    file = formatted(tmp_path, [[(5, None), (0.3, "0%")], [(4, None), (0.5, "0%")]])
    assert read_table(file, reading=Reading(ignore_columns=("L",))).values.tolist() == [[5], [4]]
