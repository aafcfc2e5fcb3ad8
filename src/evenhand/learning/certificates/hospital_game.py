"""A scenario of the hospital as the game that :mod:`evenhand.equilibrium` certifies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evenhand.equilibrium import Layer, Outcome, Scale
from evenhand.hospital.enumeration import TeamStates
from evenhand.hospital.planner.starts import possible
from evenhand.hospital.scenario_arrays import ScenarioArrays

if TYPE_CHECKING:
    from evenhand.fair_gne import Constraint


class HospitalGame:
    """The game of a scenario: a :class:`evenhand.equilibrium.LayeredGame` whose profiles are :class:`TeamStates`.

    Parameters
    ----------
    arrays
        The scenario.
    workload
        The definition of the workload that is shared, and that selfish agents would avoid.
    constraint
        The constraint on the workloads at the end of an episode.
    tau
        Its threshold; default the constraint's own.
    """

    def __init__(self, arrays: ScenarioArrays, workload: str, constraint: Constraint, tau: float | None = None) -> None:
        self.num_agents = arrays.n_agents
        self.start: NDArray[np.float64] = np.full(possible(arrays), 1.0 / possible(arrays))
        scale = float(arrays.scale)
        step = int(arrays.time_points) / scale
        self.scale: Scale | None = Scale(
            step=step, lowest=-step * int(arrays.horizon), highest=1.0 + int(arrays.success_points) / scale
        )
        self._workload, self._constraint, self._tau = workload, constraint, tau
        self._arrays = arrays

    def play(self, profile: TeamStates) -> Outcome:
        """Return the expected return, index and work of a team that nobody deviates from."""
        rows, lengths, _ = profile.play()
        work = profile.workload(rows, self._workload)
        return Outcome(
            returns=np.array([profile.returns(rows, lengths).mean()]),
            index=float(self._index(work).mean()),
            work=work.mean(axis=0),
        )

    def layers(self, profile: TeamStates, agent: int) -> Iterator[Layer]:
        """Yield the layers of one agent's decision problem, as they are asked for."""
        for time, reached in enumerate(profile.deviations(agent)):
            ended = reached.done if time < int(self._arrays.horizon) else np.ones_like(reached.done)
            work = profile.workload(reached.rows, self._workload)
            returns, index = np.full((2, len(ended)), np.nan)
            returns[ended] = profile.returns(reached.rows[ended], time)
            if ended.any():
                index[ended] = self._index(work[ended])
            yield Layer(ended, returns, index, work, reached.successor, reached.present)

    def value_bound(self, time: int, work: NDArray[np.float64]) -> float:
        """Return an upper bound on the return of an episode that has not ended after this many steps."""
        del work
        points = int(self._arrays.success_points) - int(self._arrays.time_points) * (time + 1)
        return 1.0 + points / float(self._arrays.scale)

    def _index(self, work: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(self._constraint.potential(work.astype(np.float64), self._tau), dtype=np.float64)
