"""Compare our answers on the paper's instances with the authors' published results, case by case."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evenhand.errors import InputError
from reproductions.dispersion import published
from reproductions.dispersion.instances import number_of
from reproductions.dispersion.quality import means, medians, price_rows
from reproductions.document import Claim, Section, Table, untested

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reproductions.dispersion.solved import Solved

NAME = "published.csv"
OURS = 1.0001e-4
"""Our gap, and rounding of the published objectives."""
EQUAL = 1e-6
"""Objectives that are the same but for rounding, in percent."""
COLUMNS = ("instance", "p", "epsilon", "objective", "seconds")
Case = tuple[int, str, float]


def read_published(folder: Path) -> dict[Case, tuple[float, float]]:
    """Return the authors' objective and seconds by instance, order and level; empty where there is no such file.

    Raises
    ------
    InputError
        Where a column is missing or an entry is no number.
    """
    file = folder / NAME
    if not file.exists():
        return {}
    with file.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
        if missing:
            raise InputError(f"{file}: column {missing[0]!r} is missing; expected {', '.join(COLUMNS)}")
        found = {}
        for number, row in enumerate(reader, start=2):
            try:
                case = int(row["instance"]), row["p"], float(row["epsilon"])
                found[case] = float(row["objective"]), float(row["seconds"])
            except ValueError as error:
                raise InputError(f"{file}, line {number}: {error}") from None
    return found


def given(
    solves: Sequence[Solved], known: dict[Case, tuple[float, float]], command: str, failed: Sequence[str]
) -> Section:
    """Return the section that compares objectives one by one; solves to the tighter gap."""
    pairs = [(one, *known[case]) for one in solves if (case := _case(one)) in known and one.cost is not None]
    return Section(
        key="given",
        title="The paper's own instances",
        question="Does each published objective agree with ours, case by case, and each published mean and median?",
        command=command,
        chart="price",
        caption=(
            f"Median price of fairness over {len({one.instance for one in solves})} of the paper's own instances with "
            "bootstrap intervals of 95 %, and the paper's medians over all 50."
        ),
        rows=price_rows(solves, beside=True),
        tables=[_table(pairs)],
        claims=[_agreement(pairs), *medians(solves), *means(solves)],
        notes=[
            *_compared(pairs),
            "The instances and published results are the authors' own and are not part of this project.",
        ],
        failed=failed,
    )


def _case(one: Solved) -> Case:
    return number_of(Path(one.instance)), published.word(one.p), one.epsilon


Pair = tuple["Solved", float, float]


def _excess(pair: Pair) -> float:
    one, objective, _ = pair
    return 100.0 * (objective / float(one.cost or np.nan) - 1.0)


def _table(pairs: Sequence[Pair]) -> Table:
    shown = [pair for pair in pairs if number_of(Path(pair[0].instance)) == 1 and pair[0].epsilon in (0.7, 0.9, 0.99)]
    rows = [
        [
            published.word(one.p),
            f"{one.epsilon:g}",
            f"{one.cost:.4f}",
            f"{objective:.4f}",
            f"{_excess((one, objective, s)):+.4f} %",
        ]
        for one, objective, s in sorted(shown, key=lambda pair: (pair[0].p, pair[0].epsilon))
    ]
    return Table(
        "Instance 1, the paper's representative one", ["p", "epsilon", "ours", "published", "published over ours"], rows
    )


def _agreement(pairs: Sequence[Pair]) -> Claim:
    claim = "Objectives are within the solver's gap of 0.1 % of the optimum."
    if not pairs:
        return untested(claim)
    # Neither may lie further above the other than its own gap allows.
    beyond = [pair for pair in pairs if not -100.0 * OURS <= _excess(pair) <= 100.0 * published.GAP]
    return Claim(
        claim=claim,
        published=f"{len(pairs)} cases",
        ours=(
            f"{len(pairs) - len(beyond)} of {len(pairs)} published objectives are at most 0.1 % above ours, "
            "and ours at most 0.01 % above them"
        ),
        verdict="holds" if not beyond else "partly" if len(beyond) < len(pairs) / 2 else "differs",
        why=""
        if not beyond
        else f"The others lie between {min(map(_excess, beyond)):+.3f} and {max(map(_excess, beyond)):+.3f} % off.",
    )


def _compared(pairs: Sequence[Pair]) -> list[str]:
    if not pairs:
        return []
    lower, higher = (sum(sign * _excess(pair) > EQUAL for pair in pairs) for sign in (1.0, -1.0))
    theirs, ours = np.median([pair[2] for pair in pairs]), np.median([pair[0].seconds for pair in pairs])
    return [
        f"Of {len(pairs)} objectives ours is lower in {lower}, higher in {higher}; theirs stop at a gap of 0.1 %, ours "
        f"at 0.01 %. Median seconds: theirs {theirs:.3f} on another machine, ours {ours:.4f}."
    ]
