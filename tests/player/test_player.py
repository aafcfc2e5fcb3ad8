"""A player reads what a loop gives it, draws a multiplier for each episode, and refuses what is not the team's."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.player import Player
from evenhand.player.lottery import Mixture

AGENTS = ["ada", "ben"]
DESCRIPTION = {
    "agents": AGENTS,
    "n_actions": 3,
    "observation_size": 2,
    "masked": False,
    "choices": [3, 3],
    "starts": [0, 0],
    "senses": None,
    "remembers": {"means": [], "actions": 0},
    "horizon": 5,
    "workload": {"definition": "workload", "positions": None, "unit": None, "counted": False},
    "multiplier": {"cap": 2.0, "half_saturation": [0.006, 0.06, 0.6]},
}
ALWAYS = Mixture(0.5, 0.5, 0.0, 0.9, 0.9)
MIXED = Mixture(0.25, 1.0, 0.4, 0.9, 0.9)


class Remembering:
    """A policy that remembers what it was given and chooses the last possible action."""

    def __call__(self, agents, mask):
        """Keep the inputs."""
        self.agents, self.mask = agents, mask
        return np.where(mask, np.arange(mask.shape[-1]), -1).argmax(axis=-1)


def player_of(lottery=ALWAYS, seed=0, **changes):
    """Return a player and its policy."""
    policy = Remembering()
    return Player({**DESCRIPTION, **changes}, policy, lottery, seed=seed), policy


SEEN = {"ada": np.array([1.0, 2.0]), "ben": np.array([3.0, 4.0])}
INFOS = {"ada": {"workload": 3.0}, "ben": {"workload": 1.0}}


def test_the_network_sees_observation_shares_index_and_multiplier():
    """Work of 3 and 1: shares 3/4 and 1/4, an index of 16 / (2 * 10); a multiplier of a fourth of the cap."""
    player, policy = player_of()
    assert player.act(SEEN, INFOS) == {"ada": 2, "ben": 2}
    added = [0.75, 0.25, 0.8, 0.25, 0.25 / 0.256, 0.25 / 0.31, 0.25 / 0.85]
    np.testing.assert_allclose(policy.agents, [[[1, 2, *added], [3, 4, *added]]], rtol=1e-6)
    assert policy.agents.dtype == np.float32


def test_a_team_without_work_is_even():
    """No shares, an index of 1, whatever the size of later workloads."""
    player, policy = player_of()
    player.act(SEEN, workload=[0, 0])
    np.testing.assert_allclose(policy.agents[0, 0, 2:5], [0.0, 0.0, 1.0])
    player.act(SEEN, workload=[3e38, 3e38])
    np.testing.assert_allclose(policy.agents[0, 0, 2:5], [0.5, 0.5, 1.0], rtol=1e-6)


@pytest.mark.parametrize(
    ("observations", "infos", "given"),
    [
        (SEEN, INFOS, {}),
        ({agent: {"observation": seen, "action_mask": [1, 1, 1]} for agent, seen in SEEN.items()}, INFOS, {}),
        (SEEN, {agent: {**info, "action_mask": np.ones(3, np.int8)} for agent, info in INFOS.items()}, {}),
        (SEEN, INFOS, {"mask": np.ones((2, 3), bool)}),
        (SEEN, None, {"workload": np.array([3, 1])}),
        (SEEN, {}, {"workload": {"ben": 1, "ada": 3}}),
        (dict(reversed(SEEN.items())), {"ben": {"workload": 1}, "ada": {"workload": np.float32(3)}}, {}),
        ([[1, 2], [3, 4]], INFOS, {}),
    ],
)
def test_the_same_is_read_however_it_is_given(observations, infos, given):
    player, policy = player_of()
    actions = player.act(observations, infos, **given)
    assert list(actions.values() if isinstance(actions, dict) else actions) == [2, 2]
    np.testing.assert_array_equal(policy.agents[0, :, :2], [[1, 2], [3, 4]])
    np.testing.assert_allclose(policy.agents[0, 0, 2:4], [0.75, 0.25])
    assert policy.mask.all()


def test_masks_count_agent_by_agent():
    """In whichever place they stand; one that is given wins."""
    masks = {"ada": [1, 1, 0], "ben": [1, 0, 0]}
    whole = {agent: {"observation": seen, "action_mask": masks[agent]} for agent, seen in SEEN.items()}
    player, _ = player_of(masked=True)
    assert player.act(whole, INFOS) == {"ada": 1, "ben": 0}
    assert player.act(SEEN, {a: {**INFOS[a], "action_mask": masks[a]} for a in AGENTS}) == {"ada": 1, "ben": 0}
    assert player.act(whole, INFOS, mask=[[1, 0, 0], [0, 1, 0]]) == {"ada": 0, "ben": 1}


def test_work_by_the_definition_of_training_wins():
    """The hospital's infos have it by all definitions, and a wrapper may count another."""
    rule = {"definition": "effort", "positions": None, "unit": None, "counted": False}
    player, policy = player_of(workload=rule)
    infos = {
        "ada": {"workload": 7.0, "workloads": {"effort": 3}},
        "ben": {"workload": 9.0, "workloads": {"effort": 1}},
    }
    player.act(SEEN, infos)
    np.testing.assert_allclose(policy.agents[0, 0, 2:4], [0.75, 0.25])


