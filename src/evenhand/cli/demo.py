"""``evenhand demo``: assign a week of home nursing at several levels of fairness, and train a team that shares work."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from evenhand.cli import demo_team
from evenhand.cli.assign import load_loops
from evenhand.cli.inputs import Given
from evenhand.cli.options import option, steps_option
from evenhand.cli.outputs import check_outputs
from evenhand.cli.readable_numbers import percent, seconds
from evenhand.tables.files import make_folder

if TYPE_CHECKING:
    from evenhand.assignment import Assignment, RuledAssignment, Verdict
    from evenhand.fairness import Fairness, Frontier
    from evenhand.report.template import Chapter
    from evenhand.tables.visit_times import Visit

TEAMS, VISITS, SEED = 8, 160, 0
"""Size of the week of home care that is planned, and the seed from which it is drawn."""
_GAP = 2.5e-3
"""Gap at which the plans may stop: visits that exclude each other leave a part of that to a long search."""
_LEVELS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99)
"""Levels epsilon of the plans."""
SHOWN = 4
"""Position of the plan that the report is about."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One of the plans: its title, its command-line options, the name of its files, the answer and the verdict.

    The answer is by the clock; `shown` is the same as an answer under one rule, whose price is that of fairness alone.
    """

    title: str
    options: str
    file: str
    fairness: Fairness
    answer: RuledAssignment
    verdict: Verdict
    shown: Assignment


def command(
    output: Annotated[Path, option("FOLDER", "Where to put the files.", "--out", "-o")] = Path("evenhand-demo"),
    steps: Annotated[
        int, steps_option("N", "Steps of each team's training; 0 for no second chapter.")
    ] = demo_team.STEPS,
) -> None:
    """Assign nursing visits to teams, train a team that shares its work, and write a report on both."""
    from evenhand.assignment.generated_instances import generate_nursing
    from evenhand.cli.generate import write_times
    from evenhand.tables import write_table
    from evenhand.tables.visit_file import read_times

    files = _folder(output)
    check_outputs({"--report": files["report.html"]}, {})
    configs = demo_team.ask(output, steps)
    week = generate_nursing(TEAMS, VISITS, SEED, half_time=False)
    assert week.burdens is not None
    given = Given(week.costs, week.burdens, None, None, None)
    write_table(files["costs.csv"], week.costs)
    write_table(files["hours.csv"], week.burdens)
    write_times(files["visits.csv"], week)
    times, _ = read_times(files["visits.csv"], week.costs.tasks)
    load_loops(quiet=False)
    plans: list[Plan] = []
    for question in asked():
        plans.append(solve_plan(given, times, plans[0].answer.cost if plans else None, output, *question))
    _tell(plans, given, times)
    frontiers = frontiers_by_the_clock(given, times, plans[0].answer.cost)
    _draw(plans, given, times, frontiers, files)
    if configs:
        trained = demo_team.train_teams(configs, output)
        demo_team.tell(trained)
        _draw(plans, given, times, frontiers, files, [demo_team.chapter_of(trained)])
    _list(output, trained=bool(configs))


def _folder(output: Path) -> dict[str, Path]:
    make_folder(output)
    return {name: output / name for name in ("costs.csv", "hours.csv", "visits.csv", "report.html")}


def asked() -> list[tuple[str, str, str, Fairness]]:
    """Return title, options, file name and fairness of each plan."""
    from evenhand.fairness import EpsilonFairness, JainAtLeast, MaxOverMean

    return [
        ("cheapest", "--epsilon 0", "cheapest", EpsilonFairness(0.0)),
        ("Jain 0.95", "--jain 0.95", "jain", JainAtLeast(0.95)),
        ("1.25 x mean", "--max-over-mean 1.25", "largest", MaxOverMean(1.25)),
        ("epsilon 0.95", "--epsilon 0.95 --p 2", "fair", EpsilonFairness(0.95, 2)),
        ("epsilon 0.99", "--epsilon 0.99 --p 2", "strict", EpsilonFairness(0.99, 2)),
    ]


def solve_plan(
    given: Given,
    times: list[Visit | None],
    cheapest: float | None,
    folder: Path | None,
    title: str,
    options: str,
    name: str,
    fairness: Fairness,
) -> Plan:
    """Solve, write the answer into a folder, if any, and verify it from there.

    `cheapest` is the cost without fairness, by the clock; None for the plan that has it.
    """
    from evenhand import assignment
    from evenhand.cli.progress_bar import ProgressBar
    from evenhand.tables import write_assignment, write_json
    from evenhand.tables.documents import read_json

    question: dict[str, Any] = {"burdens": given.burdens, "times": times}
    with ProgressBar(title, _GAP) as progress:
        answer = assignment.assign(given.costs, fairness, **question, gap=_GAP, time_limit=60, progress=progress)
    if answer.interrupted or answer.assignment is None:
        raise KeyboardInterrupt
    written: RuledAssignment | dict[str, Any] = answer
    if folder is not None:
        written = read_json(write_json(folder / f"{name}.json", answer.to_dict()))
        write_assignment(folder / f"{name}.csv", [(row["task"], row["agent"]) for row in answer.to_rows()])
    verdict = assignment.verify(given.costs, written, fairness=fairness, **question)
    shown = assignment.Assignment(
        status=answer.status,
        assignment=answer.assignment,
        loads=answer.rules[0].loads,
        cost=answer.cost,
        bound=answer.bound,
        certified_gap=answer.certified_gap,
        fairness=fairness,
        certificate=None,
        seconds=answer.seconds,
        agents=answer.agents,
        tasks=answer.tasks,
        base_cost=answer.cost if cheapest is None else cheapest,
    )
    return Plan(title, options, name, fairness, answer, verdict, shown)


def _tell(plans: list[Plan], given: Given, times: list[Visit | None]) -> None:
    from evenhand.cli.show import console, show_table

    out = console()
    out.print(
        f"A week of home nursing: {VISITS} visits, {TEAMS} teams. Paid in euros, shared in hours; no team is at two "
        "places at once.\n"
    )
    rows = []
    for plan in plans:
        answer, loads = plan.shown, plan.shown.loads
        assert loads is not None
        rows.append(
            [
                plan.title,
                f"{answer.cost:,.2f}",
                percent(answer.price),
                f"{loads.min():.1f} to {loads.max():.1f}",
                f"{answer.cv:.3f}",
                percent(answer.gap),
                percent(plan.verdict.certified_gap),
                seconds(answer.seconds),
                "yes" if plan.verdict.verified else "NO",
            ]
        )
    show_table(["plan", "euros", "price", "team hours", "CV", "gap", "proven", "time", "verified"], rows)
    if not all(plan.verdict.gap_proven for plan in plans):
        out.print(
            "\nThe gap is a result of the search; 'proven' is the gap that the certificate proves without the search."
        )
    first, shown = plans[0].shown, plans[SHOWN].shown
    assert first.loads is not None
    assert shown.loads is not None
    most, least = (first.agents[int(k)] for k in (first.loads.argmax(), first.loads.argmin()))
    out.print(
        f"\nThe cheapest plan gives the {most} {first.loads.max():.1f} hours and the {least} "
        f"{first.loads.min():.1f}. With {plans[SHOWN].title} every team has between "
        f"{shown.loads.min():.1f} and {shown.loads.max():.1f}, for {percent(shown.price)} more."
    )
    out.print(_binding(plans[SHOWN], given, times))


def _binding(plan: Plan, given: Given, times: list[Visit | None]) -> str:
    from evenhand import assignment

    explanation = assignment.explain_rules(
        given.costs, plan.answer, fairness=plan.fairness, burdens=given.burdens, times=times, gap=_GAP
    )
    fairness, clock = explanation.rules
    said = []
    if fairness.prices.max() > 0.0:
        agent = explanation.agents[int(fairness.prices.argmax())]
        least = float(fairness.prices.max())
        said.append(f"The hours of the {agent} bind most: one hour less there would save about {least:.0f} euros.")
    if clock.saving is not None and clock.binds:
        said.append(f"The clock costs {clock.saving:.0f} euros: without it, teams would be at several places at once.")
    return " ".join(said) or "No team's hours bind."


def frontiers_by_the_clock(given: Given, times: list[Visit | None], cheapest: float | None) -> list[Frontier]:
    """Return the price of fairness for two orders, relative to the cheapest plan by the clock."""
    from evenhand.cli.levels import epsilon_levels, solve_levels
    from evenhand.fairness.relative import relative_price

    assert cheapest is not None
    frontiers = []
    for p in (2.0, float("inf")):
        levels = epsilon_levels(_LEVELS, p, given)
        found = solve_levels(given, levels, _GAP, 0.5, 0, 1, False, beside={"times": times})
        if len(found) < len(_LEVELS):
            raise KeyboardInterrupt
        points = tuple(
            point if point.cost is None else replace(point, price=max(0.0, relative_price(point.cost, cheapest) or 0.0))
            for point in found.points
        )
        frontiers.append(replace(found, base_cost=cheapest, points=points))
    return frontiers


def _draw(
    plans: Sequence[Plan],
    given: Given,
    times: list[Visit | None],
    frontiers: Sequence[Frontier],
    files: dict[str, Path],
    chapters: Sequence[Chapter] = (),
) -> None:
    from evenhand import report

    plan = plans[SHOWN]
    paths = {name: shlex.quote(str(path)) for name, path in files.items()}
    report.write_report(
        files["report.html"],
        plan.shown,
        table=given.costs,
        burdens=given.burdens,
        frontiers=frontiers,
        verdict=plan.verdict,
        command=f"evenhand assign {paths['costs.csv']} --burdens {paths['hours.csv']} --times {paths['visits.csv']} "
        f"{plan.options} --gap {_GAP:g} "
        f"--unit EUR --burden-unit h --report {paths['report.html']}",
        chapters=chapters,
        units=report.Units("EUR", "h"),
        cheapest=plans[0].shown.loads,
        times=times,
    )


def _list(folder: Path, *, trained: bool) -> None:
    from evenhand.cli.show import console

    out = console()
    out.print(
        f"\nIn {folder}: costs.csv, hours.csv and visits.csv, and an answer for each plan as JSON and CSV.",
        soft_wrap=True,
    )
    out.print("Try your own: evenhand assign COSTS.csv --max-over-mean 1.2 --report out.html", soft_wrap=True)
    if trained:
        team = shlex.quote(str(demo_team.folder_of(folder, "fair")))
        out.print(f"The fair team at another threshold: evenhand evaluate {team} --tau 0.7", soft_wrap=True)
    out.print("The report:", soft_wrap=True)
    out.print(str(folder / "report.html"), soft_wrap=True)
