"""Print a roster on the terminal: facts, the weeks of everybody with their counts, wishes and changes."""

from __future__ import annotations

from collections.abc import Sequence

from evenhand.applications.rosters import Roster, Violation
from evenhand.applications.rosters.last_plan import LastPlan, changes_since
from evenhand.applications.rosters.wish_outcomes import wish_outcomes
from evenhand.cli.readable_numbers import number, percent
from evenhand.cli.solve import common
from evenhand.visible import shown_name, shown_names

WEEKDAYS = "MTWTFSS"
_MOST_LISTED = 20
"""Upper limit on the wishes and changes that are listed; the JSON has them all."""


def show_roster(answer: Roster, last: LastPlan | None = None, missing: Sequence[Violation] | None = None) -> None:
    """Print status, cost, price, each fair count, the roster, and which wishes and last shifts were not kept.

    Where there is no roster, `missing` are the people who are missing in one that keeps all rules but cover, if known.
    """
    from evenhand.cli.show import show_facts

    facts = common.status_facts(answer, found=answer.plan is not None, has_fairest=True)
    if answer.status == "infeasible":
        facts = _infeasible_facts(answer, missing)
    if answer.cost is not None:
        fair = " fair" if answer.fairness else ""
        facts += [("Cost", number(answer.cost) + common.beyond_bound(answer, f"above the cheapest{fair}"))]
        facts += _price_facts(answer)
        for count in answer.fairness:
            one = answer.measured(count)
            facts.append((count.capitalize(), f"cv {one.cv:.3f}, largest over mean {one.max_over_mean:.3f}"))
        for count, names in answer.rounded.items():
            facts.append((f"Rounded {count}", f"next whole number for {', '.join(names)}"))
        for broken in answer.priced:
            where = "" if broken.day is None else f", {answer.problem.day_in_words(broken.day)}"
            what = f"{broken.rule.replace('_', ' ')} of {broken.person or broken.shift}{where}: {number(broken.amount)}"
            facts.append(("Rule not kept", what))
    elif answer.base_found is not None:
        facts.append(
            ("Without fairness", f"a roster of cost {number(answer.base_found)} is known: leave out --share and --fair")
        )
    show_facts([*facts, *_cover_facts(answer), *_wish_facts(answer), *_change_facts(answer, last)])
    if answer.plan is not None:
        _show_weeks(answer)


def _infeasible_facts(answer: Roster, missing: Sequence[Violation] | None) -> list[tuple[str, str]]:
    """Return why there is no roster: fairness, or cover with the places that stay open at least, as far as known."""
    if answer.fairness and (answer.base_found is not None or missing == ()):
        return [("Status", "infeasible: no roster is as fair as asked")]
    fair = " and is as fair as asked" if answer.fairness else ""
    facts = [("Status", f"infeasible: no roster keeps all rules{fair if missing is None else ''}")]
    if missing:
        words = answer.problem.day_in_words
        places = [f"{words(one.day)} {one.shift} ({one.amount:g})" for one in missing if one.day is not None]
        facts.append(("Nearest", f"all other rules can be kept with people missing{_listed(places, ': ')}"))
    return facts


def _price_facts(answer: Roster) -> list[tuple[str, str]]:
    """Return what fairness costs, at most where the cheapest roster without it is not proven."""
    if not answer.fairness or answer.base_cost is None or answer.cost is None:
        return []
    most = "" if answer.base_found == answer.base_cost else " at most"
    if answer.price is not None:
        return [("Price of fairness", percent(common.share(answer.price)) + most)]
    price = f"{number(answer.cost - answer.base_cost)}{most}, from {number(answer.base_cost)}"
    return [("Price of fairness", price)]


