"""Long lines of plain numbers are read at once, exactly as cell by cell: every value, note and refusal."""

from __future__ import annotations

import random

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.tables import plain_lines, read_table
from evenhand.tables.csv_text import Reading
from evenhand.tables.plain_lines import LEAST, PlainLine, PlainReader, plain_values

STRANGE = [
    *("0730", "0759", "0760", "0959", "07300", "-0730", "007", "00", ".5", "5.", "-.5", "+5", "-0", ".", "-", "--1"),
    *("1e5", "1E-3", "1e400", "-1e400", "1e", "e5", "1.2.3", "1-2", "+-1", "inf", "nan", "x", "=", "#N/A", "1_000"),
    *("1,5", "1.234", "12.345", "1.2345", "123.456", "0.123", "8h", "30%", "1:30", "٣", "5\u00a0", "'5", "'-5", "12€"),
    *("9007199254740993", "9007199254740992.5", "123456789012345678901234567890", "1e-5", "0.00000000000000000000001"),
    *("0.1000000000000000055511151231257827", "2.2250738585072014e-308", "4.9e-324", "1.7976931348623157e308"),
]
STRANGE += ["", " ", " 5", "5 ", "1 000", "0" * 390 + "5", "0" * 500 + "5", "0." + "0" * 131_100 + "1"]
NAMES = ["Ann", "Bo", "'=Cy", " Di ", "Élise", "total", ""]


def written(random_, separator):
    """Return the text of a wide table: plain numbers, and now and then something else."""
    width = random_.choice([LEAST - 1, LEAST, LEAST + 40])
    style = random_.choice(["{:.3f}", "{:.6f}", "{:.0f}", "{!r}", "{:.18f}", "{:.3e}", "{:.1f}"])
    rate = random_.choice([0.0, 0.0, 0.003, 0.01])

    def cell():
        if random_.random() < rate:
            return random_.choice(STRANGE).replace(separator, "")
        return style.format(random_.random() * random_.choice([1.0, 1.0, 1000.0, 1e6]))

    header = ["agent", *(f"task {k + 1}" for k in range(width))]
    if random_.random() < 0.1:
        header += ["", ""]
    lines = [separator.join(header)]
    for k in range(random_.randint(1, 4)):
        name = random_.choice(NAMES) if random_.random() < 0.2 else f"agent {k + 1}"
        count = width + (random_.random() < 0.03) - (random_.random() < 0.03)
        lines.append(separator.join([name, *(cell() for _ in range(count))]))
        if random_.random() < 0.05:
            lines.append(random_.choice(["", " ", separator * width, "# note", '"x'[random_.random() < 0.5 :]]))
    end = random_.choice(["\n", "\n", "\r\n"])
    return end.join(lines) + end * (random_.random() < 0.9)


def read_by(monkeypatch, by_arrow):
    """Let Arrow read the numbers of lines of any length, or of none."""
    if by_arrow:
        pytest.importorskip("pyarrow")
    monkeypatch.setattr(plain_lines, "MANY", 0 if by_arrow else 1 << 60)


def outcome(file, reading):
    """Return all that reading a file says."""
    try:
        table = read_table(file, reading=reading)
    except InputError as error:
        return str(error)
    return table.values.tobytes(), table.values.shape, table.agents, table.tasks, table.notes


@pytest.mark.parametrize("by_arrow", [False, True])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_read_as_cell_by_cell(tmp_path, monkeypatch, by_arrow, separator):
    """The slow way is that of short lines, with csv.reader, float and regular expressions."""
    read_by(monkeypatch, by_arrow)
    takes, at_once, refused = PlainReader.takes, 0, 0
    random_ = random.Random(f"{by_arrow} {separator}")
    for k in range(400):
        file = tmp_path / f"{k}.csv"
        file.write_text(written(random_, separator), "utf-8", newline="")
        reading = random_.choice([Reading(), Reading(), Reading("rows"), Reading(decimal="."), Reading(decimal=",")])
        if random_.random() < 0.2:
            reading = Reading(ignore_columns=("task 3",), ignore_rows=("agent 2",), lenient=True)
        quick = outcome(file, reading)
        lines = PlainReader(file.read_text("utf-8"), separator) if takes(file.read_text("utf-8"), separator) else ()
        with monkeypatch.context() as slowly:
            slowly.setattr(PlainReader, "takes", staticmethod(lambda *_: False))
            assert quick == outcome(file, reading)
        refused += isinstance(quick, str)
        at_once += not isinstance(quick, str) and any(isinstance(line, PlainLine) for line in lines)
    assert at_once > 80
    assert refused > 30


@pytest.mark.parametrize("by_arrow", [False, True])
def test_numbers_are_the_nearest_floats(monkeypatch, by_arrow):
    """As ``float`` reads them, for all lengths of whole part and fraction."""
    read_by(monkeypatch, by_arrow)
    random_ = random.Random(1)
    cells = []
    for _ in range(20_000):
        whole, after = random_.randint(0, 9), random_.randint(0, 25)
        text = "".join(random_.choices("0123456789", k=whole)) + "." + "".join(random_.choices("0123456789", k=after))
        cells.append(random_.choice(["", "-", "+"]) + (text if text != "." else "7"))
    for first in range(0, len(cells), 100):
        some = cells[first : first + 100]
        values = plain_values(",".join(some), ",")
        assert values is not None
        assert values.tobytes() == np.array([float(cell) for cell in some]).tobytes()


@pytest.mark.parametrize("strange", [cell for cell in STRANGE if "," not in cell])
@pytest.mark.parametrize("by_arrow", [False, True])
def test_what_must_be_looked_at_is_not_read_at_once(monkeypatch, strange, by_arrow):
    """A line is read at once only if its cells are what ``float`` reads, and no time of day."""
    read_by(monkeypatch, by_arrow)
    values = plain_values(",".join(["1.5"] * LEAST + [strange] + ["2"] * 5), ",")
    if values is not None:
        assert values[LEAST] == float(strange)
        assert strange not in ("0730", "0759", "0959")
        assert np.isfinite(values).all()


def test_plain_lines_really_are_read_at_once():
    """Whole numbers, decimals, many digits and powers of ten."""
    for cell in ("5", "0.25", "3.141592653589793", "1e-5", "0760", "+5"):
        assert plain_values(";".join([cell] * LEAST), ";") is not None


def test_cells_of_a_line_are_those_that_were_written():
    (line,) = PlainReader("Ann," + ",".join(["1.50", "2", "-3."] * 30), ",")
    assert isinstance(line, PlainLine)
    assert list(line) == line[:] == ["Ann", *(["1.50", "2", "-3."] * 30)]
    assert (len(line), line[0], line[2], line[1:3]) == (91, "Ann", "2", ["1.50", "2"])
    assert list(line.with_points()) == ["1.50", "-3."] * 30
