"""The sentences on an answer's page, as plain text that the templates escape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evenhand.assignment.changes_in_words import changed_in_words, needed_in_words, within_in_words
from evenhand.fairness import Fairness
from evenhand.report.chart_rows import LoadRow, asks_something, limits_above
from evenhand.report.formats import at_most_percent, count, order, percent, plain
from evenhand.report.units import Units

if TYPE_CHECKING:
    from evenhand.assignment.assignment_result import Assignment
    from evenhand.assignment.rules.ruled_assignment import RuledAssignment
    from evenhand.assignment.verdict import Verdict

NOTHING_LEFT = 1e-11
"""Relative gap at or below which nothing can be saved: the sum of the costs is not rounded more finely."""


def rule(fairness: Fairness) -> str:
    """Return the rule in words, as the end of a sentence."""
    said = fairness.words.sentence.format(
        name=fairness.name,
        value=plain(fairness.parameter, 12),
        percent=percent(fairness.parameter),
        order=order(getattr(fairness, "p", None)),
        k=getattr(fairness, "k", None),
    )
    return (
        said
        if fairness.entitlements is None
        else f"{said}; each load is measured against what its agent is entitled to"
    )


def title(answer: Assignment) -> str:
    """Return the title of the page."""
    who = f"{count(len(answer.tasks), 'task')} shared by {count(len(answer.agents), 'agent')}"
    if answer.status == "infeasible":
        return f"{who}: no assignment is that fair"
    return who if answer.cost is not None else f"{who}: no plan found yet"


def headline(answer: Assignment, rows: Sequence[LoadRow], units: Units) -> list[str]:
    """Return the sentences that a planner needs first: on cost, gap, fairness and what the cheapest plan is like."""
    if answer.status == "infeasible":
        return _infeasible(answer)
    if answer.cost is None:
        return [
            "The search was stopped before it found a fair plan.",
            f"Whether one exists is open. If one does, it {_at_best(answer, units)}.",
        ]
    return [
        cost_said(answer, units),
        certainty(answer, units, f"fair plan{within_in_words(answer.changes)}"),
        _fairness_reached(rows),
        *_fairest(answer, units),
        *_cheapest(rows, units),
        *_changed(answer),
    ]


def _changed(answer: Assignment) -> list[str]:
    """Return a sentence on the tasks that changed hands since the answer before, if there is one."""
    changes = answer.changes
    return [] if changes is None else [f"Since the plan before, {changed_in_words(changes, ' changed hands')}."]


def _fairest(answer: Assignment, units: Units) -> list[str]:
    """Return a sentence on what is fairer than this plan, if the fairest was asked for."""
    found = answer.attainable
    if found is None:
        return []
    equality = answer.fairness.parameter_range(len(answer.agents))[1]
    if found.reached == equality:
        return []
    if found.impossible is None or found.refuted == equality:
        return ["It is the fairest plan known."]
    within = "" if found.budget is None else f" for {units.costs(found.budget)}"
    return [f"It is the fairest plan that can be had{within}, to within the last digits of {found.impossible}."]


def cost_said(answer: Assignment | RuledAssignment, units: Units, rule: str = "a rule") -> str:
    """Return a sentence on a plan's cost, and how it compares with that of the best plan without `rule`, if known."""
    verb = "brings" if answer.maximise else "costs"
    return f"This plan {verb} {units.costs(answer.cost)}{_price(answer, rule)}."


def _price(answer: Assignment | RuledAssignment, rule: str) -> str:
    if answer.price is None or answer.cost is None:
        return ""
    cheapest = f"the best plan without {rule}" if answer.maximise else "the cheapest plan"
    if answer.price <= NOTHING_LEFT:
        return f", {'as much as' if answer.maximise else 'no more than'} {cheapest}"
    return f", {percent(answer.price)} {'less' if answer.maximise else 'more'} than {cheapest}"


