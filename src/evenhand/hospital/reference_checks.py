"""Checks of what users pass to the reference environment: actions, starts, snapshots."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from evenhand.errors import InputError, choices, nearest
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.shown_value import shown
from evenhand.hospital.state import State

OPTIONS = ("agent_starts", "item_starts")


def action_number(agent: str, action: Any, n_actions: int) -> int | None:
    """Return the number of an action, None for NaN.

    Raises
    ------
    InputError
        If it is not a whole number from 0 to n_actions - 1.
    """
    try:
        number = operator.index(action)
    except TypeError:
        if isinstance(action, float | np.floating) and math.isnan(action):
            return None
    else:
        if 0 <= number < n_actions:
            return number
        action = number
    raise InputError(f"{agent} has no action {_line(action)}; its actions are the whole numbers 0 to {n_actions - 1}")


def chosen_starts(options: Mapping[str, Any], scenario: Scenario) -> tuple[list[int] | None, list[int] | None]:
    """Return the stations at which the options of a reset put agents and items; None for those left to chance.

    Raises
    ------
    InputError
        If a station is unknown, there are too few or too many, or the name of an option is misspelt.
    """
    for key in options:
        meant = nearest(key, OPTIONS, cutoff=0.75)  # others may be for somebody else
        if meant not in (None, key):
            raise InputError(f"reset has no option {key!r}; did you mean {meant!r}?")
    stations = [station.name for station in scenario.stations]
    agents = _places(options, "agent_starts", [agent.name for agent in scenario.agents], stations)
    return agents, _places(options, "item_starts", [item.name for item in scenario.items], stations)


def state_of(snapshot: Mapping[str, Any], like: State) -> State:
    """Return the state that a snapshot describes.

    Parameters
    ----------
    snapshot
        The fields of a state by name.
    like
        Any state of the same scenario; the lists of the snapshot must have the same lengths.

    Raises
    ------
    InputError
        If a field is missing or has another length.
    """
    names = [field.name for field in fields(State)]
    for name in names:
        if name not in snapshot:
            raise InputError(f"the snapshot has no {name!r}; it needs {', '.join(names)}")
        found, expected = np.shape(snapshot[name]), np.shape(getattr(like, name))
        if found != expected:
            raise InputError(f"the snapshot's {name!r} has shape {found}; in this scenario it has {expected}")
    return State(**{name: np.asarray(snapshot[name]).tolist() for name in names})


def _places(
    options: Mapping[str, Any], option: str, owners: Sequence[str], stations: Sequence[str]
) -> list[int] | None:
    names = options.get(option)
    if names is None:
        return None
    if not isinstance(names, list | tuple) or len(names) != len(owners):
        raise InputError(
            f"{option} is {_line(names)}; it needs a list of {len(owners)} stations, for {', '.join(owners)}"
        )
    for owner, name in zip(owners, names, strict=True):
        if name not in stations:
            raise InputError(f"{option}: {owner} cannot start at {_line(name)}; {choices(name, stations)}")
    return [stations.index(name) for name in names]


def _line(value: object) -> str:
    """Return a value on one line: arrays print on several."""
    return " ".join(shown(value).split())
