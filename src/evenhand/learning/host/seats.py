"""Some of the environments of a table, stepped one after the other: in a worker process, or in the learner's own."""

from __future__ import annotations

from evenhand.learning.host.game import HostGame, Make, Reports, Terms
from evenhand.learning.host.table import Table


class Seats:
    """As many environments as a table has.

    Parameters
    ----------
    make, terms, reports
        As in :class:`~evenhand.learning.host.game.HostGame`.
    table
        Their arrays.
    """

    def __init__(self, make: Make, terms: Terms, reports: Reports, table: Table) -> None:
        self._games = [HostGame(make, terms, reports) for _ in table.seed]
        self._table = table

    def recall(self) -> None:
        """Bring every environment to the state that its seed and past actions lead to; a seed below 0 is no episode."""
        table = self._table
        for place, game in enumerate(self._games):
            if table.seed[place] < 0:
                continue
            game.begin(int(table.seed[place]))
            for actions in table.past[place, : table.age[place]].tolist():
                game.step(actions)
            self._show(place, game)

    def step(self) -> None:
        """Step the active environments, and begin the next episode where one ends."""
        table = self._table
        actions, seeds = table.actions.tolist(), table.next_seed.tolist()
        for place, active in enumerate(table.active.tolist()):
            if not active:
                continue
            game = self._games[place]
            table.reward[place], table.done[place], table.success[place] = ended = game.step(actions[place])
            table.worked[place] = game.workload
            if ended.done and seeds[place] >= 0:
                game.begin(seeds[place])
            if not ended.done or seeds[place] >= 0:
                self._show(place, game)

    def close(self) -> None:
        """Close the environments."""
        for game in self._games:
            game.close()

    def _show(self, place: int, game: HostGame) -> None:
        table = self._table
        game.show(table.seen[place], table.world[place], table.mask[place])
        table.work[place] = game.workload
