"""Fair multiple travelling salesmen: several tours from one depot, with the least total length and fair lengths.

`formulation` contains the model and reads tours from its solution, `subtours` separates subtour elimination (and
`detours`, on request, rows against detours), `engine` passes both to a solver, `shortest` checks each tour, and
`solve_tours` joins these steps. Instances come from :mod:`evenhand.applications.tsplib` or
:mod:`evenhand.applications.towns`.
"""

from __future__ import annotations

from evenhand.applications.salesmen.solve_tours import fairest_tours, solve
from evenhand.applications.salesmen.tours_result import Tours
from evenhand.applications.towns import Towns, generate_towns
from evenhand.applications.tsplib import format_tsplib, parse_tsplib, read_tsplib, write_tsplib

__all__ = [
    "Tours",
    "Towns",
    "fairest_tours",
    "format_tsplib",
    "generate_towns",
    "parse_tsplib",
    "read_tsplib",
    "solve",
    "write_tsplib",
]
