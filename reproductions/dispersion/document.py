"""The plan of trials for the whole reproduction, and the document made from their outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.sweeps import Trial
from reproductions import document as documents
from reproductions.dispersion import instances, published
from reproductions.dispersion.beyond import beyond
from reproductions.dispersion.equality import equality
from reproductions.dispersion.geometry import geometry
from reproductions.dispersion.given import given, read_published
from reproductions.dispersion.quality import dispersion, price
from reproductions.dispersion.solved import Solved, gathered
from reproductions.dispersion.times import times
from reproductions.dispersion.trials import ATTAIN, EQUAL, SOLVE
from reproductions.document import failures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from evenhand.sweeps import Outcome
    from reproductions.document import Section

NAME = "dispersion"
TITLE = "Dispersion control, reproduced"
PAPER = {
    "title": "A Family of Convex Models to Achieve Fairness through Dispersion Control",
    "authors": "Bhadoriya, Deka and Sundar",
    "link": "https://arxiv.org/abs/2510.23791",
}
SECTIONS = ("geometry", "cv", "price", "times", "equal", "given", "beyond")
ORDERS = [published.word(p) for p in published.ORDERS]
EVERY = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99]
TIGHT = 1e-4
"""Gap of the answers whose cost and dispersion are reported."""
LIMIT = 20.0
"""Seconds for a solve."""
OTHERS: tuple[tuple[str, int, int, bool], ...] = (
    ("plane", 5, 250, False),
    ("uniform", 5, 250, False),
    ("correlated", 5, 250, False),
    ("heavy-tailed", 5, 250, False),
    ("plane", 5, 250, True),
    ("plane", 3, 30, False),
    ("plane", 10, 500, False),
    ("plane", 20, 2000, False),
    ("plane", 20, 20000, False),
)


def plan(*, quick: bool = False, data: Path | None = None, only: Sequence[str] = ()) -> list[Trial]:
    """Return the trials.

    Parameters
    ----------
    quick
        Whether to run five instances instead of fifty, and less of everything else.
    data
        Folder of the paper's instances, ``instance_5_250_1.txt`` and so on, with ``published.csv``.
    only
        Names of the sections to run; all if empty.

    Raises
    ------
    InputError
        If a section is not known, or if the folder has no instance.
    """
    unknown = [name for name in only if name not in SECTIONS]
    if unknown:
        raise InputError(f"section {unknown[0]!r} is not known; known are {', '.join(SECTIONS)}")
    if "given" in only and (data is None or not read_published(data)):
        raise InputError("section 'given' needs --data with the paper's instances and their published.csv")
    wanted = set(only or SECTIONS)
    trials: list[Trial] = []
    if wanted & {"cv", "price", "times"}:
        trials += [Trial(SOLVE, _asked(quick) | _plane(seed)) for seed in range(5 if quick else 50)]
    if data is not None and "given" in wanted:
        trials += [Trial(SOLVE, _asked(quick) | {"file": str(file)}) for file in _files(data, quick)]
    if "equal" in wanted:
        looked = [_plane(seed) for seed in range(2 if quick else 50 - len(_files(data, quick)))]
        looked += [{"file": str(file)} for file in _files(data, quick)]
        trials += [Trial(EQUAL, one) for one in looked]
        trials += [Trial(ATTAIN, one | {"time_limit": 10.0}) for one in looked[: 2 if quick else 10]]
    if "beyond" in wanted:
        trials += [Trial(SOLVE, config) for config in _others(quick)]
    return trials


def _files(data: Path | None, quick: bool) -> list[Path]:
    return [] if data is None else instances.given(data)[: 2 if quick else None]


def _plane(seed: int) -> dict[str, Any]:
    return {"law": "plane", "agents": instances.AGENTS, "tasks": instances.TASKS, "seed": seed}


def _asked(quick: bool) -> dict[str, Any]:
    levels = list(published.EPSILONS) if quick else EVERY
    gaps = [published.GAP, TIGHT]
    return {"orders": ORDERS, "epsilons": levels, "gaps": gaps, "time_limit": 5.0 if quick else LIMIT, "verify": True}


def _others(quick: bool) -> list[dict[str, Any]]:
    asked = {"orders": ["2", "5", "inf"], "epsilons": [0.5, 0.9, 0.99], "gaps": [published.GAP]}
    kinds = OTHERS[:-1] if quick else OTHERS
    return [
        asked
        | {"time_limit": 2.0 if quick else LIMIT, "law": law, "agents": agents, "tasks": tasks, "seed": seed}
        | ({"entitled": True} if entitled else {})
        for law, agents, tasks, entitled in kinds
        for seed in range(1000, 1002 if quick else 1010)
    ]


def document(
    outcomes: Sequence[Outcome],
    *,
    command: str,
    quick: bool = False,
    data: Path | None = None,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what the outcomes of :func:`plan` say, as JSON values."""
    parts = _Parts(outcomes)
    known = {} if data is None else read_published(data)

    tight, failed = parts.tight(parts.generated), failures(parts.generated)

    def told(key: str) -> str:
        return command if "--only" in command else f"{command} --only {key}"

    made: dict[str, Callable[[], Section]] = {
        "geometry": lambda: geometry(told("geometry")),
        "cv": lambda: dispersion(tight, told("cv"), failed, beside=not parts.files),
        "price": lambda: price(tight, told("price"), failed, beside=not parts.files),
        "times": lambda: times(parts.loose(parts.generated), told("times"), failed),
        "equal": lambda: equality(parts.of(EQUAL), parts.of(ATTAIN), told("equal")),
        "given": lambda: given(parts.tight(parts.files), known, told("given"), failures(parts.files)),
        "beyond": lambda: beyond(parts.others, told("beyond")),
    }
    absent = set() if known and parts.files else {"given"}
    # A theorem, and the paper's own instances laid beside its table, are no samples: each case is judged as it is.
    runs = {"geometry": [], "given": [], "equal": parts.of(EQUAL), "beyond": parts.others}
    sections = [
        documents.judged(made[key]().to_dict(), runs.get(key, parts.generated))
        for key in SECTIONS
        if key in (only or SECTIONS) and key not in absent
    ]
    return documents.document(NAME, TITLE, PAPER, sections, outcomes, command=command, quick=quick)


class _Parts:
    """The outcomes by what they are for."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._outcomes = outcomes
        solved = self.of(SOLVE)
        self.files = [one for one in solved if "file" in one.trial.config]
        drawn = [one for one in solved if "file" not in one.trial.config]
        self.generated = [one for one in drawn if "verify" in one.trial.config]
        self.others = [one for one in drawn if "verify" not in one.trial.config]

    def of(self, task: str) -> list[Outcome]:
        """Return the outcomes of a task."""
        return [one for one in self._outcomes if one.trial.task == task]

    @staticmethod
    def tight(outcomes: Sequence[Outcome]) -> list[Solved]:
        """Return the solves to the tighter gap."""
        return [one for one in gathered(outcomes) if one.asked_gap == TIGHT]

    @staticmethod
    def loose(outcomes: Sequence[Outcome]) -> list[Solved]:
        """Return the solves to the paper's gap."""
        return [one for one in gathered(outcomes) if one.asked_gap == published.GAP]
