"""A hospital that also counts how able those were who did the work: FairSkillMARL's second objective, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax.numpy as jnp

from evenhand.hospital.vectorized import CountingHospital

if TYPE_CHECKING:
    from jax import Array
    from numpy.typing import NDArray

USED, BEST = "skill used", "best skill"


class AligningHospital(CountingHospital):
    """A counting hospital with two more accounts of each agent's work.

    ``skill used``: the sum of its units, each times its own level at that work; ``best skill``: each times the best
    level in the team. One minus the ratio of their sums over the team is FairSkill's L2.
    """

    def workloads(self, state: Any) -> dict[str, Array]:
        """Return the workload by every definition, and the two accounts, each of shape (n,), float32."""
        units = self.units(state)
        levels = jnp.asarray(self.levels, jnp.float32)
        return super().workloads(state) | {
            USED: (units * levels).sum(axis=1),
            BEST: (units * levels.max(axis=0)).sum(axis=1),
        }


def misalignment(used: NDArray[Any], best: NDArray[Any]) -> NDArray[Any]:
    """Return L2 of N episodes, (N,), from the two accounts (N, n): 0 where the best did it all, or nobody worked."""
    at_hand = best.sum(axis=1)
    ratio = used.sum(axis=1) / (at_hand + (at_hand == 0.0))
    lost: NDArray[Any] = (1.0 - ratio) * (at_hand > 0.0)
    return lost
