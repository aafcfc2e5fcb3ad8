"""``evenhand hospital plan``: the quickest plan, and what sharing the work more evenly costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evenhand.cli.options import read_count, read_number
from evenhand.errors import InputError

if TYPE_CHECKING:
    from evenhand.hospital.planner import Plan, TradeOff
    from evenhand.hospital.scenario import Scenario

TAUS = (0.55, 0.65, 0.75, 0.85, 0.95, 1.0)
"""Levels of the mean index at which the curve is told."""


def command(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", show_default=False, help="As for show.")],
    tau: Annotated[
        float | None,
        typer.Option(parser=read_number, metavar="T", help="Jain's index that the plan must reach, up to 1."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="NAMES", help="Stations of the agents, such as bed,door,door; drawn by default."
        ),
    ] = None,
    starts: Annotated[
        int | None,
        typer.Option(parser=read_count, metavar="N", help="Average over N drawn starts; over all of them by default."),
    ] = None,
    seed: Annotated[int, typer.Option(parser=read_count, metavar="N", help="For drawing starts, as reset does.")] = 0,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the curve and the plan as JSON.")] = None,
) -> None:
    """Find by exact search the quickest plan, step by step, and the trade-off between time and fairness.

    Fairness is Jain's index of useful workload at the end of an episode. The curve is the least mean time for a mean
    index, over starts and over lotteries between plans: what no team can beat, however it learned.

    Example: evenhand hospital plan lone-expert --tau 0.9
    """
    from evenhand import hospital
    from evenhand.cli.outputs import check_outputs
    from evenhand.cli.show import console
    from evenhand.tables import write_json

    if tau is not None and not 0 <= tau <= 1:
        raise InputError(f"--tau is {tau}; Jain's index lies between 0 and 1")
    check_outputs({"--json": json}, {})
    loaded = hospital.load(scenario)
    made = _plan(loaded, at, seed, tau or 0.0)
    curve = _trade_off(loaded, starts, seed)
    for line in (*_curve_lines(curve), "", *_plan_lines(made, tau)):
        console().print(line, soft_wrap=True)
    if json is not None:
        write_json(json, {"trade_off": curve.to_dict(), "plan": made.to_dict()})


def _plan(scenario: Scenario, at: str | None, seed: int, tau: float) -> Plan:
    from evenhand.hospital import planner

    if at is not None:
        return planner.plan(scenario, [name.strip() for name in at.split(",")], min_jain=tau)
    agents, items = planner.drawn_start(scenario, seed)
    return planner.plan(scenario, agents, items, min_jain=tau)


def _trade_off(scenario: Scenario, starts: int | None, seed: int) -> TradeOff:
    from evenhand.assignment import Progress
    from evenhand.cli.progress import ProgressBar
    from evenhand.hospital import planner

    with ProgressBar(f"plans of {scenario.name}", 1.0) as bar:

        def told(steps: int, horizon: int) -> None:
            bar(Progress(f"{steps} of at most {horizon} steps", 0.0, None, None, None, 0))

        return planner.trade_off(scenario, starts, seed, told)


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
