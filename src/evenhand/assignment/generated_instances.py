"""Generated instances, which their kind, size and seed determine."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.number_checks import check_seed, checked_whole
from evenhand.tables.coordinates import distances
from evenhand.tables.cost_table import CostTable
from evenhand.tables.default_names import DefaultNames

LARGEST = 50_000_000
"""Upper limit on agents x tasks: 400 MB of costs."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A generated problem.

    Attributes
    ----------
    costs
        Costs, agents x tasks; ``inf`` marks a forbidden pair.
    burdens
        Burdens to be shared fairly, in the same shape and with the same names; None if they are the costs.
    entitlements
        Share that each agent is entitled to, length n; None if all are equal.
    times
        Start and end of each task as text, and the minutes of pause after it, length m; None if tasks have no times.
    """

    costs: CostTable
    burdens: CostTable | None = None
    entitlements: tuple[float, ...] | None = None
    times: tuple[tuple[str, str, int], ...] | None = None


def generate_plane(agents: int, tasks: int, seed: int = 0) -> Instance:
    """Return sites and targets scattered over a field of 80 by 100, with distances as costs.

    Instances are of the same kind as those of the paper on dispersion control: coordinates uniform in [0, 80] x
    [0, 100], rounded to two decimals, and Euclidean distances rounded to four.

    Parameters
    ----------
    agents, tasks
        Number of agents, at least 2, and of tasks, at least 1.
    seed
        Seed of the random numbers, 0 or more.

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> generate_plane(5, 250, seed=1).costs
    CostTable(5 agents x 250 tasks, from plane 5x250, seed 1)
    """
    random = _random(agents, tasks, seed)
    agent_xy, task_xy = (
        np.round(random.uniform((0.0, 0.0), (80.0, 100.0), (count, 2)), 2) for count in (agents, tasks)
    )
    source = f"plane {agents}x{tasks}, seed {seed}"
    names = DefaultNames("agent", agents), DefaultNames("task", tasks)
    return Instance(CostTable(distances(agent_xy, task_xy), *names, agent_xy, task_xy, source))


# The fictitious town. Streets are a third longer than straight lines, and a team sees two patients per trip, so that
# half of the way out and back is charged to each.
_TOWN = (12.0, 9.0)  # kilometres
_DETOUR = 1.3
_PATIENTS_A_TRIP = 2
_SPEED = 24.0  # kilometres per hour
_EUROS_A_KILOMETRE = 0.45
_WAGES = (33.0, 34.5, 33.5, 35.0)  # euros per hour of a team, of four consecutive teams

# Kinds of visit: name, shortest and longest care in minutes, relative frequency, and required qualification.
_VISITS = (
    ("medication", 10, 20, 0.22, None),
    ("personal care", 30, 50, 0.28, None),
    ("wound care", 25, 45, 0.20, "wounds"),
    ("dementia support", 40, 60, 0.12, None),
    ("infusion", 35, 60, 0.10, "infusions"),
    ("palliative", 45, 75, 0.08, "palliative"),
)
# Positions, among four consecutive teams, of those with a qualification: at least two.
_QUALIFIED = {"wounds": (0, 1, 3), "infusions": (0, 1), "palliative": (1, 3)}
# Visits begin between seven in the morning and six in the evening, from Monday to Friday, and a drive follows each.
_OPENING, _OPEN = 7 * 60, 11 * 60  # minutes
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
_MONDAY = datetime.date(2026, 3, 2)
_DRIVE = 10  # minutes
_BUSY = 0.5  # part of their time for which teams are busy on average, at most
_HALF_TIME = 2  # the third of four consecutive teams
# Demand of a district as a fraction of that of the one before; the most crowded district is the first.
_THINNING = 0.66
_DISTRICTS = (
    "Harbour", "Old Town", "Mill Hill", "Station", "Orchard", "Castle Park", "Riverside",
    "Northfields", "Brickworks", "Abbey", "Lakeside", "Market", "Woodend", "Southgate", "Priory", "Windmill",
)  # fmt: skip
_SURNAMES = (
    "Abbot", "Adler", "Ash", "Baker", "Barlow", "Bell", "Birch", "Brook", "Carver", "Clay", "Cole",
    "Dale", "Drew", "Elder", "Fenn", "Field", "Finch", "Flint", "Garner", "Gray", "Hale", "Heath", "Holt",
    "Hurst", "Ives", "Kemp", "Lark", "Lind", "Marsh", "Moss", "Nash", "Oakes", "Pike", "Quill", "Reed",
    "Rowan", "Sawyer", "Stone", "Thorne", "Vale", "Wade", "Wells", "Wren", "Yates",
)  # fmt: skip
_INITIALS = "ABCDEFGHJKLMNOPRSTVW"


def generate_nursing(teams: int = 8, patients: int = 160, seed: int = 0, *, half_time: bool = True) -> Instance:
    """Return a week of home nursing in a fictitious town, with costs in euros and burdens in hours.

    Patients live in districts, some of which are far more crowded than others. Each team of nurses starts from the base
    of one district. A visit takes time for care, which depends on its kind, and for travel. Its burden is these hours,
    and its cost is the wages for them plus an amount per kilometre. Wound care, infusions and palliative visits need a
    qualified team: other pairs are forbidden. Every fourth team works half-time, and has an entitlement of 0.5. The
    cheapest plan sends the nearest team to every patient, which is unfair, because some districts are crowded. It also
    sends teams to several patients at one time; the times are such that there are plans that do not.

    Parameters
    ----------
    teams, patients
        Number of teams, at least 2, and of patients, at least 1.
    seed
        Seed of the random numbers, 0 or more.
    half_time
        Whether some teams work half-time; if False, there are no entitlements.

    Returns
    -------
    Instance
        Costs in euros to the cent, burdens in hours to two decimals, coordinates in kilometres,
        entitlements, and times.

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> week = generate_nursing(seed=1)
    >>> week.costs.agents[:3]
    ('Harbour team', 'Old Town team', 'Mill Hill team (half-time)')
    >>> week.costs.tasks[0], week.times[0]
    ('Mon 07:00 L. Drew (personal care)', ('2026-03-02 07:00', '2026-03-02 07:35', 10))
    """
    random = _random(teams, patients, seed)
    bases = _spread_out(random, teams)
    demand = _THINNING ** np.arange(teams)
    district = random.choice(teams, size=patients, p=demand / demand.sum())
    scattered = bases[district] + random.normal(0.0, 0.9, (patients, 2))
    homes = np.round(np.clip(scattered, 0.0, np.array(_TOWN, dtype=np.float64)), 2).astype(np.float64)
    kinds = random.choice(len(_VISITS), size=patients, p=[share for *_, share, _ in _VISITS])
    shortest, longest = (np.array([visit[column] for visit in _VISITS])[kinds] for column in (1, 2))
    care = random.integers(shortest // 5, longest // 5 + 1) * 5 / 60

    kilometres = 2 * _DETOUR * distances(bases, homes) / _PATIENTS_A_TRIP
    hours = care + kilometres / _SPEED
    wages = np.resize(_WAGES, teams)[:, None]
    euros = wages * hours + _EUROS_A_KILOMETRE * kilometres
    forbidden = _forbidden(teams, kinds)

    halved = (np.arange(teams) % 4 == _HALF_TIME) & half_time
    agents = tuple(_team_name(position, bool(half)) for position, half in enumerate(halved))
    minutes = np.round(60 * care).astype(np.int64)
    starts = _starts(minutes, ~forbidden)
    tasks = _visit_names(random, kinds, starts)
    source = f"nursing {teams}x{patients}, seed {seed}"
    euros, hours = (np.where(forbidden, np.inf, np.round(table, 2)) for table in (euros, hours))
    return Instance(
        CostTable(euros, agents, tasks, bases, homes, source),
        CostTable(hours, agents, tasks, bases, homes, f"{source}, hours"),
        tuple(np.where(halved, 0.5, 1.0).tolist()) if half_time else None,
        tuple(
            (_written(start), _written(start + length), _DRIVE)
            for start, length in zip(starts, minutes.tolist(), strict=True)
        ),
    )


def _random(agents: int, tasks: int, seed: int) -> np.random.Generator:
    checked_whole("agents", agents, 2)
    checked_whole("tasks", tasks, 1)
    check_seed(seed)
    if agents * tasks > LARGEST:
        raise InputError(f"{agents} agents x {tasks} tasks are too many to generate; at most {LARGEST:,} pairs")
    return np.random.default_rng(seed)


def _spread_out(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return points, shape (count, 2): each is the one of 12 random candidates that lies farthest from those before."""
    points = random.uniform((1.0, 1.0), (_TOWN[0] - 1.0, _TOWN[1] - 1.0), (1, 2))
    while len(points) < count:
        candidates = random.uniform((1.0, 1.0), (_TOWN[0] - 1.0, _TOWN[1] - 1.0), (12, 2))
        nearest = distances(candidates, points).min(axis=1)
        points = np.vstack([points, candidates[nearest.argmax()]])
    return np.round(points, 2)


