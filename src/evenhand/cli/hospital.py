"""``evenhand hospital``: show scenarios, play episodes, and compute the best plans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand.cli.episode import Film, check_film, show_episode
from evenhand.cli.exits import EPILOG_DONE
from evenhand.cli.options import argument, count_option, number_option, option
from evenhand.errors import InputError
from evenhand.tables.cost_table import shown

if TYPE_CHECKING:
    from rich.tree import Tree

    from evenhand.hospital.planner import Plan, TradeOff
    from evenhand.hospital.scenario import Patient, Scenario

EPILOG = EPILOG_DONE
TAUS = (0.55, 0.65, 0.75, 0.85, 0.95, 1.0)
"""Values of the mean index at which the trade-off is printed."""
_MANY_AT = 3
"""Upper limit on the stations that are listed by name; more are counted."""

app = typer.Typer(
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="The resuscitation simulator: show scenarios, play episodes, compute the best plans.",
    epilog=EPILOG,
)

_Scenario = Annotated[
    str | None,
    argument(
        "SCENARIO",
        "A name that `evenhand hospital list` prints, or a TOML file of your own (FILE.toml or FILE.toml/TEAM).",
    ),
]
_ScenarioOption = Annotated[str | None, option("SCENARIO", "The same, as an option.", "--scenario")]


@app.command("list", epilog=EPILOG)
def list_scenarios() -> None:
    """List the built-in scenarios."""
    from evenhand import hospital
    from evenhand.cli.show import console

    names = hospital.names()
    width = max(map(len, names))
    for name in names:
        console().print(f"{name:<{width}}  {hospital.load(name).description}", soft_wrap=True)


@app.command("show", epilog=EPILOG)
def show(
    name: _Scenario = None,
    scenario: _ScenarioOption = None,
    output: Annotated[
        Path | None, option("FILE", "Draw the protocols as a graph: .svg, .png or .html.", "--out", "-o")
    ] = None,
) -> None:
    """Print stations, team, items and protocols of a scenario.

    Example: evenhand hospital show full-code/specialist -o protocol.svg
    """
    from evenhand import hospital
    from evenhand.cli.outputs import check_outputs

    chosen = _asked(name, scenario)
    check_outputs({"--out": output}, {}, endings=(".svg", ".png", ".html"))
    loaded = hospital.load(chosen)
    _print_scenario(loaded)
    if output is not None:
        _draw_protocols(loaded, output)


@app.command("play", epilog=EPILOG)
def play(
    name: _Scenario = None,
    scenario: _ScenarioOption = None,
    policy: Annotated[
        str,
        option(
            "random|wait|greedy|plan",
            "Policy: random actions, none, the nearest open step for each agent, or the quickest plan (exact).",
        ),
    ] = "random",
    jain: Annotated[float | None, number_option("J", "Jain's index that the plan must reach (--policy plan).")] = None,
    output: Film = None,
    seed: Annotated[int, count_option("N", "Same scenario, policy and seed: same episode.")] = 0,
    steps: Annotated[int | None, count_option("N", "Stop after N steps.")] = None,
) -> None:
    """Play one episode, in words or as an animation.

    Example: evenhand hospital play rescue-breaths/specialist --policy plan -o episode.gif
    """
    from evenhand import hospital
    from evenhand.hospital import playing

    chosen = _asked(name, scenario)
    if jain is not None and policy != "plan":
        raise InputError(f"--jain is for --policy plan, not for {shown(policy)}")
    check_film(output)
    episode = playing.play(hospital.load(chosen), policy, seed=seed, steps=steps, min_jain=jain or 0.0)
    show_episode(episode, output)


@app.command("plan", epilog=EPILOG)
def plan(
    scenario: Annotated[str, argument("SCENARIO", "As for show.")],
    tau: Annotated[float | None, number_option("T", "Jain's index that the plan must reach, up to 1.")] = None,
    at: Annotated[
        str | None, option("NAMES", "Agents' starting stations, such as bed,door,door; random by default.", "--from")
    ] = None,
    starts: Annotated[
        int | None, count_option("N", "Average over N random starts; by default over all of them.")
    ] = None,
    seed: Annotated[int, count_option("N", "Seed of the random starts.")] = 0,
    json: Annotated[Path | None, option("FILE", "Write the curve and the plan as JSON.")] = None,
) -> None:
    """Compute the quickest plan, step by step, and the trade-off between time and fairness, by exact search.

    Fairness is Jain's index of the useful workload at the end of an episode. The curve shows the shortest mean time for
    a mean index, over starts and over lotteries between plans; no trained team can beat it.

    Example: evenhand hospital plan lone-expert --tau 0.9
    """
    from evenhand import hospital
    from evenhand.cli.outputs import check_outputs, write_values
    from evenhand.cli.show import console

    if tau is not None and not 0 <= tau <= 1:
        raise InputError(f"--tau is {tau}; Jain's index lies between 0 and 1")
    check_outputs({"--json": json}, {})
    loaded = hospital.load(scenario)
    made = _plan(loaded, at, seed, tau or 0.0)
    curve = _trade_off(loaded, starts, seed)
    for line in (*_curve_lines(curve), "", *_plan_lines(made, tau)):
        console().print(line, soft_wrap=True)
    write_values(json, lambda: {"trade_off": curve.to_dict(), "plan": made.to_dict()})


def _asked(name: str | None, option: str | None) -> str:
    if (name is None) == (option is None):
        many = "give one scenario, not two" if name is not None else "give a scenario"
        raise InputError(f"{many}: SCENARIO or --scenario SCENARIO (evenhand hospital list names them)")
    return name or option or ""


def _print_scenario(scenario: Scenario) -> None:
    """Print the stations, team, items and protocols of a scenario."""
    from rich.text import Text

    from evenhand.cli.show import console, show_table

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


def _draw_protocols(scenario: Scenario, path: Path) -> None:
    """Write the protocols as a graph, in the format of the file's ending."""
    from evenhand.report.page_libraries import picture
    from evenhand.report.protocol_chart import protocol_chart
    from evenhand.tables.write import atomic_writer

    content = picture(protocol_chart(scenario).to_dict(), path.suffix.lower())
    with atomic_writer(path) as stream:
        stream.write(content)


