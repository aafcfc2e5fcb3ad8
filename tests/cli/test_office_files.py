"""Tables of offices on the command line: what was made of them is said, and what they leave open is asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

WIDE = "n;P;L;M\na;1;2;3\nb;3;2;1\n"
TWICE = ("--max-over-mean", "2")


def write(**files):
    for name, text in files.items():
        Path(f"{name}.csv").write_text(text, encoding="utf-8")


def answer():
    return json.loads(Path("out.json").read_text())


def test_thousands_are_asked_for_and_then_read(evenhand):
    write(costs="name;Paris;Lyon;Nice\nnorth;1.234;850;300\nsouth;980;1.100;400\n")
    ran = evenhand("assign", "costs.csv", *TWICE)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert "'1.234' could be decimals or thousands" in ran.err
    ran = evenhand("assign", "costs.csv", *TWICE, "--decimal", ",", "--json", "out.json")
    assert ran.code == 0, ran.err
    assert answer()["cost"] == 300 + 850 + 980
    assert "read: costs.csv: '1.234' is read with '.' between thousands" in ran.err
    assert evenhand("verify", "costs.csv", "out.json", "--decimal", ",").code in (0, 5)
    assert evenhand("verify", "costs.csv", "out.json", "--decimal", ".").code == 1


@pytest.mark.parametrize(
    "words",
    [
        ["assign", "costs.csv", *TWICE, "--json", "new.json"],
        ["frontier", "costs.csv", "--p", "2", "--json", "new.json"],
        ["verify", "costs.csv", "out.json"],
        ["explain", "costs.csv", "out.json"],
    ],
    ids=lambda words: words[0],
)
def test_every_command_refuses_a_total_and_can_leave_it_out(evenhand, words):
    write(costs=WIDE)
    assert evenhand("assign", "costs.csv", *TWICE, "--json", "out.json").code == 0
    assert answer()["cost"] == 4
    write(costs=WIDE + "Total;4;4;4\n")
    ran = evenhand(*words)
    assert ran.code == 2
    assert "--ignore-row Total" in ran.err
    ran = evenhand(*words, "--ignore-row", "Total")
    assert ran.code in (0, 5), ran.err


def test_loads_have_totals_and_hours_too(evenhand):
    write(loads="who;hours\na;1:30\nb;0:30\nSumme;2:00\n")
    ran = evenhand("measure", "loads.csv")
    assert ran.code == 2
    assert "--ignore-row Summe" in ran.err
    ran = evenhand("measure", "loads.csv", "--ignore-row", "Summe", "--json", "m.json")
    assert ran.code == 0, ran.err
    assert json.loads(Path("m.json").read_text())["loads"] == [1.5, 0.5]
    assert "read in hours" in ran.err


def test_a_list_of_durations_is_said_too(evenhand):
    write(costs=WIDE)
    ran = evenhand("assign", "costs.csv", *TWICE, "--initial-loads", "1:30,0:45")
    assert ran.code == 0, ran.err
    assert "read: --initial-loads: durations such as '1:30' are read in hours" in ran.err


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--locked", "P,\nL,a\n", "line 1: 1 cell; it must have a task and an agent"),
        ("--entitlements", "a;\nb;0,5\n", "line 1: 'a' must be an agent and a number"),
        ("--initial-loads", "a;\nb;0,5\n", "line 1: 'a' must be an agent and a number"),
    ],
)
def test_a_name_alone_in_the_first_line_is_no_title(evenhand, option, text, said):
    """A task without an agent was skipped in silence, as the line above a header is."""
    write(costs=WIDE, beside=text)
    ran = evenhand("assign", "costs.csv", *TWICE, option, "beside.csv")
    assert ran.code == 2
    assert said in ran.err
    write(beside=f"Week 7\n{text.splitlines()[1]}\n")
    ran = evenhand("assign", "costs.csv", *TWICE, option, "beside.csv")
    assert "called 'Week 7'" not in ran.err
    assert "line 1" in ran.err


def workbook(name, *rows, shape=None):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if shape is not None:
        for [cell] in book.active.iter_rows(2, min_col=2):
            cell.number_format = shape
    book.save(name)


def test_what_stands_beside_the_table_may_be_a_workbook_too(evenhand):
    """Locked, P and L are of a, 1 + 2 hours; 1.234 is no number of thousands in a workbook."""
    write(costs=WIDE)
    workbook("shares.xlsx", ["who", "share"], ["a", 1], ["b", 0.5], shape="0%")
    workbook("fixed.xlsx", ["task", "agent"], ["L", "a"], ["P", "a"])
    workbook("before.xlsx", ["who", "hours"], ["a", 1.234], ["b", 0.25])
    words = ["assign", "costs.csv", "--max-over-mean", "3", "--json", "out.json"]
    ran = evenhand(*words, "--entitlements", "shares.xlsx", "--locked", "fixed.xlsx")
    assert ran.code == 0, ran.err
    assert answer()["fairness"]["entitlements"] == [1, 0.5]
    assert answer()["loads"] == [3, 1]
    assert "percentages such as '100 %' are read as fractions of 1" in ran.err
    assert evenhand(*words, "--initial-loads", "before.xlsx").code == 0
    assert sum(answer()["loads"]) == pytest.approx(4 + 1.484)
    ran = evenhand("measure", "before.xlsx", "--json", "m.json")
    assert json.loads(Path("m.json").read_text())["loads"] == [1.234, 0.25]


def test_one_workbook_may_hold_all_tables(evenhand):
    """`--sheet` counts for the burdens as well: the costs were shared, without a word. By hand: hours 2 and 1."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in {
        "Costs": [["n", "P", "L"], ["a", 1, 2], ["b", 3, 4]],
        "Hours": [["n", "P", "L"], ["a", 2, 9], ["b", 9, 1]],
        "Staff": [["n", "share"], ["a", 1], ["b", 0.5]],
        "Fixed #1": [["task", "agent"], ["L", "b"]],
    }.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save("book.xlsx")
    ran = evenhand("assign", "book.xlsx", "--sheet", "Costs", "--burdens", "book.xlsx", *TWICE)
    assert ran.code == 2
    assert "--burdens 'book.xlsx': the same sheet as the costs" in ran.err
    write(costs=WIDE)
    ran = evenhand("assign", "book.xlsx", "--sheet", "Costs", "--burdens", "costs.csv", *TWICE)
    assert "costs.csv is not a workbook; name the sheet behind its workbook, as in 'book.xlsx#Costs'" in ran.err
    sizes = ["--sizes", "book.xlsx", "--capacities", "9,9", "--sheet", "Hours"]
    ran = evenhand("solve", "generalised-assignment", "book.xlsx", *sizes)
    assert "--sizes 'book.xlsx': the same sheet as the costs" in ran.err
    sizes[-1:] = ["Costs", "--burdens", "book.xlsx#Hours"]
    sizes[1] = "book.xlsx#Hours"
    ran = evenhand("solve", "generalised-assignment", "book.xlsx", *sizes)
    assert "5, at most 0 %" in ran.out
    words = ["assign", "book.xlsx#Costs", "--burdens", "book.xlsx#Hours", "--entitlements", "book.xlsx#Staff"]
    ran = evenhand(*words, "--locked", "book.xlsx#Fixed #1", *TWICE, "--json", "out.json")
    assert ran.code == 0, ran.err
    assert (answer()["loads"], answer()["cost"]) == ([2, 1], 5)
    assert answer()["fairness"]["entitlements"] == [1, 0.5]
    ran = evenhand("measure", "book.xlsx")
    assert "4 sheets, 'Costs', 'Hours', 'Staff', 'Fixed #1'; choose one with --sheet Costs, or" in ran.err
    assert "book.xlsx#Costs" in ran.err
    assert "no sheet is called 'Nope'" in evenhand("measure", "book.xlsx#Nope").err
    assert "would replace the burdens" in evenhand(*words, *TWICE, "--json", "book.xlsx").err


