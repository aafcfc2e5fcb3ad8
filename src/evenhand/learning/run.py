"""A trained team: the result of training, or what was loaded from its folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evenhand.learning.config import Config
from evenhand.learning.training_progress import Progress
from evenhand.player import Player


@dataclass(frozen=True, eq=False)
class Run:
    """A trained team.

    Attributes
    ----------
    config
        The configuration it was trained with.
    learner
        The learner; its ``act`` chooses actions, given parameters.
    training
        The learner's state after the last iteration.
    reports
        The progress reports of this process; none of those before a resumption.
    finished
        Whether all steps were trained; False after Ctrl-C.
    seconds
        Wall-clock time of training in this process, compilation included.
    folder
        The folder of the run; None if it was kept in memory only.
    curves
        The trade-off curves that were played to find lotteries, by what they depend on.
    """

    config: Config
    learner: Any
    training: Any
    reports: tuple[Progress, ...]
    finished: bool
    seconds: float
    folder: Path | None
    curves: dict[str, Any] = field(default_factory=dict, init=False, repr=False)
    _players: dict[Any, Player] = field(default_factory=dict, init=False, repr=False)

    @property
    def parameters(self) -> Any:
        """The networks' parameters."""
        return self.training.parameters

    @property
    def multiplier(self) -> float:
        """The controller's multiplier at the end."""
        return float(self.training.dual.multiplier)

    def player(self, tau: float | None = None, *, multiplier: float | None = None, seed: int = 0) -> Player:
        """Return the team as a player, for loops over an environment that is not ours.

        Parameters
        ----------
        tau
            Threshold of Jain's index; by default the run's. The multipliers that meet it are found by playing episodes
            in the environment of training, and kept in the run's folder.
        multiplier
            A multiplier to play every episode under instead.
        seed
            Seed of the lottery between two multipliers.

        Raises
        ------
        InputError
            If the team was not trained for `tau`, or `multiplier` is out of range.

        Examples
        --------
        ::

            player = load("runs/a").player(tau=0.7, seed=0)
            for episode in range(100):
                observations, infos = env.reset(seed=episode)
                player.reset()
                while env.agents:
                    observations, _, _, _, infos = env.step(player.act(observations, infos))
        """
        from evenhand.learning.acting import player_of

        return player_of(self, tau=tau, multiplier=multiplier, seed=seed)

    def act(
        self,
        observations: Any,
        infos: Any = None,
        *,
        tau: float | None = None,
        multiplier: float | None = None,
        seed: int = 0,
        workload: Any = None,
        mask: Any = None,
        age: Any = 0,
    ) -> Any:
        """Return the team's actions: those of one :meth:`player` for each threshold, multiplier and seed.

        It begins a new episode, and draws its multiplier, where a workload falls or the horizon is reached. The
        ``reset`` of a :meth:`player` begins one explicitly. Other parameters, and errors, are those of
        :meth:`evenhand.player.Player.act`.
        """
        terms = (tau, multiplier, seed)
        if terms not in self._players:
            self._players[terms] = self.player(tau, multiplier=multiplier, seed=seed)
        return self._players[terms].act(observations, infos, workload=workload, mask=mask, age=age)
