"""Write a page on a roster: who works when, how counts are shared, who got which wish, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from evenhand.applications.rosters import Roster
from evenhand.applications.rosters.last_plan import Change
from evenhand.report import roster_sections, sections
from evenhand.report.formats import at_most_percent, count, percent, proven_bound, quantity
from evenhand.report.roster_sentences import title_of
from evenhand.report.template import Exact, exact, filled
from evenhand.tables import write_text


def write_roster_report(
    path: str | PathLike[str],
    answer: Roster,
    *,
    changes: Sequence[Change] | None = None,
    command: str | None = None,
) -> Path:
    """Write a page on a roster.

    Parameters
    ----------
    path
        The HTML file to write, atomically.
    answer
        The answer, of any status.
    changes
        The changes against the last plan; None if there is none.
    command
        The command line that makes the page again.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the file cannot be written.
    MissingExtraError
        If Altair, Jinja2 or vl-convert is not installed.
    """
    there = answer.plan is not None
    problem = answer.problem
    facts = [
        ("Tables", problem.source),
        ("Size", f"{count(len(problem.people), 'person', 'people')}, {count(problem.days, 'day')}"),
        *((f"Rule for {name}", roster_sections.rule_of(answer, name)) for name in answer.fairness),
        *sections.how_it_ended(answer.status, answer.seconds),
    ]
    page = filled(
        "roster.html",
        title_of(problem),
        _headline(answer),
        key_figures=_key_figures(answer) if there else [],
        roster=roster_sections.grid(answer) if there else None,
        counts=roster_sections.counts(answer) if there else [],
        wishes=roster_sections.wishes(answer) if there and problem.wishes else None,
        changes=None if changes is None or not there else roster_sections.changes(problem, changes),
        missed=roster_sections.missed(answer),
        depends_on=sections.depends_on(facts),
        command_line=command,
    )
    return write_text(path, page)


def _headline(answer: Roster) -> list[str]:
    if answer.cost is None:
        if answer.status == "infeasible":
            why = "keeps all rules" if answer.base_found is None else "is as fair as asked"
            return [f"No roster {why}.", "This is proven."]
        known = (
            ""
            if answer.base_found is None
            else f" One without fairness, of cost {quantity(answer.base_found)}, is known."
        )
        return [
            f"The search was stopped before it found a roster{' that is fair' if known else ''}.{known}",
            "Whether there is one is open.",
        ]
    price = ""
    if answer.price is not None and answer.base_cost is not None:
        most = "" if answer.base_found == answer.base_cost else "at most "
        price = f", {most}{percent(answer.price)} more than without fairness"
        price = price if answer.price else ", and fairness costs nothing"
    elif answer.fairness and answer.base_cost is not None:
        price = f", where {quantity(answer.base_cost)} would do without fairness"
    said = [f"This roster costs {quantity(answer.cost)}{price}."]
    if answer.gap is not None and answer.gap <= 1e-6:
        return [*said, "No roster that keeps all rules is cheaper."]
    if answer.bound is None:
        return [*said, "How much could be saved is not known."]
    bound = proven_bound(answer.bound, maximise=False)
    return [*said, f"None that keeps all rules is cheaper than {bound}."]


def _key_figures(answer: Roster) -> list[tuple[str, Exact, str]]:
    granted, asked = roster_sections.granted_of(answer)
    filled_places, places = roster_sections.places_of(answer)
    proven = "not known how much could be saved"
    if answer.gap is not None:
        proven = "nothing can be saved" if answer.gap <= 1e-6 else f"at most {at_most_percent(answer.gap)} can be saved"
    figures: list[tuple[str, Exact, str]] = [("Cost", exact(answer.cost, quantity), proven)]
    if answer.fairness:
        extra = None if answer.base_cost is None or answer.cost is None else answer.cost - answer.base_cost
        most = "" if answer.base_found == answer.base_cost else "at most, "
        figures.append(("Fairness costs", exact(extra, quantity), f"{most}for {', '.join(answer.fairness)}"))
    figures.append(("Places filled", Exact(None, f"{filled_places:,} of {places:,}"), "of those that are preferred"))
    if asked:
        figures.append(("Wishes granted", Exact(None, f"{granted:,} of {asked:,}"), "see below who got which"))
    return figures
