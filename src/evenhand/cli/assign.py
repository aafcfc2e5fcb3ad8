"""``evenhand assign``: find the cheapest fair assignment, with a certificate."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from evenhand.cli import options
from evenhand.cli.assign_candidates import assign_candidates, refuse_given
from evenhand.cli.assign_rules import Written, assign_rules, refuse_beside_rules
from evenhand.cli.assign_shards import assign_in_shards, is_in_shards
from evenhand.cli.before import Before, read_previous, rule_of
from evenhand.cli.door import finished_first, say, stopped_by
from evenhand.cli.exits import exit_code
from evenhand.cli.fairness_options import Asked
from evenhand.cli.inputs import Given, GivenCandidates, Tables
from evenhand.cli.outputs import check_outputs, write_values
from evenhand.cli.progress_bar import ProgressBar
from evenhand.cli.rules_options import Several
from evenhand.errors import InputError
from evenhand.fairness import Fairness

if TYPE_CHECKING:
    from evenhand.assignment import Assignment


REPORT = 0.2
"""Fraction of a time limit that is kept for the report, if one is asked for."""


def command(
    tables: Tables,
    entitlements: options.Entitlements = None,
    maximise: options.Maximise = False,
    *,
    asked: Asked,
    several: Several,
    fairest: options.Fairest = False,
    max_price: options.MaxPrice = None,
    from_: options.From = None,
    change_at_most: options.ChangeAtMost = None,
    gap: options.Gap = 1e-4,
    time_limit: options.TimeLimit = None,
    seed: options.Seed = 0,
    workers: options.Workers = 1,
    json: options.Json = None,
    csv: options.Csv = None,
    plain_csv: options.PlainCsv = False,
    report: options.Report = None,
    unit: options.Unit = "",
    burden_unit: options.BurdenUnit = "",
    proof: options.Proof = None,
    quiet: options.Quiet = False,
    out: options.Out = None,
    engine: options.Engine = "local",
    address: options.Address = None,
) -> None:
    """Assign each task to an agent, as cheaply as possible and as fairly as you ask, with proof.

    Give exactly one measure of fairness, or --fairest; with --from, that of the answer there is the default.

    Several burdens, limits, tasks of several agents and tasks that exclude each other: see "Several rules" below.

    With --p, a target (--cv, --jain, --max-over-mean) uses the smallest epsilon of that order that guarantees it.

    A folder of .npy or Parquet files is read as a stream, and the plan is written part by part.

    Example: evenhand assign costs.csv --burdens hours.csv --max-over-mean 1.2 --json out.json --report out.html
    """
    if is_in_shards(tables.costs, out, engine, address):
        whole: dict[str, Any] = {
            "--fairest": fairest,
            "--max-price": max_price,
            "--from": from_,
            "--change-at-most": change_at_most,
        }
        whole |= {"--csv": csv, "--proof": proof, several.first if several else "--rules": several or None}
        assign_in_shards(
            tables,
            asked,
            out,
            (engine, address, workers),
            entitlements=entitlements,
            others=whole,
            json=json,
            report=(report, unit, burden_unit),
            quiet=quiet,
            gap=gap,
            time_limit=time_limit,
            seed=seed,
            maximise=maximise,
        )
    begun = time.perf_counter()
    outputs = {"--json": json, "--csv": csv, "--report": report, "--proof": proof}
    check_outputs(outputs, {**tables.files, **several.files, "the answer to start from": from_})
    if several:
        others = {"--from": from_, "--change-at-most": change_at_most, "--proof": proof, "--burden-unit": burden_unit}
        refuse_beside_rules(others | {"--workers": None if workers == 1 else workers}, several)
        assign_rules(
            tables,
            several,
            asked,
            begun,
            entitlements=entitlements,
            fairest=fairest,
            max_price=max_price,
            maximise=maximise,
            gap=gap,
            time_limit=time_limit,
            seed=seed,
            written=Written(json, csv, report, unit, protect=not plain_csv),
            quiet=quiet,
        )
    previous = read_previous(from_, change_at_most)
    given = tables.read_any(entitlements, time_limit=time_limit, quiet=quiet)
    if isinstance(given, GivenCandidates):
        full_only = {"--from": from_, "--fairest": fairest or None, "--report": report, "--proof": proof}
        refuse_given(full_only, given.costs.source)
        assign_candidates(given, asked, begun, gap, time_limit, seed, json, csv, maximise=maximise, quiet=quiet)
    fairness = rule_of(previous, asked, given, maximise=maximise, fairest=fairest)
    spent = time.perf_counter() - begun
    # A limit that is not positive is passed on, to be refused there. If reading has used up the limit, a twentieth of
    # it remains for finding at least some answer.
    left = time_limit if time_limit is None or time_limit <= 0 else max(time_limit - spent, 0.05 * time_limit)
    if left is not None and report is not None:
        left *= 1.0 - REPORT
    loading = load_loops(quiet=quiet)
    rest: dict[str, Any] = {"gap": gap, "time_limit": left, "seed": seed, "workers": workers}
    if previous is not None and max_price is not None:
        raise InputError("--max-price goes with --fairest, which finds its level afresh; leave out --from")
    rest |= (
        {"maximise": maximise, "fairest": fairest, "max_price": max_price}
        if previous is None
        else {"change_at_most": change_at_most}
    )
    certificate = "tree" if proof else "cuts"
    answer = _solve(previous, given, fairness, **rest, quiet=quiet, certificate=certificate)
    answer = replace(answer, seconds=answer.seconds + spent + loading)
    with finished_first(), ProgressBar("writing", 1.0, show=not quiet):
        _write(answer, given, json, csv, protect=not plain_csv)
        if proof is not None:
            _write_proof(answer, proof)
    if not quiet:
        from evenhand.cli.show import show_answer

        show_answer(answer, given, loading)
    if answer.interrupted and answer.assignment is not None:
        saved = [str(path) for path in (json, csv) if path is not None]
        where = f"; it is in {' and '.join(saved)}" if saved else ""
        say(f"stopped by {stopped_by()}; this is the best answer so far{where}")
    if report is not None:
        from evenhand.cli.pictures import report_answer, units_of

        units = units_of(unit, burden_unit, given)
        rest = {"gap": gap, "seed": seed, "workers": workers, "quiet": quiet}
        end = None if time_limit is None else begun + loading + time_limit
        report_answer(report, answer, given, units=units, end=end, **rest)
    found = answer.assignment is not None
    raise typer.Exit(exit_code(answer.status, found=found, interrupted=answer.interrupted))


def load_loops(*, quiet: bool) -> float:
    """Load the compiled loops, which the first use on a machine compiles; return the seconds that this takes."""
    from evenhand.assignment.progress_clock import Clock
    from evenhand.assignment.solve_assignment import prepare

    clock = Clock(None, None)
    with ProgressBar("assign", 1.0, show=not quiet) as progress:
        prepare(progress, clock)
    return clock.seconds


def _solve(
    previous: Before | None,
    given: Given,
    fairness: Fairness | None,
    *,
    gap: float,
    time_limit: float | None,
    quiet: bool,
    **rest: Any,
) -> Assignment:
    from evenhand import assignment
    from evenhand.assignment.update import update

    solver: Callable[..., Assignment] = assignment.assign
    if previous is not None:
        solver = partial(update, previous.data, source=previous.source)
    with ProgressBar("assign", gap, show=not quiet, limited=time_limit is not None) as progress:
        return solver(given.costs, fairness, gap=gap, time_limit=time_limit, progress=progress, **given.rest, **rest)


def _write(answer: Assignment, given: Given, json: Path | None, csv: Path | None, *, protect: bool) -> None:
    from evenhand.tables import write_assignment

    write_values(json, answer.to_dict)
    if csv is not None and answer.assignment is not None:
        names = [answer.agents[agent] for agent in answer.assignment]
        write_assignment(csv, zip(given.costs.tasks, names, strict=True), protect=protect)


def _write_proof(answer: Assignment, path: Path) -> None:
    """Write the tree proof; say why if there is none."""
    if answer.proof is not None:
        answer.proof.write(path)
        say(f"proof of {answer.proof.nodes} nodes, {len(answer.proof.data) / 1e3:.3g} kB: {path}")
    else:
        say(f"{path} is not written: {answer.no_proof}")
