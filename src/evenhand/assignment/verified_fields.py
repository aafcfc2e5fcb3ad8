"""The ledger of claims: how `verify` checks each field of an answer's JSON.

Every field has one entry. The tests fail if a new field of an answer has none, and `verify` reports a field without an
entry as not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Standing = Literal["proven", "in part", "on trust", "ignored"]


@dataclass(frozen=True, slots=True)
class Entry:
    """How one field is checked.

    Attributes
    ----------
    standing
        ``proven``: recomputed or compared, and if it is wrong, the answer is not verified. ``in part``: as far as
        the certificate goes; beyond it, on trust. ``on trust``: it cannot be checked against anything that was given,
        and the verdict says so. ``ignored``: it claims nothing about the plan.
    how
        The way it is checked, as the end of a sentence.
    """

    standing: Standing
    how: str


def _proven(how: str) -> Entry:
    return Entry("proven", how)


LEDGER: dict[str, Entry] = {
    "status": _proven(
        "it must fit what is there, a plan or none; whether the search ended or a clock stopped it is its own word"
    ),
    "assignment": _proven("every task has one agent who may do it, locked tasks theirs"),
    "loads": _proven("the exact sums of the plan's burdens and of the loads carried before"),
    "cost": _proven("the exact sum of the plan's costs"),
    "base_cost": _proven("the exact sum of the smallest allowed cost of each task"),
    "price": _proven("from cost and base_cost"),
    "bound": Entry("in part", "by the certificate as far as it goes; beyond that the gap is not proven"),
    "gap": Entry("in part", "it must follow from cost and bound, and is proven where the certificate proves as much"),
    "certified_gap": _proven("from the exact cost and the certificate's exact bound"),
    "fairness": _proven("the exact loads are fair; the question itself is compared with yours, or printed in full"),
    "epsilon": _proven("a copy of what `fairness` says"),
    "p": _proven("a copy of what `fairness` says"),
    "level": _proven("recomputed from the loads"),
    "cv": _proven("recomputed from the loads, over entitlements"),
    "jain": _proven("recomputed from the loads, over entitlements"),
    "cv_bound": _proven("recomputed from `fairness`"),
    "maximise": _proven("part of the question: compared with yours, or printed"),
    "made_with": _proven("burdens, loads carried before and locked tasks are given where it was made with them"),
    "agents": _proven("the names of the table, in its order; made-up names are taken by position"),
    "tasks": _proven("the names of the table, in its order; made-up names are taken by position"),
    "named": _proven("compared with the table; it decides whether names that differ may stand for positions"),
    "certificate.kind": _proven("an `infeasible` one must go with that status"),
    "certificate.multipliers": _proven("not negative; with them the bound is recomputed exactly"),
    "certificate.points": _proven("not negative; the cut at each is recomputed exactly"),
    "certificate.change_price": _proven("not negative, 0 without a limit on changes; part of the bound's exact sum"),
    "attainable.fairness": _proven("the measure that was asked for"),
    "attainable.reached": _proven("the level of attainable.assignment; on trust where that is missing"),
    "attainable.assignment": _proven("every task has one agent who may do it"),
    "attainable.possible": _proven("attainable.assignment meets it"),
    "attainable.refuted": Entry("on trust", "the search refuted it, unless a certificate does"),
    "attainable.impossible": Entry("on trust", "the same, rounded to the side that holds, which is checked"),
    "attainable.budget": _proven("neither the plan nor attainable.assignment costs more"),
    "attainable.certified": _proven("attainable.certificate proves that nothing is this fair, or within the budget"),
    "attainable.certificate": _proven("not negative; with it that proof is recomputed exactly"),
    "changes.before": _proven("compared with the answer before, if that is given; on trust otherwise"),
    "changes.at_most": _proven("part of the question: compared with yours, or printed; the plan keeps to it"),
    "changes.changed": _proven("counted"),
    "changes.reached": _proven("counted in changes.assignment"),
    "changes.assignment": _proven("every task has one agent who may do it, and the loads are fair"),
    "changes.refuted": Entry("on trust", "not less than changes.at_most; the search refuted it beyond the certificate"),
    "seconds": Entry("ignored", "how long it took"),
    "version": Entry("ignored", "which evenhand wrote it"),
}  # fmt: skip
"""The entry of each field of :meth:`~evenhand.assignment.Assignment.to_dict`; a dot separates the levels of objects."""


def fields_of(answer: dict[str, object]) -> list[str]:
    """Return the names of the fields of an answer's JSON, as the ledger writes them."""
    names = []
    for name, value in answer.items():
        inner = {entry.partition(".")[2] for entry in LEDGER if entry.startswith(f"{name}.")}
        if inner and value is None:
            continue
        names += [f"{name}.{key}" for key in value] if inner and isinstance(value, dict) else [str(name)]
    return names
