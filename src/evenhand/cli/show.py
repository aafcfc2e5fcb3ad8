"""Print answers and tables on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from evenhand.cli.door import stopped_by
from evenhand.cli.fairness_options import option
from evenhand.cli.inputs import Given
from evenhand.cli.readable_numbers import number, percent, seconds
from evenhand.fairness import Fairness, Frontier
from evenhand.fairness.cone import Cone
from evenhand.fairness.suggestion import possible_text
from evenhand.visible import one_line, shown_name, shown_names, visible

if TYPE_CHECKING:
    from evenhand.assignment import Assignment, Attainable

_EIGHTHS = " ▏▎▍▌▋▊▉"
_BAR = 24  # width of a full bar in cells
_MANY = 60  # upper limit on the rows of a table of loads
_HANDOVERS = 10  # handovers that are listed
_LONG_LOADING = 2.0  # seconds of loading that are said
_LONGEST_FACT = 2000  # characters after which a fact is cut


def console() -> Console:
    """Return a console without rich's markup, so that brackets in names are printed as they are."""
    return _Terminal(markup=False, highlight=False, soft_wrap=False)


class _Terminal(Console):
    """A console that shows invisible and control characters in names as escapes."""

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*(visible(one) if isinstance(one, str) else one for one in objects), **options)


def bar(share: float, width: int = _BAR) -> str:
    """Return a bar that fills a fraction `share` of `width` cells, rounded to an eighth of a cell."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def show_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Print pairs of a label and a sentence in two columns."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column()
    for word, saying in facts:
        grid.add_row(word, Text(one_line(saying, _LONGEST_FACT)))
    console().print(grid)


def outliers(loads: NDArray[np.float64]) -> list[int]:
    """Return the positions of the loads to show: all if they are few, otherwise the largest and the smallest."""
    if len(loads) <= _MANY:
        return list(range(len(loads)))
    order = np.argsort(-loads, kind="stable")
    return [*order[: 3 * _MANY // 4].tolist(), *order[-_MANY // 4 :].tolist()]


def say_how_many(rows: int, shown: int) -> None:
    """Print the number of rows that a table leaves out, if there are any."""
    if shown < rows:
        console().print(f"... and {rows - shown:,} agents with loads between these")


SHORT = 12
"""Length in characters up to which the cells of a first column are never wrapped; longer names may be."""


def show_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, left: Sequence[int] = (0,)) -> None:
    """Print a table whose columns are right-aligned, except those in `left`."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    short = all(len(row[0]) <= SHORT for row in rows)
    for position, head in enumerate(heads):
        justify: Literal["left", "right"] = "left" if position in left else "right"
        whole = position > 0 or short
        widest = max(cell_len(_cell(row[position]).plain) for row in [heads, *rows]) if whole else None
        table.add_column(head, justify=justify, overflow="fold", no_wrap=whole, min_width=widest)
    for row in rows:
        table.add_row(*map(_cell, row))
    out = console()
    # On a narrow terminal, lines may wrap, but no number is cut.
    least = Measurement.get(out, out.options.update(max_width=10_000), table).minimum
    out.width = max(out.width, least)
    out.print(table, crop=False)


def _cell(text: str) -> Text:
    return Text(shown_name(text))


def fairness_in_words(fairness: Fairness, parameter: str | None = None) -> str:
    """Return a sentence on what a measure asks, with another parameter if one is given."""
    text = fairness.in_words(parameter)
    return text if fairness.entitlements is None else f"{text}, in proportion to entitlements"