def test_workbooks_beside_the_table_are_refused_as_texts_are(evenhand):
    write(costs=WIDE)
    workbook("total.xlsx", ["who", "h"], ["a", 1], ["b", 2], ["Total", 3])
    workbook("alone.xlsx", ["P"], ["L", "a"])
    workbook("units.xlsx", ["who", "h"], ["a", "1:30"], ["b", 2])
    for words, said in (
        (["--initial-loads", "total.xlsx"], "row 'Total' is the total of the others"),
        (["--locked", "alone.xlsx"], "line 1 ('P') is skipped as a title, and is a name of the costs"),
        (["--initial-loads", "units.xlsx"], "line 3: '2' has another unit than '1:30'"),
    ):
        ran = evenhand("assign", "costs.csv", *TWICE, *words)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert said in ran.err


def test_entitlements_in_per_cent_of_those_who_differ(evenhand):
    """By hand: a, at 60 % of b's full time, is entitled to 3/8 of all."""
    write(costs=WIDE, part="who;contract\na;60 %\n")
    ran = evenhand("assign", "costs.csv", *TWICE, "--entitlements", "part.csv", "--json", "out.json")
    assert ran.code == 0, ran.err
    assert answer()["fairness"]["entitlements"] == [0.6, 1.0]
    assert "the other 1 (b) count as full time" in ran.err
    write(part="who;contract\na;60\n")
    ran = evenhand("assign", "costs.csv", *TWICE, "--entitlements", "part.csv")
    assert ran.code == 2, "60 beside a full time of 1 would be sixty times as much"
    assert "no number for agent 'b'" in ran.err


