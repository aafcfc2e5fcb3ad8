"""When tasks begin and end is read from what people and spreadsheets write, or refused with the line and the value."""

import datetime

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.tables.visit_file import read_times
from evenhand.tables.visit_times import times_of

TASKS = ("wash", "dress")
MIDNIGHT = datetime.date(2026, 3, 2).toordinal() * 24.0


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file of times and returns its path."""

    def write(text):
        path = tmp_path / "visits.csv"
        path.write_text(text, "utf-8")
        return path

    return write


def hours(visits):
    """Return start and moment of freedom of each visit, in hours."""
    return [visit and (float(visit.start) / 3600, float(visit.free) / 3600) for visit in visits]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("task,start,end\nwash,08:30,09:00\ndress,10:15,11:00\n", [(8.5, 9), (10.25, 11)]),
        ("task,start,end\ndress,08:30,09:00\nwash,10:15,11:00\n", [(10.25, 11), (8.5, 9)]),
        ("wash,8:30,9:00\ndress,10:15:30,11:00\n", [(8.5, 9), (10 + 31 / 120, 11)]),
        ("wash;8:30;9:00;15\ndress;10:15;11:00;0:30\n", [(8.5, 9.25), (10.25, 11.5)]),
        ("End,Visit,From,Drive\n9:00,wash,8:30,10 min\n11:00,dress,10:15,\n", [(8.5, 9 + 1 / 6), (10.25, 11)]),
        ("task,start,end,pause (h)\nwash,8:30,9:00,0.5\ndress,10:15,11:00,1\n", [(8.5, 9.5), (10.25, 12)]),
        ("Aufgabe;Beginn;Ende\nwash;8:30;9:00\ndress;10:15 Uhr;11h00\n", [(8.5, 9), (10.25, 11)]),
        ("wash,8:30 am,12:15 AM\ndress,12:15 am,1:00 p.m.\n", None),
        ("wash,8:30 am,12:15 PM\ndress,12:15 am,1:00 p.m.\n", [(8.5, 12.25), (0.25, 13)]),
        ("wash,22:00,30:00\ndress,23:00,24:00\n", [(22, 30), (23, 24)]),
        ("task,start,end,patient\nwash,08:30,09:00,A\ndress,,,B\n", [(8.5, 9), None]),
        ("Tuesday\n\ntask,start,end\nwash,08:30,09:00\ndress,9:00,9:30\n", [(8.5, 9), (9, 9.5)]),
    ],
)
def test_clock_times_are_read_in_any_order(file, text, expected):
    """Expected values are hours after midnight, worked out by hand; None means a refusal."""
    if expected is None:
        with pytest.raises(InputError):
            read_times(file(text), TASKS)
        return
    assert hours(read_times(file(text), TASKS)[0]) == [e if e is None else pytest.approx(e) for e in expected]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-03-02 22:00", "2026-03-03 06:00", (22, 30)),
        ("2026-03-02T22:00:00", "2026-03-03", (22, 24)),
        ("2.3.2026 22:00", "3.3.2026 1:00", (22, 25)),
        ("2026-03-02 22:00", "2026-03-02 24:00", (22, 24)),
    ],
)
@pytest.mark.parametrize("header", ["", "task,start,end\n"])
def test_dates_with_times_may_pass_midnight(file, start, end, expected, header):
    """A space inside of a date with a time does not separate cells, with and without a header."""
    other = "2026-03-02 08:00,2026-03-02 09:00"
    found = hours(read_times(file(f"{header}wash,{start},{end}\ndress,{other}\n"), TASKS)[0])
    assert found == [tuple(MIDNIGHT + hour for hour in expected), (MIDNIGHT + 8, MIDNIGHT + 9)]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("wash,22:00,06:00", "line 2: task 'wash' ends at '06:00', before it starts at '22:00'; if it goes over"),
        ("wash,08:00,08:00", "ends at '08:00', when it starts"),
        ("wash,2026-03-02 09:00,2026-03-02 08:00", "before it starts"),
        ("wash,8.5,9.5", "line 2: task 'wash' has '8.5', which is not a time; write a time such as 08:30"),
        ("wash,8.30,9.15", "'8.30', which is not a time for sure: it could be 8:30 or 8.30 hours"),
        ("wash,1430,1500", "'1430', which is not a time for sure: it could be a number; write 14:30"),
        ("wash,8:3o,9:00", "'8:3o', which is not a time"),
        ("wash,13:00 pm,14:00 pm", "with am or pm the hour is from 1 to 12"),
        ("wash,08:30+01:00,09:00+01:00", "with a time zone"),
        ("wash,2026-03-02T08:30Z,2026-03-02T09:30Z", "with a time zone"),
        (
            "wash,03/02/2026 08:30,03/02/2026 09:30",
            "'03/02/2026 08:30', which is not a date for sure: day or month may come first; write 2026-02-03",
        ),
        ("wash,2026-02-30 08:30,2026-02-30 09:30", "which is no date"),
        ("wash,2026-03-02,2026-03-03", "a date without a time"),
        ("wash,48:00,49:00", "'48:00', which is not a time"),
        ("wash,08:00,", "has no end"),
        ("wash,,08:00", "has no start"),
        ("wash,08:00,09:00,-5", "has the pause '-5', which is not a duration; write 15"),
        ("wash,08:00,09:00,soon", "has the pause 'soon'"),
        ("wash,08:00,09:00,5 m", "has the pause '5 m'"),
        ("wash,08:00,09:00,inf", "has the pause 'inf'"),
        ("iron,08:00,09:00", "line 2: no task of the costs is called 'iron'"),
    ],
)
def test_a_bad_row_is_named(file, row, said):
    """The message has the line, the value and what would be right."""
    header = "task,start,end,pause\n" if row.count(",") == 3 else "task,start,end\n"
    with pytest.raises(InputError) as caught:
        read_times(file(f"{header}{row}\ndress,,\n"), TASKS)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("wash,8:00,9:00\n", "no times for task 'dress'"),
        ("wash,8:00,9:00\nwash,8:00,9:00\n", "line 2: task 'wash' has a row already"),
        ("wash,8:00,9:00\ndress,2026-03-02 8:00,2026-03-02 9:00\n", "another task '8:00'; give all times alike"),
        ("wash,8:00,9:00,1,2\ndress,8:00,9:00,1,2\n", "5 cells; without a header"),
        ("task,start,end,from\nwash,8:00,9:00,a\n", "could both be the start"),
        ("task,start,end,pause (km)\nwash,8:00,9:00,1\n", "must be min or h"),
    ],
)
def test_a_bad_file_is_named(file, text, said):
    """What is wrong with the whole file is said in one line."""
    with pytest.raises(InputError, match=r"visits\.csv") as caught:
        read_times(file(text), TASKS)
    assert said in str(caught.value)


def test_rows_of_tasks_that_are_left_out_are_skipped(file):
    """A list of all visits serves for a table without some of them; other unknown names are still refused."""
    path = file("wash,8:00,9:00\ndress,8:00,9:00\niron,25,junk\n")
    assert len(read_times(path, TASKS, {"iron"})[0]) == 2
    with pytest.raises(InputError, match="iron"):
        read_times(path, TASKS, {"cook"})


def test_times_of_a_spreadsheet_are_read(tmp_path):
    """Cells formatted as times, as dates with times and as durations hold these; midnight loses none of its meaning."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["task", "start", "end"])
    book.active.append(["wash", datetime.time(8, 30), datetime.time(9, 0)])
    book.active.append(["dress", datetime.time(22, 0), datetime.timedelta(hours=30)])
    book.save(tmp_path / "clock.xlsx")
    assert hours(read_times(tmp_path / "clock.xlsx", TASKS)[0]) == [(8.5, 9), (22, 30)]
    book = openpyxl.Workbook()
    book.active.append(["task", "start", "end", "pause"])
    book.active.append(["wash", datetime.datetime(2026, 3, 2, 8, 30), datetime.datetime(2026, 3, 2, 9), 15])
    book.active.append(["dress", datetime.datetime(2026, 3, 2, 22), datetime.datetime(2026, 3, 3), 7.5])
    book.save(tmp_path / "dates.xlsx")
    assert hours(read_times(tmp_path / "dates.xlsx", TASKS)[0]) == [
        (MIDNIGHT + 8.5, MIDNIGHT + 9.25),
        (MIDNIGHT + 22, MIDNIGHT + 24.125),
    ]


