"""Tables as offices make them: read right, or refused with the place and the remedy; never read as something else."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.tables import Reading, read_table

INF = np.inf

# What a file says, worked out by hand: (label, text, costs, a word of the note that must be given, if any).
READ = [
    ("points between thousands", "n;P;L\na;1.234.567;850\nb;980;1.100\n", [[1234567, 850], [980, 1100]], "thousands"),
    ("points and a decimal comma", "n;P;L\na;1.234;850\nb;980,5;1.100\n", [[1234, 850], [980.5, 1100]], "thousands"),
    ("both marks in one cell", "n;P;L\na;1.234,50;8\nb;2.000;9\n", [[1234.5, 8], [2000, 9]], "thousands"),
    ("commas between thousands, quoted", 'n,P,L\na,"1,234.50",8\nb,"2,000",9\n', [[1234.5, 8], [2000, 9]], "thousands"),
    ("a zero before the mark", "n;P;L\na;0.500;1.250\nb;1;2\n", [[0.5, 1.25], [1, 2]], None),
    ("four digits before the mark", "n;P;L\na;1234,567;1,250\nb;1;2\n", [[1234.567, 1.25], [1, 2]], None),
    ("one cell settles all", "n,P,L\na,1.234,2.5\nb,1,2\n", [[1.234, 2.5], [1, 2]], None),
    ("apostrophes", "n;P;L\na;1'234;1'000'000.5\nb;1;2\n", [[1234, 1000000.5], [1, 2]], "thousands"),
    ("curly apostrophes beside a point", "n;P;L\na;1’234;2.500\nb;1;2\n", [[1234, 2.5], [1, 2]], "thousands"),
    ("blanks between thousands", "n;P;L\na;1 234,5;12 000\nb;1;2\n", [[1234.5, 12000], [1, 2]], "thousands"),
    ("narrow blanks", "n;P;L\na;1\u202f234;12\u00a0000\nb;1;2\n", [[1234, 12000], [1, 2]], "thousands"),
    ("Indian thousands", 'n,P,L\na,"1,00,000.5","12,34,567"\nb,1,2\n', [[100000.5, 1234567], [1, 2]], "thousands"),
    ("exponents", "n;P;L\na;1,5e3;2E2\nb;1;2\n", [[1500, 200], [1, 2]], None),
    ("Excel's first line", "sep=;\nn;P;L\na;1,5;2\nb;3;4\n", [[1.5, 2], [3, 4]], None),
    ("Excel's first line, a bar", "sep=|\nn|P|L\na|1,5|2\nb|3|4\n", [[1.5, 2], [3, 4]], None),
    ("a title", "Costs of May\nn;P;L\na;1;2\nb;3;4\n", [[1, 2], [3, 4]], "title"),
    ("a title with empty cells", "Costs of May;;\n;;\nn;P;L\na;1;2\nb;3;4\n", [[1, 2], [3, 4]], "title"),
    ("comments", "# made by Ann, in May, 2026\n# in euros\nn,P,L\na,1,2\nb,3,4\n", [[1, 2], [3, 4]], "title"),
    ("a corner of #", "#,P,L\na,1,2\nb,3,4\n", [[1, 2], [3, 4]], None),
    ("bars", "n|P|L\na|1|2\nb|3|4\n", [[1, 2], [3, 4]], None),
    ("bars of Markdown", "| n | P | L |\n|---|--:|:--|\n| a | 1 | 2 |\n| b | 3 | 4 |\n", [[1, 2], [3, 4]], None),
    ("tabs", "n\tP\tL\na\t1\t2\nb\t3\t4\n", [[1, 2], [3, 4]], None),
    ("blanks", "n   P  L\na   1  2\nb  3 4\n", [[1, 2], [3, 4]], None),
    ("blanks without a corner", "    P  L\na   1  2\nb  3 4 \n", [[1, 2], [3, 4]], None),
    ("empty columns and rows at the end", "n;P;L;;\na;1;2;;\nb;3;4;;\n;;;;\n\n", [[1, 2], [3, 4]], None),
    ("cells beyond the header, empty", "n;P;L\na;1;2;\nb;3;4;;\n", [[1, 2], [3, 4]], None),
    ("an empty last cell is a forbidden pair", "n;P;L\na;1;\nb;3;4\n", [[1, INF], [3, 4]], None),
    ("words for cannot", "n;P;L\na;-;#N/A\nb;3;4\nc;n/a;–\n", [[INF, INF], [3, 4], [INF, INF]], None),
    ("more of them", "n;P;L\na;NaN;1\nb;#NV;2\nc;<NA>;3\n", [[INF, 1], [INF, 2], [INF, 3]], None),
    ("hours and minutes", "n;P;L\na;1:30;0:45\nb;10:00;1:00:36\n", [[1.5, 0.75], [10, 1.01]], "hours"),
    ("hours in words", "n;P;L\na;8h;45 min\nb;8 h 30;1,5 Std.\n", [[8, 0.75], [8.5, 1.5]], "hours"),
    ("minutes in words", "n;P;L\na;1h15m;90 minutes\nb;1 h;30 min\n", [[1.25, 1.5], [1, 0.5]], "hours"),
    ("thousands of hours", "n;P;L\na;1,250 h;2.5 h\nb;3 h;1 h\n", [[1250, 2.5], [3, 1]], "thousands"),
    ("percentages", "n;P;L\na;30 %;12,5%\nb;100 %;5%\n", [[0.3, 0.125], [1, 0.05]], "percentages"),
    ("currency signs", "n;P;L\na;€ 12,50;3 €\nb;7;1.200,00 EUR\n", [[12.5, 3], [7, 1200]], "currency"),
    ("dollars", 'n,P,L\na,$12.50,"$1,200.00"\nb,$7,-$3\n', [[12.5, 1200], [7, -3]], "currency"),
    ("negative as offices write it", "n;P;L\na;(12,50);−3\nb;7-;-2\n", [[-12.5, -3], [-7, -2]], None),
    ("commas as decimals in every row and none above", "n;P;L\na;1,5;2\nb;3;4,5\n", [[1.5, 2], [3, 4.5]], None),
    ("the same between blanks", "P L\na 1 2,5\nb 3 4,5\n", [[1, 2.5], [3, 4.5]], None),
    ("names with the other sign", "a, b\nn, m;P;L\na;1;2\nb;3;4\n", [[1, 2], [3, 4]], "title"),
    ("long", "task,agent,cost\nP,a,1\nL,a,2\nP,b,3\n", [[1, 2], [3, INF]], "forbidden"),
    ("long, unordered, in any case", "Cost;Agent;Task\n1;a;P\n4,5;b;L\n2;a;L\n3;b;P\n", [[1, 2], [3, 4.5]], "pairs"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "text", "costs", "note"), READ, ids=[case[0] for case in READ])
def test_read_right(tmp_path, label, text, costs, note):
    table = _read(tmp_path, text)
    np.testing.assert_allclose(table.values, np.array(costs, dtype=float), rtol=1e-15, err_msg=label)
    assert table.agents == tuple("abcde"[: len(costs)])
    assert table.tasks == ("P", "L")
    assert any(note in said for said in table.notes) if note else not table.notes, "what was done is said, nothing else"


REFUSED = [
    ("thousands or decimals", "n;P;L;N\na;1.234;850;300\nb;980;1.100;400\n", ["'1.234'", "1.234 or 1234", "--decimal"]),
    ("the same with commas", "n;P;L\na;1,234;850\nb;980;1,100\n", ["'1,234'", "--decimal"]),
    ("the same with a minus and a currency", "n;P;L\na;-1.234 €;8\nb;9;1\n", ["--decimal"]),
    ("both marks, both open", "n;P;L\na;1.234;8\nb;2,345;1\n", ["--decimal"]),
    ("two decimal signs", "n;P;L\na;1.5;8\nb;2,5;1\n", ["'1.5'", "'2,5'"]),
    ("a mark that is both", "n;P;L\na;1.234.567;8\nb;2.5;1\n", ["'1.234.567'", "'2.5'"]),
    ("marks in the wrong places", "n;P;L\na;1.23.456;8\nb;2,5;1\n", ["line 2, column 2", "thousands"]),
    ("blanks in the wrong places", "n;P;L\na;1 23;8\nb;2,5;1\n", ["line 2, column 2", "(agent 'a', task 'P')"]),
    ("digits of other scripts", "n;P;L\na;١٢;8\nb;2;1\n", ["line 2, column 2", "is not a number"]),
    ("hours beside numbers", "n;P;L\na;1:30;8\nb;2;1\n", ["line 2, column 3", "'8'", "'1:30'", "same unit"]),
    ("percentages beside numbers", "n;P;L\na;30 %;0.5\nb;2%;1%\n", ["'0.5'", "'30 %'"]),
    ("75 minutes on a clock", "n;P;L\na;1:75;1:00\nb;2:00;1:00\n", ["'1:75'", "is not a number"]),
    ("metres", "n;P;L\na;5 m;6 m\nb;7 m;1 m\n", ["'5 m' is not a number"]),
    ("two currencies", "n;P;L\na;5 €;$6\nb;7;1\n", ["'$6'", "'5 €'", "one currency"]),
    ("a spreadsheet error", "n;P;L\na;#DIV/0!;6\nb;7;1\n", ["'#DIV/0!'", "spreadsheet error"]),
    ("a date", "n;P;L\na;2026-05-01;6\nb;7;1\n", ["'2026-05-01' is not a number"]),
    ("a word", "n;P;L\na;x;6\nb;7;1\n", ["'x' is not a number"]),
    ("a title in place of the header", "Costs of May\na,1,2\nb,3,4\n", ["line 2", "header", "missing"]),
    ("no header", "North,20,25\nEast,30,20\nSouth,10,15\n", ["line 1", "'North'", "header", "'agent' in place of"]),
    ("no header, two rows", "North;20,5;25\nEast;30;20\n", ["line 1", "the first agent"]),
    ("no header, equal costs", "North,20,20\nEast,30,20\n", ["line 1", "the first agent"]),
    ("no header, hours", "North;1:30;2:00\nEast;3:00;2:15\n", ["line 1", "the first agent"]),
    ("no header, percentages and money", "North;30 %;€ 20\nEast;10 %;3 €\n", ["line 1", "the first agent"]),
    ("a number under no name", "n;P;\na;1;2\nb;3;4\n", ["line 1, column 3", "has no name"]),
    ("a pair twice", "agent,task,cost\na,P,1\na,P,2\n", ["line 3", "line 2", "'a'", "'P'"]),
    ("an unknown column of pairs", "agent,task,cost,mood\na,P,1,2\n", ["column 4", "'mood'", "--ignore-column"]),
    ("a footer", "n;P;L\na;1;2\nb;3;4\nSource: HR;;\n", ["line 4", "'Source: HR'", "--ignore-row 'Source: HR'"]),
    ("a footer of one cell", "n;P;L\na;1;2\nb;3;4\nSource: HR\n", ["line 4", "1 cells, but the header has 3"]),
    ("blanks between cells or thousands", "n P L\na 1 234 5\nb 2 345 6\n", ["line 2", "'1 234'", "semicolons"]),
    ("a negative minus", "n;P;L\na;--5;6\nb;7;1\n", ["'--5' is not a number"]),
    ("a whole price", "n;P;L\na;5,-;2\nb;3;4\n", ["'5,-' is not a number"]),
    ("half past eight, or eight and a half", "n;P;L\na;8h5;1h\nb;2h;4h\n", ["'8h5' is not a number"]),
    ("thousands of hours, or decimals", "n;P;L\na;1.250 h;2 h\nb;3 h;1 h\n", ["1.250 h or 1250 h", "--decimal"]),
    ("two decimal signs in hours", "n;P;L\na;1,25 h;2.5 h\nb;3 h;1 h\n", ["'1,25 h'", "'2.5 h'"]),
    ("names before the numbers", "no;n;P;L\n1;a;1,5;2\n2;b;3;4,5\n", ["line 2, column 2", "'a' is not a number"]),
    ("the same", "no;n;P;L\n1;a;1,5;2\n2;b;3;4,5\n", ["if the names stand in column 2, take the running numbers"]),
    ("a long table's own words", "Wer;Was;Kosten\na;P;5\na;L;3\nb;P;2\n", ["call the columns agent, task and cost"]),
    ("units below the header", "n;P;L\n;EUR;EUR\na;1,5;2\nb;3;4,5\n", ["line 2, column 1", "no name", "row of units"]),
    ("a note beside the table", "n;P;L;;x\na;1;2;;by Ann\nb;3;4;;\n", ["column 4", "an empty column or a note beside"]),
    ("a date", "n;P;L\na;01.03.2026;2\nb;3;4\n", ["'01.03.2026' is not a number but a date"]),
    ("times of day, or numbers", "n;P;L\na;0730;2\nb;3;4\n", ["line 2, column 2", "07:30 or the number 730"]),
    ("times among plain numbers", "n,P,L\na,1,2\nb,3,0045\n", ["line 3, column 3", "00:45 or the number 45"]),
    ("two units of time in the header", "n,P (min),L (h)\na,90,2\nb,60,3\n", ["'P (min)' and 'L (h)' have different"]),
    ("two currencies in the header", "n,P [€],L [$]\na,9,2\nb,6,3\n", ["'P [€]' and 'L [$]' have different units"]),
    ("units of rows", "n,P,L\na (h),9,2\nb (min),6,3\n", ["'a (h)' and 'b (min)' have different units"]),
    (
        "a column of ranks",
        "n,P,L,Rank\na,9,2,3\nb,6,3,2\nc,1,1,1\n",
        ["column 'Rank' is the rank of", "--ignore-column"],
    ),
    ("a workbook named like a text", "PK\x03\x04", ["no CSV but a workbook", ".xlsx"]),
    ("a page named like a text", "<html><table>", ["no CSV but a page of HTML"]),
    ("JSON named like a text", ' {"a": 1}', ["no CSV but JSON"]),
    (
        "a long table of five columns",
        "who,what,cost,x,y\na,P,1,u,v\nb,P,2,u,v\n",
        ["call the columns agent, task and cost"],
    ),
    ("an American date", "n,P,L\na,3/14/2026,2\nb,3,4\n", ["'3/14/2026' is not a number but a date"]),
    ("notes below", "n,P,L\na,1,2\nb,3,4\nSource: HR,,\nprinted 2026-05-01\n", ["line 4", "--ignore-row"]),
    ("a signed number in parentheses", "n;P;L\na;(-5);6\nb;7;1\n", ["'(-5)' is not a number"]),
]


@pytest.mark.parametrize(("label", "text", "words"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused_with_place_and_remedy(tmp_path, label, text, words):
    with pytest.raises(InputError) as caught:
        _read(tmp_path, text)
    message = str(caught.value)
    assert "\n" not in message
    assert [word for word in words if word not in message] == [], f"{label}: {message}"


TOTALS = [
    ("a row", "n;P;L\na;1;2\nb;3;5\nTotal;4;7\n", "Total", "row"),
    ("a German row, rounded", "n;P;L\na;1,26;2\nb;3,26;5\nSumme:;4,5;7\n", "Summe:", "row"),
    ("a row of means", "n;P;L\na;1;2\nb;3;5\nAverage;2;3,5\n", "Average", "row"),
    ("a column", "n;P;L;Gesamt\na;1;2;3\nb;3;5;8\n", "Gesamt", "column"),
    ("a row in the middle", "n;P;L\na;1;2\nGrand total;4;7\nb;3;5\n", "Grand total", "row"),
    ("cells that nobody has", "n;P;L\na;1;-\nb;3;5\nTotale;4;5\n", "Totale", "row"),
    ("total and mean", "n;P;L\na;1;2\nb;3;5\nTotal;4;7\nMedia;2;3,5\n", "Total", "row"),
    ("a long word", "n;P;L;Gesamtkosten\na;1;2;3\nb;3;5;8\n", "Gesamtkosten", "column"),
    ("two words in one", "n;P;L;RowTotal\na;1;2;3\nb;3;5;8\n", "RowTotal", "column"),
    ("a letter", "n;P;L;Σ\na;1;2;3\nb;3;5;8\n", "Σ", "column"),
    ("the margin of a pivot table", "n;P;L;All\na;1;2;3\nb;3;5;8\n", "All", "column"),
    ("a total without decimals", "n;P;L\na;1,4;2,4\nb;3,3;5,4\nTotal;5;8\n", "Total", "row"),
    ("marks that combine", "n;P;L;योग\na;1;2;3\nb;3;5;8\n", "योग", "column"),
    ("two words", "n;P;L;Total hours\na;1;2;3\nb;3;5;8\n", "Total hours", "column"),
    ("Japanese", "n;P;L\na;1;2\nb;3;5\n合計;4;7\n", "合計", "row"),
]


@pytest.mark.parametrize(("label", "text", "name", "kind"), TOTALS, ids=[case[0] for case in TOTALS])
def test_totals_are_nobody_and_can_be_left_out(tmp_path, label, text, name, kind):
    with pytest.raises(InputError, match=f"--ignore-{kind}") as caught:
        _read(tmp_path, text)
    assert repr(name) in str(caught.value), label
    gone = {"row": "ignore_rows", "column": "ignore_columns"}[kind]
    names = (name, "Media") if label == "total and mean" else (name,)
    table = _read(tmp_path, text, reading=Reading(**{gone: names}))
    assert (table.agents, table.tasks) == (("a", "b"), ("P", "L"))


def test_totals_of_parts_are_left_out_one_after_the_other(tmp_path):
    text = "n;P;L\na;1;2\nb;3;5\nSubtotal;4;7\nc;1;1\nd;2;2\nSubtotal 2;3;3\nTotal;7;10\n"
    gone = ()
    while len(gone) < 3:
        with pytest.raises(InputError, match="is the total of the others") as caught:
            _read(tmp_path, text, reading=Reading(ignore_rows=gone))
        gone = (*gone, next(name for name in ("Subtotal 2", "Subtotal", "Total") if f"'{name}'" in str(caught.value)))
    assert sorted(gone) == ["Subtotal", "Subtotal 2", "Total"]
    table = _read(tmp_path, text, reading=Reading(ignore_rows=gone))
    assert table.agents == ("a", "b", "c", "d")
    assert [note for note in table.notes if "is left out" not in note] == []


def test_a_person_named_nearly_like_a_total_is_no_obstacle_to_finding_it(tmp_path):
    """By hand: 4 = 1 + 3 and 7 = 2 + 5, whoever is called Sumner or Total-Energies."""
    with pytest.raises(InputError, match="row 'Total' is the total"):
        _read(tmp_path, "n;P;L\nSummers;1;2\nSum Yi;3;5\nTotal;4;7\n")
    table = _read(tmp_path, "n;P;L\nSummers;1;2\nTotales;3;5\nBo;9;9\n", reading=Reading(ignore_rows=("Totales",)))
    assert table.agents == ("Summers", "Bo")
    assert table.notes == ("row 'Totales' is left out",)


def test_a_line_break_in_a_name_is_a_space(tmp_path):
    """As Alt+Enter makes it in a spreadsheet."""
    table = _read(tmp_path, 'n,"Visit\nnorth","L"\n"Ann\r\nMiller",1,2\nb,3,4\n')
    assert table.tasks == ("Visit north", "L")
    assert table.agents == ("Ann Miller", "b")
    pairs = _read(tmp_path, 'agent,task,cost\n"Ann\nMiller",P,1\nb,P,2\n')
    assert pairs.agents == ("Ann Miller", "b")


@pytest.mark.parametrize("header", ["Team,1,2", "Team,2025,2026", "agent,20,25", ",20,25", "ID,20,25"])
def test_numbers_may_name_tasks_where_that_is_clear(tmp_path, header):
    """They count up, or the first cell says that its column holds names."""
    table = _read(tmp_path, f"{header}\nNorth,3,7\nEast,4,8\n")
    assert table.agents == ("North", "East")
    assert table.tasks == tuple(header.split(",")[1:])


def test_a_missing_header_of_rows_as_tasks_is_found_too(tmp_path):
    with pytest.raises(InputError, match="the first task; put a header with the names of the agents above"):
        _read(tmp_path, "North,20,25\nEast,30,20\n", reading=Reading("rows"))


def test_rows_as_tasks_have_totals_too(tmp_path):
    text = "task,a,b,Sum\nP,1,3,4\nL,2,5,7\n"
    with pytest.raises(InputError, match=r"--ignore-column Sum, or rename it if it is not a total$"):
        _read(tmp_path, text, reading=Reading("rows"))
    table = _read(tmp_path, text, reading=Reading("rows", ignore_columns=("Sum",)))
    assert table.values.tolist() == [[1, 2], [3, 5]]


def test_a_name_or_a_sum_alone_is_kept_with_a_word(tmp_path):
    called = _read(tmp_path, "n,P,L\na,1,2\nSum,3,5\nb,9,9\n")
    assert called.agents == ("a", "Sum", "b")
    assert any("named like a total" in note for note in called.notes)
    sums = _read(tmp_path, "n,P,L\na,1,2\nb,3,5\nÖ,4,7\n")
    assert any("'Ö' is the sum of all others" in note for note in sums.notes)
    assert not _read(tmp_path, "n,P,L\na,1,1\nb,1,1\nMo,1,1\n").notes, "equal shifts are no means"


# Four teams with 2, 4, 9 and 1 in the first column and 30, 10, 20 and 40 in the second; worked out by hand.
FOUR = "n,P,L\na,2,30\nb,4,10\nc,9,20\nd,1,40\n"
SUMMARIES = {
    "maximum": ("9,40", ["Max", "Maximum", "Max.:", "máximo", "最大値", "Maximalwert", "Största", "tối đa"]),
    "minimum": ("1,10", ["Min", "minimum", "Minst", "минимум", "最小", "en küçük"]),
    "count": ("4,4", ["Count", "Anzahl", "# visits", "Anzahl Teams", "nombre", "кол-во", "件数", "CountA"]),
    "median": ("3,25", ["Median", "médiane", "Medianwert", "медиана", "中央値"]),
    "mean": ("4,25", ["Average", "Ø"]),
    "total": ("16,100", ["Total", "Summe"]),
    "range": ("8,30", ["Range", "Spread", "Spannweite"]),
    # The squares of -2, 0, 5 and -3 sum to 38, those of 5, -15, -5 and 15 to 500: over 4, and over 3.
    "standard deviation": (
        "3.082,11.18",
        ["Std", "Stabw", "Écart-type", "standard deviation", "Std. Dev.", "標準偏差"],
    ),
    "sample's deviation": ("3.56,12.9", ["STDEV", "Standardabweichung"]),
}
SUMMARY_ROWS = [(what, name, cells) for what, (cells, names) in SUMMARIES.items() for name in names]


@pytest.mark.parametrize(("what", "name", "cells"), SUMMARY_ROWS, ids=[f"{row[0]}-{row[1]}" for row in SUMMARY_ROWS])
def test_what_sums_up_the_others_is_nobody(tmp_path, what, name, cells):
    quoted = '"' + name + '"'
    what = "standard deviation" if "deviation" in what else what
    text = f"{FOUR}{quoted},{cells}\n"
    with pytest.raises(InputError, match=f"is the {what} of the others, not one of them; --ignore-row") as caught:
        _read(tmp_path, text)
    assert repr(name) in str(caught.value)
    assert str(caught.value).endswith(f" if it is not a {what}")
    table = _read(tmp_path, text, reading=Reading(ignore_rows=(name,)))
    assert table.agents == ("a", "b", "c", "d")
    first, _, second = cells.partition(",")
    kept = _read(tmp_path, f"{FOUR}{quoted},{float(first) + 3:g},{second}\n")
    assert kept.agents == ("a", "b", "c", "d", name), "a name alone is kept"
    transposed = f"n,a,b,c,d,{quoted}\nP,2,4,9,1,{first}\nL,30,10,20,40,{second}\n"
    with pytest.raises(InputError, match=f"column .* is the {what} of the others, not one of them; --ignore-column"):
        _read(tmp_path, transposed)


@pytest.mark.parametrize("name", ["Max", "Minimum", "Anzahl", "Median", "Std", "Total team", "Spread"])
def test_a_name_alone_is_kept_and_said(tmp_path, name):
    table = _read(tmp_path, f"{FOUR}{name},7,7\n")
    assert table.agents[-1] == name
    assert [note for note in table.notes if f"row {name!r} is named like a" in note and "it is kept" in note]


@pytest.mark.parametrize("name", ["Max Miller", "Min Lee", "County Hall", "#4", "No. 4", "Maximilian", "Ranger"])
def test_a_name_that_only_begins_so_is_no_matter(tmp_path, name):
    assert not _read(tmp_path, f"{FOUR}{name},7,7\n").notes


def test_a_first_name_needs_more_than_one_number_or_equal_ones(tmp_path):
    """Max has the largest cost of the only task; in the second table everybody costs the same."""
    for text in ("n,P\na,2\nMax,4\nb,4\n", "n,P,L\na,1,1\nb,1,1\nMax,1,1\n"):
        table = _read(tmp_path, text)
        assert "Max" in table.agents
        assert [note for note in table.notes if "row 'Max' is named like a maximum" in note]
    with pytest.raises(InputError, match="row 'Maximum' is the maximum"):
        _read(tmp_path, "n,P\na,2\nb,4\nMaximum,4\n")


@pytest.mark.parametrize(
    ("text", "costs"),
    [
        ("n,P,L\na,007,08\nb,00012,1\n", [[7, 8], [12, 1]]),
        ("n,P,L\na,0999,08\nb,10,1\n", [[999, 8], [10, 1]]),
        ("n,P (h),L (hours)\na,9,2\nb,6,3\n", [[9, 2], [6, 3]]),
        ("n,P (A),L (h)\na,9,2\nb,6,3\n", [[9, 2], [6, 3]]),
        ("n,P,Rank\na,9,2\nb,6,4\n", [[9, 2], [6, 4]]),
        ("n,P,Marienplatz\na,9,2\nb,6,1\n", [[9, 2], [6, 1]]),
        ("agent,task,Cost (EUR),hours [h]\na,P,9,2\nb,P,6,1\n", [[9], [6]]),
    ],
    ids=["zeros in front", "no time of day", "one unit", "no unit", "no ranks", "a square", "units of pairs"],
)
def test_what_only_looks_like_trouble_is_read(tmp_path, text, costs):
    assert _read(tmp_path, text).values.tolist() == costs


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        (["a,1,1", "Max,2,3", "b,2,3"], True),
        (["a,1,1", "b,2,3", "Max,2,3"], False),
        (["Max,2,3", "a,1,1", "b,2,3"], False),
        (["a,1,1", "b,2,3", "Max,2,3", "Min,1,1"], False),
        (["a,1,1", "b,2,3", "Max M.,2,3"], True),
    ],
)
def test_a_person_called_max_stands_among_the_others(tmp_path, rows, kept):
    """As dear as the dearest everywhere; statistics stand below or above all others, and then the remedy is said."""
    text = "n,P,L\n" + "\n".join(rows) + "\n"
    if kept:
        assert len(_read(tmp_path, text).agents) == 3
        return
    with pytest.raises(InputError, match=r"row 'Max' (is )?the maximum") as caught:
        _read(tmp_path, text)
    assert "'Max M.'" in str(caught.value) or "Min" in text


FOREIGN = {
    "total": "Summe Gesamt Somme Totale Totaal Suma Soma Razem Celkem Összesen Yhteensä Toplam Итого 合計 합계 I·alt",
    "mean": "Mittelwert Durchschnitt Moyenne Media Média Promedio Gemiddelde Medel Średnia Průměr Átlag Среднее 平均",
}


@pytest.mark.parametrize(("what", "name"), [(what, name) for what, text in FOREIGN.items() for name in text.split()])
def test_words_of_other_languages_need_their_numbers_as_the_english_ones_do(tmp_path, what, name):
    """4 + 5 + 6 is 15, and 7 + 8 + 9 is 24: with the total's numbers a mean is kept and said, and the reverse."""
    name, numbers = name.replace("·", " "), {"total": "15,24", "mean": "5,8"}
    for given, cells in numbers.items():
        text = f"n,P,L\na,4,7\nb,5,8\nc,6,9\n{name},{cells}\n"
        if given == what:
            with pytest.raises(InputError, match=f"is the {what} of the others"):
                _read(tmp_path, text)
        else:
            assert any("is named like a" in note for note in _read(tmp_path, text).notes)