@pytest.mark.parametrize("pairs", ["wer;was\na;M\n", "was;wer\nM;a\n", "task,agent\nM,a\n", "M;a\n"])
def test_locked_pairs_under_any_header(evenhand, pairs):
    write(costs=WIDE, locked=pairs)
    ran = evenhand("assign", "costs.csv", *TWICE, "--locked", "locked.csv", "--json", "out.json")
    assert ran.code == 0, ran.err
    assert answer()["assignment"][2] == 0


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ("P,Total\n", "locked.csv, line 1: 'Total' is left out by --ignore-row; leave the line out, too"),
        ("task,agent\nL,a\nP,Total\n", "locked.csv, line 3: 'Total' is left out by --ignore-row"),
        ("All,a\n", "locked.csv, line 1: 'All' is left out by --ignore-column"),
        ("P,a\nL,Zoe\n", "locked.csv, line 2: no agent of the costs is called 'Zoe'"),
        ("P,Zoe\nL,a\n", "locked.csv, line 1: no agent of the costs is called 'Zoe'"),
        ("a,P\nb,M\n", "locked.csv, line 2: no task of the costs is called 'M'"),
    ],
)
def test_a_locked_name_that_is_not_there_is_named(evenhand, pairs, said):
    """A first line that holds one known name is no header."""
    write(costs="n,P,L,All\na,1,2,3\nb,3,4,7\nTotal,4,6,10\n", locked=pairs)
    words = ["--ignore-row", "Total", "--ignore-column", "All", "--locked", "locked.csv"]
    ran = evenhand("assign", "costs.csv", "--max-over-mean", "2", *words)
    assert ran.code == 2
    assert said in ran.err.splitlines()[-1]


def test_locked_pairs_that_could_be_either_are_refused(evenhand):
    write(costs="n,a,b\na,1,2\nb,3,4\n", locked="x,y\na,b\n")
    ran = evenhand("assign", "costs.csv", *TWICE, "--locked", "locked.csv")
    assert ran.code == 2
    assert "task,agent into the first line" in ran.err


def test_a_long_table_with_burdens_is_the_same_problem_as_two_wide_ones(evenhand):
    write(
        long="agent,task,cost,hours\na,P,1,5\nb,P,3,1\na,L,2,2\nb,L,2,2\na,M,3,1\nb,M,1,5\n",
        wide="n,P,L,M\na,1,2,3\nb,3,2,1\n",
        hours="n,P,L,M\na,5,2,1\nb,1,2,5\n",
    )
    found = []
    for words in (["long.csv"], ["long.csv", "--tasks-as", "pairs"], ["wide.csv", "--burdens", "hours.csv"]):
        ran = evenhand("assign", *words, "--range", "0.5", "--json", "out.json")
        assert ran.code == 0, ran.err
        found.append((answer()["cost"], answer()["loads"]))
        assert evenhand("verify", *words, "out.json").code in (0, 5) if len(words) == 1 else True
    assert found[0] == found[1] == found[2]
    assert sorted(found[0][1]) == [5, 7]


def test_burdens_without_the_total_of_the_costs(evenhand):
    write(costs=WIDE + "Total;4;4;4\n", hours="n;P;L;M\na;1;1;1\nb;1;1;1\n")
    ran = evenhand("assign", "costs.csv", "--burdens", "hours.csv", *TWICE, "--ignore-row", "Total")
    assert ran.code == 0, ran.err


def test_python_takes_the_burdens_of_a_long_table(tmp_path):
    import evenhand as package
    from evenhand.tables import read_table

    file = tmp_path / "long.csv"
    file.write_text("agent,task,cost,hours\na,P,1,5\nb,P,3,1\na,L,2,2\nb,L,2,2\na,M,3,1\nb,M,1,5\n")
    answer = package.assign(read_table(file), package.RangeAtMost(0.5))
    assert sorted(answer.loads.tolist()) == [5, 7]
    assert package.verify(read_table(file), answer).verified


