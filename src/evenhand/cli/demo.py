"""``evenhand demo``: assign a day of home nursing at several levels of fairness, and train a team that shares work."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from evenhand.cli import demo_team
from evenhand.cli.assign import load_loops
from evenhand.cli.inputs import Given
from evenhand.cli.options import option, steps_option
from evenhand.cli.outputs import check_outputs
from evenhand.cli.readable_numbers import percent, seconds
from evenhand.tables.files import make_folder

if TYPE_CHECKING:
    from evenhand.assignment import Assignment, Verdict
    from evenhand.fairness import Fairness, Frontier
    from evenhand.report.template import Chapter

TEAMS, VISITS, SEED = 8, 160, 0
"""Size of the day of home care that is planned, and the seed from which it is drawn."""
_LEVELS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99)
"""Levels epsilon of the plans."""
_SHOWN = 4
"""Position of the plan that the report is about."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One of the plans: its title, its command-line options, the name of its files, the answer and the verdict."""

    title: str
    options: str
    file: str
    answer: Assignment
    verdict: Verdict


def command(
    output: Annotated[Path, option("FOLDER", "Where to put the files.", "--out", "-o")] = Path("evenhand-demo"),
    steps: Annotated[
        int, steps_option("N", "Steps of each team's training; 0 for no second chapter.")
    ] = demo_team.STEPS,
) -> None:
    """Assign nursing visits to teams, train a team that shares its work, and write a report on both."""
    from evenhand.assignment.generated_instances import generate_nursing
    from evenhand.tables import write_table

    files = _folder(output)
    check_outputs({"--report": files["report.html"]}, {})
    configs = demo_team.ask(output, steps)
    day = generate_nursing(TEAMS, VISITS, SEED, half_time=False)
    assert day.burdens is not None
    given = Given(day.costs, day.burdens, None, None, None)
    write_table(files["costs.csv"], day.costs)
    write_table(files["hours.csv"], day.burdens)
    load_loops(quiet=False)
    plans = [_solve(given, output, *asked) for asked in _asked()]
    _tell(plans, given)
    frontiers = _frontiers(given)
    _draw(plans[_SHOWN], given, frontiers, files)
    if configs:
        trained = demo_team.train_teams(configs, output)
        demo_team.tell(trained)
        _draw(plans[_SHOWN], given, frontiers, files, [demo_team.chapter_of(trained)])
    _list(output, trained=bool(configs))


def _folder(output: Path) -> dict[str, Path]:
    make_folder(output)
    return {name: output / name for name in ("costs.csv", "hours.csv", "report.html")}


def _asked() -> list[tuple[str, str, str, Fairness]]:
    from evenhand.fairness import EpsilonFairness, JainAtLeast, MaxOverMean

    return [
        ("cheapest", "--epsilon 0", "cheapest", EpsilonFairness(0.0)),
        ("Jain 0.85", "--jain 0.85", "jain", JainAtLeast(0.85)),
        ("1.25 x mean", "--max-over-mean 1.25", "largest", MaxOverMean(1.25)),
        ("epsilon 0.95", "--epsilon 0.95 --p 2", "fair", EpsilonFairness(0.95, 2)),
        ("epsilon 0.99", "--epsilon 0.99 --p 2", "strict", EpsilonFairness(0.99, 2)),
    ]


def _solve(given: Given, folder: Path, title: str, options: str, name: str, fairness: Fairness) -> Plan:
    """Solve, write the answer, and verify it from the file."""
    from evenhand import assignment
    from evenhand.cli.progress_bar import ProgressBar
    from evenhand.tables import write_assignment, write_json
    from evenhand.tables.documents import read_json

    with ProgressBar(title, 1e-4) as progress:
        answer = assignment.assign(given.costs, fairness, burdens=given.burdens, time_limit=60, progress=progress)
    if answer.interrupted or answer.assignment is None:
        raise KeyboardInterrupt
    file = write_json(folder / f"{name}.json", answer.to_dict())
    write_assignment(folder / f"{name}.csv", [(row["task"], row["agent"]) for row in answer.to_rows()])
    verdict = assignment.verify(given.costs, read_json(file), burdens=given.burdens)
    return Plan(title, options, name, answer, verdict)


def _tell(plans: list[Plan], given: Given) -> None:
    from evenhand.cli.show import console, show_table

    out = console()
    out.print(f"A day of home nursing: {VISITS} visits, {TEAMS} teams. Paid in euros, shared in hours.\n")
    rows = []
    for plan in plans:
        answer, loads = plan.answer, plan.answer.loads
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
    first, shown = plans[0].answer, plans[_SHOWN].answer
    assert first.loads is not None
    assert shown.loads is not None
    most, least = (first.agents[int(k)] for k in (first.loads.argmax(), first.loads.argmin()))
    out.print(
        f"\nThe cheapest plan gives the {most} {first.loads.max():.1f} hours and the {least} "
        f"{first.loads.min():.1f}. With {plans[_SHOWN].title} every team has between "
        f"{shown.loads.min():.1f} and {shown.loads.max():.1f}, for {percent(shown.price)} more."
    )
    out.print(_binding(plans[_SHOWN], given))


def _binding(plan: Plan, given: Given) -> str:
    from evenhand import assignment

    explanation = assignment.explain(given.costs, plan.answer, burdens=given.burdens)
    prices = {share.agent: share.price for share in explanation.shares}
    if not explanation.binding or prices[explanation.binding[0]] is None:
        return "No team's hours bind."
    agent = explanation.binding[0]
    return f"The hours of the {agent} bind most: one hour less there would save about {prices[agent]:.0f} euros."


def _frontiers(given: Given) -> list[Frontier]:
    from evenhand.cli.levels import epsilon_levels, solve_levels

    frontiers = [
        solve_levels(given, epsilon_levels(_LEVELS, p, given), 1e-3, 0.5, 0, 1, False) for p in (2.0, float("inf"))
    ]
    if any(len(frontier) < len(_LEVELS) for frontier in frontiers):
        raise KeyboardInterrupt
    return frontiers


def _draw(
    plan: Plan, given: Given, frontiers: Sequence[Frontier], files: dict[str, Path], chapters: Sequence[Chapter] = ()
) -> None:
    from evenhand import report

    paths = {name: shlex.quote(str(path)) for name, path in files.items()}
    report.write_report(
        files["report.html"],
        plan.answer,
        table=given.costs,
        burdens=given.burdens,
        frontiers=frontiers,
        verdict=plan.verdict,
        command=f"evenhand assign {paths['costs.csv']} --burdens {paths['hours.csv']} {plan.options} "
        f"--unit EUR --burden-unit h --report {paths['report.html']}",
        chapters=chapters,
        units=report.Units("EUR", "h"),
    )


def _list(folder: Path, *, trained: bool) -> None:
    from evenhand.cli.show import console

    out = console()
    out.print(f"\nIn {folder}: costs.csv and hours.csv, and an answer for each plan as JSON and CSV.", soft_wrap=True)
    out.print("Try your own: evenhand assign COSTS.csv --max-over-mean 1.2 --report out.html", soft_wrap=True)
    if trained:
        team = shlex.quote(str(demo_team.folder_of(folder, "fair")))
        out.print(f"The fair team at another threshold: evenhand evaluate {team} --tau 0.7", soft_wrap=True)
    out.print("The report:", soft_wrap=True)
    out.print(str(folder / "report.html"), soft_wrap=True)
