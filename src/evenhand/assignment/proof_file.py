"""Files of tree proofs: lines of JSON, the question and the answer first, compressed by gzip; see `evenhand.check`."""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evenhand.check import Walk
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.tables.write import atomic_writer

FORMAT = "evenhand proof 1"

MOST_BEYOND_THE_QUESTION = 1_000_000
"""Number of characters that a line may have beyond twice those of the question and its answer."""


@dataclass(frozen=True, slots=True)
class TreeProof:
    """A proof of an answer that trusts nothing of the search; :mod:`evenhand.check` follows it.

    Attributes
    ----------
    nodes
        Number of nodes of the tree.
    data
        The file's content.
    """

    nodes: int
    data: bytes = field(repr=False)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the proof to the file `path`, usually named ``...json.gz``; a file there is replaced at the end."""
        with atomic_writer(path) as stream:
            stream.write(self.data)


class Tables(Protocol):
    """What a proof says of a problem; see :class:`~evenhand.assignment.problem.Problem`."""

    @property
    def agents(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def tasks(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def costs(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def burdens(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def initial_loads(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def locked(self) -> Any: ...  # noqa: D102
    @property
    def maximise(self) -> bool: ...  # noqa: D102
    @property
    def shares_burdens(self) -> bool: ...  # noqa: D102
    def in_user_sign(self, value: float) -> float: ...  # noqa: D102


def line_of(content: Any) -> bytes:
    """Return a line of a proof."""
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def begin(head: dict[str, Any]) -> Walk:
    """Return the checker's walk through the proof with this first line, whose numbers count as they are written."""
    return Walk(json.loads(line_of(head), parse_float=Decimal))


def follow(
    proof: TreeProof | str | os.PathLike[str],
    problem: Tables,
    fairness: Fairness,
    assignment: NDArray[np.intp] | None,
    bound: float | None,
) -> int:
    """Follow a proof of the given question and answer to its end; return its number of nodes.

    Raises
    ------
    ValueError
        If it proves something else, or nothing; the message says what is wrong.
    InputError
        If the file cannot be read.
    """
    line = line_of(question_and_answer(problem, fairness, assignment, bound))
    asked = json.loads(line, parse_float=Decimal)
    lines = _lines(proof, MOST_BEYOND_THE_QUESTION + 2 * len(line))
    try:
        head = json.loads(next(lines, "null"), parse_float=Decimal)
        if not isinstance(head, dict) or not {"groups", "digits"} <= set(head):
            raise ValueError(f"its first line is not that of a proof ({FORMAT})")
        differing = [name for name in asked if name not in head or head[name] != asked[name]]
        if differing:
            raise ValueError(f"it is about another question or answer: {differing[0]} differ")
        walk = Walk(head)
        for node in lines:
            walk.step(json.loads(node, parse_float=int, parse_constant=int))
    except (LookupError, TypeError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"it is damaged ({error!r})") from error
    if walk.present is not None:
        raise ValueError("its tree is not complete")
    return int(walk.nodes)


def _lines(proof: TreeProof | str | os.PathLike[str], most: int) -> Iterator[str]:
    """Yield the lines of a proof; those beyond `most` characters are cut, so that no file fills the memory."""
    try:
        with gzip.open(
            io.BytesIO(proof.data) if isinstance(proof, TreeProof) else proof, "rt", encoding="utf-8"
        ) as file:
            yield from iter(lambda: file.readline(most), "")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"it is damaged, or not compressed by gzip ({error})") from error
    except OSError as error:
        raise InputError(f"{proof}: cannot be read as a proof ({error})") from error


def question_and_answer(
    problem: Tables, fairness: Fairness, assignment: NDArray[np.intp] | None, bound: float | None
) -> dict[str, Any]:
    """Return the first line of a proof, still without groups and digits.

    Parameters
    ----------
    problem
        A problem of the solver, or a case of the verifier.
    fairness
        The member asked for.
    assignment
        The plan, shape (m,); None if there is none.
    bound
        The bound that is proven, with the sign of a cost; None if there is no plan.
    """
    possible = np.isfinite(problem.costs)
    costs = -problem.costs if problem.maximise else problem.costs
    decided = problem.locked.items() if isinstance(problem.locked, dict) else enumerate(problem.locked.tolist())
    locked = sorted([task, agent] for task, agent in decided if agent >= 0)
    return {
        "format": FORMAT,
        "status": "infeasible" if assignment is None else "optimal",
        "agents": list(problem.agents),
        "tasks": list(problem.tasks),
        "maximise": problem.maximise,
        "fairness": fairness.to_dict(),
        "costs": _rows(costs, possible),
        "burdens": _rows(problem.burdens, possible) if problem.shares_burdens else None,
        "initial_loads": _rows(problem.initial_loads[None], np.ones((1, len(possible)), np.bool_))[0],
        "locked": locked,
        "assignment": None if assignment is None else assignment.tolist(),
        "bound": None if bound is None else _plain(problem.in_user_sign(bound)),
    }


def _rows(values: NDArray[np.float64], possible: NDArray[np.bool_]) -> list[list[Any]]:
    return [
        [_plain(value) if is_possible else None for value, is_possible in zip(*pair, strict=True)]
        for pair in zip(values.tolist(), possible.tolist(), strict=True)
    ]


def _plain(value: float) -> float | int:
    """Return a whole number as an integer, which is shorter."""
    return int(value) if value.is_integer() and abs(value) < 2.0**53 else value
