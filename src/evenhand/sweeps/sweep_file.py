"""Read a sweep file and expand it to a list of trials."""

from __future__ import annotations

import datetime
import itertools
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evenhand.errors import InputError, prefixed
from evenhand.sweeps.attempt import checked_timeout
from evenhand.sweeps.nested import flat, nested
from evenhand.sweeps.tasks import check
from evenhand.sweeps.trial import Trial
from evenhand.tables.documents import read_toml
from evenhand.tables.shapes import refuse_unknown

KEYS = ("task", "seeds", "timeout", "fixed", "grid", "cases")
MOST = 1_000_000
"""Upper limit on the number of trials in a sweep."""


@dataclass(frozen=True)
class Sweep:
    """A list of trials of one task, whose configurations have been checked.

    Attributes
    ----------
    task
        Name of the task.
    trials
        The trials, case by case; later keys of the grid vary faster than earlier ones, and seeds fastest.
    timeout
        Time limit of a trial in seconds; None for no limit.
    """

    task: str
    trials: tuple[Trial, ...] = field(repr=False)
    timeout: float | None = None

    @classmethod
    def read(cls, path: str | Path) -> Sweep:
        """Read a sweep from a TOML file.

        Raises
        ------
        InputError
            If the file cannot be read or a trial's configuration is not valid; the message names file, key and value
            and says what would be right.
        """
        return cls.from_dict(read_toml(path), str(path))

    @classmethod
    def from_dict(cls, values: dict[str, Any], source: str = "sweep") -> Sweep:
        """Return the sweep that a dictionary describes, such as one read from a file; errors as in :meth:`read`."""
        refuse_unknown(values, KEYS, f"{source}: ")
        task = values.get("task")
        if not isinstance(task, str):
            raise InputError(f'{source}: task is {task!r}; it must be the name of a task, as in task = "assign"')
        timeout = values.get("timeout")
        if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, int | float)):
            raise InputError(f"{source}: timeout is {timeout!r}; it must be a number of seconds above 0")
        with prefixed(source):
            checked_timeout(timeout)
        trials = tuple(Trial(task, config) for config in _configs(values, source))
        _refuse_twins(trials, source)
        for trial in trials:
            check(task, dict(trial.config), _named(trial, source))
        return cls(task, trials, timeout)


def _configs(values: dict[str, Any], source: str) -> list[dict[str, Any]]:
    """Return the configurations of all trials."""
    fixed = _checked(_table(values, "fixed", source), f"{source}: fixed")
    cases = [_checked(case, f"{source}: cases") for case in _cases(values, source)]
    axes = _axes(_checked(_table(values, "grid", source), f"{source}: grid"), source)
    if "grid" in values and not axes:
        raise InputError(f"{source}: grid is empty; give a list of values for a key, as epsilon = [0.1, 0.9]")
    seeds = _seeds(values["seeds"], source) if "seeds" in values else None
    _refuse_overlap(fixed, axes, cases, seeds is not None, source)
    for case in cases:
        seed = [] if seeds is None else ["seed"]
        _refuse_sections({"fixed": fixed, "grid": axes, "cases": case, "seeds": seed}, source)
    if seeds is not None:
        axes["seed"] = seeds
    count = math.prod(len(axis) for axis in axes.values()) * len(cases)
    if count > MOST:
        raise InputError(f"{source}: {count:,} trials are asked for; at most {MOST:,} are possible")
    settings = [dict(zip(axes, chosen, strict=True)) for chosen in itertools.product(*axes.values())]
    return [nested(fixed | case | setting) for case in cases for setting in settings]


def _table(values: dict[str, Any], key: str, source: str) -> dict[str, Any]:
    table = values.get(key, {})
    if not isinstance(table, dict):
        raise InputError(f"{source}: {key} is {table!r}; it must be a table, [{key}]")
    return table


