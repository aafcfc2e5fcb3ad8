"""Print the evaluations of several seeds as one table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from evenhand.cli.show import show_facts, show_table

if TYPE_CHECKING:
    from evenhand.learning.config import Config
    from evenhand.learning.record import Record
    from evenhand.learning.several_seeds import Several

WARNINGS = {
    "unfinished": "not trained to the end",
    "rarely_succeeds": "the team fails more often than it succeeds, so its index says little",
    "never_works": "nobody works in any episode, which is perfectly fair",
}
"""The sentence shown for each warning of a record."""
COLUMNS: dict[str, tuple[str, Callable[[float], str]]] = {
    "success": ("success", "{:.3f}".format),
    "episode_steps": ("steps", "{:.2f}".format),
    "jain": ("Jain", "{:.3f}".format),
    "jain_given_success": ("Jain, success", "{:.3f}".format),
    "windows_satisfied": ("windows", "{:.1%}".format),
}
"""Heading and format of each metric that is shown."""


def show_several(several: Several, folder: str, config: Config) -> None:
    """Print a row for each seed, and one for the aggregates."""
    first = several.records[0].evaluation
    show_facts([
        ("runs", f"{folder}: {config.scenario}, {config.learner}, {config.method}"),
        ("episodes", f"{first.episodes} per seed, threshold {first.tau:g}"),
    ])  # fmt: skip
    rows = [*map(_row, several.records), *_together(several)]
    show_table(["seed", *(heading for heading, _ in COLUMNS.values()), "constraint"], rows)
    facts = [("together", "interquartile mean over the seeds; low and high are its 95 % bootstrap interval")]
    for warning, said in WARNINGS.items():
        which = [str(record.seed) for record in several.records if warning in record.warnings]
        if which:
            facts.append(("beware", f"seed {', '.join(which)}: {said}"))
    show_facts(facts)


def _row(record: Record) -> list[str]:
    shown = [_or_dash(getattr(record.evaluation, name).value, form) for name, (_, form) in COLUMNS.items()]
    return [f"{record.seed}", *shown, record.evaluation.met]


def _together(several: Several) -> list[list[str]]:
    estimates = [(several.together[name], form) for name, (_, form) in COLUMNS.items()]
    return [
        ["together", *(_or_dash(each.value, form) for each, form in estimates), f"{several.met} of {len(several)}"],
        ["low", *(_or_dash(each.low, form) for each, form in estimates), ""],
        ["high", *(_or_dash(each.high, form) for each, form in estimates), ""],
    ]


def _or_dash(value: float, form: Callable[[float], str]) -> str:
    return "–" if math.isnan(value) else form(value)