def _print_stations(scenario: Scenario) -> None:
    from evenhand.cli.show import console, show_table

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
    from evenhand.cli.show import console, show_table

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
    if isinstance(at, str):
        return at
    return " or ".join(at) if len(at) <= _MANY_AT else f"one of {len(at)}: {', '.join(at[:_MANY_AT])}, ..."


def _tree(scenario: Scenario, patient: Patient) -> Tree:
    """Return the protocol as a tree in which each step is below the deepest of the steps that it waits for."""
    from rich.text import Text
    from rich.tree import Tree

    from evenhand.report.protocol_chart import asks, depths, who

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


def _plan(scenario: Scenario, at: str | None, seed: int, tau: float) -> Plan:
    from evenhand.hospital import planner

    if at is not None:
        return planner.plan(scenario, [name.strip() for name in at.split(",")], min_jain=tau)
    agents, items = planner.drawn_start(scenario, seed)
    return planner.plan(scenario, agents, items, min_jain=tau)


def _trade_off(scenario: Scenario, starts: int | None, seed: int) -> TradeOff:
    from evenhand.cli.progress_bar import ProgressBar, Report
    from evenhand.hospital import planner

    with ProgressBar(f"plans of {scenario.name}", 1.0) as bar:

        def progress(steps: int, horizon: int) -> None:
            bar(Report(f"{steps} of at most {horizon} steps"))

        return planner.trade_off(scenario, starts, seed, progress)


def _curve_lines(curve: TradeOff) -> list[str]:
    kind = "all" if curve.every_start else "drawn"
    lines = [f"{curve.scenario}: {curve.starts:,} starts ({kind}), {curve.states:,} states"]
    if not curve.hull:
        return [*lines, "no plan succeeds within the horizon"]
    lines.append(f"some plan succeeds from {100 * curve.success:.4g} % of the starts")
    (jain, time), (most, slow) = curve.hull[0], curve.hull[-1]
    lines.append(f"quickest: mean {time:.2f} steps, mean Jain's index {curve.least_jain:.3f} to {jain:.3f}")
    lines.append(f"fairest:  mean {slow:.2f} steps, mean Jain's index {most:.3f}")
    times = [(tau, curve.time_at(tau)) for tau in TAUS]
    lines.append("for a mean index of at least:")
    return lines + [f"  {tau:.2f}  {'unattainable' if time is None else f'{time:.2f} steps'}" for tau, time in times]


def _plan_lines(made: Plan, tau: float | None) -> list[str]:
    asked = "the quickest plan" if tau is None else f"the quickest plan with an index of at least {tau:g}"
    starts = ", ".join(f"{agent} at {station}" for agent, station in zip(made.agents, made.agent_starts, strict=True))
    shares = ", ".join(f"{agent} {units}" for agent, units in zip(made.agents, made.workload, strict=True))
    width = len(str(made.time))
    steps = [
        "; ".join(f"{agent} {did}" for agent, did in zip(made.agents, words, strict=True) if did != "waits")
        for words in made.words
    ]
    return [
        f"from {starts}: {asked}",
        *(f"  {number:>{width}}  {step or 'all wait'}" for number, step in enumerate(steps, start=1)),
        f"success in {made.time} steps; Jain's index {made.jain:.3f}; useful units: {shares}",
    ]