def test_numbers_without_a_format_of_time_are_refused(tmp_path):
    """A bare 0.354 in a workbook might be a part of a day or of an hour."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["wash", 0.354166667, 0.375])
    book.active.append(["dress", 0.5, 0.6])
    book.save(tmp_path / "visits.xlsx")
    with pytest.raises(InputError, match=r"is not a time"):
        read_times(tmp_path / "visits.xlsx", TASKS)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({"dress": ("9:00", "9:30", 15), "wash": ("8:00", "9:00")}, [(8, 9), (9, 9.75)]),
        ({1: ("9:00", "9:30", "0:15"), 0: None}, [None, (9, 9.75)]),
        ([(datetime.time(8), datetime.time(9)), ("9:00", "9:30", datetime.timedelta(minutes=15))], [(8, 9), (9, 9.75)]),
        (
            [
                (np.datetime64("2026-03-02T08:00"), np.datetime64("2026-03-02T09:00")),
                (datetime.datetime(2026, 3, 2, 9), "2026-03-02 09:30"),
            ],
            [(MIDNIGHT + 8, MIDNIGHT + 9), (MIDNIGHT + 9, MIDNIGHT + 9.5)],
        ),
    ],
)
def test_times_in_python(times, expected):
    """Names, positions, texts, times of the standard library and of NumPy mean the same."""
    assert hours(times_of(times, TASKS)) == expected


def test_numbers_in_python_have_one_unit():
    """Start, end and pause are compared as they are."""
    visits = times_of(np.array([[1.0, 2.5, 0.5], [3.0, 4.0, 0.0]]), TASKS)
    assert [(float(visit.start), float(visit.free)) for visit in visits] == [(1, 3), (3, 4)]


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ("8:00", "give a mapping"),
        (5, "give a mapping"),
        ([("8:00", "9:00")], "1 given for 2 tasks"),
        ({"wash": ("8:00", "9:00")}, "no times for task 'dress'"),
        ({"iron": ("8:00", "9:00")}, "there is no task 'iron'"),
        ({2: ("8:00", "9:00")}, "there is no task 2"),
        ({True: ("8:00", "9:00")}, "there is no task True"),
        ({0: ("8:00", "9:00"), "wash": ("8:00", "9:00")}, "given twice"),
        ([("8:00",), ("8:00", "9:00")], "has 1 values"),
        (["8:00", "9:00"], "expected (start, end)"),
        ([(1, 2), ("8:00", "9:00")], "give all times alike"),
        ([(1, float("inf")), (1, 2)], "must be finite"),
        ([(1, 2, -1), (1, 2)], "has the pause '-1'"),
        ([(True, 2), (1, 2)], "is not a time"),
        ([(1, 2, "0:15"), (1, 2)], "in the unit of the times"),
        (
            [(datetime.datetime(2026, 3, 2, 8, tzinfo=datetime.UTC),) * 2, ("8:00", "9:00")],
            "with a time zone",
        ),
    ],
)
def test_bad_times_in_python_are_named(times, said):
    """The message says which task and which value."""
    with pytest.raises(InputError) as caught:
        times_of(times, TASKS)
    assert said in str(caught.value)
