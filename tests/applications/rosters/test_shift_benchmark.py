"""The benchmark's files are read as they say, and each malformed line is refused with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_rosters import SMALL

from evenhand.applications.rosters import Cover, Request, parse_shift_benchmark, read_shift_benchmark
from evenhand.errors import InputError


def test_a_file_becomes_the_problem_that_it_states() -> None:
    """Every number of the file is where it belongs."""
    problem = parse_shift_benchmark(SMALL)
    early, late = problem.shifts
    first, second, third = problem.people
    assert problem.days == 7
    assert (early.name, early.minutes, early.kinds) == ("E", 480, frozenset())
    assert (late.cannot_precede, late.kinds) == (frozenset({"E"}), frozenset({"late"}))
    assert first.days_off == frozenset({0})
    assert (first.most_minutes, first.least_minutes, first.longest_run, first.shortest_run) == (1920, 960, 3, 2)
    assert (second.shortest_rest, second.most_weekends) == (2, 1)
    assert not third.may_work("E")
    assert problem.requests == (Request("B", 0, "E", True, 3.0), Request("C", 3, "L", False, 2.0))
    assert problem.cover[2] == Cover(3, "L", 2, 7.0, 1.0)


def test_kinds_can_be_said() -> None:
    """What counts as a night is the user's decision, if they make one."""
    problem = parse_shift_benchmark(SMALL, nights=["E"], late=[])
    assert [sorted(shift.kinds) for shift in problem.shifts] == [["night"], []]


def test_minus_nothing_is_nothing() -> None:
    """The benchmark's fifteenth instance requires "-0" people."""
    assert parse_shift_benchmark(SMALL.replace("0,L,1,10,1", "0,L,-0,10,1", 1)).cover[1].preferred == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("SECTION_HORIZON\n7", "SECTION_HORIZON\n0", "line 2: the number of days is 0; a roster has at least 1"),
        ("SECTION_HORIZON\n7", "SECTION_HORIZON\n7000", "line 2: the number of days is 7000, above 1000"),
        ("SECTION_HORIZON\n7", "SECTION_HORIZON\nseven", "line 2: the number of days is 'seven'"),
        ("960,3,2,1,1\n", "960,3,2,99999999,1\n", "shortest_rest is 99999999"),
        ("SECTION_COVER", "SECTION_COVERS", "line 16: section 'SECTION_COVERS' is not known; did you mean 'COVER'"),
        ("L,480,E\n", "L,480,X\n", "line 5: shift 'X' is not known"),
        ("E,480,\n", "E,480,\nE,480,\n", "line 5: shift 'E' is given twice"),
        ("960,3,2,1,1\n", "960,3,2,1\n", "line 7: 7 values separated by commas instead of 8"),
        ("A,E=7|L=7", "A,E|L=7", "line 7: 'E' is not a shift with its limit"),
        ("1920,960,3,2,1,1", "960,1920,3,2,1,1", "line 7: MinTotalMinutes is 1920, above the largest allowed, 960"),
        ("A,0\n", "A,7\n", "line 11: a day off is 7, above 6"),
        ("A,0\n", "Z,0\n", "line 11: person 'Z' is not known"),
        ("B,0,E,3", "B,0,E,-3", "line 13: the weight is '-3'"),
        ("0,L,1,10,1", "0,E,1,10,1", "line 18: the cover of day 0, shift 'E' is given twice"),
        ("SECTION_HORIZON", "# nothing", "line 2: '7' comes before any section"),
    ],
)
def test_a_malformed_line_is_refused_with_its_number(old: str, new: str, message: str) -> None:
    """The message says file, line, value, and what a right line looks like."""
    with pytest.raises(InputError) as caught:
        parse_shift_benchmark(SMALL.replace(old, new, 1), "ward.txt")
    assert message in str(caught.value)
    assert str(caught.value).startswith("ward.txt")


def test_a_missing_section_is_named(tmp_path: Path) -> None:
    """Without people there is no roster."""
    path = tmp_path / "ward.txt"
    path.write_text(SMALL.partition("SECTION_STAFF")[0])
    with pytest.raises(InputError, match="no SECTION_STAFF with lines such as"):
        read_shift_benchmark(path)
