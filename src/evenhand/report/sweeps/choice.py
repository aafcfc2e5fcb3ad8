"""What of a sweep is drawn against what: picked from the settings that vary, unless the user says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.errors import InputError
from evenhand.report.formats import count
from evenhand.report.panels.columns import distinct
from evenhand.report.panels.drawing import Rows
from evenhand.report.sweeps.result_numbers import number_of

SEED = "seed"
MOST_RESULTS = 6
"""So many results are drawn where the user names none."""
FIRST = ("success", "jain")
"""Results that are drawn before others."""
MOST_SERIES = 6
"""A setting of more values is no series unless the user says so."""
_DIMENSIONS = 2
_TIMES = ("seconds", "processor_seconds")


@dataclass(frozen=True)
class Choice:
    """What is drawn.

    Attributes
    ----------
    x
        The setting along the axis.
    y
        Results, a figure for each.
    by
        Settings of series and of panels, at most two.
    pooled
        Settings that vary besides, seeds aside: each combination of theirs is a task of its own in the statistics.
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
    """Pick what is drawn.

    Without `x`: the setting of numbers with most values; without `y`: the first results that are numbers and differ;
    without `by`: the settings of few values that vary besides.

    Parameters
    ----------
    rows
        A mapping for each trial.
    config, result
        Columns that were asked for, and that came of it.
    x, y, by
        What the user says.

    Raises
    ------
    InputError
        If a name is unknown, does not vary or holds no numbers, or there is nothing to draw.
    """
    varied = [name for name in config if not is_seed(name) and len(distinct(rows, name)) > 1]
    across = _across(rows, varied) if x is None else _known(x, config, "--x")
    if len(by) > _DIMENSIONS:
        raise InputError(f"--by is given {len(by)} times; at most {_DIMENSIONS}, for series and for panels")
    rest = [name for name in varied if name != across]
    few = [name for name in rest if len(distinct(rows, name)) <= MOST_SERIES][:_DIMENSIONS]
    apart = [_known(name, config, "--by") for name in by] or few
    if across in apart:
        raise InputError(f"--by {across!r} is what stands along the axis already; name another setting, or another --x")
    shown = [_measured(rows, name, result) for name in y] or _results(rows, result)
    pooled = [name for name in rest if name not in apart]
    return Choice(across, tuple(shown), tuple(apart), tuple(pooled))


def is_seed(name: str) -> bool:
    """Tell whether a setting is a seed: trials that differ in it alone are runs of the same."""
    return name == SEED or name.endswith(f".{SEED}")


def is_measured(rows: Rows, name: str) -> bool:
    """Tell whether a column holds numbers or truths that a mean can be taken of."""
    held = [row[name] for row in rows if row.get(name) is not None]
    return bool(held) and all(isinstance(value, (int, float)) for value in held)


def holds_numbers(rows: Rows, name: str) -> bool:
    """Tell whether a column that is measured holds a finite number."""
    return bool(_finite(rows, name))


def _finite(rows: Rows, name: str) -> set[float]:
    return {value for row in rows if not math.isnan(value := number_of(row.get(name)))}


def is_limit(name: str, result: Sequence[str]) -> bool:
    """Tell whether a result is an end of another's interval: ``jain_low`` of ``jain``."""
    return any(name.endswith(end) and name.removesuffix(end) in result for end in ("_low", "_high"))


def on_an_axis(rows: Rows, name: str) -> bool:
    """Tell whether a setting holds finite numbers only."""
    held = [row[name] for row in rows if row.get(name) is not None]
    plain = [value for value in held if isinstance(value, (int, float)) and not isinstance(value, bool)]
    return bool(held) and len(plain) == len(held) and all(math.isfinite(value) for value in plain)


def _across(rows: Rows, varied: Sequence[str]) -> str:
    if not varied:
        raise InputError("no setting varies but the seed; name one with --x to have its results drawn")
    numeric = [name for name in varied if on_an_axis(rows, name)]
    return max(numeric or varied, key=lambda name: len(distinct(rows, name)))


def _results(rows: Rows, result: Sequence[str]) -> list[str]:
    measured = [name for name in result if is_measured(rows, name) and holds_numbers(rows, name)]
    if not measured:
        raise InputError(f"no result holds finite numbers; there are {', '.join(map(repr, result)) or 'none'}")
    found = [name for name in measured if not is_limit(name, result)] or measured
    # A result that never differs tells nothing, unless there is nothing else.
    differing = [name for name in found if len(_finite(rows, name)) > 1] or found
    return sorted(differing, key=lambda name: _rank(rows, name))[:MOST_RESULTS]


def _rank(rows: Rows, name: str) -> int:
    """Return what is drawn first: what most people look for; truths last, the others in the table's order."""
    last = name.rpartition(".")[2]
    if last in FIRST:
        return FIRST.index(last)
    truths = all(isinstance(row[name], bool) for row in rows if row.get(name) is not None)
    return len(FIRST) + truths


def _known(name: str, config: Sequence[str], option: str) -> str:
    if name not in config:
        raise InputError(f"{option} {name!r} is no setting of this sweep; it has {', '.join(config) or 'none'}")
    return name


def _measured(rows: Rows, name: str, result: Sequence[str]) -> str:
    if name not in (*result, *_TIMES):
        raise InputError(f"--y {name!r} is no result of this sweep; it has {', '.join((*result, *_TIMES))}")
    if not is_measured(rows, name):
        raise InputError(f"--y {name!r} holds no numbers; there is nothing to draw{_texts(rows, name)}")
    if not holds_numbers(rows, name):
        raise InputError(f"--y {name!r} holds no finite numbers; there is nothing to draw")
    return name


def _texts(rows: Rows, name: str) -> str:
    """Return how many trials returned text, where others returned numbers: one text makes a column one of text."""
    texts = text_among_numbers(rows, name)
    return f" ({texts} of {count(len(rows), 'trial')} returned text, and so the column is text)" if texts else ""


def text_among_numbers(rows: Rows, name: str) -> int:
    """Return how many values of a column of text are no numbers; 0 where all or none are."""
    held = [row[name] for row in rows if isinstance(row.get(name), str)]
    texts = sum(not _is_spelt(value) for value in held)
    return texts if texts < len(held) else 0


def _is_spelt(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
