"""Load a scenario by its name or from the user's TOML file, and check it."""

from __future__ import annotations

import os
from functools import cache
from importlib import resources
from pathlib import Path

from evenhand.errors import InputError, choices
from evenhand.hospital.scenario import Scenario, World
from evenhand.hospital.shown_value import shown
from evenhand.hospital.ward import FEWEST, LISTED, MOST, generate_ward
from evenhand.hospital.worlds import check_world, choose, teams_of
from evenhand.tables.files import read_text

ENDING = ".toml"


def load(scenario: str | os.PathLike[str]) -> Scenario:
    """Return a scenario by name, or from a TOML file.

    Parameters
    ----------
    scenario
        A built-in name such as ``"rescue-breaths/specialist-energy"``, or without the team for the default team;
        ``"ward/12"`` for a generated ward of 6 to 100 agents; or a file: ``"my.toml"``, ``"my.toml/TEAM"``.

    Raises
    ------
    InputError
        If the scenario is unknown or wrong, or its goal cannot be reached: one line that names file, key, value and
        what would be right.

    Examples
    --------
    >>> load("rescue-breaths/specialist").kinds
    ('board', 'mask')
    """
    text = os.fspath(scenario) if isinstance(scenario, str | os.PathLike) else scenario
    if not isinstance(text, str) or not text:
        raise InputError(f"scenario is {shown(text)}; give a name such as 'rescue-breaths/specialist' or a TOML file")
    file, team = _split_path(text)
    if file is None:
        return _load_built_in(text)
    world = check_world(read_text(file, wanted="a TOML file"), file)
    return choose(world, Path(file).stem, team, file)


def names() -> tuple[str, ...]:
    """Return the names of the built-in scenarios, and of some of the wards.

    Examples
    --------
    >>> "fair-gne/as-released" in names()
    True
    """
    worlds = [f"{world}/{team}" for world in _files() for team in teams_of(_built_in(world))]
    return (*worlds, *(f"ward/{agents}" for agents in LISTED))


def _split_path(text: str) -> tuple[str | None, str | None]:
    """Split ``my.toml/TEAM`` into file and team; the file is None if the text names none."""
    if text.endswith(ENDING):
        return text, None
    file, ending, team = text.rpartition(f"{ENDING}/")
    return (file + ENDING, team) if ending else (None, None)


def _load_built_in(text: str) -> Scenario:
    world, _, team = text.partition("/")
    if world == "ward":
        return _load_ward(text, team)
    if world not in _files():
        raise InputError(
            f"no scenario is called {shown(text)}; {choices(world, [*_files(), 'ward'])} (files end in {ENDING})"
        )
    return choose(_built_in(world), world, team or None, world)


def _load_ward(text: str, agents: str) -> Scenario:
    if agents not in map(str, range(FEWEST, MOST + 1)):
        raise InputError(
            f"no scenario is called {shown(text)}; wards are called ward/{FEWEST} to ward/{MOST}, "
            "after their number of agents; generate_ward makes others"
        )
    return generate_ward(int(agents))


@cache
def _files() -> tuple[str, ...]:
    folder = resources.files("evenhand.hospital") / "scenarios"
    return tuple(sorted(file.name[: -len(ENDING)] for file in folder.iterdir() if file.name.endswith(ENDING)))


@cache
def _built_in(name: str) -> World:
    file = resources.files("evenhand.hospital") / "scenarios" / f"{name}{ENDING}"
    return check_world(file.read_text(encoding="utf-8"), file.name)
