"""A PettingZoo environment is played as the rules of FromPettingZoo say; one that breaks them is refused in a line."""

from __future__ import annotations

import logging

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from pettingzoo.utils import parallel_to_aec
from tests.learning.host.host_camp import Camp

from evenhand.errors import InputError
from evenhand.fair_gne import ActionCount, ActionWork
from evenhand.learning.host.environment import FromPettingZoo
from evenhand.learning.host.error import HostError
from evenhand.learning.host.game import HostGame, Reports, Terms

NOTHING_SAID = Terms()
REPORTS = Reports(workload=True, success=False, mask=False)


class Seat:
    """A game, with what it shows after each step."""

    def __init__(self, make=Camp, terms=NOTHING_SAID, reports=REPORTS, seed=0):
        self.game = HostGame(make, terms, reports)
        n = len(self.game.team)
        self.seen = np.full((n, self.game.width), 99.0, np.float32)
        self.world = np.full(self.game.world_size, 99.0, np.float32)
        self.mask = np.zeros((n, max(self.game.choices)), bool)
        self.game.begin(seed)
        self.show()

    def show(self):
        """Write what is seen."""
        self.game.show(self.seen, self.world, self.mask)

    def step(self, *actions):
        """Step, and show."""
        ended = self.game.step(actions)
        if not ended.done:
            self.show()
        return ended


def rain_of(seed):
    """Return what the camp draws for a seed."""
    return int(np.random.default_rng(seed).integers(2))


def test_a_day_at_the_camp():
    """Unlike actions and observations are padded; the reward is the mean; the horizon ends the episode."""
    seat = Seat(lambda: Camp(days=2))
    rain = rain_of(0)
    assert seat.seen.tolist() == [[rain, 1, 0], [rain, 1, 0]]
    assert seat.mask.tolist() == [[True, True, False], [True, True, True]]
    assert seat.world.tolist() == seat.seen.reshape(-1).tolist()
    assert seat.step(1, 2) == (3.0, False, False)
    assert seat.seen.tolist() == [[rain, 0.75, 0], [rain, 0.75, 3]]
    assert seat.game.workload.tolist() == [1.0, 2.0]
    assert seat.step(0, 1) == (1.0, True, True)
    assert seat.game.workload.tolist() == [1.0, 3.0]


def test_who_leaves_sees_nothing_and_keeps_its_work():
    """Ann leaves after two steps: zeros, one action that is ignored, no reward; the episode goes on to its end."""
    seat = Seat(lambda: Camp(leaves=True))
    seat.step(1, 0)
    assert seat.step(1, 1) == (2.0, False, False)
    assert seat.seen[0].tolist() == [0, 0, 0]
    assert seat.mask.tolist() == [[True, False, False], [True, True, True]]
    assert seat.step(1, 2) == (1.0, False, False)  # 2 to Bob, nothing to Ann
    assert seat.game.workload.tolist() == [2.0, 3.0]
    assert seat.step(0, 0).done


def test_an_environment_that_never_ends_is_ended_at_the_horizon():
    seat = Seat(lambda: Camp("endless"), Terms(horizon=3))
    assert [seat.step(0, 0).done for _ in range(3)] == [False, False, True]


def test_masks_are_taken_from_infos():
    """When it rains, only resting is possible."""
    for seed in range(4):
        seat = Seat(lambda: Camp(masks=True), seed=seed)
        dry = not rain_of(seed)
        assert seat.mask.tolist() == [[True, dry, False], [True, dry, dry]]


class Masked(Camp):
    """Masks in the observations, and other things there."""

    mask = (1, 0)

    def observation_space(self, agent):
        """Return the space with a mask."""
        number = self.action_space(agent).n
        parts = {"action_mask": spaces.Box(0, 1, (number,), np.int8), "weather": spaces.Discrete(2)}
        return self.__dict__.setdefault(f"space_{agent}", spaces.Dict(parts))

    def action_space(self, agent):
        """Return actions from 5 on."""
        return self.__dict__.setdefault(f"acts_{agent}", spaces.Discrete(2, start=5))

    def _observed(self):
        return {agent: {"action_mask": np.array(self.mask), "weather": self.rain} for agent in self.agents}

    def step(self, actions):
        """Take actions from 5 on."""
        assert set(actions.values()) <= {5, 6}
        return super().step({agent: action - 5 for agent, action in actions.items()})


