"""``evenhand solve rosters``: an office's tables become a roster in every format, and mistakes are told in one line."""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections import Counter

import pytest
from tests.applications.rosters.icalendar_parser import parse
from tests.applications.rosters.office_tables import ABSENCES, PEOPLE, SHIFTS, WISHES

from evenhand.applications.rosters import check_roster, read_roster_tables

TABLES = ("solve", "rosters", "shifts.csv", "people.csv")


@pytest.fixture
def office(tmp_path):
    """Write the tables of a small office."""
    for name, text in (("shifts", SHIFTS), ("people", PEOPLE), ("wishes", WISHES), ("absences", ABSENCES)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    # Ada may work all shifts here; Ben is in part-time.
    (tmp_path / "people.csv").write_text("name,contract hours,skills\nAda,38.5,care\nBen,30,care\n", encoding="utf-8")
    return tmp_path


def test_the_example_becomes_a_roster_in_every_format(evenhand, tmp_path) -> None:
    printed = evenhand("solve", "example", "rosters").out.strip()
    files = {
        "--json": "r.json",
        "--picture": "r.svg",
        "--report": "r.html",
        "--payroll": "pay.csv",
        "--calendars": "cal",
        "--zone": "Europe/Berlin",
    }
    words = shlex.split(printed)[1:]
    assert words[:2] == ["solve", "rosters"]
    words = words[: words.index("--share")]  # fair ones take longer: tests/docs/test_rosters_page.py
    ran = evenhand(*words, *(word for pair in files.items() for word in pair), "--time-limit", "6")
    assert ran.code == 0
    said = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    problem = read_roster_tables("shifts.csv", "people.csv", "wishes.csv", "absences.csv").problem
    checked = check_roster(problem, said["plan"])
    assert checked.violations == ()
    assert checked.cost == pytest.approx(said["cost"])
    worked = Counter(shift for row in said["plan"] for shift in row if shift)
    rows = list(csv.DictReader((tmp_path / "pay.csv").read_text(encoding="utf-8").splitlines()))
    assert Counter(row["shift"] for row in rows) == worked
    calendars = [parse(path.read_bytes()) for path in sorted((tmp_path / "cal").iterdir())]
    assert sum(len(calendar.all("VEVENT")) for calendar in calendars) == worked.total()
    assert (tmp_path / "r.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "Who works when" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert re.search(r"Wishes granted +\d+ of 48", ran.out)
    assert sum(wish["granted"] for wish in said["wishes"]) == sum(said["counts"]["granted"])


def test_changes_against_the_last_plan_are_listed_and_cost(evenhand, office) -> None:
    assert evenhand(*TABLES, "--json", "old.json", "--quiet").code == 0
    old = json.loads((office / "old.json").read_text(encoding="utf-8"))
    before = [list(row) for row in old["plan"]]
    # Wishes against all that was planned: without a cost of changes, the roster follows them.
    against = [
        f"{name},{['2026-03-02', '2026-03-03', '2026-03-04'][day]},{shift},no,1"
        for name, row in zip(old["people"], before, strict=True)
        for day, shift in enumerate(row)
        if shift
    ]
    assert against
    (office / "wishes.csv").write_text("name,date,kind,want,weight\n" + "\n".join(against) + "\n", encoding="utf-8")
    wishes = ("--wishes", "wishes.csv", "--last", "old.json")
    free = evenhand(*TABLES, *wishes, "--json", "free.json")
    kept = evenhand(*TABLES, *wishes, "--change-cost", "1000", "--json", "kept.json")
    changed = json.loads((office / "free.json").read_text(encoding="utf-8"))
    assert 0 < len(changed["changes"]) == int(re.search(r"Changes +(\d+) against old\.json", free.out)[1])
    assert changed["last"] == "old.json"
    assert json.loads((office / "kept.json").read_text(encoding="utf-8"))["changes"] == []
    assert re.search(r"Changes +0 against old\.json", kept.out)


def test_the_roster_before_goes_on(evenhand, office) -> None:
    assert evenhand(*TABLES, "--json", "old.json", "--quiet").code == 0
    night = json.loads((office / "old.json").read_text(encoding="utf-8"))
    night["plan"] = [["Night", "Night", "Night"], [None, None, None]]
    (office / "night.json").write_text(json.dumps(night), encoding="utf-8")
    # The next day has an early shift alone, which may not follow a night, and Ada prefers it.
    (office / "shifts.csv").write_text(
        "date,kind,start,end,needed,skill\n2026-03-05,Early,06:00,14:00,1,\n2026-03-06,Night,22:00,06:00,0,care\n",
        encoding="utf-8",
    )
    (office / "wishes.csv").write_text("name,date,kind\nAda,2026-03-05,Early\n", encoding="utf-8")
    plans = []
    for last in ([], ["--last", "night.json"]):
        assert evenhand(*TABLES, "--wishes", "wishes.csv", *last, "--json", "r.json", "--quiet").code == 0
        plans.append(json.loads((office / "r.json").read_text(encoding="utf-8"))["plan"])
    assert [plan[0][0] for plan in plans] == ["Early", None]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("solve", "rosters", "shifts.csv"), "Missing argument 'PEOPLE': shifts.csv is a table of shifts"),
        ((*TABLES, "--nights", "Night"), "--nights is for a FILE of the benchmark"),
        ((*TABLES, "--change-cost", "3"), "--change-cost needs the plan that changes: --last roster.json"),
        ((*TABLES, "--zone", "Europe/Berlin"), "--zone Europe/Berlin is for calendars: add --calendars FOLDER"),
        ((*TABLES, "--zone", "Mars", "--calendars", "cal"), "time zone 'Mars' is not known"),
        ((*TABLES, "--calendars", "people.csv"), "--calendars people.csv: is a file; give the name of a folder"),
        ((*TABLES, "--payroll", "people.csv"), "--payroll people.csv: would replace the people"),
        ((*TABLES, "--picture", "r.pdf"), "a picture's name ends in .png or .svg"),
        ((*TABLES, "--last", "people.csv"), "people.csv"),
        ((*TABLES, "--last", "no.json"), "no.json: there is no such file"),
        (("solve", "rosters", "ward.txt", "--wishes", "wishes.csv"), "--wishes belongs to tables: give PEOPLE"),
        ((*TABLES, "--wishes", "gone.csv"), "gone.csv: there is no such file"),
    ],
)
def test_a_mistake_is_one_line(evenhand, office, words, said) -> None:
    ran = evenhand(*words)
    assert ran.code == 2
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert not (office / "cal").exists()


