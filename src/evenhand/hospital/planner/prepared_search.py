"""Prepare a scenario for the exact search: check its size, and build the graph, the places and the splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evenhand.errors import InputError
from evenhand.hospital.planner.backward_search import Table
from evenhand.hospital.planner.graph import Graph, graph_from
from evenhand.hospital.planner.places import NOWHERE, Places, places_of
from evenhand.hospital.planner.situations import Situations, may_be_tidy
from evenhand.hospital.planner.splits import NO_SPLIT, Splits
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import ScenarioArrays, arrays_of

MOST_BYTES = 6_000_000_000
"""Largest memory of a table, in bytes."""


@dataclass(frozen=True)
class Search:
    """The search space of the plans of one scenario.

    Attributes
    ----------
    scenario, arrays
        The scenario.
    situations, graph, places, splits
        The acts of the agents, the graph of situations, the places of agents, and the ways to split the work.
    """

    scenario: Scenario
    arrays: ScenarioArrays
    situations: Situations
    graph: Graph
    places: Places
    splits: Splits

    @property
    def states(self) -> int:
        """Number of states, not counting workloads: situations times ways to place the agents."""
        return len(self.graph) * self.splits.ways_to_stand(len(self.places))

    def table(self, *, keep: bool = False) -> Table:
        """Return a table of the splits within 0 steps."""
        return Table(self.graph, self.places, self.splits, keep=keep)

    def node(self, item_starts: Sequence[int]) -> int:
        """Return the node at time 0 with the items at these stations."""
        return self.graph.number[self.situations.first(item_starts)]

    def fairest(self, nodes: Sequence[int]) -> list[int]:
        """Return for each node a lower bound on the sum of squares that skills, energy and items allow in any time.

        It is found by the same search with all stations in one place, where nobody has to walk: a relaxation.
        """
        table = Table(self.graph, NOWHERE, self.splits)
        while not table.settled:
            table.step()
        return [int(table.splits.squares(table.rows[node])[0]) for node in nodes]


def prepare(scenario: Scenario, item_starts: Sequence[Sequence[int]], *, tidy: bool = True) -> Search:
    """Prepare a scenario for the exact search.

    Parameters
    ----------
    scenario
        A checked scenario.
    item_starts
        The stations of the items, for each of the starts to search.
    tidy
        Whether to leave out plans that put items down at stations where no step happens, if that loses no plan.

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