def test_masks_are_taken_from_observations():
    """The mask is no part of what is seen; actions that start elsewhere are numbered from 0 for the learner."""
    seat = Seat(Masked)
    assert seat.mask.tolist() == [[True, False], [True, False]]
    assert seat.seen.tolist() == [[1 - rain_of(0), rain_of(0)]] * 2
    assert seat.step(0, 1).reward == 1.0


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ((0, 0), "the action_mask of agent 'ann' allows no action; at least one must be possible"),
        ((1, 2), "the action_mask of agent 'ann' is array.* it must hold 2 numbers, 1 where an action is possible and"),
        ((1,), "it must hold 2 numbers"),
    ],
)
def test_a_wrong_mask_is_named(monkeypatch, mask, message):
    monkeypatch.setattr(Masked, "mask", mask)
    with pytest.raises(HostError, match=message):
        Seat(Masked)


class Stateful(Camp):
    """A global state of its own."""

    state_space = spaces.Box(0, 255, (2, 1), np.uint8)

    def state(self):
        """Return an image."""
        return np.array([[255], [0]], np.uint8)


def test_the_global_state_is_the_environments_own():
    assert Seat(Stateful).world.tolist() == [1.0, 0.0]


class Latecomer(Camp):
    """Bob joins after the first step."""

    def reset(self, seed=None, options=None):
        """Begin with Ann alone."""
        super().reset(seed)
        self.agents = ["ann"]
        return self._observed(), self._infos()

    def step(self, actions):
        """Let Bob come."""
        returned = super().step(actions)
        if self.time == 1:
            self.agents = ["ann", "bob"]
            return self._observed(), *returned[1:4], self._infos()
        return returned


def test_who_joins_late_has_nothing_to_choose_before():
    seat = Seat(Latecomer)
    assert seat.mask[1].tolist() == [True, False, False]
    assert seat.step(1, 2).reward == 0.5  # Bob's 2 are ignored
    assert seat.mask[1].all()
    assert seat.step(0, 2).reward == 2.0


def test_what_counts_as_work():
    """A tracker, a function of the environment, what infos report, and by default the actions other than the first."""
    actions = ((1, 2), (0, 2), (0, 0))
    cases = (
        (Terms(), REPORTS, [1, 4]),
        (Terms(), REPORTS._replace(workload=False), [1, 2]),
        (Terms(workload=ActionCount({2})), REPORTS, [3, 1]),
        (Terms(workload=ActionWork(lambda action: action / 2)), REPORTS, [0.5, 2]),
        (Terms(workload=lambda env: {"bob": env.time, "ann": 2 * env.logs["ann"]}), REPORTS, [2, 3]),
        (Terms(workload=lambda env: [env.time, 0]), REPORTS, [3, 0]),
    )
    for terms, reports, work in cases:
        seat = Seat(Camp, terms, reports)
        for joint in actions:
            seat.step(*joint)
        assert seat.game.workload.tolist() == work


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (Terms(workload=lambda env: {"ann": 1}), "agent 'bob': its workload is None"),
        (Terms(workload=lambda env: [1, -1]), "agent 'bob': its workload is -1; it must be a finite number, 0 or more"),
        (Terms(workload=lambda env: [1]), r"returns workloads of shape \(1,\) for 2 agents"),
        (Terms(workload=lambda env: env.nothing), r"reset\(\) raised AttributeError: .*nothing"),
    ],
)
def test_wrong_work_is_named(terms, message):
    with pytest.raises(HostError, match=message):
        Seat(Camp, terms)


def test_when_an_episode_succeeds():
    """What infos say at its end, or the user's function; an environment that knows no success always does."""
    reports = REPORTS._replace(success=True)
    for logs, success in ((3, False), (4, True)):
        seat = Seat(lambda: Camp(days=2, succeeds=4), reports=reports)
        seat.step(0, 2)
        assert seat.step(0, logs - 2).success is success
        seat = Seat(lambda: Camp(days=2), Terms(success=lambda env: env.logs["bob"] == 4))
        seat.step(0, 2)
        assert seat.step(0, logs - 2).success is success
    seat = Seat(lambda: Camp(days=1))
    assert seat.step(0, 0).success is True