def show_answer(answer: Assignment, given: Given, loading: float) -> None:
    """Print each agent's load, and what the answer costs and proves.

    Parameters
    ----------
    answer, given
        The answer, and the inputs it was made from.
    loading
        How many of the answer's seconds it took to load the compiled loops; they are listed apart.
    """
    if answer.assignment is None:
        _show_without(answer, loading)
        return
    _show_loads(answer, given)
    stopped = stopped_by() if answer.interrupted else "the time limit"
    state = "optimal" if answer.status == "optimal" else f"stopped by {stopped}: the best found so far"
    fairness = answer.fairness
    assert answer.loads is not None
    level = f" (reached: {possible_text(fairness, answer.loads)})"
    what, beyond = ("profit", "upper") if answer.maximise else ("cost", "lower")
    facts = [
        ("status", f"{state}, after {_spent(answer, loading)}"),
        (what, number(answer.cost)),
        (f"{beyond} bound", f"{number(answer.bound)}: no fair assignment {_better(answer)}"),
        ("gap", f"{percent(answer.gap)}; {_by(answer)}"),
        ("asked", fairness_in_words(fairness) + level),
    ]
    if answer.attainable is not None:
        facts += _fairest(fairness, answer.attainable, len(answer.agents), maximise=answer.maximise)
    if answer.cv_bound is not None:
        bound = answer.cv_bound
        facts.append(("guarantee", f"CV at most {bound:.4g}, Jain's index at least {1 / (1 + bound * bound):.4g}"))
    facts.append(("reached", _reached(answer)))
    if answer.price is not None:
        than = "below the most" if answer.maximise else "above the cheapest"
        facts.append(("price", f"{percent(answer.price)} {than} without fairness, {number(answer.base_cost)}"))
    facts += _changed(answer)
    show_facts(facts)


def _changed(answer: Assignment) -> list[tuple[str, str]]:
    """Return what has changed hands since the answer before, if there is one: how many tasks, and the first of them."""
    from evenhand.assignment.changes_in_words import changed_in_words, handovers, listed

    changes, assignment = answer.changes, answer.assignment
    if changes is None or assignment is None:
        return []
    found = handovers(changes, assignment, answer.agents, answer.tasks)
    return [("changed hands", changed_in_words(changes)), *(("", line) for line in listed(found, _HANDOVERS))]


def _spent(answer: Assignment, loading: float) -> str:
    """Return the answer's time in words, without the seconds for loading, which are said if they are many."""
    spent = seconds(answer.seconds - loading)
    if loading < _LONG_LOADING:
        return spent
    return f"{spent} (and {seconds(loading)} to load the compiled loops, which the first use compiles)"


def _by(answer: Assignment) -> str:
    """Return by what the gap is proven."""
    alone = f"{percent(answer.certified_gap)} by the certificate alone"
    return alone if answer.proof is None else f"all of it by the proof, {alone}"


def _reached(answer: Assignment) -> str:
    """Return a sentence on the dispersion of the loads, divided by entitlements if there are any."""
    found = answer.dispersion
    assert found is not None
    of = "load" if answer.fairness.entitlements is None else "load over entitlement"
    return f"CV {found.cv:.4g}, Jain's index {found.jain:.4g}, largest {of} {found.max_over_mean:.4g} times the mean"


def _better(answer: Assignment) -> str:
    from evenhand.assignment.changes_in_words import within_in_words

    return ("brings more" if answer.maximise else "is cheaper") + within_in_words(answer.changes)


def _show_without(answer: Assignment, loading: float) -> None:
    asked = fairness_in_words(answer.fairness)
    if answer.status != "infeasible":
        stopped = stopped_by() if answer.interrupted else "the time limit"
        bound = number(answer.bound) if np.isfinite(answer.bound) else "none"
        show_facts([
            ("status", f"stopped by {stopped} after {_spent(answer, loading)}: none found, none excluded"),
            ("asked", asked),
            ("upper bound" if answer.maximise else "lower bound", bound),
        ])  # fmt: skip
        return
    certified = answer.certificate is not None and answer.certificate.kind == "infeasible"
    by = "with a certificate" if certified else "by the search alone, which verify cannot check"
    by = by if answer.proof is None else "with a proof"
    facts = [
        ("status", f"infeasible: no assignment is that fair, proven in {_spent(answer, loading)} {by}"),
        ("asked", asked),
    ]
    attainable = answer.attainable
    if answer.changes is not None and answer.changes.at_most is not None:
        from evenhand.assignment.changes_in_words import needed_in_words, within_in_words

        few = "" if answer.changes.refuted is None else within_in_words(answer.changes)
        facts[0] = ("status", f"infeasible: no assignment is that fair{few}, proven in {_spent(answer, loading)} {by}")
        facts += [("changed hands", sentence) for sentence in needed_in_words(answer.changes)]
    if attainable is not None:
        facts += bracket_facts(answer.fairness, attainable.possible, attainable.impossible, "assignment")
    show_facts(facts)


