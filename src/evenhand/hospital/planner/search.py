"""A scenario made ready for the search: what is asked, whether it is small enough, the table to grow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evenhand.errors import InputError
from evenhand.hospital.arrays import arrays_of
from evenhand.hospital.planner.graph import Graph, graph_from
from evenhand.hospital.planner.places import NOWHERE, Places, places_of
from evenhand.hospital.planner.situations import Situations, may_be_tidy
from evenhand.hospital.planner.splits import NO_SPLIT, Splits
from evenhand.hospital.planner.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evenhand.hospital.arrays import ScenarioArrays
    from evenhand.hospital.scenario import Scenario

MOST_BYTES = 6_000_000_000
"""Memory that a table may take."""


@dataclass(frozen=True)
class Search:
    """What plans of one scenario are searched in.

    Attributes
    ----------
    scenario, arrays
        The scenario.
    situations, graph, places, splits
        What can be done, where agents can be, how the work can be shared out.
    """

    scenario: Scenario
    arrays: ScenarioArrays
    situations: Situations
    graph: Graph
    places: Places
    splits: Splits

    @property
    def states(self) -> int:
        """Number of states, workloads apart."""
        return len(self.graph) * self.splits.ways_to_stand(len(self.places))

    def table(self, *, keep: bool = False) -> Table:
        """Return a table that holds what can be done in no time."""
        return Table(self.graph, self.places, self.splits, keep=keep)

    def node(self, item_starts: Sequence[int]) -> int:
        """Return the node at time 0 with the items at these stations."""
        return self.graph.number[self.situations.first(item_starts)]

    def fairest(self, nodes: Sequence[int]) -> list[int]:
        """Return for each node the least sum of squares that skills, energy and items allow, however long it takes.

        Found by the same search with all stations in one place: everything that can be done can be done there.
        """
        table = Table(self.graph, NOWHERE, self.splits)
        while not table.settled:
            table.step()
        return [int(table.splits.squares(table.rows[node])[0]) for node in nodes]


def prepare(scenario: Scenario, item_starts: Sequence[Sequence[int]], *, tidy: bool = True) -> Search:
    """Make a scenario ready.

    Parameters
    ----------
    scenario
        A checked scenario.
    item_starts
        The stations of the items, once for each start of the items that is asked for.
    tidy
        Leave out plans that put items down where nothing happens, where that is safe.

    Raises
    ------
    InputError
        If the scenario is too large for exact search.
    """
    arrays = arrays_of(scenario)
    places, splits = places_of(arrays), Splits(int(arrays.step_units.sum()), arrays.n_agents)
    one_node = splits.ways_to_stand(len(places)) * splits.words * 8
    if one_node > MOST_BYTES:
        raise InputError(_too_large(scenario, one_node))
    situations = Situations(arrays, tidy and may_be_tidy(arrays, item_starts))
    graph = graph_from(situations, [situations.first(homes) for homes in item_starts], scenario.name)
    if one_node * len(graph) > MOST_BYTES:
        raise InputError(_too_large(scenario, one_node * len(graph)))
    return Search(scenario, arrays, situations, graph, places, splits)


def _too_large(scenario: Scenario, size: int) -> str:
    return (
        f"{scenario.name}: exact search would take {size / 1e9:,.0f} GB, more than {MOST_BYTES / 1e9:.0f}; "
        "use fewer agents, items, stations, units or levels of energy"
    )


__all__ = ["NO_SPLIT", "Search", "prepare"]
