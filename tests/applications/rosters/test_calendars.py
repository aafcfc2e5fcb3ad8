"""Calendars are read back by a parser that was written from the standard alone."""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import replace
from pathlib import Path

import pytest
from tests.applications.rosters.icalendar_parser import instant, parse, text
from tests.applications.rosters.small_answers import SHIFTS, small_answer

from evenhand.applications.rosters import Shift
from evenhand.applications.rosters.calendars import write_calendars
from evenhand.applications.rosters.file_names import file_names
from evenhand.applications.rosters.last_plan import LastPlan
from evenhand.errors import InputError

STAMP = datetime.datetime(2026, 3, 1, 12, 30, tzinfo=datetime.UTC)


def test_each_person_has_a_file_with_their_shifts(tmp_path: Path) -> None:
    paths = write_calendars(tmp_path, small_answer(), stamp=STAMP)
    assert [path.name for path in paths] == ["Zoe.ics", "Ben.ics"]
    calendar = parse(paths[1].read_bytes())
    events = calendar.all("VEVENT")
    assert [text(event.value("SUMMARY")) for event in events] == ["Early; A, B", "Early; A, B"]
    assert [event.value("DTSTART") for event in events] == ["20260327T060000", "20260329T060000"]
    assert [event.value("DTEND") for event in events] == ["20260327T140000", "20260329T140000"]
    assert {event.value("DTSTAMP") for event in events} == {"20260301T123000Z"}
    assert text(events[0].value("DESCRIPTION")) == "7.5 hours, break 30 min"


def test_a_night_ends_on_the_next_day(tmp_path: Path) -> None:
    calendar = parse(write_calendars(tmp_path, small_answer(), stamp=STAMP)[0].read_bytes())
    [first, _] = calendar.all("VEVENT")
    assert instant(calendar, first, "DTEND") == datetime.datetime(2026, 3, 28, 6)
    assert first.value("CATEGORIES") == "night"


def test_a_night_over_the_change_of_the_clock_is_an_hour_shorter(tmp_path: Path) -> None:
    calendar = parse(write_calendars(tmp_path, small_answer(), "Europe/Berlin", STAMP)[0].read_bytes())
    lengths = [
        instant(calendar, event, "DTEND") - instant(calendar, event, "DTSTART") for event in calendar.all("VEVENT")
    ]
    assert lengths == [datetime.timedelta(hours=8), datetime.timedelta(hours=7)]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])
@pytest.mark.parametrize("first", [datetime.date(2026, 3, 27), datetime.date(2026, 10, 24), datetime.date(2026, 7, 1)])
def test_the_zone_in_the_file_says_what_the_machines_zone_says(tmp_path: Path, zone: str, first: datetime.date) -> None:
    roster = small_answer(first)
    calendar = parse(write_calendars(tmp_path, roster, zone, STAMP)[1].read_bytes())
    events = calendar.all("VEVENT")
    assert len(events) == 2
    for event, day in zip(events, (0, 2), strict=True):
        local = datetime.datetime.combine(first + datetime.timedelta(days=day), datetime.time(6))
        assert instant(calendar, event, "DTSTART") == local.replace(tzinfo=zoneinfo.ZoneInfo(zone))


def test_a_new_version_replaces_events_and_cancels_days_that_are_free_now(tmp_path: Path) -> None:
    old = small_answer()
    new = small_answer(plan=((None, "Early; A, B", None), ("Early; A, B", None, None)))
    last = LastPlan("r.json", old.problem.first_date, dict(zip(("Zoë", "Ben"), old.plan or (), strict=True)))
    later = STAMP + datetime.timedelta(hours=1)
    before = parse(write_calendars(tmp_path, old, stamp=STAMP)[0].read_bytes()).all("VEVENT")
    after = parse(write_calendars(tmp_path, new, stamp=later, last=last)[0].read_bytes()).all("VEVENT")
    assert {event.value("UID") for event in before} == {event.value("UID") for event in after}
    status = {event.value("DTSTART")[:8]: event.value("STATUS") for event in after}
    assert status == {"20260327": "CANCELLED", "20260328": "CONFIRMED"}
    assert min(int(event.value("SEQUENCE")) for event in after) > max(int(event.value("SEQUENCE")) for event in before)


def test_the_same_roster_and_stamp_give_the_same_bytes(tmp_path: Path) -> None:
    first = write_calendars(tmp_path / "a", small_answer(), "Europe/Berlin", STAMP)[0].read_bytes()
    assert write_calendars(tmp_path / "b", small_answer(), "Europe/Berlin", STAMP)[0].read_bytes() == first


def test_people_do_not_share_identifiers(tmp_path: Path) -> None:
    plan = (("Night", None, None), ("Night", None, None))
    paths = write_calendars(tmp_path, small_answer(plan=plan), stamp=STAMP)
    one, other = (parse(path.read_bytes()).all("VEVENT")[0].value("UID") for path in paths)
    assert one != other


def test_long_names_are_folded_between_characters(tmp_path: Path) -> None:
    long = Shift("Frühdienst " + 40 * "ü€😀", 480, 360)
    roster = small_answer(plan=((long.name, None, None), (None, None, None)), shifts=(long,))
    [event] = parse(write_calendars(tmp_path, roster, stamp=STAMP)[0].read_bytes()).all("VEVENT")
    assert text(event.value("SUMMARY")) == long.name


def test_line_breaks_in_names_cannot_add_properties(tmp_path: Path) -> None:
    evil = "Ada\nATTENDEE:mailto:all@example.org"
    paths = write_calendars(tmp_path, small_answer(names=(evil, "../../Ben")), stamp=STAMP)
    assert [path.parent for path in paths] == [tmp_path, tmp_path]
    calendar = parse(paths[0].read_bytes())
    assert text(calendar.value("X-WR-CALNAME")) == evil
    assert not [name for name, _, _ in calendar.properties if name == "ATTENDEE"]


@pytest.mark.parametrize(
    ("roster", "zone", "said"),
    [
        (small_answer(first=None), None, "the days have no dates"),
        (
            small_answer(),
            "Europe/Berlinn",
            "time zone 'Europe/Berlinn' is not known; give a name such as Europe/Berlin",
        ),
        (small_answer(), "../etc/passwd", "is not known"),
        (small_answer(shifts=(replace(SHIFTS[0], start=None), SHIFTS[1])), None, "'Early; A, B' has no start"),
        (replace(small_answer(), plan=None, status="infeasible"), None, "the answer is infeasible"),
    ],
)
def test_what_cannot_be_a_calendar_is_refused(tmp_path: Path, roster: object, zone: str | None, said: str) -> None:
    with pytest.raises(InputError, match=said):
        write_calendars(tmp_path / "new", roster, zone)  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["Ann", "ann", "ANN"], ["Ann", "ann-2", "ANN-3"]),
        (["李", "…", ""], ["李", "person-2", "person-3"]),
        (["a" * 200], ["a" * 60]),
        (["NUL", "com1.txt", ".."], ["NUL_", "com1-txt", "person-3"]),
        (["A-2", "A", "A"], ["A-2", "A", "A-3"]),
    ],
)
def test_names_of_files_are_safe_and_different(names: list[str], files: list[str]) -> None:
    assert file_names(names) == files