def test_a_last_plan_of_strangers_is_refused(evenhand, office) -> None:
    strangers = {"plan": [["Early"]], "people": ["Eve"], "first_date": "2026-03-02"}
    (office / "old.json").write_text(json.dumps(strangers), encoding="utf-8")
    ran = evenhand(*TABLES, "--last", "old.json")
    assert (ran.code, "nobody of it is among the people" in ran.err) == (2, True)


def test_notes_on_the_tables_are_said_unless_quiet(evenhand, office) -> None:
    (office / "people.csv").write_text("name,skills,hair\nAda,care,red\nBen,care,\n", encoding="utf-8")
    assert "read: people.csv: column not used: hair" in evenhand(*TABLES).err
    quiet = evenhand(*TABLES, "--quiet")
    assert (quiet.out, quiet.err) == ("", "")


def test_no_roster_writes_no_picture_and_says_so(evenhand, office) -> None:
    # One night cannot be shared equally by two.
    (office / "shifts.csv").write_text(
        "date,kind,start,end,least,max\n2026-03-02,Night,22:00,06:00,1,1\n2026-03-03,Early,06:00,14:00,1,1\n",
        encoding="utf-8",
    )
    files = ("--picture", "r.svg", "--json", "r.json", "--payroll", "p.csv", "--calendars", "cal")
    ran = evenhand(*TABLES, "--share", "nights", "--cv", "0", *files)
    assert (ran.code, "infeasible" in ran.out) == (3, True)
    assert not any((office / name).exists() for name in ("r.svg", "p.csv", "cal"))
    assert json.loads((office / "r.json").read_text(encoding="utf-8"))["plan"] is None


def test_cover_that_nobody_can_give_is_named(evenhand, office) -> None:
    (office / "absences.csv").write_text("name,from,to\nAda,2026-03-01,2026-03-09\nBen,2026-03-01,2026-03-09\n")
    ran = evenhand(*TABLES, "--absences", "absences.csv")
    assert ran.code == 2
    assert "shifts.csv: 2026-03-02 (Mon), shift 'Early'" in ran.err


def test_an_impossible_roster_names_where_people_are_missing(evenhand, tmp_path) -> None:
    """Nobody may work at the weekend, which only the search finds; and two nights cannot be shared by three equally."""
    nights = [f"2026-03-0{day},Night,22:00,06:00,1" for day in (6, 7)]
    (tmp_path / "shifts.csv").write_text("\n".join(["date,kind,start,end,least", *nights]), encoding="utf-8")
    (tmp_path / "people.csv").write_text("name,weekends\nAda,0\nBen,0\nEve,0\n", encoding="utf-8")
    ran = evenhand(*TABLES, "--payroll", "pay.csv", "--picture", "r.svg")
    assert ran.code == 3
    assert "without a roster, r.svg, pay.csv are left as before" in ran.err
    assert "Nearest all other rules can be kept with people missing: 2026-03-07 (Sat) Night (1)" in " ".join(
        ran.out.split()
    )
    (tmp_path / "people.csv").write_text("name\nAda\nBen\nEve\n", encoding="utf-8")
    (tmp_path / "shifts.csv").write_text(
        "\n".join(["date,kind,start,end,least,most", *(f"{row},1" for row in nights)]), encoding="utf-8"
    )
    ran = evenhand(*TABLES, "--fair", "nights=cv:0")
    assert ran.code == 3
    assert "infeasible: no roster is as fair as asked" in ran.out