def test_work_is_read_from_observations_that_show_it():
    """The first agent's observation has 6 and 2 units, in twelfths: whole numbers again, whatever the rounding."""
    rule = {"definition": "useful", "positions": [1, 0], "unit": 1 / 12, "counted": False}
    player, policy = player_of(workload=rule)
    player.act({"ada": np.float32([2 / 12, 6 / 12]), "ben": np.float32([1.0, 1.0])})
    np.testing.assert_array_equal(policy.agents[0, 0, 2:4], np.float32([0.75, 0.25]))


def test_each_episode_draws_once_as_an_evaluation_does():
    """The multipliers of 10 episodes are the documented ones of Lottery(0.5, 2.0, share=0.4).draw(10, seed=1)."""
    player, _ = player_of(Mixture(0.5, 2.0, 0.4, 0.9, 0.9), seed=1)
    drawn = []
    for _ in range(10):
        player.reset()
        for work in (0, 1, 2):
            player.act(SEEN, workload=[work, 0])
            drawn.append(player.multiplier.item())
    assert drawn[::3] == drawn[1::3] == drawn[2::3] == [0.5, 2.0, 0.5, 2.0, 0.5, 0.5, 2.0, 0.5, 0.5, 2.0]


@pytest.mark.parametrize("seed", range(5))
def test_episodes_begin_where_work_falls_or_the_horizon_is_reached(seed):
    """Without a reset: an episode of 3 steps, one of 5 (the horizon) without work, one more."""
    work = [[0, 0], [1, 0], [1, 2], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [2, 2]]
    begins = {0, 3, 8}
    (silent, _), (told, _) = player_of(MIXED, seed=seed), player_of(MIXED, seed=seed)
    for step, of_both in enumerate(work):
        if step in begins:
            told.reset()
        silent.act(SEEN, workload=of_both)
        told.act(SEEN, workload=of_both)
        assert silent.multiplier == told.multiplier


def test_many_episodes_are_played_side_by_side():
    """Each draws the next multiplier as it begins; by name, and as arrays."""
    player, policy = player_of(Mixture(0.5, 2.0, 0.4, 0.9, 0.9), seed=1)
    many = {agent: np.tile(seen, (3, 1)) for agent, seen in SEEN.items()}
    actions = player.act(many, workload=np.ones((3, 2)), mask=[[1, 1, 0], [1, 1, 1]])
    assert {agent: of.tolist() for agent, of in actions.items()} == {"ada": [1, 1, 1], "ben": [2, 2, 2]}
    assert player.multiplier.tolist() == [0.5, 2.0, 0.5]
    player.act(np.zeros((3, 2, 2)), workload=[[1, 0], [1, 1], [2, 1]])  # the first begins anew, with the fourth draw
    assert player.multiplier.tolist() == [2.0, 2.0, 0.5]
    player.reset([False, True, False])
    player.act(many, {agent: {"workload": np.array([1.0, 3.0, 2.0])} for agent in AGENTS})
    assert player.multiplier.tolist() == [2.0, 0.5, 0.5]
    player.reset([False, True, True])
    player.act(many, workload=np.zeros((3, 2)))  # the first falls, too
    assert player.multiplier.tolist() == [0.5, 2.0, 0.5]
    assert policy.agents.shape == (3, 2, 2 + 2 + 1 + 4)


