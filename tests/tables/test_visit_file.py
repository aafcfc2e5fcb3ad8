"""Files of times from offices of several countries are read as they were meant; what can be misread is refused."""

import datetime

import pytest

from evenhand.errors import InputError
from evenhand.tables.visit_file import read_times

TASKS = ("wash", "dress")
MONDAY = datetime.date(2026, 3, 2).toordinal() * 24.0


def read(path, text, encoding="utf-8"):
    """Return start and moment of freedom of each visit, in hours, and the notes, of a file with this text."""
    path = path / "visits.csv"
    path.write_bytes(text.encode(encoding))
    visits, notes = read_times(path, TASKS)
    return [visit and (float(visit.start) / 3600, float(visit.free) / 3600) for visit in visits], notes


def refusal(path, text):
    """Return the message with which a file is refused."""
    with pytest.raises(InputError) as caught:
        read(path, text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Einsatz;Von;Bis;Fahrzeit (h)\nwash;8:30;9:00;0,25\ndress;10:15;11:00;1,5\n", [(8.5, 9.25), (10.25, 12.5)]),
        ("Einsatz;Beginn;Ende;Anfahrt\nwash;8:30;9:00;7,5\ndress;10:15;11:00;\n", [(8.5, 9.125), (10.25, 11)]),
        ("visit,from,to,drive time\nwash,8:30,9:00,15\ndress,10:15,11:00,0:30\n", [(8.5, 9.25), (10.25, 11.5)]),
        ("Name;Uhrzeit;Dauer (min)\nwash;8:30;30\ndress;10:15;90\n", [(8.5, 9), (10.25, 11.75)]),
        ("visit,start,minutes\nwash,8:30,30\ndress,23:30,90\n", [(8.5, 9), (23.5, 25)]),
        ("visit,start,duration\nwash,8:30,0:30\ndress,10:15,1 h 30\n", [(8.5, 9), (10.25, 11.75)]),
        ("visit,start,duration\nwash,8:30,20\ndress,10:15,45\n", [(8.5, 8.5 + 1 / 3), (10.25, 11)]),
        ("visit,start,end,duration\nwash,8:30,9:00,30\ndress,10:15,11:00,45\n", [(8.5, 9), (10.25, 11)]),
        ("visita,hora inicio,hora fin\nwash,8h30,9h\ndress,10:15,11:00\n", [(8.5, 9), (10.25, 11)]),
        ("visite\tdébut\tfin\nwash\t8 h 30\t9 h\ndress\t10 h 15\t11 h\n", [(8.5, 9), (10.25, 11)]),
        ("task,start,end\nwash,0830,0900\ndress,1015,2400\n", [(8.5, 9), (10.25, 24)]),
        ("task,start,end\nwash,8:30 AM,9:00 AM\ndress,10:15 PM,25:30\n", [(8.5, 9), (22.25, 25.5)]),
        ("visit,start,end\nwash,8:30,9:00\ndress,,\n", [(8.5, 9), None]),
        ("Einsatz;von-bis;Region\nwash;8:30-9:00;N\ndress;10:15 bis 11:00;S\n", [(8.5, 9), (10.25, 11)]),
        ("visit,time,date\nwash,8:30 am – 9 am,\ndress,0830-0945,\n", [(8.5, 9), (8.5, 9.75)]),
        ("time,visit\n,wash\n8:30 - 24:00,dress\n", [None, (8.5, 24)]),
        ("visit,name,start,end\nX1,wash,8:30,9:00\nX2,dress,9:00,9:30\n", [(8.5, 9), (9, 9.5)]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_headers_in_several_languages(tmp_path, text, expected, encoding):
    """Expected values are hours after midnight, worked out by hand."""
    assert read(tmp_path, text, encoding)[0] == [one if one is None else pytest.approx(one) for one in expected]


@pytest.mark.parametrize(
    ("header", "row", "other", "expected"),
    [
        ("visit,date,start,end", "2026-03-02,22:00,30:00", "2026-03-03,5:00,6:30", [(22, 30), (29, 30.5)]),
        ("visit,date,start,end", "2.3.2026,8:00,9:00", "3.3.2026,8:00,24:00", [(8, 9), (32, 48)]),
        ("visit,date,start,end", "02/03/2026,8:00,9:00", "13/03/2026,8:00,9:00", [(8, 9), (272, 273)]),
        ("visit,day,start,minutes", "2026-03-02 00:00:00,8:00,30", "2026-03-03,8:00,45", [(8, 8.5), (32, 32.75)]),
        (
            "visit,start date,start time,end date,end time",
            "2026-03-02,22:00,2026-03-03,6:00",
            "2026-03-02,8:00,2026-03-02,9:00",
            [(22, 30), (8, 9)],
        ),
        ("visit,date,start,end", "2026-03-02,2026-03-02 8:00,9:00", "2026-03-02,9:00,10:00", [(8, 9), (9, 10)]),
    ],
)
def test_a_column_of_dates_is_joined_with_the_clock(tmp_path, header, row, other, expected):
    """Expected values are hours after Monday 2 March 2026, midnight."""
    found, notes = read(tmp_path, f"{header}\nwash,{row}\ndress,{other}\n")
    assert found == [tuple(pytest.approx(MONDAY + hour) for hour in pair) for pair in expected]
    assert not [note for note in notes if "not used" in note]


@pytest.mark.parametrize(
    ("header", "days", "expected"),
    [
        ("weekday", ("Tue", "Mon"), [(32, 33), (8, 9)]),
        ("Wochentag", ("Di", "Mittwoch"), [(32, 33), (56, 57)]),
        ("day", ("1", "2"), [(32, 33), (56, 57)]),
    ],
)
def test_weekdays_and_numbered_days(tmp_path, header, days, expected):
    """Visits at one time of different days do not overlap."""
    text = f"visit,{header},start,end\nwash,{days[0]},8:00,9:00\ndress,{days[1]},8:00,9:00\n"
    found, notes = read(tmp_path, text)
    assert found == expected
    assert notes == (() if days[0].isdecimal() else ("weekdays are days of one week, from Monday on",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Foo,Bar,Baz\nwash,8:00,9:00\ndress,8:00,9:00\n", "line 1: no column is understood as the task, and the st"),
        ("visit,arrive,leave\nwash,8:00,9:00\n", "the headers are 'visit', 'arrive', 'leave'; rename one (start: st"),
        ("visit,time\nwash,8-9\ndress,10:00-11:00\n", "as the end or duration; the headers are 'visit', 'time'"),
        ("visit,time window,duration\nwash,8:00-9:00,0:30\n", "as the start; the headers are"),
        ("visit,time,duration\nwash,8:00-9:00,0:30\ndress,,\n", "from '8:00' to '9:00', which is not its duration"),
        ("visit,start,region\nwash,8:00,N\n", "as the end or duration; the headers are 'visit', 'start', 'region'"),
        ("visit,start,end,pause (weeks)\nwash,8:00,9:00,1\n", "'pause (weeks)' may be the pause"),
        ("visit,start,end,drive (km)\nwash,8:00,9:00,1\n", "the unit of 'drive (km)' must be min or h"),
        ("visit,start,end,date of birth\nwash,8:00,9:00,x\n", "'date of birth' may be the date"),
        ("visit,start,duration\nwash,8:00,1\ndress,8:00,2\n", "'duration' may be in minutes or in hours; write its"),
        ("visit,start,end,drive\nwash,8:00,9:00,0.25\ndress,,,\n", "the pause '0.25', less than a minute; if it is in"),
        ("visit,start,end,drive (min)\nwash,8:00,9:00,10:00\ndress,,,\n", "hours and minutes, or minutes and seconds"),
        (
            "visit,start,end,drive (min)\nwash,8:00,9:00,0:10:00\ndress,8:00,9:00,x\n",
            "the pause 'x', which is not a dur",
        ),
        ("visit,start,end,drive\nwash,8:00,9:00,1.500\ndress,,,\n", "could be decimals or thousands"),
        ("visit,start,end,duration\nwash,8:00,9:00,30\ndress,,,\n", "from '8:00' to '9:00', which is not its duration"),
        ("visit,date,start,end\nwash,02/03/2026,8:00,9:00\ndress,,,\n", "write 2026-03-02 or 2026-02-03"),
        ("visit,date,start,end\nwash,25/03/2026,8:00,9:00\ndress,03/25/2026,8:00,9:00\n", "has the day first in '25/"),
        ("visit,date,start,end\nwash,2026-03-02,8:00,9:00\ndress,,8:00,9:00\n", "has a time, but no date"),
        ("visit,date,start,end\nwash,2026-03-02,2026-03-03 8:00,9:00\ndress,,,\n", "but a time on 2026-03-03"),
        (
            "visit,date,start,end\nwash,2026-03-02,22:00,6:00\ndress,,,\n",
            "starts at '22:00'; if it goes over midnight, write hours above 24",
        ),
        ("visit,date,start,end\nwash,soon,8:00,9:00\ndress,,,\n", "has the date 'soon', which is not a date"),
        (
            "visit,day,start,end\nwash,Di,8:00,9:00\ndress,,,\n",
            "the column of dates has 'di', which is a different day in German and in French",
        ),
        ("visit,day,start,end\nwash,Mon,8:00,9:00\ndress,5.,8:00,9:00\n", "has '5', which is not a weekday"),
        ("visit,day,start,end\nwash,30,8:00,9:00\ndress,1,8:00,9:00\n", "which do not count from 1 on"),
        ("visit,start,end,end date\nwash,8:00,9:00,2026-03-02\ndress,,,\n", "give all times alike"),
        ("visit,start,duration,end date\nwash,8:00,30,2026-03-02\n", "needs a column of times of the end"),
        ("visit,start,duration (min)\nwash,8:00,0\ndress,,\n", "must be longer than 0"),
        ("visit,start,duration\nwash,2026-03-02,45\ndress,,\n", "a date without a time"),
    ],
)
def test_what_can_be_misread_is_refused(tmp_path, text, said):
    """Unknown headers are never read by position, and no column that matters is ignored."""
    message = refusal(tmp_path, text)
    assert said in message
    assert "visits.csv" in message


def test_notes_say_what_is_not_used_and_which_units_were_assumed(tmp_path):
    """A column without a role is not passed over in silence."""
    text = "Week 10\nvisit,start,end,drive,region,nurse notes\nwash,8:30,9:00,15,N,\ndress,10:15,11:00,,S,x\n"
    assert read(tmp_path, text)[1] == (
        "line 1 ('Week 10') is skipped as a title",
        "columns not used: region, nurse notes",
        "plain numbers in 'drive' are minutes",
    )
    assert read(tmp_path, "wash,8:30,9:00,15\ndress,10:15,11:00,\n")[1] == ("plain numbers of the pause are minutes",)
    assert read(tmp_path, "wash,8:30,9:00,15 min\ndress,10:15,11:00,\n")[1] == ()


def test_a_task_may_be_called_like_a_header(tmp_path):
    """A first row of known words is the header, even if a task has such a name."""
    path = tmp_path / "visits.csv"
    path.write_text("visit,start,end\nvisit,8:30,9:00\n")
    visits, _ = read_times(path, ("visit",))
    assert float(visits[0].start) == 8.5 * 3600


def test_workbooks_of_offices(tmp_path):
    """Dates, times, durations of 24 h and more, and pauses that are shown with a unit."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    page = book.active
    page.append(["Einsatz", "Datum", "Beginn", "Ende", "Fahrzeit", "Region"])
    page.append(["wash", datetime.date(2026, 3, 2), datetime.time(8, 30), datetime.time(9), 0.25, "N"])
    page.append(["dress", datetime.date(2026, 3, 2), datetime.time(22), datetime.timedelta(hours=30), 0.5, "S"])
    for row in (2, 3):
        page.cell(row, 5).number_format = '0.00 "h"'
    book.save(tmp_path / "visits.xlsx")
    visits, notes = read_times(tmp_path / "visits.xlsx", TASKS)
    hours = [(float(visit.start) / 3600 - MONDAY, float(visit.free) / 3600 - MONDAY) for visit in visits]
    assert hours == [(8.5, 9.25), (22, 30.5)]
    assert notes == ("column not used: Region",)


def test_hours_above_24_in_a_format_of_the_day_are_read(tmp_path):
    """A spreadsheet stores 25:30 as half past one of 1 January 1900 if the cell's format shows no days."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["visit", "start", "end"])
    book.active.append(["wash", datetime.time(22), 25.5 / 24])
    book.active.append(["dress", datetime.time(22), 1.0])
    for row in (2, 3):
        book.active.cell(row, 3).number_format = "h:mm"
    book.save(tmp_path / "visits.xlsx")
    visits, _ = read_times(tmp_path / "visits.xlsx", TASKS)
    assert [float(visit.free) / 3600 for visit in visits] == [25.5, 24]