def test_success_that_is_reported_late_is_refused():
    """Rather than guessed for the episodes before."""
    seat = Seat(lambda: Camp(days=1, succeeds=4))
    with pytest.raises(HostError, match=r"infos report 'success', which no infos of the first episode did; report it"):
        seat.step(0, 0)


LINE = r"^[^\n]*$"


@pytest.mark.parametrize(
    ("amiss", "message"),
    [
        ("continuous", r"^camp: agent 'bob' acts in Box\(.*; the learners choose one action of a Discrete space; cont"),
        ("several", r"^camp: agent 'bob' acts in MultiDiscrete\(\[2 2\]\); .* number the combinations"),
        ("text", r"^camp: agent 'bob' observes Text.* is not flattened to numbers; Box, Discrete, "),
        (
            "endless",
            r"^camp: the length of its longest episode is not known .* FromPettingZoo\(make, horizon=\.\.\.\)$",
        ),
        (
            "chance",
            r"^camp is not deterministic under a seed: after reset\(seed=1\), the observations are not .*gen",
        ),
        (
            "grows",
            r"^camp: observation_space of agent 'ann' was Box.* and is Box.* now; spaces may not change \(at res",
        ),
        (
            "shrinks",
            r"^camp: the observation of agent 'bob' has the shape \(2,\), and its space \(3,\); .*\(in step 2 of",
        ),
        (
            "reward",
            r"^camp: step\(\) returned the reward nan for agent 'ann'; it must be a finite number \(in step 2 of",
        ),
        (
            "observation",
            r"^camp: the observation of agent 'ann' holds nan; it must hold finite .*\(in step 2 of an epis",
        ),
        ("raises", r"^camp: step\(\) raised RuntimeError: the camp burns at .*host_camp\.py:\d+ \(in step 3 of an"),
    ],
)
def test_an_environment_that_breaks_the_rules_is_refused(amiss, message):
    """In one line, which says what is wrong, where, and what would be right."""
    with pytest.raises(InputError, match=message) as refused:
        FromPettingZoo(lambda: Camp(amiss), workers=0)
    assert "\n" not in str(refused.value)


class OneOnly(Camp):
    """Ann alone."""

    possible_agents = ["ann"]  # noqa: RUF012


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: parallel_to_aec(Camp()), r"is an AEC environment, .* pettingzoo\.utils\.aec_to_parallel\(env\)$"),
        (
            lambda: gymnasium.make("CartPole-v1"),
            r"is a Gymnasium environment, of one agent; the learners train in a tea",
        ),
        (lambda: Camp, r"^Camp is a class; the learners train in an environment: Camp\(\.\.\.\)$"),
        (lambda: None, r"^None has no possible_agents, .* interface of pettingzoo\.ParallelEnv$"),
        (OneOnly, r"^camp's number of agents is 1; it must be a whole number from 2$"),
        (3, r"^int is no function that makes an environment: lambda: my_env\(\)$"),
    ],
)
def test_what_is_no_team_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        FromPettingZoo(make, workers=0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"horizon": 0}, "^horizon is 0; it must be a whole number from 1$"),
        ({"workers": -1}, "^workers is -1; it must be a whole number from 0$"),
        ({"workload": "logs"}, "^workload is 'logs'; it must be a function of the environment$"),
        ({"success": True}, "^success is True; it must be a function of the environment$"),
    ],
)
def test_wrong_terms_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        FromPettingZoo(Camp, **given)


def test_what_is_found_out(caplog):
    """Names, sizes and what infos report; where no work is reported, a warning says what is counted."""
    with caplog.at_level(logging.WARNING):
        env = FromPettingZoo(lambda: Camp(succeeds=4, masks=True), workers=0)
        assert not caplog.records
        FromPettingZoo(lambda: Camp(reports=False), workers=0)
    assert env.facts == ("camp", ("ann", "bob"), (2, 3), 3, 6, 4, (True, True, True), True)
    assert (env.n_agents, env.n_actions, env.observation_size, env.state_size, env.horizon) == (2, 3, 6, 7, 4)
    [said] = [record.getMessage() for record in caplog.records]
    assert said.startswith("camp reports no infos[agent]['workload'], so the work of an agent is the number of its act")
