"""All sections: what is to be run, and the document that is made of it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.experiments.fair_gne import (
    cadence,
    comparison,
    defection,
    exchanged,
    impossible,
    kkt,
    noise,
    profiles,
    published,
    skills,
    supervision,
    thresholds,
    wards,
)
from evenhand.experiments.fair_gne.results import Results

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evenhand.experiments.sweeps import Outcome, Trial

_MODULES = (
    comparison,
    thresholds,
    cadence,
    kkt,
    skills,
    wards,
    exchanged,
    supervision,
    impossible,
    noise,
    defection,
    profiles,
)
SECTIONS: Mapping[str, Any] = MappingProxyType({module.KEY: module for module in _MODULES})
"""The module of each section, by key, in the order of the document."""


def plan(quick: bool, only: str | None = None) -> list[Trial]:
    """Return the trials of all sections, or of one, each trial once.

    Raises
    ------
    InputError
        If there is no such section.
    """
    found = {trial.digest: trial for key in _keys(only) for trial in SECTIONS[key].trials(quick)}
    return list(found.values())


def summary(outcomes: Sequence[Outcome], quick: bool, only: str | None = None) -> dict[str, Any]:
    """Return the document of the outcomes of :func:`plan`.

    Parameters
    ----------
    outcomes
        In any order.
    quick
        As in the plan.
    only
        As in the plan; sections of which not all trials are there are left out in any case.

    Raises
    ------
    InputError
        If there is no such section, or the outcomes are of another plan.
    """
    results = Results(outcomes)
    keys = [key for key in _keys(only) if results.covers(SECTIONS[key].trials(quick))]
    if not keys:
        raise InputError("no section has all of its trials among the outcomes; they are of another plan")
    machine = max((outcome.machine for outcome in outcomes), key=lambda one: str(one.get("date", "")), default={})
    return {
        "kind": "evenhand reproduction",
        "version": 1,
        "name": "fair-gne",
        "title": "Fair-GNE, made again",
        "quick": quick,
        "paper": published.PAPER,
        "machine": machine,
        "seconds": round(sum(outcome.seconds for outcome in outcomes), 1),
        "command": " ".join(
            ["evenhand reproduce fair-gne", *(["--quick"] if quick else []), *([f"--only {only}"] if only else [])]
        ),
        "sections": [SECTIONS[key].summary(results, quick) for key in keys],
    }


def _keys(only: str | None) -> list[str]:
    if only is not None and only not in SECTIONS:
        raise InputError(f"section {only!r} is not known; known are {', '.join(SECTIONS)}")
    return list(SECTIONS) if only is None else [only]
