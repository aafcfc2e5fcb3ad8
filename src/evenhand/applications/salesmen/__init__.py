"""Fair multiple travelling salesmen: several tours from one depot, shortest in sum, fair in length.

`formulation` states the model, `subtours` separates what is left out of it (`detours` more, on request), `engine` gives
both to a solver, `walks` reads tours from its answer, `shortest` checks each of them, and `solve` does it all.
Instances come from :mod:`evenhand.applications.tsplib` or :mod:`evenhand.applications.towns`.
"""

from __future__ import annotations

from evenhand.applications.salesmen.fairest import fairest_tours
from evenhand.applications.salesmen.result import Tours
from evenhand.applications.salesmen.solve import solve
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