def test_all_that_sum_up_are_refused_at_once(tmp_path):
    """The foot of a table with five statistics; each is of the four teams, whatever stands above it."""
    text = FOUR + "Min,1,10\nMax,9,40\nAverage,4,25\nTotal,16,100\nCount,4,4\n"
    with pytest.raises(InputError) as caught:
        _read(tmp_path, text)
    remedies = " ".join(f"--ignore-row {name}" for name in ("Min", "Max", "Average", "Total", "Count"))
    assert f"; {remedies}, or rename what is none" in str(caught.value)
    assert "row 'Count' the count" in str(caught.value)
    gone = ("Min", "Max", "Average", "Total", "Count")
    assert _read(tmp_path, text, reading=Reading(ignore_rows=gone)).agents == ("a", "b", "c", "d")


def test_a_statistic_of_all_rows_above_is_found_too(tmp_path):
    """Written below a total, MAX and COUNT include it: the largest of the column is the total, and there are five."""
    with pytest.raises(InputError, match="row 'Max' the maximum, row 'Count' the count"):
        _read(tmp_path, FOUR + "Total,16,100\nMax,16,100\nCount,5,5\n", reading=Reading())


def test_a_count_is_of_the_cells_that_are_filled(tmp_path):
    with pytest.raises(InputError, match="'Count' is the count"):
        _read(tmp_path, "n,P,L\na,2,30\nb,,10\nc,9,20\nCount,2,3\n")


