"""``evenhand assign`` on a large table of candidates, whose full table would be nearly all forbidden."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from evenhand.cli.door import say, stopped_by
from evenhand.cli.exits import exit_code
from evenhand.cli.fairness_options import Asked
from evenhand.cli.inputs import GivenCandidates
from evenhand.cli.outputs import write_values
from evenhand.cli.readable_numbers import number, percent, seconds
from evenhand.errors import InputError

if TYPE_CHECKING:
    from evenhand.assignment import Assignment


def refuse_given(options: Mapping[str, object], source: str) -> None:
    """Raise an InputError for the first option that is given and needs the full table."""
    given = next((option for option, value in options.items() if value is not None), None)
    if given is not None:
        raise InputError(f"{given}: needs the full table, and that of {source} would be too large; leave it out")


def assign_candidates(
    given: GivenCandidates,
    asked: Asked,
    begun: float,
    gap: float,
    time_limit: float | None,
    seed: int,
    json: Path | None,
    csv: Path | None,
    *,
    maximise: bool,
    quiet: bool,
) -> NoReturn:
    """Assign, write and show; options as in the command, and `begun` is the time at which it began."""
    from evenhand import assignment
    from evenhand.cli.progress_bar import ProgressBar
    from evenhand.tables.write import write_plan

    fairness = asked.member(len(given.costs.agents), given.entitlements)
    spent = time.perf_counter() - begun
    left = time_limit if time_limit is None or time_limit <= 0 else max(time_limit - spent, 0.05 * time_limit)
    with ProgressBar("assign", gap, show=not quiet, limited=time_limit is not None) as progress:
        answer = assignment.assign(
            given.costs,
            fairness,
            gap=gap,
            time_limit=left,
            seed=seed,
            progress=progress,
            maximise=maximise,
            **given.rest,
        )
    write_values(json, answer.to_dict)
    if csv is not None and answer.assignment is not None:
        write_plan(csv, answer.tasks, answer.agents, answer.assignment)
    if not quiet:
        _show(answer, answer.seconds + spent)
    if answer.interrupted and answer.assignment is not None:
        say(f"stopped by {stopped_by()}; this is the best answer so far")
    found = answer.assignment is not None
    raise typer.Exit(exit_code(answer.status, found=found, interrupted=answer.interrupted))


def _show(answer: Assignment, spent: float) -> None:
    """Print cost, bound, gap and the extreme loads."""
    from evenhand.cli.show import console, fairness_in_words, outliers, say_how_many, show_facts, show_table

    facts = [("asked", fairness_in_words(answer.fairness))]
    if answer.status == "infeasible":
        facts += [("result", "infeasible: no assignment among these candidates is fair, as the certificate proves")]
        lone = _without_candidates(answer)
        facts += [("reason", lone)] if lone else []
    elif answer.assignment is None or answer.loads is None:
        facts += [("result", "no fair assignment was found in time")]
    else:
        shown = outliers(answer.loads)
        mean = float(answer.loads.mean()) or 1.0
        rows = [
            [answer.agents[agent], number(answer.loads[agent]), percent(answer.loads[agent] / mean)] for agent in shown
        ]
        show_table(["agent", "load", "of the mean"], rows)
        say_how_many(len(answer.agents), len(shown))
        what = "profit" if answer.maximise else "cost"
        facts += [
            (what, number(answer.cost)),
            ("bound", number(answer.bound)),
            ("gap", percent(answer.certified_gap)),
            ("price of fairness", percent(answer.price)),
        ]
    facts += [("time", seconds(spent))]
    console().print()
    show_facts(facts)


def _without_candidates(answer: Assignment) -> str | None:
    """Return why an answer is infeasible if its certificate is about agents who can have no load; None otherwise."""
    certificate = answer.certificate
    if certificate is None or len(certificate.points) != 1 or len(set(certificate.points[0])) > 2:
        return None
    idle = [name for name, load in zip(answer.agents, certificate.points[0], strict=True) if load == 0.0]
    if not idle:
        return None
    more = f" and {len(idle) - 1:,} others" if len(idle) > 1 else ""
    return (
        f"agent {idle[0]}{more} is no task's candidate and carries nothing, and without a load nobody has a fair share"
    )
