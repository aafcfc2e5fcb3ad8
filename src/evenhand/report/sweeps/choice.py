"""Choose which results of a sweep to draw against which settings, unless the user says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evenhand.errors import InputError
from evenhand.report.formats import count
from evenhand.report.panels.columns import distinct, is_numeric
from evenhand.report.panels.drawing import Rows


def number_of(value: Any) -> float:
    """Return a result as a finite number, or NaN if it is not one."""
    number = float(value) if isinstance(value, (int, float)) else math.nan
    return number if math.isfinite(number) else math.nan


SEED = "seed"
MOST_RESULTS = 6
"""Upper limit on the results that are drawn if the user names none."""
FIRST = ("success", "jain")
"""Results that are drawn first."""
MOST_SERIES = 6
"""Upper limit on the values of a setting that is used for series, unless the user names it."""
_DIMENSIONS = 2
"""Upper limit on the settings besides the horizontal axis: one for series, one for panels."""
_TIMES = ("seconds", "processor_seconds")
"""Columns of time, which are drawn only if the user names them, since they depend on the machine."""


@dataclass(frozen=True)
class Choice:
    """The choice of what to draw.

    Attributes
    ----------
    x
        The setting along the axis.
    y
        The results, with a figure for each.
    by
        The settings that distinguish series and panels, at most two.
    pooled
        All other settings that vary, seeds aside. Each combination of their values is a stratum of the bootstrap.
    """

    x: str
    y: tuple[str, ...]
    by: tuple[str, ...]
    pooled: tuple[str, ...]


def choose(
    rows: Rows,
    config: Sequence[str],
    result: Sequence[str],
    *,
    x: str | None = None,
    y: Sequence[str] = (),
    by: Sequence[str] = (),
) -> Choice:
    """Choose what to draw.

    By default, `x` is the numeric setting with the most values, `y` the first numeric results that vary, and `by` the
    other settings that vary and have few values.

    Parameters
    ----------
    rows
        A mapping for each trial.
    config, result
        Names of the columns of configurations and of results.
    x, y, by
        The user's choice.

    Raises
    ------
    InputError
        If a name is unknown or has no numbers, or if there is nothing to draw.
    """
    varied = [name for name in config if not is_seed(name) and len(distinct(rows, name)) > 1]
    across = _across(rows, varied) if x is None else _known(x, config, "--x")
    if len(by) > _DIMENSIONS:
        raise InputError(f"--by is given {len(by)} times; at most {_DIMENSIONS}, for series and for panels")
    rest = [name for name in varied if name != across]
    few = [name for name in rest if len(distinct(rows, name)) <= MOST_SERIES][:_DIMENSIONS]
    apart = [_known(name, config, "--by") for name in by] or few
    if across in apart:
        raise InputError(f"--by {across!r} is along the axis already; name another setting, or another --x")
    shown = [_measured(rows, name, result) for name in y] or _results(rows, result)
    pooled = [name for name in rest if name not in apart]
    return Choice(across, tuple(shown), tuple(apart), tuple(pooled))


def is_seed(name: str) -> bool:
    """Return whether a setting is a seed; trials that differ by it only are repetitions."""
    return name == SEED or name.endswith(f".{SEED}")


def _is_measured(rows: Rows, name: str) -> bool:
    """Return whether a column contains numbers or booleans, which have a mean."""
    held = [row[name] for row in rows if row.get(name) is not None]
    return bool(held) and all(isinstance(value, (int, float)) for value in held)


def _holds_numbers(rows: Rows, name: str) -> bool:
    """Return whether a column contains a finite number."""
    return bool(_finite(rows, name))


def _finite(rows: Rows, name: str) -> set[float]:
    return {value for row in rows if not math.isnan(value := number_of(row.get(name)))}


def _is_limit(name: str, result: Sequence[str]) -> bool:
    """Return whether a result is a limit of another's interval, such as ``jain_low`` of ``jain``."""
    return any(name.endswith(end) and name.removesuffix(end) in result for end in ("_low", "_high"))


def on_an_axis(rows: Rows, name: str) -> bool:
    """Return whether a setting has finite numbers only."""
    return is_numeric(rows, name) and all(math.isfinite(row[name]) for row in rows if row.get(name) is not None)


def _across(rows: Rows, varied: Sequence[str]) -> str:
    if not varied:
        raise InputError("no setting varies but the seed; name one with --x to have its results drawn")
    numeric = [name for name in varied if on_an_axis(rows, name)]
    return max(numeric or varied, key=lambda name: len(distinct(rows, name)))


def _results(rows: Rows, result: Sequence[str]) -> list[str]:
    measured = [name for name in result if _is_measured(rows, name) and _holds_numbers(rows, name)]
    if not measured:
        raise InputError(f"no result holds finite numbers; there are {', '.join(map(repr, result)) or 'none'}")
    found = [name for name in measured if not _is_limit(name, result)] or measured
    # Results that do not vary are drawn only if there is nothing else.
    differing = [name for name in found if len(_finite(rows, name)) > 1] or found
    return sorted(differing, key=lambda name: _rank(rows, name))[:MOST_RESULTS]


def _rank(rows: Rows, name: str) -> int:
    """Return the rank in the order of drawing: FIRST, then numbers, then booleans."""
    last = name.rpartition(".")[2]
    if last in FIRST:
        return FIRST.index(last)
    truths = all(isinstance(row[name], bool) for row in rows if row.get(name) is not None)
    return len(FIRST) + truths


def _known(name: str, config: Sequence[str], option: str) -> str:
    if name not in config:
        raise InputError(f"{option} {name!r} is not a setting of this sweep; it has {', '.join(config) or 'none'}")
    return name


def _measured(rows: Rows, name: str, result: Sequence[str]) -> str:
    if name not in (*result, *_TIMES):
        raise InputError(f"--y {name!r} is not a result of this sweep; it has {', '.join((*result, *_TIMES))}")
    if not _is_measured(rows, name):
        raise InputError(f"--y {name!r} has no numbers to draw{_texts(rows, name)}")
    if not _holds_numbers(rows, name):
        raise InputError(f"--y {name!r} has no finite numbers to draw")
    return name


def _texts(rows: Rows, name: str) -> str:
    """Return in words how many trials returned text although others returned numbers, which makes the column text."""
    texts = text_among_numbers(rows, name)
    return f" ({texts} of {count(len(rows), 'trial')} returned text, and so the column is text)" if texts else ""


def text_among_numbers(rows: Rows, name: str) -> int:
    """Return the number of values in a text column that are not numbers; 0 if that is true of all."""
    held = [row[name] for row in rows if isinstance(row.get(name), str)]
    texts = sum(not _is_spelt(value) for value in held)
    return texts if texts < len(held) else 0


def _is_spelt(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
