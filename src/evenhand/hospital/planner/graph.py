"""The graph that the planner searches, as arrays: all situations that can be reached, and the turns between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.hospital.planner.situations import Situation, Situations

MOST_TURNS = 3_000_000
"""Largest number of turns: a scenario with more is refused, because the search looks at all of them."""

FREE = -1
"""Instead of a station: the agent does not act, it moves or waits."""


@dataclass(frozen=True)
class Graph:
    """Situations as nodes 0..N-1, ordered by the units left, most first; turns as E edges, those of a node together.

    Attributes
    ----------
    number
        Number of each situation.
    first
        Shape (N + 1,): the turns of node b are ``first[b] .. first[b + 1] - 1``.
    after
        Shape (E,): the node that follows.
    at
        Shape (E, n): the station at which each agent acts, or FREE.
    credit
        Shape (E, n): the units that each agent does.
    levels
        The nodes ``levels[i] .. levels[i + 1] - 1`` have equally many units left.
    """

    number: dict[Situation, int]
    first: NDArray[np.int64]
    after: NDArray[np.int32]
    at: NDArray[np.int16]
    credit: NDArray[np.int16]
    levels: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.number)

    @property
    def end(self) -> int:
        """The node in which all protocols are complete; always the last."""
        return len(self) - 1


def graph_from(situations: Situations, starts: Iterable[Situation], name: str) -> Graph:
    """Follow every turn from the starts.

    Raises
    ------
    InputError
        If there are too many turns, or none leads to the end.
    """
    turns: dict[Situation, list[tuple[Situation, tuple[int, ...], tuple[int, ...]]]] = {}
    waiting = list(dict.fromkeys(starts))
    count = 0
    while waiting:
        now = waiting.pop()
        if now in turns:
            continue
        turns[now] = [
            (
                turn.after,
                tuple(FREE if act is None else act.station for act in turn.acts),
                tuple(0 if act is None else act.units for act in turn.acts),
            )
            for turn in situations.turns(now)
        ]
        count += len(turns[now])
        if count > MOST_TURNS:
            raise InputError(
                f"{name}: more than {MOST_TURNS:,} turns to look at, too large for exact search; "
                "use fewer agents, items, stations or levels of energy"
            )
        waiting.extend(after for after, _, _ in turns[now] if after not in turns)
    ordered = sorted(turns, key=lambda situation: -sum(situation.remaining))
    if any(ordered[-1].remaining):
        raise InputError(f"{name}: its protocols cannot be completed")
    number = {situation: node for node, situation in enumerate(ordered)}
    edges = [edge for situation in ordered for edge in turns[situation]]
    units = np.array([sum(situation.remaining) for situation in ordered])
    breaks = np.flatnonzero(np.diff(units)) + 1
    n = len(situations.agents)
    return Graph(
        number=number,
        first=np.cumsum([0, *(len(turns[situation]) for situation in ordered)], dtype=np.int64),
        after=np.array([number[after] for after, _, _ in edges], dtype=np.int32),
        at=np.array([at for _, at, _ in edges], dtype=np.int16).reshape(-1, n),
        credit=np.array([credit for _, _, credit in edges], dtype=np.int16).reshape(-1, n),
        levels=(0, *(int(b) for b in breaks), len(ordered)),
    )