def _fairest(fairness: Fairness, found: Attainable, n: int, *, maximise: bool) -> list[tuple[str, str]]:
    """Return what is known of anything fairer than the fairest plan found."""
    if found.reached == fairness.parameter_range(n)[1]:
        return [("fairest", "all loads are equal: nothing is fairer")]
    if found.impossible is None:
        return [("fairest", "nothing fairer was found, and nothing fairer is ruled out")]
    if found.refuted == fairness.parameter_range(n)[1]:
        return [("fairest", "nothing fairer was found; of what would be, equal loads alone are ruled out")]
    least = "brings less than" if maximise else "costs more than"
    beyond = "is impossible" if found.budget is None else f"is impossible or {least} {number(found.budget)}"
    return [("fairest", f"anything stricter than {option_of(fairness, found.impossible)} {beyond}: proven")]


def bracket_facts(fairness: Fairness, possible: str | None, impossible: str | None, kind: str) -> list[tuple[str, str]]:
    """Return what is known of the fairest that is possible: what some solution meets, and what is proven impossible.

    Parameters
    ----------
    fairness
        The member.
    possible, impossible
        Texts of the ends of the bracket; None if not known.
    kind
        What a solution is called.
    """
    facts = []
    if possible is not None:
        known = f"{option_of(fairness, possible)} ({fairness_in_words(fairness, possible)})"
        facts.append(("possible", f"{known}: the fairest {kind} known"))
    if impossible is not None:
        facts.append(("impossible", f"anything stricter than {impossible}: proven"))
    return facts


def option_of(fairness: Fairness, parameter: str) -> str:
    """Return the command-line options for a measure with this parameter."""
    order = getattr(fairness, "p", None)
    value = fairness.as_option(parameter) if isinstance(fairness, Cone) else parameter
    return f"{option(fairness.name)} {value}" + ("" if order is None else f" --p {order}")


def _show_loads(answer: Assignment, given: Given) -> None:
    assert answer.assignment is not None
    assert answer.loads is not None
    n = len(answer.agents)
    counts = np.bincount(answer.assignment, minlength=n)
    paid = given.costs.values[answer.assignment, np.arange(len(answer.assignment))]
    costs = np.bincount(answer.assignment, paid, minlength=n)
    shares = np.ones(n) if given.entitlements is None else np.array(given.entitlements)
    # Divide by the largest, because sums of loads near the largest float would overflow.
    relative = answer.loads / shares
    relative /= max(relative.max(), 1e-300)
    mean = (relative * shares).sum() / shares.sum()
    shown = outliers(relative)
    names = shown_names(answer.agents)
    paid_apart = given.burdens is not None
    heads = ["agent", "tasks", *(["cost"] if paid_apart else []), "load", "of share", ""]
    rows = [
        [
            names[i],
            str(counts[i]),
            *([number(costs[i])] if paid_apart else []),
            number(float(answer.loads[i])),
            f"{100 * relative[i] / mean:.0f} %" if mean > 0 else "–",
        ]
        for i in shown
    ]
    room = console().width - sum(max(map(len, column)) + 2 for column in zip(heads, *rows, strict=False))
    for row, share in zip(rows, relative[shown], strict=True):
        row.append(bar(share, min(max(room, 6), _BAR)))
    show_table(heads, rows, left=(0, len(heads) - 1))
    say_how_many(n, len(rows))
    console().print()


def show_frontier(frontier: Frontier) -> None:
    """Print cost and dispersion at each level."""
    order = "" if frontier.p is None else f", p = {frontier.p:g}"
    best = "most" if frontier.maximise else "cheapest"
    console().print(f"Price of fairness, {frontier.measure}{order}; {best} without it: {number(frontier.base_cost)}")
    rows = [
        [
            f"{point.parameter:g}",
            point.status.replace("_", " "),
            number(point.cost),
            percent(point.price),
            percent(point.gap),
            "–" if point.cv is None else f"{point.cv:.4f}",
            "–" if point.jain is None else f"{point.jain:.4f}",
            number(point.largest_load),
            seconds(point.seconds),
        ]
        for point in frontier
    ]
    heads = [
        frontier.measure,
        "status",
        "profit" if frontier.maximise else "cost",
        "price",
        "gap",
        "CV",
        "Jain",
        "largest load",
        "time",
    ]
    show_table(heads, rows, left=(1,))
    console().print()
