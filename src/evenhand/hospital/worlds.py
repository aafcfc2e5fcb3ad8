"""Read the text of a scenario file as a checked world, and choose the scenario of one of its teams."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from evenhand.errors import InputError, choices, prefixed
from evenhand.hospital.check_names import check_setting, check_team
from evenhand.hospital.feasibility import check_reachable
from evenhand.hospital.scenario import Agent, Energy, Scenario, Setting, Team, World
from evenhand.hospital.shown_value import shown
from evenhand.tables.complaint import complaint
from evenhand.tables.documents import parse_toml

ENERGY = "-energy"
"""Ending of the name of a team's variant whose agents tire."""
ALONE = "default"
"""Name of the team of a file that has only one."""


def check_world(text: str, source: str) -> World:
    """Return the content of a scenario file, checked except for whether its goals can be reached.

    Parameters
    ----------
    text
        Text of the file.
    source
        Name of the file, for messages.

    Raises
    ------
    InputError
        If it is wrong: one line that names the file, the key, the value and what would be right.
    """
    data = _parse(text, source)
    with prefixed(source):
        try:
            world = World.model_validate(data)
        except ValidationError as error:
            raise InputError(complaint(error, data, World)) from None
        check_setting(world)
        for path, team in _declared(world).items():
            check_team(path, team, world)
    return world


def choose(world: World, name: str, team: str | None, source: str) -> Scenario:
    """Return the scenario of one team of a world, after a check that its goal can be reached.

    Parameters
    ----------
    name
        Name of the world; the scenario is called NAME/TEAM, or NAME if the file has a single team.
    team
        Name of the team; None for the default team.
    source
        Beginning of messages.

    Raises
    ------
    InputError
        If there is no such team, or the team cannot reach the goal.
    """
    teams = teams_of(world)
    chosen = _default(world) if team is None else team
    if chosen not in teams:
        raise InputError(f"{source}: no team is called {shown(chosen)}; {choices(chosen, teams)}")
    full = name if world.agents is not None and chosen == ALONE else f"{name}/{chosen}"
    shared = {key: getattr(world, key) for key in Setting.model_fields}
    scenario = Scenario(name=full, agents=teams[chosen], **shared)
    with prefixed(source):
        check_reachable(scenario)
    return scenario


def check_scenario(scenario: Scenario) -> None:
    """Check a scenario that was constructed in Python, by the same rules as one from a file.

    Raises
    ------
    InputError
        If it is wrong: one line that begins with the scenario's name.
    """
    with prefixed(shown(scenario.name)):
        check_setting(scenario)
        check_team(("agents",), scenario.agents, scenario)
        check_reachable(scenario)


def _parse(text: str, source: str) -> dict[str, Any]:
    if not text.strip():
        raise InputError(f"{source}: is empty; a scenario needs stations, agents or teams, and patients")
    return {key: _as_tuples(value) for key, value in parse_toml(text, source).items()}


def _as_tuples(value: Any) -> Any:
    """Return TOML's lists as tuples, which pydantic's strict mode requires for immutable values."""
    if isinstance(value, list):
        return tuple(_as_tuples(entry) for entry in value)
    if isinstance(value, dict):
        return {key: _as_tuples(entry) for key, entry in value.items()}
    return value


def _declared(world: World) -> dict[tuple[str | int, ...], Team]:
    """Return the teams of a file by the keys that lead to them."""
    if (world.agents is None) == (world.teams is None):
        both = "both agents and teams" if world.teams is not None else "neither agents nor teams"
        raise InputError(f"the file has {both}; it needs one of them")
    teams = world.teams or {}
    for name in teams:
        if world.energy is not None and name.endswith(ENERGY) and name[: -len(ENERGY)] in teams:
            raise InputError(f"teams.{name}: the name is taken by the variant of {name[: -len(ENERGY)]!r} with energy")
    if world.default is not None and world.default not in teams_of(world):
        raise InputError(f"default is {shown(world.default)}; no team has that name; {choices(world.default, teams)}")
    if world.agents is not None:
        return {("agents",): world.agents}
    return {("teams", name): team for name, team in teams.items()}


def _default(world: World) -> str:
    return world.default or next(iter(teams_of(world)))


def teams_of(world: World) -> dict[str, Team]:
    """Return all teams by name; each variant with energy follows its team."""
    teams: dict[str, Team] = {}
    plain = {ALONE: world.agents} if world.agents is not None else (world.teams or {})
    for name, team in plain.items():
        teams[name] = team
        if world.energy is not None:
            teams[name + ENERGY] = tuple(_tiring(agent, world.energy) for agent in team)
    return teams


def _tiring(agent: Agent, energy: Energy) -> Agent:
    return agent if agent.energy is not None else agent.model_copy(update={"energy": energy})
