"""The page about own environments runs, and says the truth; an environment that breaks the contract is told where."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest
from pettingzoo.test import parallel_api_test
from tests.learning.pump import BLOCKS, PLAIN_BLOCKS, names_of_the_game

from evenhand.errors import InputError
from evenhand.fairness.measures import jain_index
from evenhand.learning.check_environment import check


@pytest.fixture(scope="module")
def game():
    """Return the names of the page's first block."""
    return names_of_the_game()


def walk(game, *actions):
    """Return the state and the last outcome after joint actions from the beginning."""
    env = game["Pump"]()
    state = env.reset(jax.random.key(0))
    for joint in actions:
        state, outcome = env.step(jax.random.key(0), state, jnp.array(joint))
    return state, outcome


@pytest.mark.parametrize(
    ("turns", "workloads", "index"),
    [
        ([(1, 1, 1)] * 3, [6, 0, 0], 1 / 3),
        ([(1, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], [4, 1, 1], 2 / 3),
        ([(1, 0, 0), *[(0, 1, 1)] * 3, (0, 0, 1)], [2, 3, 1], 6 / 7),
        ([(1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 0, 1), (0, 0, 1)], [2, 2, 2], 1.0),
    ],
)
def test_the_page_states_what_ways_there_are(game, turns, workloads, index):
    """Each division of the work takes the steps, and has the index, that the page says."""
    state, outcome = walk(game, *turns)
    assert state.pumped.tolist() == workloads
    assert bool(outcome.success)
    assert float(jain_index(jnp.array(workloads, jnp.float32))) == pytest.approx(index)


def test_the_page_runs(game, few_episodes):
    """Run top to bottom, after two iterations only: a team has been trained, judged, and given a lottery."""
    names = dict(game)
    for block in BLOCKS[1:]:
        exec(block.replace("steps=120_000", "steps=1_000"), names)
    assert names["run"].config.steps == 1_000
    assert names["between"].episodes == 1000


@pytest.mark.slow
def test_the_page_trains_a_team_that_shares(game):
    """Run top to bottom: quick and unfair without a multiplier, fair under one, a threshold met in between."""
    names = dict(game)
    for block in BLOCKS[1:]:
        exec(block, names)
    assert names["quickest"].episode_steps.value == 3.0
    assert names["quickest"].jain.value == pytest.approx(0.333, abs=1e-3)
    assert names["fairest"].success.value == 1.0
    assert names["fairest"].jain.value == pytest.approx(1.0)
    assert names["fairest"].episode_steps.value == 5.0
    assert names["between"].jain.value >= 0.69
    assert 3.0 < names["between"].episode_steps.value < 5.0


def run_plain(*changes):
    """Run the code of the door for PettingZoo, with some texts replaced; return its names."""
    names = {}
    for block in PLAIN_BLOCKS:
        for before, after in changes:
            block = block.replace(before, after)
        exec(block, names)
    return names


def test_the_plain_door_opens(few_episodes):
    """After two iterations: PettingZoo finds nothing wrong, a team has been trained and evaluated, and work counted."""
    names = run_plain(("steps=60_000", "steps=1_000"), ("episodes=200", "episodes=8"))
    parallel_api_test(names["PlainPump"](), num_cycles=50)
    assert names["run"].finished
    assert names["quickest"].episodes == 8
    assert (names["env"].facts.name, names["env"].horizon) == ("pump", 12)


@pytest.mark.slow
def test_the_plain_door_leads_to_a_team_that_shares():
    """As the page says: quick and unfair without a multiplier, fair under one."""
    names = run_plain()
    assert (names["quickest"].episode_steps.value, names["quickest"].success.value) == (3.0, 1.0)
    assert names["quickest"].jain.value == pytest.approx(1 / 3)
    assert (names["fairest"].episode_steps.value, names["fairest"].jain.value) == (5.0, pytest.approx(1.0))


@pytest.mark.parametrize(
    ("member", "broken", "message"),
    [
        ("n_agents", 1, r"^Pump\.n_agents is 1; it must be a whole number from 2$"),
        ("horizon", None, r"^Pump\.horizon is None; it must be a whole number from 1$"),
        ("state_size", 5, r"^Pump\.global_state is \(4,\) float32; it must be \(5,\) float32$"),
        (
            "mask",
            lambda self, state: jnp.ones((3, 2)),
            r"^Pump\.mask is \(3, 2\) float32; it must be \(3, 2\) boolean$",
        ),
        ("workload", lambda self, state: state.pumped, r"^Pump\.workload is \(3,\) int32; it must be \(3,\) float32$"),
        ("observe", lambda self, state: None, r"^Pump\.observe is of the type NoneType; it must be an array \(3, "),
        (
            "workload",
            lambda self, state: [1.0] * 3,
            r"^Pump\.workload is of the type list; it must be an array \(3,\) ",
        ),
        ("mask", lambda self, state: "all", r"^Pump\.mask cannot be traced by JAX: TypeError: [^\n]*$"),
        (
            "step",
            lambda self, key, state, actions: 1 if actions[0] else 0,
            r"^Pump\.step cannot be traced by JAX: [^\n]*$",
        ),
        ("reset", lambda self: None, r"^Pump\.reset cannot be traced by JAX: TypeError: [^\n]*$"),
    ],
)
def test_what_is_amiss_is_said_in_a_line(game, monkeypatch, member, broken, message):
    """Wrong sizes, shapes and types are named with what would be right."""
    monkeypatch.setattr(game["Pump"], member, broken)
    with pytest.raises(InputError, match=message):
        check(game["Pump"]())


def test_a_step_must_keep_the_state(game, monkeypatch):
    """A state whose type changes from reset to step cannot be carried by a loop: the part is named."""
    monkeypatch.setattr(game["Pump"], "reset", lambda self, key: game["State"](jnp.int32(0), jnp.zeros(3)))
    with pytest.raises(InputError, match=r"turns state\.pumped from \(3,\) float32 into"):
        check(_Restless(game))


class _Restless:
    """The pump with a step that forgets the type of its state."""

    def __init__(self, game):
        self._game, self._pump = game, game["Pump"]()

    def __getattr__(self, name):
        return getattr(self._pump, name)

    def step(self, key, state, actions):
        """Count in whole numbers what began as fractions."""
        state, outcome = self._pump.step(key, state, actions)
        return state._replace(pumped=state.pumped.astype(jnp.int32)), outcome