def test_loads_of_decimal_commas_are_not_taken_for_agents(evenhand):
    write(loads="3,5\n4,5\n6,5\n")
    ran = evenhand("measure", "loads.csv")
    assert ran.code == 2
    assert "'3,5' could be a load of 5 for agent 3, or one number" in ran.err
    assert evenhand("measure", "loads.csv", "--decimal", ",", "--json", "m.json").code == 0
    assert json.loads(Path("m.json").read_text())["loads"] == [3.5, 4.5, 6.5]
    assert evenhand("measure", "loads.csv", "--decimal", ".", "--json", "m.json").code == 0
    assert json.loads(Path("m.json").read_text())["loads"] == [5, 5, 5]
    write(loads="1,5\n2,7\n")
    assert evenhand("measure", "loads.csv").code == 2, "agents 1 and 2, or 1.5 and 2.7"
    write(loads="1;5\n2;7\n")
    assert evenhand("measure", "loads.csv", "--json", "m.json").code == 0, "no comma could be a decimal sign"
    assert json.loads(Path("m.json").read_text())["loads"] == [5, 7]
    write(loads="1,5.5\n2,7\n")
    assert evenhand("measure", "loads.csv", "--json", "m.json").code == 0, "the point is"
    assert json.loads(Path("m.json").read_text())["loads"] == [5.5, 7]
    assert evenhand("measure", "1,5", "2,5").code == 2


def test_numbers_that_name_agents_of_the_costs_are_names(evenhand):
    write(costs="agent,P,L,M\n7,1,2,3\n9,3,2,1\n", share="7,1\n9,2\n", other="7,1\n8,2\n")
    words = ["assign", "costs.csv", *TWICE, "--json", "out.json", "--entitlements"]
    assert evenhand(*words, "share.csv").code == 0
    assert answer()["fairness"]["entitlements"] == [1, 2]
    ran = evenhand(*words, "other.csv")
    assert (ran.code, "'7,1' could be a number of 1 for agent 7, or one number" in ran.err) == (2, True)


def test_all_names_that_are_wrong_are_listed(evenhand):
    write(costs="n;P\na;1\nb;2\nc;3\n", other="a;1\nx;2\ny;3\n", few="a;2\n", six="u;1\nv;1\nw;1\nx;1\ny;1\nz;1\n")
    words = ["assign", "costs.csv", *TWICE, "--entitlements"]
    assert "line 2: no agents are called 'x', 'y'; the costs name a, b, c" in evenhand(*words, "other.csv").err
    assert "no number for 2 agents, 'b', 'c'" in evenhand(*words, "few.csv").err
    assert "no agents are called 'u', 'v', 'w', 'x', 'y', ...; the" in evenhand(*words, "six.csv").err


def test_a_total_may_stand_in_one_of_the_files(evenhand):
    """The entitlements' own total is left out by name, though no other file has one; a name in no file is a slip."""
    write(costs=WIDE, part="who;share\na;1\nb;0.5\nTotal;1.5\n")
    words = ["assign", "costs.csv", *TWICE, "--entitlements", "part.csv", "--json", "out.json"]
    ran = evenhand(*words)
    assert (ran.code, "--ignore-row Total" in ran.err) == (2, True)
    ran = evenhand(*words, "--ignore-row", "Total")
    assert ran.code == 0, ran.err
    assert answer()["fairness"]["entitlements"] == [1, 0.5]
    assert "read: part.csv: row 'Total' is left out" in ran.err
    ran = evenhand(*words, "--ignore-row", "Total", "--ignore-row", "Totl")
    assert (ran.code, "no row is called 'Totl'" in ran.err) == (2, True)


def test_a_list_of_entitlements_in_per_cent(evenhand):
    write(costs=WIDE)
    words = ["assign", "costs.csv", *TWICE, "--json", "out.json", "--entitlements"]
    assert evenhand(*words, "60%,100%").code == 0
    assert answer()["fairness"]["entitlements"] == [0.6, 1]
    assert evenhand(*words, "60%,1").code == 2, "sixty per cent of 1, or of 100?"


def test_burdens_of_other_names_are_not_matched_by_place_in_python():
    import pandas as pd

    import evenhand as package

    costs = pd.DataFrame({"P": [1.0, 2], "L": [2.0, 1]}, index=["a", "b"])
    for burdens in (costs.rename(index={"b": "c"}), costs.rename(columns={"L": "M"})):
        with pytest.raises(package.InputError, match=r"'[bL]' in the costs and '[cM]' in the burdens"):
            package.assign(costs, package.MaxOverMean(2), burdens=burdens)
    unnamed = pd.DataFrame([[1.0, 2], [2, 1]])
    assert package.assign(costs, package.MaxOverMean(2), burdens=unnamed).cost == 2


def test_a_total_in_a_data_frame_is_refused():
    import pandas as pd

    import evenhand as package

    frame = pd.DataFrame({"P": [1.0, 2, 3], "L": [2.0, 1, 3]}, index=["a", "b", "Total"])
    with pytest.raises(package.InputError, match="'Total' is the total of the others"):
        package.assign(frame, package.MaxOverMean(2))
