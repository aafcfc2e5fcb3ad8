"""``evenhand verify``: check an answer without trusting the solver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenhand.cli import options
from evenhand.cli.assign_rules import refuse_beside_rules, refuse_unused
from evenhand.cli.before import read_previous
from evenhand.cli.exits import GAP_NOT_PROVEN, NOT_VERIFIED, OK
from evenhand.cli.fairness_options import Asked
from evenhand.cli.inputs import Given, GivenCandidates, Tables
from evenhand.cli.options import argument
from evenhand.cli.outputs import check_outputs, write_values
from evenhand.cli.readable_numbers import number, percent
from evenhand.cli.rules_options import Several, own_rule, read_question
from evenhand.cli.verify_plan import in_either_order, verdict_on_plan
from evenhand.errors import InputError
from evenhand.tables.documents import read_json

if TYPE_CHECKING:
    from evenhand.assignment import Verdict
    from evenhand.assignment.verdict import Outcome

Answer = Annotated[Path, argument("ANSWER", "The JSON that `evenhand assign --json` wrote.")]


def command(
    tables: Tables,
    answer: Answer,
    entitlements: options.Entitlements = None,
    maximise: options.Maximise = False,
    *,
    asked: Asked,
    several: Several,
    from_: options.From = None,
    change_at_most: options.ChangeAtMost = None,
    max_gap: options.MaxGap = None,
    proof: options.ProofToCheck = None,
    json: options.Json = None,
    quiet: options.Quiet = False,
) -> None:
    """Check an answer against the tables and the question it was made from, without trusting the solver.

    Sums are exact, the bound is recomputed from the certificate, and whatever cannot be decided counts as not verified.

    Give the same burdens, initial loads and locked tasks as to `evenhand assign`, and preferably the same measure of
    fairness: then an answer to another question is not verified. Without it, the question that the answer states is
    printed in full.

    ANSWER may be the folder of a plan that `evenhand assign` wrote from a folder of shards: it is read part by part.

    If the answer was made under several rules, give these: --rules and the like. They are the question in full, and so
    --maximise must be given if the answer was made with it.

    If the answer was made with --from, give the same answer, and the same --change-at-most.

    Code 0: the plan is verified and its gap is proven. Code 5: the plan is verified, its gap only in part.

    Example: evenhand verify costs.csv out.json --max-over-mean 1.2 --max-gap 1e-3
    """
    plan = in_either_order(tables.costs, answer)
    if plan is not None:
        if several:
            raise InputError(f"{several.first}: a plan in shards keeps one measure and no other rules; leave it out")
        check_outputs({"--json": json}, {})
        rest: dict[str, Any] = {"entitlements": entitlements, "proof": proof, "maximise": maximise, "max_gap": max_gap}
        verdict = verdict_on_plan(tables, asked, *plan, from_=from_, change_at_most=change_at_most, **rest)
    else:
        verdict = _in_memory(
            tables, answer, asked, several, entitlements, maximise, from_, change_at_most, max_gap, proof, json
        )
    write_values(json, verdict.to_dict)
    if not quiet:
        _show(verdict)
    raise typer.Exit(CODES[verdict.outcome])


def _in_memory(
    tables: Tables,
    answer: Path,
    asked: Asked,
    several: Several,
    entitlements: str | None,
    maximise: bool,
    from_: Path | None,
    change_at_most: int | None,
    max_gap: float | None,
    proof: Path | None,
    json: Path | None,
) -> Verdict:
    """Return the verdict on an answer whose table is read whole."""
    check_outputs(
        {"--json": json},
        {**tables.files, **several.files, "the answer": answer, "the proof": proof, "the answer before": from_},
    )
    from evenhand import assignment

    if several:
        refuse_beside_rules({"--proof": proof, "--from": from_, "--change-at-most": change_at_most}, several)
        refuse_unused(tables, several, asked, entitlements)
        given_all, beside = read_question(tables, several, entitlements, {"--json": json})
        fairness = asked.member(len(given_all.costs.agents), given_all.entitlements) if asked else None
        own = own_rule(fairness, given_all)
        data = read_answer(answer)
        return assignment.verify(given_all.costs, data, max_gap=max_gap, maximise=maximise, **own, **beside)
    before = read_previous(from_, None)
    given = tables.read_any(entitlements)
    data = read_answer(answer)
    return assignment.verify(
        given.costs,
        data,
        max_gap=max_gap,
        **question(asked, given, maximise=maximise),
        **given.rest,
        proof=proof,
        before=None if before is None else before.data,
        change_at_most=change_at_most,
    )


def question(asked: Asked, given: Given | GivenCandidates, *, maximise: bool) -> dict[str, Any]:
    """Return the question that the options ask, as arguments of `verify` and `explain`; None for what is not given."""
    fairness = asked.member(len(given.costs.agents), given.entitlements) if asked else None
    return {
        "fairness": fairness,
        "entitlements": given.entitlements,
        "maximise": maximise if maximise or fairness is not None else None,
    }


CODES: dict[Outcome, int] = {
    "verified": OK,
    "gap not proven": GAP_NOT_PROVEN,
    "infeasibility not proven": NOT_VERIFIED,
    "not verified": NOT_VERIFIED,
}
"""Exit code of each outcome."""


def read_answer(file: Path) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises
    ------
    InputError
        If the file cannot be read, or contains anything else.
    """
    data: dict[str, Any] = read_json(file)
    if not isinstance(data, dict):
        raise InputError(f"{file}: must be the JSON object of an answer, as `evenhand assign --json` writes it")
    return data


_STYLES = {"verified": "bold green", "gap not proven": "bold yellow"}


def _show(verdict: Verdict) -> None:
    from evenhand.cli.show import console, show_facts

    console().print(verdict.headline, style=_STYLES.get(verdict.outcome, "bold red"))
    meaning = _meaning(verdict)
    facts = [("this means", meaning)] if meaning else []
    facts += [("because", reason) for reason in verdict.reasons]
    facts += [("asked", sentence) for sentence in verdict.asked]
    facts += [("proven", sentence) for sentence in verdict.proven]
    facts += [("on trust", sentence) for sentence in (*verdict.search_only, *verdict.on_trust)]
    if verdict.cost is not None:
        facts += [
            ("exact cost", number(verdict.cost)),
            ("proven bound", number(verdict.bound)),
            ("certified gap", percent(verdict.certified_gap)),
        ]
    facts += [(f"margin: {name}", f"{margin:.3g}") for name, margin in verdict.margins.items()]
    show_facts(facts)


def _meaning(verdict: Verdict) -> str | None:
    """Return the explanation of a verdict that is neither verified nor refuted; None for the others."""
    if verdict.outcome == "gap not proven" and verdict.gap_to_ask is not None:
        return (
            "Nothing is wrong with the plan: tasks, loads, fairness and cost are as stated. The certificate proves a "
            "wider gap than stated; the difference is a result of the search, which the answer cannot prove. Many "
            f"answers are like that. To accept what is proven, add --max-gap {verdict.gap_to_ask:g}."
        )
    if verdict.outcome == "infeasibility not proven":
        return (
            "A plan that splits tasks could be fair. That no plan with whole tasks is fair was found by exhaustive "
            "search, which an answer cannot prove. To check it, run evenhand assign again."
        )
    return None
