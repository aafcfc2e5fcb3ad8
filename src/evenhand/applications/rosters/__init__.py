"""Fair rosters: who works which shift on which day, at the least cost of cover and requests.

`roster_problem` says what is to be planned, `roster_tables` reads it from an office's tables and `shift_benchmark` from
a public format, and `check_roster` checks a plan without knowing how it was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenhand.applications.rosters.calendars import write_calendars
from evenhand.applications.rosters.check_roster import CheckedRoster, Violation, check_roster
from evenhand.applications.rosters.counts import COUNTS
from evenhand.applications.rosters.generated_wards import Ward, generate_ward, write_ward
from evenhand.applications.rosters.last_plan import (
    Change,
    LastPlan,
    changes_since,
    continued,
    read_last_plan,
    with_change_cost,
)
from evenhand.applications.rosters.payroll import payroll_rows, write_payroll
from evenhand.applications.rosters.roster_parts import RULES, Cover, Person, Request, Shift
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.applications.rosters.roster_result import Roster
from evenhand.applications.rosters.roster_tables import RosterTables, read_roster_tables
from evenhand.applications.rosters.shift_benchmark import parse_shift_benchmark, read_shift_benchmark
from evenhand.applications.rosters.wish_outcomes import WishOutcome, wish_outcomes
from evenhand.lazy_names import lazy_names

if TYPE_CHECKING:
    from evenhand.applications.rosters.solve_roster import solve

# Imported on first use: its loops are compiled by numba, which takes a while to load.
__getattr__ = lazy_names(__name__, {"solve_roster": "solve"})[0]

__all__ = [
    "COUNTS",
    "RULES",
    "Change",
    "CheckedRoster",
    "Cover",
    "LastPlan",
    "Person",
    "Request",
    "Roster",
    "RosterProblem",
    "RosterTables",
    "Shift",
    "Violation",
    "Ward",
    "WishOutcome",
    "changes_since",
    "check_roster",
    "continued",
    "generate_ward",
    "parse_shift_benchmark",
    "payroll_rows",
    "read_last_plan",
    "read_roster_tables",
    "read_shift_benchmark",
    "solve",
    "wish_outcomes",
    "with_change_cost",
    "write_calendars",
    "write_payroll",
    "write_ward",
]
