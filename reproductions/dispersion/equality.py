"""Equal loads: what the paper calls infeasible on all of its instances."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

from reproductions.dispersion.equal_loads import DECIMALS
from reproductions.document import Claim, Section, Table, Verdict, failures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evenhand.sweeps.trial import Outcome

LETTERS = string.ascii_uppercase
SHOWN = (
    "Equal loads exist, and anyone can add them up: not solved is not infeasible. With 250 tasks there are far more "
    "assignments than loads, so a search among millions of sums meets equality."
)
NOT_SHOWN = "That no equal loads were found proves nothing."


def equality(found: Sequence[Outcome], attained: Sequence[Outcome], command: str) -> Section:
    """Return the section on epsilon = 1, from trials that look for equal loads and trials that ask the search."""
    return Section(
        key="equal",
        title="Perfect fairness, epsilon = 1",
        question="Can five agents carry exactly the same? The paper calls all 50 instances infeasible.",
        command=command,
        rows=_rows(found),
        tables=[_asked(attained)],
        claims=[_claim(found, attained)],
        notes=[
            "The data hold the agent of each task as a letter, in the order of the instance's tasks.",
            "Costs have four decimals, so loads are whole numbers of 0.0001, and equality can be checked by adding up.",
            "Equal loads are found as a generalised birthday problem (Wagner 2002): 16 groups of tasks, each with a "
            "million ways to change hands, merged in pairs. That proves feasibility, and says little of the cost.",
        ],
        failed=failures([*found, *attained]),
    )


def _done(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    return [outcome.result | {"name": _name(outcome)} for outcome in outcomes if outcome.status == "done"]


def _name(outcome: Outcome) -> str:
    config = outcome.trial.config
    if "file" in config:
        return str(config["file"]).rpartition("/")[2]
    return f"{config['law']} {config['agents']}x{config['tasks']}, seed {config['seed']}"


def _rows(found: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return each assignment with equal loads: a letter for the agent of each task, and what every agent carries."""
    return [
        {
            "instance": result["name"],
            "assignment": "".join(LETTERS[agent] for agent in result["assignment"]),
            "load_of_every_agent": result["loads"][0] / 10**DECIMALS,
            "cost": result["cost"],
        }
        for result in _done(found)
        if result["found"]
    ]


def _asked(attained: Sequence[Outcome]) -> Table:
    rows = [[result["name"], result["status"], _level(result["reached"])] for result in _done(attained)]
    return Table("What the general search says of epsilon = 1", ["instance", "status", "largest epsilon reached"], rows)


def _level(reached: float) -> str:
    return f"1 - {1.0 - reached:.1e}" if reached < 1.0 else "1"


def _claim(found: Sequence[Outcome], attained: Sequence[Outcome]) -> Claim:
    looked, asked = _done(found), _done(attained)
    shown = [result["name"] for result in looked if result["found"] and result["fair"]]
    names = [_name(outcome) for outcome in found]
    theirs = [name for name in names if name.endswith(".txt")]
    refuted = sum(result["status"] == "infeasible" for result in asked)
    open_ = sum(result["status"] == "time_limit" for result in asked)
    return Claim(
        claim="All 50 instances are infeasible at epsilon = 1.",
        published="50 of 50, by the solver's tolerance",
        ours=(
            f"equal loads shown for {sum(name in theirs for name in shown)} of {len(theirs)} of the paper's instances "
            f"and {sum(name not in theirs for name in shown)} of {len(names) - len(theirs)} of ours; the general "
            f"search leaves {open_} of {len(asked)} open at its time limit and proves {refuted} infeasible"
        ),
        verdict=_verdict(len(shown), refuted, len(names)),
        why=SHOWN if shown else "" if refuted == len(names) else NOT_SHOWN,
    )


def _verdict(shown: int, refuted: int, all_: int) -> Verdict:
    if shown:
        return "differs"
    return "holds" if 0 < all_ == refuted else "not tested"
