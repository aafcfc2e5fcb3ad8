"""The outcomes of a plan, and the numbers that sections make of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.statistics import interquartile_mean, stratified_bootstrap
from reproductions.document import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evenhand.sweeps import Outcome, Trial

    Result = Mapping[str, Any]


class Results:
    """Outcomes by their trials."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._by_digest = {outcome.trial.digest: outcome for outcome in outcomes}

    def covers(self, trials: Iterable[Trial]) -> bool:
        """Return whether all of the trials were run, whatever came of them."""
        return all(trial.digest in self._by_digest for trial in trials)

    def of(self, trials: Iterable[Trial]) -> list[Outcome]:
        """Return the outcomes of trials, whatever came of them."""
        return [self._by_digest[trial.digest] for trial in trials if trial.digest in self._by_digest]

    def done(self, trials: Iterable[Trial]) -> list[tuple[Trial, Result]]:
        """Return the trials that ended well, with their results."""
        return [(outcome.trial, outcome.result) for outcome in self.of(trials) if outcome.status == "done"]

    def failed(self, trials: Iterable[Trial]) -> list[str]:
        """Return a line for each trial that did not end well."""
        return [f"{_name(one.trial)}: {one.why}" for one in self.of(trials) if one.status != "done"]


def _name(trial: Trial) -> str:
    config = trial.config["config"]
    told = [str(config[name]) for name in ("scenario", "learner", "method") if name in config]
    return f"{', '.join(told)}, seed {config.get('seed', 0)}"


@dataclass(frozen=True)
class Over:
    """An estimate over seeds; without an interval where there is one seed.

    Attributes
    ----------
    mean, low, high
        The mean and the limits of its interval; NaN where there is none.
    seeds
        Number of seeds.
    """

    mean: float
    low: float
    high: float
    seeds: int

    def columns(self, name: str) -> dict[str, float | None]:
        """Return the estimate as three columns of a long table."""
        values = {name: self.mean, f"{name}_low": self.low, f"{name}_high": self.high}
        return {key: _rounded(value) for key, value in values.items()}

    def long(self) -> dict[str, float | int | None]:
        """Return the estimate as the columns ``mean``, ``low``, ``high`` and ``seeds``."""
        limits = {name: _rounded(getattr(self, name)) for name in ("mean", "low", "high")}
        return {**limits, "seeds": self.seeds}

    def shown(self, form: str = ".3f") -> str:
        """Return the estimate as people write it."""
        if math.isnan(self.mean):
            return "–"
        if math.isnan(self.low):
            return f"{self.mean:{form}} (one seed)"
        return f"{self.mean:{form}} [{self.low:{form}}, {self.high:{form}}]"


def over(values: Sequence[float | None], *, mean: bool = False) -> Over:
    """Return the interquartile mean, or the mean, over seeds with its stratified bootstrap interval of 95 %.

    What was not measured (None) does not count.
    """
    return _over(tuple(float(value) for value in values if value is not None), mean)


@lru_cache(maxsize=4096)
def _over(kept: tuple[float, ...], mean: bool) -> Over:
    """Do it once: sections share trials, and thousands of resamples take their time."""
    if not kept:
        return Over(math.nan, math.nan, math.nan, 0)
    if len(kept) == 1:
        return Over(kept[0], math.nan, math.nan, 1)
    if min(kept) == max(kept):  # every resample is the same
        return Over(kept[0], kept[0], kept[0], len(kept))
    statistic = np.mean if mean else interquartile_mean
    found = stratified_bootstrap(kept, statistic)
    return Over(found.value, found.low, found.high, len(kept))


def record_at(result: Result, tau: float) -> Mapping[str, Any]:
    """Return the record at a threshold."""
    found: Mapping[str, Any] = next(record for record in result["records"] if record["tau"] == tau)
    return found


def means(records: Iterable[Mapping[str, Any]], name: str) -> list[float | None]:
    """Return a metric's mean in each record."""
    return [record[name]["mean"] for record in records]


def claim(said: str, published: str, ours: str, verdict: str, why: str = "") -> dict[str, str]:
    """Return a claim; whatever does not hold says why."""
    assert verdict in VERDICTS
    assert why or verdict == "holds"
    return {"claim": said, "published": published, "ours": ours, "verdict": verdict, "why": why}


def graded(met: Sequence[bool]) -> str:
    """Return ``holds`` where all of several tests are met, ``partly`` where some are, ``differs`` where none is."""
    if not met:
        return "not tested"
    return "holds" if all(met) else "partly" if any(met) else "differs"


def section(key: str, title: str, question: str, **parts: Any) -> dict[str, Any]:
    """Return a section of the document; what is not given is empty."""
    empty: dict[str, Any] = {"figure": None, "rows": [], "tables": [], "claims": [], "notes": [], "failed": []}
    command = f"python -m reproductions fair-gne --only {key}"
    return {"key": key, "title": title, "question": question, "command": command} | empty | parts


def untested(said: str, published: str) -> dict[str, str]:
    """Return a claim for which there are no results."""
    return claim(said, published, "", "not tested", "No trial that would tell has ended well.")


def _rounded(value: float) -> float | None:
    return round(value, 5) if math.isfinite(value) else None