def _cheapest(rows: Sequence[LoadRow], units: Units) -> list[str]:
    """Return a sentence on the loads of the cheapest plan, if they are spread more widely than those of this plan."""
    known = [(row.cheapest, row) for row in rows if row.cheapest is not None]
    if not known:
        return []
    (least, idle), (most, busy) = min(known, key=lambda pair: pair[0]), max(known, key=lambda pair: pair[0])
    loads = [row.load for row in rows]
    if most - least <= (max(loads) - min(loads)) * (1 + 1e-9):
        return []
    return [
        f"Without a rule, {busy.agent} would carry {units.loads(most)} and {idle.agent} {units.loads(least)}; now they "
        f"carry {units.loads(busy.load)} and {units.loads(idle.load)}."
    ]


def certainty(answer: Assignment | RuledAssignment, units: Units, plan: str) -> str:
    """Return a sentence on how much cheaper a plan could be; `plan` says of which kind, such as ``fair plan``."""
    gap, bound = answer.gap or 0.0, units.bound(answer.bound, maximise=answer.maximise)
    better, save, saved = ("brings more", "gain", "gained") if answer.maximise else ("is cheaper", "save", "saved")
    if gap <= NOTHING_LEFT:
        return f"No {plan} {better}."
    if answer.status == "time_limit":
        return (
            f"The search was stopped early: no {plan} {better} than {bound}, so a longer search could still {save} up "
            f"to {at_most_percent(gap)}."
        )
    return f"No {plan} {better} than {bound}: at most {at_most_percent(gap)} could be {saved}."


def _at_best(answer: Assignment, units: Units) -> str:
    bound = units.bound(answer.bound, maximise=answer.maximise)
    return f"brings at most {bound}" if answer.maximise else f"costs at least {bound}"


def by_certificate(answer: Assignment) -> str:
    """Return in words the gap that the certificate proves without the search."""
    if answer.certified_gap is None or answer.certificate is None:
        return "rests on the search"
    if answer.certified_gap <= NOTHING_LEFT:
        return "proven by the certificate alone"
    return f"by the certificate alone {at_most_percent(answer.certified_gap)}"


def _fairness_reached(rows: Sequence[LoadRow]) -> str:
    """Return a sentence on how far the loads are from fair shares."""
    if not rows or sum(row.load for row in rows) == 0:
        return "Nobody carries anything."
    most, least = rows[0], rows[-1]
    if max(most.excess, -least.excess) < 5e-6:
        return "Everyone carries their fair share."
    return (
        f"{most.agent} carries most, {percent(most.excess)} above a fair share; "
        f"{least.agent} least, {percent(-least.excess)} below."
    )


def _infeasible(answer: Assignment) -> list[str]:
    few = ""
    if answer.changes is not None and answer.changes.refuted is not None:
        few = within_in_words(answer.changes)
    sentences = [f"No assignment is that fair{few}, and this is proven."]
    sentences += [] if answer.changes is None else needed_in_words(answer.changes)
    fairest = answer.attainable
    if fairest is not None:
        reached = fairest.possible or f"{fairest.reached!r}"
        sentences.append(f"The fairest plan known reaches {reached} ({fairest.fairness}).")
    if fairest is not None and fairest.refuted is not None:
        refuted = fairest.impossible or f"{fairest.refuted!r}"
        sentences.append(f"Anything stricter than {refuted} is proven to be too much.")
    return sentences


def loads_finding(rows: Sequence[LoadRow], units: Units, *, entitled: bool) -> str:
    """Return a sentence on the range of the loads, and on the range that the rule allows a single load."""
    least, most = min(rows, key=lambda row: row.load), max(rows, key=lambda row: row.load)
    said = f"Loads lie between {units.loads(least.load)} ({least.agent}) and {units.loads(most.load)} ({most.agent})"
    if entitled:
        return f"{said}; each is compared with the share its agent is entitled to."
    said = f"{said}; the mean is {units.loads(rows[0].share)}."
    if not asks_something(rows):
        return said
    return f"{said} The rule would let a single load {_limits(rows, units)}."


