"""The rules as a PettingZoo environment, which checks actions and options before the rules see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property, lru_cache
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError, MissingExtraError, choices
from evenhand.fairness.measures import jain_index
from evenhand.hospital import reference_checks
from evenhand.hospital.drawing.state_in_words import text
from evenhand.hospital.features import Features
from evenhand.hospital.render import Painter
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import WORKLOADS, arrays_of
from evenhand.hospital.shown_value import shown
from evenhand.hospital.state import WAIT, State

try:
    from gymnasium import logger, spaces
    from pettingzoo import ParallelEnv
except ImportError as error:
    raise MissingExtraError("pettingzoo", "learn") from error


Observation = dict[str, Any]


class Workloads(NamedTuple):
    """The workload of one agent in the three definitions."""

    useful: float
    actions: float
    effort: float


class Hospital(ParallelEnv[str, Observation, int]):  # type: ignore[misc]
    """A team of agents saving patients, all acting at once.

    Every agent observes ``{"observation": float32 vector, "action_mask": int8 vector}``. The mask is not in ``infos``,
    too, because TorchRL's wrapper fails on a mask that it finds twice. All agents get the same reward. Success
    terminates the episode, the horizon truncates it; after that ``agents`` is empty, and further steps return empty
    dictionaries and change nothing.

    ``infos[agent]`` holds: ``workload``, by the scenario's definition; ``workloads``, by all three; ``cost``, 1 minus
    Jain's index of the team's workloads (0 while nobody has worked); ``masked`` and ``conflicts``, how often the agent
    chose what the mask forbids and how often it yielded to a colleague; ``success``; ``progress``, the H of the rules.

    Parameters
    ----------
    scenario
        A checked scenario.
    render_mode
        ``"rgb_array"``, ``"ansi"`` or None.

    Raises
    ------
    InputError
        If the render mode is unknown.
    MissingExtraError
        On import, if PettingZoo is not installed.

    Examples
    --------
    >>> from evenhand import hospital
    >>> env = hospital.make("rescue-breaths/specialist")
    >>> observations, infos = env.reset(seed=0)
    >>> observations["agent_1"]["action_mask"].tolist()
    [1, 1, 1, 1, 1, 0, 0, 0]
    >>> observations, rewards, terminations, truncations, infos = env.step({"agent_1": 1, "agent_2": 2, "agent_3": 0})
    >>> infos["agent_1"]["workload"], infos["agent_1"]["cost"]
    (0.0, 0.0)
    """

    metadata: ClassVar[dict[str, Any]] = {
        "name": "evenhand_hospital",
        "render_modes": ["rgb_array", "ansi"],
        "render_fps": 4,
        "is_parallelizable": True,
    }

    def __init__(self, scenario: Scenario, render_mode: str | None = None) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise InputError(f"render_mode is {shown(render_mode)}; it can be 'rgb_array', 'ansi' or None")
        self.scenario = scenario
        self.render_mode = render_mode
        self.arrays = arrays_of(scenario)
        self.rules = Rules(self.arrays)
        self.possible_agents = [agent.name for agent in scenario.agents]
        self.agents: list[str] = []
        self._features = Features(self.arrays, self.rules)
        self._definition = WORKLOADS.index(scenario.workload)
        self._action_spaces = {agent: spaces.Discrete(self.rules.n_actions) for agent in self.possible_agents}
        self._observation_spaces = {
            agent: _observation_space(self._features.highest_seen, self.rules.n_actions)
            for agent in self.possible_agents
        }
        self.state_space = spaces.Box(np.zeros_like(self._features.highest), self._features.highest)
        self._generator = np.random.default_rng()
        self._current: State | None = None
        self._earlier: list[State] = []  # of this episode, for pictures; kept only where pictures are asked for

    def observation_space(self, agent: str) -> spaces.Dict:
        """Return the space of the agent's observations, the same object at each call."""
        return self._observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Discrete:
        """Return the space of the agent's actions, the same object at each call."""
        return self._action_spaces[agent]

    @property
    def current(self) -> State:
        """The state of the rules, to be read and not to be changed."""
        if self._current is None:
            raise InputError("the environment has no state before its first reset(): call reset(seed=...)")
        return self._current

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        """Begin an episode.

        Parameters
        ----------
        seed
            Seed of the random starts of this and later episodes; None continues the stream of the last seed.
        options
            ``"agent_starts"`` and ``"item_starts"``: lists of names of stations, which need not be among the
            scenario's starts; drawn at random if missing. Other keys are ignored, as PettingZoo asks.

        Raises
        ------
        InputError
            If starts name unknown stations or are too few or too many, or an option is misspelt.
        """
        agent_starts, item_starts = reference_checks.chosen_starts(options or {}, self.scenario)
        if seed is not None:
            self._generator = np.random.default_rng(seed)
        drawn = self.rules.reset(self._generator)
        self._current = self.rules.start(
            drawn.station if agent_starts is None else agent_starts,
            drawn.item_place if item_starts is None else item_starts,
        )
        self.agents, self._earlier = self.possible_agents.copy(), []
        return self._observe(), self._infos()

    def step(
        self, actions: Mapping[str, Any]
    ) -> tuple[dict[str, Observation], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """Let all agents act.

        Parameters
        ----------
        actions
            For each agent the number of its action. An agent that chooses what its mask forbids, or NaN, waits, and its
            ``masked`` is counted up.

        Raises
        ------
        InputError
            If an agent is missing or unknown, or a number is out of range; the state is unchanged.
        """
        state = self.current
        if not self.agents:
            return {}, {}, {}, {}, {}
        self._current, outcome = self.rules.step(state, self._read(actions))
        if self.render_mode == "rgb_array":
            self._earlier.append(state)
        acted, self.agents = self.agents, [] if outcome.success or outcome.truncated else self.agents
        return (
            self._observe(),
            dict.fromkeys(acted, float(outcome.reward)),
            dict.fromkeys(acted, outcome.success),
            dict.fromkeys(acted, outcome.truncated),
            self._infos(),
        )

    def state(self) -> NDArray[np.float32]:
        """Return the global state, shape (G,)."""
        vector, _ = self._features.both(self.current)
        return vector

    def snapshot(self) -> dict[str, Any]:
        """Return the fields of the state as plain numbers and lists, for :meth:`restore` or for a file."""
        return asdict(self.current)

    def restore(self, snapshot: Mapping[str, Any]) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        """Continue from a snapshot of this scenario; return what :meth:`reset` returns.

        Raises
        ------
        InputError
            If the snapshot lacks a field or has another scenario's numbers of agents, items or steps.
        """
        self._current = reference_checks.state_of(snapshot, like=self.rules.blank())
        self.agents = [] if self.rules.is_over(self._current) else self.possible_agents.copy()
        self._earlier = []
        return self._observe(), self._infos()

    def render(self) -> NDArray[np.uint8] | str | None:
        """Return a picture (height, width, 3) or a text of the current state, as `render_mode` asks."""
        state = self.current
        if self.render_mode is None:
            logger.warn("render() without a render_mode: construct the environment with 'rgb_array' or 'ansi'")
            return None
        if self.render_mode == "ansi":
            return text(self.scenario, state)
        return self._painter.draw(state, self._earlier)

    @cached_property
    def _painter(self) -> Painter:
        from evenhand.hospital.render import Painter

        return Painter(self.scenario)

    def close(self) -> None:
        """Do nothing: no window and no process is held."""

    def _read(self, actions: Mapping[str, Any]) -> list[int | None]:
        if not isinstance(actions, Mapping):
            raise InputError(f"actions are {shown(actions)}; step() needs a dictionary with the action of each agent")
        if not actions.keys() <= self._action_spaces.keys():
            unknown = next(agent for agent in actions if agent not in self._action_spaces)
            raise InputError(f"there is no agent {shown(unknown)}; {choices(unknown, self.possible_agents)}")
        missing = [agent for agent in self.possible_agents if agent not in actions]
        if missing:
            raise InputError(f"there is no action of {shown(missing[0])}; every agent acts in each step ({WAIT} waits)")
        return [
            reference_checks.action_number(agent, actions[agent], self.rules.n_actions)
            for agent in self.possible_agents
        ]

    def _observe(self) -> dict[str, Observation]:
        state = self.current
        _, seen = self._features.both(state)
        masks = np.array([self.rules.mask(state, agent) for agent in self.rules.agents], dtype=np.int8)
        return {
            agent: {"observation": vector, "action_mask": mask}
            for agent, vector, mask in zip(self.possible_agents, seen, masks, strict=True)
        }

    def _infos(self) -> dict[str, dict[str, Any]]:
        state = self.current
        success, progress = self.rules.is_success(state), self.rules.progress(state)
        cost = 1.0 - _jain(tuple(state.workload[self._definition]))
        everyone = zip(*state.workload, strict=True)
        return {
            agent: {
                "workload": float(workloads[self._definition]),
                "workloads": Workloads(*map(float, workloads)),
                "cost": cost,
                "masked": masked,
                "conflicts": conflicts,
                "success": success,
                "progress": progress,
            }
            for agent, workloads, masked, conflicts in zip(
                self.possible_agents, everyone, state.masked, state.conflicts, strict=True
            )
        }


@lru_cache(maxsize=4096)
def _jain(workloads: tuple[int, ...]) -> float:
    return float(jain_index(np.array(workloads, dtype=np.float64)))


def _observation_space(highest: NDArray[np.float32], n_actions: int) -> spaces.Dict:
    return spaces.Dict(
        {
            "observation": spaces.Box(np.zeros_like(highest), highest),
            "action_mask": spaces.Box(0, 1, (n_actions,), np.int8),
        }
    )
