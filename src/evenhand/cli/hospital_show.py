"""A scenario on the terminal and as a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from rich.tree import Tree

from evenhand.cli.show import console, show_table
from evenhand.hospital.scenario import ANYWHERE
from evenhand.report.protocol import asks, depths, protocol_chart, who

if TYPE_CHECKING:
    from pathlib import Path

    from evenhand.hospital.scenario import Patient, Scenario

_MANY_AT = 3
"""Names of stations that are listed; more are counted."""


def print_scenario(scenario: Scenario) -> None:
    """Print what a scenario says: places, people, things, and what is to be done."""
    out = console()
    out.print(Text(scenario.name, style="bold"))
    out.print(scenario.description)
    out.print(
        f"{scenario.horizon} steps; reward: progress, {scenario.rewards.success:g} for success, "
        f"{scenario.rewards.time:g} less for each step; workload: {scenario.workload}\n"
    )
    _print_stations(scenario)
    _print_team(scenario)
    if scenario.items:
        show_table(
            ["item", "kind", "at"], [[i.name, i.kind or i.name, _places(i.at)] for i in scenario.items], left=(0, 1, 2)
        )
        out.print()
    for patient in scenario.patients:
        out.print(_tree(scenario, patient))
    out.print()


def draw_protocols(scenario: Scenario, path: Path) -> None:
    """Write the protocols as a graph, in the format of the file's ending.

    Raises
    ------
    InputError
        If the file cannot be written.
    MissingExtraError
        If the libraries that draw are not installed.
    """
    from evenhand.report import libraries, palette
    from evenhand.tables.write import atomic_writer

    converter = libraries.vl_convert()
    options = {"vl_version": libraries.vega_lite_version(), "format_locale": palette.NUMBERS}
    spec = protocol_chart(scenario).to_dict()
    ending = path.suffix.lower()
    if ending == ".png":
        content = converter.vegalite_to_png(spec, scale=2, **options)
    elif ending == ".svg":
        content = converter.vegalite_to_svg(spec, **options).encode("utf-8")
    else:
        content = converter.vegalite_to_html(spec, bundle=True, **options).encode("utf-8")
    with atomic_writer(path) as stream:
        stream.write(content)


def _print_stations(scenario: Scenario) -> None:
    travel = scenario.travel
    rooms = len({station.room for station in scenario.stations})
    rows = [[station.name, station.room, _what_is(scenario, station.name)] for station in scenario.stations]
    show_table(["station", "room", "what is there"], rows, left=(0, 1, 2))
    between = f", {travel.between_rooms} between rooms" if rooms > 1 else ""
    words = [f"{' - '.join(journey.between)} {journey.steps}" for journey in travel.exceptions]
    extra = f"; {', '.join(words)}" if words else ""
    console().print(f"a journey takes {travel.within_room} within a room{between}{extra}\n")


def _what_is(scenario: Scenario, station: str) -> str:
    patients = [patient.name for patient in scenario.patients if patient.at == station]
    items = [item.name for item in scenario.items if item.at == station]
    return ", ".join(patients + items)


def _print_team(scenario: Scenario) -> None:
    tires = any(agent.energy for agent in scenario.agents)
    heads = ["agent", *scenario.skills, *(["energy", "recovers"] if tires else []), "starts at"]
    rows = []
    for agent in scenario.agents:
        levels = [str(agent.skills.get(skill, 0) or "–") for skill in scenario.skills]
        energy = ["–", "–"] if agent.energy is None else [str(agent.energy.capacity), str(agent.energy.recovery)]
        rows.append([agent.name, *levels, *(energy if tires else []), _places(agent.start)])
    show_table(heads, rows, left=(0, len(heads) - 1))
    console().print()


def _places(at: str | tuple[str, ...]) -> str:
    if at == ANYWHERE or isinstance(at, str):
        return str(at)
    return " or ".join(at) if len(at) <= _MANY_AT else f"one of {len(at)}: {', '.join(at[:_MANY_AT])}, ..."


def _tree(scenario: Scenario, patient: Patient) -> Tree:
    """Return the protocol as a tree: below each step those for which it is the last to wait for."""
    tree = Tree(Text(f"{patient.name}, at {patient.at}", style="bold"))
    depth = depths(patient)
    branches: dict[str, Tree] = {}
    for step in sorted(patient.steps, key=lambda step: depth[step.name]):
        line = Text.assemble((step.name, "bold"), f"  {asks(step)}; {who(scenario, step)}")
        if step.energy:
            line.append(f"; energy {step.energy}", style="dim")
        deepest = sorted(step.after, key=lambda name: depth[name])
        if len(deepest) > 1:
            line.append(f"; also after {', '.join(deepest[:-1])}", style="dim")
        if step.at and step.at != patient.at:
            line.append(f"; at {step.at}", style="dim")
        branches[step.name] = (branches[deepest[-1]] if deepest else tree).add(line)
    return tree
