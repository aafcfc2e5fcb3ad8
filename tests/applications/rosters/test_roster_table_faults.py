"""Every fault in an office's tables is one line that names file, row and column, and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.applications.rosters.office_tables import ABSENCES, PEOPLE, SHIFTS, WISHES, read_office

from evenhand.errors import InputError

FAULTS = [
    (
        "wishes",
        "Ada,2026-03-02",
        "Adda,2026-03-02",
        ["wishes.csv, line 2, column 'name': 'Adda'", "did you mean 'Ada'?"],
    ),
    ("wishes", "2026-03-03", "2026-04-03", ["line 3, column 'date'", "outside the roster, 2026-03-02 to 2026-03-04"]),
    ("wishes", "2026-03-03", "03/04/2026", ["line 3, column 'date'", "day or month may come first"]),
    ("wishes", "Night,no", "Nigth,no", ["line 2, column 'kind'", "did you mean 'Night'?"]),
    ("wishes", "Night,no", "Night,perhaps", ["line 2, column 'want': 'perhaps' is neither yes nor no"]),
    ("wishes", "no,3", "no,three", ["line 2, column 'weight': 'three' is not a number"]),
    ("wishes", "no,3", "no,1.234", ["line 2, column 'weight': '1.234' could be", "write it without the mark"]),
    ("wishes", "no,3", "no,-3", ["line 2, column 'weight': '-3' must be a number of at least 0"]),
    ("wishes", "Ben,2026-03-03,off,yes,", "Ada,2026-03-02,Night,no,1", ["line 3", "has this wish already, line 2"]),
    ("absences", "Ada,2026-02-20", "Eve,2026-02-20", ["absences.csv, line 2", "'Eve' is not in the people's table"]),
    ("absences", "2026-02-20,2026-03-02", "2026-03-02,2026-02-20", ["column 'to'", "before the first day, 2026-03-02"]),
    ("absences", "name,from,to", "who,wann,weil", ["absences.csv, line 1", "no header"]),
    ("people", "Ben,19.25", "Ada,19.25", ["people.csv, line 3, column 'name': 'Ada' has a row already, line 2"]),
    ("people", "Ben,19.25", "Ben,", ["line 3, column 'contract hours': the cell is empty", "38.5"]),
    ("people", "Ben,19.25", "Ben,0", ["line 3, column 'contract hours': '0' must be above 0"]),
    ("people", "8,30,3", "40,30,3", ["line 2, column 'most hours': '30' is below the least hours, 40"]),
    ("people", "8,30,3,2", "8,30,3,4", ["column 'shortest run': '4' is above the longest run, 3"]),
    ("people", "8,30,3,2", "8,30,3.5,2", ["column 'longest run': '3.5' must be a whole number of at least 1"]),
    ("people", "care; first aid", "cares; first aid", ["'Night' needs the skill 'care'", "did you mean 'cares'?"]),
    ("people", ",11,2,1", ",47,2,1", ["people.csv: a rest of 47 hours is longer than the 40 hours from 'Early'"]),
    (
        "shifts",
        "06:00,14:00,30",
        "6.00,14:00,30",
        ["shifts.csv, line 2, column 'start'", "could be 6:00 or 6.00 hours"],
    ),
    ("shifts", "06:00,14:00,30", ",14:00,30", ["line 2, column 'start': the cell is empty", "06:00"]),
    ("shifts", "06:00,14:00,30", "06:00,25:61,30", ["line 2, column 'end': '25:61' is not a time"]),
    ("shifts", "06:00,14:00,30", "06:00,38:00,30", ["line 2, column 'end'", "32 hours long", "at most 24"]),
    ("shifts", "06:00,14:00,30", "06:00,14:00,480", ["column 'break': '480' is as long as the shift, 8 hours"]),
    ("shifts", ",1,2,50,2", ",3,2,50,2", ["column 'preferred': '2' people are fewer than the least, 3"]),
    ("shifts", ",1,2,50,2", ",,,50,2", ["line 2: neither the least nor the preferred number of people; give one"]),
    ("shifts", ",1,2,50,2", ",1,2,50,x", ["column 'cost of too many': 'x' is not a number"]),
    ("shifts", "2026-03-04,Late", "2028-03-04,Late", ["line 4, column 'date'", "at most 366 days"]),
    ("shifts", "2026-03-04,Late", "2026-02-30,Late", ["line 4, column 'date': '2026-02-30' is no date"]),
    (
        "shifts",
        "2026-03-04,Late,13:30,21:30",
        "2026-03-02,Early,06:00,14:00",
        ["line 4: 'Early' on 2026-03-02 has a row already, line 2"],
    ),
    ("wishes", "Ben,2026-03-03,off,yes,", "Ben,2026-03-03,,,", ["line 3: neither a kind nor yes or no", "off"]),
    ("wishes", "Ben,2026-03-03,off", "Ben,2026-03-03,not Late", ["column 'kind': 'not Late' and 'yes'", "two ways"]),
    ("wishes", "name,date,kind", "name,from,kind", ["wishes.csv, line 2: no last day; write 2026-03-02"]),
    ("absences", "2026-03-04,2026-03-04", "2026-03-04,", ["line 3, column 'to': no last day; write 2026-03-04"]),
    ("absences", "2026-02-20,2026-03-02", ",2026-03-02", ["line 2, column 'from': the cell is empty"]),
    ("absences", "name,from,to", "name,date,want", ["absences.csv: a column says what is wanted", "as the wishes"]),
    ("people", "name,contract hours", "name,horas", ["people.csv: no column is understood as the contract", "'horas'"]),
    ("people", "Ada,38.5", "Ada,100%", ["'19.25' has another unit than '100%'"]),
    ("people", "Ben,19.25", "Ben,1155", ["line 3, column 'contract hours': '1155' is more hours than a week has"]),
    ("people", "8,30,3", "8,30,3 h", ["column 'longest run': '3 h' is a duration; write a plain number"]),
    ("people", ",1,2\nBen", ",1,200 %\nBen", ["column 'nights carried': '200 %' is per cent; write a plain number"]),
    ("shifts", ",1,2,50,2", ",1,200%,50,2", ["column 'preferred': '200%' is per cent; write a plain number"]),
    ("shifts", "06:00,14:00,30", "06:00,14:00,0.5", ["column 'break': '0.5' is less than a minute", "0:30"]),
    ("shifts", "2026-03-02,Night", "2026-03-02,Frei", ["column 'kind': 'Frei' means a day off in wishes"]),
    (
        "shifts",
        "least,preferred,",
        "x,personnes,",
        ["no column is understood as the number of people", "'x' holds numbers"],
    ),
    ("people", ",1,2\nBen", ",1,2,care\nBen", ["people.csv, line 2: 12 cells, but the header has 11", "double quotes"]),
    ("shifts", "date,kind,start,end", "kind,group,start,end", ["line 2, column 'start'", "has no date"]),
    ("shifts", "date,kind,start,end", "date,kind,start,limit", ["no column is understood as the end"]),
]


@pytest.mark.parametrize(("table", "right", "wrong", "said"), FAULTS, ids=lambda value: str(value)[:24])
def test_a_fault_names_its_place_and_its_remedy(
    tmp_path: Path, table: str, right: str, wrong: str, said: list[str]
) -> None:
    texts = {"shifts": SHIFTS, "people": PEOPLE, "wishes": WISHES, "absences": ABSENCES}
    assert right in texts[table]
    texts[table] = texts[table].replace(right, wrong, 1)
    with pytest.raises(InputError) as caught:
        read_office(tmp_path, **texts)
    message = str(caught.value)
    assert "\n" not in message
    assert str(tmp_path) in message
    for part in said:
        assert part in message


def test_a_skill_without_a_column_of_skills_asks_for_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"needs the skill 'care', which nobody in .* has; add a column with skills"):
        read_office(tmp_path, people="name\nAda\nBen\n")


def test_a_wish_for_a_kind_of_several_shifts_names_them(tmp_path: Path) -> None:
    shifts = "date,kind,start,end,needed\n2026-03-02,Day,06:00,14:00,1\n2026-03-02,Day,08:00,16:00,1\n"
    with pytest.raises(InputError, match="could be 'Day 06:00–14:00' or 'Day 08:00–16:00'; name one of them"):
        read_office(tmp_path, shifts=shifts, wishes="name,date,kind\nAda,2026-03-02,Day\n")


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"shifts\.csv: the file is empty; it needs a header and the shifts"):
        read_office(tmp_path, shifts=text)
