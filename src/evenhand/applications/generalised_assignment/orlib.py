"""Reader of the OR-Library's generalised assignment problems: gap1 to gap12, gapa to gapd, and files of one problem.

A file contains the number of problems, and for each the numbers n of agents and m of tasks, n rows of m costs, n rows
of m sizes and n capacities. Files of one problem may omit the first number. Line breaks have no meaning. The format
does not say whether to minimise: the optima published for gap1 to gap12 are those of maximisation, and those for gapa
to gapd (and Yagiura's type E) of minimisation.

References
----------
J. E. Beasley, OR-Library: distributing test problems by electronic mail, Journal of the Operational Research Society
41, 1990.
"""

from __future__ import annotations

import math
import os

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.generalised_assignment.generalised_problem import Problem
from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.files import read_text
from evenhand.tables.numbers import to_number

MOST = 10_000
"""Upper limit on the numbers of problems, agents and tasks in a file."""


def read_orlib(path: str | os.PathLike[str]) -> tuple[Problem, ...]:
    """Read the problems of a file.

    Raises
    ------
    InputError
        If a value cannot be used; one line names file, line and value, and what would be right.
    """
    return parse_orlib(read_text(path), str(path))


def parse_orlib(text: str, source: str = "memory") -> tuple[Problem, ...]:
    """Return the problems of a `text`; errors are those of :func:`read_orlib`."""
    words = _Words(text, source)
    # A first number alone on its line is the number of problems.
    alone = len(words.lines) == 1 or (len(words.lines) > 1 and words.lines[0] != words.lines[1])
    count = words.whole("the number of problems") if alone else 1
    problems = tuple(_problem(words, f"problem {number}") for number in range(1, count + 1))
    words.end(f"the {count} problem{'s' if count > 1 else ''}")
    return problems


def _problem(words: _Words, what: str) -> Problem:
    n = words.whole(f"{what}'s number of agents", least=2)
    m = words.whole(f"{what}'s number of tasks")
    costs = words.numbers(n * m, f"the costs of {what}")
    sizes = words.numbers(n * m, f"the sizes of {what}", least=0.0)
    capacities = words.numbers(n, f"the capacities of {what}", least=0.0)
    return Problem.of(costs.reshape(n, m), sizes.reshape(n, m), capacities)


class _Words:
    """The words of a text in order, each with its line number, and checked conversions to numbers."""

    def __init__(self, text: str, source: str) -> None:
        found = [(word, line) for line, row in enumerate(text.split("\n"), 1) for word in row.split()]
        self.words, self.lines = [word for word, _ in found], [line for _, line in found]
        self._source, self._at = source, 0

    def whole(self, what: str, least: int = 1) -> int:
        value = self.numbers(1, what)[0]
        if not (least <= value <= MOST and value == int(value)):
            raise self._fault(self._at - 1, f"must be {what}, a whole number from {least} to {MOST}")
        return int(value)

    def numbers(self, count: int, what: str, least: float = -math.inf) -> NDArray[np.float64]:
        end = self._at + count
        if end > len(self.words):
            line = self.lines[-1] if self.lines else 1
            raise InputError(
                f"{self._source}, line {line}: ends after {len(self.words) - self._at} of {count} numbers, {what}; the "
                f"OR-Library's format has agents and tasks, costs, sizes and capacities of each problem"
            )
        values = np.array([self._number(place, what, least) for place in range(self._at, end)])
        self._at = end
        return values

    def end(self, what: str) -> None:
        if self._at < len(self.words):
            raise self._fault(self._at, f"follows the last number of {what}")

    def _number(self, place: int, what: str, least: float) -> float:
        try:
            value = to_number(self.words[place])
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value >= least):
            limit = " of at least 0" if least == 0.0 else ""
            raise self._fault(place, f"must be a finite number{limit} ({what}, in the OR-Library's format)")
        return value

    def _fault(self, place: int, message: str) -> InputError:
        return InputError(f"{self._source}, line {self.lines[place]}: {shown(self.words[place])} {message}")
