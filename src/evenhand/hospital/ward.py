"""Wards of any size: several rooms and patients, a team of mixed skills."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import TypeVar

from evenhand.errors import InputError
from evenhand.hospital.scenario import Agent, Item, Patient, Rewards, Scenario, Station, Step, Travel
from evenhand.hospital.shown_value import shown
from evenhand.number_checks import checked_whole, is_whole

Thing = TypeVar("Thing")

FEWEST, MOST = 6, 100
"""Fewest and most agents of the wards that have a name, such as ``ward/12``."""
LISTED = (6, 12, 18, 24)
"""Numbers of agents of the wards in the list of names."""

_LIMITS = {"agents": (2, MOST), "rooms": (1, 50), "patients": (1, 50)}
_CARTS = ("supply-cart", "medicine-cart")
_LEVELS = {"compress": 3, "breathe": 2, "shock": 2, "medicate": 1}
"""Highest level of each skill that a ward's agents draw."""
_BASIC = ("board", "mask")
_ADVANCED = ("defibrillator", "syringe")


def generate_ward(agents: int, rooms: int | None = None, patients: int | None = None, seed: int = 0) -> Scenario:
    """Generate a ward: rooms with beds and carts, patients in them, agents of mixed skills anywhere.

    The same arguments give the same scenario. Scenarios with the same numbers of agents, rooms and patients have arrays
    of the same shapes for every seed, so that a compiled program can run them all.

    - Each room has a supply cart and a medicine cart; bed b stands in room b mod `rooms`. A journey takes 1 step within
      a room and 3 between rooms.
    - Half of the patients, rounded up and drawn by the seed, need a full code, the others rescue breaths; 2 to 4
      compressions and 1 to 3 breaths each. Steps, order and effort are those of the built-in scenarios of these names.
    - There are as many copies of each item as are needed, each on a cart in a room drawn by the seed: boards and masks
      on supply carts, defibrillators and syringes on medicine carts.
    - Each agent draws a level for each skill: compress 0 to 3, breathe 0 to 2, shock 0 to 2, medicate 0 or 1. Then each
      agent masters one skill, at its highest level, dealt round so that somebody masters every skill. Nobody tires.
    - The horizon is ``100 * max(1, round(4 * patients / agents))`` steps: 100 for a patient to every four agents.

    Parameters
    ----------
    agents
        From 2 to 100.
    rooms
        From 1 to 50; by default one for every four agents, at least 2.
    patients
        From 1 to 50; by default as many as rooms by default.
    seed
        Seed of everything that is drawn.

    Raises
    ------
    InputError
        If a number is out of its range.

    Examples
    --------
    >>> ward = generate_ward(12, rooms=2, patients=4, seed=1)
    >>> len(ward.stations), len(ward.items), len(ward.steps)
    (8, 12, 24)
    """
    agents = checked_whole("agents", agents, *_LIMITS["agents"])
    quarter = max(2, agents // 4)
    rooms = quarter if rooms is None else checked_whole("rooms", rooms, *_LIMITS["rooms"])
    patients = quarter if patients is None else checked_whole("patients", patients, *_LIMITS["patients"])
    if not is_whole(seed):
        raise InputError(f"seed is {shown(seed)}; it must be a whole number")
    seed = int(seed)
    draw = _Draw(seed)
    codes = draw.shuffled([True] * math.ceil(patients / 2) + [False] * (patients // 2))
    named = f"ward/{agents}" if (rooms, patients, seed) == (quarter, quarter, 0) else None
    size = f"{_many(rooms, 'room')}, {_many(patients, 'patient')}, {agents} agents"
    return Scenario(
        name=named or f"ward/{agents}-agents-{rooms}-rooms-{patients}-patients-seed-{seed}",
        description=f"A ward: {size} of mixed skills.",
        horizon=100 * max(1, round(4 * patients / agents)),
        rewards=Rewards(success=1.0, time=0.005),
        travel=Travel(within_room=1, between_rooms=3),
        stations=_stations(rooms, patients),
        items=_items(draw, rooms, patients, sum(codes)),
        agents=_agents(draw, agents),
        patients=tuple(_patient(draw, number, code) for number, code in enumerate(codes, start=1)),
    )


class _Draw:
    """Random draws that are the same in every version of Python: it promises that for ``random()`` alone."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def among(self, things: Sequence[Thing]) -> Thing:
        return things[int(self._random() * len(things))]

    def between(self, low: int, high: int) -> int:
        return low + int(self._random() * (high - low + 1))

    def shuffled(self, things: Sequence[Thing]) -> list[Thing]:
        return [thing for _, thing in sorted(((self._random(), thing) for thing in things), key=lambda pair: pair[0])]


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' if number != 1 else ''}"


def _stations(rooms: int, patients: int) -> tuple[Station, ...]:
    beds = [Station(name=f"bed-{bed + 1}", room=f"room-{bed % rooms + 1}") for bed in range(patients)]
    carts = [Station(name=f"{cart}-{room + 1}", room=f"room-{room + 1}") for room in range(rooms) for cart in _CARTS]
    return (*beds, *carts)


def _items(draw: _Draw, rooms: int, patients: int, codes: int) -> tuple[Item, ...]:
    needed = [(kind, _CARTS[0], patients) for kind in _BASIC] + [(kind, _CARTS[1], codes) for kind in _ADVANCED]
    return tuple(
        Item(name=f"{kind}-{copy}", kind=kind, at=f"{cart}-{draw.between(1, rooms)}")
        for kind, cart, copies in needed
        for copy in range(1, copies + 1)
    )


def _agents(draw: _Draw, agents: int) -> tuple[Agent, ...]:
    names = list(_LEVELS)
    levels = [{skill: draw.between(0, highest) for skill, highest in _LEVELS.items()} for _ in range(agents)]
    # With fewer agents than skills some master several.
    for turn, agent in enumerate(draw.shuffled(range(agents)) * math.ceil(len(names) / agents)):
        skill = names[turn % len(names)]
        levels[agent][skill] = _LEVELS[skill]
    return tuple(Agent(name=f"agent_{number}", skills=skills) for number, skills in enumerate(levels, start=1))


def _patient(draw: _Draw, number: int, full_code: bool) -> Patient:
    compressions, breaths = draw.between(2, 4), draw.between(1, 3)
    steps = _full_code(compressions, breaths) if full_code else _rescue_breaths(compressions, breaths)
    return Patient(name=f"patient-{number}", at=f"bed-{number}", steps=steps)


def _rescue_breaths(compressions: int, breaths: int) -> tuple[Step, ...]:
    return (
        Step(name="board", bring="board", energy=1, share=4),
        Step(name="compressions", treat="compress", units=compressions, after=("board",), energy=3, share=6),
        Step(name="mask", bring="mask", after=("compressions",), energy=1, share=4),
        Step(name="breaths", treat="breathe", units=breaths, after=("mask",), energy=1, share=6),
    )


def _full_code(compressions: int, breaths: int) -> tuple[Step, ...]:
    return (
        Step(name="board", bring="board", energy=1, share=2),
        Step(name="compressions", treat="compress", units=compressions, after=("board",), energy=3, share=3),
        Step(name="mask", bring="mask", after=("compressions",), energy=1, share=2),
        Step(name="breaths", treat="breathe", units=breaths, after=("mask",), energy=1, share=3),
        Step(name="defibrillator", bring="defibrillator", after=("mask",), energy=1, share=2),
        Step(name="shock", treat="shock", after=("breaths", "defibrillator"), energy=1, share=3),
        Step(name="syringe", bring="syringe", after=("defibrillator",), energy=1, share=2),
        Step(name="medicine", treat="medicate", after=("shock", "syringe"), energy=1, share=3),
    )