@pytest.mark.parametrize("name", ["No.", "ID", "Nr", "#", "Lfd. Nr."])
def test_a_column_of_running_numbers_is_no_task(tmp_path, name):
    with pytest.raises(InputError, match="is the running number of the others, not one of them; --ignore-column"):
        _read(tmp_path, f"n,{name},P,L\na,1,2,30\nb,2,4,10\nc,3,9,20\n")
    assert name in _read(tmp_path, f"n,{name},P,L\na,1,2,30\nb,3,4,10\nc,2,9,20\n").tasks


def test_many_notes_are_few_sentences(tmp_path):
    table = _read(tmp_path, "n,P,L\n" + "".join(f"Total {k},7,{k}\n" for k in range(1, 8)))
    assert len(table.agents) == 7
    assert len(table.notes) == 4
    assert table.notes[-1] == "4 more rows are so named and kept"


@pytest.mark.parametrize(("decimal", "first"), [(".", 1.234), (",", 1234.0)])
def test_the_decimal_sign_settles_what_is_open(tmp_path, decimal, first):
    table = _read(tmp_path, "n;P;L\na;1.234;850\nb;980;1.100\n", reading=Reading(decimal=decimal))
    assert table.values[0, 0] == first


def test_a_decimal_sign_that_does_not_fit_is_refused(tmp_path):
    with pytest.raises(InputError, match="'2,5' does not fit --decimal"):
        _read(tmp_path, "n;P\na;1.234\nb;2,5\n", reading=Reading(decimal="."))
    with pytest.raises(InputError, match="--decimal"):
        Reading(decimal=";")


