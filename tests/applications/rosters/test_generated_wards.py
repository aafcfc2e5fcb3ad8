"""Generated wards: the same seed gives the same files, which read back as a problem of the size asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from evenhand.applications.rosters import generate_ward, read_roster_tables, write_ward
from evenhand.errors import InputError


@pytest.mark.parametrize(("people", "days"), [(12, 14), (20, 28), (6, 7)])
def test_a_ward_reads_back(tmp_path: Path, people: int, days: int) -> None:
    read = read_roster_tables(*write_ward(tmp_path, generate_ward(people, days, seed=1)))
    assert read.notes == ()
    assert (len(read.problem.people), read.problem.days) == (people, days)
    assert [shift.name for shift in read.problem.shifts] == ["Early", "Late", "Night"]
    assert len(read.problem.requests) == 4 * people
    assert sum(len(person.days_off) for person in read.problem.people) >= 2


def test_the_seed_determines_a_ward() -> None:
    assert generate_ward(seed=3) == generate_ward(seed=3)
    assert generate_ward(seed=3) != generate_ward(seed=4)


def test_a_wards_contracts_exceed_its_cover_by_little(tmp_path: Path) -> None:
    problem = read_roster_tables(*write_ward(tmp_path, generate_ward())).problem
    minutes = {shift.name: shift.minutes for shift in problem.shifts}
    needed = sum(need.preferred * minutes[need.shift] for need in problem.cover)
    contracts = 2 * sum(person.contract or 0 for person in problem.people)
    assert 0.8 < needed / contracts < 0.95


def test_a_ward_of_two_is_refused() -> None:
    with pytest.raises(InputError, match="people is 2"):
        generate_ward(2)