@pytest.mark.parametrize(
    ("observations", "infos", "given", "said"),
    [
        ({"ada": [1, 2]}, INFOS, {}, "'ben' has no observation; its agents are ada, ben"),
        ({**SEEN, "eve": [1, 2]}, INFOS, {}, "'eve' is no agent of the team; its agents are ada, ben"),
        ({**SEEN, "ben": [1, 2, 3]}, INFOS, {}, r"the observation of 'ben' has the shape \(3,\); .* 2 numbers"),
        ({**SEEN, "ben": 1.0}, INFOS, {}, r"the observation of 'ben' has the shape \(\)"),
        ({**SEEN, "ben": [[1, 2]]}, INFOS, {}, r"the observation of 'ben' has the shape \(1, 2\)"),
        ({**SEEN, "ben": [1, np.nan]}, INFOS, {}, r"the observation of 'ben' is nan at \[1\]; it must be"),
        ({**SEEN, "ben": [1, 1e300]}, INFOS, {}, r"the observation of 'ben' is inf at \[1\]"),
        ({**SEEN, "ben": ["x", "y"]}, INFOS, {}, "the observation of 'ben' is of the type list; it must be"),
        ({**SEEN, "ben": None}, INFOS, {}, "the observation of 'ben' is of the type NoneType"),
        ({**SEEN, "ben": {"image": [1, 2]}}, INFOS, {}, "the observation of 'ben' has image, but no 'observation'"),
        (np.zeros((2, 3)), INFOS, {}, r"the array of observations has the shape \(2, 3\); it must end in \(2, 2\)"),
        (None, INFOS, {}, "the array of observations is of the type NoneType"),
        (SEEN, None, {}, "the team sees how much each agent has worked since the episode began: pass infos"),
        (SEEN, {"ada": {"workload": 1}, "ben": {}}, {}, "the team sees how much each agent has worked"),
        (SEEN, {"ada": {"workload": 1}, "ben": {"workload": -1}}, {}, "a workload is -1; it must be a number from 0"),
        (SEEN, {"ada": {"workload": 1}, "ben": {"workload": np.nan}}, {}, "the workload of 'ben' is nan"),
        (SEEN, None, {"workload": [1, 2, 3]}, r"the array of workloads has the shape \(3,\); it must end in \(2,\)"),
        (SEEN, None, {"workload": {"ada": 1}}, "'ben' has no workload"),
        (SEEN, None, {"workload": [[1, 2], [1, 2]]}, "workloads are of 2 episodes, observations of 1"),
        (SEEN, INFOS, {"mask": [[1, 1, 1]]}, r"the array of action_masks has the shape \(1, 3\)"),
        (SEEN, INFOS, {"mask": [[1, 1, 1], [0, 0, 0]]}, "the action_mask of 'ben' allows no action"),
        (SEEN, INFOS, {"mask": [[1, 1, 2], [0, 0, 1]]}, "an action_mask has values other than 0 and 1"),
        (SEEN, INFOS, {"mask": np.ones((4, 2, 3))}, "action masks are of 4 episodes, observations of 1"),
    ],
)  # fmt: skip
def test_what_is_not_the_teams_is_refused_in_a_line(observations, infos, given, said):
    """And the player goes on as if it had not been asked."""
    player, _ = player_of(MIXED)
    with pytest.raises(InputError, match=f"^{said}") as refused:
        player.act(observations, infos, **given)
    assert "\n" not in str(refused.value)
    other, _ = player_of(MIXED)
    for _ in range(7):
        assert player.act(SEEN, INFOS) == other.act(SEEN, INFOS)
        assert player.multiplier == other.multiplier


def test_a_team_that_was_trained_with_masks_needs_them():
    player, _ = player_of(masked=True)
    with pytest.raises(InputError, match=r"^the team was trained with action masks: pass them as infos\[agent\]"):
        player.act(SEEN, INFOS)
    with pytest.raises(InputError, match=r"^which has the shape \(2,\); it must have one entry per episode \(0\)$"):
        player.reset([True, False])


def test_a_supervisor_changes_the_multiplier_while_the_team_works():
    """At once, and in the episodes that follow; time and memory go on."""
    player, policy = player_of(MIXED, remembers={"means": [], "actions": 1})
    player.act(SEEN, INFOS)
    player.multiplier = 2
    player.act(SEEN, INFOS)
    np.testing.assert_allclose(policy.agents[0, 0, -4], 1.0)
    assert policy.agents[0, 0, 5:8].tolist() == [0.0, 0.0, 1.0], "the last action, 2, is remembered"
    for _ in range(10):
        player.reset()
        player.act(SEEN, INFOS)
        assert player.multiplier.tolist() == [2.0]
    with pytest.raises(InputError, match=r"^multiplier is 2\.5; it must be a number from 0 to 2$"):
        player.multiplier = 2.5


@pytest.mark.parametrize("seed", [-1, 1.5, "1", None, True])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(InputError, match=f"^seed is {seed!r}; it must be a whole number from 0$"):
        player_of(seed=seed)
