"""The answer of another day, which ``--from`` names: the start of a new one, or what a plan is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenhand.cli.fairness_options import Asked
from evenhand.cli.inputs import Given
from evenhand.errors import InputError
from evenhand.fairness import Fairness, from_dict
from evenhand.fairness.shares import with_entitlements
from evenhand.tables.cost_table import shown
from evenhand.tables.documents import read_json


@dataclass(frozen=True, slots=True)
class Before:
    """An answer's JSON, and its file for messages."""

    data: dict[str, Any]
    source: str


def read_previous(file: Path | None, change_at_most: int | None) -> Before | None:
    """Read the file of ``--from``; return None if it is not given.

    Raises
    ------
    InputError
        If the file holds no answer, or changes are limited without one.
    """
    if file is None:
        if change_at_most is not None:
            raise InputError(f"--change-at-most {change_at_most}: changes since what? name the answer with --from")
        return None
    data = read_json(file)
    if isinstance(data, dict) and isinstance(data.get("rules"), list):
        raise InputError(
            f"--from {file}: is an answer under several rules, from which no plan starts; leave --from out"
        )
    if not isinstance(data, dict) or not isinstance(data.get("fairness"), dict):
        raise InputError(f"--from {file}: must be the JSON of an answer, as `evenhand assign --json` writes it")
    return Before(data, f"--from {file}")


def rule_of(
    before: Before | None, asked: Asked, given: Given, *, maximise: bool, fairest: bool = False
) -> Fairness | None:
    """Return the measure of fairness that is asked for; None for that of the answer before, entitlements included.

    Raises
    ------
    InputError
        If there is none, or one answer is about costs and the other about profits.
    """
    n = len(given.costs.agents)
    if before is None:
        return asked.floor(n, given.entitlements) if fairest else asked.member(n, given.entitlements)
    if fairest:
        raise InputError("--fairest and --from: the fairest is found afresh; leave out --from, or name a level")
    if (before.data.get("maximise") is True) != maximise:
        ours, theirs = ("profits", "costs") if maximise else ("costs", "profits")
        remedy = "leave out --maximise" if maximise else "add --maximise"
        raise InputError(f"{before.source}: is about {theirs}, the table about {ours}; {remedy}")
    if asked:
        return asked.member(n, given.entitlements)
    if given.entitlements is None:
        return None
    try:
        return with_entitlements(from_dict(before.data["fairness"]), given.entitlements)
    except (InputError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{before.source}: its fairness is no measure that is known ({shown(error)})") from error
