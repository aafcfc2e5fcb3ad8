"""Tables of a small office, as texts that tests write and change."""

from __future__ import annotations

from pathlib import Path

from evenhand.applications.rosters import RosterTables, read_roster_tables

SHIFTS = """\
date,kind,start,end,break,skill,least,preferred,cost of too few,cost of too many
2026-03-02,Early,06:00,14:00,30,,1,2,50,2
2026-03-02,Night,22:00,06:00,0,care,1,1,90,3
2026-03-04,Late,13:30,21:30,30,,0,1,,
"""
PEOPLE = """\
name,contract hours,skills,least hours,most hours,longest run,shortest run,rest,rest days,weekends,nights carried
Ada,38.5,care; first aid,8,30,3,2,11,2,1,2
Ben,19.25,,0,,,,,,,
"""
WISHES = """\
name,date,kind,want,weight
Ada,2026-03-02,Night,no,3
Ben,2026-03-03,off,yes,
Ben,2026-03-04,Late,yes,must
"""
ABSENCES = """\
name,from,to
Ada,2026-02-20,2026-03-02
Ben,2026-03-04,2026-03-04
"""


def read_office(
    folder: Path,
    *,
    shifts: str = SHIFTS,
    people: str = PEOPLE,
    wishes: str | None = None,
    absences: str | None = None,
) -> RosterTables:
    """Write the tables into a folder and read them."""
    texts = {"shifts": shifts, "people": people, "wishes": wishes, "absences": absences}
    paths: dict[str, Path | None] = {}
    for name, text in texts.items():
        paths[name] = None if text is None else folder / f"{name}.csv"
        if text is not None:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    assert paths["shifts"] is not None
    assert paths["people"] is not None
    return read_roster_tables(paths["shifts"], paths["people"], paths["wishes"], paths["absences"])
