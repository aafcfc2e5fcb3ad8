"""``evenhand assign`` under several rules."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from evenhand.cli.assign_candidates import refuse_given
from evenhand.cli.door import finished_first, say, stopped_by
from evenhand.cli.exits import exit_code
from evenhand.cli.fairness_options import Asked
from evenhand.cli.inputs import Given, GivenCandidates, Tables
from evenhand.cli.outputs import write_values
from evenhand.cli.progress_bar import ProgressBar
from evenhand.cli.rules_options import Several, own_rule, read_question
from evenhand.errors import InputError

if TYPE_CHECKING:
    from evenhand.assignment import RuledAssignment


@dataclass(frozen=True, slots=True)
class Written:
    """The files that are written, and how: options as in the command."""

    json: Path | None
    csv: Path | None
    report: Path | None
    unit: str = ""
    protect: bool = True

    @property
    def outputs(self) -> dict[str, Path | None]:
        """The files by their options."""
        return {"--json": self.json, "--csv": self.csv, "--report": self.report}


_WHY_NOT = {
    "--from": "plans under several rules are made afresh; leave it out, or ask one measure alone",
    "--change-at-most": "plans under several rules are made afresh; leave it out, or ask one measure alone",
    "--proof": "under several rules the certificate in --json is all the proof there is; leave it out",
    "--workers": "several rules are solved by one worker; leave it out",
    "--other": "answers under several rules are not compared; leave it out",
    "--task": "single moves are not priced under several rules; leave it out",
    "--burden-unit": "each of several rules has a burden of its own; leave it out",
}
"""Why an option has no meaning under several rules, and what to do."""


def refuse_beside_rules(options: Mapping[str, object], several: Several) -> None:
    """Raise an InputError for the first option that is given and has no meaning under several rules."""
    given = next((option for option, value in options.items() if value not in (None, "")), None)
    if given is not None:
        raise InputError(f"{given} beside {several.first}: {_WHY_NOT[given]}")


def refuse_unused(
    tables: Tables, several: Several, asked: Asked, entitlements: str | None, *, own: bool = False
) -> None:
    """Raise an InputError for an option that says what one measure shares, if there is no measure to share it.

    `own` says that there is one although none is `asked`.
    """
    if asked or own:
        return
    shared = {"--burdens": tables.burdens, "--initial-loads": tables.initial_loads}
    limited = several.least_load is not None or several.most_load is not None
    for option, value in {"--entitlements": entitlements, **({} if limited else shared)}.items():
        if value is not None:
            raise InputError(
                f"{option}: no measure on the command line uses it; add one, such as --jain 0.9, or put it into a rule"
            )


def assign_rules(
    tables: Tables,
    several: Several,
    asked: Asked,
    begun: float,
    *,
    entitlements: str | None,
    fairest: bool,
    max_price: float | None,
    maximise: bool,
    gap: float,
    time_limit: float | None,
    seed: int,
    written: Written,
    quiet: bool,
) -> NoReturn:
    """Assign, write and show; options as in the command, and `begun` is the time at which it began."""
    from evenhand import assignment

    given, beside = read_question(tables, several, entitlements, written.outputs, time_limit=time_limit, quiet=quiet)
    n = len(given.costs.agents)
    own = asked.member(n, given.entitlements) if asked else None
    if fairest and own is None and not any(isinstance(rule, assignment.Rule) for rule in beside["rules"] or ()):
        own = asked.floor(n, given.entitlements)
    refuse_unused(tables, several, asked, entitlements, own=own is not None)
    _refuse_page(given, beside["rules"], written.report)
    spent = time.perf_counter() - begun
    left = time_limit if time_limit is None or time_limit <= 0 else max(time_limit - spent, 0.05 * time_limit)
    with ProgressBar("assign", gap, show=not quiet, limited=time_limit is not None) as progress:
        answer = assignment.assign(
            given.costs,
            gap=gap,
            time_limit=left,
            seed=seed,
            progress=progress,
            maximise=maximise,
            fairest=fairest,
            max_price=max_price,
            **own_rule(own, given),
            **beside,
        )
    answer = replace(answer, seconds=answer.seconds + spent)
    with finished_first():
        _write(answer, written)
    if not quiet:
        from evenhand.cli.show_rules import show_ruled

        show_ruled(answer)
    if answer.interrupted and answer.assignment is not None:
        say(f"stopped by {stopped_by()}; this is the best answer so far")
    if written.report is not None:
        _report(written.report, answer, given, own_rule(own, given) | beside, written.unit)
    found = answer.assignment is not None
    raise typer.Exit(exit_code(answer.status, found=found, interrupted=answer.interrupted))


def _refuse_page(given: Any, rules: Any, report: Path | None) -> None:
    """Raise an InputError, before anything is solved, if the answer is one that no page is written for."""
    if report is None:
        return
    over = next((rule for rule in rules or () if getattr(rule, "over", "agents") == "tasks"), None)
    if over is not None:
        raise InputError(f"--report: no page is written for rules over tasks, such as {over.name!r}; leave it out")
    if isinstance(given, GivenCandidates):
        refuse_given({"--report": report}, given.costs.source)


def _report(path: Path, answer: RuledAssignment, given: Given, question: dict[str, Any], unit: str) -> None:
    """Write the page of an answer, with its verdict and what each rule costs."""
    from evenhand import assignment, report
    from evenhand.cli.pictures import command_line
    from evenhand.report.units import Units

    maximise = answer.maximise
    verdict = assignment.verify(given.costs, answer, maximise=maximise, **question)
    explanation = None
    if verdict.verified and answer.assignment is not None and not answer.interrupted:
        explanation = assignment.explain_rules(given.costs, answer, maximise=maximise, **question)
    report.write_rules_report(
        path,
        answer,
        table=given.costs,
        verdict=verdict,
        explanation=explanation,
        command=command_line(),
        units=Units(unit),
        times=question.get("times"),
    )


def _write(answer: RuledAssignment, written: Written) -> None:
    from evenhand.tables import write_assignment

    write_values(written.json, answer.to_dict)
    if written.csv is not None and answer.assignment is not None:
        write_assignment(
            written.csv, [(row["task"], row["agent"]) for row in answer.to_rows()], protect=written.protect
        )
