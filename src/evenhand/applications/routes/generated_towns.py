"""Generate a town with stops, windows and drivers, as tables of an office."""

from __future__ import annotations

import numpy as np

from evenhand.number_checks import check_seed, checked_whole

STREETS = ("Oak", "Elm", "Mill", "Church", "Station", "Bridge", "Park", "School", "Garden", "Market")
DRIVERS = ("Ada", "Ben", "Cem", "Dora", "Eli", "Fay", "Gus", "Hana", "Ivo", "Jin", "Kim", "Lea")
WIDE, NEAR = 12.0, 2.5
"""Width of the town, and spread of its outlying quarters, in kilometres."""

Table = list[tuple[object, ...]]


def generate_town(stops: int = 60, drivers: int = 6, seed: int = 0) -> tuple[Table, Table]:
    """Return the rows of a table of stops and of one of vehicles, headers first.

    The depot lies at the edge, and a third of the stops in two far quarters, so that the shortest routes are unequal.
    A quarter of the stops has a window. Some drivers work part of the day.

    Parameters
    ----------
    stops, drivers
        Numbers of stops and of drivers, at most 100 and 12.
    seed
        Seed of all random choices.

    Raises
    ------
    InputError
        If a number cannot be used.
    """
    checked_whole("stops", stops, 2, len(STREETS) * 10)
    checked_whole("drivers", drivers, 2, len(DRIVERS))
    check_seed(seed)
    random = np.random.default_rng([seed, 31])
    quarters = random.uniform(0.6 * WIDE, WIDE, (2, 2))
    at = random.uniform(0.0, 0.7 * WIDE, (stops, 2))
    far = random.random(stops) < 1 / 3
    at[far] = quarters[random.integers(2, size=int(far.sum()))] + random.normal(0.0, NEAR / 2, (int(far.sum()), 2))
    demand = random.integers(1, 9, stops)
    service = random.choice([5, 10, 10, 15, 20], stops)
    rows: Table = [("name", "x", "y", "demand", "service (min)", "from", "to"), ("depot", 1.0, 1.0, "", "", "", "")]
    for k in range(stops):
        opens, closes = [("", ""), ("08:00", "12:00"), ("13:00", "16:30")][int(random.choice(3, p=[0.76, 0.12, 0.12]))]
        place = f"{STREETS[k % len(STREETS)]} Street {k // len(STREETS) + 1}"
        rows.append((place, *np.round(at[k], 2).tolist(), int(demand[k]), int(service[k]), opens, closes))
    room = int(np.ceil(1.3 * demand.sum() / drivers))
    fleet: Table = [("driver", "capacity", "from", "to", "share")]
    for name in DRIVERS[:drivers]:
        part = random.random() < 0.25
        fleet.append((name, room, "07:30", "13:30" if part else "17:00", 0.6 if part else 1.0))
    return rows, fleet