def _cases(values: dict[str, Any], source: str) -> list[dict[str, Any]]:
    cases = values.get("cases", [{}])
    if not isinstance(cases, list) or not cases or not all(isinstance(case, dict) for case in cases):
        raise InputError(f"{source}: cases must be tables, each beginning with [[cases]]")
    return cases


def _axes(grid: dict[str, Any], source: str) -> dict[str, Sequence[Any]]:
    for key, axis in grid.items():
        if not isinstance(axis, list):
            raise InputError(
                f"{source}: grid.{key} is {axis!r}; it must be a list of values (one value: under [fixed])"
            )
        if not axis:
            raise InputError(f"{source}: grid.{key} is empty; give at least one value")
    return dict(grid)


def _seeds(seeds: Any, source: str) -> Sequence[int]:
    if isinstance(seeds, int) and not isinstance(seeds, bool) and seeds >= 1:
        return range(min(seeds, sys.maxsize))  # a range takes no memory, so too many seeds can still be refused
    if isinstance(seeds, list) and seeds and all(type(seed) is int and seed >= 0 for seed in seeds):
        return seeds
    raise InputError(f"{source}: seeds is {seeds!r}; it must be a number of seeds (3) or a list of them ([0, 1, 7])")


def _refuse_overlap(
    fixed: dict[str, Any], grid: dict[str, Any], cases: Sequence[dict[str, Any]], seeds: bool, source: str
) -> None:
    """Raise an InputError if a key is set in two places."""
    places = [("fixed", set(fixed)), ("grid", set(grid)), ("cases", set().union(*cases))]
    if seeds:
        places.append(("seeds", {"seed"}))
    for (one, keys), (other, others) in itertools.combinations(places, 2):
        for key in sorted(keys & others):
            raise InputError(f"{source}: {key} is set by {one} and by {other}; leave it out of one of them")


def _refuse_sections(places: Mapping[str, Iterable[str]], source: str) -> None:
    """Raise an InputError if a key has a value and is also a section with keys in it."""
    where = {key: place for place, keys in places.items() for key in keys}
    for key, place in where.items():
        parts = key.split(".")
        for section in (".".join(parts[:length]) for length in range(1, len(parts))):
            if section in where:
                raise InputError(
                    f"{source}: {section} is set by {where[section]} and {key} by {place}; "
                    f"{section} is either a value or a section, not both"
                )


def _refuse_twins(trials: Sequence[Trial], source: str) -> None:
    seen: set[str] = set()
    for trial in trials:
        asked = json.dumps(_numbers_alike(trial.config), sort_keys=True)
        if asked in seen:
            raise InputError(f"{_named(trial, source)}: asked for twice; leave out one of the equal values")
        seen.add(asked)


def _numbers_alike(value: Any) -> Any:
    """Return a value in which whole floats are integers, since 1.0 and 1 ask for the same trial."""
    if isinstance(value, dict):
        return {key: _numbers_alike(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_numbers_alike(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _named(trial: Trial, source: str) -> str:
    return f"{source}, trial {in_words(trial)}"


def in_words(trial: Trial, limit: int = 100) -> str:
    """Return a trial's configuration as one line, shortened to `limit` characters."""
    said = ", ".join(f"{key}={value}" for key, value in flat(trial.config).items()) or "without settings"
    return said if len(said) <= limit else f"{said[: limit - 3]}..."


def _checked(table: dict[str, Any], place: str) -> dict[str, Any]:
    """Return a table flattened to dotted keys, with infinity as text, because JSON has no infinity."""
    return {key: _as_json(value, f"{place}.{key}") for key, value in flat(table).items()}


def _as_json(value: Any, place: str) -> Any:
    if isinstance(value, list):
        return [_as_json(one, place) for one in value]
    if isinstance(value, dict):
        return {key: _as_json(one, f"{place}.{key}") for key, one in value.items()}
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if isinstance(value, float) and math.isnan(value):
        raise InputError(f"{place} is nan; it must be a number, or left out")
    if isinstance(value, datetime.date | datetime.time):
        raise InputError(f'{place} is the date or time {value}; write it as text, "{value}"')
    return value
