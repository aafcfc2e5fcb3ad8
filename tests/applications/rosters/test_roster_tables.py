"""What an office's tables mean: each expected value is read off the table by hand."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import pytest
from tests.applications.rosters.office_tables import ABSENCES, PEOPLE, SHIFTS, WISHES, read_office

from evenhand.applications.rosters import Request, read_roster_tables
from evenhand.applications.rosters.shift_rows import kinds_of_hours, minutes_at_night


def test_shifts_have_hours_kinds_and_minutes_without_the_break(tmp_path: Path) -> None:
    problem = read_office(tmp_path).problem
    assert problem.days == 3
    assert problem.first_date == datetime.date(2026, 3, 2)
    assert {shift.name: (shift.start, shift.end, shift.minutes, set(shift.kinds)) for shift in problem.shifts} == {
        "Early": (360, 840, 450, set()),
        "Late": (810, 1290, 450, {"late"}),
        "Night": (1320, 1800, 480, {"night"}),
    }


def test_the_rest_between_shifts_says_what_may_not_follow(tmp_path: Path) -> None:
    shifts = {shift.name: set(shift.cannot_precede) for shift in read_office(tmp_path).problem.shifts}
    # Late ends at 21:30, 8.5 hours before Early; Night ends at 6:00, as Early starts and 7.5 hours before Late.
    assert shifts == {"Early": set(), "Late": {"Early"}, "Night": {"Early", "Late"}}


def test_a_shift_may_only_be_worked_on_the_days_that_list_it(tmp_path: Path) -> None:
    needs = {(need.day, need.shift): need for need in read_office(tmp_path).problem.cover}
    assert len(needs) == 9
    early = needs[0, "Early"]
    assert (early.least, early.preferred, early.most, early.under_cost, early.over_cost) == (1, 2, None, 50, 2)
    late = needs[2, "Late"]
    assert (late.least, late.preferred, late.under_cost, late.over_cost) == (0, 1, 100, 1)
    assert all(needs[1, shift].most == 0 for shift in ("Early", "Late", "Night"))


def test_people_have_what_their_row_says_and_documented_defaults(tmp_path: Path) -> None:
    ada, ben = read_office(tmp_path).problem.people
    assert (ada.least_minutes, ada.most_minutes, ada.contract) == (480, 1800, 38.5 * 60)
    assert (ada.longest_run, ada.shortest_run, ada.shortest_rest, ada.most_weekends) == (3, 2, 2, 1)
    assert dict(ada.carried) == {"nights": 2}
    assert set(ada.most_shifts) == {"Early", "Late", "Night"}
    # Three sevenths of a week of 19.25 hours, and a tenth more.
    assert ben.most_minutes == pytest.approx(19.25 * 60 * 3 / 7 * 1.1)
    assert (ben.longest_run, ben.shortest_run, ben.shortest_rest, ben.most_weekends) == (6, 1, 1, 1000)
    assert set(ben.most_shifts) == {"Early", "Late"}


def test_wishes_become_requests(tmp_path: Path) -> None:
    assert read_office(tmp_path, wishes=WISHES).problem.requests == (
        Request("Ada", 0, "Night", False, 3.0),
        Request("Ben", 1, None, False, 1.0),
        Request("Ben", 2, "Late", True, math.inf),
    )


def test_wishes_that_cannot_be_granted_are_noted(tmp_path: Path) -> None:
    hopeless = "name,date,kind,want\nAda,2026-03-03,Early,yes\nBen,2026-03-02,Night,yes\nBen,2026-03-02,Night,no\n"
    read = read_office(tmp_path, wishes=hopeless + "Ada,2026-03-02,Night,yes\n")
    assert [note for note in read.notes if "wishes.csv, lines 2, 3: cannot be granted" in note]
    assert len(read.problem.requests) == 4


def test_absences_are_cut_to_the_roster(tmp_path: Path) -> None:
    ada, ben = read_office(tmp_path, absences=ABSENCES).problem.people
    assert (ada.days_off, ben.days_off) == ({0}, {2})


def test_an_absence_outside_the_roster_is_noted(tmp_path: Path) -> None:
    read = read_office(tmp_path, absences="name,date\nAda,2026-04-01\nBen,2026-03-03\n")
    assert read.problem.people[1].days_off == {1}
    assert [note.endswith("1 row is outside the roster's dates, left out") for note in read.notes] == [True]


def test_a_german_table_with_semicolons_says_the_same(tmp_path: Path) -> None:
    german = read_office(
        tmp_path,
        shifts="Datum;Schicht;Beginn;Ende;Pause;Fähigkeit;Mindestens;Bedarf;Kosten Unterdeckung;Kosten Überdeckung\n"
        "02.03.2026;Early;6 Uhr;14 Uhr;30;;1;2;50,0;2,0\n"
        "02.03.2026;Night;22:00;6:00;0;care;1;1;90,0;3,0\n"
        "04.03.2026;Late;13:30;21:30;30;;0;1;;\n",
        people="Name;Wochenstunden;Fähigkeiten;Mindeststunden;Höchststunden;Max. Tage am Stück;Min. Tage am Stück;"
        "Ruhezeit;Ruhetage;Wochenenden;Übertrag Nächte\n"
        "Ada;38,5;care, first aid;8;30;3;2;11;2;1;2\nBen;19,25;;0;;;;;;;\n",
        wishes="Mitarbeiter;Datum;Dienst;Wunsch;Gewicht\nAda;02.03.2026;Night;nein;3\nBen;03.03.2026;frei;ja;\n"
        "Ben;04.03.2026;Late;ja;muss\n",
        absences="Mitarbeiterin;von;bis\nAda;20.02.2026;02.03.2026\nBen;04.03.2026;04.03.2026\n",
    ).problem
    english = read_office(tmp_path, wishes=WISHES, absences=ABSENCES).problem
    assert german.shifts == english.shifts
    assert german.cover == english.cover
    assert german.requests == english.requests
    for one, other in zip(german.people, english.people, strict=True):
        assert all(getattr(one, name) == getattr(other, name) for name in type(one).__slots__)


def test_a_french_table_is_read(tmp_path: Path) -> None:
    problem = read_office(
        tmp_path,
        shifts="Date;Poste;Début;Fin;Besoin\n2026-03-02;Matin;6h00;14h00;1\n",
        people="Nom;Heures contrat;Compétences;Jours de repos;Week-ends\nZoé;35;;2;1\n",
        wishes="Nom;Date;Poste;Souhait;Poids\nZoé;2026-03-02;Matin;oui;2\n",
    ).problem
    assert [shift.name for shift in problem.shifts] == ["Matin"]
    assert (problem.people[0].contract, problem.people[0].shortest_rest, problem.people[0].most_weekends) == (
        2100,
        2,
        1,
    )
    assert problem.requests == (Request("Zoé", 0, "Matin", True, 2.0),)


def test_a_workbook_is_read(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["date", "kind", "start", "end", "needed"])
    book.active.append([datetime.date(2026, 3, 2), "Early", datetime.time(6), datetime.time(14, 30), 2])
    book.save(tmp_path / "shifts.xlsx")
    (tmp_path / "people.csv").write_text("name\nAda\nBen\n", encoding="utf-8")
    problem = read_roster_tables(tmp_path / "shifts.xlsx", tmp_path / "people.csv").problem
    assert (problem.shifts[0].start, problem.shifts[0].minutes, problem.cover[0].preferred) == (360, 510, 2)
    assert [person.entitlement for person in problem.people] == [1440, 1440]


def test_rows_without_numbers_are_places_that_add_up(tmp_path: Path) -> None:
    problem = read_office(
        tmp_path, shifts="date,start,end\n2026-03-02,06:00,14:00\n2026-03-02,06:00,14:00\n2026-03-02,08:00,16:00\n"
    ).problem
    assert {need.shift: need.preferred for need in problem.cover} == {"06:00–14:00": 2, "08:00–16:00": 1}


def test_a_kind_with_several_hours_or_skills_becomes_several_shifts(tmp_path: Path) -> None:
    problem = read_office(
        tmp_path,
        shifts="date,kind,start,end,skill,needed\n2026-03-02,Day,06:00,14:00,,2\n2026-03-02,Day,06:00,14:00,care,1\n"
        "2026-03-03,Day,08:00,16:00,,1\n",
    ).problem
    assert {shift.name for shift in problem.shifts} == {
        "Day 06:00–14:00",
        "Day 06:00–14:00 (care)",
        "Day 08:00–16:00",
    }


def test_dates_may_stand_before_the_times(tmp_path: Path) -> None:
    problem = read_office(tmp_path, shifts="kind,start,end,needed\nNight,2026-03-02 22:00,2026-03-03 06:00,1\n").problem
    assert (problem.first_date, problem.shifts[0].end) == (datetime.date(2026, 3, 2), 1800)


def test_unknown_columns_and_unlike_rests_are_noted(tmp_path: Path) -> None:
    read = read_office(
        tmp_path,
        shifts="date,start,end,ward\n2026-03-02,06:00,14:00,B\n2026-03-03,00:00,08:00,B\n",
        people="name,rest\nAda,8\nBen,12\n",
    )
    assert any(note.endswith("column not used: ward") for note in read.notes)
    assert any("between 8 and 12 hours; the longest is kept" in note for note in read.notes)
    names = {shift.start: shift for shift in read.problem.shifts}
    # 06:00-14:00 ends ten hours before midnight.
    assert names[360].cannot_precede == {"00:00–08:00"}


@pytest.mark.parametrize(
    ("start", "end", "night", "kinds"),
    [
        (22, 30, 420, ["night"]),
        (0, 8, 360, ["night"]),
        (20, 25, 120, ["late"]),
        (4, 12, 120, []),
        (3.5, 12, 150, ["night"]),
        (12, 20, 0, []),
        (12, 20.25, 0, ["late"]),
        (8, 32, 420, ["night"]),
    ],
)
def test_nights_have_more_than_two_hours_between_23_and_6(
    start: float, end: float, night: int, kinds: list[str]
) -> None:
    assert minutes_at_night(60 * start, 60 * end) == night
    assert kinds_of_hours(60 * start, 60 * end) == kinds


def test_the_tables_of_the_tests_are_what_they_seem() -> None:
    assert [len(text.splitlines()) for text in (SHIFTS, PEOPLE, WISHES, ABSENCES)] == [4, 3, 4, 3]


HOURS = "Datum;Dienst;{time};Bedarf\nMo 02.03.2026;Früh;{day};2\nMo 02.03.2026;Nacht;{night};1\n"


@pytest.mark.parametrize(
    ("time", "day", "night"),
    [
        ("Zeit", "7-15", "22:00-06:00"),
        ("Uhrzeit", "07:00 bis 15:00", "22 – 6 Uhr"),
        ("Zeitraum", "7:00-15", "22-6"),
        ("von;bis", "7;15", "22;6"),
    ],
)
def test_times_stand_in_one_column_or_two_and_may_be_whole_hours(tmp_path: Path, time, day, night) -> None:
    text = HOURS.format(time=time, day=day, night=night)
    shifts = read_office(tmp_path, shifts=text, people="Name\nAda\nBen\n").problem.shifts
    assert [(shift.name, shift.start, shift.end) for shift in shifts] == [("Früh", 420, 900), ("Nacht", 1320, 1800)]


@pytest.mark.parametrize(
    "text",
    [
        "Name;Zeitraum\nAda;02.03.2026-03.03.2026\nBen;04.03.2026\n",
        "Name;Datum\nAda;02.03. - 03.03.2026\nBen;4.3.2026\n",
        "name,dates\nAda,2.-3.3.2026\nBen,2026-03-04\n",
        "name,from,to\nAda,2026-03-02,2026-03-03\nBen,2026-03-04,2026-12-24\n",
    ],
)
def test_absences_are_ranges_in_one_column_or_two(tmp_path: Path, text) -> None:
    people = read_office(tmp_path, people="Name\nAda\nBen\n", shifts=OPEN, absences=text).problem.people
    assert [person.days_off for person in people] == [{0, 1}, {2}]


OPEN = SHIFTS.replace(",care,", ",,")


@pytest.mark.parametrize(
    "text",
    [
        "Name;Datum;Wunsch\nAda;02.03.2026;Urlaub\nAda;03.03.2026;frei\nBen;04.03.2026;kein Late\n",
        "name,from,to,kind\nAda,2026-03-02,2026-03-03,off\nBen,2026-03-04,2026-03-04,not late\n",
        "name,date,kind,want\nAda,2026-03-02 to 2026-03-03,any,no\nBen,2026-03-04,Late,no\n",
    ],
)
def test_wishes_are_words_and_ranges(tmp_path: Path, text) -> None:
    requests = read_office(tmp_path, people="Name\nAda\nBen\n", shifts=OPEN, wishes=text).problem.requests
    said = [(one.person, one.day, one.shift, one.wanted) for one in requests]
    assert said == [("Ada", 0, None, False), ("Ada", 1, None, False), ("Ben", 2, "Late", False)]


@pytest.mark.parametrize("people", ["Name;Vertrag\nAda;100 %\nBen;50%\n", "Name;Stellenanteil\nAda;1,0\nBen;0,5\n"])
def test_shares_are_compared_and_limit_no_hours(tmp_path: Path, people) -> None:
    tables = read_office(tmp_path, people=people, shifts=OPEN)
    ada, ben = tables.problem.people
    assert ada.entitlement == 2 * ben.entitlement
    assert ada.most_minutes == ben.most_minutes == 3 * 1440
    assert any("contracts are shares" in note for note in tables.notes)