def _forbidden(teams: int, kinds: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which pairs are forbidden because the team lacks a qualification, shape (teams, patients)."""
    position = np.arange(teams) % 4
    # With fewer than four teams, some visits would have no qualified team: all teams then have all qualifications.
    allowed = [
        np.ones(teams, bool) if need is None or teams < 4 else np.isin(position, _QUALIFIED[need])
        for *_, need in _VISITS
    ]
    return ~np.array(allowed)[kinds].T


def _team_name(position: int, half_time: bool) -> str:
    round_, place = divmod(position, len(_DISTRICTS))
    number = f" {round_ + 1}" if round_ else ""
    return f"{_DISTRICTS[place]} team{number}{' (half-time)' if half_time else ''}"


def _starts(minutes: NDArray[np.int64], allowed: NDArray[np.bool_]) -> list[int]:
    """Return when visits begin, in minutes after the first midnight, ascending.

    They are spread evenly over the days. One that would come while all its teams are busy waits for the first of them,
    if each visit goes to the team that is free first. So there is a plan without two visits of one team at one time.

    Parameters
    ----------
    minutes
        Length of each visit, shape (m,).
    allowed
        Teams that may make it, shape (n, m).
    """
    teams, count = allowed.shape
    days = max(len(_DAYS), math.ceil((minutes.sum() + _DRIVE * count) / (_BUSY * teams * _OPEN)))
    free, starts, last = np.zeros(teams, np.int64), [], 0
    for position, (length, those) in enumerate(zip(minutes.tolist(), allowed.T, strict=True)):
        day, part = divmod(days * position, count)
        wished = _midnight(day) + _OPENING + _OPEN * part // count // 5 * 5
        team = int(np.where(those, free, np.iinfo(np.int64).max).argmin())
        last = max(last, wished, int(free[team]))
        starts.append(last)
        free[team] = last + length + _DRIVE
    return starts


def _midnight(day: int) -> int:
    """Return the minutes to the beginning of a working day, counted from 0, from the first midnight."""
    week, weekday = divmod(day, len(_DAYS))
    return (7 * week + weekday) * 24 * 60


def _written(minutes: int) -> str:
    """Return a moment, in minutes after the first midnight, as date and time."""
    moment = datetime.datetime.combine(_MONDAY, datetime.time()) + datetime.timedelta(minutes=minutes)
    return moment.isoformat(" ", "minutes")


def _visit_names(random: np.random.Generator, kinds: NDArray[np.intp], starts: list[int]) -> tuple[str, ...]:
    """Return names as in a rota, earliest first: day, time of day, patient, kind of visit."""
    people = random.permutation(len(_INITIALS) * len(_SURNAMES))
    names = []
    for position, kind in enumerate(kinds):
        day, minutes = divmod(starts[position], 24 * 60)
        week, weekday = divmod(day, 7)
        begins = f"{_DAYS[min(weekday, 4)]}{f' week {week + 1}' if week else ''} {minutes // 60:02}:{minutes % 60:02}"
        round_, person = divmod(position, len(people))
        surname, initial = divmod(int(people[person]), len(_INITIALS))
        number = f" {round_ + 1}" if round_ else ""
        who = f"{_INITIALS[initial]}. {_SURNAMES[surname]}{number}"
        names.append(f"{begins} {who} ({_VISITS[kind][0]})")
    return tuple(names)