def test_what_is_left_out_must_be_there(tmp_path):
    text = "n,P,L\na,1,2\nb,3,4\n"
    with pytest.raises(InputError, match="no row is called 'c'"):
        _read(tmp_path, text, reading=Reading(ignore_rows=("c",)))
    with pytest.raises(InputError, match="no column is called 'c'"):
        _read(tmp_path, text, reading=Reading(ignore_columns=("c",)))


def test_a_column_of_words_can_be_left_out(tmp_path):
    table = _read(tmp_path, "n,P,Remarks,L\na,1,soon,2\nb,3,,4\n", reading=Reading(ignore_columns=("Remarks",)))
    assert table.values.tolist() == [[1, 2], [3, 4]]


def test_long_tables_bring_burdens_and_coordinates(tmp_path):
    text = (
        "agent,task,cost,hours,agent_x,agent_y,task_x,task_y\n"
        "a,P,1,0:30,0,1,5,6\na,L,2,1:00,0,1,7,8\nb,L,4,2:00,2,3,7,8\n"
    )
    table = _read(tmp_path, text)
    assert table.values.tolist() == [[1, 2], [INF, 4]]
    assert table.burdens.tolist() == [[0.5, 1], [INF, 2]]
    assert table.agent_xy.tolist() == [[0, 1], [2, 3]]
    assert table.task_xy.tolist() == [[5, 6], [7, 8]]
    with pytest.raises(InputError, match="task 'L' has no coordinates, or different ones"):
        _read(tmp_path, text.replace("7,8\nb", "7,9\nb"))


def test_pairs_that_are_asked_for_need_their_columns(tmp_path):
    with pytest.raises(InputError, match="column 1: 'who' is not a column"):
        _read(tmp_path, "who,task,cost\na,P,1\n", reading=Reading("pairs"))
    with pytest.raises(InputError, match="no column is called cost"):
        _read(tmp_path, "agent,task\na,P\n", reading=Reading("pairs"))


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_other_encodings_are_named_with_the_remedy(tmp_path, encoding):
    file = tmp_path / "costs.csv"
    file.write_bytes("n;Orléans;L\na;1;2\nb;3;4\n".encode(encoding))
    with pytest.raises(InputError, match=r"line 1: byte 0xe9 is not UTF-8 .*'Orléans'.*CSV UTF-8"):
        read_table(file)


def _read(folder, text, **options):
    file = folder / "costs.csv"
    file.write_text(text, encoding="utf-8")
    return read_table(file, **options)