def _limits(rows: Sequence[LoadRow], units: Units) -> str:
    """Return what a rule that limits single loads allows the first agent, as the end of a sentence."""
    low, high = units.loads(rows[0].low), units.loads(rows[0].high)
    if rows[0].low <= 0.0:
        return f"be at most {high}"
    return f"lie between {low} and {high}" if limits_above(rows) else f"be {low} or more"


def band_note(rows: Sequence[LoadRow], *, entitled: bool) -> str:
    """Return the explanation of the band in the chart of the loads."""
    share = "the share each is entitled to" if entitled else "the mean load"
    said = f"The upright tick is {share}. "
    if not asks_something(rows):
        said += "This rule limits no single load."
    elif rows[0].low <= 0.0 or not limits_above(rows):
        said += "The band is what the rule allows a single load of the same total."
    else:
        said += (
            "The band is what the rule allows a single load of the same total, the others being as even as they can."
        )
    if any(row.carried > 0.0 for row in rows):
        said += " The shaded start of a bar was carried before."
    return said if rows[0].cheapest is None else f"{said} A ring is the load in the cheapest plan without a rule."


def proof_points(answer: Assignment, units: Units) -> list[str]:
    """Return sentences on what the certificate proves, and what the search."""
    if answer.status == "infeasible":
        proven = answer.certificate is not None and answer.certificate.kind == "infeasible"
        basis = "a certificate that anyone can recompute" if proven else "the exhaustive search alone"
        return [f"That no assignment meets the rule rests on {basis}."]
    points = []
    beyond = "brings more" if answer.maximise else "costs less"
    if answer.certificate is not None and answer.certified_gap is not None and answer.cost is not None:
        missing = answer.certified_gap * abs(answer.cost)
        bound = answer.cost + (missing if answer.maximise else -missing)
        cuts = count(len(answer.certificate.multipliers), "inequality", "inequalities")
        points.append(
            f"The certificate proves that no fair plan {beyond} than {units.bound(bound, maximise=answer.maximise)} "
            f"({_gap(answer.certified_gap)}), even if tasks could be split. It is {cuts} "
            "that every fair plan obeys, with weights; adding them up takes no trust in the solver."
        )
    elif answer.certificate is not None:
        points.append("A certificate proves a bound on every fair plan, found or not.")
    else:
        points.append("There is no certificate with this answer: its bound rests on the search alone.")
    if answer.gap is not None and answer.certified_gap is not None and answer.gap < answer.certified_gap:
        points.append(
            f"The search proved more: no fair plan {beyond} than "
            f"{units.bound(answer.bound, maximise=answer.maximise)} ({_gap(answer.gap)}). "
            "What lies between the two bounds rests on the search."
        )
    return points


def _gap(gap: float) -> str:
    return "no gap" if gap <= NOTHING_LEFT else f"a gap of {at_most_percent(gap)}"


def verdict_title(verdict: Verdict | None) -> str:
    """Return one line on whether the answer has been verified."""
    if verdict is None:
        return "Not checked independently yet: run “evenhand verify” on the table and the JSON of this answer."
    if not verdict.verified:
        only = "nothing is wrong, but that no plan is fair rests on the search alone."
        return f"Not verified: {only}" if getattr(verdict, "unshown", False) else "Not verified."
    if gap_proven(verdict):
        return "Verified: recomputed in exact arithmetic, without the solver."
    if verdict.certified_gap is None:
        return "There is no plan to verify, and the bound on what one costs is proven in part only."
    return (
        "Plan verified, gap not proven: in exact arithmetic, without the solver, the plan is what it claims to be; "
        f"of its gap to the best, {at_most_percent(float(verdict.certified_gap))} is proven."
    )


def gap_proven(verdict: Verdict) -> bool:
    """Return whether a verified plan's gap is proven as well; a verdict without that attribute states no gap."""
    return bool(getattr(verdict, "gap_proven", True))
