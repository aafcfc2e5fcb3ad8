"""Fair rosters: who works which shift on which day, at the least cost of cover and requests.

`roster_problem` says what is to be planned, `roster_tables` reads it from an office's tables and `shift_benchmark` from
a public format, and `check_roster` checks a plan without knowing how it was found.
"""

from __future__ import annotations

from evenhand.applications.rosters.check_roster import CheckedRoster, Violation, check_roster
from evenhand.applications.rosters.counts import COUNTS
from evenhand.applications.rosters.generated_wards import Ward, generate_ward, write_ward
from evenhand.applications.rosters.roster_problem import RULES, Cover, Person, Request, RosterProblem, Shift
from evenhand.applications.rosters.roster_result import Roster
from evenhand.applications.rosters.roster_tables import RosterTables, read_roster_tables
from evenhand.applications.rosters.shift_benchmark import parse_shift_benchmark, read_shift_benchmark
from evenhand.applications.rosters.solve_roster import solve

__all__ = [
    "COUNTS",
    "RULES",
    "CheckedRoster",
    "Cover",
    "Person",
    "Request",
    "Roster",
    "RosterProblem",
    "RosterTables",
    "Shift",
    "Violation",
    "Ward",
    "check_roster",
    "generate_ward",
    "parse_shift_benchmark",
    "read_roster_tables",
    "read_shift_benchmark",
    "solve",
    "write_ward",
]
