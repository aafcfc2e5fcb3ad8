"""Print an answer under several rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evenhand.cli.door import stopped_by
from evenhand.cli.readable_numbers import number, percent, seconds
from evenhand.cli.show import console, outliers, say_how_many, show_facts, show_table

if TYPE_CHECKING:
    from evenhand.assignment import RuledAssignment, RuledExplanation
    from evenhand.assignment.rules.ruled_assignment import Nearest
    from evenhand.fairness import Fairness


def show_ruled(answer: RuledAssignment) -> None:
    """Print each agent's load by each rule, and what the answer costs and proves."""
    if answer.assignment is None:
        _show_without(answer)
        return
    compared = [rule for rule in answer.rules if rule.loads is not None and rule.over == "agents"]
    loads = [rule.loads for rule in compared if rule.loads is not None]
    if loads:
        shown = outliers(loads[0])
        show_table(
            ["agent", *(rule.name for rule in compared)],
            [[answer.agents[agent], *(number(load[agent]) for load in loads)] for agent in shown],
        )
        say_how_many(len(answer.agents), len(shown))
        console().print()
    stopped = stopped_by() if answer.interrupted else "the time limit"
    state = "optimal" if answer.status == "optimal" else f"stopped by {stopped}: the best found so far"
    what, beyond, better = ("profit", "upper", "brings more") if answer.maximise else ("cost", "lower", "is cheaper")
    than = "below the most" if answer.maximise else "above the cheapest"
    facts = [
        ("status", f"{state}, after {seconds(answer.seconds)}"),
        (what, number(answer.cost)),
        (f"{beyond} bound", f"{number(answer.bound)}: no plan that keeps all rules {better}"),
        ("gap", f"{percent(answer.gap)}; {percent(answer.certified_gap)} by the certificate alone"),
    ]
    for rule in answer.rules:
        reached = "" if rule.level is None else f" (reached: {rule.level:.6g})"
        facts.append((rule.name, rule.asked + reached))
    facts += [("fairest", f"{one.rule}: {one.what} {one.reached:.6g}{_beyond(one.refuted)}") for one in answer.nearest]
    if answer.price is not None:
        facts.append(("price", f"{percent(answer.price)} {than} without rules, {number(answer.base_cost)}"))
    show_facts(facts)


def _beyond(refuted: float | None) -> str:
    return "" if refuted is None else f" is reached; {refuted:.6g} is proven impossible"


def _show_without(answer: RuledAssignment) -> None:
    spent = seconds(answer.seconds)
    asked = [(rule.name, rule.asked) for rule in answer.rules]
    if answer.status != "infeasible":
        stopped = stopped_by() if answer.interrupted else "the time limit"
        bound = number(answer.bound) if np.isfinite(answer.bound) else "none"
        beyond = "upper bound" if answer.maximise else "lower bound"
        state = f"stopped by {stopped} after {spent}: no plan found, none excluded"
        show_facts([("status", state), *asked, (beyond, bound)])
        return
    alone = "by the search alone, which verify checks only if there are few plans"
    by = "with a certificate" if answer.certificate is not None else alone
    show_facts(
        [
            ("status", f"infeasible: no plan keeps all rules, proven in {spent} {by}"),
            *asked,
            *_contradiction_facts(answer),
        ]
    )


def _contradiction_facts(answer: RuledAssignment) -> list[tuple[str, str]]:
    """Return which rules contradict each other, and the nearest that could be kept."""
    names = answer.contradiction
    if answer.shortage:
        return [("because", answer.shortage)]
    if not names:
        return [
            ("because", "the work cannot be done even without any rule: too few agents for what excludes each other")
        ]
    if len(names) == 1:
        facts = [("because", f"{names[0]} cannot be kept, even without the other rules")]
    else:
        listed = f"{', '.join(names[:-1])} and {names[-1]}"
        beyond = (
            "without any one of them, the rest of these can"
            if answer.irreducible
            else "whether fewer of them contradict each other already was not decided in time"
        )
        facts = [("because", f"{listed} cannot be kept together; {beyond}")]
    if not answer.nearest:
        facts.append(("nearest", "none is known: to change one of these alone does not help, or time was up"))
    asked = {rule.name: rule.fairness for rule in answer.rules}
    for one in answer.nearest:
        facts.append(("nearest", f"{one.rule}: {_in_words(one, asked[one.rule])} is possible beside all other rules"))
    return facts


def _in_words(one: Nearest, fairness: Fairness | None) -> str:
    """Return the nearest value of a rule in words, such as ``at least 2``."""
    value = f"{one.reached:.6g}"
    return f"at {one.what} {value}" if fairness is None else fairness.in_words(value)


def show_prices(explanation: RuledExplanation, unit: str = "") -> None:
    """Print what each rule costs, in a unit, and whose load matters most for it."""
    rows = []
    for price in explanation.rules:
        known = "not known" if price.saving is None else number(price.saving)
        agent = int(np.argmax(np.abs(price.prices))) if price.binds and price.prices.any() else None
        one = "" if agent is None else f"{number(price.prices[agent])} ({explanation.agents[agent]})"
        rows.append([price.rule, "yes" if price.binds else "no", known, number(price.at_most), one])
    what, of = "would bring" if explanation.maximise else "would save", f" ({unit})" if unit else ""
    show_table(["rule", "binds", f"without it {what}{of}", f"at most{of}", f"one unit less, at most{of}"], rows)
    for price in explanation.rules:
        if price.detail:
            console().print(f"Most of the price of {price.rule} is that of {price.detail}.")