def _cover_facts(answer: Roster) -> list[tuple[str, str]]:
    if answer.plan is None:
        return []
    problem = answer.problem
    there = {(need.day, need.shift): sum(row[need.day] == need.shift for row in answer.plan) for need in problem.cover}
    missed = [
        f"{problem.day_in_words(need.day)} {need.shift} {there[need.day, need.shift]} of {need.preferred}"
        for need in problem.cover
        if there[need.day, need.shift] < need.preferred
    ]
    filled = sum(min(there[need.day, need.shift], need.preferred) for need in problem.cover)
    places = sum(need.preferred for need in problem.cover)
    facts = [("Places filled", f"{filled:,} of {places:,}{_listed(missed)}")] if places else []
    minutes = {shift.name: shift.minutes for shift in problem.shifts}
    wanted = sum(need.preferred * minutes[need.shift] for need in problem.cover) / 60
    allowed = sum(person.most_minutes for person in problem.people) / 60
    if missed and wanted > allowed and "most_minutes" not in problem.prices:
        facts.append(
            ("Too few hours", f"all places take {number(wanted)}, and people may work {number(allowed)} at most")
        )
    return facts


def _wish_facts(answer: Roster) -> list[tuple[str, str]]:
    if answer.plan is None or not answer.problem.wishes:
        return []
    outcomes = wish_outcomes(answer.problem, answer.plan)
    refused = [
        f"{one.request.person} {answer.problem.day_in_words(one.request.day)} {one.wished}"
        for one in outcomes
        if not one.granted
    ]
    return [("Wishes granted", f"{len(outcomes) - len(refused):,} of {len(outcomes):,}{_listed(refused)}")]


def _change_facts(answer: Roster, last: LastPlan | None) -> list[tuple[str, str]]:
    if answer.plan is None or last is None:
        return []
    found = [
        f"{one.person} {answer.problem.day_in_words(one.day)} {one.before or 'off'} to {one.after or 'off'}"
        for one in changes_since(answer.problem, answer.plan, last)
    ]
    return [("Changes", f"{len(found):,} against {last.source}{_listed(found, ': ')}")]


def _listed(items: Sequence[str], lead: str = "; not: ") -> str:
    if not items:
        return ""
    more = f" and {len(items) - _MOST_LISTED:,} more" if len(items) > _MOST_LISTED else ""
    return f"{lead}{', '.join(items[:_MOST_LISTED])}{more}"


def _show_weeks(answer: Roster) -> None:
    """Print the roster with one or two letters for a shift, in as many blocks of days as the terminal needs."""
    from evenhand.cli.show import console
    from evenhand.report.roster_cells import shift_styles
    from evenhand.report.roster_counts import shown_counts

    assert answer.plan is not None
    problem, styles, counts = answer.problem, shift_styles(answer.problem), shown_counts(answer)
    cell = max(2, *(len(style.code) for style in styles.values())) + 1
    names = shown_names([person.name for person in problem.people], 20)
    margin = max(map(len, names)) + 2
    heads = [f"{one.title:>{len(one.title) + 2}}" for one in counts]
    terminal = console()
    across = max(7, (terminal.width - margin - sum(map(len, heads))) // cell // 7 * 7)

    def line(first: str, cells: Sequence[str], last: Sequence[str]) -> None:
        days = "".join(f"{text:<{cell}}" for text in cells)
        text = f"{first:<{margin}}{days}{''.join(last)}".rstrip()
        terminal.print(text, soft_wrap=True, markup=False, highlight=False)

    for start in range(0, problem.days, across):
        days = range(start, min(start + across, problem.days))
        ends = days.stop == problem.days
        terminal.print()
        line("", [WEEKDAYS[problem.weekday(day)] for day in days], ())
        numbers = [str(day) if (date := problem.date_of(day)) is None else str(date.day) for day in days]
        line("", numbers, heads if ends else ())
        for index, (name, row) in enumerate(zip(names, answer.plan, strict=True)):
            away = problem.people[index].days_off
            cells = [("-" if day in away else ".") if (at := row[day]) is None else styles[at].code for day in days]
            values = [f"{number(one.values[index]):>{len(head)}}" for one, head in zip(counts, heads, strict=True)]
            line(name, cells, values if ends else ())
    terminal.print()
    for shift in problem.shifts:
        style = styles[shift.name]
        hours = "" if style.hours in shift.name else style.hours
        terminal.print(f"{style.code:<{cell}}{shown_name(shift.name)} {hours}".rstrip(), soft_wrap=True)
