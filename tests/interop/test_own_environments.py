"""Other people's environments, from their packages, train with our learners: mpe2, lb-foraging, rware.

They are no dependency of evenhand: install them in an environment of their own, ``pip install mpe2 lbforaging rware``,
and run this file there, ``python -m pytest -m "" tests/interop/test_own_environments.py``.
"""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.fair_gne import ActionCount
from evenhand.learning import Config, FromPettingZoo, FromTuples, PolicySettings, evaluate, train

# Warnings of other people's packages about each other are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")

SMALL = PolicySettings(num_envs=8, num_steps=8, hidden_size=16, num_layers=1)


def spread():
    """Return mpe2's simple_spread."""
    from mpe2 import simple_spread_v3

    return simple_spread_v3.parallel_env(max_cycles=25)


def speaker_listener():
    """Return mpe2's simple_speaker_listener: unlike observations, and three actions beside five."""
    from mpe2 import simple_speaker_listener_v4

    return simple_speaker_listener_v4.parallel_env(max_cycles=25)


def foraging():
    """Return level-based foraging, which as it is places players by where those of the last episode stood."""
    import gymnasium
    import lbforaging  # noqa: F401 - registers itself

    class Forgetful(gymnasium.Wrapper):
        """Nobody stands anywhere before an episode begins."""

        def reset(self, **options):
            """Begin an episode."""
            for player in self.unwrapped.players:
                player.position = None
            return super().reset(**options)

    return FromTuples(Forgetful(gymnasium.make("Foraging-8x8-2p-2f-coop-v3", disable_env_checker=True)))


def warehouse():
    """Return the robotic warehouse."""
    import gymnasium
    import rware  # noqa: F401 - registers itself

    return FromTuples(gymnasium.make("rware-tiny-2ag-v2", disable_env_checker=True))


def all_food_is_gone(team):
    """Return whether a foraging episode succeeded."""
    return team.env.unwrapped.field.sum() == 0


MOVES = ActionCount({0})
LOADS = ActionCount({0, 1, 2, 3, 4})
CASES = {
    "mpe2": (spread, {"workload": MOVES}, (3, 5, 18, 54, 25)),
    "mpe2.": (speaker_listener, {"workload": MOVES}, (2, 5, 11, 14, 25)),
    "lbforaging": (foraging, {"workload": LOADS, "success": all_food_is_gone}, (2, 6, 12, 24, 50)),
    "rware": (warehouse, {"workload": MOVES}, (2, 5, 71, 142, 500)),
}
"""Package, how its environment is made and its terms, and its agents, actions, widths and horizon as documented."""


@pytest.mark.parametrize(("package", "make", "terms", "sizes"), [(name, *case) for name, case in CASES.items()])
def test_it_trains(package, make, terms, sizes):
    """Sizes are as documented; one and two workers train the same parameters, and the team plays greedily."""
    pytest.importorskip(package.rstrip("."), reason=f"{package} is not installed: the module says how to run this")
    runs = []
    for workers in (1, 2):
        env = FromPettingZoo(make, workers=workers, **terms)
        facts = env.facts
        assert (env.n_agents, env.n_actions, facts.width, facts.world_size, env.horizon) == sizes
        runs.append(train(Config(steps=1024, tau=0.9, policy=SMALL), env=env))
        assert runs[-1].finished
    leaves = [np.asarray(leaf) for leaf in _leaves(runs[0].parameters)]
    assert all(np.array_equal(a, b) for a, b in zip(leaves, _leaves(runs[1].parameters), strict=True))
    found = evaluate(runs[0].learner, runs[0].parameters, episodes=20, seed=0)
    assert found.episode_steps.value <= env.horizon
    assert 1 / env.n_agents <= found.jain.value <= 1.0


@pytest.mark.slow
def test_a_team_spreads_fairly():
    """200,000 steps: nearer to the landmarks than at random, and the moves shared as the threshold asks."""
    pytest.importorskip("mpe2", reason="mpe2 is not installed: the module says how to run this")
    env = FromPettingZoo(spread, workload=MOVES)
    run = train(Config(steps=200_000, tau=0.95), env=env)
    from evenhand.learning.record import Terms, record_of

    found = record_of(run, Terms(episodes=200)).evaluation
    assert found.jain.value >= 0.945
    untrained = evaluate(run.learner, run.learner.init(0).parameters, episodes=200, seed=0)
    assert found.reward.low > untrained.reward.high


def _leaves(parameters):
    import jax

    return jax.tree.leaves(parameters)
