"""Contents of the sections of a roster's page; the template ``roster.html`` lays them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evenhand.applications.rosters import Roster, RosterProblem
from evenhand.applications.rosters.last_plan import Change
from evenhand.applications.rosters.wish_outcomes import WishOutcome, wish_outcomes
from evenhand.report import answer_charts, answer_sentences
from evenhand.report.formats import count, plain, quantity
from evenhand.report.roster_cells import ShiftStyle, shift_styles
from evenhand.report.roster_counts import ShownCount, shown_counts
from evenhand.report.roster_sentences import SATURDAY, WEEKDAYS, day_number
from evenhand.report.template import Table, exact
from evenhand.report.units import Units
from evenhand.visible import shown_name, shown_names

Shown = dict[str, Any]


def grid(answer: Roster) -> Shown:
    """Return the roster as a table: a row for each person, a column for each day, and counts behind."""
    assert answer.plan is not None
    problem, styles, counted = answer.problem, shift_styles(answer.problem), shown_counts(answer)
    marks = marked_wishes(answer)
    days = [
        {
            "weekday": WEEKDAYS[problem.weekday(day)],
            "number": day_number(problem, day),
            "weekend": problem.weekday(day) >= SATURDAY,
            "monday": problem.weekday(day) == 0 and day > 0,
        }
        for day in range(problem.days)
    ]
    names = shown_names([person.name for person in problem.people])
    rows = [
        {
            "name": name,
            "cells": [
                _cell(day, shift, styles, away=at in person.days_off, wish=marks.get((person.name, at)))
                for at, (day, shift) in enumerate(zip(days, row, strict=True))
            ],
            "counts": [exact(one.values[index], plain, 6) for one in counted],
        }
        for index, (name, person, row) in enumerate(zip(names, problem.people, answer.plan, strict=True))
    ]
    shifts = _cover(answer, styles, days)
    note = "A dot is a wish that is granted, a ring one that is not. A dash is an absence."
    if any(cell["missed"] for shift in shifts for cell in shift["cells"]):
        note += " In the last rows, 2/3 stands for two people where three are preferred."
    return {"days": days, "counts": [one.title for one in counted], "rows": rows, "shifts": shifts, "note": note}


def marked_wishes(answer: Roster) -> dict[tuple[str, int], bool]:
    """Return whether all wishes of somebody for a day are granted, by person and day."""
    found: dict[tuple[str, int], bool] = {}
    for one in wish_outcomes(answer.problem, answer.plan or ()):
        at = (one.request.person, one.request.day)
        found[at] = found.get(at, True) and one.granted
    return found


def _cell(day: Shown, shift: str | None, styles: dict[str, ShiftStyle], *, away: bool, wish: bool | None) -> Shown:
    style = None if shift is None else styles[shift]
    said = "" if shift is None or style is None else f"{shown_name(shift)} {style.hours}".strip()
    mark = "" if wish is None else "granted" if wish else "not-granted"
    return {**day, "style": style, "said": said or ("absent" if away else ""), "wish": mark}


def _cover(answer: Roster, styles: dict[str, ShiftStyle], days: Sequence[Shown]) -> list[Shown]:
    assert answer.plan is not None
    needs = {(need.day, need.shift): need.preferred for need in answer.problem.cover}
    found = []
    for shift in answer.problem.shifts:
        cells = []
        for at, day in enumerate(days):
            there = sum(row[at] == shift.name for row in answer.plan)
            preferred = needs.get((at, shift.name), 0)
            missed = there < preferred
            text = f"{there}/{preferred}" if missed else str(there or "")
            cells.append({**day, "text": text, "missed": missed})
        found.append({"name": shown_name(shift.name), "style": styles[shift.name], "cells": cells})
    return found


def counts(answer: Roster) -> list[Shown]:
    """Return the sections of the counts that compare people, those with a rule first."""
    listed = [one for one in shown_counts(answer) if one.rows]
    return [_count(answer, one) for one in sorted(listed, key=lambda one: not one.bounded)]


def _count(answer: Roster, one: ShownCount) -> Shown:
    rows = sorted(one.rows.values(), key=lambda row: -row.excess)
    measured = answer.measured(one.name)
    rule = f"The rule: {rule_of(answer, one.name)}. " if one.bounded else "No rule bounds this count. "
    finding = f"{rule}Reached: CV {plain(measured.cv, 3)}, Jain's index {plain(measured.jain, 3)}."
    rounded = answer.rounded.get(one.name, ())
    if rounded:
        finding += f" The next whole number is allowed to {', '.join(map(shown_name, rounded))}."
    cells = [
        (row.agent, exact(row.load, plain, 6), exact(row.carried, plain, 6), exact(row.share, plain, 4)) for row in rows
    ]
    headers = ("Person", one.title, "Carried over", "Fair share")
    return {
        "name": one.name,
        "title": one.title,
        "finding": finding,
        "chart": answer_charts.chart_of_loads(rows, Units("", "h") if one.name == "minutes" else Units()),
        "note": _note(one),
        "table": Table(f"{one.title} of each person", headers, cells),
    }


def _note(one: ShownCount) -> str:
    if one.bounded:
        return answer_sentences.band_note(list(one.rows.values()), entitled=True)
    before = " The shaded start of a bar was carried before." if any(one.carried) else ""
    return f"The upright tick is the share each is entitled to.{before}"


def rule_of(answer: Roster, name: str) -> str:
    """Return the rule on a count in words."""
    return answer_sentences.rule(answer.fairness[name])


def wishes(answer: Roster) -> Shown:
    """Return the section on wishes: those that are not granted first."""
    problem = answer.problem
    outcomes = sorted(wish_outcomes(problem, answer.plan or ()), key=lambda one: one.granted)
    granted = sum(one.granted for one in outcomes)
    refused = [one for one in outcomes if not one.granted]
    finding = f"{granted} of {count(len(outcomes), 'wish', 'wishes')} are granted."
    if refused:
        weight = sum(one.request.weight for one in refused)
        finding += f" The others weigh {quantity(weight)} in all."
    cells = [_wish(problem, one) for one in outcomes]
    headers = ("Person", "Day", "Wish", "Works", "Granted", "Weight")
    return {"finding": finding, "table": Table("Each wish and what became of it", headers, cells, text_columns=5)}


def _wish(problem: RosterProblem, one: WishOutcome) -> tuple[Any, ...]:
    weight = "must" if one.request.must else exact(one.request.weight, quantity)
    return (
        shown_name(one.request.person),
        problem.day_in_words(one.request.day),
        shown_name(one.wished),
        _shift_in_words(one.worked),
        "yes" if one.granted else "no",
        weight,
    )


def changes(problem: RosterProblem, found: Sequence[Change]) -> Shown:
    """Return the section on changes against the last plan."""
    people = len({one.person for one in found})
    if not found:
        return {"finding": "Nothing changes on the days that both plans have.", "table": None}
    finding = f"{count(len(found), 'shift changes', 'shifts change')}, of {count(people, 'person', 'people')}."
    cells = [
        (
            shown_name(one.person),
            problem.day_in_words(one.day),
            _shift_in_words(one.before),
            _shift_in_words(one.after),
        )
        for one in found
    ]
    table = Table("Each change against the last plan", ("Person", "Day", "Before", "Now"), cells, text_columns=4)
    return {"finding": finding, "table": table}


def missed(answer: Roster) -> list[str]:
    """Return sentences on places that are not filled and rules with a price that are not kept."""
    if answer.plan is None:
        return []
    problem, said = answer.problem, []
    for need in problem.cover:
        there = sum(row[need.day] == need.shift for row in answer.plan)
        if there < need.preferred:
            said.append(
                f"{problem.day_in_words(need.day)}, {shown_name(need.shift)}: {there} of {need.preferred} people."
            )
    for one in answer.priced:
        where = "" if one.day is None else f", {problem.day_in_words(one.day)}"
        said.append(
            f"{shown_name(one.person or one.shift or '')}{where}: {one.rule.replace('_', ' ')}, {one.amount:g}."
        )
    return said


def granted_of(answer: Roster) -> tuple[int, int]:
    """Return the numbers of wishes that are granted, and of all."""
    outcomes = wish_outcomes(answer.problem, answer.plan or ())
    return sum(one.granted for one in outcomes), len(outcomes)


def places_of(answer: Roster) -> tuple[int, int]:
    """Return the numbers of preferred places that are filled, and of all."""
    filled = sum(
        min(need.preferred, sum(row[need.day] == need.shift for row in answer.plan or ()))
        for need in answer.problem.cover
    )
    return filled, sum(need.preferred for need in answer.problem.cover)


def _shift_in_words(shift: str | None) -> str:
    """Return the name of a shift; ``off`` for a day off."""
    return "off" if shift is None else shown_name(shift)
