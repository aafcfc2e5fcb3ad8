"""All sections: what is to be run, and the document that is made of it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from reproductions import document as documents
from reproductions.fair_gne import (
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
from reproductions.fair_gne.results import Results

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evenhand.sweeps import Outcome, Trial

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


NAME = "fair-gne"
TITLE = "Fair-GNE, reproduced"


def plan(*, quick: bool = False, only: Sequence[str] = ()) -> list[Trial]:
    """Return the trials of all sections, or of some, each trial once.

    Raises
    ------
    InputError
        If there is no such section.
    """
    found = {trial.digest: trial for key in _keys(only) for trial in SECTIONS[key].trials(quick)}
    return list(found.values())


def document(
    outcomes: Sequence[Outcome], *, command: str, quick: bool = False, only: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what the outcomes of :func:`plan` say, as JSON values.

    Parameters
    ----------
    outcomes
        In any order.
    command
        What made them.
    quick, only
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
    sections = [
        documents.judged(SECTIONS[key].summary(results, quick), results.of(SECTIONS[key].trials(quick))) for key in keys
    ]
    return documents.document(NAME, TITLE, published.PAPER, sections, outcomes, command=command, quick=quick)


def _keys(only: Sequence[str]) -> list[str]:
    unknown = [key for key in only if key not in SECTIONS]
    if unknown:
        raise InputError(f"section {unknown[0]!r} is not known; known are {', '.join(SECTIONS)}")
    return [key for key in SECTIONS if not only or key in only]
