"""The places where an agent can be: at a station, or a number of steps before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.hospital.scenario_arrays import ScenarioArrays


@dataclass(frozen=True)
class Places:
    """The L places of one agent and how it gets from one to the next.

    Attributes
    ----------
    station, left
        Shape (L,): the station, and the number of steps to it. Places 0..S-1 are the stations themselves.
    group
        Shape (L,): group of the place. From all places of a group, an agent that does not act can reach the same places
        within a step.
    first, member
        Shapes (groups + 1,) and (any,): ``member[first[g]:first[g + 1]]`` are the places that can be reached from those
        of group g, by moving or waiting.
    """

    station: NDArray[np.int32]
    left: NDArray[np.int32]
    group: NDArray[np.int32]
    first: NDArray[np.int32]
    member: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.station)

    def after(self, place: int) -> list[int]:
        """Return the places one step later of an agent that does not act."""
        group = self.group[place]
        return [int(at) for at in self.member[self.first[group] : self.first[group + 1]]]


def places_of(arrays: ScenarioArrays) -> Places:
    """Return the places of a scenario."""
    travel = arrays.travel.tolist()
    stations = range(arrays.n_stations)
    pairs = [(s, 0) for s in stations]
    pairs += [(s, left) for s in stations for left in range(1, max(row[s] for row in travel))]
    index = {pair: place for place, pair in enumerate(pairs)}
    following: list[tuple[int, ...]] = []
    for station, left in pairs:
        if left:
            following.append((index[station, left - 1],))
        else:
            moves = {index[to, travel[station][to] - 1] for to in stations if to != station}
            following.append(tuple(sorted(moves | {station})))
    groups = list(dict.fromkeys(following))
    return Places(
        station=np.array([s for s, _ in pairs], dtype=np.int32),
        left=np.array([left for _, left in pairs], dtype=np.int32),
        group=np.array([groups.index(places) for places in following], dtype=np.int32),
        first=np.cumsum([0, *map(len, groups)], dtype=np.int32),
        member=np.array([place for group in groups for place in group], dtype=np.int32),
    )


NOWHERE = Places(*(np.array(values, dtype=np.int32) for values in ([0], [0], [0], [0, 1], [0])))
"""A single place in which all agents are: the relaxation in which all stations are one and nobody has to walk."""
